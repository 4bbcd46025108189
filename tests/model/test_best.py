"""The best weights come back as they were, from memory and from a file."""

from pathlib import Path

import pytest
import torch

from huggingtweets_hub.model.training.best import BestWeights


def weights() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {
        "matrix": torch.randn(5, 3),
        "transposed": torch.randn(4, 2).T,
        "number": torch.randn(()),
        "half": torch.randn(7).bfloat16(),
    }


@pytest.mark.parametrize("in_a_file", [True, False])
def test_the_last_ones_kept_are_restored(in_a_file: bool, tmp_path: Path) -> None:
    now = weights()
    best = BestWeights(now, tmp_path / "scratch" if in_a_file else None)
    assert best.tensors() == {}
    for number in range(3):
        for weight in now.values():
            weight.add_(number)
        best.keep()
    kept = {name: weight.clone() for name, weight in now.items()}
    for weight in now.values():
        weight.zero_()
    best.restore()
    assert all(torch.equal(now[name], kept[name]) for name in kept)


def test_what_a_checkpoint_gives_back_is_kept_in_its_place(tmp_path: Path) -> None:
    given = weights()
    best = BestWeights(
        {name: torch.zeros_like(weight) for name, weight in given.items()}, tmp_path / "scratch"
    )
    best.keep(dict(reversed(given.items())))
    assert all(torch.equal(best.tensors()[name], given[name]) for name in given)


def test_a_file_that_became_shorter_is_an_error(tmp_path: Path) -> None:
    best = BestWeights(weights(), tmp_path / "scratch")
    best.keep()
    with (tmp_path / "scratch").open("r+b") as file:
        file.truncate(20)
    with pytest.raises(OSError, match="shorter"):
        best.restore()
