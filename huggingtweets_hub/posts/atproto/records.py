"""Records of Bluesky as posts, and what an account says of itself there."""

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from huggingtweets_hub.core import wishes
from huggingtweets_hub.core.records import Post
from huggingtweets_hub.posts import formats
from huggingtweets_hub.posts.tables.bluesky import is_quote, labels, with_whole_links

REPOST = "app.bsky.feed.repost"
PROFILE = "app.bsky.actor.profile"
INTENTS = "org.user-intents.declaration"

_BEGAN = datetime(2022, 11, 1, tzinfo=UTC)
"""Dates before this are imported or made up: the network did not exist."""
_DAY = timedelta(days=1)
_LONGEST_LANGUAGE, _LONGEST_NAME = 64, 300
_BLOB = re.compile("bafkrei[a-z2-7]{52}")
_INTENTS = {
    ("syntheticContentGeneration", False): "synthetic-content-not-allowed",
    ("syntheticContentGeneration", True): "synthetic-content-allowed",
    ("bulkDataset", False): "bulk-datasets-not-allowed",
    ("publicAccessArchive", False): "archiving-not-allowed",
}


class Profile(NamedTuple):
    """What an account says of itself; the picture's CID as text, None if it has none."""

    name: str = ""
    avatar: str | None = None
    wishes: tuple[str, ...] = ()


def post(record: Any, rkey: str, did: str, now: datetime) -> Post | None:
    """A record of the collection of posts as one; None if it has no text."""
    text = record.get("text") if isinstance(record, dict) else None
    if not isinstance(text, str):
        return None
    return Post(
        text=with_whole_links(text, record),
        id=rkey,
        created_at=moment(record.get("createdAt"), now),
        lang=_language(record.get("langs")),
        is_reply=record.get("reply") is not None and not _is_to(record["reply"], did),
        is_quote=is_quote(record.get("embed")),
    )


def repost(record: Any, rkey: str, now: datetime) -> Post:
    """A record of the collection `REPOST`: somebody else's words, which are not kept."""
    created = record.get("createdAt") if isinstance(record, dict) else None
    return Post(text="", id=rkey, created_at=moment(created, now), is_retweet=True)


def profile(record: Any) -> Profile:
    """The record `PROFILE/self`, whatever is right of it."""
    if not isinstance(record, dict):
        return Profile()
    found = labels(record)
    about = (_text(record.get(key)) for key in ("displayName", "description"))
    said = [
        *(["signed-in-only"] if "!no-unauthenticated" in found else []),
        *(["bot"] if "bot" in found else []),
        *(["no-bots"] if any(map(wishes.in_profile, about)) else []),
    ]
    name = _text(record.get("displayName"))[:_LONGEST_NAME]
    return Profile(name, _blob(record.get("avatar")), tuple(said))


def intents(record: Any) -> tuple[str, ...]:
    """What a record of the collection `INTENTS` allows and forbids, in either spelling of its keys.

    If the two contradict each other, what is forbidden counts.
    """
    stated: dict[str, bool] = {}
    for key, value in record.items() if isinstance(record, dict) else ():
        name = key.removeprefix("org.user-intents.")
        allowed = value.get("allow") if isinstance(value, dict) else None
        if isinstance(allowed, bool):  # else it is left open
            stated[name] = allowed and stated.get(name, True)
    return tuple(wish for intent in stated.items() if (wish := _INTENTS.get(intent)))


def moment(value: Any, now: datetime) -> datetime | None:
    """When a record says that it was made; None if that cannot be."""
    if not isinstance(value, str):
        return None
    try:
        found: datetime | None = datetime.fromisoformat(value)  # as nearly all are written
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        found = formats.moment(value)
    return found.astimezone(UTC) if found is not None and _BEGAN <= found <= now + _DAY else None


def _is_to(reply: Any, did: str) -> bool:
    """Whether a reply goes to the account itself: a thread of its own."""
    parent = reply.get("parent") if isinstance(reply, dict) else None
    uri = parent.get("uri") if isinstance(parent, dict) else None
    return isinstance(uri, str) and uri.startswith(f"at://{did}/")


def _language(langs: Any) -> str | None:
    """The first of a post's languages; only that, since few posts are in several."""
    first = langs[0] if isinstance(langs, list) and langs else None
    return first if isinstance(first, str) and len(first) <= _LONGEST_LANGUAGE else None


def _blob(value: Any) -> str | None:
    """The CID of a file, as its address writes it; records of 2023 hold it as text."""
    ref, written = (value.get("ref"), value.get("cid")) if isinstance(value, dict) else (None, None)
    if isinstance(written, str) and _BLOB.fullmatch(written):
        return written
    is_one = isinstance(ref, bytes) and len(ref) == 36 and ref.startswith(b"\x01\x55\x12\x20")
    return "b" + base64.b32encode(ref).decode().lower().rstrip("=") if is_one and ref else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
