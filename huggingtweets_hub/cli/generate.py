"""`generate`: sample from a model."""

import json
from typing import Any

import click

from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.core import settings
from huggingtweets_hub.core.text import visible
from huggingtweets_hub.model.generation import Sampling

raw = click.option("--raw", is_flag=True, help="Do not mask links, numbers and other people's names.")


@click.command()
@click.argument("model", type=_options.Model())
@click.option("--prompt", default=settings.DEFAULT_PROMPT, show_default=True, help="How the tweets start.")
@click.option(
    "-n", "--number", "n", type=click.IntRange(min=1), default=5, show_default=True, help="How many tweets."
)
@_options.of(Sampling)
@raw
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@click.option("-q", "--quiet", is_flag=True, help="Print only the texts, without numbers.")
def generate(model: str, prompt: str, n: int, raw: bool, as_json: bool, quiet: bool, **given: Any) -> None:
    """Sample tweets from MODEL, a folder or a repo id.

    Links, addresses, phone numbers and other people's names are masked as on the card.

    \b
    Example:
      {program} generate huggingtweets/nasa --prompt "Tonight" -n 3
    """
    sampling = Sampling(**given)
    _output.terminal(quiet=quiet or as_json)
    from huggingtweets_hub.pipeline.bot import Bot

    for number, text in enumerate(Bot(model, sampling, raw=raw).write(prompt, n), 1):
        if as_json:
            click.echo(json.dumps({"text": text}, ensure_ascii=False))
        else:
            click.echo(visible(text) if quiet else _output.numbered(number, text))
