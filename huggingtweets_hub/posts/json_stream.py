"""JSON values from a text stream, one at a time, with no more than one of them in memory."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from huggingtweets_hub.posts import spool
from huggingtweets_hub.posts.spool import Part, PartStream, Spool

LONGEST = 8 << 20
"""Characters of one value: a post has at most 25,000, and a record adds little to that."""
LONGEST_ROW = 1000
"""Values of a list that are given together: no table has so many columns."""
INVALID = "invalid JSON"
DEEP = "lists or objects nested too deeply"
_CHUNK = 1 << 20
_PREAMBLE = 1 << 16  # characters that may come before the JSON
_DEEPEST = 8  # lists of pages of lists of posts are not this deep
_NEAR = 16  # a token cut off by a chunk is not longer, unless it is a string
_MOST_KEYS = 10_000_000  # of a value, all of which are in memory
_CUT = re.compile(r'[\w.+"\\-]{0,16}')  # the beginning of a token at the end of a file
_CUT_WORD = re.compile(r"t(ru?)?|f(a(ls?)?)?|n(ul?)?|Na?|-?(I[a-z]{0,6})?")
_CUT_NUMBER = re.compile(r"(\.|[eE][+-]?)?")  # what may follow the number so far
_EXCERPT = 60
# What stands before the JSON of a script: nothing, `window.YTD["tweets"]["part0"] =`, `export default`.
_BEFORE = r"(?:\A|[=:(]|\bdefault\b|\breturn\b)\s*"
_LISTS = (re.compile(_BEFORE + r"(?P<json>\[)\s*\{"), re.compile(_BEFORE + r"(?P<json>\[)"))
_OBJECTS = (re.compile(_BEFORE + r'(?P<json>\{)\s*"'), re.compile(_BEFORE + r"(?P<json>\{)"))
_SPACES = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(strict=False)  # with line ends and tabs in texts
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


class LongObject(Mapping[str, Any]):
    """An object that is longer than a record, or whose end is missing.

    The lists and objects in it are read again whenever they are asked for.

    Attributes:
        is_cut: Its end is missing; the keys before are there.
    """

    def __init__(self, members: Mapping[str, Any], *, is_cut: bool) -> None:
        self._members = members
        self.is_cut = is_cut

    def __getitem__(self, key: str) -> Any:
        member = self._members[key]
        return _DECODER.decode(member.text()) if isinstance(member, Part) else member

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


class LongList:
    """A list in a `LongObject` that is itself that long. Its items are read one at a time.

    Attributes:
        is_cut: Its end is missing; the items before are there.
    """

    def __init__(self, part: Part, *, is_cut: bool) -> None:
        self._part = part
        self.is_cut = is_cut

    def __iter__(self) -> Iterator[Any]:
        return JsonStream(PartStream(self._part)).parts()


class Beside(list[Any]):
    """The single values of a list that also holds objects, which most often say something of these."""


class JsonStream:
    """The values of a stream. Every method raises `BadJsonError` if the JSON is invalid."""

    def __init__(self, stream: Text) -> None:
        self._stream = stream
        self._buffer = ""
        self._position = 0
        self._began = 0  # where the last returned value begins
        self._lines = 1  # before the buffer
        self._line: int | None = None  # the same as a line, once that is not in the buffer
        self._spool: Spool | None = None  # of the long value that is being read
        self._spooled = 0  # where what is not yet in the spool begins
        self._keys_in_memory = 0
        self._cut: BadJsonError | None = None

    @property
    def line(self) -> int:
        """The line where the last returned value begins."""
        return self._line_of(self._began) if self._line is None else self._line

    def values(self) -> Iterator[Any]:
        """Every value up to the end, each to be used before the next one is asked for.

        Lists are given item by item, but single values in them together, as the row of a table, or `Beside`
        the objects of an inner list. What is longer than a record is a `LongObject`, and so is an object
        whose end is missing; after that comes the error.
        """
        while self._next():
            yield from self._value(0)
            if self._next() == ",":  # of lines that were the items of a list
                self._position += 1

    def parts(self) -> Iterator[Any]:
        """The items of the list that the stream holds, each as in `values`, as far as they go."""
        self._next()
        with self._up_to_a_cut():
            for _ in self._each():
                yield from self._part()

    def is_at_end(self) -> bool:
        """Whether no value is left."""
        return not self._next()

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
        """The members of the object that the stream holds, and of objects after it: keys and values.

        Args:
            listed: The key whose list is given item by item, so that only one of them is in memory.
        """
        if self._next() != "{":
            raise self._wrong(self._position, "no object", is_cut=self._position >= len(self._buffer))
        while self._next() == "{":  # pages that somebody has put into one file
            for key in self._keys():
                if key != listed or self._buffer[self._position] != "[":
                    yield key, self._decoded()
                    continue
                for _ in self._each():
                    yield key, self._decoded()

    def _value(self, depth: int) -> Iterator[Any]:
        if self._buffer[self._position] != "[":
            yield from self._part()
            return
        if depth == _DEEPEST:
            raise self._wrong(self._position, DEEP)
        row: list[Any] = []
        is_row = True
        try:
            for _ in self._each():
                if self._buffer[self._position] in "[{":
                    is_row &= not depth or self._buffer[self._position] == "["
                    yield from self._value(depth + 1)
                    continue
                row.append(self._decoded())
                if len(row) == LONGEST_ROW:
                    yield row
                    row = []
        except BadJsonError:
            if row:
                yield row
            raise
        if row:
            yield row if is_row else Beside(row)

    def _part(self) -> Iterator[Any]:
        """The one value here."""
        value = self._decoded(may_be_long=True)
        if value is not _LONG:
            yield value
            return
        line = self._line_of(self._position)
        self._cut, self._keys_in_memory = None, 0
        with Spool() as copy:
            self._spool, self._spooled = copy, self._position
            try:
                value = self._long(copy, 0)
            finally:
                self._spool = None
            self._line = line
            yield value
        if self._cut:
            raise self._cut

    def _long(self, copy: Spool, depth: int) -> LongObject | LongList:
        """The list or object here, of which a copy is made on the way."""
        begin, is_list, members = self._copied(copy), self._buffer[self._position] == "[", {}
        with self._up_to_a_cut():
            if is_list:
                for _ in self._each():
                    self._member(copy, depth + 1)
            else:
                for key in self._keys():
                    members[key] = self._member(copy, depth + 1)
                    self._keys_in_memory += 1
                    if self._keys_in_memory > _MOST_KEYS:
                        raise self._wrong(self._position, f"more than {_MOST_KEYS:,} keys")
        is_cut = self._cut is not None
        if is_list:
            return LongList(Part(copy, begin, self._copied(copy)), is_cut=is_cut)
        return LongObject(members, is_cut=is_cut)

    def _member(self, copy: Spool, depth: int) -> Any:
        """The value here, or where the copy has it."""
        begin = self._copied(copy)
        value = self._decoded(may_be_long=depth < _DEEPEST)
        if value is _LONG:
            return self._long(copy, depth)
        return Part(copy, begin, self._copied(copy)) if isinstance(value, dict | list) else value

    def _copied(self, copy: Spool) -> int:
        """Copy what comes before this place; the place in the copy."""
        copy.add(self._buffer[self._spooled : self._position])
        self._spooled = self._position
        if copy.size > spool.LARGEST:
            raise self._wrong(self._position, f"a value of more than {spool.LARGEST >> 30} GiB")
        return copy.size

    @contextmanager
    def _up_to_a_cut(self) -> Iterator[None]:
        """Go on to the end where the rest is missing, but remember that."""
        try:
            yield
        except BadJsonError as error:
            if not error.is_cut:
                raise
            self._cut = self._cut or error
            self._position = len(self._buffer)

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
                is_cut = self._position >= len(self._buffer)
                raise self._wrong(self._position, "an object with a key that is not a text", is_cut=is_cut)
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
            is_cut = not self._grow() and bool(_CUT_NUMBER.fullmatch(self._buffer[self._position :].strip()))
            raise self._wrong(self._position, why, is_cut=is_cut)
        if mark == end:
            self._position += 1
        return mark != end

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

    def _decoded(self, *, may_be_long: bool = False) -> Any:
        """The value here; `_LONG` for a list or object, if allowed, that is longer than a record or cut."""
        may_be_long = may_be_long and self._buffer[self._position] in "{["
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._position)
            except json.JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated") or error.pos > len(self._buffer) - _NEAR
                place = error.pos - self._position  # growing shifts the buffer
                if is_cut and may_be_long and len(self._buffer) - self._position >= _CHUNK:
                    return _LONG
                if not is_cut or not self._grow():
                    rest = self._buffer[self._position + place :].strip()
                    beginning = _CUT if place else _CUT_WORD
                    is_cut = error.msg.startswith("Unterminated") or bool(beginning.fullmatch(rest))
                    if is_cut and may_be_long:
                        return _LONG
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
