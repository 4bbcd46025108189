"""Files that others made: only regular ones are opened, and none is read without a bound."""

import os
import stat
from pathlib import Path

LARGEST = 16 << 20  # bytes; beyond any file that a person writes


def regular(path: str, flags: int) -> int:
    """An `opener` that refuses what could make a reader wait, such as a pipe, or never end, as a device."""
    found = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise OSError(f"it is no regular file: {path!r}")
    return found


def whole(path: Path, largest: int = LARGEST) -> bytes:
    """What a small file holds.

    Raises:
        OSError: It cannot be read, is no regular file, or has more than `largest` bytes.
    """
    with open(path, "rb", opener=regular) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise OSError(f"it has more than {largest >> 20} MiB")
    return content
