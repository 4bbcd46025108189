"""Finished stages on disk, and a training under way, so that a run that was killed goes on from there.

A stage's record is written whole or not at all, in a folder named for the fingerprint of all that
the stage depends on: what is found there is never out of date. It is kept with its digest, so that a
damaged one is made again, not used.
"""

import json
import os
import platform
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from huggingtweets_hub.core import accounts, files, settings
from huggingtweets_hub.core.accounts import parse_handle
from huggingtweets_hub.core.errors import InvalidFactsError, TrainingError
from huggingtweets_hub.core.files import write_whole
from huggingtweets_hub.core.serialization import digest, from_json, to_json
from huggingtweets_hub.core.text import visible

T = TypeVar("T")
_ID = re.compile("[0-9a-f]+")
WORK, LOCK = "work", ".lock"
"""The folder of the models in the making, under `HUGGINGTWEETS_HOME`; what a training holds in a model's."""


class Workspace:
    """The folder of one model in the making."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def model(self) -> Path:
        """Where weights and tokenizer are made."""
        return self.folder / "model"

    @property
    def checkpoint(self) -> Path:
        """What is kept of a training under way."""
        return self.folder / "checkpoint.safetensors"

    @property
    def is_gone(self) -> bool:
        """Whether somebody has deleted it (`forget`) while it is open."""
        return not (self.folder.is_dir() and (self.folder.parent / LOCK).exists())

    def require_there(self) -> None:
        """Raise `TrainingError` if somebody has deleted it."""
        if self.is_gone:
            raise TrainingError(
                f"The work files of {self.folder.parent.name} were deleted while the model was being made.",
                "Run the same command again. It starts over.",
            )

    def load(self, stage: str, kind: type[T]) -> T | None:
        """The record of a finished stage, or None where it is missing or damaged."""
        try:
            kept = json.loads((self.folder / f"{stage}.json").read_text("utf-8"))
            if kept["sha256"] == digest(kept["record"]):
                return from_json(kind, kept["record"])
        except (OSError, ValueError, LookupError, TypeError, RecursionError, InvalidFactsError):
            pass
        return None

    def save(self, stage: str, record: T) -> T:
        """Keep the record of a stage that is finished, and answer with it."""
        kept = {"sha256": digest(record), "record": to_json(record)}
        path = self.folder / f"{stage}.json"
        if path.is_dir():
            files.remove(path)
        write_whole(path, json.dumps(kept))
        return record

    def discard(self, stage: str) -> None:
        """Forget the record of a stage, because an earlier one is done again."""
        files.remove(self.folder / f"{stage}.json")

    def remove(self) -> None:
        """Delete it, and what earlier settings of the same model have left."""
        for folder in self.folder.parent.iterdir():
            if folder.is_dir():
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def claimed(name: str, *, waiting: bool = True) -> Iterator[bool]:
    """A model for one run at a time, from its posts to its commit. A kill gives it free.

    Args:
        name: The model's name (`core.accounts.model_name`).
        waiting: Wait until the other run is done; else answer False where there is one.

    Raises:
        UnwritableError: The disk takes no more, now or while the model is made.
    """
    from filelock import Timeout

    with files.explained():
        folder = files.folder(settings.home() / WORK)
        lock = files.lock(folder / f".{name}.claim")  # `forget` leaves it
        try:
            lock.acquire(timeout=-1 if waiting else 0)
        except Timeout:
            yield False
            return
        holder = _holder(name)
        try:
            with suppress(OSError), open(holder, "w", encoding="utf-8", opener=files.as_private) as file:
                file.write(f"{os.getpid()} {int(time.time())} {platform.node()}")
            yield True
        finally:
            with suppress(OSError):
                holder.unlink()
            lock.release()


def claimed_by(name: str) -> str:
    """Who has claimed a model, and how to stop waiting for it, as a sentence."""
    who = ""
    with suppress(OSError, ValueError, OverflowError):
        pid, since, host = _holder(name).read_text("utf-8").split(" ", 2)
        elsewhere = "" if host == platform.node() else f" on {visible(host):.40}"
        began = time.localtime(int(since))
        day = "" if began[:3] == time.localtime()[:3] else "%Y-%m-%d "
        who = f" (process {int(pid)}{elsewhere}, since {time.strftime(f'{day}%H:%M', began)})"
    return f"Another run is working on {name}{who}; waiting for it to end. Ctrl-C stops waiting."


def _holder(name: str) -> Path:
    return settings.home() / WORK / f".{name}.holder"


@contextmanager
def opened(name: str, fingerprint: str) -> Iterator[Workspace]:
    """The workspace of a model, for one process at a time: a second one waits its turn.

    Besides the claim: a training that outlives its run by a moment must not write into the next.
    """
    with files.lock(files.folder(_root(name)) / LOCK):
        yield of(name, fingerprint)


def of(name: str, fingerprint: str) -> Workspace:
    """The workspace of a model that is claimed."""
    return Workspace(files.folder(_root(name) / fingerprint[:16]))


def _root(name: str) -> Path:
    return settings.home() / WORK / name


def forget(handles: Sequence[str]) -> None:
    """Delete all that is kept of these accounts: unfinished models, also with others, and fetched pages.

    Raises:
        UnwritableError: The disk is read-only; something of them is still there.
    """
    names = {parse_handle(handle).lower() for handle in handles}
    work = (settings.home() / WORK).glob("*")
    kept = [path for path in work if any(accounts.may_be_of(path.name, name) for name in names)]
    pages = {accounts.model_name([name]) for name in names}
    timelines = [folder / settings.timelines().name for folder in settings.folders()]
    for path in (path for folder in timelines for path in folder.glob("*-*")):
        name, _, id = path.name.rpartition("-")
        if name in pages and _ID.fullmatch(id):  # else it is another account's whose name has a hyphen
            kept.append(path)
    with files.explained():
        for folder in kept:
            files.remove(folder)
