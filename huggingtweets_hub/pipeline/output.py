"""The folder that a user keeps the finished model in."""

import json
import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

from huggingtweets_hub import card
from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.names import ATTRIBUTES, CARD, FACTS, FORM_FILE, PAGE, expanded, stays_inside
from huggingtweets_hub.core.records import Publication
from huggingtweets_hub.hub import files as hub_files
from huggingtweets_hub.pipeline.workspace import Workspace


def require_free(output: str | Path | None) -> Path | None:
    """The folder to keep the result in: absent, empty, or an earlier result.

    Raises:
        InvalidInputError: It is something else.
        UnwritableError: It cannot be written.
    """
    if output is None:
        return None
    folder = expanded(output)
    core_files.require_writable(folder, "give --output another folder")
    if os.path.lexists(folder) and not (_is_empty(folder) or (folder / FACTS).is_file()):
        raise InvalidInputError(
            f"{str(output)!r} exists and is not an earlier result.", "Give --output another folder."
        )
    return folder


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def keep(
    documents: Mapping[str, bytes],
    weights: Collection[str],
    is_new: bool,
    work: Workspace,
    output: Path | None,
    publication: Publication,
) -> Path | None:
    """Leave the finished folder where the user wants it, or after a dry run where it was made.

    Raises:
        UnwritableError: The disk takes no more; the model itself is safe.
    """
    is_dry = publication.commit is None
    if output is None and not is_dry:
        return None
    if is_dry:
        page = card.page(documents[CARD].decode("utf-8"), documents)
        documents = {**documents, PAGE: page.encode("utf-8")}
    with core_files.explained(output):
        if is_new:
            for name, content in documents.items():
                core_files.write_whole(work.model / name, content)
        if output is None:
            return work.model
        if is_new:
            _begin(output, documents[FACTS])
            for name in {*weights, *documents} - {FACTS}:
                place = _inside(output, name)
                place.unlink(missing_ok=True)  # a link would lead the copy elsewhere
                shutil.copyfile(work.model / name, place)
        else:
            fetch(publication.repo_id, str(publication.commit), output)
    return output


def fetch(repo_id: str, commit: str, folder: Path) -> None:
    """Put the files of a publication into a folder, in place of an earlier result.

    Raises:
        UnwritableError: The disk takes no more.
        HubError: They could not be downloaded.
    """
    with core_files.explained(folder):
        _begin(folder, hub_files.download_file(repo_id, FACTS, commit))
        hub_files.download(repo_id, commit, folder)
        shutil.rmtree(folder / ".cache", ignore_errors=True)
        (folder / ATTRIBUTES).unlink(missing_ok=True)


def _begin(folder: Path, facts: bytes) -> None:
    """Put the facts into the folder first: by them a run after a kill knows the rest for its own."""
    _remove_earlier(folder)
    folder.mkdir(parents=True, exist_ok=True)
    core_files.write_whole(folder / FACTS, facts)


def _inside(folder: Path, name: str) -> Path:
    """The place of a file, which may lie in a folder within; a link in that folder's place is removed."""
    place = folder / name
    if place.parent != folder:
        if place.parent.is_symlink():
            place.parent.unlink()
        place.parent.mkdir(exist_ok=True)
    return place


def _remove_earlier(folder: Path) -> None:
    """Delete the files of an earlier result but its facts, and nothing that somebody put beside them."""
    try:
        earlier = json.loads((folder / FACTS).read_text("utf-8")).get("files") or {}
    except (OSError, ValueError, AttributeError):
        return
    for name in (*earlier, PAGE):
        is_ours = stays_inside(name) and ("/" not in name or FORM_FILE.fullmatch(name)) and name != FACTS
        place = folder / name
        if is_ours and (place.parent == folder or not place.parent.is_symlink()):
            place.unlink(missing_ok=True)
