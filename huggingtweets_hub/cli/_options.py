"""Options that several verbs share, each declared once."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import click

from huggingtweets_hub.core import settings
from huggingtweets_hub.core.names import HANDLE

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

publication = _combined(
    selection,
    click.option(
        "--base-model",
        default=settings.DEFAULT_BASE_MODEL,
        show_default=True,
        metavar="ID|PATH|scratch",
        help="What to fine-tune.",
    ),
    click.option(
        "--recipe", type=click.Choice(["default", "original"]), default="default", help="How to train."
    ),
    click.option("--epochs", type=click.IntRange(min=1), help="Passes over the tweets."),
    click.option("--learning-rate", type=float, help="The highest learning rate."),
    click.option("--seed", type=int, default=settings.DEFAULT_SEED, show_default=True),
    click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto"),
    click.option(
        "--template",
        default="default",
        show_default=True,
        metavar="default|classic|PATH",
        help="The card's template.",
    ),
    click.option("--prompt", default=settings.DEFAULT_PROMPT, show_default=True, help="The card's example."),
    click.option(
        "--samples",
        type=click.IntRange(min=1),
        default=settings.DEFAULT_SAMPLES,
        show_default=True,
        help="How many texts to write and measure; the card shows the first five.",
    ),
    click.option(
        "--consent",
        type=click.Choice(["self", "written", "fictional"]),
        help="On what grounds the tweets are used; the card says it.",
    ),
    click.option(
        "--tracker",
        type=click.Choice(["auto", "wandb", "trackio", "none"]),
        default="auto",
        show_default=True,
        help="Where to record the run; auto is W&B where it has a key.",
    ),
    click.option("--track-texts", is_flag=True, help="Give the tracker the texts, not only their digests."),
    click.option("--namespace", metavar="NAME|@me", help="Whose repository; @me is your own."),
    click.option("--repo-id", metavar="NAMESPACE/NAME", help="The repository, in full."),
    click.option("--private", is_flag=True, help="Make a new repository private."),
    click.option("--create-pr", is_flag=True, help="Open a pull request instead of a commit."),
    click.option("--dry-run", is_flag=True, help="Everything but the push; a later run pushes this result."),
    click.option("--force", is_flag=True, help="Commit though nothing changed."),
    click.option(
        "--min-new",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        metavar="N",
        help="Train a published account again only when it has N new kept tweets.",
    ),
    click.option("--rebuy", is_flag=True, help="Read again from the X API what is kept already."),
    click.option("--overwrite", is_flag=True, help="Replace what is not ours, or was edited by hand."),
)


def split_source(text: str) -> tuple[str | None, str]:
    """`HANDLE=SOURCE` as its parts; the handle is None where only a source is given."""
    handle, equals, spec = text.partition("=")
    if equals and HANDLE.fullmatch(handle.removeprefix("@")):
        return handle, spec
    return None, text
