"""Which jobs this machine has begun to start, and not yet seen the end of: a file for each."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.core import files, settings

if TYPE_CHECKING:
    from filelock import FileLock


def folder() -> Path:
    """Where the files lie, in a folder for each account that pays."""
    return settings.home() / "remote"


def lock(namespace: str, publication: str) -> "FileLock":
    """A file that stays until the job is over, locked while it is being started.

    Raises:
        UnwritableError: The file cannot be made.
    """
    with files.explained():
        return files.lock(files.folder(folder() / namespace) / publication)


def forget(namespace: str, publication: str) -> None:
    """The job is over, or was not started."""
    with suppress(OSError):
        (folder() / namespace / publication).unlink()


def is_given_up(namespace: str, publication: str) -> bool:
    """Whether a run on this machine was to start this job, and was killed before."""
    from filelock import Timeout

    if not (folder() / namespace / publication).exists():
        return False
    try:
        with lock(namespace, publication).acquire(timeout=0):
            return True
    except Timeout:
        return False
