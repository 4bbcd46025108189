"""Recipes by their names, and by how much there is to learn from."""

import pytest

from huggingtweets_hub.model.training import recipes


def test_the_original_recipe_is_that_of_2021() -> None:
    original = recipes.choose("original", base="hub", characters=100_000)
    assert (original.epochs, original.learning_rate, original.block_size) == (4, 1.372e-4, 1024)
    assert (original.batch_size, original.schedule, original.warmup) == (1, "cosine", 0.0)
    assert (original.layout, original.dropout, original.bf16, original.keep_best) == (
        "blocks",
        None,
        False,
        False,
    )


def test_a_user_may_change_epochs_rate_and_seed() -> None:
    changed = recipes.choose("default", base="hub", characters=100_000, epochs=2, learning_rate=1e-4, seed=3)
    assert (changed.epochs, changed.learning_rate, changed.seed) == (2, 1e-4, 3)


@pytest.mark.parametrize(
    ("characters", "tokens", "rate", "epochs", "warmup"),
    [
        (6_000, 128, 2.12e-4, 2, 0.2),
        (25_599, 128, 2.12e-4, 2, 0.2),
        (25_600, 128, 2.12e-4, 1, 0.2),
        (51_199, 128, 2.12e-4, 1, 0.2),
        (60_000, 128, 2.12e-4, 1, 0.05),
        (200_000, 256, 3e-4, 1, 0.05),
        (10**7, 256, 3e-4, 1, 0.05),
    ],
)
def test_little_text_is_learned_in_smaller_steps_and_very_little_twice(
    characters: int, tokens: int, rate: float, epochs: int, warmup: float
) -> None:
    chosen = recipes.choose("default", base="folder", characters=characters)
    assert (chosen.epochs, chosen.warmup, chosen.block_size) == (epochs, warmup, tokens)
    assert chosen.learning_rate == pytest.approx(rate, rel=0.01)
    steps = characters / recipes._CHARACTERS_A_TOKEN / tokens
    assert steps >= 100 or tokens == 128


def test_a_base_that_knows_little_learns_longer_and_new_words() -> None:
    tiny = recipes.choose("default", base="tiny", characters=44_000)
    large = recipes.choose("default", base="hub", characters=44_000)
    assert recipes.choose("default", base="tiny", characters=20_000).epochs == 1
    assert (tiny.epochs, tiny.learning_rate, tiny.freeze_embeddings) == (1, 7.07e-4, False)
    assert tiny.warmup == 0.05 and tiny.keep_best
    assert tiny.layout == large.layout == "apart" and large.epochs == 1
    assert recipes.choose("default", base="tiny", characters=44_000, epochs=2).epochs == 2
    assert recipes.choose("original", base="tiny", characters=1).learning_rate == 1.372e-4
