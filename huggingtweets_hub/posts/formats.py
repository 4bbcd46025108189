"""Single records of the X API and its archives as posts; tables are read whole by `tables`."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from huggingtweets_hub.core.records import Account, Post
from huggingtweets_hub.posts.tables import dates, identity, record
from huggingtweets_hub.posts.tables.memory import Bound


def tweet(entry: Mapping[str, Any]) -> Post:
    """The post in a record that has a text; other missing fields stay None."""
    return record.post(entry)


def author(entry: Mapping[str, Any]) -> Account | None:
    """The account that a record names as its author, or that an object of a user describes."""
    return record.author(entry)


def moment(value: Any) -> datetime | None:
    """The time that a value stands for, in UTC; None if it is not a time."""
    return dates.moment(value)


def newest_first(tweets: Iterable[Post]) -> tuple[Post, ...]:
    """Each post once, newest first. Of posts with the same id, the first is kept.

    Raises:
        UnreadableFileError: They take up more memory than the posts of any account would.
    """
    seen: set[str] = set()
    once = []
    bound = Bound()
    for one in tweets:
        if one.id is None or one.id not in seen:
            bound.add(one.text)
            once.append(one)
            seen.update([one.id] if one.id else [])
    identity.sort_newest_first(once)
    return tuple(once)
