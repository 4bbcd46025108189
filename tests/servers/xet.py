"""Xet's storage in memory: what the real uploader (`hf_xet`) sends is put together into files again.

A file is cut into chunks; chunks are compressed and collected in *xorbs*, which are uploaded first; a *shard*
then says of which chunks of which xorbs each file consists. Format: huggingface/xet-core, `spec/`.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

HEADER_SIZE = ENTRY_SIZE = 48
BOOKEND = b"\xff" * 32
WITH_VERIFICATION, WITH_METADATA = 1 << 31, 1 << 30
EMPTY = "0" * 64
"""The hash of the empty file, for which nothing is uploaded."""


@dataclass
class XetStorage:
    """All that was uploaded.

    Attributes:
        xorbs: The chunks of each xorb by its hash.
        files: The content of each file by its hash.
    """

    xorbs: dict[str, list[bytes]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=lambda: {EMPTY: b""})

    def add_xorb(self, hash: str, data: bytes) -> None:
        """Keep an uploaded xorb."""
        self.xorbs[hash] = list(_chunks(data))

    def add_shard(self, data: bytes) -> None:
        """Put the files of a shard together.

        Raises:
            KeyError: A xorb was not uploaded.
            ValueError: A part has not the size that the shard says.
        """
        position = HEADER_SIZE
        while data[position : position + 32] != BOOKEND:
            hash, (flags, entries) = _entry(data, position, "<II")
            content = b""
            for number in range(1, entries + 1):
                xorb, (_, size, first, end) = _entry(data, position + number * ENTRY_SIZE, "<IIII")
                part = b"".join(self.xorbs[xorb][first:end])
                if len(part) != size:
                    raise ValueError(f"{len(part)} bytes in the place of {size}")
                content += part
            self.files[hash] = content
            verified = entries if flags & WITH_VERIFICATION else 0
            position += ENTRY_SIZE * (1 + entries + verified + bool(flags & WITH_METADATA))


def _entry(data: bytes, position: int, layout: str) -> tuple[str, tuple[int, ...]]:
    """A hash, as addresses write it, and the numbers that follow it."""
    words = struct.unpack_from("<4Q", data, position)
    return "".join(f"{word:016x}" for word in words), struct.unpack_from(layout, data, position + 32)


def _chunks(data: bytes) -> Iterator[bytes]:
    position = 0
    # The uploader leaves the footer away; one that does not begins its own with another version.
    while position < len(data) and data[position] == 0:
        packed = int.from_bytes(data[position + 1 : position + 4], "little")
        scheme = data[position + 4]
        size = int.from_bytes(data[position + 5 : position + 8], "little")
        position += 8
        yield _unpacked(data[position : position + packed], scheme, size)
        position += packed


def _unpacked(data: bytes, scheme: int, size: int) -> bytes:
    import pyarrow

    if scheme == 0:
        return data
    plain = pyarrow.Codec("lz4").decompress(data, decompressed_size=size).to_pybytes()
    if scheme == 1:
        return plain
    if scheme != 2:
        raise ValueError(f"compression scheme {scheme}")
    # Bytes that stand at the same place of four come together: first all first ones, and so on.
    restored, position = bytearray(size), 0
    for place in range(4):
        count = len(range(place, size, 4))
        restored[place::4] = plain[position : position + count]
        position += count
    return bytes(restored)
