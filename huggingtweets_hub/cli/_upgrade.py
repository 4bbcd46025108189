"""`card upgrade`: bring published cards up to today's, or put them back."""

import dataclasses
import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.core.serialization import to_json
from huggingtweets_hub.core.text import visible

if TYPE_CHECKING:
    from huggingtweets_hub.upgrade import Mode, Outcome

_CHANGED = ("upgraded", "differs", "reverted")


@click.command()
@click.argument("repos", nargs=-1, metavar="[REPO]...", type=_options.Model())
@click.option(
    "--author", metavar="NAME", help="All models of this user or organization made by this toolkit."
)
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="With --author: only the first N, by name."
)
@click.option(
    "--exclude",
    type=_options.FilePath(exists=True, dir_okay=False),
    metavar="FILE",
    help="Repo ids, model names and handles to skip, one per line; # starts a comment.",
)
@click.option(
    "--template",
    metavar="default|classic|PATH",
    help="The new card's template; by default `default`, and cards made with another are left alone.",
)
@click.option("--no-preview", is_flag=True, help="Do not make a preview picture for links to the page.")
@click.option(
    "--repair", is_flag=True, help="Also give models from 2021 the settings that today's libraries read."
)
@click.option("--push", is_flag=True, help="Commit the change; without this it is only shown.")
@click.option("--create-pr", is_flag=True, help="Open a pull request instead of a commit.")
@click.option("--overwrite", is_flag=True, help="Also replace what was edited by hand.")
@click.option(
    "--report",
    type=_options.FilePath(dir_okay=False),
    metavar="FILE.jsonl",
    help="Write one line per repository here; run the same command again to resume.",
)
@click.option(
    "--revert",
    type=_options.FilePath(exists=True, dir_okay=False),
    metavar="FILE.jsonl",
    help="Undo everything this report says was written.",
)
@_options.output_lines
def upgrade(
    repos: tuple[str, ...],
    author: str | None,
    limit: int | None,
    exclude: Path | None,
    template: str | None,
    no_preview: bool,
    repair: bool,
    push: bool,
    create_pr: bool,
    overwrite: bool,
    report: Path | None,
    revert: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Render published cards again and show the difference.

    The facts come from the cards themselves or their huggingtweets.json.

    \b
    Examples:
      {program} card upgrade huggingtweets/nasa                  # show the change
      {program} card upgrade huggingtweets/nasa --repair --push  # make it in one commit
      {program} card upgrade --author huggingtweets --push --report r.jsonl
      {program} card upgrade --revert r.jsonl                    # undo it
    """
    _require_one_job(repos, author, limit, push, create_pr, report, revert)
    from huggingtweets_hub import upgrade as upgrades
    from huggingtweets_hub.core import people
    from huggingtweets_hub.hub.rate_limit import Pace

    progress = _output.terminal(quiet=quiet, models=False)
    pace = Pace(progress=progress)
    if revert is not None:
        outcomes = upgrades.revert(revert, overwrite=overwrite, pace=pace, progress=progress)
    else:
        mode: Mode = "push" if push else "create_pr" if create_pr else "show"
        outcomes = upgrades.upgrade(
            repos,
            author=author,
            limit=limit,
            mode=mode,
            template=template,
            pictures=not no_preview,
            repair=repair,
            overwrite=overwrite,
            exclude=people.read({str(exclude): people.content(exclude)}) if exclude else (),
            report=report,
            pace=pace,
            progress=progress,
        )
    _finish(_shown(outcomes, as_json=as_json, quiet=quiet), quiet=quiet)


def _require_one_job(
    repos: tuple[str, ...],
    author: str | None,
    limit: int | None,
    push: bool,
    create_pr: bool,
    report: Path | None,
    revert: Path | None,
) -> None:
    if push and create_pr:
        raise click.UsageError("Give --push or --create-pr, not both.")
    if revert is not None and (repos or author or push or create_pr or report):
        raise click.UsageError("--revert takes only its report, and no other repository or option.")
    if revert is None and not (repos or author):
        raise click.UsageError("Give a REPO or an --author.")
    if limit is not None and author is None:
        raise click.UsageError("--limit needs an --author.")


def _shown(outcomes: Iterable["Outcome"], *, as_json: bool, quiet: bool) -> list["Outcome"]:
    """Print each outcome as it comes, and answer with all of them."""
    from tqdm import tqdm

    kept = []
    for outcome in outcomes:
        kept.append(dataclasses.replace(outcome, diff=""))
        text = _text(outcome, as_json=as_json, quiet=quiet)
        if text:
            tqdm.write(text, end="")  # to stdout, past the bar that is on the same screen
    return kept


def _text(outcome: "Outcome", *, as_json: bool, quiet: bool) -> str:
    from huggingtweets_hub.hub import repo

    if as_json:
        content = {name: value for name, value in to_json(outcome).items() if name != "traceback"}
        return json.dumps(content, ensure_ascii=False) + "\n"
    if quiet:
        return f"{outcome.repo}\n" if outcome.state in _CHANGED else ""
    if outcome.state == "differs":
        return visible(outcome.diff)  # somebody else wrote the card
    if outcome.state in ("skipped", "failed"):
        return ""  # they come at the end, with the reason
    return f"{outcome.state:<9}  {outcome.pull_request or repo.address(outcome.repo)}\n"


def _finish(outcomes: list["Outcome"], *, quiet: bool) -> None:
    """Say on stderr what was left out and why, and end with the exit code that tells it."""
    states = Counter(outcome.state for outcome in outcomes)
    for outcome in outcomes:
        if outcome.state == "failed" or (outcome.state == "skipped" and not quiet):
            click.echo(f"{outcome.state}: {outcome.repo}: {outcome.why}", err=True)
            if outcome.traceback and os.environ.get("HF_DEBUG") == "1":
                click.echo(visible(outcome.traceback), err=True)
    if not quiet:
        counts = ", ".join(f"{count:,} {state}" for state, count in states.items())
        click.echo(f"{counts}." if counts else "Nothing left to do.", err=True)
    if states["differs"] and not quiet:
        click.echo("Nothing was sent. Add --push to commit this or --create-pr to propose it.", err=True)
    if states["failed"]:
        raise SystemExit(_output.KNOWN_ERROR if states["failed"] == len(outcomes) else _output.SOME_FAILED)
