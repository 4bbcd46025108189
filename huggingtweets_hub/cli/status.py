"""`status`: what the ledger holds."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from huggingtweets_hub.batch import status as ledger
from huggingtweets_hub.batch.ledger import STATES, Attempt, State
from huggingtweets_hub.batch.status import batch_status
from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.core.errors import HuggingTweetsError, InvalidInputError
from huggingtweets_hub.core.text import visible

_LONGEST_REASON = 90
_NEXT = {
    "permanent": "skips it until its entry or file changes",
    "retry": "tries it again",
    "person": "tries it again",
}


@click.command()
@click.argument("models", nargs=-1, metavar="[REPO|USERS_FILE]...", type=_options.Model())
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(STATES),
    help="Those in this state; repeatable.",
)
@click.option(
    "--kind",
    metavar="KIND",
    help="Those that failed with this kind of error; an unknown one lists them all.",
)
@click.option("--all", "is_all", is_flag=True, help="Also show those that are published.")
@click.option(
    "--forget", "gone", multiple=True, metavar="REPO", help="Forget a model's attempts; repeatable."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@click.option("-q", "--quiet", is_flag=True, help="Print only the repo ids.")
def status(
    models: tuple[str, ...],
    states: tuple[State, ...],
    kind: str | None,
    is_all: bool,
    gone: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> None:
    """Show what batches have done on this machine: what failed and why, and what is left.

    Jobs now running on rented machines come first.

    With a REPO, shows every attempt to publish it. With a USERS_FILE, shows the models of that file, and
    lists any others.

    \b
    Examples:
      {program} status                        # counts, and everything not published
      {program} status users.yaml             # the models of this file
      {program} status --state failed --json  # for a program to read
      {program} status huggingtweets/nasa     # every attempt
      {program} status --forget my-org/nasa   # stop showing it
    """
    if gone:
        ledger.forget(gone)
        click.echo(f"Forgotten: {', '.join(map(visible, gone))}.", err=True)
        return
    if not (models or states or kind or quiet):
        _show_jobs(as_json=as_json)
    models, users = _users(models)
    found = batch_status(models, users=users)
    shown = batch_status(models, states=states, kind=kind, users=users) if states or kind else found
    others = [] if users is None else _others(found, batch_status(states=states, kind=kind))
    if not (models or states or kind or is_all or as_json or quiet):
        shown = tuple(attempt for attempt in shown if not attempt.is_done)
    if as_json or quiet:
        _print(shown, as_json=as_json)
        return
    head = ("model", "state", "try", "when", "took", "the next batch", "why, or at what stage")
    rows = _rows(shown, is_whole=bool(models))
    rows += [(*row[:-1], f"not in {users}") for row in _rows(others)]
    _output.table(head, rows)
    for attempt in shown if models else ():
        if attempt.state == "failed" and attempt == _last(shown, attempt.repo_id) and attempt.next_step:
            click.echo(visible(attempt.next_step), err=True)
    counts = Counter(attempt.state for attempt in found)
    said = ", ".join(f"{counts[state]:,} {state}" for state in STATES if counts[state])
    click.echo(f"{said or 'No batch has run here yet'}.", err=True)
    if others:
        click.echo("To drop those that are gone for good, use --forget REPO.", err=True)


def _show_jobs(*, as_json: bool) -> None:
    """The jobs on rented machines, if this machine has started any."""
    from huggingtweets_hub.pipeline.remote import machine

    try:
        found = machine.listed()
    except HuggingTweetsError as error:
        click.echo(f"Could not find out which jobs are running: {visible(error.message)}", err=True)
        return
    if as_json:
        for job, usd in found:
            about = {"job": job.id, "stage": job.stage, "flavor": job.flavor, "url": job.url}
            seconds = {"running_seconds": job.running_seconds, "cost_usd": round(usd, 4)}
            click.echo(json.dumps({**about, "model": job.labels.get("model"), **seconds}))
        return
    rows = [
        (job.id, job.labels.get("model", ""), job.stage, job.flavor,
         _ago(job.created.timestamp() if job.created else None), f"${usd:.2f}", job.url)
        for job, usd in found
    ]  # fmt: skip
    _output.table(("job", "model", "stage", "flavor", "since", "cost so far", "page"), rows)
    if found:
        click.echo("End one with 'hf jobs cancel JOB'.", err=True)


def _users(given: tuple[str, ...]) -> tuple[tuple[str, ...], Path | None]:
    """What was named, as repo ids or as one users file."""
    listed = [Path(name) for name in given if Path(name).is_file()]
    if listed and len(given) > 1:
        raise InvalidInputError(
            f"{listed[0].name} is a users file, so nothing else can be given with it.",
            "Give either one users file or repo ids.",
        )
    for name in given:
        if not listed and "/" not in name:
            raise InvalidInputError(
                f"{name!r} is neither a repo id nor a file here.",
                "Give a repo id as shown by 'status --all', or the path of a users file.",
            )
    return (() if listed else given), (listed[0] if listed else None)


def _others(found: Sequence[Attempt], every: Sequence[Attempt]) -> list[Attempt]:
    """What the ledger holds besides a users file's models."""
    listed = {attempt.repo_id for attempt in found}
    return [attempt for attempt in every if attempt.repo_id not in listed]


def _print(shown: Sequence[Attempt], *, as_json: bool) -> None:
    from huggingtweets_hub.batch.recorder import described

    for attempt in shown:
        click.echo(json.dumps(described(attempt), ensure_ascii=False) if as_json else attempt.repo_id)


def _rows(attempts: Sequence[Attempt], *, is_whole: bool = False) -> list[Sequence[str]]:
    return [
        (
            attempt.repo_id,
            attempt.state,
            str(attempt.number or ""),
            _ago(attempt.ended or attempt.began),
            f"{attempt.seconds:,.0f} s" if attempt.seconds is not None else "",
            _NEXT.get(attempt.remedy or "", "") if attempt.state == "failed" else "",
            _reason(attempt, longest=None if is_whole else _LONGEST_REASON),
        )
        for attempt in attempts
    ]


def _last(attempts: Sequence[Attempt], repo_id: str) -> Attempt:
    return max((a for a in attempts if a.repo_id == repo_id), key=lambda a: a.number)


def _reason(attempt: Attempt, *, longest: int | None) -> str:
    if attempt.message:
        said = " ".join(attempt.message.split())
        return said if longest is None or len(said) <= longest else f"{said[: longest - 1]}…"
    if attempt.number == 0:
        return "not tried yet"
    return attempt.commit or (attempt.stage if attempt.state in ("running", "interrupted") else "") or ""


def _ago(moment: float | None) -> str:
    if moment is None:
        return ""
    seconds = max(0.0, time.time() - moment)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"
