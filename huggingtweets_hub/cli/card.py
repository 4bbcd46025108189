"""`card`: the model card alone."""

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from huggingtweets_hub.cli._upgrade import upgrade
from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.names import REPO_ID

if TYPE_CHECKING:
    from huggingtweets_hub.card import Finding

_CARD = "README.md"
_FACTS = "huggingtweets.json"

_template = click.option(
    "--template", default="default", show_default=True, metavar="default|classic|PATH", help="Its template."
)


@click.group()
def card() -> None:
    """Work on the model card alone.

    \b
    Examples:
      card render facts.json > README.md
      card check README.md
      card preview ./model -o card.html
    """


card.add_command(upgrade)


@card.command()
@click.argument("facts", type=click.Path(dir_okay=False, path_type=Path))
@_template
def render(facts: Path, template: str) -> None:
    """Print the card of FACTS, a JSON file.

    \b
    The least that it takes:
      {"accounts": [{"handle": "ada", "statistics":
        {"downloaded": 9, "retweets": 2, "short": 1, "kept": 6}}],
       "repo_id": "huggingtweets/ada"}
    """
    from huggingtweets_hub import card as cards

    text = cards.render(cards.read_facts(facts), template)
    # Bytes: a terminal's encoding or line ends must not change a card.
    sys.stdout.buffer.write(text.encode("utf-8"))


@card.command()
@click.argument("readme", metavar="README.md", type=click.Path(dir_okay=False, path_type=Path))
def parse(readme: Path) -> None:
    """Print the facts of a published card as JSON.

    `card render` takes them again.

    \b
    Example, an old card in today's form:
      card parse README.md > facts.json
      card render facts.json
    """
    from huggingtweets_hub import card as cards

    facts = cards.contract_facts(cards.parse(_read(readme)))
    sys.stdout.buffer.write((json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode("utf-8"))


@card.command()
@click.argument("place", metavar="PATH|REPO")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(place: str, as_json: bool) -> None:
    """List what is wrong with a card, and what it lacks.

    PATH is a README.md, or the folder of a whole model; REPO is a model on the Hub. Exits with 1 where
    something is wrong, with 0 where at most something is lacking.

    \b
    Examples:
      card check README.md
      card check huggingtweets/nasa --json
    """
    from huggingtweets_hub import card as cards

    path = Path(place).expanduser()
    if path.is_dir():
        files = [str(file.relative_to(path).as_posix()) for file in path.rglob("*") if file.is_file()]
        found = cards.findings(_read(path / _CARD), files, _facts(path / _FACTS))
    elif path.is_file() or not REPO_ID.fullmatch(place):
        found = cards.findings(_read(path))
    else:
        found = _on_the_hub(place)
    if as_json:
        click.echo(json.dumps({"findings": [dataclasses.asdict(f) for f in found]}, ensure_ascii=False))
    else:
        for finding in found:
            click.echo(f"{finding.level}: {finding.place}: {finding.message} {finding.next_step}")
        click.echo(_summary(found), err=True)
    if any(finding.level == "error" for finding in found):
        raise SystemExit(1)


@card.command()
@click.argument("source", metavar="FACTS|FOLDER", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default="card.html", show_default=True
)
@_template
def preview(source: Path, output: Path, template: str) -> None:
    """Write a card as the Hub shows it, as one HTML file.

    FACTS is a JSON file, FOLDER a finished model with its README.md and pictures.

    \b
    Examples:
      card preview facts.json --template classic
      card preview ./model -o card.html
    """
    from huggingtweets_hub import card as cards

    if source.is_dir():
        text = _read(source / _CARD)
        files = {
            file.relative_to(source).as_posix(): core_files.read_whole(file)
            for file in source.rglob("*")
            if file.suffix.lower() in cards.PICTURES and file.is_file()
        }
    else:
        text, files = cards.render(cards.read_facts(source), template), {}
    try:
        output.write_text(cards.page(text, files), "utf-8", newline="\n")
    except OSError as error:
        raise InvalidInputError(
            f"{str(output)!r} cannot be written: {error}.", "Name another file with -o."
        ) from error
    click.echo(output)


def _read(path: Path) -> str:
    """A card's text; what is no UTF-8 in it is shown as such."""
    try:
        # Bytes: line ends are part of a card.
        return core_files.read_whole(path).decode("utf-8", "replace")
    except OSError as error:
        raise InvalidInputError(
            f"{str(path)!r} cannot be read: {error.strerror or error}.",
            "Give a README.md, the folder of a model, or a repo id as 'namespace/name'.",
        ) from error


def _facts(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(core_files.read_whole(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInputError(
            f"{str(path)!r} is no JSON: {error}.", "Publish the model again, or delete the file."
        ) from error
    return found if isinstance(found, dict) else {}


def _on_the_hub(repo_id: str) -> tuple["Finding", ...]:
    from huggingtweets_hub import card as cards
    from huggingtweets_hub.core import progress
    from huggingtweets_hub.core.errors import HubError
    from huggingtweets_hub.hub import files as hub_files
    from huggingtweets_hub.hub import repo

    progress.hush(models=False)
    published = repo.read(repo_id)
    if published.head is None or _CARD not in published.files:
        raise HubError(
            f"There is no model {repo_id} with a card on the Hub that your token can see.",
            "Check its name, or give the path of a README.md.",
        )
    text = hub_files.download_file(repo_id, _CARD, published.head).decode("utf-8", "replace")
    return cards.findings(text, list(published.files), published.facts or None, repo_id)


def _summary(found: tuple["Finding", ...]) -> str:
    errors = sum(finding.level == "error" for finding in found)
    if not found:
        return "No findings."
    return f"{errors} wrong, {len(found) - errors} lacking."
