"""JSON values from a text stream, one at a time, with only one of them in memory."""

import codecs
import io
import json
import re
from collections.abc import Iterator, Sequence
from typing import IO, Any, Protocol

LONGEST = 8 << 20
"""Characters of one value: a post has at most 25,000, and a record adds little to that."""
INVALID = "invalid JSON"
_TOLERANT = "huggingtweets-cut"
_ENDS_EARLY = ("unexpected end of data", "truncated data")
_CHUNK = 1 << 20
_PREAMBLE = 1 << 16  # characters that may come before the JSON
_DEEPEST = 8  # lists of pages of lists of posts are not this deep
_NEAR = 16  # a token cut off by a chunk is not longer, unless it is a string
_CUT = re.compile(r'[\w.+"\\-]{0,16}')  # the beginning of a token at the end of a file
_EXCERPT = 60
# What stands before the JSON of a script: nothing, `window.YTD["tweets"]["part0"] =`, `export default`.
_BEFORE = r"(?:\A|[=:(]|\bdefault\b|\breturn\b)\s*"
_LISTS = (re.compile(_BEFORE + r"(?P<json>\[)\s*\{"), re.compile(_BEFORE + r"(?P<json>\[)"))
_OBJECTS = (re.compile(_BEFORE + r'(?P<json>\{)\s*"'), re.compile(_BEFORE + r"(?P<json>\{)"))
_SPACES = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
_LONG = object()


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


def decoded(stream: IO[bytes]) -> io.TextIOWrapper:
    """The text of a stream that can go back to its beginning: UTF-8, or UTF-16 with a mark.

    A file that was cut off may end in half a character; anything else that is not text is a `ValueError`.
    """
    head = stream.read(4)
    stream.seek(0)
    is_wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return io.TextIOWrapper(stream, "utf-16" if is_wide else "utf-8-sig", errors=_TOLERANT)


def _end_early(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError) and error.reason in _ENDS_EARLY:
        return "", error.end
    raise error


codecs.register_error(_TOLERANT, _end_early)


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

    def values(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        """Every value up to the end, with the keys that lead to it.

        Lists are given item by item; so are objects that are longer than any record, key by key.
        """
        while self._next():
            yield from self._value(0, ())

    def items(self) -> Iterator[Any]:
        """The items of a script's lists, whatever comes before them; there must be one list."""
        self._find(_LISTS, "list")
        while True:
            for _ in self._each():
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

    def members(self, listed: str) -> Iterator[tuple[str, Any]]:
        """The members of the object that the stream holds: keys and values.

        Args:
            listed: The key whose list is given item by item, so that only one of them is in memory.
        """
        if self._next() != "{":
            raise self._wrong(self._position, "no object", is_cut=self._position >= len(self._buffer))
        for key in self._keys():
            if key != listed or self._buffer[self._position] != "[":
                yield key, self._decoded()
                continue
            for _ in self._each():
                yield key, self._decoded()

    def _value(self, depth: int, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
        mark = self._buffer[self._position]
        if mark == "[":
            if depth == _DEEPEST:
                raise self._wrong(self._position, "lists nested too deeply")
            for _ in self._each():
                yield from self._value(depth + 1, path)
            return
        value = self._decoded(steps_into_long=mark == "{" and depth < _DEEPEST)
        if value is _LONG:
            for key in self._keys():
                yield from self._value(depth + 1, (*path, key))
        else:
            yield path, value

    def _each(self, end: str = "]") -> Iterator[None]:
        """Stop at each item of a list, or of an object, which the caller then reads."""
        self._position += 1
        is_first = True
        while self._next_item(is_first=is_first, end=end):
            is_first = False
            yield

    def _keys(self) -> Iterator[str]:
        """The keys of an object; at each the stream stands before the value, which the caller then reads."""
        for _ in self._each("}"):
            key = self._decoded() if self._buffer[self._position] == '"' else None
            if not isinstance(key, str) or self._next() != ":":
                raise self._wrong(self._position, "an object with a key that is not a text")
            self._position += 1
            if not self._next():
                raise self._wrong(self._position, "an unclosed object", is_cut=True)
            yield key

    def _next_item(self, *, is_first: bool, end: str = "]") -> bool:
        """Move to the next item of a list or an object, past a comma; False at its end."""
        mark = self._next()
        if mark == "," and not is_first:
            self._position += 1
            mark = self._next()
        elif mark != end and not is_first:
            mark = ""
        if not mark:
            why = "an unclosed list" if end == "]" else "an unclosed object"
            raise self._wrong(self._position, why, is_cut=self._position >= len(self._buffer))
        if mark == end:
            self._position += 1
        return mark != end

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

    def _decoded(self, *, steps_into_long: bool = False) -> Any:
        """The value here; `_LONG` for an object that is longer than a record and may be stepped into."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._position)
            except json.JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated") or error.pos > len(self._buffer) - _NEAR
                place = error.pos - self._position  # growing shifts the buffer
                if is_cut and steps_into_long and len(self._buffer) - self._position >= _CHUNK:
                    return _LONG
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
