"""Records of Bluesky as posts, and what an account says of itself there."""

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from huggingtweets_hub.core import wishes
from huggingtweets_hub.core.records import Post
from huggingtweets_hub.posts import formats

POST = "app.bsky.feed.post"
REPOST = "app.bsky.feed.repost"
PROFILE = "app.bsky.actor.profile"
INTENTS = "org.user-intents.declaration"

_BEGAN = datetime(2022, 11, 1, tzinfo=UTC)
"""Dates before this are imported or made up: the network did not exist."""
_DAY = timedelta(days=1)
_MOST_LINKS, _LONGEST_TEXT = 100, 10_000  # the network allows 300 characters
_LONGEST_LANGUAGE, _LONGEST_NAME = 64, 300
_WARNED = frozenset({"porn", "sexual", "nudity", "graphic-media", "gore", "!warn", "!hide"})
_ADDRESS = re.compile(r"(?:https?://)?[^\s/.]+(?:\.[^\s/.]+)+(?:/\S*)?", re.IGNORECASE)
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
    """A record of the collection `POST` as a post; None if it has no text."""
    text = record.get("text") if isinstance(record, dict) else None
    if not isinstance(text, str):
        return None
    return Post(
        text=with_whole_links(text, record),
        id=rkey,
        created_at=moment(record.get("createdAt"), now),
        lang=_language(record.get("langs")),
        is_reply=record.get("reply") is not None and not _is_to(record["reply"], did),
        is_quote=_is_quote(record.get("embed")),
    )


def repost(record: Any, rkey: str, now: datetime) -> Post:
    """A record of the collection `REPOST`: somebody else's words, which are not kept."""
    created = record.get("createdAt") if isinstance(record, dict) else None
    return Post(text="", id=rkey, created_at=moment(created, now), is_retweet=True)


def is_warned(record: Any) -> bool:
    """Whether the author has put a content warning on a post."""
    return not _WARNED.isdisjoint(_labels(record))


def profile(record: Any) -> Profile:
    """The record `PROFILE/self`, whatever is right of it."""
    if not isinstance(record, dict):
        return Profile()
    labels = _labels(record)
    about = (_text(record.get(key)) for key in ("displayName", "description"))
    said = [
        *(["signed-in-only"] if "!no-unauthenticated" in labels else []),
        *(["bot"] if "bot" in labels else []),
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


def with_whole_links(text: str, record: Mapping[str, Any]) -> str:
    """The text with the addresses of its links in full, in place of the shortened ones that are shown.

    What is shown as a link but is not an address stays: somebody wrote it.
    """
    if not (record.get("facets") or record.get("entities")) or len(text) > _LONGEST_TEXT:
        return text
    content = text.encode("utf-8", "surrogatepass")
    links = _facets(content, record.get("facets")) or _entities(text, record.get("entities"))
    parts, end = [], 0
    for start, stop, address in sorted(links):
        shown = content[start:stop].decode("utf-8", "replace")
        if start < end or not _ADDRESS.fullmatch(shown.removesuffix("...").removesuffix("…")):
            continue
        parts += [content[end:start], address.encode("utf-8", "surrogatepass")]
        end = stop
    return b"".join([*parts, content[end:]]).decode("utf-8", "surrogatepass")


def _facets(content: bytes, facets: Any) -> list[tuple[int, int, str]]:
    """The links of a text, as bytes from and to, and their addresses; none that cuts a letter in two."""
    links = []
    for facet in facets[:_MOST_LINKS] if isinstance(facets, list) else ():
        index, features = (facet.get("index"), facet.get("features")) if isinstance(facet, dict) else ({}, ())
        span = _span(index, "byteStart", "byteEnd", len(content))
        address = next(filter(None, map(_address, features if isinstance(features, list) else ())), None)
        if address and span and not any(at < len(content) and content[at] & 0xC0 == 0x80 for at in span):
            links.append((*span, address))
    return links


def _entities(text: str, entities: Any) -> list[tuple[int, int, str]]:
    """The same of records of 2023, which count in UTF-16."""
    units = text.encode("utf-16-le", "surrogatepass")
    links = []
    for entity in entities[:_MOST_LINKS] if isinstance(entities, list) else ():
        is_link = isinstance(entity, dict) and entity.get("type") == "link" and _is_web(entity.get("value"))
        span = _span(entity.get("index"), "start", "end", len(units) // 2) if is_link else None
        if span:
            try:
                first, last = (len(units[: 2 * at].decode("utf-16-le").encode()) for at in span)
            except UnicodeError:  # within a letter
                continue
            links.append((first, last, str(entity["value"])))
    return links


def _span(index: Any, first: str, last: str, size: int) -> tuple[int, int] | None:
    """From where to where a part of a text goes; None if it does not lie in it."""
    start, stop = (index.get(first), index.get(last)) if isinstance(index, dict) else (None, None)
    is_one = type(start) is int and type(stop) is int and 0 <= start < stop <= size
    return (start, stop) if is_one else None  # type: ignore[return-value]  # mypy does not follow type()


def _address(feature: Any) -> str | None:
    """Where a link leads; None if this is something else."""
    if not isinstance(feature, dict) or feature.get("$type") != "app.bsky.richtext.facet#link":
        return None
    return feature["uri"] if _is_web(feature.get("uri")) else None


def _is_web(address: Any) -> bool:
    return isinstance(address, str) and re.fullmatch(r"https?://\S+", address) is not None


def _is_to(reply: Any, did: str) -> bool:
    """Whether a reply goes to the account itself: a thread of its own."""
    parent = reply.get("parent") if isinstance(reply, dict) else None
    uri = parent.get("uri") if isinstance(parent, dict) else None
    return isinstance(uri, str) and uri.startswith(f"at://{did}/")


def _is_quote(embed: Any) -> bool:
    record = embed.get("record") if isinstance(embed, dict) else None
    inner = record.get("record") if isinstance(record, dict) else None  # with pictures of its own
    uris = [part.get("uri") for part in (record, inner) if isinstance(part, dict)]
    return any(isinstance(uri, str) and f"/{POST}/" in uri for uri in uris)


def _labels(record: Any) -> Sequence[str]:
    labels = record.get("labels") if isinstance(record, dict) else None
    values = labels.get("values") if isinstance(labels, dict) else None
    found = [
        value.get("val") for value in (values if isinstance(values, list) else ()) if isinstance(value, dict)
    ]
    return [value for value in found if isinstance(value, str)]


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
