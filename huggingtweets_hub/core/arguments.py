"""What a Python program passes: refused at the door where it is of a kind that nothing could be done with."""

import functools
import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar

from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.spelling import unknown
from huggingtweets_hub.core.text import whole

P = ParamSpec("P")
T = TypeVar("T")

_PLAIN = {bool: "true or false", int: "a whole number", float: "a number", str: "a string", Path: "a path"}


def checked(work: Callable[P, T]) -> Callable[P, T]:
    """Let a function refuse names that it does not have, and plain values that its annotations do not allow.

    These are texts, paths, numbers, booleans, choices and None. What may be anything else, too, is left to
    the function.
    """
    names = list(inspect.signature(work).parameters)

    @functools.wraps(work)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        if misspelt := next((name for name in kwargs if name not in names), None):
            raise unknown(misspelt, names)
        for name, given in (dict(zip(names, args, strict=False)) | kwargs).items():
            kinds = _plain_kinds(work).get(name, ())
            if kinds and not any(_is_of(given, kind) for kind in kinds):
                raise _wrong(name, given, " or ".join(filter(None, map(_wanted, kinds))))
        return work(*args, **kwargs)

    return call


@functools.cache
def _plain_kinds(work: Callable[..., Any]) -> dict[str, tuple[Any, ...]]:
    """What each parameter may be that takes plain values only."""
    found = {}
    for name, hint in typing.get_type_hints(work).items():
        is_union = isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union
        kinds = typing.get_args(hint) if is_union else (hint,)
        if all(kind in (*_PLAIN, types.NoneType) or typing.get_origin(kind) is Literal for kind in kinds):
            found[name] = kinds
    return found


def _is_of(given: object, kind: Any) -> bool:
    if typing.get_origin(kind) is Literal:
        return isinstance(given, str) and given in typing.get_args(kind)
    if kind in (int, float):
        is_number = isinstance(given, int | float if kind is float else int) and not isinstance(given, bool)
        return is_number and abs(typing.cast(float, given)) <= sys.float_info.max
    return isinstance(given, kind)


def _wanted(kind: Any) -> str:
    """What it may be, in words; none for None."""
    return _PLAIN.get(kind, "") or " or ".join(typing.get_args(kind))


def one(name: str, given: object) -> str | Path:
    """A text or a path.

    Raises:
        InvalidInputError: It is something else.
    """
    if not isinstance(given, str | Path):
        raise _wrong(name, given, "a string or a path")
    return given


def several(name: str, given: object) -> tuple[str | Path, ...]:
    """One text or path, or a list of them, whose letters are never taken for its items.

    Raises:
        InvalidInputError: It is something else.
    """
    if isinstance(given, str | Path):
        return (given,)
    if not isinstance(given, Iterable) or isinstance(given, bytes | Mapping):
        raise _wrong(name, given, "a string or a list of strings")
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


def require_prompt(prompt: str) -> None:
    """Make sure that a prompt can be encoded.

    Raises:
        InvalidInputError: It holds half of a character.
    """
    if whole(prompt) != prompt:
        raise InvalidInputError(
            f"The prompt {prompt!r:.60} is not valid Unicode.",
            'Give it as UTF-8, for instance "My dream is".',
        )


def _wrong(name: str, given: object, wanted: str) -> InvalidInputError:
    return InvalidInputError(f"{name} cannot be {given!r:.80}.", f"Give {wanted}.")
