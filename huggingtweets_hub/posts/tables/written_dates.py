"""Times as people write them, in the languages of those who do: a day, a clock and a zone, in any order."""

import functools
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

MONTHS = {
    name: number
    for number, names in enumerate(
        # English, German, French, Spanish, Portuguese, Italian, Dutch: no name means two months.
        ("jan january januar janv janvier ene enero janeiro gen gennaio januari",
         "feb february februar févr février febrero fev fevereiro febbraio februari",
         "mar march mär märz mrz mars marzo março mrt maart",
         "apr april avr avril abr abril aprile",
         "may mai mayo maio mag maggio mei",
         "jun june juni juin junio junho giu giugno",
         "jul july juli juil juillet julio julho lug luglio",
         "aug august août aou ago agosto augustus",
         "sep sept september septembre septiembre set setembro settembre",
         "oct october okt oktober octobre octubre out outubro ott ottobre",
         "nov november novembre noviembre novembro",
         "dec december dez dezember déc décembre dic diciembre dezembro dicembre"), 1)
    for name in names.split()
}  # fmt: skip
_DAYS = (
    "mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    "|(?:mo|di|mi|do|fr|sa|so)(?=[.,])|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
    # Not `mar`, which is a month, too.
    "|lun|mer|jeu|ven|sam|dim|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    "|mié|jue|vie|sáb|dom|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
    "|(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?"
    "|gio|sab|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica"
)
_WORDS = re.compile(
    rf"\b(?:{_DAYS}|at|on|of|de|del|um|uhr|le|el|à|às|alle|ore|a las)\b|(?<=\d)(?:st|nd|rd|th)\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:\s*([ap])\.?\s?m\.?(?![a-z]))?",
    re.IGNORECASE,
)
_HOUR = re.compile(r"\b(\d{1,2})\s?([ap])\.?m\.?(?![a-z])", re.IGNORECASE)
_OFFSET = re.compile(
    r"(?:\b(?:GMT|UTC|Z)\s?)?(?<![\d/.])([+-])(\d{2}):?(\d{2})\b(?!\s*[-/.]\d)(?:\s+(?:UTC|GMT))?"
    r"|\b(?:GMT|UTC)\s?([+-])(\d{1,2})\b(?!\s*[-/.:]?\d)"
)
_ZONE = re.compile(r"\b([A-Z]{1,5})\b")
_REMARK = re.compile(r"\([^()]*\)\s*\Z")
_CHINESE = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")  # also in other tongues
_HALF = re.compile(r"(午前|上午|오전|午後|下午|오후)\s?(\d{1,2}:\d{2}(?::\d{2})?)")
_WITH_H = re.compile(r"\b(\d{1,2})\s?h\s?(\d{2})\b")  # 22h50, in French and Portuguese
_YEAR_FIRST = re.compile(r"\b(\d{4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,2})\b")
_COMPACT = re.compile(r"\b((?:19|20)\d{2})(\d{2})(\d{2})\b")
_NUMERIC = re.compile(r"\b(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4}|(?<=[/.])\d{2})\b")
_WITH_MONTH = re.compile(
    r"\b(?:(\d{1,2})[\s\-./]*)?([^\W\d_]{3,10})\b[.,]?[\s\-./]*(?:(\d{1,2})(?![\d:])\b)?[\s,\-./]*(\d{4}|(?<=-)\d{2})\b"
)
_SPLIT = re.compile(
    r"\b(?:([A-Za-z]{3,9}) +(\d{1,2})|(\d{1,2}) +([A-Za-z]{3,9}))\b[\s,]*\x00(?:\s*[+-]\d{4})?[^\d]*?"
    r"\b((?:19|20)\d{2})\b",
    re.DOTALL,
)
_BETWEEN = re.compile(r"[\s,;·•|T\-–—@.]*")
# Those of RFC 2822 and the ones that stand for one offset only; IST, BST, AST and CST stand for several.
ZONES = {"UTC": 0, "GMT": 0, "Z": 0, "UT": 0, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT":
          -6, "PST": -8, "PDT": -7, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3,
          "JST": 9, "KST": 9, "HKT": 8, "SGT": 8, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "AKST":
          -9, "AKDT": -8, "HST": -10, "BRT": -3}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Numeric:
    """A date of two small numbers and a year, of which it is not said which is the day.

    Attributes:
        mark: What stands between the numbers.
    """

    first: int
    second: int
    year: int
    clock: timedelta
    zone: timezone | None
    mark: str

    def __str__(self) -> str:
        return f"{self.first}{self.mark}{self.second}{self.mark}{self.year}"

    def dated(self, *, day_first: bool) -> datetime | None:
        """The time in UTC with the day first, or second; None if the calendar has no such day."""
        day, month = (self.first, self.second) if day_first else (self.second, self.first)
        with suppress(ValueError, OverflowError):
            return in_utc(datetime(self.year, month, day, tzinfo=self.zone) + self.clock)
        return None


def in_utc(value: datetime) -> datetime | None:
    """The time in UTC, also where it names no zone; None if that is before the year 1 or after 9999."""
    try:
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


@functools.lru_cache(maxsize=8192)
def read_written(text: str) -> datetime | Numeric | None:
    """A time in one of the forms that people read, with nothing in it that is not understood."""
    rest = _CHINESE.sub(r" \1-\2-\3 ", _without_remark(text).replace("_", " "))
    rest = _WITH_H.sub(r"\1:\2", _HALF.sub(_of_half, rest))
    rest, clock = _taken_clock(rest)
    if clock is None:
        return None
    day, rest = _taken_date(rest)
    if day is None:
        return None
    zone, rest = _taken_zone(rest)
    if not _BETWEEN.fullmatch(_WORDS.sub(" ", rest)):
        return None
    if isinstance(day, Numeric):
        found = replace(day, clock=clock, zone=zone)
        return found if max(day.first, day.second) <= 31 and min(day.first, day.second) >= 1 else None
    year, month, number = day
    return in_utc(datetime(year, month, number, tzinfo=zone) + clock)


def _of_half(found: re.Match[str]) -> str:
    """A time of day with its half in Japanese, Chinese or Korean, as one of 24 hours."""
    hour, colon, rest = found[2].partition(":")
    return f"{int(hour) % 12 + 12 * (found[1] in ('午後', '下午', '오후'))}{colon}{rest}"


def _without_remark(text: str) -> str:
    """The text without brackets at its end, which repeat the zone, or say it."""
    found = _REMARK.search(text)
    if not found:
        return text
    outside = text[: found.start()]
    says_zone = _OFFSET.search(outside) or any(zone in ZONES for zone in _ZONE.findall(outside))
    return outside if says_zone else f"{outside} {found[0].strip()[1:-1]}"


def _taken_clock(text: str) -> tuple[str, timedelta | None]:
    """The text without its time of day, and that time; None if no clock shows it."""
    found = _CLOCK.search(text)
    if found:
        hour, minute, second, fraction, half = found.groups()
    elif found := _HOUR.search(text):
        (hour, half), minute, second, fraction = found.groups(), "0", None, None
    else:
        return text, timedelta(0)
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            return text, None
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    if hours > 23 or int(minute) > 59 or int(second or 0) > 60:
        return text, None
    parts = timedelta(
        hours=hours,
        minutes=int(minute),
        seconds=int(second or 0),
        microseconds=int((fraction or "0").ljust(6, "0")[:6]),
    )
    return f"{text[: found.start()]} \0 {text[found.end() :]}", parts


def _taken_date(text: str) -> tuple[Any, str]:
    """The date in a text, as (year, month, day) or `Numeric`, and the text without it."""
    found = _YEAR_FIRST.search(text)
    if found:
        day: Any = (int(found[1]), int(found[3]), int(found[4]))
    elif found := _NUMERIC.search(text):
        if len(found[4]) == 2 and int(found[1]) > 12 and int(found[4]) <= 31:
            return None, text  # the year may as well stand first
        year = int(found[4]) + (2000 if len(found[4]) == 2 else 0)
        day = Numeric(int(found[1]), int(found[3]), year, timedelta(0), None, found[2])
    elif found := _month_and_day(text):
        before, name, after, year_text = found.groups()
        year = int(year_text) + (2000 if len(year_text) == 2 else 0)
        day = (year, MONTHS[name.lower()], int(before or after))
    elif split := _split_month(text):
        return split
    elif found := _COMPACT.search(text):
        day = (int(found[1]), int(found[2]), int(found[3]))
    else:
        return None, text
    return day, text[: found.start()] + " " + text[found.end() :]


def _month_and_day(text: str) -> re.Match[str] | None:
    """`12 Mar 2021`, `Mar 12, 2021`."""
    for found in _WITH_MONTH.finditer(_WORDS.sub(lambda word: " " * len(word[0]), text)):
        if found[2].lower() in MONTHS and bool(found[1]) != bool(found[3]):
            return found
    return None


def _split_month(text: str) -> tuple[tuple[int, int, int], str] | None:
    """`Mon Apr 06 22:19:45 PDT 2009`, `Mon 06 Apr 22:19:45 PDT 2009`: the time stands before the year."""
    found = _SPLIT.search(text)
    name, number = (found[1] or found[4], found[2] or found[3]) if found else ("", "")
    if not found or name.lower() not in MONTHS:
        return None
    rest = (
        text[: found.start()] + text[found.end(2 if found[1] else 4) : found.start(5)] + text[found.end(5) :]
    )
    return (int(found[5]), MONTHS[name.lower()], int(number)), rest


def _taken_zone(text: str) -> tuple[timezone | None, str]:
    """The zone that a text names, and the text without it; a name that says no offset stays in it."""
    text = text.replace("\0", " ")
    if found := _OFFSET.search(text):
        minutes = int(found[2] or found[5]) * 60 + int(found[3] or 0)
        is_west = "-" in (found[1], found[4])
        zone = timezone(timedelta(minutes=-minutes if is_west else minutes)) if minutes < 1440 else None
        return zone, text[: found.start()] + " " + text[found.end() :]
    for found in _ZONE.finditer(text):
        if found[1] in ZONES:
            return timezone(timedelta(hours=ZONES[found[1]])), text[: found.start()] + " " + text[
                found.end() :
            ]
    return None, text
