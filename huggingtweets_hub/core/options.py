"""Options said once: the fields of a record, with their choices, bounds and help.

From such a record come the keywords of a Python function (`takes`), the options of the command line and the
keys of a users file. Behind every door a value is refused in the same words (`option_values`).
"""

import functools
import inspect
import re
import types
import typing
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar

from huggingtweets_hub.core.option_values import Option, Spec
from huggingtweets_hub.core.spelling import unknown

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

LARGEST_SEED = 2**32 - 1
"""Of all generators of random numbers that are seeded, numpy takes the smallest range."""


def option(default: Any, help: str, **about: Any) -> Any:
    """A field of a record that is an option (`Option` has the further arguments)."""
    return field(default=default, metadata={"option": Option(help=help, **about)})


@functools.cache
def specs(record: Any) -> dict[str, Spec]:
    """The options of a record by their fields' names, in their order."""
    hints = typing.get_type_hints(record)
    return {
        f.name: _spec(
            f.name, hints[f.name], None if f.default is MISSING else f.default, f.metadata["option"]
        )
        for f in fields(record)
        if "option" in f.metadata
    }


def checked(record: Any) -> None:
    """Check every option of a record that is being made; to be called by its `__post_init__`.

    Raises:
        InvalidInputError: The first that cannot be used.
    """
    for name, spec in specs(record.__class__).items():
        value = getattr(record, name)
        if (good := spec.check(value)) is not value:
            object.__setattr__(record, name, good)


def takes(record: Callable[P, R]) -> Callable[[Callable[[R], T]], Callable[P, T]]:
    """Let a function that works on a record be called with the record's fields as its arguments.

    Type checkers see the fields' names, types and defaults; so does `help`, with what is said of each.
    """

    def decorate(work: Callable[[R], T]) -> Callable[P, T]:
        parameters = inspect.signature(record).parameters
        returned = typing.get_type_hints(work).get("return", inspect.Signature.empty)

        @functools.wraps(work)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            for name in kwargs:
                if name not in parameters:
                    raise unknown(name, parameters)
            return work(record(*args, **kwargs))

        call.__dict__["__signature__"] = inspect.Signature(
            list(parameters.values()), return_annotation=returned
        )
        call.__doc__ = _documented(work.__doc__ or "", typing.cast(type, record))
        del call.__dict__["__wrapped__"]
        return call

    return decorate


def values(record: Any, kind: type[T]) -> T:
    """The part of a record that another, which it extends, has too."""
    return kind(**{f.name: getattr(record, f.name) for f in fields(typing.cast(Any, kind))})


def _spec(name: str, hint: Any, default: Any, about: Option) -> Spec:
    parts = list(typing.get_args(hint)) if isinstance(hint, types.UnionType) or _is_union(hint) else [hint]
    choices = tuple(
        word for part in parts if typing.get_origin(part) is Literal for word in typing.get_args(part)
    )
    plain = [part for part in parts if part in (int, float, bool, date, Path, str)]
    kind = (
        str if choices else next(iter(sorted(plain, key=[date, Path, int, float, bool, str].index)), object)
    )
    own = [part for part in parts if part not in (*plain, types.NoneType) and not typing.get_args(part)]
    return Spec(
        name=name,
        kind=kind,
        choices=choices,
        protocol=next(iter(own), None),
        is_optional=types.NoneType in parts,
        default=default,
        about=about,
    )


def _is_union(hint: Any) -> bool:
    return typing.get_origin(hint) is typing.Union


def _documented(doc: str, record: type) -> str:
    """A docstring with a line for each option in the place of `{options}`, with others named as arguments."""
    lines = [f"        {name}: {_as_arguments(spec.about.help)}" for name, spec in specs(record).items()]
    return doc.replace("        {options}", "\n".join(lines))


def _as_arguments(text: str) -> str:
    """Words about options of the command line, for who gives them as arguments."""
    text = re.sub(r"--(\w+) (self)\b", r'`\1="\2"`', text)
    return re.sub(r"--([a-z-]+)", lambda found: f"`{found[1].replace('-', '_')}`", text)


def by_flag(record: type, *, without: Collection[str] = ()) -> Mapping[str, Spec]:
    """The options by their names on the command line and in a users file."""
    return {spec.flag: spec for name, spec in specs(record).items() if name not in without}
