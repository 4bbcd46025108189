"""`demo`: the main job on embedded defaults."""

import json
from pathlib import Path

import click

from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.cli.publish import show, show_card
from huggingtweets_hub.core import names, settings
from huggingtweets_hub.model import base, tiny

_OF_BASE = 3


@click.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("huggingtweets-demo"),
    show_default=True,
    metavar="DIR",
    help="Where to leave the model.",
)
@_options.open_page
@_options.output_format
def demo(output: Path, is_opened: bool, as_json: bool, quiet: bool) -> None:
    """Publish a fictional account into a folder: no account, key or network needed.

    It fine-tunes a small model on the sample timeline, writes its card, and shows what the model
    wrote before and what it writes now.
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
        _show_texts(output, base_model)
        click.echo("\nA larger base model writes more sense: ", nl=False)
        click.echo("--base-model HuggingFaceTB/SmolLM2-135M (a download of 270 MB).")
        click.echo("Next, a bot of your own posts, from the archive that X gives you:")
        options = "--namespace @me --consent self --dry-run --output my-bot"
        command = f"{_output.program()} publish archive.zip {options}"
        click.echo(_output.styled(f"  {command}", bold=True))
    if is_opened:
        show_card(publication)


def _show_texts(output: Path, base_model: str) -> None:
    """What the base model writes, if it knows how to write; and what its card shows of the bot."""
    facts = json.loads((output / names.FACTS).read_text("utf-8"))
    if base_model == base.TINY:
        _output.texts("Before, a model that has only read old books:", _from_base(), dim=True)
    _output.texts(f"Now, @{facts['accounts'][0]['handle']}'s bot:", facts["samples"]["free"], fg="cyan")


def _from_base() -> list[str]:
    from huggingtweets_hub.model import generation, loading

    model, tokenizer, _ = loading.load(base.resolve(base.TINY), (), seed=settings.DEFAULT_SEED)
    drawn = generation.draw(model, tokenizer, _OF_BASE, seed=settings.DEFAULT_SEED)
    return [sample.text if sample.ended else f"{sample.text} …" for sample in drawn]
