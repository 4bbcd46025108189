"""`card`: the model card alone."""

import sys
from pathlib import Path

import click


@click.group()
def card() -> None:
    """Work on the model card alone; offline."""


@card.command()
@click.argument("facts", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--template", default="default", show_default=True, metavar="default|classic|PATH", help="Its template."
)
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
