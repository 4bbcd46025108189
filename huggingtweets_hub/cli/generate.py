"""`generate`: sample from a model."""

import json

import click

from huggingtweets_hub.cli import _options
from huggingtweets_hub.core import progress, settings


@click.command()
@click.argument("model")
@click.option("--prompt", default=settings.DEFAULT_PROMPT, show_default=True, help="How the tweets begin.")
@click.option(
    "-n", "--number", "n", type=click.IntRange(min=1), default=5, show_default=True, help="How many."
)
@click.option("--seed", type=int, help="The same seed gives the same tweets.")
@_options.output_format
def generate(model: str, prompt: str, n: int, seed: int | None, as_json: bool, quiet: bool) -> None:
    """Sample tweets from MODEL, a folder or a repo id.

    \b
    Example:
      {program} generate huggingtweets/nasa --prompt "Tonight" -n 3
    """
    from huggingtweets_hub.model import generation

    progress.hush()
    for tweet in generation.generate(model, prompt, n, seed=seed):
        click.echo(json.dumps({"text": tweet}, ensure_ascii=False) if as_json else tweet)
