"""Options of the command line, made from the records in which they are said once."""

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, TypeVar

import click

from huggingtweets_hub.core import accounts, options
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.names import model_named
from huggingtweets_hub.core.option_values import Spec

F = TypeVar("F", bound=Callable[..., Any])

source_help = (
    "x (the X API, the default), bluesky (the default for Bluesky handles), mastodon or sample; an X or "
    "Mastodon archive, a Bluesky .car file, or a Threads, Instagram or Reddit export, just as you downloaded "
    "it; or a table of posts (.csv, .tsv, .json, .jsonl, .parquet, .txt)."
)


class Value(click.ParamType[Any]):
    """What an option takes: read and refused by its own rules, as everywhere else."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.name = spec.about.metavar or "|".join(spec.choices) or spec.kind.__name__

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value."""
        try:
            return self._spec.read(value) if isinstance(value, str) else self._spec.check(value)
        except InvalidInputError as error:
            self.fail(str(error), param, ctx)


class FilePath(click.Path):
    """A path; not an empty one, as of a variable that is not set, which would be where one stands.

    Nor an address, which a path would change.
    """

    def __init__(self, **rules: Any) -> None:
        super().__init__(path_type=Path, **rules)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        if value == "":
            self.fail("The path is empty. Give a path.", param, ctx)
        if "://" in str(value):
            self.fail(f"{value!r:.200} is an address. Give a path on this machine.", param, ctx)
        return super().convert(value, param, ctx)


class Model(click.ParamType[str]):
    """A folder or a repo id, also from the address of a model's page on the Hub."""

    name = "model"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The folder or repo id."""
        return model_named(str(value))


def of(record: type, *, without: Collection[str] = ()) -> Callable[[F], F]:
    """The options of a record, for a command that takes them by the names of its fields."""

    def decorate(function: F) -> F:
        for spec in reversed(list(options.by_flag(record, without=without).values())):
            function = _option(spec)(function)
        return function

    return decorate


def _option(spec: Spec) -> Callable[[F], F]:
    if spec.kind is bool:
        turned = _turned if spec.is_negated else None
        about = spec.about.off or spec.about.help
        return click.option(f"--{spec.flag}", spec.name, is_flag=True, help=about, callback=turned)
    if spec.about.keys:
        return click.option(
            f"--{spec.flag}",
            spec.name,
            type=Value(spec),
            multiple=True,
            callback=_together,
            metavar=spec.about.metavar,
            help=f"{spec.about.help.replace('`', '')} Can be repeated.",
        )
    short = (f"-{spec.about.short}",) if spec.about.short else ()
    return click.option(
        *short,
        f"--{spec.flag}",
        spec.name,
        type=Value(spec),
        default=spec.default,
        show_default=spec.default is not None,
        metavar=spec.about.metavar or f"[{'|'.join(spec.choices)}]",
        help=spec.about.help.replace("`", ""),
    )


def _turned(_: click.Context, __: click.Parameter, value: bool) -> bool:
    """An option that is on by default is turned off by its flag."""
    return not value


def _together(
    _: click.Context, __: click.Parameter, parts: tuple[dict[str, str], ...]
) -> dict[str, str] | None:
    """The pairs of an option that was repeated, as one mapping."""
    return {key: value for part in parts for key, value in part.items()} or None


def combined(*parts: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator."""

    def decorate(function: F) -> F:
        for part in reversed(parts):
            function = part(function)
        return function

    return decorate


_quiet = click.option("-q", "--quiet", is_flag=True, help="Print only the id or path.")
output_format = combined(
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object."), _quiet
)
output_lines = combined(
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line."), _quiet
)
"""Those of a verb that does several things at once."""
open_page = click.option("--open", "is_opened", is_flag=True, help="Open the card in the browser.")
template = click.option(
    "--template",
    default="default",
    show_default=True,
    metavar="default|classic|PATH",
    help="The card's template.",
)


def split_source(text: str) -> tuple[str | None, str]:
    """`HANDLE=SOURCE` as its parts; the handle is None if only a source is given."""
    handle, equals, spec = text.partition("=")
    if equals and accounts.is_handle(handle) and not os.path.exists(text):
        return handle, spec
    return None, text
