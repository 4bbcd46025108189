"""`unpublish`: take a model down and keep it down."""

import click

from huggingtweets_hub.cli import _options, _output


@click.command()
@click.argument("repo")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_options.output_format
def unpublish(repo: str, yes: bool, as_json: bool, quiet: bool) -> None:
    """Delete REPO from the Hub and remember not to publish its accounts again.

    \b
    Example:
      unpublish huggingtweets/nasa
    """
    from huggingtweets_hub import opt_outs, unpublishing

    if not yes:
        click.confirm(f"Delete {repo} and its history for good?", abort=True, err=True)
    handles = unpublishing.unpublish(repo)
    _output.emit(
        {"repo_id": repo, "handles": list(handles)},
        as_json=as_json,
        quiet=quiet,
        main="repo_id",
        lines={"Deleted": repo, "Opted out": f"{', '.join(handles)} (listed in {opt_outs.path()})"},
    )
