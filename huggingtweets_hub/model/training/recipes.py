"""How a model is trained: the recipes by name."""

import dataclasses
import math
from typing import Literal

from huggingtweets_hub.core.records import Recipe
from huggingtweets_hub.core.settings import DEFAULT_SEED

RecipeName = Literal["default", "original"]

_TOKENS_A_STEP = 256
_FEWEST_TOKENS_A_STEP = 128
_STEPS_WANTED = 100
_STEPS_OF_A_LONG_WARM_UP, _STEPS_OF_TWO_EPOCHS = 100, 50  # fewer than these, in an epoch
_CHARACTERS_A_TOKEN = 4  # roughly, in English
_LORA_RANK, _LORA_RATE = 16, 10.0


def choose(
    name: RecipeName,
    *,
    base: str,
    characters: int,
    epochs: int | None = None,
    learning_rate: float | None = None,
    seed: int = DEFAULT_SEED,
    lora: bool = False,
) -> Recipe:
    """A recipe by name, with the user's changes.

    `original` is the recipe of 2021: four epochs over blocks of 1,024 tokens, one per step, AdamW
    without decay, and a cosine schedule from 1.372e-4. `default` keeps posts apart, takes small steps
    at a higher rate, and keeps the weights that predict the validation posts best. A newly built model
    knows nothing yet and gets twenty epochs in short blocks; `tiny` knows little and learns faster.

    Args:
        base: What training starts from (`BaseModel.kind`).
        characters: How much text there is to learn from. From little, `default` learns in smaller
            steps and a rate that rises slowly; from very little in two epochs.
        lora: Train adapters. They begin at nothing and take a higher rate.
    """
    if name == "original":
        chosen = Recipe(name=name, epochs=4, learning_rate=1.372e-4, seed=seed)
    elif base == "scratch":
        chosen = Recipe(
            name=name, epochs=20, learning_rate=2e-3, seed=seed, block_size=128, batch_size=8, warmup=0.05
        )
    else:
        tokens = _tokens_a_step(characters)
        steps = characters / (tokens * _CHARACTERS_A_TOKEN)
        chosen = Recipe(
            name=name, epochs=2 if steps < _STEPS_OF_TWO_EPOCHS else 1, learning_rate=_rate(tokens),
            seed=seed, layout="apart", block_size=tokens, schedule="linear",
            warmup=0.2 if steps < _STEPS_OF_A_LONG_WARM_UP else 0.05,
            dropout=0.0, freeze_embeddings=True, bf16=True, keep_best=True,
        )  # fmt: skip
    if name == "default" and base == "tiny":
        # It knows only old books. More epochs or a higher rate do not predict the sample better.
        rate = round(chosen.learning_rate * 10 / 3, 6)
        chosen = dataclasses.replace(
            chosen, epochs=1, learning_rate=rate, warmup=0.05, freeze_embeddings=False
        )
    if lora:
        rate = round(chosen.learning_rate * _LORA_RATE, 6)
        chosen = dataclasses.replace(chosen, learning_rate=rate, freeze_embeddings=True, lora_rank=_LORA_RANK)
    if epochs is not None:
        chosen = dataclasses.replace(chosen, epochs=epochs)
    if learning_rate is not None:
        chosen = dataclasses.replace(chosen, learning_rate=learning_rate)
    return chosen


def _tokens_a_step(characters: int) -> int:
    """The maximum tokens per step, halved until an epoch has enough steps."""
    size = _TOKENS_A_STEP
    while size > _FEWEST_TOKENS_A_STEP and characters < _STEPS_WANTED * size * _CHARACTERS_A_TOKEN:
        size //= 2
    return size


def _rate(tokens: int) -> float:
    """The learning rate scales with the square root of the tokens per step, as the gradient noise does."""
    return round(3e-4 * math.sqrt(tokens / _TOKENS_A_STEP), 6)
