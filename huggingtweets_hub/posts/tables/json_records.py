"""The posts in JSON, in whatever programs wrap them; anything else is counted and left out."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.core.records import Account
from huggingtweets_hub.posts.json_stream import LONGEST_ROW, Beside, JsonStream, LongList
from huggingtweets_hub.posts.tables import (
    bare_rows,
    csv_records,
    elsewhere,
    json_tables,
    names,
    notes,
    plain_texts,
    record,
)
from huggingtweets_hub.posts.tables.json_context import (
    addressed,
    closed,
    owned,
    owner_of,
    timed,
)
from huggingtweets_hub.posts.tables.json_shapes import (
    WRAPPERS,
    as_object,
    first,
    has_object,
    is_chat,
    is_cut,
    is_fixture,
    is_list,
    is_outcome,
    is_page,
    is_state,
    is_wordless,
    is_wrapper,
    own_keys,
    users_in,
    with_whole_text,
    without_asides,
)
from huggingtweets_hub.posts.tables.layout import Fields, Layout
from huggingtweets_hub.posts.tables.meanings import Meaning
from huggingtweets_hub.posts.tables.writers import Writers

# Of GraphQL: their other items are cursors and advertisements.
_MIXED = {"instructions", "entries", "entry", "edges", "module", "modules", "items"}
_UNSURE = 21  # the rank from which a name may hold something else than a post's text
_DEEPEST = 24
_OF_RELAYS = ("EVENT", "EOSE", "CLOSED", "NOTICE")  # Nostr's, in front of an event or by themselves
_WRITTEN = re.compile(r'\s*(?:\[\s*)?\{\s*"')


class Stray(NamedTuple):
    """Something where a post should be.

    Attributes:
        lists: The keys of lists in it that may hold posts.
    """

    line: int
    what: str
    lists: tuple[str, ...] = ()


class JsonRecords:
    """Finds the posts in a stream of JSON.

    Args:
        name: What messages call the file.
        layout: What the keys mean.
        writers: Learns of the accounts that are described beside the posts.

    Attributes:
        records: How many posts were found.
        strays: How many records were something else.
        first_stray: The first of these, or of objects of which only some are posts.
    """

    def __init__(self, stream: JsonStream, name: str, layout: Layout, writers: Writers) -> None:
        self._stream, self._name = stream, name
        self._layout = layout
        self._writers = writers
        self._is_alone = False  # the value that is looked at, in the file
        self.records = self.strays = 0
        self.first_stray: Stray | None = None

    def fields(self) -> Iterator[Fields]:
        """The fields of every post."""
        header: list[str] = []
        for number, value in enumerate(self._stream.values()):
            if isinstance(value, list):
                if not header and self._is_header(value):
                    header = [*map(str, value)]
                    continue
                if isinstance(value, Beside) and not header and not (value := without_asides(value)):
                    continue
                is_row = number > 0 or not self._stream.is_at_end()  # the only list is one of texts
                if is_row and not header and value[:1] and value[0] in _OF_RELAYS:
                    continue
                named = dict(zip(header, value, strict=False))
                value = named or (is_row and bare_rows.as_record(value, self._name)) or value
            records, strays = self.records, self.strays
            self._is_alone = number == 0 and isinstance(value, Mapping) and self._stream.is_at_end()
            yield from self._found(value, "", 0, None)
            lists: list[str] = []
            if self.records == 0 and self._is_alone:
                lists = json_tables.keys_of_lists(value, self._layout)
                if len(lists) == 1:
                    posts = self._found(value[lists[0]], names.fold(lists[0]), 1, owner_of(value))
                    yield from closed(posts, value)
            is_nothing = (records, strays) == (self.records, self.strays)
            if is_nothing and not is_page(value) and not is_cut(value):
                self._stray(value, lists)

    def _is_header(self, row: list[Any]) -> bool:
        """Whether a list names the columns of rows that follow, and is not one of posts, such as `Text`."""
        has_rows = len(row) < LONGEST_ROW and not self._stream.is_at_end()
        return has_rows and csv_records.is_header([*map(str, row)], self._layout)

    def _found(self, value: Any, key: str, depth: int, owner: Account | None) -> Iterator[Fields]:
        """The posts in a value under this folded key, in an object that names this account."""
        if depth > _DEEPEST:
            return
        if isinstance(value, str):
            if not key and _WRITTEN.match(value) and (inner := _unwritten(value)) is not None:
                before = self.records
                yield from self._found(inner, key, depth + 1, owner)
                if self.records == before and not is_page(inner):
                    self._stray(inner)
            elif not key or key in json_tables.LISTS_OF_TEXTS:
                self.records += 1
                yield owned(self._layout.fields({"text": value}), owner)
        elif is_list(value):
            for item in self._items(value):
                before = self.records
                post = bare_rows.as_record(item, self._name) or item
                yield from self._found(post, key, depth + 1, owner)
                is_stray = key and self.records == before and key not in _MIXED and not is_cut(item)
                if isinstance(item, Mapping) and is_stray and not is_wordless(item):
                    self._stray(item)
        elif isinstance(value, Mapping):
            notes.refuse(value, self._name)
            if fields := self._post(value, key):
                if not is_cut(value):
                    self.records += 1
                    yield owned(fields, owner)
                for answer in elsewhere.answers(value):
                    yield from self._found(answer, key, depth + 1, None)
            elif is_fixture(value):
                self._describe(elsewhere.fields_of_fixture(value))
                self._remember(value["fields"])
            else:
                named = owner_of(value)
                is_file = depth == 0 and self._is_alone
                posts = addressed(self._within(value, key, depth, named or owner), value)
                posts = closed(posts, value, is_file=is_file)
                yield from posts if named else timed(posts, value)

    def _items(self, value: list[Any] | LongList) -> Iterable[Any]:
        """The items of a list; of rows below the names of their columns, what these say.

        A word beside an object in an inner list is not a post, but says something of that.
        """
        header = first(value)
        are_names = isinstance(header, list) and all(isinstance(name, str) for name in header)
        if are_names and len([*islice(value, 2)]) > 1 and csv_records.is_header(header, self._layout):
            rows = islice(value, 1, None)
            return (dict(zip(header, row, strict=False)) if is_list(row) else row for row in rows)
        return (without_asides(item) if has_object(item) else item for item in value)

    def _within(
        self, value: Mapping[str, Any], key: str, depth: int, owner: Account | None
    ) -> Iterator[Fields]:
        """The posts in an object under this folded key that is not one.

        Raises:
            UnreadableFileError: It is a chat, or several.
        """
        if is_chat(value):
            raise plain_texts.refused_chat(self._name)
        if is_list(as_object(value.get("chats")).get("list")):
            raise UnreadableFileError(
                f"{self._name} holds all your Telegram chats, with messages from several people.",
                "Export just the channel with the posts: its ⋮ > Export chat history > JSON. For a chat, "
                "docs/networks.md has a command that extracts your own messages.",
            )
        if (rows := json_tables.rows(value, self._layout, self._name)) is not None:
            for row in rows:
                yield from self._found(row, key, depth + 1, owner)
            return
        for user in users_in(as_object(value.get("includes")).get("users")):
            self._describe(user)
        for other in users_in(value.get("included")):
            self._describe(elsewhere.resource(other))
        for user in users_in(value.get("users")):
            self._describe(user)
        if of_tiktok := [*elsewhere.lists_of_tiktok(value)]:
            for posts in of_tiktok:
                yield from self._found(posts, "", depth + 1, owner)
            return
        before = self.records
        by_keys = json_tables.are_posts_by_keys(value, key, self._layout)
        for name in own_keys(value):
            inner, folded = value[name], names.fold(name)
            is_known = by_keys or folded in WRAPPERS or folded.isdigit()
            if isinstance(inner, Mapping | list | LongList) and is_known:
                yield from self._found(inner, folded, depth + 1, owner)
        own = () if self.records > before else own_keys(value)
        if all(json_tables.is_list_of_posts(value[name], self._layout) for name in own):
            for name in own:  # whatever it is, perhaps a handle
                named = record.author({"handle": name}) if len(own) > 1 else None
                yield from self._found(value[name], key, depth + 1, named or owner)

    def _post(self, value: Mapping[str, Any], key: str) -> Fields | None:
        """The fields of an object under this folded key, if it is a post."""
        value = with_whole_text(value)
        fields = self._layout.fields(value)
        said = [field for field in fields.get(Meaning.TEXT, ()) if isinstance(field.value, str | None)]
        if not said or any(is_wrapper(name, value) for name in value):
            return None
        if said[0].rank >= _UNSURE and (is_outcome(value) or is_state(said[0].label, said[0].value)):
            return None
        if key.isdigit() and Meaning.ID not in fields:  # posts by their ids
            fields = self._layout.fields({**value, "id": key})
        return fields

    def _describe(self, user: Any) -> None:
        """Remember an account by its id."""
        if isinstance(user, Mapping) and (account := record.author(user)):
            self._writers.users[str(user.get("id_str") or user.get("id"))] = account

    def _stray(self, value: Any, lists: Sequence[str] = ()) -> None:
        self.strays += 1
        self._remember(value, lists)

    def _remember(self, value: Any, lists: Sequence[str] = ()) -> None:
        """Keep what to say of the first value without a text."""
        if self.first_stray is None:
            inner = value.get("data") if isinstance(value, Mapping) else None
            about = inner if isinstance(inner, Mapping) else value
            what = (
                f"its fields are {', '.join(map(str, about))[:300]}"
                if isinstance(about, Mapping)
                else repr(value)[:60]
            )
            self.first_stray = Stray(self._stream.line, what, tuple(lists))


def _unwritten(text: str) -> Any:
    """The JSON that is written in a text, as by programs that write it twice; None if it is not whole."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
