"""What a Python program passes: refused at the door where it is of a kind that nothing could be done with."""

import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path

from huggingtweets_hub.core.errors import InvalidInputError


def one(name: str, given: object) -> str | Path:
    """A text or a path.

    Raises:
        InvalidInputError: It is something else.
    """
    if not isinstance(given, str | Path):
        raise _wrong(name, given, "a text or a path")
    return given


def several(name: str, given: object) -> tuple[str | Path, ...]:
    """One text or path, or a list of them, whose letters are never taken for its items.

    Raises:
        InvalidInputError: It is something else.
    """
    if isinstance(given, str | Path):
        return (given,)
    if not isinstance(given, Iterable) or isinstance(given, bytes | Mapping):
        raise _wrong(name, given, "a text or a list of texts")
    return tuple(one(name, item) for item in given)


def require_object(name: str, given: object, protocol: type) -> None:
    """Make sure that an object of a program's own has what a protocol asks for, before it is needed.

    Raises:
        InvalidInputError: It lacks something, or it is a class and not an object of it.
    """
    methods = (name for name, value in vars(protocol).items() if inspect.isfunction(value))
    wanted = [name for name in (*inspect.get_annotations(protocol), *methods) if not name.startswith("_")]
    missing = [name for name in wanted if not hasattr(given, name)]
    if missing or isinstance(given, type):
        raise _wrong(name, given, f"an object with {', '.join(wanted)}, as docs/python.md shows")


def _wrong(name: str, given: object, wanted: str) -> InvalidInputError:
    return InvalidInputError(f"{name} cannot be {given!r:.80}.", f"Give {wanted}.")
