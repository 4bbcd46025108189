"""`publish`: the main job."""

from pathlib import Path
from typing import Any

import click

from huggingtweets_hub import settings
from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.errors import InvalidInputError
from huggingtweets_hub.records import Publication
from huggingtweets_hub.serialization import to_json


@click.command()
@click.argument("handles", nargs=-1, metavar="[HANDLE]...")
@click.option(
    "--from",
    "sources",
    multiple=True,
    metavar="[HANDLE=]SOURCE",
    help="x (the X API, the default), sample, an X archive (.zip), or a .jsonl, .csv, .parquet or .json "
    "file. Repeat it with HANDLE= for several accounts.",
)
@_options.selection
@click.option(
    "--base-model",
    default=settings.DEFAULT_BASE_MODEL,
    show_default=True,
    metavar="ID|PATH|scratch",
    help="What to fine-tune.",
)
@click.option("--recipe", type=click.Choice(["default", "original"]), default="default", help="How to train.")
@click.option("--epochs", type=click.IntRange(min=1), help="Passes over the tweets.")
@click.option("--learning-rate", type=float, help="The highest learning rate.")
@click.option("--seed", type=int, default=settings.DEFAULT_SEED, show_default=True)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto")
@click.option(
    "--template",
    default="default",
    show_default=True,
    metavar="default|classic|PATH",
    help="The card's template.",
)
@click.option("--prompt", default=settings.DEFAULT_PROMPT, show_default=True, help="The card's example.")
@click.option(
    "--samples",
    type=click.IntRange(min=1),
    default=settings.DEFAULT_SAMPLES,
    show_default=True,
    help="How many texts to write and measure; the card shows the first five.",
)
@click.option(
    "--consent",
    type=click.Choice(["self", "written", "fictional"]),
    help="On what grounds the tweets are used; the card says it.",
)
@click.option(
    "--tracker",
    type=click.Choice(["auto", "wandb", "trackio", "none"]),
    default="auto",
    show_default=True,
    help="Where to record the run; auto is W&B where it has a key.",
)
@click.option("--track-texts", is_flag=True, help="Give the tracker the texts, not only their digests.")
@click.option("--namespace", metavar="NAME|@me", help="Whose repository; @me is your own.")
@click.option("--repo-id", metavar="NAMESPACE/NAME", help="The repository, in full.")
@click.option("--private", is_flag=True, help="Make a new repository private.")
@click.option("--create-pr", is_flag=True, help="Open a pull request instead of a commit.")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="DIR", help="Keep the finished folder here."
)
@click.option("--dry-run", is_flag=True, help="Everything but the push; a later run pushes this result.")
@click.option("--force", is_flag=True, help="Commit though nothing changed.")
@click.option("--overwrite", is_flag=True, help="Replace what is not ours, or was edited by hand.")
@_options.output_format
def publish(
    handles: tuple[str, ...],
    sources: tuple[str, ...],
    no_replies: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Publish the model of one to three accounts.

    \b
    Examples:
      publish --from archive.zip --namespace @me        your own posts
      publish nasa --max-tweets 1000                    through the X API (about $5)
      publish --from ada=ada.zip --from bob=bob.jsonl   one model of two accounts
      publish nasa --dry-run --output nasa-model        look at it first
    """
    from huggingtweets_hub import pipeline

    publication = pipeline.publish(
        handles,
        source=_source(sources),
        replies=not no_replies,
        progress=_output.terminal(quiet=quiet),
        **options,
    )
    show(publication, as_json=as_json, quiet=quiet)
    if publication.commit is None and not quiet:
        click.echo(f"Nothing was sent. Without --dry-run, this goes to {publication.repo_id}.", err=True)


def show(publication: Publication, *, as_json: bool, quiet: bool) -> None:
    """Print what was published, and where."""
    from huggingtweets_hub.documents import PAGE

    lines = {}
    if publication.commit:
        lines["Model"] = publication.url
        lines["Commit"] = publication.commit + ("" if publication.changed else " (unchanged)")
    if publication.output:
        lines["Folder"] = str(publication.output)
        if publication.commit is None:
            lines["Card"] = str(publication.output / PAGE)
    if publication.tweets_bought:
        lines["X API"] = f"{publication.tweets_bought:,} tweets, ${publication.cost_usd:.2f}"
    _output.emit(to_json(publication), as_json=as_json, quiet=quiet, main="repo_id", lines=lines)


def _source(texts: tuple[str, ...]) -> Any:
    parts = [_options.split_source(text) for text in texts]
    if not parts:
        return "x"
    if len(parts) == 1 and parts[0][0] is None:
        return parts[0][1]
    if any(handle is None for handle, _ in parts):
        raise InvalidInputError(
            "Several sources need to say whose they are.", "Write each as --from HANDLE=SOURCE."
        )
    handles = [str(handle).lower() for handle, _ in parts]
    if len(set(handles)) < len(handles):
        raise InvalidInputError(
            f"Two sources are given for the same account: {', '.join(texts)}.",
            "Give each account one source.",
        )
    return dict(parts)
