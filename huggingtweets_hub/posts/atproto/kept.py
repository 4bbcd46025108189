"""A repository on disk, kept for a day: it is free, but nobody needs to be asked for it again and again."""

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from huggingtweets_hub.core import files

_DAY = 24 * 3600.0


class Kept:
    """The repository of an account as it was fetched, and its digest.

    Args:
        root: The folder of all timelines.
        name: What the account's model is called: all that is kept of it can be found by that.
        did: Whose repository it is.

    Attributes:
        path: The repository.
    """

    def __init__(self, root: Path, name: str, did: str) -> None:
        self._folder = root / f"{name}-{hashlib.sha256(did.encode()).hexdigest()[:16]}"
        self.path = self._folder / "repo.car"
        self._record = self._folder / "repo.json"

    def is_of_today(self) -> bool:
        """Whether it is there, undamaged, and less than a day old."""
        record: Any = None
        with suppress(OSError, ValueError, RecursionError):
            record = json.loads(files.read_whole(self._record))
        if not isinstance(record, dict) or not self.path.is_file():
            return False
        fetched = record.get("fetched")
        is_new = isinstance(fetched, int | float) and 0 <= time.time() - fetched < _DAY
        return is_new and record.get("sha256") == files.sha256(self.path)

    @contextmanager
    def renewed(self) -> Iterator[Path]:
        """Where to put a new one, which counts once the context ends well."""
        files.folder(self._folder)
        now = time.time()
        yield self.path
        record = {"sha256": files.sha256(self.path), "fetched": int(now)}
        files.write_whole(self._record, json.dumps(record))

    def remove(self) -> None:
        """Delete it."""
        files.remove(self._folder)
