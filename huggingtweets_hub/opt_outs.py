"""Accounts whose models were taken down. They stay unpublished until their line is deleted by hand."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from huggingtweets_hub import settings
from huggingtweets_hub.errors import OptedOutError


def path() -> Path:
    """The list: one handle a line, lower-cased; what follows a # is a comment."""
    return settings.home() / "opt-outs.txt"


def add(handles: Iterable[str], repo_id: str) -> None:
    """Remember that these accounts are not to be published again."""
    path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path().open("a", encoding="utf-8", newline="\n") as file:
        for handle in handles:
            file.write(_line(handle, repo_id) + "\n")


def remove(handles: Iterable[str], repo_id: str) -> None:
    """Take back what `add` has just written."""
    written = {_line(handle, repo_id) for handle in handles}
    lines = [line for line in path().read_text("utf-8").splitlines() if line not in written]
    path().write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def require_absent(handles: Iterable[str]) -> None:
    """Stop where an account has opted out.

    Raises:
        OptedOutError: One of the handles is on the list.
    """
    if not path().exists():
        return
    listed = {line.split("#")[0].strip() for line in path().read_text("utf-8").splitlines()}
    for handle in handles:
        if handle.lower() in listed:
            raise OptedOutError(
                f"The model of @{handle} was taken down and is not to be published again.",
                f"If its owner agrees, delete the line '{handle.lower()}' in {path()}.",
            )


def _line(handle: str, repo_id: str) -> str:
    return f"{handle.lower()}  # {repo_id} unpublished on {datetime.now(UTC):%Y-%m-%d}"
