"""The pages of an account's statuses, on disk for a day, so that an interrupted reading goes on.

Each page is a line in a file that only grows, with a digest of that line and the one before it. Of a boost,
and of what not everybody may read, only the fact is kept.
"""

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from huggingtweets_hub.core import files
from huggingtweets_hub.posts.x_api.pages import append_synced

_DAY = 24 * 3600.0
_ROOM = 16 << 20
"""Bytes that must be free before a page is asked for."""


class Pages:
    """What was read of an account in one go, from its newest status on.

    Args:
        path: The file; the first page creates it.

    Attributes:
        statuses: Newest first.
        is_whole: They reach back to the first one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.statuses: list[dict[str, Any]] = []
        self.is_whole = False
        self._began: float | None = None
        self._before = ""
        self._load()

    @property
    def is_of_today(self) -> bool:
        """Whether the reading began less than a day ago."""
        return self._began is not None and 0 <= time.time() - self._began < _DAY

    def begin_again(self) -> None:
        """Forget what was read."""
        files.remove(self._path)
        self.statuses, self.is_whole, self._began, self._before = [], False, None, ""

    def require_room(self) -> None:
        """Raise `UnwritableError` if there is no room on the disk for another page."""
        files.require_room(self._path.parent, _ROOM)

    def add(self, statuses: Sequence[dict[str, Any]]) -> None:
        """Add a page, which is on disk then; one without statuses is the end."""
        line = json.dumps({"at": time.time(), "statuses": statuses}).encode()
        self._before = _digest(self._before, line)
        append_synced(self._path, self._before.encode() + b" " + line + b"\n")
        self._take(json.loads(line))

    def _load(self) -> None:
        """Read the file up to its first damaged line, from which on it is read from the server again."""
        content = self._path.read_bytes() if self._path.exists() else b""
        good = 0
        for whole in content.splitlines(keepends=True):
            digest, _, line = whole.rstrip(b"\n").partition(b" ")
            if not whole.endswith(b"\n") or digest.decode("latin-1") != _digest(self._before, line):
                break
            self._before = digest.decode()
            self._take(json.loads(line))
            good += len(whole)
        if good < len(content):
            files.write_whole(self._path, content[:good])

    def _take(self, page: dict[str, Any]) -> None:
        self._began = page["at"] if self._began is None else self._began
        self.statuses += page["statuses"]
        self.is_whole = not page["statuses"]


def _digest(before: str, line: bytes) -> str:
    return hashlib.sha256(before.encode() + line).hexdigest()
