"""Accounts whose models were taken down. They are not published until their line is deleted by hand."""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path

from huggingtweets_hub.core import files, people, settings
from huggingtweets_hub.core.errors import InvalidInputError, OptedOutError
from huggingtweets_hub.hub import store
from huggingtweets_hub.hub.store_dataset import OPT_OUTS

FILE = OPT_OUTS


def path() -> Path:
    """The list: one handle per line, lower-cased; anything after a # is a comment."""
    return settings.kept() / FILE


def add(handles: Collection[str], repo_id: str) -> None:
    """Record here, and in the dataset used as the store, that these accounts must not be published again.

    Raises:
        HubError: The dataset could not be written; the list here was updated.
    """
    lines = [_line(handle, repo_id) for handle in handles]
    _edit(lambda text: _joined([*text.splitlines(), *lines]))
    if kept := store.dataset():
        kept.edit_opt_outs(lambda text: _joined([*_without(lines, text), *lines]))


def remove(handles: Collection[str], repo_id: str) -> None:
    """Undo what `add` has just written.

    Raises:
        HubError: The dataset could not be written; its list still has them.
    """
    lines = [_line(handle, repo_id) for handle in handles]
    _edit(lambda text: _joined(_without(lines, text)))
    if kept := store.dataset():
        kept.edit_opt_outs(lambda text: _joined(_without(lines, text)))


def listed() -> frozenset[str]:
    """Who is on the list here, and on the one in the dataset used as the store.

    Raises:
        HubError: The dataset cannot be read.
        InvalidInputError: The list here cannot be read, or a line of either is not understood.
    """
    kept = store.dataset()
    there = {f"{FILE} of {settings.store()}": kept.opt_outs} if kept else {}
    return people.read({str(path()): _text(), **there})


def _edit(edit: Callable[[str], str]) -> None:
    """Change the list here, completely or not at all; two processes that change it at once take turns."""
    place = path()
    with files.explained(place):
        files.folder(place.parent)
        with files.lock(place.with_suffix(".lock")):
            files.write_whole(place, edit(_text()))


def _text() -> str:
    """The list here; if it cannot be read, that is an error, not an empty list."""
    try:
        return path().read_text("utf-8-sig")  # an editor may have added a byte order mark
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise InvalidInputError(
            f"The list of opt-outs {str(path())!r} could not be read ({error}).",
            "Fix the file: one handle per line, in UTF-8. Accounts on it must not be published again.",
        ) from error


def require_absent(handles: Iterable[str]) -> None:
    """Stop if an account has opted out.

    Raises:
        OptedOutError: One of the handles is on the list.
    """
    out = listed()
    for handle in handles:
        if handle.lower() in out:
            raise OptedOutError(
                f"The model of @{handle} was taken down and must not be published again.",
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
