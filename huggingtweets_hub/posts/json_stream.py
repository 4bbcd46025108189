"""JSON values from a text stream, one after the other: no more than one of them is in memory."""

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

LONGEST = 8 << 20
"""Characters of one value: a post has at most 25,000, and a record says little besides."""
_CHUNK = 1 << 20
_PREAMBLE = 1 << 16  # what may stand before the JSON
_DEEPEST = 8  # lists of pages of lists of posts are not so deep
_NEAR = 16  # a token that a chunk has cut is no longer, but for a text
_BEGINNING = 64
_REST = 4096
_EXCERPT = 60
_BLANKS = re.compile(r"[ \t\r\n]*")
_PAGE = re.compile(r'\{[ \t\r\n]{0,20}"data"[ \t]{0,9}:[ \t\r\n]{0,20}\[')
_DECODER = json.JSONDecoder()


class BadJsonError(ValueError):
    """What cannot be read, with its line and what stands there."""

    def __init__(self, line: int, excerpt: str, why: str) -> None:
        super().__init__(f"{why} in line {line}: {excerpt!r}")
        self.line = line
        self.excerpt = excerpt
        self.why = why


class JsonStream:
    """The values of a stream. Every method raises `BadJsonError` where there is none."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._buffer = ""
        self._position = 0
        self._began = 0  # where the value that was given last stands
        self._lines = 1  # until the buffer

    @property
    def line(self) -> int:
        """Where the value that was given last begins."""
        return self._line_of(self._began)

    def values(self) -> Iterator[Any]:
        """Every value up to the end; of lists, and of pages that begin with `data`, the items.

        What else a page holds comes after its items, with an empty `data`.
        """
        while self._next():
            yield from self._value(0)

    def items(self) -> Iterator[Any]:
        """The items of the first list, whatever stands before it."""
        self._find("[")
        self._position += 1
        is_first = True
        while self._next_item(is_first=is_first):
            is_first = False
            yield self._decoded()

    def object(self) -> dict[str, Any]:
        """The first object, whatever stands before it."""
        self._find("{")
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
            raise self._wrong(self._position, "lists in lists without end")
        self._position = page.end() if page else self._position + 1
        is_first = True
        while self._next_item(is_first=is_first):
            is_first = False
            yield from self._value(depth + 1)
        if page:
            yield self._rest_of_page()

    def _rest_of_page(self) -> dict[str, Any]:
        """What follows the list of a page: read as an object of its own."""
        mark = self._next()
        self._position += 1
        if mark == ",":
            try:  # it is short, most of the time
                rest = self._buffer[self._position : self._position + _REST]
                value, end = _DECODER.raw_decode("{" + rest)
            except (ValueError, RecursionError):
                self._lines += self._buffer.count("\n", 0, self._position)
                self._buffer, self._position = "{" + self._buffer[self._position :], 0
                return {**self._decoded(), "data": []}
            self._began, self._position = self._position, self._position + end - 1
            return {**value, "data": []}
        if mark != "}":
            raise self._wrong(self._position - 1, "no end of an object")
        return {"data": []}

    def _next_item(self, *, is_first: bool) -> bool:
        """Go to the next item of a list, over a comma; False at its end."""
        mark = self._next()
        if mark == "," and not is_first:
            self._position += 1
            mark = self._next()
        elif mark != "]" and not is_first:
            mark = ""
        if not mark:
            raise self._wrong(self._position, "no end of a list")
        if mark == "]":
            self._position += 1
        return mark != "]"

    def _next(self) -> str:
        """The next character that is no blank, which is gone to; none at the end."""
        while True:
            blanks = _BLANKS.match(self._buffer, self._position)
            self._position = blanks.end() if blanks else self._position
            if self._position < len(self._buffer):
                return self._buffer[self._position]
            if not self._grow():
                return ""

    def _find(self, mark: str) -> None:
        while (found := self._buffer.find(mark)) < 0:
            if len(self._buffer) > _PREAMBLE or not self._grow():
                raise self._wrong(0, f"no {mark!r}")
        self._position = found

    def _decoded(self) -> Any:
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._position)
            except json.JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated") or error.pos > len(self._buffer) - _NEAR
                place = error.pos - self._position  # growing moves the buffer
                if not is_cut or not self._grow():
                    raise self._wrong(self._position + place, "no JSON") from error
            except (ValueError, RecursionError) as error:
                raise self._wrong(self._position, str(error).split(":")[0]) from error
            else:
                # A number may go on.
                if end < len(self._buffer) or isinstance(value, dict | list | str) or not self._grow():
                    self._began, self._position = self._position, end
                    return value

    def _grow(self) -> bool:
        """Add a chunk, or as much as there is, so that a long value is scanned a few times only."""
        kept = self._buffer[self._position :]
        if len(kept) > LONGEST:
            raise self._wrong(self._position, f"a value of more than {LONGEST:,} characters")
        chunk = self._stream.read(max(_CHUNK, len(kept)))
        self._lines += self._buffer.count("\n", 0, self._position)
        self._buffer, self._position = kept + chunk, 0
        return bool(chunk)

    def _line_of(self, place: int) -> int:
        return self._lines + self._buffer.count("\n", 0, place)

    def _wrong(self, place: int, why: str) -> BadJsonError:
        place = max(0, min(place, len(self._buffer.rstrip()) - 1))
        start = max(self._position, place - _EXCERPT // 2)
        return BadJsonError(self._line_of(place), self._buffer[start : start + _EXCERPT].strip(), why)
