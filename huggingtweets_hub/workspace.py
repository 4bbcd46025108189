"""Finished stages on disk, so that a run that was killed goes on from the last of them.

A stage's record is written whole or not at all, in a folder named for the fingerprint of all that
the stage depends on: what is found there is never out of date.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from huggingtweets_hub import settings
from huggingtweets_hub.errors import InvalidFactsError
from huggingtweets_hub.records.names import model_name, parse_handle
from huggingtweets_hub.serialization import from_json, to_json

T = TypeVar("T")


class Workspace:
    """The folder of one model in the making."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def model(self) -> Path:
        """Where weights and tokenizer are made."""
        return self.folder / "model"

    def load(self, stage: str, kind: type[T]) -> T | None:
        """The record of a finished stage, or None where it is missing or damaged."""
        try:
            return from_json(kind, json.loads((self.folder / f"{stage}.json").read_text("utf-8")))
        except (OSError, ValueError, InvalidFactsError):
            return None

    def save(self, stage: str, record: T) -> T:
        """Keep the record of a stage that is finished, and answer with it."""
        write_whole(self.folder / f"{stage}.json", json.dumps(to_json(record), ensure_ascii=False))
        return record

    def discard(self, stage: str) -> None:
        """Forget the record of a stage, because an earlier one is done again."""
        (self.folder / f"{stage}.json").unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete it, and what earlier settings of the same model have left."""
        for folder in self.folder.parent.iterdir():
            if folder.is_dir():
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def claimed(name: str, *, waiting: bool = True) -> Iterator[bool]:
    """A model for one run at a time, from its tweets to its commit. A kill gives it free.

    Args:
        name: The model's name (`records.model_name`).
        waiting: Wait until the other run is done; else answer False where there is one.
    """
    from filelock import FileLock, Timeout

    # A thread of its own takes the lock in a batch and another one releases it.
    folder = settings.home() / "work"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(folder / f".{name}.claim", thread_local=False)  # `forget` leaves it
    try:
        lock.acquire(timeout=-1 if waiting else 0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def opened(name: str, fingerprint: str) -> Iterator[Workspace]:
    """The workspace of a model, for one process at a time: a second one waits its turn.

    Besides the claim: a training that outlives its run by a moment must not write into the next.
    """
    from filelock import FileLock

    with FileLock(_root(name) / ".lock"):
        yield of(name, fingerprint)


def of(name: str, fingerprint: str) -> Workspace:
    """The workspace of a model that is claimed."""
    workspace = Workspace(_root(name) / fingerprint[:16])
    workspace.folder.mkdir(exist_ok=True, mode=0o700)
    return workspace


def _root(name: str) -> Path:
    root = settings.home() / "work" / name
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    return root


def forget(handles: Sequence[str]) -> None:
    """Delete all that is kept of these accounts: unfinished models and fetched pages."""
    kept = [settings.home() / "work" / model_name(parse_handle(handle) for handle in handles)]
    for handle in handles:
        kept += settings.timelines().glob(f"{handle.lower()}-*")
    for folder in kept:
        shutil.rmtree(folder, ignore_errors=True)


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that a kill leaves the old one or the new one, never a part."""
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def digest(*parts: object) -> str:
    """SHA-256 of values as JSON, the same for the same values."""
    content = json.dumps([to_json(part) for part in parts], sort_keys=True)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
