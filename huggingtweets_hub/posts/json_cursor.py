"""A place in a text stream of JSON: what stands there, decoded, with more read as it is needed."""

import json
import re
from typing import Any, Protocol

from huggingtweets_hub.posts import spool
from huggingtweets_hub.posts.spool import Spool

LONGEST = 8 << 20
"""Characters of one value: a post has at most 25,000, and a record adds little to that."""
INVALID = "invalid JSON"
DEEP = "lists or objects nested too deeply"
LONG = object()
"""What stands for a list or object that is longer than a record."""
DECODER = json.JSONDecoder(strict=False)  # with line ends and tabs in texts
_CHUNK = 1 << 20
_NEAR = 16  # a token cut off by a chunk is not longer, unless it is a string
_CUT = re.compile(r'[\w.+"\\-]{0,16}')  # the beginning of a token at the end of a file
_CUT_WORD = re.compile(r"t(ru?)?|f(a(ls?)?)?|n(ul?)?|Na?|-?(I[a-z]{0,6})?")
_EXCERPT = 60
_SPACES = re.compile(r"[ \t\r\n]*")


class BadJsonError(ValueError):
    """Invalid JSON, with its line and an excerpt.

    Attributes:
        is_cut: It is sound as far as it goes, but its end is missing.
    """

    def __init__(self, line: int, excerpt: str, why: str, *, is_cut: bool = False) -> None:
        super().__init__(f"{why} in line {line}: {excerpt!r}")
        self.is_cut = is_cut
        self.line = line
        self.excerpt = excerpt
        self.why = why


class Text(Protocol):
    """A stream of text."""

    def read(self, size: int, /) -> str:
        """About so many characters; none at the end."""


class JsonCursor:
    """The place, and as much of the stream around it as one value needs.

    While a long value is read, what is passed is also copied into a spool.
    """

    def __init__(self, stream: Text) -> None:
        self._stream = stream
        self._buffer = ""
        self._position = 0
        self._began = 0  # where the last returned value begins
        self._lines = 1  # before the buffer
        self._line: int | None = None  # the same as a line, once that is not in the buffer
        self._spool: Spool | None = None  # of the long value that is being read
        self._spooled = 0  # where what is not yet in the spool begins

    @property
    def line(self) -> int:
        """The line where the last returned value begins."""
        return self._line_of(self._began) if self._line is None else self._line

    def _next(self) -> str:
        """Move to the next character that is not a space and return it; empty at the end."""
        while True:
            mark = self._buffer[self._position : self._position + 1]
            if mark and mark not in " \t\r\n":
                return mark
            spaces = _SPACES.match(self._buffer, self._position)
            self._position = spaces.end() if spaces else self._position
            if self._position == len(self._buffer) and not self._grow():
                return ""

    def _decoded(self, *, may_be_long: bool = False) -> Any:
        """The value here; `LONG` for a list or object, if allowed, that is longer than a record or cut."""
        may_be_long = may_be_long and self._buffer[self._position] in "{["
        while True:
            try:
                value, end = DECODER.raw_decode(self._buffer, self._position)
            except json.JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated") or error.pos > len(self._buffer) - _NEAR
                place = error.pos - self._position  # growing shifts the buffer
                if is_cut and may_be_long and len(self._buffer) - self._position >= _CHUNK:
                    return LONG
                if not is_cut or not self._grow():
                    rest = self._buffer[self._position + place :].strip()
                    beginning = _CUT if place else _CUT_WORD
                    is_cut = error.msg.startswith("Unterminated") or bool(beginning.fullmatch(rest))
                    if is_cut and may_be_long:
                        return LONG
                    raise self._wrong(self._position + place, INVALID, is_cut=is_cut) from error
            except RecursionError as error:
                raise self._wrong(self._position, DEEP) from error
            except ValueError as error:
                raise self._wrong(self._position, str(error).split(":")[0]) from error
            else:
                # A number may continue.
                if end < len(self._buffer) or isinstance(value, dict | list | str) or not self._grow():
                    self._began, self._position, self._line = self._position, end, None
                    return value

    def _copied(self, copy: Spool) -> int:
        """Copy what comes before this place; the place in the copy."""
        copy.add(self._buffer[self._spooled : self._position])
        self._spooled = self._position
        if copy.size > spool.LARGEST:
            raise self._wrong(self._position, f"a value of more than {spool.LARGEST >> 30} GiB")
        return copy.size

    def _grow(self) -> bool:
        """Read more, at least as much as is buffered, so that a long value is scanned only a few times."""
        kept = self._buffer[self._position :]
        if len(kept) > LONGEST:
            raise self._wrong(self._position, f"a value of more than {LONGEST:,} characters")
        chunk = self._stream.read(max(_CHUNK, len(kept)))
        self._line = self.line
        if self._spool:
            self._copied(self._spool)
        self._lines += self._buffer.count("\n", 0, self._position)
        self._buffer, self._position, self._spooled = kept + chunk, 0, 0
        return bool(chunk)

    def _line_of(self, place: int) -> int:
        return self._lines + self._buffer.count("\n", 0, place)

    def _wrong(self, place: int, why: str, *, is_cut: bool = False) -> BadJsonError:
        place = max(0, min(place, len(self._buffer.rstrip()) - 1))
        start = max(self._position, place - _EXCERPT // 2)
        excerpt = self._buffer[start : start + _EXCERPT].strip()
        return BadJsonError(self._line_of(place), excerpt, why, is_cut=is_cut)
