"""`status`: what the ledger holds."""

import json
import time
from collections import Counter
from collections.abc import Sequence

import click

from huggingtweets_hub.batch.ledger import STATES, Attempt, State
from huggingtweets_hub.batch.status import batch_status
from huggingtweets_hub.cli import _output

_LONGEST_REASON = 90


@click.command()
@click.argument("models", nargs=-1, metavar="[REPO]...")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(STATES), help="Those in this state; repeatable."
)
@click.option(
    "--kind", metavar="KIND", help="Those that failed with this kind of error, such as no_x_credits."
)
@click.option("--all", "is_all", is_flag=True, help="Also those that are published.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("-q", "--quiet", is_flag=True, help="Print only the repo ids.")
def status(
    models: tuple[str, ...],
    states: tuple[State, ...],
    kind: str | None,
    is_all: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Show what batches have done on this machine: what failed and why, what is left.

    With a REPO, every attempt to publish it.

    \b
    Examples:
      {program} status                              counts, and all that is not published
      {program} status --state failed --json        to look through by a program
      {program} status huggingtweets/nasa           each attempt
    """
    found = batch_status(models)
    shown = batch_status(models, states=states, kind=kind)
    if not (models or states or kind or is_all or as_json or quiet):
        shown = tuple(attempt for attempt in shown if not attempt.is_done)
    if as_json or quiet:
        from huggingtweets_hub.batch.recorder import described

        for attempt in shown:
            click.echo(json.dumps(described(attempt), ensure_ascii=False) if as_json else attempt.repo_id)
        return
    _output.table(("model", "state", "try", "when", "took", "why, or at what stage"), _rows(shown))
    counts = Counter(attempt.state for attempt in found)
    said = ", ".join(f"{counts[state]:,} {state}" for state in STATES if counts[state])
    click.echo(f"{said or 'No batch has run here yet'}.", err=True)


def _rows(attempts: Sequence[Attempt]) -> list[Sequence[str]]:
    return [
        (
            attempt.repo_id,
            attempt.state,
            str(attempt.number),
            _ago(attempt.ended or attempt.began),
            f"{attempt.seconds:,.0f} s" if attempt.seconds is not None else "",
            _reason(attempt),
        )
        for attempt in attempts
    ]


def _reason(attempt: Attempt) -> str:
    if attempt.message:
        said = f"{attempt.message} ({attempt.remedy})" if attempt.remedy else attempt.message
        return said if len(said) <= _LONGEST_REASON else f"{said[: _LONGEST_REASON - 1]}…"
    return attempt.commit or (attempt.stage if attempt.state in ("running", "interrupted") else "") or ""


def _ago(moment: float | None) -> str:
    if moment is None:
        return ""
    seconds = max(0.0, time.time() - moment)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"
