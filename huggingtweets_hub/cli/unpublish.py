"""`unpublish`: take a model down and keep it down."""

import click

from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.core.accounts import mention
from huggingtweets_hub.core.errors import HubError


@click.command()
@click.argument("repo", type=_options.Model())
@click.option(
    "--handle",
    "handles",
    multiple=True,
    metavar="HANDLE",
    help="Which of its accounts opts out; repeatable. By default all of them.",
)
@click.option(
    "--keep-repo", is_flag=True, help="Delete its files and their history, but not the repository itself."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@_options.output_format
def unpublish(
    repo: str, handles: tuple[str, ...], keep_repo: bool, yes: bool, as_json: bool, quiet: bool
) -> None:
    """Delete REPO from the Hub and remember not to publish its accounts again.

    \b
    Examples:
      {program} unpublish huggingtweets/nasa
      {program} unpublish huggingtweets/ada-bob-eve --handle eve
    """
    from huggingtweets_hub.hub import namespace_opt_outs, opt_outs
    from huggingtweets_hub.pipeline import unpublish as pipeline_unpublish

    namespace = repo.split("/")[0]
    if not yes:
        accounts = pipeline_unpublish.accounts(repo, handles, keep_repo=keep_repo)
        people = ", ".join(map(mention, accounts)) or "this model"
        what = f"all files of {repo} and their" if keep_repo else f"{repo} and its"
        _output.confirm(f"Delete {what} history for good, and never publish {people} again?")
    gone = pipeline_unpublish.unpublish(repo, keep_repo=keep_repo, handles=handles)
    done = "Emptied" if keep_repo else "Deleted"
    try:
        found = pipeline_unpublish.others(gone, namespace)
    except HubError as error:
        raise type(error)(
            f"{repo} is {done.lower()}, and the opt-out is on the list. Could not find out which other "
            f"models of theirs are public: {error.message}",
            f"'{_output.program()} opt-outs add {' '.join(gone)} --namespace {namespace}' lists them later.",
        ) from error
    others = [model for model in found if model.lower() != repo.lower()]
    lists = " and ".join(map(str, opt_outs.paths()))
    _output.emit(
        {"repo_id": repo, "handles": list(gone), "others": others},
        as_json=as_json,
        quiet=quiet,
        main="repo_id",
        lines={
            done: repo,
            "Opted out": f"{', '.join(gone) or repo} (listed in {lists} and, as digests, in "
            f"{namespace}/{namespace_opt_outs.NAME})",
        },
    )
    if not gone and not quiet:
        click.echo(f"{repo} did not say whose posts it was made from, so only the model is listed.", err=True)
        click.echo(f"Add its accounts with '{_output.program()} opt-outs add'.", err=True)
    if others and not quiet:
        click.echo(f"Still public, and made from posts by {', '.join(gone)}:", err=True)
        for model in others:
            click.echo(f"  {_output.program()} unpublish {model}", err=True)
