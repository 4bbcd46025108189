"""`cache`: what is kept on disk, and prune it."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.core.text import counted

if TYPE_CHECKING:
    from huggingtweets_hub.pipeline.home import Kept


class Days(click.ParamType[float]):
    """A number of days, such as 30d."""

    name = "DAYS"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        number = str(value).removesuffix("d")
        if not number.isdecimal():
            self.fail(f"{value!r} is not a number of days. Write it like 30d.", param, ctx)
        return float(number)


@click.group(invoke_without_command=True)
@_options.output_format
@click.pass_context
def cache(context: click.Context, as_json: bool, quiet: bool) -> None:
    """Show what is kept on disk: unfinished models, fetched pages, the ledger and opt-outs.

    \b
    Examples:
      {program} cache        # show it
      {program} cache prune  # remove unfinished models older than 30 days
    """
    if context.invoked_subcommand is not None:
        return
    from huggingtweets_hub.core import settings
    from huggingtweets_hub.pipeline import home

    kept = home.kept()
    if as_json:
        total = sum(item.bytes for item in kept)
        described = {"home": str(settings.home()), "bytes": total, "kept": list(map(_described, kept))}
        click.echo(json.dumps(described, ensure_ascii=False))
    elif quiet:
        click.echo(settings.home())
    else:
        _show(kept)
        click.echo(f"{_size(sum(item.bytes for item in kept))} in {settings.home()}.", err=True)


@cache.command()
@click.argument("handles", nargs=-1, metavar="[HANDLE]...")
@click.option(
    "--older-than",
    type=Days(),
    default="30d",
    show_default=True,
    help="What has not been used for this long.",
)
@click.option(
    "--pages", is_flag=True, help="Also remove pages from the X API, which cost money to fetch again."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
@_options.output_format
def prune(
    handles: tuple[str, ...],
    older_than: float,
    pages: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Remove unfinished models: those of the given HANDLEs, or all.

    Everything kept about accounts that have opted out is removed too, however recent.

    Without HANDLEs, this also removes leftovers of earlier versions, measurements of base models, and the
    packages the page uses; they are made or fetched again when needed. Anything a run is using, the ledger
    and the opt-outs stay. Published models are on the Hub and take up no space here.

    \b
    Examples:
      {program} cache prune --dry-run                     # see what would go
      {program} cache prune --older-than 7d --yes
      {program} cache prune nasa --pages --older-than 0d  # everything kept about @nasa
    """
    from huggingtweets_hub.pipeline import home

    found = home.to_prune(handles, older_than=older_than, with_pages=pages)
    if found and not (as_json or quiet):
        _show(found)
    if found and not (yes or dry_run):
        cost = sum(item.cost_usd for item in found)
        price = f" Buying the pages again would cost ${cost:,.2f}." if cost else ""
        size = _size(sum(item.bytes for item in found))
        _output.confirm(f"Remove this ({size})?{price}")
    removed = [] if dry_run else home.prune(found)
    freed = sum(item.bytes for item in removed)
    in_use = [] if dry_run else [item for item in found if item not in removed]
    if as_json:
        described = {
            "found": list(map(_described, found)),
            "removed": [str(item.path) for item in removed],
            "in_use": [str(item.path) for item in in_use],
            "bytes": freed,
        }
        click.echo(json.dumps(described, ensure_ascii=False))
        return
    for item in in_use:
        click.echo(f"{item.name} is in use and was kept.", err=True)
    if quiet:
        for item in removed:
            click.echo(item.path)
    elif not found:
        click.echo("Nothing to remove.", err=True)
    elif not dry_run:
        click.echo(f"Freed {_size(freed)}.", err=True)


def _show(kept: "Sequence[Kept]") -> None:
    rows = [
        (
            item.kind,
            item.name,
            _size(item.bytes),
            f"{item.days:,.0f} d",
            f"{counted(item.posts, 'post')}, ${item.cost_usd:,.2f} to buy again" if item.cost_usd else "",
        )
        for item in kept
    ]
    _output.table(("what", "of", "size", "age", ""), rows)


def _described(item: "Kept") -> dict[str, object]:
    described: dict[str, object] = {
        "kind": item.kind, "name": item.name, "path": str(item.path), "bytes": item.bytes,
        "days": round(item.days, 2),
    }  # fmt: skip
    if item.kind == "pages":
        described |= {"posts": item.posts, "cost_usd": item.cost_usd}
    return described


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
