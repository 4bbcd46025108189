"""Accounts whose models were taken down. They stay unpublished until their line is deleted by hand."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path

from huggingtweets_hub import settings, store
from huggingtweets_hub.dataset import OPT_OUTS
from huggingtweets_hub.errors import OptedOutError
from huggingtweets_hub.records.names import read_list

FILE = OPT_OUTS


def path() -> Path:
    """The list: one handle a line, lower-cased; what follows a # is a comment."""
    return settings.kept() / FILE


def add(handles: Collection[str], repo_id: str) -> None:
    """Remember that these accounts are not to be published again, here and in the dataset that is the store.

    Raises:
        HubError: The dataset cannot be written; the list here has them.
    """
    path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [_line(handle, repo_id) for handle in handles]
    with path().open("a", encoding="utf-8", newline="\n") as file:
        file.write(_joined(lines))
    if kept := store.dataset():
        kept.edit_opt_outs(lambda text: _joined([*_without(lines, text), *lines]))


def remove(handles: Collection[str], repo_id: str) -> None:
    """Take back what `add` has just written.

    Raises:
        HubError: The dataset cannot be written; the list there still has them.
    """
    lines = [_line(handle, repo_id) for handle in handles]
    text = _joined(_without(lines, path().read_text("utf-8")))
    path().write_text(text, encoding="utf-8", newline="\n")
    if kept := store.dataset():
        kept.edit_opt_outs(lambda text: _joined(_without(lines, text)))


def listed() -> frozenset[str]:
    """The handles on the list here, and on the one in the dataset that is the store.

    Raises:
        HubError: The dataset cannot be read.
    """
    kept = store.dataset()
    here = path().read_text("utf-8") if path().exists() else ""
    return read_list(here) | read_list(kept.opt_outs if kept else "")


def require_absent(handles: Iterable[str]) -> None:
    """Stop where an account has opted out.

    Raises:
        OptedOutError: One of the handles is on the list.
    """
    out = listed()
    for handle in handles:
        if handle.lower() in out:
            raise OptedOutError(
                f"The model of @{handle} was taken down and is not to be published again.",
                f"If its owner agrees, delete the line '{handle.lower()}' in {path()}{_and_there()}.",
            )


def _and_there() -> str:
    return f" and in {FILE} of {settings.store()}" if store.dataset() else ""


def _without(lines: Collection[str], text: str) -> list[str]:
    return [line for line in text.splitlines() if line not in lines]


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _line(handle: str, repo_id: str) -> str:
    return f"{handle.lower()}  # {repo_id} unpublished on {datetime.now(UTC):%Y-%m-%d}"
