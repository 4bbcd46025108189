"""The posts in JSON, in whatever programs wrap them; anything else is counted and left out."""

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeGuard

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.core.records import Account
from huggingtweets_hub.posts.json_stream import LONGEST_ROW, Beside, JsonStream, LongList, LongObject
from huggingtweets_hub.posts.tables import authors, bare_rows, csv_records, names, plain_texts, record
from huggingtweets_hub.posts.tables.layout import Field, Fields, Layout
from huggingtweets_hub.posts.tables.meanings import Kind, Meaning
from huggingtweets_hub.posts.tables.writers import THE_FILE, Writers

# Keys that posts stand under. Others are not stepped into: `includes` and `quoted_status` hold others' posts.
_WRAPPERS = {
    "item", "data", "tweets", "tweet", "statuses", "posts", "toots", "notes", "records", "items", "results",
    "result", "rows", "docs", "hits", "source", "response", "list", "output", "values", "value",
    "collection", "feed", "messages", "timeline", "timelinev2", "entries", "entry", "instructions",
    "content", "itemcontent", "tweetresults", "tweetresult", "user", "userresult", "tweetsandreplies",
    "globalobjects", "threadedconversationwithinjectionsv2", "searchbyrawquery", "searchtimeline",
    "homeandmain", "usertweets", "module", "modules", "archive", "edges", "node", "usertimeline",
    "mytweets", "alltweets", "threads", "thread", "export", "dataset", "payload", "body", "quotes",
    "children", "status", "row", "post", "record", "toot", "note", "doc", "document",
    "comment", "entitydata", "commit", "ordereditems",
}  # fmt: skip
_SURE_WRAPPERS = {
    "data",
    "tweets",
    "statuses",
    "posts",
    "results",
    "result",
    "records",
    "items",
    "rows",
    "timeline",
    "ordereditems",
}
# Of GraphQL: their other items are cursors and advertisements.
_MIXED = {"instructions", "entries", "entry", "edges", "module", "modules", "items"}
_LISTS_OF_TEXTS = {"tweets", "posts", "toots", "statuses", "texts", "data"}
_DESCRIBE = {"user", "account", "author", "profile", "meta", "owner"}
_READERS = {Meaning.VISIBILITY, Meaning.DELETED}
_ERRORS = {"error", "errors", "code", "delete", "limit", "warning", "disconnect",
           "statuswithheld", "userwithheld", "scrubgeo", "deleted", "errormessage"}  # fmt: skip
_PAGE = {"meta", "data", "includes"}
_THEIRS = re.compile(
    "(?:my)?(?:like|liked|likes|fav|favs|favou?rited?|favou?rites|bookmarked|bookmarks|mentions|includes"
    "|quoted|retweeted|referenced)(?:tweets?|posts?|status|statuses|toots?)?"
)  # lists of what others have written
_CHATS = ("saved_messages", "private_channel")  # besides groups and chats, by Telegram's names
_ENOUGH = 100  # items of a list among which there is a post, if it is one of posts
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
        first_stray: The first of these.
    """

    def __init__(self, stream: JsonStream, name: str, layout: Layout, writers: Writers) -> None:
        self._stream, self._name = stream, name
        self._layout = layout
        self._writers = writers
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
                if isinstance(value, Beside) and not header and not (value := _without_asides(value)):
                    continue
                is_row = number > 0 or not self._stream.is_at_end()  # the only list is one of texts
                if is_row and not header and value[:1] and value[0] in _OF_RELAYS:
                    continue
                named = dict(zip(header, value, strict=False))
                value = named or (is_row and bare_rows.as_record(value, self._name)) or value
            records, strays = self.records, self.strays
            yield from self._found(value, "", 0, None)
            lists: list[str] = []
            if self.records == number == 0 and isinstance(value, Mapping) and self._stream.is_at_end():
                lists = self._lists(value)
                if len(lists) == 1:
                    posts = self._found(value[lists[0]], names.fold(lists[0]), 1, _owner(value))
                    yield from _closed(posts, value)
            is_nothing = (records, strays) == (self.records, self.strays)
            if is_nothing and not _is_page(value) and not _is_cut(value):
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
                if self.records == before and not _is_page(inner):
                    self._stray(inner)
            elif not key or key in _LISTS_OF_TEXTS:
                self.records += 1
                yield _owned(self._layout.fields({"text": value}), owner)
        elif _is_list(value):
            for item in self._items(value):
                before = self.records
                post = bare_rows.as_record(item, self._name) or item
                yield from self._found(post, key, depth + 1, owner)
                is_stray = key and self.records == before and key not in _MIXED and not _is_cut(item)
                if isinstance(item, Mapping) and is_stray and not _is_wordless(item):
                    self._stray(item)
        elif isinstance(value, Mapping):
            if fields := self._post(value, key):
                if not _is_cut(value):
                    self.records += 1
                    yield _owned(fields, owner)
            else:
                named = _owner(value)
                posts = _closed(self._within(value, key, depth, named or owner), value)
                yield from posts if named else _timed(posts, value)

    def _items(self, value: list[Any] | LongList) -> Iterable[Any]:
        """The items of a list; of rows below the names of their columns, what these say.

        A word beside an object in an inner list is not a post, but says something of that.
        """
        first = _first(value)
        are_names = isinstance(first, list) and all(isinstance(name, str) for name in first)
        if are_names and len([*islice(value, 2)]) > 1 and csv_records.is_header(first, self._layout):
            rows = islice(value, 1, None)
            return (dict(zip(first, row, strict=False)) if _is_list(row) else row for row in rows)
        return (_without_asides(item) if _has_object(item) else item for item in value)

    def _within(
        self, value: Mapping[str, Any], key: str, depth: int, owner: Account | None
    ) -> Iterator[Fields]:
        """The posts in an object under this folded key that is not one.

        Raises:
            UnreadableFileError: It is a chat, or several.
        """
        if _is_chat(value):
            raise plain_texts.refused_chat(self._name)
        if _is_list(_object(value.get("chats")).get("list")):
            raise UnreadableFileError(
                f"{self._name} holds all chats of Telegram, with messages of several people.",
                "Export the channel with the posts by itself: its ⋮ > Export chat history > JSON. Of a chat, "
                "docs/networks.md has a line that takes your own messages.",
            )
        if (rows := self._rows(value)) is not None:
            for row in rows:
                yield from self._found(row, key, depth + 1, owner)
            return
        for user in _each(_object(value.get("includes")).get("users")):
            self._describe(user)
        for user in _each(value.get("users")):
            self._describe(user)
        before = self.records
        for name, inner in value.items():
            folded = names.fold(name)
            if isinstance(inner, Mapping | list | LongList) and (folded in _WRAPPERS or folded.isdigit()):
                yield from self._found(inner, folded, depth + 1, owner)
        own = () if self.records > before else _own(value)
        if all(self._is_list_of_posts(value[name]) for name in own):
            for name in own:  # whatever it is, perhaps a handle
                named = record.author({"handle": name}) if len(own) > 1 else None
                yield from self._found(value[name], key, depth + 1, named or owner)

    def _lists(self, value: Mapping[str, Any]) -> list[str]:
        """The keys of an object's lists of objects: of those that hold posts, or else of all."""
        lists = [key for key in _own(value) if _is_list_of_objects(value[key])]
        unread = [key for key in lists if names.fold(key) not in _WRAPPERS]
        return [key for key in lists if self._holds_posts(value[key])] or unread

    def _holds_posts(self, items: Iterable[Any]) -> bool:
        layout = self._layout.blank()
        return any(
            Meaning.TEXT in layout.fields(item)
            for item in islice(items, _ENOUGH)
            if isinstance(item, Mapping)
        )

    def _is_list_of_posts(self, value: Any) -> bool:
        return _is_list(value) and (_first(value) is None or self._holds_posts(value))

    def _rows(self, value: Mapping[str, Any]) -> Iterator[dict[str, Any]] | None:
        """The rows of a table that is written by columns, or as a list of lists; None if it is not one."""
        columns, data = value.get("columns"), value.get("data")
        if isinstance(columns, list) and _is_list(data) and _is_list(_first(data)):
            whole = (row for row in data if _is_list(row) and not _is_cut(row))
            return (dict(zip(map(str, columns), row, strict=False)) for row in whole)
        said = next((key for key in value if self._layout.is_text(key) and _are_texts(value[key])), None)
        if said is None or _is_cut(value):
            return None
        if isinstance(texts := value[said], Mapping):
            columns = {key: column for key, column in value.items() if isinstance(column, Mapping)}
            return ({key: column.get(number) for key, column in columns.items()} for number in texts)
        if any(_is_wrapper(key, value) for key in value if key != said):
            return None
        lists = {key: [*column] for key, column in value.items() if _is_list(column)}
        columns = {key: column for key, column in lists.items() if len(column) == len(lists[said])}
        return (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))

    def _post(self, value: Mapping[str, Any], key: str) -> Fields | None:
        """The fields of an object under this folded key, if it is a post."""
        value = _with_whole_text(value)
        fields = self._layout.fields(value)
        said = [field for field in fields.get(Meaning.TEXT, ()) if isinstance(field.value, str | None)]
        if not said or any(_is_wrapper(name, value) for name in value):
            return None
        if said[0].rank >= _UNSURE and (_is_error(value) or _is_status(value)):
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
        if self.first_stray is None:
            inner = value.get("data") if isinstance(value, Mapping) else None
            about = inner if isinstance(inner, Mapping) else value
            what = (
                f"its fields are {', '.join(map(str, about))[:300]}"
                if isinstance(about, Mapping)
                else repr(value)[:60]
            )
            self.first_stray = Stray(self._stream.line, what, tuple(lists))


def _with_whole_text(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object with its text in one piece: Telegram gives a list where links and the like are marked."""
    pieces = value.get("text")
    if not _is_list(pieces) or not any(isinstance(piece, Mapping) for piece in pieces):
        return value
    texts = [piece.get("text") if isinstance(piece, Mapping) else piece for piece in pieces]
    whole = [text for text in texts if isinstance(text, str)]
    return {**value, "text": "".join(whole)} if len(whole) == len(texts) else value


def _unwritten(text: str) -> Any:
    """The JSON that is written in a text, as by programs that write it twice; None if it is not whole."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _has_object(item: Any) -> bool:
    return isinstance(item, list) and any(isinstance(one, Mapping) for one in item)


def _without_asides(row: list[Any]) -> list[Any]:
    """A list without numbers and single words, such as addresses."""
    return [one for one in row if not isinstance(one, str | int | float | None) or " " in str(one)]


def _owned(fields: Fields, owner: Account | None) -> Fields:
    """The fields of a post; where it names no author, with the account that is named around it."""
    if owner and not authors.handles(fields).best():
        fields[Meaning.AUTHOR] = [Field(0, THE_FILE, f"@{owner.handle}", Kind.SURE)]
        if owner.name:
            fields.setdefault(Meaning.NAME, [Field(0, THE_FILE, owner.name, Kind.PLAIN)])
    return fields


def _timed(posts: Iterator[Fields], around: Mapping[str, Any]) -> Iterator[Fields]:
    """The posts in an object; if there is one and it says no time, with the object's, as Facebook has it."""
    first = [*islice(posts, 2)]
    is_lone = len(first) == 1 and not first[0].keys() & {Meaning.TIME, Meaning.ID}
    if is_lone and not isinstance(around, LongObject):
        said = {key: value for key, value in around.items() if isinstance(value, str | int | float)}
        if times := record.fields_of(said).get(Meaning.TIME):
            first[0][Meaning.TIME] = times
    yield from first
    yield from posts


def _closed(posts: Iterator[Fields], around: Mapping[str, Any]) -> Iterator[Fields]:
    """The posts in an object, with what that says of who may read them, and of whether they are published."""
    told = [key for key in around if _tells_readers(names.fold(key))]
    found = record.fields_of({key: around[key] for key in told if not _is_list(around[key])}) if told else {}
    for post in posts:
        for meaning in _READERS & found.keys():
            post[meaning] = [*post.get(meaning, ()), *(one for one in found[meaning] if one.label != "to")]
        yield post


@functools.lru_cache(maxsize=4096)
def _tells_readers(folded: str) -> bool:
    """Whether a key may say who reads what stands beside it, or describes whose it is."""
    return folded in _DESCRIBE or not _READERS.isdisjoint(one.meaning for one in names.senses(folded))


def _owner(value: Mapping[str, Any]) -> Account | None:
    """The account that an object names as that of the posts in it."""
    described = [_object(value[key]) for key in value if names.fold(key) in _DESCRIBE]
    named = {key: value[key] for key in value if names.senses(names.fold(key))}
    texts = {key: inner for key, inner in named.items() if isinstance(inner, str)}
    said = [texts, *described]
    # A handle of X, or else one that says its network itself, as Bluesky's do.
    return next(filter(None, (record.author(one, wanted) for wanted in (None, "") for one in said)), None)


def _own(value: Mapping[str, Any]) -> Sequence[str]:
    """The keys of an object without those of what others have written."""
    return [key for key in value if not _THEIRS.fullmatch(names.fold(key))]


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_list(value: Any) -> TypeGuard[list[Any] | LongList]:
    return isinstance(value, list | LongList)


def _first(items: Iterable[Any]) -> Any:
    return next(iter(items), None)


def _are_texts(column: Any) -> bool:
    """Whether it is a column of texts: a list, or as pandas writes it, by the numbers of the rows."""
    if isinstance(column, Mapping):
        return bool(column) and all(
            number.isdigit() and isinstance(text, str | None) for number, text in column.items()
        )
    return (
        _is_list(column)
        and isinstance(_first(column), str)
        and all(isinstance(text, str | None) for text in column)
    )


def _is_cut(value: Any) -> bool:
    """Whether the end is missing, so that it may be half a post."""
    return isinstance(value, LongObject | LongList) and value.is_cut


def _is_wrapper(key: str, value: Mapping[str, Any]) -> bool:
    """Whether posts stand under a key of an object, which then is not one."""
    return names.fold(key) in _SURE_WRAPPERS and isinstance(value[key], Mapping | list | LongList)


def _is_error(value: Mapping[str, Any]) -> bool:
    """Whether an object says that a request failed; Instagram's posts have a code, too."""
    return any(names.fold(name) in _ERRORS - ({"code"} if "caption" in value else set()) for name in value)


def _is_status(value: Mapping[str, Any]) -> bool:
    """Whether an object says how a request went."""
    status = value.get("status")
    return isinstance(status, int) or str(status).lower() in (
        "ok",
        "success",
        "error",
        "fail",
        "failed",
        "failure",
    )


def _each(users: Any) -> Iterable[Any]:
    """The users in a list, or by their ids."""
    if isinstance(users, Mapping):
        return [{"id": number, **user} for number, user in users.items() if isinstance(user, Mapping)]
    return users if _is_list(users) else ()


def _is_chat(value: Mapping[str, Any]) -> bool:
    """Whether an object is a chat of Meta's, Telegram's or Discord's; a channel for everybody is not one."""
    kind = str(value.get("type") or _object(value.get("channel")).get("type"))
    is_closed = kind in _CHATS or kind.endswith(("_chat", "group")) or kind.startswith("Direct")
    return _is_list(value.get("messages")) and ("participants" in value or is_closed)


def _is_wordless(value: Mapping[str, Any]) -> bool:
    """Whether it is a post of Facebook's that has nothing but pictures, or what it says beside them."""
    return value.keys() <= {"update_timestamp", "backdated_timestamp"} or (
        {"timestamp", "attachments"} <= value.keys()
    )


def _is_list_of_objects(value: Any) -> bool:
    return _is_list(value) and isinstance(_first(value), Mapping)


def _is_page(value: Any) -> bool:
    """Whether it is a page of the X API or a list, which may hold no posts, or what wraps an empty one."""
    if isinstance(value, Mapping):
        if _is_wordless(value) or any(_is_wrapper(key, value) and not _first(value[key]) for key in value):
            return True
        return bool(_PAGE & set(value)) and not isinstance(value.get("data"), Mapping)
    return isinstance(value, list) and not value
