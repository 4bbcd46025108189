"""Bytes on disk.

A file that is written here is either complete or not there, and private to its user. Files that others
wrote are read only up to a limit.
"""

import errno
import hashlib
import os
import re
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import HuggingTweetsError, UnwritableError

if TYPE_CHECKING:
    from filelock import FileLock

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
_SAME_COMMAND = "then run the same command again. It continues after the last finished stage."
_ROOM = f"Free some space ('huggingtweets cache' shows what is kept and can prune it), {_SAME_COMMAND}"
_ELSEWHERE = f"Make it writable, or set HUGGINGTWEETS_HOME to a writable folder, {_SAME_COMMAND}"
# Whatever the call was, these mean that the disk accepts no more data.
_UNMISTAKABLE = {
    errno.ENOSPC: ("the disk is full", _ROOM),
    errno.EDQUOT: ("the disk quota is used up", _ROOM),
    errno.EROFS: ("the disk is read-only", _ELSEWHERE),
}
_DENIED = (errno.EACCES, errno.EPERM)
_OWN = f"Give yourself access to it, or set HUGGINGTWEETS_HOME to your own folder, {_SAME_COMMAND}"
_RUST = re.compile(r"\(os error (\d+)\)")  # how safetensors and tokenizers say it
_SQLITE = {sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_READONLY: errno.EROFS}


def folder(path: Path) -> Path:
    """Make a folder and any missing parents, private to the user.

    Raises:
        UnwritableError: Something else is in its place.
    """
    if not path.is_dir():
        folder(path.parent)
        try:
            path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        except FileExistsError as error:
            raise UnwritableError(
                f"{str(path)!r} is not a folder.",
                "Move it away, or set HUGGINGTWEETS_HOME to another folder.",
            ) from error
    return path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a kill leaves the old one or the new one, never a part.

    It is as private as its folder: only those who can look into the folder can read it.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        with open(partial, "wb", opener=as_private) as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def as_private(path: str, flags: int) -> int:
    """Open a file (an `opener` of `open`) that, if it is new, is as private as its folder."""
    of_folder = os.stat(os.path.dirname(path) or ".").st_mode
    return os.open(path, flags, of_folder & 0o666 | PRIVATE_FILE)


def close_off(path: Path) -> None:
    """Make a folder and everything that other libraries wrote in it private."""
    path.chmod(PRIVATE_FOLDER)
    for inside in path.rglob("*"):
        if not inside.is_symlink():
            inside.chmod(PRIVATE_FOLDER if inside.is_dir() else PRIVATE_FILE)


def remove(path: Path) -> None:
    """Delete a file, or a folder and its contents; it may be missing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def lock(path: Path) -> "FileLock":
    """A lock between processes, released when a process is killed. Another thread may release it."""
    from filelock import FileLock

    return FileLock(path, mode=PRIVATE_FILE, thread_local=False)


def require_room(path: Path, size: int) -> None:
    """Make sure that there is enough space on the disk, before doing work that would otherwise be lost.

    Raises:
        UnwritableError: Less than `size` bytes are free.
    """
    free = shutil.disk_usage(path).free
    if free < size:
        raise UnwritableError(
            f"{str(path)!r} could not be written: the disk is full ({free / 1e6:.1f} MB are free, at least "
            f"{size / 1e6:.0f} MB are needed).",
            _ROOM,
        )


@contextmanager
def explained(place: Path | None = None) -> Iterator[None]:
    """Turn exceptions about a full or read-only disk, or missing permissions, into an error that says so.

    Args:
        place: What is being written, if the exception does not say; by default the home folder.

    Raises:
        UnwritableError: The disk is the problem. All other exceptions are left as they are.
    """
    try:
        yield
    except Exception as error:
        known = unwritable(error, place)
        if known is None:
            raise
        raise known from error


def unwritable(error: BaseException, place: Path | None = None) -> UnwritableError | None:
    """The disk problem behind an exception; None if it is about something else."""
    if isinstance(error, UnwritableError):
        return None
    is_ours = isinstance(error, HuggingTweetsError)  # then the denial was explained already
    cause: BaseException | None = error
    while cause is not None:
        number, named = _number(cause), getattr(cause, "filename", None)
        where = os.fsdecode(named or place or settings.home())
        if number in _UNMISTAKABLE:
            reason, next_step = _UNMISTAKABLE[number]
            return UnwritableError(f"{where!r} could not be written: {reason}.", next_step)
        if number in _DENIED and named and not is_ours:  # without a file name it may be a connection
            return UnwritableError(f"{where!r} could not be accessed: permission denied.", _OWN)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return None


def _number(error: BaseException) -> int:
    """The operating system's number for an error; 0 if it has none."""
    if isinstance(error, OSError):
        return error.errno or 0
    if isinstance(error, sqlite3.Error):
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, 0)
    said = None if isinstance(error, HuggingTweetsError) else _RUST.search(str(error))
    return int(said[1]) if said else 0


LARGEST_READ = 16 << 20  # bytes; more than anyone writes by hand


def regular(path: str, flags: int) -> int:
    """An `opener` that refuses anything that could block or never end, such as a pipe or a device."""
    found = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise OSError(f"it is not a regular file: {path!r}")
    return found


def read_whole(path: Path, largest: int = LARGEST_READ) -> bytes:
    """The content of a small file.

    Raises:
        OSError: It cannot be read, is not a regular file, or has more than `largest` bytes.
    """
    with open(path, "rb", opener=regular) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise OSError(f"it is larger than {largest >> 20} MiB")
    return content


def sha256(content: Path | bytes) -> str:
    """The SHA-256 of a file's content."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file in the folder, by its path inside it."""
    digests = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                digests[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests
