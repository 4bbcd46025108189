"""The command line: one file a verb, loaded when it is called."""

import importlib
from importlib.metadata import version

import click

from huggingtweets_hub.cli import _output, _waits
from huggingtweets_hub.cli._errors import shown
from huggingtweets_hub.core.spelling import nearest

_VERBS = {
    "publish": "Publish one model from one to three accounts.",
    "batch": "Publish a model for each line of a file.",
    "status": "Show what batches have done.",
    "fetch": "Write an account's timeline to a file.",
    "card": "Work on just the model card.",
    "generate": "Sample tweets from a model.",
    "chat": "Talk to a model: start a tweet and it writes the rest.",
    "export": "Convert a model for another client.",
    "app": "Make a bot in the browser, without a command line.",
    "page": "Publish a page where anyone can try the bots in the browser.",
    "unpublish": "Take a model down for good.",
    "opt-outs": "Say who must not be published.",
    "demo": "Make a bot of a fictional account in a local folder.",
    "cache": "Show or prune what is kept on disk.",
    "env": "Show versions and settings for a bug report.",
}


class _Verbs(click.Group):
    """Knows the verbs by name and imports one only when it is called, so that help is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        verb = importlib.import_module(f"huggingtweets_hub.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = getattr(verb, cmd_name.replace("-", "_"))
        _name_program(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[:1] == ["help"]:
            args = [*args[1:2], "--help"]
            if args == ["--help"]:
                click.echo(ctx.get_help())
                ctx.exit()
        near = nearest(args[0], _VERBS) if args and args[0] not in _VERBS else None
        if near is not None and not args[0].startswith("-"):
            ctx.fail(f"There is no command {args[0]!r}. Did you mean {near!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))


def _name_program(command: click.Command) -> None:
    """Let the examples in a command's help begin with the program's name, so that they can be pasted."""
    command.help = (command.help or "").replace("{program}", _output.program())
    for part in getattr(command, "commands", {}).values():
        _name_program(part)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("huggingtweets_hub"), prog_name="huggingtweets")
def main() -> None:
    """Turn an account's posts into a published text-generation model.

    \b
    Try it without an account, key or network:
      {program} demo
    Publish a bot of your own posts, from an archive you downloaded:
      {program} publish archive.zip --namespace @me --consent self
    """
    _waits.show()


_name_program(main)
main = shown(main)
