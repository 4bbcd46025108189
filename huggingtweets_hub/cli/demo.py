"""`demo`: the main job on embedded defaults."""

from pathlib import Path

import click

from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.cli.publish import show
from huggingtweets_hub.core import settings
from huggingtweets_hub.core.text import visible


@click.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("huggingtweets-demo"),
    show_default=True,
    metavar="DIR",
    help="Where to leave the model.",
)
@_options.output_format
def demo(output: Path, as_json: bool, quiet: bool) -> None:
    """Publish a fictional account into a folder: no account, key or network needed.

    It trains a small model from scratch on the sample timeline, writes its card, and lets it write
    five tweets.
    """
    from huggingtweets_hub.pipeline.bot import Bot
    from huggingtweets_hub.pipeline.publish import publish

    publication = publish(
        source="sample",
        base_model="scratch",
        consent="fictional",
        tracker="none",
        namespace=settings.DEFAULT_NAMESPACE,
        output=output,
        dry_run=True,
        progress=_output.terminal(quiet=quiet),
    )
    show(publication, as_json=as_json, quiet=quiet)
    if not (as_json or quiet):
        click.echo("\nFive tweets that it makes up:")
        for tweet in Bot(output).write(settings.DEFAULT_PROMPT, 5):
            click.echo(f"- {visible(tweet)}")
