"""How fast a base model is on this machine, which foretells how long a run takes.

It is tried with a few tokens of each kind of work, and kept for the next account.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from huggingtweets_hub.core.errors import InvalidFactsError
from huggingtweets_hub.core.records import BaseModel
from huggingtweets_hub.core.serialization import from_json, to_json
from huggingtweets_hub.model import base_cache, device, drawing, scoring
from huggingtweets_hub.model.training import batches
from huggingtweets_hub.model.training.batches import Batch
from huggingtweets_hub.model.training.stepper import Stepper

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The seconds that a base model takes.

    Attributes:
        gradients: For a token of a step, padding included.
        optimizer: For a step.
        scoring, drawing: For a token.
    """

    gradients: float
    optimizer: float
    scoring: float
    drawing: float

    def of_steps(self, steps: Sequence[Batch]) -> float:
        """The seconds that these steps will take."""
        return self.gradients * sum(map(batches.padded, steps)) + self.optimizer * len(steps)


def of(
    base: BaseModel,
    stepper: Stepper,
    tokenizer: "PreTrainedTokenizerBase",
    steps: list[Batch],
    texts: Sequence[str],
) -> Pace:
    """What was kept of a training like this one, or is tried now.

    Args:
        texts: What to score for a trial.
    """
    model, recipe = stepper.model, stepper.recipe
    trained = (recipe.block_size, recipe.layout, recipe.lora_rank, recipe.freeze_embeddings)
    key = "pace", device.name(stepper.device), stepper.precision, *trained
    with suppress(InvalidFactsError):
        return from_json(Pace, base_cache.load(base, *key))
    gradients, optimizer = stepper.rehearse(steps)
    found = Pace(
        gradients=gradients,
        optimizer=optimizer,
        scoring=scoring.rehearse(model, tokenizer, texts),
        drawing=drawing.rehearse(model, tokenizer),
    )
    base_cache.keep(base, *key, found=to_json(found))
    return found
