"""Bytes on disk.

A file that is written here is either complete or not there, and private to its user. Files that others
wrote are read only up to a limit. What the system says where that fails is `explained` in `disk_errors`.
"""

import errno
import glob
import hashlib
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from huggingtweets_hub.core import settings
from huggingtweets_hub.core.disk_errors import FREE_SPACE, refused
from huggingtweets_hub.core.disk_errors import explained as explained
from huggingtweets_hub.core.disk_errors import understood as understood
from huggingtweets_hub.core.disk_errors import unwritable as unwritable
from huggingtweets_hub.core.errors import InvalidInputError, UnwritableError

if TYPE_CHECKING:
    from filelock import FileLock

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
LARGEST_READ = 16 << 20  # bytes; more than anyone writes by hand
_PARTIAL, _LONGEST_NAME = ".partial", 200
_IN_USE_SECONDS = 3600.0


def folder(path: Path) -> Path:
    """Make a folder and any missing parents, private to the user.

    Raises:
        UnwritableError: It cannot be made, or it is in a home that is not only the user's.
    """
    for root in {*settings.folders()} & {path, *path.parents}:
        _require_own(root)
    if not os.path.isdir(path):
        folder(path.parent)
        try:
            path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        except FileExistsError as error:
            raise UnwritableError(
                f"{str(path)!r} is not a folder.",
                "Move it away, or set HUGGINGTWEETS_HOME to another folder.",
            ) from error
        except (OSError, ValueError) as error:
            raise refused(path, error, "set HUGGINGTWEETS_HOME to another folder") from error
    return path


def _require_own(home: Path) -> None:
    """Make sure that nobody else can replace what is kept: opt-outs, the ledger, pages that were paid for.

    The group may write if it is the user's own, as where each user has a group. Root may use a folder of
    anybody, as containers do with folders of their host.
    """
    if not hasattr(os, "geteuid") or not os.path.isdir(home):
        return
    found = home.stat()
    if found.st_uid not in (os.geteuid(), 0) and os.geteuid() != 0:
        why, fix = f"belongs to another user (uid {found.st_uid})", f"chown {os.geteuid()}"
    elif found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and found.st_gid != os.getegid()):
        why, fix = f"can be changed by other users (mode {stat.S_IMODE(found.st_mode):o})", "chmod go-w"
    else:
        return
    raise UnwritableError(
        f"{str(home)!r} {why}, so what is kept there would not be safe.",
        f"Run '{fix} {home}', or set HUGGINGTWEETS_HOME (or HUGGINGTWEETS_STORE) to a folder that does not "
        "exist yet: it is made private.",
    )


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a kill leaves the old one or the new one, never a part.

    It is as private as its folder: only those who can look into the folder can read it.

    Raises:
        OSError: It cannot be written, or what is there is not a regular file.
    """
    with whole(path) as file:
        file.write(content if isinstance(content, bytes) else content.encode("utf-8"))


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Write a file piece by piece, as `write_whole` does: it appears when the context ends well."""
    if path.exists() and not path.is_file():  # such as /dev/stdout, which must not be replaced
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    partial = partial_of(path)
    try:
        with open(partial, "xb", opener=as_private) as file:  # x: never what somebody else has put there
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def partial_of(path: Path) -> Path:
    """Where to write a file or folder before it takes its place: beside it, and used by this try alone.

    What kills have left there an hour ago and earlier is deleted.
    """
    remove_partial(path, _IN_USE_SECONDS)
    return path.with_name(f".{path.name[:_LONGEST_NAME]}.{secrets.token_hex(8)}{_PARTIAL}")


def remove_partial(path: Path, older_than: float = 0.0) -> None:
    """Delete what kills have left of earlier tries to write a file, or a folder.

    Args:
        older_than: Seconds; what is younger may be in use by another process. 0: all of it.
    """
    for left in path.parent.glob(f".{glob.escape(path.name[:_LONGEST_NAME])}.*{_PARTIAL}"):
        with suppress(OSError):  # somebody else's, or gone
            parts = [left, *left.rglob("*")] if left.is_dir() else [left]
            if not older_than or time.time() - max(part.lstat().st_mtime for part in parts) > older_than:
                remove(left)


def as_private(path: str, flags: int) -> int:
    """Open a file (an `opener` of `open`) that, if it is new, is as private as its folder; follow no link."""
    of_folder = os.stat(os.path.dirname(path) or ".").st_mode
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), of_folder & 0o666 | PRIVATE_FILE)


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
            FREE_SPACE,
        )


def require_writable(path: Path, instead: str = "") -> None:
    """Make sure that a file or folder can be written, before doing work that would otherwise be lost.

    It is tried: permission bits do not tell where a file system takes no new files.

    Args:
        instead: What else the user can do, as in "set HF_HOME to a folder of your own".

    Raises:
        UnwritableError: Nothing can be written there.
    """
    try:
        with suppress(FileNotFoundError):  # a name that is too long, or below a file, is another error
            os.lstat(path)
        there = next(place for place in (path.absolute(), *path.absolute().parents) if os.path.lexists(place))
        if there.is_file() and there == path.absolute():
            os.close(os.open(there, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0)))
            there = there.parent
        with tempfile.TemporaryFile(dir=there) as tried:  # without a name: a kill leaves nothing
            tried.write(b"1")
    except (OSError, ValueError) as error:  # the latter of a name that no file can have
        raise refused(path, error, instead) from error


def require_not_read(output: Path, inputs: Iterable[Path | str]) -> None:
    """Make sure that what is written does not take the place of what it is made from.

    Args:
        inputs: Paths; anything else, such as a handle, is not the output.

    Raises:
        InvalidInputError: They are one file.
    """
    if any(_is_same(path, output) for path in inputs):
        raise InvalidInputError(
            f"{str(output)!r} is read from, so it cannot be written to.", "Give another file for the output."
        )


def _is_same(one: Path | str, other: Path) -> bool:
    with suppress(OSError, ValueError):  # there is none; the latter of a name that no file can have
        return os.path.samefile(one, other)
    return False


def regular(path: str, flags: int) -> int:
    """An `opener` that refuses anything that could block or never end, such as a pipe or a device."""
    found = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise OSError(errno.EINVAL, "it is not a regular file", path)
    return found


def read_whole(path: Path, largest: int = LARGEST_READ) -> bytes:
    """The content of a small file.

    Raises:
        OSError: It cannot be read, is not a regular file, or has more than `largest` bytes.
    """
    with open(path, "rb", opener=regular) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise OSError(errno.EINVAL, f"it is larger than {largest >> 20} MiB", str(path))
    return content


def sha256(content: Path | bytes) -> str:
    """The SHA-256 of a file's content."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_digests(folder: Path, only: Collection[str] | None = None) -> dict[str, str]:
    """The SHA-256 of every file in the folder, or of these alone, by its path inside it."""
    files = {
        path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()
    }
    return {name: sha256(path) for name, path in files.items() if only is None or name in only}
