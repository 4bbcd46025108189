"""Options that several verbs share, each declared once."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import click

from huggingtweets_hub import settings
from huggingtweets_hub.records.names import HANDLE

F = TypeVar("F", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A day, as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            self.fail(f"{value!r} is no day; write it as 2024-12-31.", param, ctx)


def _combined(*options: Callable[[F], F]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


output_format = _combined(
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
    click.option("-q", "--quiet", is_flag=True, help="Print only the id or path."),
)

selection = _combined(
    click.option("--max-tweets", type=click.IntRange(min=1), help="Take the newest N."),
    click.option("--since", type=Day(), help="Take tweets from this day on (UTC)."),
    click.option("--until", type=Day(), help="Take tweets up to this day (UTC)."),
    click.option("--no-replies", is_flag=True, help="Leave replies out."),
    click.option(
        "--max-cost",
        type=click.FloatRange(min=0),
        default=settings.DEFAULT_MAX_COST_USD,
        show_default=True,
        metavar="USD",
        help="What reading from the X API may cost.",
    ),
)


def split_source(text: str) -> tuple[str | None, str]:
    """`HANDLE=SOURCE` as its parts; the handle is None where only a source is given."""
    handle, equals, spec = text.partition("=")
    if equals and HANDLE.fullmatch(handle.removeprefix("@")):
        return handle, spec
    return None, text
