"""Rows of JSON without the names of their columns, such as pairs of a text and its time."""

import re
from collections.abc import Mapping
from typing import Any

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts.tables import dates

_WIDEST = 20  # cells
_LONG_ID = re.compile("[0-9]{15,}")  # shorter numbers may be anything


def as_record(row: Any, name: str) -> dict[str, Any] | None:
    """A row with a time or an id, and one text, as a record; None for anything else.

    A list that is not within another is one of texts, and not to be asked for here.

    Args:
        name: The file's, for messages.

    Raises:
        UnreadableFileError: It has several texts.
    """
    if type(row) is not list or not 1 < len(row) <= _WIDEST or any(isinstance(cell, Mapping) for cell in row):
        return None
    times = [cell for cell in row if dates.is_sure(cell)]
    ids = [cell for cell in row if isinstance(cell, str | int) and _LONG_ID.fullmatch(str(cell))]
    texts = [cell for cell in row if isinstance(cell, str) and cell not in (*times, *ids)]
    if not (times or ids) or not texts:
        return None
    if len(texts) > 1:
        raise UnreadableFileError(
            f"{name} holds rows without the names of their columns, such as {row!r:.100}.",
            'Add a first row with the column names, for instance ["created_at", "author", "text"].',
        )
    return {"text": texts[0], "created_at": next(iter(times), None), "id": next(iter(ids), None)}


def by_keys(texts: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The records of an object that has nothing but texts, by their ids or times; none of anything else."""
    if len(texts) < 2 or not all(isinstance(text, str) for text in texts.values()):
        return []
    records = [as_record([key, text], name) for key, text in texts.items()]
    return [*filter(None, records)] if all(records) else []
