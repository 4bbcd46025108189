"""Times as programs and people write them; never one that could be another.

`3/4/2017` is the third of April or the fourth of March: a single value cannot tell, a column can (`times`).
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from huggingtweets_hub.posts.tables.values import is_nothing, unwrapped
from huggingtweets_hub.posts.tables.written_dates import MONTHS, ZONES, Numeric, in_utc, read_written

_EPOCH = re.compile(r"[0-9]{9,19}([.,][0-9]*)?|[0-9]([.,][0-9]+)?[eE]\+?[0-9]{1,2}")
_DIGITS = re.compile(r"((?:19|20)\d{2})([01]\d)([0-3]\d)([0-2]\d)([0-5]\d)([0-5]\d)?Z?")
_FIRST_EPOCH, _LAST_EPOCH = 9.4e8, 4.2e9  # the end of 1999, and 2103
_SURE, _LONGEST_SURE = re.compile(r"[0-9][-/.: ][0-9A-Za-z]|[a-z] [0-9]"), 60
_SERIAL = re.compile(r"[2-6][0-9]{4}([.,][0-9]+)?")  # days, as a spreadsheet counts them: 1954 to 2091
_SERIAL_ZERO = datetime(1899, 12, 30, tzinfo=UTC)
_OF_X = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([0-9]{2}) ([0-9:]{8}) \+0000 ([0-9]{4})")
_LONGEST = 80
NEAR = timedelta(days=2)
"""How far a written time is at most from the one in a post's id, whatever its zone and precision."""


def moment(value: Any) -> datetime | None:
    """The time that a single value stands for, in UTC; None if it is not one, or could be two.

    A time without a zone is read as UTC; a number as seconds or smaller units since 1970.
    """
    found = read(value)
    if isinstance(found, Numeric):
        return found.dated(day_first=found.first > 12) if max(found.first, found.second) > 12 else None
    return found


def read(value: Any) -> datetime | Numeric | None:
    """The time in UTC; where the day and the month cannot be told apart, the numbers; None if it is none."""
    if isinstance(value, str) and value[10:11] == "T" and value[-1] == "Z":  # as most programs write it
        with suppress(ValueError):
            return datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return in_utc(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, Mapping):  # as MongoDB exports it
        value = value.get("$date")
        value = value.get("$numberLong") if isinstance(value, Mapping) else value
    if isinstance(value, bool) or is_nothing(value):
        return None
    text = unwrapped(str(value)).strip("'\"")
    try:
        return _read(text) if len(text) <= _LONGEST else None
    except (ValueError, OverflowError):
        return None


def is_sure(value: Any) -> bool:
    """Whether a value can only be a time: written out, or in seconds since 1970 as a number."""
    if isinstance(value, str):
        return _SURE.search(value[:_LONGEST_SURE]) is not None and read(value) is not None
    return isinstance(value, int | float) and _FIRST_EPOCH <= value <= _LAST_EPOCH


def zone(value: Any) -> str:
    """A zone as it is written behind a time; empty where it is not known how far it is from UTC."""
    if is_nothing(value):
        return ""
    text = str(value).strip()
    if found := re.fullmatch(r"([+-]?)(\d{1,4})(?:\.0)?", text):  # 200 and -800 are hours and minutes
        return f"{found[1] or '+'}{int(found[2]):04d}"
    return text if text in ZONES or re.fullmatch(r"[+-]\d{2}:\d{2}", text) else ""


def is_serial(value: Any) -> bool:
    """Whether a value may be a day as a spreadsheet counts them; only a whole column can say so."""
    return bool(_SERIAL.fullmatch(str(value).strip()))


def of_serial(value: Any) -> datetime:
    """The time of a spreadsheet's day number."""
    return _SERIAL_ZERO + timedelta(seconds=round(float(str(value).replace(",", ".")) * 86400))


def of_id(number: str | None) -> datetime | None:
    """When X gave a post its id; None for ids from before November 2010, and for others'."""
    if number is None or not number.isascii() or not number.isdigit() or not 16 <= len(number) <= 20:
        return None
    # https://github.com/twitter-archive/snowflake: milliseconds since this moment, above 22 further bits
    posted = datetime(2010, 11, 4, 1, 42, 54, 657000, UTC) + timedelta(milliseconds=int(number) >> 22)
    return posted if posted.year < 2100 else None


def _read(text: str) -> datetime | Numeric | None:
    if (found := _OF_X.fullmatch(text)) and found[1].lower() in MONTHS:  # most frequent besides ISO 8601
        month, day, clock, year = found.groups()
        return datetime.fromisoformat(f"{year}-{MONTHS[month.lower()]:02}-{day}T{clock}+00:00")
    if found := _DIGITS.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    if _EPOCH.fullmatch(text):
        return _of_epoch(float(text.replace(",", ".")))
    if len(text) > 8:  # shorter ones are days without a dash, or years
        with suppress(ValueError):
            return in_utc(datetime.fromisoformat(text))
    return read_written(text)


def _of_epoch(seconds: float) -> datetime | None:
    """Seconds or smaller units since 1970; None for a number that counts something else."""
    while seconds >= _LAST_EPOCH:
        seconds /= 1000
    return datetime.fromtimestamp(seconds, UTC) if seconds >= _FIRST_EPOCH else None
