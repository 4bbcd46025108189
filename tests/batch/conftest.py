"""Batches on a tiny model."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub import publish_batch
from huggingtweets_hub.batch import local, recorder, workers
from huggingtweets_hub.batch.run import Batch
from huggingtweets_hub.batch.worker_handle import LearningError
from huggingtweets_hub.core.errors import HuggingTweetsError
from huggingtweets_hub.core.progress import Progress, Silent
from huggingtweets_hub.core.records import TrainedModel
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.loading import Shelf
from huggingtweets_hub.pipeline import learn as pipeline_learn
from huggingtweets_hub.pipeline.gather import Gathered


class InThisProcess:
    """A trainer that learns here, for tests of what stands around the training."""

    def __init__(self, learned: list[str]) -> None:
        self._learned, self._shelf = learned, Shelf()

    def start(self) -> None:
        """There is no process."""

    def learn(self, gathered: Gathered, progress: Progress) -> TrainedModel:
        """As the worker does it."""
        try:
            with pipeline_learn.recorded(gathered) as recording:
                context = Context(progress=progress, shelf=self._shelf)
                model = pipeline_learn.learn(gathered, recording, context)
                self._learned.append(gathered.name)
                return model
        except HuggingTweetsError as error:
            raise LearningError(error) from error

    def sent(self, name: str, address: str | None) -> None:
        """No run is open."""

    kill = close = dismiss = start


@pytest.fixture
def near(trained: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Train in this process; the names of the models that were."""
    learned: list[str] = []
    monkeypatch.setattr(local, "WorkerHandle", lambda environment: InThisProcess(learned))
    monkeypatch.setattr(recorder, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(workers, "_processors", lambda: 1)  # transformers cannot load two models at once here
    return learned


@pytest.fixture
def batch(warm: None, tiny_gpt2: Path, tmp_path: Path) -> Callable[..., Batch]:
    """`publish_batch` of entries, on the tiny model."""

    def run(entries: list[Any], **options: Any) -> Batch:
        users = tmp_path / "users.json"
        users.write_text(json.dumps(entries))
        defaults = {
            "base_model": tiny_gpt2, "epochs": 1, "samples": 2, "namespace": "huggingtweets",
            "progress": Silent(),
        }  # fmt: skip
        return publish_batch(users, **{**defaults, **options})

    return run


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """A folder with modules named like some that a batch needs; one that is imported leaves a file."""
    folder = tmp_path / "strange"
    folder.mkdir()
    code = "import pathlib\n(pathlib.Path(__file__).parent / 'imported').touch()\nraise ImportError\n"
    for name in ("regex", "yaml", "torch", "filelock"):
        (folder / f"{name}.py").write_text(code)
    return folder
