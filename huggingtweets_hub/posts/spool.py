"""Text that is too long for the memory, in a file that is gone with it."""

import codecs
import tempfile
from types import TracebackType
from typing import NamedTuple, Self

_IN_MEMORY = 16 << 20  # bytes; less does not touch the disk
LARGEST = 4 << 30
"""Bytes of one value, more than any account has written."""


class Spool:
    """Takes text piece by piece, and gives any part of it again.

    Attributes:
        size: The bytes that it has taken.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, text: str) -> None:
        """Take more text; nothing may have been read before."""
        self.size += self._file.write(text.encode())

    def read(self, begin: int, end: int) -> bytes:
        """The bytes between two places."""
        self._file.seek(begin)
        return self._file.read(end - begin)


class Part(NamedTuple):
    """A part of a spool, from one place to another."""

    spool: Spool
    begin: int
    end: int

    def text(self) -> str:
        """All of it."""
        return self.spool.read(self.begin, self.end).decode()


class PartStream:
    """A part of a spool as a stream of text, whatever else is read from the spool meanwhile."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._place = part.begin
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def read(self, size: int, /) -> str:
        """At most so many characters; none at the end."""
        chunk = self._part.spool.read(self._place, min(self._part.end, self._place + size))
        self._place += len(chunk)
        return self._decoder.decode(chunk)
