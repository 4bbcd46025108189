"""One record of a source that gives them one by one: the X API, an archive, an export of a user."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from huggingtweets_hub.core.records import Account, Post
from huggingtweets_hub.posts.tables import authors, fields, marks
from huggingtweets_hub.posts.tables.layout import Fields, Layout
from huggingtweets_hub.posts.tables.meanings import Meaning

_PLAIN = Layout()


def fields_of(record: Mapping[str, Any]) -> Fields:
    """The fields of a record by meaning."""
    return _PLAIN.fields(record)


def has_text(record: Mapping[str, Any]) -> bool:
    """Whether the record has a field for a post's text, even if it is empty."""
    return any(isinstance(field.value, str) for field in _PLAIN.fields(record).get(Meaning.TEXT, ()))


def post(record: Mapping[str, Any]) -> Post:
    """The post in a record that has a text; other missing fields stay None."""
    found = _PLAIN.fields(record)
    said, _ = fields.text(found) or ("", "")
    bits = marks.of(found, said)
    when = fields.time(found)
    return Post(
        text=said,
        id=next((number for _, number in fields.ids(found)), None),
        created_at=when[0] if when and isinstance(when[0], datetime) else None,
        lang=fields.language(found),
        is_retweet=bool(bits & (marks.RETWEET | marks.MAYBE[Meaning.RETWEET])),
        is_reply=bool(bits & (marks.REPLY | marks.MAYBE[Meaning.REPLY])),
        is_quote=bool(bits & marks.QUOTE) if found.keys() & {Meaning.QUOTE, Meaning.REFERENCES} else None,
    )


def author(record: Mapping[str, Any], wanted: str | None = None) -> Account | None:
    """The account that a record names as its author, or that an object of a user describes.

    Args:
        wanted: The account that is asked for, as in `authors.handles`.
    """
    found = _PLAIN.fields(record)
    # A number tells authors apart, and names none.
    found[Meaning.AUTHOR] = [
        one for one in found.get(Meaning.AUTHOR, ()) if not isinstance(one.value, int | float)
    ]
    best = authors.handles(found, wanted).best()
    return authors.account(authors.about(found), best[1]) if best else None
