"""What was found out about base models, kept on this machine: it is the same for every account.

It lies where huggingface_hub keeps models (`HF_HOME`), in its folder for what other libraries make of them.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import UnwritableError
from huggingtweets_hub.core.records import BaseModel
from huggingtweets_hub.core.serialization import digest

_KEPT = 400  # files of at most some 20 KB


def load(base: BaseModel, *key: object) -> Any:
    """What was kept of a base model under this key; None where nothing is, or it is damaged."""
    with suppress(OSError, ValueError, LookupError, TypeError, RecursionError):
        whole = json.loads(files.read_whole(_path(base, *key)))
        if whole["sha256"] == digest(whole["found"]):
            return whole["found"]
    return None


def keep(base: BaseModel, *key: object, found: Any) -> None:
    """Keep what JSON can hold, as far as the disk takes it; the oldest files of all models go."""
    path = _path(base, *key)
    with suppress(UnwritableError, OSError):  # it can be found out again
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_whole(path, json.dumps({"sha256": digest(found), "found": found}))
        newest_first = sorted(path.parent.glob("*.json"), key=lambda file: -file.stat().st_mtime)
        for file in newest_first[_KEPT:]:
            file.unlink(missing_ok=True)


def folder() -> Path:
    """Where it lies; it may not be there."""
    from huggingface_hub import constants

    return Path(constants.HF_ASSETS_CACHE) / "huggingtweets" / "base-models"


def former() -> Path:
    """Where earlier versions kept what base models write, which nobody reads any more."""
    return folder().with_name("base-samples")


def _path(base: BaseModel, *key: object) -> Path:
    return folder() / f"{digest(base.name, base.kind, base.revision, *key)[:32]}.json"
