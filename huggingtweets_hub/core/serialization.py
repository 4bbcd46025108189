"""Records to JSON and back, with errors that say what is wrong."""

import dataclasses
import functools
import hashlib
import json
import math
import reprlib
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from huggingtweets_hub.core.errors import HuggingTweetsError, InvalidFactsError

T = TypeVar("T")

_LARGEST = 2**64
"""Of all whole numbers: larger ones may have no float, and digits that Python does not print."""


def to_json(record: Any) -> Any:
    """A record as JSON values: mappings, lists, strings, numbers, booleans and None; times by ISO 8601."""
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        return {f.name: to_json(getattr(record, f.name)) for f in dataclasses.fields(record)}
    if isinstance(record, Mapping):
        return {str(key): to_json(value) for key, value in record.items()}
    if isinstance(record, tuple | list):
        return [to_json(value) for value in record]
    if isinstance(record, date):  # a time is one, too
        return record.isoformat()
    return str(record) if isinstance(record, Path) else record


def from_json(cls: type[T], data: object, where: str = "") -> T:
    """A record of type `cls` from JSON values. Unknown keys are ignored.

    Raises:
        InvalidFactsError: A value is missing, of the wrong type or contradicts another; the message says
            which.
    """
    if not isinstance(data, Mapping):
        raise _wrong(where or cls.__name__, "an object", data)
    hints = _hints(typing.cast(Any, cls))
    values = {}
    for f in dataclasses.fields(cls):  # type: ignore[arg-type]  # T is one of the records
        place = f"{where}.{f.name}".lstrip(".")
        if f.name in data:
            values[f.name] = _value(hints[f.name], data[f.name], place)
        elif f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
            raise InvalidFactsError(f"{place!r} is missing.", f"Add {place!r} to the facts.")
    try:
        return cls(**values)
    except HuggingTweetsError as error:  # of the record itself, which does not know where it stands
        place = f"{where}: " if where else ""
        raise InvalidFactsError(f"{place}{error.message}", error.next_step) from error


@functools.cache
def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _value(hint: Any, value: Any, where: str) -> Any:
    """`value` converted to the type `hint`, one of those that the records use."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise InvalidFactsError(
            f"{where!r} is a whole number of {value.bit_length()} bits.", "No count is larger than 64 bits."
        )
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _value(args[0], value, where)
    if dataclasses.is_dataclass(hint):
        return from_json(typing.cast(type[Any], hint), value, where)
    if origin is tuple:
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list | tuple):
            raise _wrong(where, "a list", value)
        return tuple(_value(args[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if origin is dict:
        if not isinstance(value, Mapping):
            raise _wrong(where, "an object", value)
        return {str(key): _value(args[1], item, f"{where}.{key}") for key, item in value.items()}
    if origin is typing.Literal:
        if value not in args:
            raise _wrong(where, f"one of {', '.join(map(repr, args))}", value)
        return value
    if hint in (date, datetime):
        try:
            return hint.fromisoformat(value)
        except (TypeError, ValueError):
            raise _wrong(where, "a time by ISO 8601", value) from None
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise _wrong(where, {str: "a string", int: "a whole number"}.get(hint, "a number"), value)
    if isinstance(value, float) and not math.isfinite(value):
        raise _wrong(where, "a finite number", value)
    if isinstance(value, int | float) and value < 0:
        raise _wrong(where, "a number that is not below zero", value)
    return value


def _wrong(where: str, wanted: str, value: object) -> InvalidFactsError:
    return InvalidFactsError(
        f"{where!r} must be {wanted}, not {reprlib.repr(value)}.",
        "See 'huggingtweets card render --help' for an example.",
    )


def digest(*parts: object) -> str:
    """SHA-256 of values as JSON; equal values give the same digest."""
    content = json.dumps([to_json(part) for part in parts], sort_keys=True)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
