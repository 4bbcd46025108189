"""How a model is trained: the recipes by their names."""

import dataclasses

from huggingtweets_hub.errors import InvalidInputError
from huggingtweets_hub.records import Recipe
from huggingtweets_hub.settings import DEFAULT_SEED

RECIPES = ("default", "original")


def choose(
    name: str,
    *,
    base: str,
    epochs: int | None = None,
    learning_rate: float | None = None,
    seed: int = DEFAULT_SEED,
) -> Recipe:
    """A recipe by name, with what the user changes of it.

    `original` is that of 2021: four epochs over blocks of 1,024 tokens, one a step, AdamW without
    decay, and a cosine from 1.372e-4. `default` keeps tweets apart, takes small steps at a higher
    rate, and keeps the weights that predict the validation tweets best. A model built on the spot
    knows nothing yet and gets twenty epochs in short blocks.

    Args:
        base: What training starts from (`BaseModel.kind`).

    Raises:
        InvalidInputError: An unknown name, or a number that makes no sense.
    """
    if name not in RECIPES:
        raise InvalidInputError(f"There is no recipe {name!r}.", f"Choose from: {', '.join(RECIPES)}.")
    if name == "default" and base == "scratch":
        chosen = Recipe(
            name=name, epochs=20, learning_rate=2e-3, seed=seed, block_size=128, batch_size=8, warmup=0.05
        )
    elif name == "default":
        chosen = Recipe(
            name=name, epochs=1, learning_rate=3e-4, seed=seed, layout="apart", block_size=256, warmup=0.05,
            dropout=0.0, freeze_embeddings=True, bf16=True, keep_best=True,
        )  # fmt: skip
    else:
        chosen = Recipe(name=name, epochs=4, learning_rate=1.372e-4, seed=seed)
    if epochs is not None:
        chosen = dataclasses.replace(chosen, epochs=epochs)
    if learning_rate is not None:
        chosen = dataclasses.replace(chosen, learning_rate=learning_rate)
    if chosen.epochs < 1 or not 0 < chosen.learning_rate < 1:
        raise InvalidInputError(
            f"{chosen.epochs} epochs at a learning rate of {chosen.learning_rate} train nothing.",
            "Give --epochs of 1 or more and a --learning-rate above 0 and below 1.",
        )
    return chosen
