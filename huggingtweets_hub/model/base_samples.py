"""What base models write, kept on this machine: it is the same for every account.

A base model rarely ends a text, so that drawing from it takes longer than all else that is drawn. The samples
lie where huggingface_hub keeps models (`HF_HOME`), in its folder for what other libraries make of them.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import InvalidFactsError, UnwritableError
from huggingtweets_hub.core.serialization import digest, from_json, to_json
from huggingtweets_hub.core.settings import SAMPLING
from huggingtweets_hub.model.base import SCRATCH, Checkpoint
from huggingtweets_hub.model.drawing import Drawn

_KEPT = 200  # files of some 20 KB
_FORMAT = 2  # increase it where the same prompts and seed would give other texts


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseSamples:
    """The samples of one base model.

    Attributes:
        seed, precision: What they are drawn with, and in.
    """

    checkpoint: Checkpoint
    seed: int
    precision: str

    def load(self, prompts: Sequence[str]) -> list[Drawn] | None:
        """What was drawn for these prompts; None where nothing is kept, or it is damaged."""
        try:
            whole = json.loads(files.read_whole(self._path(prompts)))
            if whole["sha256"] == digest(whole["drawn"]) and len(whole["drawn"]) == len(prompts):
                return [from_json(Drawn, drawn) for drawn in whole["drawn"]]
        except (OSError, ValueError, LookupError, TypeError, RecursionError, InvalidFactsError):
            pass
        return None

    def keep(self, prompts: Sequence[str], drawn: Sequence[Drawn]) -> None:
        """Keep what was drawn, as far as the disk takes it; the oldest files of all models go."""
        if self.checkpoint.model.kind == SCRATCH:  # it depends on the texts
            return
        path, record = self._path(prompts), to_json(list(drawn))
        with suppress(UnwritableError, OSError):  # they can be drawn again
            path.parent.mkdir(parents=True, exist_ok=True)
            files.write_whole(path, json.dumps({"sha256": digest(record), "drawn": record}))
            newest_first = sorted(path.parent.glob("*.json"), key=lambda file: -file.stat().st_mtime)
            for file in newest_first[_KEPT:]:
                file.unlink(missing_ok=True)

    def _path(self, prompts: Sequence[str]) -> Path:
        model, how = self.checkpoint.model, (self.seed, self.precision, SAMPLING)
        key = digest(_FORMAT, model.name, model.kind, model.revision, list(prompts), *how)
        return folder() / f"{key[:32]}.json"


def folder() -> Path:
    """Where they lie; it may not be there."""
    from huggingface_hub import constants

    return Path(constants.HF_ASSETS_CACHE) / "huggingtweets" / "base-samples"
