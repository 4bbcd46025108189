"""The file that holds a repository of Bluesky: CAR version 1, blocks under the digests of what they hold.

The order of blocks says nothing, some stand twice, and some belong to no record any more
(https://atproto.com/specs/repository). No block is believed before its digest is checked.
"""

import hashlib
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import libipld

from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import UnreadableFileError

LARGEST = 2 << 30  # bytes of a file
_LARGEST_BLOCK = 2 << 20
_LARGEST_HEADER = 1 << 16
_MOST_BLOCKS = 5_000_000
_LONGEST_VARINT = 10
_SHIFT = 2 * _LARGEST_BLOCK
_GZIP = b"\x1f\x8b"
_MOST_AGAIN = 64 << 20  # bytes that may be decoded beyond twice the file's size
CID = b"\x01\x71\x12\x20"
"""What every content id begins with: version 1, DAG-CBOR, SHA-256, 32 bytes."""
CID_SIZE = 36
AGAIN = "Download it again: in Bluesky's settings, Account > Export my data."


class Blocks:
    """The blocks of a file by their CIDs; they are read from it when they are asked for.

    Attributes:
        root: The CID of the root block, from which all others are reached.
        name: The file's, for messages.
    """

    def __init__(self, name: str, content: mmap.mmap) -> None:
        self.name = name
        self._content = content
        self._left = 2 * len(content) + _MOST_AGAIN
        self._places: dict[bytes, int] = {}  # a block's place and size in one number, which takes less memory
        self.root = self._read()

    def __contains__(self, cid: object) -> bool:
        return cid in self._places

    def decoded(self, cid: bytes) -> Any:
        """What a block holds.

        Raises:
            KeyError: The file does not hold it.
            UnreadableFileError: It is not DAG-CBOR, or the same blocks are asked for again and again.
        """
        place, size = divmod(self._places[cid], _SHIFT)
        self._left -= size
        if self._left < 0:
            self.damaged("it names the same records again and again")
        try:
            return libipld.decode_dag_cbor(self._content[place : place + size])
        except (ValueError, RecursionError):
            self.damaged("a block cannot be decoded")

    def damaged(self, how: str) -> NoReturn:
        """Say that the file is damaged, and how."""
        raise UnreadableFileError(f"{self.name} is damaged: {how}.", AGAIN)

    def _read(self) -> bytes:
        """Learn where each block is; returns the root's CID."""
        root, place = self._header()
        content, places, sha256, size = self._content, self._places, hashlib.sha256, len(self._content)
        while place < size:
            length, start = content[place], place + 1
            if length >= 0x80:  # nearly all lengths have two bytes
                second = content[start] if start < size else 0x80
                if second < 0x80:
                    length, start = length & 0x7F | second << 7, start + 1
                else:
                    length, start = self._varint(place)
            end = start + length
            if end > size:
                self._cut()
            if not CID_SIZE < length <= _LARGEST_BLOCK:
                self.damaged(f"a block of {length:,} bytes")
            cid = content[start : start + CID_SIZE]
            start += CID_SIZE
            if cid.startswith(CID):  # no other can be linked to
                if sha256(content[start:end]).digest() != cid[4:]:
                    self.damaged("a block does not have the digest that it is stored under")
                places[cid] = start * _SHIFT + end - start
                if len(places) > _MOST_BLOCKS:
                    self.damaged(f"it has more than {_MOST_BLOCKS:,} blocks")
            place = end
        if root not in places:
            raise UnreadableFileError(f"{self.name} is incomplete: its root block is missing.", AGAIN)
        return root

    def _header(self) -> tuple[bytes, int]:
        """The root's CID, and where the header ends."""
        beginning = self._content[: _LARGEST_HEADER + _LONGEST_VARINT]
        header = root_of(beginning)
        if header is not None:
            return header
        if beginning.startswith(_GZIP):
            raise UnreadableFileError(f"{self.name} is compressed with gzip.", "Unpack it with gunzip first.")
        what = "a web page, " if beginning.lstrip().startswith(b"<") else ""
        raise UnreadableFileError(
            f"{self.name} is {what}not a Bluesky repository (a .car file).", f"Check the path. {AGAIN}"
        )

    def _varint(self, place: int) -> tuple[int, int]:
        """An unsigned LEB128 number, and where it ends."""
        found = varint(self._content[place : place + _LONGEST_VARINT])
        if found is None:
            if place + _LONGEST_VARINT > len(self._content):
                self._cut()
            self.damaged("a block has no length")
        return found[0], place + found[1]

    def _cut(self) -> NoReturn:
        raise UnreadableFileError(f"{self.name} is cut off: its last block is not whole.", AGAIN)


def varint(content: bytes) -> tuple[int, int] | None:
    """The number that bytes begin with, and how many it takes; None if they begin with none."""
    value = 0
    for index, byte in enumerate(content[:_LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value, index + 1
    return None


def root_of(beginning: bytes) -> tuple[bytes, int] | None:
    """The root's CID and the size of the header, by the beginning of a file; None if it is no CAR file."""
    found = varint(beginning)
    if found is None or not 0 < found[0] <= _LARGEST_HEADER:
        return None
    length, start = found
    try:
        header = libipld.decode_dag_cbor(beginning[start : start + length])
    except (ValueError, RecursionError):
        return None
    roots = header.get("roots") if isinstance(header, dict) and header.get("version") == 1 else None
    if not isinstance(roots, list) or not roots or not is_cid(roots[0]):
        return None
    return roots[0], start + length


def is_cid(value: object) -> bool:
    """Whether a decoded value is a link to a block."""
    return isinstance(value, bytes) and len(value) == CID_SIZE and value.startswith(CID)


def is_car(path: Path) -> bool:
    """Whether a file is one of these, by its beginning."""
    if path.suffix.lower() == ".car":  # whatever it is, that is what it is meant to be
        return not path.is_dir()
    if not path.is_file():
        return False
    try:
        with open(path, "rb", opener=files.regular) as file:
            return root_of(file.read(_LARGEST_HEADER + _LONGEST_VARINT)) is not None
    except OSError:
        return False


@contextmanager
def opened(path: Path, name: str) -> Iterator[Blocks]:
    """The blocks of a file.

    Args:
        name: What messages call it.

    Raises:
        UnreadableFileError: It cannot be read, is damaged, cut off, or something else.
    """
    try:
        with open(path, "rb", opener=files.regular) as file:
            size = os.fstat(file.fileno()).st_size
            if size > LARGEST:
                raise UnreadableFileError(
                    f"{name} has {size >> 30} GiB, more than the {LARGEST >> 30} GiB that are read.", AGAIN
                )
            if size == 0:
                raise UnreadableFileError(f"{name} is empty.", AGAIN)
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                yield Blocks(name, content)
    except FileNotFoundError as error:
        raise UnreadableFileError(f"There is no file {str(path)!r}.", "Check the path.") from error
    except OSError as error:
        raise UnreadableFileError(
            f"{str(path)!r} could not be read: {error.strerror or error}.",
            "Check the path and its permissions.",
        ) from error
