"""Long posts: the archive cuts them off, and has their full texts in a file of their own."""

import bisect
import html
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from huggingtweets_hub.core.records import Post
from huggingtweets_hub.posts import formats
from huggingtweets_hub.posts.x_archive.scripts import at

_IS_CUT = re.compile(r"(?:…|https?://t\.co/\w+)\s*\Z")
_LINK = re.compile(r"https?://\S+")
_MENTIONS = re.compile(r"(?:@\w{1,15}\s+)*")
# How far apart the times of a post and its note may be, by the characters that they must have in common:
# seconds for any, an hour (in which posts can be edited) only where it cannot be chance.
_AT_ONCE, _SOON, _WITHIN_AN_HOUR = (2, 1), (30, 20), (3600, 100)
_MOST_LIKE_IT = 1000
_NEAREST = 5


@dataclass(frozen=True, slots=True)
class Note:
    """The full text of a long post.

    Attributes:
        said: Its comparable part.
    """

    said: str
    text: str
    posted: datetime | None


def notes(records: Iterable[Mapping[str, Any]]) -> Iterator[Note]:
    """The notes in the records of `note-tweet.js`."""
    for record in records:
        note = record.get("noteTweet", record)
        text = at(note, "core", "text")
        if isinstance(text, str) and (said := _said(text)):
            yield Note(said, text, formats.moment(at(note, "createdAt")))


def completed(posts: Sequence[Post], found: Iterable[Note]) -> tuple[Post, ...]:
    """The posts, the long ones with their full text.

    A note belongs to the post that has all of the note's beginning and was posted next to it. The note of
    a reply lacks the mentions of those replied to; they stay in front.
    """
    known = sorted(found, key=lambda note: note.said)
    if not known:
        return tuple(posts)
    pairs = sorted(
        (apart, number, place)
        for number, post in enumerate(posts)
        if _IS_CUT.search(post.text)
        for apart, place in _nearest(post, known)
    )
    whole: dict[int, str] = {}
    used: set[int] = set()
    for _, number, place in pairs:  # those that are closest in time first
        if number not in whole and place not in used:
            whole[number] = _with_mentions(posts[number].text, known[place].text)
            used.add(place)
    return tuple(replace(p, text=whole[n]) if n in whole else p for n, p in enumerate(posts))


def _nearest(post: Post, known: Sequence[Note]) -> list[tuple[float, int]]:
    """The notes that begin like the post: how many seconds apart each is, and its place."""
    beginning = _said(post.text)
    if not beginning:
        return []
    first = bisect.bisect_left(known, beginning, key=lambda note: note.said)
    alike = itertools.takewhile(
        lambda place: known[place].said.startswith(beginning),
        range(first, min(first + _MOST_LIKE_IT, len(known))),
    )
    apart = ((_apart(post.created_at, known[place].posted), place) for place in alike)
    return sorted(one for one in apart if _may_be_one(one[0], len(beginning)))[:_NEAREST]


def _may_be_one(apart: float, shared: int) -> bool:
    return any(apart <= most and shared >= least for most, least in (_AT_ONCE, _SOON, _WITHIN_AN_HOUR))


def _apart(one: datetime | None, other: datetime | None) -> float:
    if one is None or other is None:
        return _WITHIN_AN_HOUR[0]  # no better than the farthest
    return abs((one - other).total_seconds())


def _with_mentions(cut: str, text: str) -> str:
    """The note's text behind those mentions of the post that it lacks."""
    own = _leading(text)
    lacking = [mention for mention in _leading(cut) if mention.lower() not in {one.lower() for one in own}]
    return " ".join([*lacking, text])


def _leading(text: str) -> list[str]:
    found = _MENTIONS.match(text.lstrip())
    return found[0].split() if found else []


def _said(text: str) -> str:
    """The comparable part of a long post: without links and leading mentions, which differ."""
    said = " ".join(_LINK.sub(" ", html.unescape(text)).split())
    return _MENTIONS.sub("", said, count=1).removesuffix("…").rstrip()
