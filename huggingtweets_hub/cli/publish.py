"""`publish`: the main job."""

from typing import Any

import click

from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.records import Publication
from huggingtweets_hub.core.serialization import to_json
from huggingtweets_hub.core.text import counted
from huggingtweets_hub.pipeline.options import Options


@click.command()
@click.argument("handles", nargs=-1, metavar="[HANDLE]...")
@click.option(
    "--from",
    "sources",
    multiple=True,
    metavar="[HANDLE=]SOURCE",
    help=f"{_options.source_help} For several accounts, repeat it with HANDLE= in front.",
)
@_options.of(Options)
@_options.open_page
@_options.output_format
def publish(
    handles: tuple[str, ...],
    sources: tuple[str, ...],
    is_opened: bool,
    as_json: bool,
    quiet: bool,
    **given: Any,
) -> None:
    """Publish one model from one to three accounts.

    \b
    Examples:
      {program} publish archive.zip --namespace @me --consent self  # your own posts
      {program} publish ann.bsky.social --consent self              # a Bluesky account, directly and free
      {program} publish nasa --max-tweets 1000                      # through the X API (about $5)
      {program} publish --from ada=ada.zip --from bob=bob.jsonl     # one model from two accounts
      {program} publish nasa --dry-run --output nasa-model          # try it first
    """
    from huggingtweets_hub.pipeline.publish import publish

    progress = _output.terminal(quiet=quiet)
    publication = publish(handles, source=_source(sources), progress=progress, **given)
    show(publication, as_json=as_json, quiet=quiet)
    if publication.commit is None and publication.samples and not (as_json or quiet):
        _output.texts("What it writes:", publication.samples, fg="cyan")
        click.echo()
    if is_opened:
        show_card(publication)
    if publication.commit is None and not quiet:
        click.echo(f"Nothing was sent. Without --dry-run, this goes to {publication.repo_id}.", err=True)
        is_named = given["namespace"] or given["repo_id"]
        if not is_named and settings.namespace() == settings.DEFAULT_NAMESPACE:
            click.echo("To publish it under your own name, add --namespace @me.", err=True)


def show(publication: Publication, *, as_json: bool, quiet: bool) -> None:
    """Print what was published, and where."""
    from huggingtweets_hub.core.names import PAGE

    lines = {}
    if publication.commit:
        lines["Model"] = publication.url
        lines["Commit"] = publication.commit + ("" if publication.changed else " (unchanged)")
    if publication.output:
        lines["Folder"] = str(publication.output)
        if publication.commit is None:
            lines["Card"] = str(publication.output / PAGE)
    if publication.tweets_bought:
        lines["X API"] = f"{counted(publication.tweets_bought, 'tweet')}, ${publication.cost_usd:.2f}"
    main = "output" if publication.commit is None and publication.output else "repo_id"
    _output.emit(to_json(publication), as_json=as_json, quiet=quiet, main=main, lines=lines)


def show_card(publication: Publication) -> None:
    """Open the card in the browser: from the folder, or else on the Hub."""
    from huggingtweets_hub.core.names import PAGE
    from huggingtweets_hub.pipeline.cards import preview_card

    if publication.output is None:
        _output.open_page(publication.url)
    elif publication.commit is None:
        _output.open_page(publication.output / PAGE)
    else:
        _output.open_page(preview_card(publication.output))


def _source(texts: tuple[str, ...]) -> Any:
    parts = [_options.split_source(text) for text in texts]
    if not parts:
        return "x"
    if len(parts) == 1 and parts[0][0] is None:
        return parts[0][1]
    if any(handle is None for handle, _ in parts):
        raise InvalidInputError(
            "With several sources, each must say whose posts it holds.", "Write each as --from HANDLE=SOURCE."
        )
    handles = [str(handle).lower() for handle, _ in parts]
    if len(set(handles)) < len(handles):
        raise InvalidInputError(
            f"The same account has two sources: {', '.join(texts)}.",
            "Give each account only one source.",
        )
    return dict(parts)
