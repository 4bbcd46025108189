"""`app`: the page on which a bot is made without a command line."""

import signal
import sys
from types import FrameType
from typing import NoReturn

import click

from huggingtweets_hub.cli import _output

_ENDS = ("SIGTERM", "SIGHUP")
"""How it is told to end besides Ctrl-C: by `kill`, and by a terminal that is closed."""


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="N", help="By default the first free port from 7860 up."
)
@click.option("--open/--no-open", "is_opened", default=True, help="Open the page in the browser (or not).")
@click.option(
    "--deploy",
    metavar="NAMESPACE/NAME",
    help="Put the page on the Hub as a Space instead, for others to use.",
)
def app(port: int | None, is_opened: bool, deploy: str | None) -> None:
    """Make a bot on a page in your browser, without a command line.

    Drop an archive, see what was recognized, say whose posts they are, choose a model, watch it learn, try
    the bot, and download or publish it. Only this machine can open the page. Ctrl-C stops it and deletes
    your posts; a training that was not published can be resumed.

    \b
    Examples:
      {program} app
      {program} app --port 8000 --no-open
    """
    if deploy is not None:
        _deploy(deploy)
        return
    from huggingtweets_hub.app.web.serving import serve

    for name in _ENDS:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, _end)
    click.echo("Starting the page. This takes a few seconds.", err=True)
    try:
        serve(port=port, opened=lambda address: _announce(address, is_opened=is_opened))
    except KeyboardInterrupt:
        click.echo(
            "\nStopped. Your posts were deleted here. A training that was not published can be resumed.",
            err=True,
        )
        sys.exit(_output.INTERRUPTED)


def _deploy(space: str) -> None:
    from huggingtweets_hub.app.deploy import deploy

    made = deploy(space, progress=_output.terminal(quiet=False, models=False))
    lines = {"Space": made.url, "Changed": "" if made.changed else "nothing, it was already up to date"}
    _output.emit({}, as_json=False, quiet=False, main="", lines={k: v for k, v in lines.items() if v})


def _announce(address: str, *, is_opened: bool) -> None:
    click.echo(address)
    click.echo("Only this machine can open the page. Press Ctrl-C to stop it.", err=True)
    if is_opened:
        _output.open_page(address, "page")


def _end(number: int, _: FrameType | None) -> NoReturn:
    """End as after Ctrl-C, so that the jobs are ended and their files deleted."""
    sys.exit(128 + number)
