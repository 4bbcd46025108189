"""How many models train at once follows from processors, memory and base model."""

from pathlib import Path

import pytest

from huggingtweets_hub.batch import workers
from tests.servers.hub import HubServer

GB = 10**9


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Four processors and 10 GB, no CUDA."""
    monkeypatch.setattr(workers, "_processors", lambda: 4)
    monkeypatch.setattr(workers, "_free_memory", lambda: 10 * GB)
    monkeypatch.setattr(workers, "_nvidia_cards", lambda: 0)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return monkeypatch


def folder(tmp_path: Path, parameters: int) -> Path:
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.truncate(2 * parameters)
    return tmp_path


def test_a_small_base_model_is_trained_on_every_processor(machine: pytest.MonkeyPatch) -> None:
    assert workers.environments(None, ["tiny"], 9) == [{"OMP_NUM_THREADS": "1"}] * 4
    assert workers.environments(None, ["scratch"], 2) == [{"OMP_NUM_THREADS": "2"}] * 2


def test_a_large_one_as_often_as_memory_allows(machine: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert len(workers.environments(None, [folder(tmp_path, 200_000_000)], 9)) == 2
    assert len(workers.environments(None, ["tiny", folder(tmp_path, 200_000_000)], 9)) == 2
    assert workers.environments(None, [folder(tmp_path, 9_000_000_000)], 9) == [{"OMP_NUM_THREADS": "4"}]


def test_what_was_asked_for_holds(machine: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert workers.environments(3, [folder(tmp_path, 9_000_000_000)], 9) == [{"OMP_NUM_THREADS": "1"}] * 3
    machine.setenv("OMP_NUM_THREADS", "5")
    assert workers.environments(2, ["tiny"], 9) == [{"OMP_NUM_THREADS": "5"}] * 2


def test_where_nobody_says_how_large_it_is_there_is_one(
    machine: pytest.MonkeyPatch, tmp_path: Path, hub: HubServer
) -> None:
    assert len(workers.environments(None, [tmp_path], 9)) == 1
    assert len(workers.environments(None, ["nobody/nothing"], 9)) == 1
    machine.setattr(workers, "_free_memory", lambda: None)
    assert len(workers.environments(None, ["tiny"], 9)) == 1


def test_each_cuda_card_has_a_worker(machine: pytest.MonkeyPatch) -> None:
    machine.setenv("CUDA_VISIBLE_DEVICES", "2,5")
    cards = [{"CUDA_VISIBLE_DEVICES": "2"}, {"CUDA_VISIBLE_DEVICES": "5"}]
    assert workers.environments(None, ["tiny"], 9) == cards
    assert workers.environments(3, ["tiny"], 9) == [*cards, cards[0]]


def test_this_machine_has_processors_and_memory() -> None:
    assert workers._processors() >= 1
    assert workers._free_memory() is None or workers._free_memory() > 10**8  # type: ignore[operator]
