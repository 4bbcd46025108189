"""JSON values from a text stream, one at a time, with no more than one of them in memory."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from huggingtweets_hub.posts.json_cursor import DECODER, DEEP, LONG, BadJsonError, JsonCursor, Text
from huggingtweets_hub.posts.spool import Part, PartStream, Spool

LONGEST_ROW = 1000
"""Values of a list that are given together: no table has so many columns."""
_PREAMBLE = 1 << 16  # characters that may come before the JSON
_DEEPEST = 8  # lists of pages of lists of posts are not this deep
_MOST_KEYS = 10_000_000  # of a value, all of which are in memory
# What stands before the JSON of a script: nothing, `window.YTD["tweets"]["part0"] =`, `export default`.
_BEFORE = r"(?:\A|[=:(]|\bdefault\b|\breturn\b)\s*"
_LISTS = (re.compile(_BEFORE + r"(?P<json>\[)\s*\{"), re.compile(_BEFORE + r"(?P<json>\[)"))
_OBJECTS = (re.compile(_BEFORE + r'(?P<json>\{)\s*"'), re.compile(_BEFORE + r"(?P<json>\{)"))
_CUT_NUMBER = re.compile(r"(\.|[eE][+-]?)?")  # what may follow the number so far


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
        return DECODER.decode(member.text()) if isinstance(member, Part) else member

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


class JsonStream(JsonCursor):
    """The values of a stream. Every method raises `BadJsonError` if the JSON is invalid."""

    def __init__(self, stream: Text) -> None:
        super().__init__(stream)
        self._keys_in_memory = 0
        self._cut: BadJsonError | None = None

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
        if value is not LONG:
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
        if value is LONG:
            return self._long(copy, depth)
        return Part(copy, begin, self._copied(copy)) if isinstance(value, dict | list) else value

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
