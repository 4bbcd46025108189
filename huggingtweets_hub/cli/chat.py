"""`chat`: give a bot the beginnings of tweets, one after the other."""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, cast

import click

from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.cli.generate import raw
from huggingtweets_hub.core.errors import HuggingTweetsError
from huggingtweets_hub.core.text import visible
from huggingtweets_hub.model.generation import Sampling

if TYPE_CHECKING:
    from huggingtweets_hub.pipeline.bot import Bot

_ENDS = ("quit", "exit")
_ASKING = "> "


@click.command()
@click.argument("model", type=_options.Model())
@click.option(
    "-n", "--number", "n", type=click.IntRange(min=1), default=3, show_default=True,
    help="How many tweets to write for each line.",
)  # fmt: skip
@_options.of(Sampling)
@raw
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@click.option("-q", "--quiet", is_flag=True, help="Print only the texts, without numbers.")
def chat(model: str, n: int, raw: bool, as_json: bool, quiet: bool, **given: Any) -> None:
    """Talk to MODEL, a folder or a repo id: start a tweet and it writes the rest.

    On an empty line it starts by itself. Ctrl-C stops an answer; 'quit' or Ctrl-D ends the chat. Links,
    addresses, phone numbers and other people's names are masked as on the card.

    \b
    Examples:
      {program} chat my-bot
      echo "Tonight" | {program} chat my-bot -n 1
    """
    sampling = Sampling(**given)
    _output.terminal(quiet=quiet or as_json)
    from huggingtweets_hub.pipeline.bot import Bot

    bot = Bot(model, sampling, raw=raw)
    is_typed = sys.stdin.isatty()
    if is_typed and not quiet:
        click.echo("Type the start of a tweet, or just press Enter. 'quit' or Ctrl-D ends.", err=True)
    for prompt in _typed() if is_typed else _piped():
        try:
            _answer(bot, prompt, n, as_json=as_json, quiet=quiet)
        except KeyboardInterrupt:
            if not is_typed:
                raise
            click.echo(err=True)
        except HuggingTweetsError as error:
            if not is_typed:
                raise
            click.echo(f"{error.message} {error.next_step}", err=True)


def _answer(bot: "Bot", prompt: str, n: int, *, as_json: bool, quiet: bool) -> None:
    """Show each text as soon as it is written."""
    for number in range(1, n + 1):
        (text,) = bot.write(prompt)
        if as_json:
            click.echo(json.dumps({"prompt": prompt, "text": text}, ensure_ascii=False))
        else:
            click.echo(visible(text) if quiet else _output.numbered(number, text))


def _typed() -> Iterator[str]:
    """What is typed at the prompt, with the line editing of the system where it has one."""
    with suppress(ImportError):
        import readline  # noqa: F401  # from now on, `input` edits and remembers lines
    while True:
        try:
            if not sys.stdout.isatty():  # `input` would write it among the answers
                click.echo(_ASKING, nl=False, err=True)
            line = input(_ASKING if sys.stdout.isatty() else "")
        except KeyboardInterrupt:  # gives the line up, as in a shell
            click.echo(err=True)
            continue
        except UnicodeDecodeError:
            click.echo("That line is not valid Unicode.", err=True)
            continue
        except EOFError:
            click.echo(err=True)
            return
        if line.strip().lower() in _ENDS:
            return
        yield line


def _piped() -> Iterator[str]:
    """The lines of a pipe or file; bytes that are not UTF-8 are left for the model's check."""
    stdin = cast(TextIOWrapper, sys.stdin)
    stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape")
    for line in stdin:
        if line.strip().lower() in _ENDS:
            return
        yield line.rstrip("\r\n")
