"""What this machine has published, or seen published: a model that is gone since was taken down.

One JSON object a line; a line is added for each model, and the last one of a model counts.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from huggingtweets_hub.core import files, settings
from huggingtweets_hub.core.errors import TakenDownError


def paths() -> list[Path]:
    """The files: `{"repo_id": …, "handles": […]}` a line; no handles where it was taken down here."""
    return [folder / "publications.jsonl" for folder in settings.folders()]


def known() -> dict[str, tuple[str, ...]]:
    """The accounts of each model that was published, by lower-case repo id. Damaged lines are skipped."""
    return {repo_id: handles for repo_id, handles in _noted() if handles}


def taken_down() -> frozenset[str]:
    """The lower-case ids of the models that were taken down here, and not published again."""
    noted = [*_noted()]
    return frozenset(id for id, handles in noted if not handles) - {id for id, handles in noted if handles}


def remember(models: Mapping[str, Iterable[str]]) -> None:
    """Note models as published, with their accounts.

    Raises:
        UnwritableError: The disk takes no more.
    """
    before = known()
    new = {repo_id: list(handles) for repo_id, handles in models.items() if repo_id.lower() not in before}
    _append(new)


def forget(repo_id: str) -> None:
    """A model was taken down on purpose: the list of opt-outs says what may not come back."""
    _append({repo_id: []})


def require_not_gone(repo_id: str) -> None:
    """Stop if a model was published before; to be called where the Hub has none.

    Raises:
        TakenDownError: It was.
    """
    if repo_id.lower() in known():
        raise TakenDownError(
            f"{repo_id} was published before, but it is gone from the Hub, or its files are: somebody has "
            "taken it down.",
            "Find out who did, and why. To publish it again anyway, add --recreate.",
        )


def _noted() -> Iterator[tuple[str, tuple[str, ...]]]:
    for path in paths():
        yield from _noted_in(path).items()


def _noted_in(path: Path) -> dict[str, tuple[str, ...]]:
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        try:
            entry = json.loads(line)
            found[str(entry["repo_id"]).lower()] = tuple(map(str, entry["handles"]))
        except (ValueError, LookupError, TypeError, RecursionError):
            continue  # a kill or a full disk has cut it short
    return found


def _append(models: Mapping[str, list[str]]) -> None:
    if not models:
        return
    added = "".join(f"{json.dumps({'repo_id': key, 'handles': value})}\n" for key, value in models.items())
    for path in paths():
        with files.explained(path):
            files.folder(path.parent)
            with files.lock(path.with_suffix(".lock")), open(path, "ab", opener=files.as_private) as file:
                if file.tell() and path.read_bytes()[-1:] != b"\n":
                    file.write(b"\n")
                file.write(added.encode())
                file.flush()
                os.fsync(file.fileno())
