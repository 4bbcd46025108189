"""`export`: a model in a form for another client."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from huggingtweets_hub.cli import _options, _output

if TYPE_CHECKING:
    from huggingtweets_hub.model.forms.form import Name


@click.command()
@click.argument("model", type=_options.Model())
@click.option(
    "--to",
    type=click.Choice(["gguf", "onnx", "ctranslate2"]),
    required=True,
    help="gguf: for llama.cpp, Ollama and similar; onnx: for browsers (transformers.js); "
    "ctranslate2: fast on CPUs.",
)
@click.option(
    "-o", "--output", type=_options.FilePath(file_okay=False), required=True, help="The folder to write to."
)
@_options.output_lines
def export(model: str, to: str, output: Path, as_json: bool, quiet: bool) -> None:
    """Convert MODEL, a folder or a repo id, for another client.

    Each file is measured before it is kept: how much its loss exceeds the model's, in nats per token, and
    how many of twenty prompts it continues with the same tokens.

    \b
    Examples:
      {program} export huggingtweets/nasa --to gguf -o nasa
      llama-completion -m nasa/nasa-q8_0.gguf -p "Tonight"
    """
    from huggingtweets_hub.pipeline.export import export_model

    made = export_model(model, cast("Name", to), output, progress=_output.terminal(quiet=quiet or as_json))
    if as_json:
        for file in made:
            said = {**dataclasses.asdict(file), "path": str(output / file.file)}
            click.echo(json.dumps(said, ensure_ascii=False))
    elif quiet:
        for file in made:
            click.echo(output / file.file)
    else:
        head = ("file", "MB", "seconds", "loss", "same tokens")
        rows = [
            (
                str(output / file.file),
                f"{file.bytes / 1e6:.1f}",
                f"{file.seconds:.1f}",
                f"{round(file.lost, 4) + 0.0:+.4f}",
                f"{file.same} of {file.prompts}",
            )
            for file in made
        ]
        _output.table(head, rows)
