"""The posts in JSON, in whatever programs wrap them; anything else is counted and left out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from huggingtweets_hub.core.records import Account
from huggingtweets_hub.posts.json_stream import JsonStream
from huggingtweets_hub.posts.tables import authors, names, record
from huggingtweets_hub.posts.tables.layout import Field, Fields, Layout
from huggingtweets_hub.posts.tables.names import Kind, Meaning
from huggingtweets_hub.posts.tables.writers import THE_FILE, Writers

# Keys that posts stand under. Others are not stepped into: `includes` and `quoted_status` hold others' posts.
_WRAPPERS = {
    "item", "data", "tweets", "tweet", "statuses", "posts", "toots", "notes", "records", "items", "results",
    "result", "rows", "docs", "hits", "source", "response", "list", "output", "values", "value",
    "collection", "feed", "messages", "timeline", "timelinev2", "entries", "entry", "instructions",
    "content", "itemcontent", "tweetresults", "tweetresult", "user", "userresult", "tweetsandreplies",
    "globalobjects", "threadedconversationwithinjectionsv2", "searchbyrawquery", "searchtimeline",
    "homeandmain", "usertweets", "module", "modules", "archive", "edges", "node", "usertimeline",
    "mytweets", "alltweets", "export", "dataset", "payload", "body", "quotes", "children",
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
}
# Of GraphQL: their other items are cursors and advertisements.
_MIXED = {"instructions", "entries", "entry", "edges", "module", "modules", "items"}
_LISTS_OF_TEXTS = {"tweets", "posts", "toots", "statuses", "texts", "data"}
_DESCRIBE = {"user", "account", "author", "profile", "meta", "owner"}
_ERRORS = {"error", "errors", "code", "delete", "limit", "warning", "disconnect",
           "statuswithheld", "userwithheld", "scrubgeo", "deleted", "errormessage"}  # fmt: skip
_PAGE = {"meta", "data", "includes"}
_UNSURE = 21  # the rank from which a name may hold something else than a post's text
_DEEPEST = 24


class Stray(NamedTuple):
    """Something where a post should be."""

    line: int
    what: str


class JsonRecords:
    """Finds the posts in a stream of JSON.

    Args:
        layout: What the keys mean.
        writers: Learns of the accounts that are described beside the posts.

    Attributes:
        records: How many posts were found.
        strays: How many records were something else.
        first_stray: The first of these.
    """

    def __init__(self, stream: JsonStream, layout: Layout, writers: Writers) -> None:
        self._stream = stream
        self._layout = layout
        self._writers = writers
        self.records = self.strays = 0
        self.first_stray: Stray | None = None

    def fields(self) -> Iterator[Fields]:
        """The fields of every post."""
        for keys, value in self._stream.values():
            path = tuple(map(names.fold, keys))
            before = self.records
            yield from self._found(value, path, 0, None)
            if self.records == before and not path and not _is_page(value):
                self._stray(value)

    def _found(
        self, value: Any, path: tuple[str, ...], depth: int, owner: Account | None
    ) -> Iterator[Fields]:
        """The posts in a value, which stands under these folded keys of an object that names this account."""
        if "users" in path[-2:]:
            for user in _each(value if path[-1] == "users" else [{"id": path[-1], **_object(value)}]):
                self._describe(user)
        if depth > _DEEPEST or not all(key in _WRAPPERS or key.isdigit() for key in path):
            if isinstance(value, str) and len(path) == 1 and (account := record.author({path[0]: value})):
                self._writers.owner = account  # of a file that is one long object
        elif isinstance(value, str):
            if not path or path[-1] in _LISTS_OF_TEXTS:
                self.records += 1
                yield _owned(self._layout.fields({"text": value}), owner)
        elif isinstance(value, list):
            for item in value:
                before = self.records
                yield from self._found(item, path, depth + 1, owner)
                if isinstance(item, Mapping) and path and self.records == before and path[-1] not in _MIXED:
                    self._stray(item)
        elif isinstance(value, Mapping):
            if fields := self._post(value, path):
                self.records += 1
                yield _owned(fields, owner)
            else:
                yield from self._within(value, path, depth, _owner(value) or owner)

    def _within(
        self, value: Mapping[str, Any], path: tuple[str, ...], depth: int, owner: Account | None
    ) -> Iterator[Fields]:
        """The posts in an object that is not one."""
        if rows := _rows(value):
            for row in rows:
                yield from self._found(row, path, depth + 1, owner)
            return
        for user in _each(_object(value.get("includes")).get("users")):
            self._describe(user)
        for user in _each(value.get("users")):
            self._describe(user)
        before = self.records
        for key, inner in value.items():
            folded = names.fold(key)
            if isinstance(inner, Mapping | list) and (folded in _WRAPPERS or folded.isdigit()):
                yield from self._found(inner, (*path, folded), depth + 1, owner)
        if self.records == before and all(map(_is_list_of_objects, value.values())):
            for key, inner in value.items():  # lists of posts by whatever name, perhaps by handle
                named = record.author({"handle": key}) if len(value) > 1 else None
                yield from self._found(inner, path, depth + 1, named or owner)

    def _post(self, value: Mapping[str, Any], path: tuple[str, ...]) -> Fields | None:
        """The fields of an object, if it is a post."""
        fields = self._layout.fields(value)
        said = [field for field in fields.get(Meaning.TEXT, ()) if isinstance(field.value, str | None)]
        if not said or any(_is_wrapper(key, inner) for key, inner in value.items()):
            return None
        if said[0].rank >= _UNSURE and (
            any(names.fold(key) in _ERRORS for key in value) or _is_status(value)
        ):
            return None
        if path and path[-1].isdigit() and Meaning.ID not in fields:  # posts by their ids
            fields = self._layout.fields({**value, "id": path[-1]})
        return fields

    def _describe(self, user: Any) -> None:
        """Remember an account by its id."""
        if isinstance(user, Mapping) and (account := record.author(user)):
            self._writers.users[str(user.get("id_str") or user.get("id"))] = account

    def _stray(self, value: Any) -> None:
        self.strays += 1
        if self.first_stray is None:
            inner = value.get("data") if isinstance(value, Mapping) else None
            about = inner if isinstance(inner, Mapping) else value
            what = (
                f"its fields are {', '.join(map(str, about))[:300]}"
                if isinstance(about, Mapping)
                else repr(value)[:60]
            )
            self.first_stray = Stray(self._stream.line, what)


def _owned(fields: Fields, owner: Account | None) -> Fields:
    """The fields of a post; where it names no author, with the account that is named around it."""
    if owner and not authors.handles(fields).best():
        fields[Meaning.AUTHOR] = [Field(0, THE_FILE, f"@{owner.handle}", Kind.SURE)]
        if owner.name:
            fields.setdefault(Meaning.NAME, [Field(0, THE_FILE, owner.name, Kind.PLAIN)])
    return fields


def _owner(value: Mapping[str, Any]) -> Account | None:
    """The account that an object names as that of the posts in it."""
    described = [
        inner for key, inner in value.items() if names.fold(key) in _DESCRIBE and isinstance(inner, Mapping)
    ]
    texts = {key: inner for key, inner in value.items() if isinstance(inner, str)}
    return next(filter(None, map(record.author, [texts, *described])), None)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_wrapper(key: str, value: Any) -> bool:
    """Whether posts stand under a key of an object, which then is not one."""
    return isinstance(value, Mapping | list) and names.fold(key) in _SURE_WRAPPERS


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
    return users if isinstance(users, list) else ()


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _is_page(value: Any) -> bool:
    """Whether it is a page of the X API, which may hold no posts, or an empty list."""
    if isinstance(value, Mapping):
        return bool(_PAGE & set(value)) and not isinstance(value.get("data"), Mapping)
    return isinstance(value, list) and not value


def _rows(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a table that pandas has written column by column, or as a list of lists."""
    columns, data = value.get("columns"), value.get("data")
    if isinstance(columns, list) and isinstance(data, list):
        return [dict(zip(map(str, columns), row, strict=False)) for row in data if isinstance(row, list)]
    inner = {key: column for key, column in value.items() if isinstance(column, Mapping) and column}
    texts = [
        column
        for key, column in inner.items()
        if any(s.meaning is Meaning.TEXT for s in names.senses(names.fold(key)))
    ]
    if not texts or not all(
        number.isdigit() and isinstance(text, str | None) for number, text in texts[0].items()
    ):
        return []
    return [{key: column.get(number) for key, column in inner.items()} for number in texts[0]]
