"""What a verb prints: data to stdout, everything else to stderr."""

import json
from collections.abc import Mapping
from typing import Any

import click

from huggingtweets_hub.progress import Terminal


def emit(
    record: Mapping[str, Any], *, as_json: bool, quiet: bool, main: str, lines: Mapping[str, str]
) -> None:
    """Print a result: as JSON, as its main value alone, or as lines of label and value."""
    if as_json:
        click.echo(json.dumps(record, ensure_ascii=False))
    elif quiet:
        click.echo(record[main])
    else:
        width = max(map(len, lines), default=0)
        for label, value in lines.items():
            click.echo(f"{label:<{width}}  {value}")


def terminal(*, quiet: bool) -> Terminal:
    """Progress on stderr, with the libraries' own chatter turned off."""
    hush()
    return Terminal(quiet=quiet)


def hush() -> None:
    """Keep the libraries' own bars, hints and retry notices off the terminal."""
    import logging
    import os

    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    from stamina.instrumentation import set_on_retry_hooks

    set_on_retry_hooks([])
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
