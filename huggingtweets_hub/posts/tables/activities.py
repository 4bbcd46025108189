"""Notes of ActivityPub, by themselves or in the activities that an outbox lists.

Who may read one is told by its recipients alone, as Mastodon's own server tells it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from huggingtweets_hub.core.accounts import on_page

_WHOLE_PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
_PUBLIC = frozenset({_WHOLE_PUBLIC, "as:Public", "Public"})
_ACTIVITIES = frozenset((
    "Accept", "Add", "Announce", "Block", "Create", "Delete", "Dislike", "EmojiReact", "Flag", "Follow",
    "Like", "Listen", "Move", "Reject", "Remove", "Undo", "Update", "View",
))  # fmt: skip
NOTES = frozenset({"Note", "Question"})
"""The types of what is a post."""
_OBJECTS = NOTES | {"Article", "ChatMessage", "Document", "Event", "Image", "Page", "Video"}
# What a page or video that somebody has listed elsewhere does not have.
_KEYS = frozenset({"@context", "to", "cc", "bto", "bcc", "inReplyTo", "sensitive", "contentMap", "atomUri"})
_CONTENTS = frozenset({"content", "contentMap"})
_RECIPIENTS = ("to", "cc", "bto", "bcc", "audience")
_RECIPIENT = re.compile(r"://|\bas:Public\b")
_ADDRESS = re.compile(r"""https?://[^\s'",;|\[\]]+""")  # in a list that is written as a text
_QUOTES = frozenset({"quote", "quoteUri", "quoteUrl", "_misskey_quote", "quote_id"})


def addresses(value: object) -> Sequence[str]:
    """The addresses of a value that is one, an object that has one, or a list of these."""
    if isinstance(value, str):
        return (value,)
    each = value if isinstance(value, list) else [value]
    found = [one.get("id") if isinstance(one, dict) else one for one in each]
    return [one for one in found if isinstance(one, str)]


def actors(value: object) -> Sequence[str]:
    """The addresses of accounts in a value, without the slash in which some servers have them end."""
    return [one.rstrip("/") for one in addresses(value)]


def is_open(note: Mapping[str, Any], activity: Mapping[str, Any]) -> bool:
    """Whether everybody may read it: Public is among those that it is sent to, or is sent a copy."""
    for key in ("to", "cc"):
        recipients = activity.get(key) if (own := note.get(key)) is None else own
        if not _PUBLIC.isdisjoint(addresses(recipients)):
            return True
    return False


def is_quote(note: Mapping[str, Any]) -> bool:
    """Whether it names a post that it quotes."""
    return not _QUOTES.isdisjoint(note) and any(map(note.get, _QUOTES))


def as_table(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A note, or the activity that holds one, as the record of a table; empty for other activities.

    What is neither stays as it is.
    """
    if "object.content" in record:  # the columns of an activity in a table
        flat = {key: record.get(f"object.{key}") for key in ("to", "cc", "summary")}
        is_boost = "Announce" in addresses(record.get("type"))
        return {**_said_of(flat, record), "reblog": is_boost}
    note: Any = record
    is_boost = False
    kinds = addresses(record.get("type"))
    if "attributedTo" not in record and not _is_object(record, kinds):
        note = record.get("object")
        is_one = isinstance(note, dict) or {"actor", "object"} <= record.keys()
        if not is_one or _ACTIVITIES.isdisjoint(kinds):
            return record
        is_boost = "Announce" in kinds
        if is_boost:  # of which only the activity is the account's own
            note = {"id": record.get("id")}
        elif "Create" not in kinds or not isinstance(note, dict):
            return {}
    elif _CONTENTS.isdisjoint(record):  # whose text is in a column of another name
        return _said_of(record, record)
    writer = next(iter(actors(note.get("attributedTo") or record.get("actor"))), "")
    parent = next(iter(addresses(note.get("inReplyTo"))), None)
    content, versions = note.get("content"), note.get("contentMap")
    versions = versions if isinstance(versions, dict) else {}
    return {
        "id": note.get("id"),
        "content": next(iter(versions.values()), "") if content is None else content,
        "published": note.get("published") or record.get("published"),
        "language": next((key for key, text in versions.items() if text == content), None),
        "acct": on_page(writer),
        "author_id": writer,
        "inReplyTo": None if parent and parent.startswith(f"{writer}/") else parent,
        "is_quote": is_quote(note),
        "reblog": is_boost,
        "cw": note.get("summary"),
        "visibility": _visibility(note, record),
    }


def _said_of(note: Mapping[str, Any], record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A record with who may read it and its warning in place of its recipients."""
    return {**record, "to": None, "visibility": _visibility(note, record), "cw": note.get("summary")}


def _is_object(record: Mapping[str, Any], kinds: Sequence[str]) -> bool:
    """Whether a record is sent to addresses, not to people as their names are written, or has one itself.

    Some servers leave out recipients where there are none, as in what is for nobody else.
    """
    if _OBJECTS.isdisjoint(kinds):
        return False
    if any(_RECIPIENT.search(str(record.get(key))) for key in _RECIPIENTS):
        return True
    if NOTES.isdisjoint(kinds) and _KEYS.isdisjoint(record):
        return False
    is_sent = any(mark in str(record.get(key)) for key in ("to", "cc") for mark in ":[")
    return is_sent or ("published" in record and str(record.get("id")).startswith("http"))


def _visibility(note: Mapping[str, Any], activity: Mapping[str, Any]) -> str:
    """Whether everybody may read it, also where a table has the lists of recipients as texts."""
    written = (str(note.get(key) or activity.get(key)) for key in ("to", "cc"))
    is_public = is_open(note, activity) or any(_WHOLE_PUBLIC in _ADDRESS.findall(one) for one in written)
    return "public" if is_public else "private"
