"""From exceptions to messages and exit codes: the one place where a run ends badly."""

import json
import os
import shlex
import sys
import traceback
from io import TextIOWrapper
from typing import Any, cast

import click

from huggingtweets_hub.cli import _output
from huggingtweets_hub.core import files, tokens
from huggingtweets_hub.core.errors import (
    HuggingTweetsError,
    InvalidInputError,
    NoWriteAccessError,
    UnwritableError,
)

_IN_STAGES = (["publish"], ["batch"], ["demo"], ["fetch"])  # what others do begins anew


def shown(command: click.Group) -> Any:
    """The command, with errors as two lines on stderr (JSON on stdout with `--json`)."""

    def run(arguments: list[str] | None = None) -> None:
        typed = sys.argv[1:] if arguments is None else arguments
        _output.open_streams()
        if not sys.stdout.isatty():
            # What a pipe is given must not depend on the machine's code page.
            cast(TextIOWrapper, sys.stdout).reconfigure(encoding="utf-8")
        try:
            command.main(typed, prog_name=_output.program(), standalone_mode=False, obj=typed)
        except click.ClickException as error:
            error = _shorter(error) if isinstance(error, click.NoSuchOption) else error
            if "--json" in typed:
                _report(InvalidInputError(error.format_message(), _help_of(error)), typed)
            else:
                error.show()
            sys.exit(error.exit_code)
        except click.Abort as abort:
            if isinstance(abort.__cause__, KeyboardInterrupt):  # click turns it into its own
                where = str(abort.__cause__) or "the last finished stage"  # a training says its step
                goes_on = (
                    f" Run the same command again to resume from {where}." if typed[:1] in _IN_STAGES else ""
                )
                click.echo(f"Stopped.{goes_on}", err=True)
                sys.exit(_output.INTERRUPTED)
            declined = InvalidInputError("Nothing was changed.", "To skip the question, add --yes.")
            if "--json" in typed:
                _report(declined, typed)
            else:
                click.echo(str(declined), err=True)
            sys.exit(_output.KNOWN_ERROR)
        except Exception as error:  # noqa: BLE001  # whatever it is, the user is told
            known = _unprinted(error) or files.understood(error)
            is_traced = os.environ.get("HF_DEBUG") == "1"
            if is_traced:
                click.echo(tokens.traceback_of(error), err=True, nl=False)
            if not is_traced or "--json" in typed:
                _report(known, typed)
            sys.exit(_output.KNOWN_ERROR)

    run.command = command  # type: ignore[attr-defined]  # for the tests and the documentation
    return run


def _shorter(error: click.NoSuchOption) -> click.NoSuchOption:
    """The error, with `-n` suggested where `--n` was typed; click looks for long options only."""
    short = error.option_name.removeprefix("-")
    params = error.ctx.command.params if error.ctx is not None else ()
    if short not in {name for param in params for name in param.opts}:
        return error
    return click.NoSuchOption(error.option_name, possibilities=[short], ctx=error.ctx)


def _help_of(error: click.ClickException) -> str:
    """The command that shows what can be typed."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"Try '{context.command_path if context else _output.program()} --help' for help."


def _unprinted(error: Exception) -> UnwritableError | None:
    """The error for what stdout did not take, in whose place stderr is used from then on; else None."""
    raised = traceback.extract_tb(error.__traceback__)[-1]
    if not isinstance(error, OSError) or (raised.filename, raised.name) != (click.utils.__file__, "echo"):
        return None
    sys.stdout = sys.stderr
    return UnwritableError(
        f"The output could not be written: {error.strerror or error}.",
        "Free some space there or send it elsewhere, then run the same command again.",
    )


def _report(error: HuggingTweetsError, typed: list[str]) -> None:
    message, next_step = tokens.redacted(error.message), tokens.redacted(error.next_step)
    if isinstance(error, NoWriteAccessError) and "@me" in next_step and typed[:1] == ["publish"]:
        next_step = f"Publish under your own name: {_output.program()} {shlex.join(_under_my_name(typed))}"
    if "--json" in typed:
        described = {"kind": error.kind, "message": message, "next_step": next_step}
        click.echo(json.dumps(described, ensure_ascii=False))
        return
    click.echo(_output.styled(f"Error: {message}", fg="red"), err=True)
    if next_step:
        click.echo(next_step, err=True)


def _under_my_name(typed: list[str]) -> list[str]:
    """The same command with the namespace of the token's account."""
    kept: list[str] = []
    for word in typed:
        if kept and kept[-1] in ("--namespace", "--repo-id"):
            kept.pop()
        elif not word.startswith(("--namespace=", "--repo-id=")):
            kept.append(word)
    return [*kept, "--namespace", "@me"]
