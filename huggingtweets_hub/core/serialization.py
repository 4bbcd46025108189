"""Records to JSON and back, with errors that say what is wrong."""

import dataclasses
import functools
import hashlib
import json
import math
import reprlib
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from huggingtweets_hub.core.errors import HuggingTweetsError, InvalidFactsError

T = TypeVar("T")
_Reader = Callable[[Any, str], Any]
"""Checks a value of JSON and converts it; with where it stands, for errors."""

_LARGEST = 2**64
"""Of all whole numbers: larger ones may have no float, and digits that Python does not print."""


def to_json(record: Any) -> Any:
    """A record as JSON values: mappings, lists, strings, numbers, booleans and None; times by ISO 8601."""
    if record is None or isinstance(record, str | int | float):
        return record
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        return {f.name: to_json(getattr(record, f.name)) for f in dataclasses.fields(record)}
    if isinstance(record, Mapping):
        return {str(key): to_json(value) for key, value in record.items()}
    if isinstance(record, tuple | list):
        return [to_json(value) for value in record]
    if isinstance(record, date):  # a time is one, too
        return record.isoformat()
    return str(record) if isinstance(record, Path) else record


def mapping(content: bytes) -> dict[str, Any]:
    """A JSON object; empty if it is none."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return as_object(found)


def as_object(value: object) -> dict[str, Any]:
    """A value of JSON, if it is an object; else an empty one."""
    return value if isinstance(value, dict) else {}


def from_json(cls: type[T], data: object, where: str = "") -> T:
    """A record of type `cls` from JSON values. Unknown keys are ignored; null is as good as missing.

    Raises:
        InvalidFactsError: A value is missing, of the wrong type or contradicts another; the message says
            which.
    """
    if not isinstance(data, Mapping):
        raise _wrong(where or cls.__name__, "an object", data)
    values = {}
    for name, read, is_needed in _fields(typing.cast(Any, cls)):
        place = f"{where}.{name}" if where else name
        if is_needed and name not in data:
            raise InvalidFactsError(f"{place!r} is missing.", f"Add {place!r} to the facts.")
        if is_needed or data.get(name) is not None:
            values[name] = read(data[name], place)
    try:
        return cls(**values)
    except HuggingTweetsError as error:  # of the record itself, which does not know where it stands
        place = f"{where}: " if where else ""
        raise InvalidFactsError(f"{place}{error.message}", error.next_step) from error


@functools.cache
def _fields(cls: Any) -> tuple[tuple[str, _Reader, bool], ...]:
    """Of each field of a record its name, what reads it, and whether it has to be there."""
    hints = typing.get_type_hints(cls)
    missing = dataclasses.MISSING
    return tuple(
        (f.name, _reader(hints[f.name]), f.default is missing and f.default_factory is missing)
        for f in dataclasses.fields(cls)
    )


@functools.cache
def _reader(hint: Any) -> _Reader:
    """What converts a value to the type `hint`, one of those that the records use."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        read = _reader(args[0])
        return lambda value, where: None if value is None else read(value, where)
    if dataclasses.is_dataclass(hint):
        return functools.partial(from_json, typing.cast(type[Any], hint))
    if origin is typing.Literal:
        return functools.partial(_choice, args)
    if origin is tuple:
        return functools.partial(_list, _reader(args[0]))
    if origin is dict:
        return functools.partial(_mapping, _reader(args[1]))
    return functools.partial(_time if hint in (date, datetime) else _plain, hint)


def _list(read: _Reader, value: Any, where: str) -> tuple[Any, ...]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | tuple):
        raise _wrong(where, "a list", value)
    return tuple(read(item, f"{where}[{i}]") for i, item in enumerate(value))


def _mapping(read: _Reader, value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(where, "an object", value)
    return {str(key): read(item, f"{where}.{key}") for key, item in value.items()}


def _choice(choices: tuple[Any, ...], value: Any, where: str) -> Any:
    if value not in choices:
        raise _wrong(where, f"one of {', '.join(map(repr, choices))}", value)
    return value


def _time(kind: type[date], value: Any, where: str) -> date:
    try:
        return kind.fromisoformat(value)
    except (TypeError, ValueError):
        raise _wrong(where, "a time by ISO 8601", value) from None


def _plain(kind: type[Any], value: Any, where: str) -> Any:
    is_one = isinstance(value, kind) or (kind is float and isinstance(value, int))
    is_other = isinstance(value, bool) and kind is not bool  # which Python takes for a whole number
    if not is_one or is_other or (isinstance(value, int) and abs(value) > _LARGEST):
        raise _wrong(where, {str: "a string", int: "a whole number"}.get(kind, "a number"), value)
    if kind not in (int, float):
        return value
    if not math.isfinite(value):
        raise _wrong(where, "a finite number", value)
    if value < 0:
        raise _wrong(where, "a number that is not below zero", value)
    return kind(value)


def _wrong(where: str, wanted: str, value: object) -> InvalidFactsError:
    if isinstance(value, int) and abs(value) > _LARGEST:
        return InvalidFactsError(
            f"{where!r} is a whole number of {value.bit_length()} bits.", "No count is larger than 64 bits."
        )
    return InvalidFactsError(
        f"{where!r} must be {wanted}, not {reprlib.repr(value)}.",
        "See 'huggingtweets card render --help' for an example.",
    )


def digest(*parts: object) -> str:
    """SHA-256 of values as JSON; equal values give the same digest."""
    return sha256(json.dumps([to_json(part) for part in parts], sort_keys=True))


def sha256(text: str) -> str:
    """SHA-256 of a text, which may hold half of a character, as a damaged export does."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
