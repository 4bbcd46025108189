"""What the system says of a place that takes no data, told to the user with what to do about it."""

import errno
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import HuggingTweetsError, UnexpectedError, UnwritableError

_SAME_COMMAND = "then run the same command again. It continues after the last finished stage."
FREE_SPACE = f"Free some space ('huggingtweets cache' shows what is kept and can prune it), {_SAME_COMMAND}"
_ELSEWHERE = f"Make it writable, or {{instead}}, {_SAME_COMMAND}"
# Whatever the call was, these mean that the disk accepts no more data.
_UNMISTAKABLE = {
    errno.ENOSPC: ("the disk is full", FREE_SPACE),
    errno.EDQUOT: ("the disk quota is used up", FREE_SPACE),
    errno.EROFS: ("the disk is read-only", _ELSEWHERE),
    errno.EFBIG: (
        "the disk, or 'ulimit -f', does not allow such a large file",
        f"Raise the limit, or {{instead}}, {_SAME_COMMAND}",
    ),
}
_DENIED = (errno.EACCES, errno.EPERM)
_NO_PLACE = (errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.ENOSYS)  # such as below a file, or /proc
_OWN = f"Give yourself access to it, or {{instead}}, {_SAME_COMMAND}"
_RUST = re.compile(r"\(os error (\d+)\)")  # how safetensors and tokenizers say it
_SQLITE = {sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_READONLY: errno.EROFS}


def refused(path: Path, error: OSError | ValueError, instead: str = "") -> UnwritableError:
    """Why the system puts nothing into a place."""
    number, instead = _number(error), instead or _instead(str(path))
    if number in _UNMISTAKABLE or number in _DENIED:
        reason, next_step = _UNMISTAKABLE.get(number, ("permission denied", _OWN))
    else:
        said = str(getattr(error, "strerror", None) or error)
        reason = "nothing can be put there" if number in _NO_PLACE else said
        next_step = f"{instead[0].upper()}{instead[1:]}."
    return UnwritableError(f"{str(path)!r} cannot be written: {reason}.", next_step.format(instead=instead))


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
        if number in _UNMISTAKABLE:
            written = getattr(cause, "filename2", None)  # of a copy; the other is what was read
            where = os.fsdecode(written or named or place or settings.home())
            reason, next_step = _UNMISTAKABLE[number]
            next_step = next_step.format(instead=_instead(where))
            return UnwritableError(f"{where!r} could not be written: {reason}.", next_step)
        if number in _DENIED and named and not is_ours:  # without a file name it may be a connection
            where = os.fsdecode(named)
            next_step = _OWN.format(instead=_instead(where))
            return UnwritableError(f"{where!r} could not be accessed: permission denied.", next_step)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return None


def understood(error: BaseException) -> HuggingTweetsError:
    """Any exception as one of ours: itself, the disk problem behind it, or an unexpected error."""
    return error if isinstance(error, HuggingTweetsError) else unwritable(error) or UnexpectedError.of(error)


def _instead(where: str) -> str:
    """What else a user can do about a place that cannot be written."""
    from huggingface_hub import constants

    place = Path(where).absolute()
    roots = {
        settings.home(): "set HUGGINGTWEETS_HOME to a folder of your own",
        Path(constants.HF_HUB_CACHE): "set HF_HOME to a folder of your own",
        Path(constants.HF_HOME): "set HF_HOME to a folder of your own",
    }
    chosen = (said for root, said in roots.items() if root.absolute() in (place, *place.parents))
    return next(chosen, "choose another place")


def _number(error: BaseException) -> int:
    """The operating system's number for an error; 0 if it has none."""
    if isinstance(error, OSError):
        return error.errno or 0
    if isinstance(error, sqlite3.Error):
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, 0)
    said = None if isinstance(error, HuggingTweetsError) else _RUST.search(str(error))
    return int(said[1]) if said else 0
