"""What base models write, drawn once on a machine.

A base model rarely ends a text, so that drawing from it takes longer than all else that is drawn.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from huggingtweets_hub.core.errors import InvalidFactsError
from huggingtweets_hub.core.serialization import from_json, to_json
from huggingtweets_hub.core.settings import SAMPLING
from huggingtweets_hub.model import base_cache
from huggingtweets_hub.model.base import SCRATCH, Checkpoint
from huggingtweets_hub.model.drawing import Drawn

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
        found = base_cache.load(self.checkpoint.model, *self._key(prompts))
        with suppress(InvalidFactsError, TypeError):
            if len(found) == len(prompts):
                return [from_json(Drawn, drawn) for drawn in found]
        return None

    def keep(self, prompts: Sequence[str], drawn: Sequence[Drawn]) -> None:
        """Keep what was drawn, unless it depends on the texts, too."""
        if self.checkpoint.model.kind != SCRATCH:
            base_cache.keep(self.checkpoint.model, *self._key(prompts), found=to_json(list(drawn)))

    def _key(self, prompts: Sequence[str]) -> tuple[object, ...]:
        return "samples", _FORMAT, list(prompts), self.seed, self.precision, SAMPLING
