"""Single records of the Fediverse as posts: activities of ActivityPub, and statuses of Mastodon's API.

Who may read a note is told by its recipients alone, as Mastodon's own server tells it: an archive holds
posts for followers and for single people between the others, unmarked.
"""

import re
from collections.abc import Collection, Mapping
from enum import Enum
from functools import lru_cache
from typing import Any

from huggingtweets_hub.core.records import Post
from huggingtweets_hub.core.text import counted
from huggingtweets_hub.posts import formats
from huggingtweets_hub.posts.fediverse.html_text import plain
from huggingtweets_hub.posts.reading import Reading
from huggingtweets_hub.posts.tables.activities import NOTES, actors, addresses, is_open, is_quote

Record = Mapping[str, Any]
_SHOWN = frozenset({"public", "unlisted"})
_NUMBER = re.compile(r"https?://[^?#]+/statuses/([0-9]{1,20})(?:/activity)?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[_-]?[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST_ID = 2_000
_KEPT = ("id", "created_at", "language", "visibility", "in_reply_to_id", "in_reply_to_account_id")


class PassedOver(Enum):
    """What a record is that is not taken, in words that follow its number."""

    PRIVATE = ("post", "for followers or single people")
    WARNED = ("post", "behind content warnings")
    FOREIGN = ("post", "by other accounts")
    UNREADABLE = ("post", "with a text that could not be read")
    OTHER = ("record", "of other kinds")


def numbers(passed_over: Mapping[PassedOver, int]) -> str:
    """How much was skipped, and as what, in the words of a sentence."""
    each = ((kind.value, passed_over.get(kind, 0)) for kind in PassedOver)
    return ", ".join(f"{counted(number, noun)} {what}" for (noun, what), number in each if number)


class Author:
    """The account whose posts are read, by which its own are told from others'.

    Attributes:
        id: The address of its actor, without a slash at its end.
    """

    def __init__(self, id: str) -> None:
        self.id = id.rstrip("/")
        self._place = f"{self.id}/"
        self._posts: set[str] = set()  # of servers where an address does not tell whose post it is

    def has_written(self, address: object) -> bool:
        """Whether a post is one of its own."""
        return isinstance(address, str) and (address.startswith(self._place) or address in self._posts)

    def add(self, address: object) -> None:
        """Remember a post of its own."""
        if isinstance(address, str) and not self.has_written(address):
            self._posts.add(address)


def of_activity(activity: Record, author: Author, reading: Reading) -> Post | PassedOver:
    """The post that an entry of an outbox stands for, or as what it is skipped.

    A boost has no text: what it holds is another's, or was counted already.
    """
    kinds, note = _kinds(activity), activity.get("object")
    is_boost = "Announce" in kinds
    if is_boost:
        note = {"id": activity.get("id"), "published": activity.get("published")}
    elif not NOTES.isdisjoint(kinds):  # as static sites list them
        note = activity
    elif "Create" not in kinds or not isinstance(note, dict) or NOTES.isdisjoint(_kinds(note)):
        return PassedOver.OTHER
    if {*actors(activity.get("actor")), *actors(note.get("attributedTo"))} - {author.id}:
        return PassedOver.FOREIGN
    is_public = is_open(note, activity)
    if not is_public and not reading.include_private:
        return PassedOver.PRIVATE
    if is_boost:
        return _post(note, "", is_retweet=True, is_private=not is_public)
    author.add(note.get("id"))
    if note.get("summary") and reading.content_warnings == "drop":
        return PassedOver.WARNED
    written = _by_language(note)
    content = note.get("content")
    content = next((text for _, text in written), "") if content is None else content
    parent = next(iter(addresses(note.get("inReplyTo"))), None)
    return _post(
        note,
        content,
        lang=next((lang for lang, text in written if text == content), written[0][0] if written else None),
        is_reply=parent is not None and not author.has_written(parent),
        is_quote=is_quote(note),
        is_private=not is_public,
    )


def of_status(status: Record, account_id: str, reading: Reading) -> Post | PassedOver:
    """The post that a status of Mastodon's API stands for, or as what it is skipped.

    Args:
        account_id: The author's id on that server.
    """
    by = status.get("account")
    if isinstance(by, dict) and "id" in by and str(by["id"]) != account_id:
        return PassedOver.FOREIGN
    is_open = status.get("visibility") in _SHOWN
    if not is_open and not reading.include_private:
        return PassedOver.PRIVATE
    if status.get("reblog"):
        return _post(status, "", is_retweet=True, is_private=not is_open)
    if status.get("spoiler_text") and reading.content_warnings == "drop":
        return PassedOver.WARNED
    parent = status.get("in_reply_to_account_id")
    is_answer = status.get("in_reply_to_id") is not None or parent is not None
    spoken = status.get("language")
    return _post(
        status,
        status.get("content"),
        lang=_language(spoken) if isinstance(spoken, str) else None,
        is_reply=is_answer and str(parent) != account_id,
        is_quote=_quotes(status),
        is_private=not is_open,
    )


def kept(status: Record, account_id: str) -> dict[str, Any]:
    """What of a status is kept on disk: nothing of what others have said, or what not everybody may read."""
    facts = {key: status.get(key) for key in _KEPT}
    by = status.get("account")
    facts["account"] = {"id": by["id"]} if isinstance(by, dict) and "id" in by else None
    facts["reblog"], facts["quote"] = bool(status.get("reblog")), _quotes(status)
    facts["spoiler_text"] = bool(status.get("spoiler_text"))
    found = of_status(status, account_id, Reading(content_warnings="keep"))
    if found is PassedOver.UNREADABLE:
        facts["content"] = False
    elif isinstance(found, Post) and not found.is_retweet:
        facts["content"] = status.get("content")
    return facts


def _kinds(record: Record) -> Collection[str]:
    """What a record is, by its types."""
    return addresses(record.get("type"))


def _post(record: Record, content: object, *, lang: str | None = None, **what: bool) -> Post | PassedOver:
    """The post of a record with this content; pictures have none."""
    if content is not None and not isinstance(content, str):
        return PassedOver.UNREADABLE
    try:
        text = plain(content or "")
    except ValueError:
        return PassedOver.UNREADABLE
    posted = record.get("published") or record.get("created_at")
    when = formats.moment(posted) if isinstance(posted, str) else None
    return Post(text=text, id=_id(record.get("id")), created_at=when, lang=lang, **what)


def _id(value: object) -> str | None:
    """The number by which Mastodon knows a post, wherever it is from; else the address of the post."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
        return str(value) if type(value) is int else None
    found = _NUMBER.fullmatch(value)
    return found[1] if found else value


def _quotes(status: Record) -> bool:
    """Whether a status of an API is a quote; Pleroma says so in a part of its own."""
    more = status.get("pleroma")
    return is_quote(status) or (isinstance(more, dict) and is_quote(more))


def _by_language(note: Record) -> list[tuple[str | None, str]]:
    """The language and the content of each version of a note."""
    versions = note.get("contentMap")
    if not isinstance(versions, dict):
        return []
    return [(_language(key), content) for key, content in versions.items() if isinstance(content, str)]


@lru_cache(maxsize=500)
def _language(tag: str) -> str | None:
    """A language's tag as it is usually written; archives have `zhCn` for `zh-CN`."""
    if not _LANGUAGE.fullmatch(tag):
        return None
    first, *more = re.split("[_-]", _HUMP.sub("-", tag))
    return "-".join(
        [first.lower(), *(part.upper() if len(part) == 2 else part.capitalize() for part in more)]
    )
