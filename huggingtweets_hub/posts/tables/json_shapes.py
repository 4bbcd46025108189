"""What objects and lists of JSON are, if not posts: what wraps these, a page, a chat, an error."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeGuard

from huggingtweets_hub.posts.json_stream import LongList, LongObject
from huggingtweets_hub.posts.tables import names

WRAPPERS = {
    "item", "data", "tweets", "tweet", "statuses", "posts", "toots", "notes", "records", "items", "results",
    "result", "rows", "docs", "hits", "source", "response", "list", "output", "values", "value",
    "collection", "feed", "messages", "timeline", "timelinev2", "entries", "entry", "instructions",
    "content", "itemcontent", "tweetresults", "tweetresult", "user", "userresult", "tweetsandreplies",
    "globalobjects", "threadedconversationwithinjectionsv2", "searchbyrawquery", "searchtimeline",
    "homeandmain", "usertweets", "module", "modules", "archive", "edges", "node", "usertimeline",
    "mytweets", "alltweets", "threads", "thread", "export", "dataset", "payload", "body", "quotes",
    "children", "status", "row", "post", "record", "toot", "note", "doc", "document",
    "comment", "poststream", "entitydata", "commit", "ordereditems",
}  # fmt: skip
"""Keys that posts stand under. Others are not stepped into: `includes` and the like hold others' posts."""
_SURE_WRAPPERS = {"data", "tweets", "statuses", "posts", "results", "result", "records", "items", "rows",
                  "timeline", "ordereditems"}  # fmt: skip
_ERRORS = {"error", "errors", "code", "delete", "limit", "warning", "disconnect",
           "statuswithheld", "userwithheld", "scrubgeo", "errormessage"}  # fmt: skip
_OUTCOMES = {"ok", "success", "error", "fail", "failed", "failure"}
_STATES = {"started", "running", "processing", "pending", "queued", "done", "completed", "complete",
           "finished", "succeeded"}  # fmt: skip
_PAGE = {"meta", "data", "includes"}
_THEIRS = re.compile(
    "(?:my)?(?:like|liked|likes|fav|favs|favou?rited?|favou?rites|bookmarked|bookmarks|mentions|includes"
    "|quoted|retweeted|referenced)(?:tweets?|posts?|status|statuses|toots?)?"
)  # lists of what others have written
_COMMENTED = frozenset({"post", "status", "thread", "toot", "tweet"})
_CHATS = ("saved_messages", "private_channel")  # besides groups and chats, by Telegram's names


def is_list(value: Any) -> TypeGuard[list[Any] | LongList]:
    return isinstance(value, list | LongList)


def as_object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def first(items: Iterable[Any]) -> Any:
    return next(iter(items), None)


def own_keys(value: Mapping[str, Any]) -> Sequence[str]:
    """The keys of an object without those of what others have written, such as what a comment is on."""
    theirs = _COMMENTED if isinstance(value.get("comment"), Mapping) else frozenset()
    return [key for key in value if key not in theirs and not _THEIRS.fullmatch(names.fold(key))]


def users_in(users: Any) -> Iterable[Any]:
    """The users in a list, or by their ids."""
    if isinstance(users, Mapping):
        return [{"id": number, **user} for number, user in users.items() if isinstance(user, Mapping)]
    return users if is_list(users) else ()


def are_texts(column: Any) -> bool:
    """Whether it is a column of texts: a list, or as pandas writes it, by the numbers of the rows."""
    if isinstance(column, Mapping):
        return bool(column) and all(
            number.isdigit() and isinstance(text, str | None) for number, text in column.items()
        )
    return (
        is_list(column)
        and isinstance(first(column), str)
        and all(isinstance(text, str | None) for text in column)
    )


def is_cut(value: Any) -> bool:
    """Whether the end is missing, so that it may be half a post."""
    return isinstance(value, LongObject | LongList) and value.is_cut


def is_wrapper(key: str, value: Mapping[str, Any]) -> bool:
    """Whether posts stand under a key of an object, which then is not one."""
    return names.fold(key) in _SURE_WRAPPERS and isinstance(value[key], Mapping | list | LongList)


def is_outcome(value: Mapping[str, Any]) -> bool:
    """Whether an object says how a request went, and is not one of Instagram's posts, which have a code."""
    errors = _ERRORS - {"code"} if "caption" in value else _ERRORS
    status = value.get("status")
    is_status = isinstance(status, int) or str(status).lower() in _OUTCOMES
    return is_status or any(names.fold(name) in errors for name in value)


def is_state(key: str, value: Any) -> bool:
    """Whether what stands under a key is how far a program is, and not what somebody says."""
    return names.fold(key) == "status" and str(value).lower() in _STATES


def is_chat(value: Mapping[str, Any]) -> bool:
    """Whether an object is a chat of Meta's, Telegram's, Google's or Discord's; an open channel is not."""
    messages = value.get("messages")
    kind = str(value.get("type") or as_object(value.get("channel")).get("type"))
    is_closed = kind in _CHATS or kind.endswith(("_chat", "group")) or kind.startswith("Direct")
    is_of_google = is_list(messages) and "topic_id" in as_object(first(messages))
    return is_list(messages) and ("participants" in value or is_closed or is_of_google)


def is_wordless(value: Mapping[str, Any]) -> bool:
    """Whether it has no text for good reason: one of Facebook's pictures, or any of Django's objects."""
    return (
        value.keys() <= {"update_timestamp", "backdated_timestamp"}
        or {"timestamp", "attachments"} <= value.keys()
        or is_fixture(value)
    )


def is_fixture(value: Mapping[str, Any]) -> bool:
    """Whether it is an object of one of Django's models, posts or not."""
    return value.keys() == {"model", "pk", "fields"} and isinstance(value["fields"], Mapping)


def is_page(value: Any) -> bool:
    """Whether it is a page of the X API or a list, which may hold no posts, or what wraps an empty one."""
    if isinstance(value, Mapping):
        if is_wordless(value) or any(is_wrapper(key, value) and not first(value[key]) for key in value):
            return True
        return bool(_PAGE & set(value)) and not isinstance(value.get("data"), Mapping)
    return isinstance(value, list) and not value


def with_whole_text(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object with its text in one piece: Telegram gives a list where links and the like are marked."""
    pieces = value.get("text")
    if not is_list(pieces) or not any(isinstance(piece, Mapping) for piece in pieces):
        return value
    texts = [piece.get("text") if isinstance(piece, Mapping) else piece for piece in pieces]
    whole = [text for text in texts if isinstance(text, str)]
    return {**value, "text": "".join(whole)} if len(whole) == len(texts) else value


def has_object(item: Any) -> TypeGuard[list[Any]]:
    """Whether it is a list with an object in it."""
    return isinstance(item, list) and any(isinstance(one, Mapping) for one in item)


def without_asides(row: list[Any]) -> list[Any]:
    """A list without numbers and single words, such as addresses."""
    return [one for one in row if not isinstance(one, str | int | float | None) or " " in str(one)]
