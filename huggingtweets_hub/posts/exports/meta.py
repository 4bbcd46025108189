"""The exports of Threads and Instagram, as JSON."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.core.records import Post
from huggingtweets_hub.core.text import one_line
from huggingtweets_hub.posts.exports.kinds import Kind
from huggingtweets_hub.posts.json_cursor import BadJsonError
from huggingtweets_hub.posts.json_stream import JsonStream, LongList
from huggingtweets_hub.posts.tables import dates

_THREADS = "text_post_app_text_posts"
_ASK = (
    "Ask for a new one in the Accounts Center: Your information and permissions > Export your information. "
    "Choose the format JSON, and English as your language before you do."
)
_COPY = r"(?: \(\d+\))?"
_FIRST_KEY = re.compile(
    r'\s*\[?\s*\{\s*"(?:media|title|creation_timestamp|timestamp|label_values|fbid)"\s*:', re.DOTALL
)
# Of media.json, which Instagram gave until 2020; it also lists stories, messages and pictures of oneself.
_OLD_KEY = re.compile(r'\s*\{\s*"(?:photos|videos|stories|profile|direct)"\s*:\s*\[')
_OLD_LISTS = ("photos", "videos")
_VIDEOS = ("ig_reels_media", "ig_igtv_media")
_VIDEOS_KEY = re.compile(rf'\s*\{{\s*"(?:{"|".join(_VIDEOS)})"\s*:\s*\[')
_LISTS = (_THREADS, *_OLD_LISTS, *_VIDEOS)
_FIRST_YEAR = 2010  # of Instagram
_CAPTION = "caption"


def _is_threads(beginning: str) -> bool:
    return f'"{_THREADS}"' in beginning and beginning.lstrip().startswith("{")


def _is_instagram(beginning: str) -> bool:
    is_old = _OLD_KEY.match(beginning) is not None and '"taken_at"' in beginning and '"path"' in beginning
    return (
        is_old
        or _VIDEOS_KEY.match(beginning) is not None
        or (
            _FIRST_KEY.match(beginning) is not None
            and '"media"' in beginning
            and '"attachments"' not in beginning  # of Facebook's posts
            and ('"creation_timestamp"' in beginning or '"label_values"' in beginning)
        )
    )


def _posts(stream: TextIO, name: str, passed_over: Counter[str]) -> Iterator[Post]:
    """The posts of a file, of either network.

    Raises:
        UnreadableFileError: It is not valid JSON, or names its captions in another language than English.
    """
    unlabelled: Mapping[str, Any] | None = None
    is_said = False
    try:
        for value in JsonStream(stream).values():
            for entry in _entries(value):
                if not isinstance(entry, Mapping):
                    continue
                text = _text(entry)
                if text is None:
                    unlabelled = unlabelled or entry
                    passed_over["without a caption that could be identified"] += 1
                elif text or _when(entry):
                    is_said = is_said or bool(text)
                    yield Post(text=text, created_at=_when(entry), is_reply=_is_reply(entry))
    except BadJsonError as error:
        raise UnreadableFileError(
            f"Line {error.line} of {name} is not valid JSON: {error.excerpt!r}.",
            f"Unpack the export again. If that does not help: {_ASK} ({error.why})",
        ) from error
    if unlabelled and not is_said:
        labels = ", ".join(_labels(unlabelled)) or "none"
        raise UnreadableFileError(
            f"{name} does not say in English which of its labels is the caption: {one_line(labels)}.", _ASK
        )


def _entries(value: Any) -> Iterator[Any]:
    """The posts in a value of a file, each of which may be one."""
    lists = (value.get(key) for key in _LISTS) if isinstance(value, Mapping) else ()
    found = [one for one in lists if isinstance(one, list | LongList)]
    yield from itertools.chain.from_iterable(found or [[value]])


def _text(entry: Mapping[str, Any]) -> str | None:
    """What a post says; None if it has labels of which none says that it is the caption.

    It stands beside one picture, or above several.
    """
    for place in (entry, *_media(entry)):
        for key in ("title", "caption"):
            if isinstance(said := place.get(key), str) and said:
                return _repaired(said)
    labels = _labels(entry)
    if not labels:
        return ""
    return next((text for label, text in labels.items() if label.strip().casefold() == _CAPTION), None)


def _labels(entry: Mapping[str, Any]) -> dict[str, str]:
    """What newer exports say of a post, by labels that are in the language of its author."""
    found = entry.get("label_values")
    return {
        _repaired(one["label"]): _repaired(one["value"])
        for one in (found if isinstance(found, list) else ())
        if isinstance(one, Mapping)
        and isinstance(one.get("label"), str)
        and isinstance(one.get("value"), str)
    }


def _when(entry: Mapping[str, Any]) -> datetime | None:
    for place in (entry, *_media(entry)):
        for key in ("creation_timestamp", "timestamp"):
            seconds = place.get(key)
            if isinstance(seconds, int) and 0 < seconds < 1 << 33:
                when = datetime.fromtimestamp(seconds, UTC)
                return when if when.year >= _FIRST_YEAR else None
    return dates.moment(entry.get("taken_at"))


def _is_reply(entry: Mapping[str, Any]) -> bool:
    about = (place.get("text_app_post") for place in (entry, *_media(entry)))
    return any(isinstance(one, Mapping) and one.get("is_reply") is True for one in about)


def _media(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    media = entry.get("media")
    if isinstance(media, Mapping):
        return [media]
    return [one for one in media if isinstance(one, Mapping)] if isinstance(media, list) else []


def _repaired(text: str) -> str:
    """The text, which Meta writes as if its UTF-8 were Latin-1."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


THREADS = Kind(
    network="threads",
    source="threads_export",
    names=re.compile(rf"threads_and_replies(?:_\d+)?{_COPY}\.json", re.IGNORECASE),
    is_one=_is_threads,
    posts=_posts,
    ask=_ASK,
    other_form=re.compile(r"threads_and_replies.*\.html", re.IGNORECASE),
)
INSTAGRAM = Kind(
    network="instagram",
    source="instagram_export",
    names=re.compile(rf"(?:posts_\d+|media|reels|igtv_videos){_COPY}\.json", re.IGNORECASE),
    is_one=_is_instagram,
    posts=_posts,
    ask=_ASK,
    other_form=re.compile(r"posts_\d+.*\.html", re.IGNORECASE),
)
