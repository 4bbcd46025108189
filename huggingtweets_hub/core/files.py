"""Bytes on disk.

What is written here is whole or not there, for its user alone; what others wrote is read within a bound.
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
_SAME_COMMAND = "then run the same command again: it goes on from the last finished stage."
_ROOM = f"Make room (the verb 'cache' shows what is kept and prunes it), {_SAME_COMMAND}"
_ELSEWHERE = f"Make it writable, or set HUGGINGTWEETS_HOME to a folder that is; {_SAME_COMMAND}"
# Whatever the call, these say that a disk takes no more.
_UNMISTAKABLE = {
    errno.ENOSPC: ("the disk is full", _ROOM),
    errno.EDQUOT: ("the disk quota is used up", _ROOM),
    errno.EROFS: ("the disk is read-only", _ELSEWHERE),
}
_DENIED = (errno.EACCES, errno.EPERM)
_OWN = f"Allow yourself to use it, or set HUGGINGTWEETS_HOME to a folder of your own; {_SAME_COMMAND}"
_RUST = re.compile(r"\(os error (\d+)\)")  # how safetensors and tokenizers say it
_SQLITE = {sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_READONLY: errno.EROFS}


def folder(path: Path) -> Path:
    """Make a folder, and those above it that are missing, for the user alone.

    Raises:
        UnwritableError: There is something else in its place.
    """
    if not path.is_dir():
        folder(path.parent)
        try:
            path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        except FileExistsError as error:
            raise UnwritableError(
                f"{str(path)!r} is no folder.", "Move it away, or set HUGGINGTWEETS_HOME to another place."
            ) from error
    return path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a kill leaves the old one or the new one, never a part.

    It is as private as its folder: nobody may read it who may not look in there.
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
    """Open a file (an `opener` of `open`) that is as private as its folder, where it is made now."""
    of_folder = os.stat(os.path.dirname(path) or ".").st_mode
    return os.open(path, flags, of_folder & 0o666 | PRIVATE_FILE)


def close_off(path: Path) -> None:
    """Make what other libraries have written in a folder private, and the folder itself."""
    path.chmod(PRIVATE_FOLDER)
    for inside in path.rglob("*"):
        if not inside.is_symlink():
            inside.chmod(PRIVATE_FOLDER if inside.is_dir() else PRIVATE_FILE)


def remove(path: Path) -> None:
    """Delete a file, or a folder with all that is in it; it may be missing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def lock(path: Path) -> "FileLock":
    """A lock between processes, which a kill gives free. Another thread may release it."""
    from filelock import FileLock

    return FileLock(path, mode=PRIVATE_FILE, thread_local=False)


def require_room(path: Path, size: int) -> None:
    """Make sure that a disk takes some more, before something is done that would be lost otherwise.

    Raises:
        UnwritableError: It has less room than `size` bytes.
    """
    free = shutil.disk_usage(path).free
    if free < size:
        raise UnwritableError(
            f"{str(path)!r} cannot be written: the disk is full ({free / 1e6:.1f} MB are free, at least "
            f"{size / 1e6:.0f} MB are needed).",
            _ROOM,
        )


@contextmanager
def explained(place: Path | None = None) -> Iterator[None]:
    """Turn what is raised where a disk is full or may not be written into an error that says so.

    Args:
        place: What is written to, where the exception itself does not say it; by default the home.

    Raises:
        UnwritableError: The disk's fault. Every other exception stays as it is.
    """
    try:
        yield
    except Exception as error:
        known = unwritable(error, place)
        if known is None:
            raise
        raise known from error


def unwritable(error: BaseException, place: Path | None = None) -> UnwritableError | None:
    """What an exception says of a disk that takes no more; None where it says something else."""
    if isinstance(error, UnwritableError):
        return None
    is_ours = isinstance(error, HuggingTweetsError)  # which has understood a denial better
    cause: BaseException | None = error
    while cause is not None:
        number, named = _number(cause), getattr(cause, "filename", None)
        where = os.fsdecode(named or place or settings.home())
        if number in _UNMISTAKABLE:
            reason, next_step = _UNMISTAKABLE[number]
            return UnwritableError(f"{where!r} cannot be written: {reason}.", next_step)
        if number in _DENIED and named and not is_ours:  # without a name it may be a connection
            return UnwritableError(f"{where!r} may not be used: permission denied.", _OWN)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return None


def _number(error: BaseException) -> int:
    """The number by which the operating system names an error; 0 where it has none."""
    if isinstance(error, OSError):
        return error.errno or 0
    if isinstance(error, sqlite3.Error):
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, 0)
    said = None if isinstance(error, HuggingTweetsError) else _RUST.search(str(error))
    return int(said[1]) if said else 0


LARGEST_READ = 16 << 20  # bytes; beyond any file that a person writes


def regular(path: str, flags: int) -> int:
    """An `opener` that refuses what could make a reader wait, such as a pipe, or never end, as a device."""
    found = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise OSError(f"it is no regular file: {path!r}")
    return found


def read_whole(path: Path, largest: int = LARGEST_READ) -> bytes:
    """What a small file holds.

    Raises:
        OSError: It cannot be read, is no regular file, or has more than `largest` bytes.
    """
    with open(path, "rb", opener=regular) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise OSError(f"it has more than {largest >> 20} MiB")
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
