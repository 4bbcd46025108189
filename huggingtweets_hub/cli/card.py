"""`card`: the model card alone."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.cli._upgrade import upgrade
from huggingtweets_hub.core.text import visible

if TYPE_CHECKING:
    from huggingtweets_hub.card import Finding

_template = click.option(
    "--template",
    default="default",
    show_default=True,
    metavar="default|classic|PATH",
    help="The card's template.",
)


@click.group()
def card() -> None:
    """Work on just the model card.

    \b
    Examples:
      {program} card render facts.json > README.md
      {program} card check README.md
      {program} card preview ./model -o card.html
    """


card.add_command(upgrade)


@card.command()
@click.argument("facts", metavar="FACTS|FOLDER", type=_options.FilePath())
@_template
def render(facts: Path, template: str) -> None:
    """Print the card of FACTS, a JSON file.

    FOLDER is a finished model, whose huggingtweets.json is taken.

    \b
    The minimum it needs:
      {"accounts": [{"handle": "ada", "statistics":
        {"downloaded": 9, "retweets": 2, "short": 1, "kept": 6}}],
       "repo_id": "huggingtweets/ada"}
    """
    from huggingtweets_hub import card as cards

    text = cards.render(cards.read_facts(facts), template)
    # Bytes: a terminal's encoding or line ends must not change a card.
    click.echo(text.encode("utf-8"), nl=False)


@card.command()
@click.argument("place", metavar="PATH|REPO")
def parse(place: str) -> None:
    """Print the facts of a published card as JSON.

    `card render` reads them. PATH is a README.md or a model's folder; REPO is a model on the Hub. A card made
    by this toolkit has a huggingtweets.json next to it with everything that was measured: its facts are
    printed from there, and `card render` reads that file as well.

    \b
    Example, bringing an old card up to date:
      {program} card parse README.md > facts.json
      {program} card render facts.json
    """
    from huggingtweets_hub import card as cards
    from huggingtweets_hub.core.names import FACTS
    from huggingtweets_hub.core.serialization import to_json
    from huggingtweets_hub.pipeline.cards import card_facts

    found, is_recorded = card_facts(place)
    facts = to_json(found) if is_recorded else cards.contract_facts(found)
    click.echo(json.dumps(facts, ensure_ascii=False, indent=1).encode("utf-8"))
    if found.fingerprint and not is_recorded:
        click.echo(
            f"What was measured is only in the model's {FACTS}, which is not next to this card. "
            "Put it there, or give the model's folder or repo id.",
            err=True,
        )


@card.command()
@click.argument("place", metavar="PATH|REPO")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(place: str, as_json: bool) -> None:
    """List what is wrong with a card and what is missing.

    PATH is a README.md or a model's folder; REPO is a model on the Hub. Exits with 1 if something is wrong,
    and with 0 if things are only missing.

    \b
    Examples:
      {program} card check README.md
      {program} card check huggingtweets/nasa --json
    """
    from huggingtweets_hub.core import bars
    from huggingtweets_hub.pipeline.cards import check_card

    bars.hush(models=False)
    found = check_card(place)
    if as_json:
        click.echo(json.dumps({"findings": [dataclasses.asdict(f) for f in found]}, ensure_ascii=False))
    else:
        for finding in found:
            said = f"{finding.level}: {finding.place}: {finding.message} {finding.next_step}"
            click.echo(visible(said))  # it may quote the card
        click.echo(_summary(found), err=True)
    if any(finding.level == "error" for finding in found):
        raise SystemExit(1)


@card.command()
@click.argument("source", metavar="FACTS|FOLDER", type=_options.FilePath())
@click.option(
    "-o",
    "--output",
    type=_options.FilePath(dir_okay=False),
    metavar="FILE",
    help="Where to write it; by default card.html in FOLDER, or else in the current folder.",
)
@click.option(
    "--template",
    metavar="default|classic|PATH",
    help="The card's template; by default a folder's card is shown as it is.",
)
@_options.open_page
def preview(source: Path, output: Path | None, template: str | None, is_opened: bool) -> None:
    """Write a card as one HTML file that looks as it will on the Hub.

    FACTS is a JSON file; FOLDER is a finished model with its README.md and pictures.

    \b
    Examples:
      {program} card preview ./model --open
      {program} card preview facts.json --template classic -o card.html
    """
    from huggingtweets_hub.pipeline.cards import preview_card

    page = preview_card(source, output, template=template)
    click.echo(page)
    if is_opened:
        _output.open_page(page)


def _summary(found: tuple["Finding", ...]) -> str:
    errors = sum(finding.level == "error" for finding in found)
    if not found:
        return "No findings."
    return f"{errors} wrong, {len(found) - errors} missing."
