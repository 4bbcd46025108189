"""What the fields of a record say: its text, id, time and language."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from huggingtweets_hub.core import languages
from huggingtweets_hub.posts.tables import dates, texts, values
from huggingtweets_hub.posts.tables.layout import Field, Fields
from huggingtweets_hub.posts.tables.meanings import Kind, Meaning
from huggingtweets_hub.posts.tables.names import REMARK
from huggingtweets_hub.posts.tables.written_dates import Numeric

_HEADING = re.compile(r"[^\n]{0,80}\n@\w{1,15}\n·")  # what a page shows above a post
_PIECES = ('{"text":', '{"takeoutSegments":')
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[apAP]\.?[mM]\.?)?")


def text(fields: Fields) -> tuple[str, str] | None:
    """The text and its column: the whole one, else the first that is one; None if there is none."""
    columns = fields.get(Meaning.TEXT, ())
    plain = [field for field in columns if field.kind is not Kind.DERIVED] or columns
    own = [field for field in columns if field.rank < REMARK] or columns
    # A post may consist of the word "None" or of a number, but not where another column has more.
    return next((one for one in _texts(own) if _is_text(one[0])), None) or next(
        (one for one in _texts(plain) if one[0]), None
    )


def _texts(columns: Iterable[Field]) -> Iterator[tuple[str, str]]:
    """What columns hold that is a text, with their names."""
    return ((value, field.label) for field in columns if (value := _said(field.value)) is not None)


def is_in_pieces(fields: Fields) -> bool:
    """Whether the text stands there as Takeout writes it."""
    return any(str(field.value).startswith(_PIECES) for field in fields.get(Meaning.TEXT, ()))


def _said(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, str):
        if value.startswith(_PIECES):
            return _in_one(value)
        return values.unwrapped(value) if value[:1] == "=" else value
    return None


def _in_one(pieces: str) -> str:
    """A text of which Takeout writes each piece as an object of JSON; anything else as it is."""
    with suppress(ValueError, TypeError, RecursionError):
        found = json.loads(f"[{pieces}]", strict=False)
        found = found[0].get("takeoutSegments", found)
        return "".join(piece["text"] for piece in found if "text" in piece)
    return pieces


def _is_text(value: str) -> bool:
    """Whether a value can only be a text: not a number, a link, or what a page shows above a post."""
    return not (values.is_nothing(value) or values.number(value) is not None or _HEADING.match(value))


def rival(fields: Fields) -> tuple[Field, Field] | None:
    """Two columns that could both be the text and say different things in this record."""
    candidates = [field for field in fields.get(Meaning.TEXT, ()) if _is_wordy(_said(field.value))]
    if len(candidates) < 2 or candidates[0].kind is not Kind.PLAIN:
        return None
    first, *others = [field for field in candidates if field.kind is Kind.PLAIN]
    return next(
        ((first, other) for other in others if not agree(_shown(first.value), _shown(other.value))), None
    )


def _shown(value: str) -> str:
    """A text, also where it is HTML."""
    return texts.plain(value) if texts.is_markup(value) else value


def _is_wordy(value: str | None) -> bool:
    """Whether a value is more than a word, a number or a link."""
    return bool(value) and _is_text(str(value)) and (" " in str(value).strip() or not str(value).isascii())


def agree(one: str, other: str) -> bool:
    """Whether two texts are the same, or one is the other cut off."""
    one, other = sorted((" ".join(one.split()), " ".join(other.split())), key=len)
    return other.startswith(one.removesuffix("…").removesuffix("...").rstrip())


def ids(fields: Fields) -> list[tuple[str, str]]:
    """The columns that hold an id, and the ids, the likeliest first; a link to the post comes last."""
    found = [
        (field.label, number)
        for field in fields.get(Meaning.ID, ())
        if (number := values.post_id(field.value))
    ]
    for field in fields.get(Meaning.LINK, ()):
        if number := values.link(field.value)[1]:
            found.append((field.label, number))
            break
    return found


def time(fields: Fields) -> tuple[datetime | Numeric | str, str] | None:
    """The time and its column; the first that can be read. A day as a spreadsheet counts stays as written."""
    days = fields.get(Meaning.TIME, ())
    clocks = fields.get(Meaning.CLOCK, ())
    for field in days:
        if clocks and (both := _with_clock(field, clocks[0], fields)):
            return both, field.label
        if (found := dates.read(field.value)) is not None:
            return found, field.label
        if not values.is_nothing(field.value) and dates.is_serial(field.value):
            return str(field.value).strip(), field.label
    for field in clocks:
        if (found := dates.read(field.value)) is not None:
            return found, field.label
    return None


def _with_clock(day: Field, clock: Field, fields: Fields) -> datetime | Numeric | None:
    """A day and a time of day that stand in two columns, with the zone beside them."""
    if (
        values.is_nothing(day.value)
        or ":" in str(day.value)
        or not _CLOCK.fullmatch(str(clock.value).strip())
    ):
        return None
    zones = fields.get(Meaning.ZONE, ())
    zone = dates.zone(zones[0].value) if zones else ""
    return dates.read(f"{day.value} {clock.value} {zone}".strip())


def unread_time(fields: Fields) -> Field | None:
    """A field that should hold the time and has a value."""
    for meaning in (Meaning.TIME, Meaning.CLOCK):
        for field in fields.get(meaning, ()):
            if not values.is_nothing(field.value):
                return field
    return None


def language(fields: Fields) -> str | None:
    """The ISO 639 code of the language, None if it is not known."""
    for field in fields.get(Meaning.LANGUAGE, ()):
        written = language_written(field)
        if written is not None and (code := languages.code(written)):
            return code
    return None


def language_written(field: Field) -> str | None:
    """The language of a field as it is written, also as the only one of a list."""
    value = field.value
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, str) else None
