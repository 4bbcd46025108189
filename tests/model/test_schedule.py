"""The learning rate of each step."""

import math
from typing import Any

import pytest
import torch

from huggingtweets_hub.core.records import Recipe
from huggingtweets_hub.model.training import recipes, schedule


def rates(recipe: Recipe, steps: int) -> list[float]:
    """The rate of each step, as a share of the highest."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=recipe.learning_rate)
    planned = schedule.of(recipe, optimizer, steps)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"] / recipe.learning_rate)
        optimizer.step()
        planned.step()
    return found


def recipe(**changes: Any) -> Recipe:
    return Recipe(**{"name": "test", "epochs": 1, "learning_rate": 1e-3, "seed": 1, **changes})


def test_each_step_of_a_warm_up_learns_and_so_does_the_last_step() -> None:
    seen = rates(recipe(schedule="linear", warmup=0.2), 10)
    assert seen[:3] == pytest.approx([1 / 3, 2 / 3, 1])
    assert seen[2:] == pytest.approx([1 - step / 8 for step in range(8)])


@pytest.mark.parametrize("steps", [1, 2, 9, 10, 46, 243])
@pytest.mark.parametrize("base", ["hub", "tiny", "scratch"])
def test_no_step_of_the_default_recipe_is_in_vain(base: str, steps: int) -> None:
    seen = rates(recipes.choose("default", base=base, characters=30_000), steps)
    assert min(seen) > 0 and max(seen) == 1


def test_the_schedule_of_2021_is_a_cosine_without_a_warm_up() -> None:
    seen = rates(recipes.choose("original", base="hub", characters=30_000), 37)
    assert seen == pytest.approx([(1 + math.cos(math.pi * step / 37)) / 2 for step in range(37)])


def test_a_constant_rate_stays() -> None:
    assert rates(recipe(schedule="constant"), 5) == [1] * 5
