"""`page`: the Space where visitors try the bots of a namespace."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from huggingtweets_hub.cli import _options, _output

_MOST_NAMED = 5


@click.command()
@click.argument("namespace", metavar="NAMESPACE")
@click.option("--title", metavar="TEXT", help="Its heading; by default 'The bots of NAMESPACE'.")
@click.option(
    "-o",
    "--output",
    type=_options.FilePath(file_okay=False),
    metavar="DIR",
    help="Write the page to a folder instead, to look at it or host it elsewhere.",
)
@click.option("--private", is_flag=True, help="Make a new Space visible only to its owners.")
@click.option("--dry-run", is_flag=True, help="Show what would change without changing anything.")
@_options.output_format
def page(
    namespace: str,
    title: str | None,
    output: Path | None,
    private: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Create or update a page where anyone can try the bots of NAMESPACE in the browser.

    It becomes the static Space NAMESPACE/huggingtweets, which is free. NAMESPACE is a user or organization
    on the Hub; @me is your own. Bots published with '--formats onnx' run there; for the others it shows
    samples.

    \b
    Examples:
      {program} page @me
      {program} page @me -o page && python -m http.server -d page
    """
    from huggingtweets_hub.app.page.publishing import publish_page, write_page

    progress = _output.terminal(quiet=quiet or as_json, models=False)
    if output is not None:
        made = write_page(namespace, output, title=title, dry_run=dry_run, progress=progress)
    else:
        made = publish_page(namespace, title=title, private=private, dry_run=dry_run, progress=progress)
    record: dict[str, Any] = {
        "repo_id": made.repo_id,
        "url": made.url,
        "commit": made.commit,
        "changed": made.changed,
        "written": list(made.written),
        "deleted": list(made.deleted),
        "output": str(output) if output is not None else None,
    }
    main = "repo_id" if output is None else "output"
    place = made.url if output is None else str(output)
    _output.emit(record, as_json=as_json, quiet=quiet, main=main, lines=_lines(place, dry_run, record))


def _lines(place: str, is_dry: bool, record: Mapping[str, Any]) -> dict[str, str]:
    written, deleted = record["written"], record["deleted"]
    done = "Would change" if is_dry else "Changed"
    lines = {"Page": place}
    if written:
        lines[done] = _named(written)
    if deleted:
        lines["Would delete" if is_dry else "Deleted"] = _named(deleted)
    if not record["changed"]:
        lines["Changed"] = "nothing, it was already up to date"
    return lines


def _named(paths: Sequence[str]) -> str:
    more = len(paths) - _MOST_NAMED
    return ", ".join(paths[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
