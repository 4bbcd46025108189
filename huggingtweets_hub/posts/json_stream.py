"""JSON values from a text stream, one at a time, with only one of them in memory."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

LONGEST = 8 << 20
"""Characters of one value: a post has at most 25,000, and a record adds little to that."""
INVALID = "invalid JSON"
_CHUNK = 1 << 20
_PREAMBLE = 1 << 16  # characters that may come before the JSON
_DEEPEST = 8  # lists of pages of lists of posts are not this deep
_NEAR = 16  # a token cut off by a chunk is not longer, unless it is a string
_CUT = re.compile(r'[\w.+"\\-]{0,16}')  # the beginning of a token at the end of a file
_BEGINNING = 64
_REST = 4096
_EXCERPT = 60
# What stands before the JSON of a script: nothing, `window.YTD["tweets"]["part0"] =`, `export default`.
_BEFORE = r"(?:\A|[=:(]|\bdefault\b|\breturn\b)\s*"
_LISTS = (re.compile(_BEFORE + r"(?P<json>\[)\s*\{"), re.compile(_BEFORE + r"(?P<json>\[)"))
_OBJECTS = (re.compile(_BEFORE + r'(?P<json>\{)\s*"'), re.compile(_BEFORE + r"(?P<json>\{)"))
_SPACES = re.compile(r"[ \t\r\n]*")
_PAGE = re.compile(r'\{[ \t\r\n]{0,20}"data"[ \t]{0,9}:[ \t\r\n]{0,20}\[')
_DECODER = json.JSONDecoder()


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


class JsonStream:
    """The values of a stream. Every method raises `BadJsonError` if the JSON is invalid."""

    def __init__(self, stream: Text) -> None:
        self._stream = stream
        self._buffer = ""
        self._position = 0
        self._began = 0  # where the last returned value begins
        self._lines = 1  # before the buffer

    @property
    def line(self) -> int:
        """The line where the last returned value begins."""
        return self._line_of(self._began)

    def values(self) -> Iterator[Any]:
        """Every value up to the end; for lists, and pages that begin with `data`, their items.

        The rest of a page follows its items, with an empty `data`.
        """
        while self._next():
            yield from self._value(0)

    def items(self) -> Iterator[Any]:
        """The items of a script's lists, whatever comes before them; there must be one list."""
        self._find(_LISTS, "list")
        while True:
            self._position += 1
            is_first = True
            while self._next_item(is_first=is_first):
                is_first = False
                yield self._decoded()
            try:  # parts that somebody has put into one file
                self._find(_LISTS[:1], "list")
            except BadJsonError:
                return

    def object(self) -> dict[str, Any]:
        """The first object of a script, whatever comes before it."""
        self._find(_OBJECTS, "object")
        found: dict[str, Any] = self._decoded()
        return found

    def _value(self, depth: int) -> Iterator[Any]:
        if len(self._buffer) - self._position < _BEGINNING:
            self._grow()
        page = _PAGE.match(self._buffer, self._position)
        if page is None and not self._buffer.startswith("[", self._position):
            yield self._decoded()
            return
        if depth == _DEEPEST:
            raise self._wrong(self._position, "lists nested too deeply")
        self._position = page.end() if page else self._position + 1
        is_first = True
        while self._next_item(is_first=is_first):
            is_first = False
            yield from self._value(depth + 1)
        if page:
            yield self._rest_of_page()

    def _rest_of_page(self) -> dict[str, Any]:
        """The rest of a page after its list, read as a separate object."""
        mark = self._next()
        self._position += 1
        if mark == ",":
            try:  # usually it is short
                rest = self._buffer[self._position : self._position + _REST]
                value, end = _DECODER.raw_decode("{" + rest)
            except (ValueError, RecursionError):
                self._lines += self._buffer.count("\n", 0, self._position)
                self._buffer, self._position = "{" + self._buffer[self._position :], 0
                return {**self._decoded(), "data": []}
            self._began, self._position = self._position, self._position + end - 1
            return {**value, "data": []}
        if mark != "}":
            raise self._wrong(self._position - 1, "an unclosed object")
        return {"data": []}

    def _next_item(self, *, is_first: bool) -> bool:
        """Move to the next item of a list, past a comma; False at its end."""
        mark = self._next()
        if mark == "," and not is_first:
            self._position += 1
            mark = self._next()
        elif mark != "]" and not is_first:
            mark = ""
        if not mark:
            is_cut = self._position >= len(self._buffer)
            raise self._wrong(self._position, "an unclosed list", is_cut=is_cut)
        if mark == "]":
            self._position += 1
        return mark != "]"

    def _next(self) -> str:
        """Move to the next character that is not a space and return it; empty at the end."""
        while True:
            spaces = _SPACES.match(self._buffer, self._position)
            self._position = spaces.end() if spaces else self._position
            if self._position < len(self._buffer):
                return self._buffer[self._position]
            if not self._grow():
                return ""

    def _find(self, kinds: Sequence[re.Pattern[str]], name: str) -> None:
        """Move to the JSON that a script assigns: that of the first of these kinds that there is."""
        self._lines += self._buffer.count("\n", 0, self._position)
        self._buffer, self._position = self._buffer[self._position :], 0
        while not (found := kinds[0].search(self._buffer)):
            if len(self._buffer) > _PREAMBLE or not self._grow():
                break
        found = found or next(filter(None, (kind.search(self._buffer) for kind in kinds[1:])), None)
        if found is None:
            raise self._wrong(0, f"no {name}", is_cut=not self._stream.read(1))
        self._position = found.start("json")

    def _decoded(self) -> Any:
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._position)
            except json.JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated") or error.pos > len(self._buffer) - _NEAR
                place = error.pos - self._position  # growing shifts the buffer
                if not is_cut or not self._grow():
                    rest = self._buffer[self._position + place :].strip()
                    is_cut = error.msg.startswith("Unterminated") or bool(_CUT.fullmatch(rest))
                    raise self._wrong(self._position + place, INVALID, is_cut=is_cut) from error
            except (ValueError, RecursionError) as error:
                raise self._wrong(self._position, str(error).split(":")[0]) from error
            else:
                # A number may continue.
                if end < len(self._buffer) or isinstance(value, dict | list | str) or not self._grow():
                    self._began, self._position = self._position, end
                    return value

    def _grow(self) -> bool:
        """Read more, at least as much as is buffered, so that a long value is scanned only a few times."""
        kept = self._buffer[self._position :]
        if len(kept) > LONGEST:
            raise self._wrong(self._position, f"a value of more than {LONGEST:,} characters")
        chunk = self._stream.read(max(_CHUNK, len(kept)))
        self._lines += self._buffer.count("\n", 0, self._position)
        self._buffer, self._position = kept + chunk, 0
        return bool(chunk)

    def _line_of(self, place: int) -> int:
        return self._lines + self._buffer.count("\n", 0, place)

    def _wrong(self, place: int, why: str, *, is_cut: bool = False) -> BadJsonError:
        place = max(0, min(place, len(self._buffer.rstrip()) - 1))
        start = max(self._position, place - _EXCERPT // 2)
        excerpt = self._buffer[start : start + _EXCERPT].strip()
        return BadJsonError(self._line_of(place), excerpt, why, is_cut=is_cut)
