"""`demo`: the main job on embedded defaults."""

import json
from pathlib import Path

import click

from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.cli.publish import show, show_card
from huggingtweets_hub.core import names, settings
from huggingtweets_hub.model import base, tiny


@click.command()
@click.option(
    "-o",
    "--output",
    type=_options.FilePath(),
    default=Path("huggingtweets-demo"),
    show_default=True,
    metavar="DIR",
    help="Where to put the model.",
)
@_options.open_page
@_options.output_format
def demo(output: Path, is_opened: bool, as_json: bool, quiet: bool) -> None:
    """Make a bot of a fictional account in a local folder: no account, key or network needed.

    This fine-tunes a small model on the sample timeline, writes its card, and shows what the model wrote
    before and what it writes now.
    """
    from huggingtweets_hub.pipeline.publish import publish

    base_model = base.TINY if tiny.is_there() else base.SCRATCH
    publication = publish(
        source="sample",
        base_model=base_model,
        consent="fictional",
        tracker="none",
        namespace=settings.DEFAULT_NAMESPACE,
        output=output,
        dry_run=True,
        progress=_output.terminal(quiet=quiet),
    )
    show(publication, as_json=as_json, quiet=quiet)
    if not (as_json or quiet):
        _show_texts(output)
        click.echo("\nA larger base model writes more sensibly: ", nl=False)
        click.echo("--base-model HuggingFaceTB/SmolLM2-135M (a 270 MB download).")
        click.echo("Next, make a bot of your own posts, from an archive downloaded from X:")
        options = "--namespace @me --consent self --dry-run --output my-bot"
        command = f"{_output.program()} publish archive.zip {options}"
        click.echo(_output.styled(f"  {command}", bold=True))
    if is_opened:
        show_card(publication)


def _show_texts(output: Path) -> None:
    """What its card shows: texts of the base model, if it knows how to write, and those of the bot."""
    facts = json.loads((output / names.FACTS).read_text("utf-8"))
    samples = facts["samples"]
    if facts["base"]["kind"] == base.TINY:
        _output.texts("Before, a model that has only read old books:", samples["prompted_base"], dim=True)
    written = (*samples["prompted"], *samples["free"])
    _output.texts(f"Now, @{facts['accounts'][0]['handle']}'s bot:", written, fg="cyan")
