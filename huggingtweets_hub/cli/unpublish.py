"""`unpublish`: take a model down and keep it down."""

import click

from huggingtweets_hub.cli import _options, _output


@click.command()
@click.argument("repo")
@click.option(
    "--keep-repo", is_flag=True, help="Delete its files and their history, but not the repository itself."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@_options.output_format
def unpublish(repo: str, keep_repo: bool, yes: bool, as_json: bool, quiet: bool) -> None:
    """Delete REPO from the Hub and remember not to publish its accounts again.

    \b
    Example:
      {program} unpublish huggingtweets/nasa
    """
    from huggingtweets_hub.hub import opt_outs
    from huggingtweets_hub.pipeline import unpublish as pipeline_unpublish

    if not yes:
        what = f"all files of {repo} and their" if keep_repo else f"{repo} and its"
        click.confirm(f"Delete {what} history for good?", abort=True, err=True)
    handles = pipeline_unpublish.unpublish(repo, keep_repo=keep_repo)
    _output.emit(
        {"repo_id": repo, "handles": list(handles)},
        as_json=as_json,
        quiet=quiet,
        main="repo_id",
        lines={
            "Emptied" if keep_repo else "Deleted": repo,
            "Opted out": f"{', '.join(handles)} (listed in {opt_outs.path()})",
        },
    )
