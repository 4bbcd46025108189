"""`batch`: many models, one a line."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from huggingtweets_hub.batch.options import BatchOptions
from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.core.text import counted, visible

if TYPE_CHECKING:
    from huggingtweets_hub.batch.ledger import Attempt
    from huggingtweets_hub.batch.run import Batch


@click.command()
@click.argument("users", type=_options.FilePath(exists=True, dir_okay=False), metavar="USERS_FILE")
@click.option(
    "--exclude",
    multiple=True,
    metavar="PATH|REPO",
    help="Who opted out: a handle, a file of handles and repo ids, or a dataset with an opt-outs.txt.",
)
@_options.of(BatchOptions, without=["output"])
@_options.output_lines
def batch(users: Path, as_json: bool, quiet: bool, exclude: tuple[str, ...], **given: Any) -> None:
    """Publish a model for each line of a file; run it again to finish what was left.

    A line is a handle, or two or three that share one model; # starts a comment. In a .yaml or .json file,
    each entry can have its own options: the source, the consent, and whatever publish takes.

    \b
    Examples:
      {program} batch users.txt --namespace my-org --max-cost 100
      {program} batch users.yaml --report report.jsonl
      {program} batch users.txt --only-failed
      {program} batch users.txt --shard 2/8  # on the second of eight machines
    """
    from huggingface_hub.utils.tqdm import disable_progress_bars

    from huggingtweets_hub.batch.run import publish_batch

    disable_progress_bars()  # those of single files; there is one for all accounts
    done = publish_batch(
        users,
        exclude=exclude,
        progress=_output.terminal(quiet=quiet, models=False, timed=True),
        **given,
    )
    for attempt in done.outcomes:
        _show(attempt, as_json=as_json, quiet=quiet)
    _finish(done, users, quiet=quiet)


def _show(attempt: "Attempt", *, as_json: bool, quiet: bool) -> None:
    if as_json:
        from huggingtweets_hub.batch.recorder import described

        click.echo(json.dumps(described(attempt), ensure_ascii=False))
    elif attempt.is_done:
        click.echo(attempt.repo_id if quiet else attempt.url)


def _finish(done: "Batch", users: Path, *, quiet: bool) -> None:
    """Say on stderr what was left and what to do about it, and end with the exit code that tells it."""
    if not quiet:
        click.echo(_summary(done), err=True)
        for hint in _hints(done.failed):
            click.echo(hint, err=True)
    for attempt in done.failed:
        if attempt.repo_id in done.tracebacks and os.environ.get("HF_DEBUG") == "1":
            click.echo(visible(done.tracebacks[attempt.repo_id]), err=True)
    for attempt in done.unanswered:
        click.echo(f"{attempt.repo_id}: {attempt.message} {attempt.next_step}", err=True)
    if done.left or (done.behind_limit and not quiet):
        click.echo(f"{_left(done)} To continue, run it again:\n  {visible(_output.command_line())}", err=True)
    if done.is_interrupted:
        sys.exit(_output.INTERRUPTED)
    if done.failed or done.unanswered or done.left:
        sys.exit(_output.SOME_FAILED)


def _hints(failed: "Sequence[Attempt]") -> Iterator[str]:
    """How many there are of each kind of error; what to do stands under the first one's line."""
    by_kind: dict[str, list[Attempt]] = {}
    for attempt in failed:
        by_kind.setdefault(attempt.kind or "", []).append(attempt)
    for kind, attempts in sorted(by_kind.items(), key=lambda item: -len(item[1])):
        first = attempts[0]
        if first.next_step and len(attempts) > 1:
            yield f"{len(attempts):,} × {kind}, such as {first.repo_id}; see under its line for what to do."


def _left(done: "Batch") -> str:
    more = "more " if done.left else ""
    counts = {"left": done.left, f"{more}held back by --limit": done.behind_limit}
    said = [f"{n:,} {'is' if n == 1 else 'are'} {what}" for what, n in counts.items() if n]
    return f"{', and '.join(said)}."


def _summary(done: "Batch") -> str:
    from collections import Counter

    states = Counter(attempt.state for attempt in done.outcomes)
    nothing = "Nothing was finished" if done.left else "Nothing to do"
    counts = ", ".join(f"{count:,} {state}" for state, count in states.items()) or nothing
    bought = (
        f" {counted(done.tweets_bought, 'tweet')} bought for ${done.cost_usd:.2f}." if done.cost_usd else ""
    )
    return f"{'Stopped: ' * done.is_interrupted}{counts}.{bought}"
