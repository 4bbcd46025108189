"""Turn a record of any known format into a `Post` and the account that posted it.

The known formats are X API v2 in both its dialects, v1.1, the official archives since 2013, flat rows of
a CSV or Parquet file, and the exports of twint, twscrape and snscrape. Each field has one table of the
names it goes by; the first one with a value wins. A dot steps into an object, and also matches the name of
a flattened column (`user.username`).
"""

import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.core.names import HANDLE
from huggingtweets_hub.core.records import Account, Post

TEXT = (
    "note_tweet.text",  # the full text of a long post; v2 cuts off `text`
    "note_post.text",
    "extended_tweet.full_text",  # the same in v1.1
    "full_text",
    "text",
    "rawContent",  # twscrape, snscrape
    "content",  # snscrape, older
    "tweet",  # twint
)
_ID = ("id_str", "id", "tweet_id")
_CREATED_AT = ("created_at", "createdAt", "date", "datetime", "timestamp")
_LANGUAGE = ("lang", "language")
_RETWEET_FLAGS = ("is_retweet", "isRetweet", "retweet")  # v1.1's `retweeted` is about the reader
_RETWEET_MARKS = ("retweeted_status", "retweeted_status_id", "retweetedTweet", "retweet_id")
_REPLY_FLAGS = ("is_reply", "isReply")
_REPLY_MARKS = (
    "in_reply_to_status_id_str",
    "in_reply_to_status_id",
    "in_reply_to_user_id_str",
    "in_reply_to_user_id",
    "inReplyToTweetId",
)
_REFERENCES = ("referenced_tweets", "referenced_posts")
_HANDLE = (
    "user.username",
    "user.screen_name",
    "author.username",
    "username",
    "screen_name",
    "user",
    "author",
)
_NAME = ("user.displayname", "user.name", "author.name", "displayname", "name")
_ACCOUNT_ID = ("user.id_str", "user.id", "author.id_str", "author.id", "author_id", "user_id", "account_id")
_AVATAR = tuple(
    prefix + name
    for prefix in ("user.", "author.", "")
    for name in (
        "profileImageUrlHttps",
        "profileImageUrl",
        "profile_image_url_https",
        "profile_image_url",
    )
)
_SPELLING = {
    name.lower(): name
    for table in (TEXT, _ID, _CREATED_AT, ("time", "timezone"), _LANGUAGE, _RETWEET_FLAGS, _RETWEET_MARKS,
                  _REPLY_FLAGS, _REPLY_MARKS, ("reply_to",), _REFERENCES, _HANDLE, _NAME, _AVATAR,
                  _ACCOUNT_ID)
    for name in table
}  # fmt: skip

_MISSING = {"", "nan", "nat", "none", "null", "<na>", "[]", "{}"}
_TRUE = {"true", "t", "yes", "1", "1.0"}
_TIMES = ("%a %b %d %H:%M:%S %z %Y", "%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S UTC")
_EPOCH = re.compile(r"[0-9]{9,19}(\.[0-9]*)?")
_INTEGER_ID = re.compile(r"[0-9]{1,20}")
_ROUNDED_ID = re.compile(r"([0-9]+)\.0|[0-9.]+[eE]\+?[0-9]+")
_EXACT_FLOAT = 2.0**53
_LARGEST = 2 << 30  # bytes: about five million tweets, more than a person posts
_BESIDE_TEXT = 300  # bytes that a tweet takes up besides its text
_REFERENCE_TYPE = re.compile(r"\btype['\"]?[:=] ?['\"]?(\w+)")
_REPLIED_TO = re.compile(r"'(?:screen_name|username)': '(\w+)'")


def tweet(record: Mapping[str, Any]) -> Post:
    """The tweet in a record that has a text (see `has_text`); other missing fields stay None."""
    record = _unwrapped(record)
    text = _text(record)
    references = _references(record)
    return Post(
        text=text,
        id=_id(record),
        created_at=_created_at(record),
        lang=_shared(_string(record, _LANGUAGE)),
        is_retweet=text.startswith("RT @")
        or "retweeted" in references
        or _is_marked(record, _RETWEET_FLAGS, _RETWEET_MARKS),
        is_reply="replied_to" in references
        or _is_marked(record, _REPLY_FLAGS, _REPLY_MARKS)
        or _replies_to_another(record),
    )


def author(record: Mapping[str, Any]) -> Account | None:
    """The account that a record names as its author, or that a user object describes."""
    record = _unwrapped(record)
    for path in _HANDLE:
        handle = _value(record, path)
        if isinstance(handle, str) and HANDLE.fullmatch(handle.removeprefix("@")) and not is_missing(handle):
            avatar = _string(record, _AVATAR)
            return Account(
                handle=handle.removeprefix("@"),
                name=_string(record, _NAME) or "",
                avatar_url=avatar and avatar.replace("_normal.", "_400x400."),
                id=_account_id(record),
            )
    return None


def has_text(record: Mapping[str, Any]) -> bool:
    """Whether the record has a field for a tweet's text, even if it is empty."""
    record = _unwrapped(record)
    return any(path in record for path in TEXT)


def column(name: str) -> str:
    """The name of a column as these tables spell it, or unchanged if they do not have it."""
    return _SPELLING.get(name.strip().lower(), name.strip())


def newest_first(tweets: Iterable[Post]) -> tuple[Post, ...]:
    """Each tweet once, newest first.

    By descending id if every tweet has a numeric one; else by time if every tweet has one; else in their
    original order. Of tweets with the same id, the first is kept.

    Raises:
        UnreadableFileError: They take up more memory than the posts of any account would.
    """
    seen: set[str] = set()
    once = []
    bound = Bound()
    for one in tweets:
        if one.id is None or one.id not in seen:
            bound.add(one)
            once.append(one)
            seen.update([one.id] if one.id else [])
    if all(one.id and _INTEGER_ID.fullmatch(one.id) for one in once):
        once.sort(key=lambda one: int(one.id or 0), reverse=True)
    elif all(one.created_at for one in once):
        once.sort(key=lambda one: one.created_at or datetime.min, reverse=True)
    return tuple(once)


class Bound:
    """Counts the memory that tweets take up: a small file can unpack to any number of them."""

    def __init__(self) -> None:
        self._taken = 0

    def add(self, one: Post) -> None:
        """Count one more.

        Raises:
            UnreadableFileError: They are more than any account would have.
        """
        self._taken += sys.getsizeof(one.text) + _BESIDE_TEXT
        if self._taken > _LARGEST:
            raise UnreadableFileError(
                f"There are more than {_LARGEST >> 20:,} MiB of tweets.",
                "Use a file of one account, or only its newest tweets.",
            )


def moment(value: Any) -> datetime | None:
    """The time that a value stands for, in UTC; None if it is not a time.

    A time without a zone is read as UTC; a number as seconds or smaller units since 1970.
    """
    if is_missing(value):
        return None
    try:
        found = value if isinstance(value, datetime) else _parsed(str(value).strip())
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def is_missing(value: Any) -> bool:
    """Whether a value means "nothing", as written in files that have no null."""
    if isinstance(value, str):
        return value.strip().lower() in _MISSING
    # Only NaN and NaT differ from themselves.
    return value is None or bool(value != value) or value in ([], {})


def _shared(word: str | None) -> str | None:
    """The word, kept only once in memory for all tweets."""
    return sys.intern(word) if word and len(word) < 16 else word


def _unwrapped(record: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = record.get("tweet")
    return inner if isinstance(inner, Mapping) else record


def _value(record: Mapping[str, Any], path: str) -> Any:
    if path in record or "." not in path:
        return record.get(path)
    outer, _, name = path.partition(".")
    inner = record.get(outer)
    return inner.get(name) if isinstance(inner, Mapping) else None


def _string(record: Mapping[str, Any], paths: Iterable[str]) -> str | None:
    return next((str(v) for path in paths if not is_missing(v := _value(record, path))), None)


def _account_id(record: Mapping[str, Any]) -> str | None:
    """The author's id, unless a float has rounded it."""
    values = (_value(record, path) for path in _ACCOUNT_ID)
    return next((str(v) for v in values if isinstance(v, str | int) and _INTEGER_ID.fullmatch(str(v))), None)


def _text(record: Mapping[str, Any]) -> str:
    # Not `is_missing`: a tweet may consist of the word "None".
    return next((v for path in TEXT if isinstance(v := _value(record, path), str) and v), "")


def _id(record: Mapping[str, Any]) -> str | None:
    """The id, unless a float or a spreadsheet has rounded it: then several tweets would share it."""
    for path in _ID:
        value = _value(record, path)
        if is_missing(value) or (isinstance(value, float) and value >= _EXACT_FLOAT):
            continue
        rounded = _ROUNDED_ID.fullmatch(str(value))
        if not rounded or rounded[1]:
            return rounded[1] if rounded else str(value).strip()
    return None


def _created_at(record: Mapping[str, Any]) -> datetime | None:
    day, time, zone = (_value(record, name) for name in ("date", "time", "timezone"))
    if not is_missing(day) and not is_missing(time):  # twint
        offset = f" {zone}" if str(zone).startswith(("+", "-")) else ""
        if found := moment(f"{day} {time}{offset}"):
            return found
    return next((found for path in _CREATED_AT if (found := moment(_value(record, path)))), None)


def _parsed(text: str) -> datetime:
    if _EPOCH.fullmatch(text):
        seconds = float(text)
        while seconds >= 1e11:  # beyond the year 5000: a smaller unit
            seconds /= 1000
        return datetime.fromtimestamp(seconds, UTC)
    with suppress(ValueError):
        return datetime.fromisoformat(text)  # takes a tenth of the time of the others
    for pattern in _TIMES:
        with suppress(ValueError):
            return datetime.strptime(text, pattern)
    raise ValueError(text)


def _is_marked(record: Mapping[str, Any], flags: Iterable[str], marks: Iterable[str]) -> bool:
    return any(str(_value(record, name)).strip().lower() in _TRUE for name in flags) or any(
        not is_missing(_value(record, name)) for name in marks
    )


def _references(record: Mapping[str, Any]) -> set[str]:
    """How a v2 post refers to others: `retweeted`, `replied_to`, `quoted`."""
    found: set[str] = set()
    for name in _REFERENCES:
        value = record.get(name)
        if isinstance(value, str):  # a column of a CSV
            found.update(_REFERENCE_TYPE.findall(value))
        elif isinstance(value, list):
            found.update(str(one.get("type")) for one in value if isinstance(one, Mapping))
    return found


def _replies_to_another(record: Mapping[str, Any]) -> bool:
    """Twint's `reply_to`: the accounts replied to, which in older versions include the author."""
    value = record.get("reply_to")
    if is_missing(value):
        return False
    names = {name.lower() for name in _REPLIED_TO.findall(str(value))}
    return not names or bool(names - {str(record.get("username")).lower()})
