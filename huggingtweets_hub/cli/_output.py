"""What a verb prints and how it ends: data to stdout, everything else to stderr."""

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from huggingtweets_hub.cli import _waits
from huggingtweets_hub.core import tokens
from huggingtweets_hub.core.bars import hush
from huggingtweets_hub.core.progress import Terminal
from huggingtweets_hub.core.text import visible

_WIDEST = 100
"""Columns of text that are easy to read."""
_DENSE = r"\u2e80-\u2fff\u3040-\ua4cf\uf900-\ufaff\uff01-\uff9f"  # Chinese and Japanese
_CLOSING = "、。，．！？：；）」』】〉》ーっッ々"  # with which no line begins
_PIECE = re.compile(rf"\s*(?:[{_DENSE}][{_CLOSING}]*|[^\s{_DENSE}]+[{_CLOSING}]*)")
KNOWN_ERROR, SOME_FAILED, INTERRUPTED = 1, 3, 130
"""How a command ends that is not done; 2, for wrong usage, is click's."""


def program() -> str:
    """The program's name as it was typed."""
    typed = Path(sys.argv[0]).stem
    return typed if typed == "huggingtweets" else "python -m huggingtweets_hub"


def command_line() -> str:
    """The command that runs, to be typed again; without a token that stands in it."""
    typed = click.get_current_context().find_root().obj or ()
    return tokens.redacted(f"{program()} {shlex.join(typed)}")


def open_streams() -> None:
    """Give a process whose stdin, stdout or stderr is closed one that is empty, or that nobody reads."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # until the end


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns under a head; nothing if there are none."""
    if not rows:
        return
    shown = [[visible(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(_columns, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = (cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


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
            click.echo(f"{label:<{width}}  {visible(value)}")


def styled(text: str, **style: Any) -> str:
    """The text in a colour, unless `NO_COLOR` is set; click leaves colours out where nobody looks."""
    return text if os.environ.get("NO_COLOR") else click.style(text, **style)


def numbered(number: int, text: str, **style: Any) -> str:
    """The text under its number, in lines that end between words; `style` is that of `click.style`."""
    head = f"{number:>2}. "
    width = max(min(shutil.get_terminal_size().columns, _WIDEST) - len(head), 1)
    lines = [part for line in visible(text).splitlines() for part in _wrapped(line.expandtabs(), width)]
    return styled(head, dim=True) + styled(("\n" + " " * len(head)).join(lines), **style)


def _wrapped(line: str, width: int) -> list[str]:
    """The line in parts that end between words, or after a letter of a script without spaces."""
    lines: list[str] = []
    for piece in _PIECE.findall(line):
        if lines and _columns(lines[-1] + piece) <= width:
            lines[-1] += piece
        else:
            lines.append(piece.lstrip())
    return lines


def _columns(text: str) -> int:
    """How much room a text takes in a terminal, where Chinese letters and emoji are twice as wide."""
    from tqdm.utils import disp_len

    return int(disp_len(text))


def texts(title: str, written: Iterable[str], **style: Any) -> None:
    """Print what a model wrote, under a title."""
    click.echo(styled(f"\n{title}", bold=True))
    for number, text in enumerate(written, start=1):
        click.echo(numbered(number, text, **style))


def confirm(question: str) -> None:
    """Ask on stderr, and stop unless the answer is yes; where nobody answers, what follows is a new line."""
    try:
        is_agreed = click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)
        raise
    if not is_agreed:
        raise click.Abort


def open_page(page: Path | str, what: str = "card") -> None:
    """Show a file or an address in the browser; where there is none, say where it is, and what."""
    import webbrowser

    address = page if isinstance(page, str) else page.resolve().as_uri()
    try:
        is_open = _has_browser() and webbrowser.open(address)
    except (webbrowser.Error, OSError):
        is_open = False
    if not is_open:
        click.echo(f"Could not open a browser. The {what} is at {visible(str(page))}", err=True)


def _has_browser() -> bool:
    """Whether a browser has a screen to open on; one that takes over the terminal is not meant."""
    screens = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in screens)


def terminal(*, quiet: bool, models: bool = True, timed: bool = False) -> Terminal:
    """Progress on stderr, with the libraries' own chatter turned off.

    Args:
        models: The verb loads a model anyway, so that importing its library costs nothing more.
        timed: Lines begin with the time where stderr is not a terminal.
    """
    hush(models=models)
    if models and not quiet:
        _show_transfers()
    shown = Terminal(quiet=quiet, timed=timed)
    _waits.say_by(shown.note)
    return shown


def _show_transfers() -> None:
    """Give the Hub's client its bars back: transformers turned them off along with its own."""
    from huggingface_hub import constants
    from huggingface_hub.utils.tqdm import enable_progress_bars

    if not constants.HF_HUB_DISABLE_PROGRESS_BARS and sys.stderr.isatty():
        enable_progress_bars()
