"""Posts of Bluesky as they lie in repositories, and as its API and other programs give them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

POST = "app.bsky.feed.post"
"""The collection of posts."""

_AT = re.compile(rf"at://(did:[a-z]+:[\w.:%-]+)/{POST}/([\w.~-]+)")
_MOST_LINKS, _LONGEST_TEXT = 100, 10_000  # the network allows 300 characters
_WARNED = frozenset({"porn", "sexual", "nudity", "graphic-media", "gore", "!warn", "!hide"})
_ADDRESS = re.compile(r"(?:https?://)?[^\s/.]+(?:\.[^\s/.]+)+(?:/\S*)?", re.IGNORECASE)


def as_table(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A post with what its links, labels and embeds say; any other record as it is."""
    text = record.get("text")
    if record.get("$type") != POST or not isinstance(text, str):
        return record
    warning = {"cw": "a label"} if is_warned(record) else {}
    quoted = is_quote(record.get("embed"))
    return {**record, "text": with_whole_links(text, record), "is_quote": quoted, **warning}


def address(record: Mapping[str, Any]) -> dict[str, str]:
    """The repository and the key of a post, as an author's id and a post's, as far as they are told."""
    uri, did, commit = record.get("uri"), record.get("did"), record.get("commit")
    if isinstance(uri, str) and (found := _AT.fullmatch(uri)):
        return {"author_id": found[1], "id": found[2]}
    if not isinstance(did, str) or not did.startswith("did:"):
        return {}
    key = commit.get("rkey") if isinstance(commit, Mapping) else record.get("rkey")
    return {"author_id": did, **({"id": key} if isinstance(key, str) else {})}


def with_address(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A record with its address in columns of their own."""
    return {**address(record), **record}


def is_warned(record: Any) -> bool:
    """Whether the author has put a content warning on a post."""
    return not _WARNED.isdisjoint(labels(record))


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


def is_quote(embed: Any) -> bool:
    """Whether what is embedded in a post is another post."""
    record = embed.get("record") if isinstance(embed, dict) else None
    inner = record.get("record") if isinstance(record, dict) else None  # with pictures of its own
    uris = [part.get("uri") for part in (record, inner) if isinstance(part, dict)]
    return any(isinstance(uri, str) and f"/{POST}/" in uri for uri in uris)


def labels(record: Any) -> Sequence[str]:
    """The labels that the author has put on a record."""
    own = record.get("labels") if isinstance(record, dict) else None
    values = own.get("values") if isinstance(own, dict) else None
    found = [
        value.get("val") for value in (values if isinstance(values, list) else ()) if isinstance(value, dict)
    ]
    return [value for value in found if isinstance(value, str)]
