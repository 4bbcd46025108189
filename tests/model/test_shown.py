"""Every stage of a run tells how far it is, every few units of work."""

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from huggingtweets_hub import Silent
from huggingtweets_hub.core.records import Corpus, Recipe
from huggingtweets_hub.model import base, evaluation, training
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.results import Wanted
from huggingtweets_hub.posts import corpus
from huggingtweets_hub.posts.sample import Sample

WANTED = Wanted(handles=("ada",), prompt="the sea", samples=40)


class Watching(Silent):
    """Keeps what it is told, and in which order."""

    def __init__(self) -> None:
        self.stages: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.expected: dict[str, float | None] = {}

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        self.stages[stage].append((done, total))


class Foreseeing(Watching):
    def expect(self, stage: str, seconds: float | None) -> None:
        self.expected[stage] = seconds


@pytest.fixture(scope="module")
def texts() -> Corpus:
    return corpus.build([Sample().fetch("lighthouse_ada", max_tweets=None, since=None, progress=Silent())])


def learned(texts: Corpus, tiny_gpt2: Path, folder: Path, progress: Watching) -> object:
    context = Context(device="cpu", progress=progress)
    checkpoint = base.resolve(tiny_gpt2)
    recipe = Recipe(name="default", epochs=1, learning_rate=1e-3, seed=7, block_size=64, batch_size=8)
    trained = training.train(texts, checkpoint, recipe, folder, wanted=WANTED, context=context)
    measured = evaluation.evaluate(
        checkpoint, folder, texts, WANTED, seed=7, is_foretold=True, context=context
    )
    return trained.files, measured


def test_each_stage_moves_every_few_units_and_ends_once(
    texts: Corpus, tiny_gpt2: Path, tmp_path: Path
) -> None:
    seen = Foreseeing()
    learned(texts, tiny_gpt2, tmp_path / "model", seen)
    most = {"Base model": 1100, "Sampling": 40, "Scoring": 1100, "Validating": 1100, "Training": 1}
    for stage, reports in seen.stages.items():
        steps = [later[0] - earlier[0] for earlier, later in pairwise(reports)]
        assert min(steps, default=0) >= 0 and max(steps, default=0) <= most.get(stage, 1), stage
        assert [done == total for done, total in reports].index(True) == len(reports) - 1, stage
    assert len(seen.stages["Sampling"]) > 40 and len(seen.stages["Scoring"]) > 2
    assert set(seen.expected) == set(seen.stages) - {"Preparing"}
    assert all(seconds and seconds > 0 for seconds in seen.expected.values())


def test_to_be_watched_changes_no_result(texts: Corpus, tiny_gpt2: Path, tmp_path: Path) -> None:
    results = [
        learned(texts, tiny_gpt2, tmp_path / str(number), progress)
        for number, progress in enumerate([Foreseeing(), Watching()])
    ]
    assert results[0] == results[1]


def test_an_evaluation_alone_is_foretold_too(texts: Corpus, tiny_gpt2: Path, tmp_path: Path) -> None:
    learned(texts, tiny_gpt2, tmp_path / "model", Watching())
    seen = Foreseeing()
    evaluation.evaluate(
        base.resolve(tiny_gpt2), tmp_path / "model", texts, WANTED, seed=7, context=Context(progress=seen)
    )
    assert all(seen.expected[stage] for stage in ("Loading", "Sampling", "Scoring"))
