"""A publication whose training was stopped: what its home holds, what its tracker is told, what goes on."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import huggingtweets_hub
from huggingtweets_hub import OptedOutError, Publication, Silent, TrainingError, unpublish
from huggingtweets_hub.core.records import RunLink
from huggingtweets_hub.hub import namespace_opt_outs
from huggingtweets_hub.model.tracking.tracker import Nowhere
from huggingtweets_hub.model.training.checkpoints import Checkpoints
from huggingtweets_hub.model.training.states import State
from huggingtweets_hub.pipeline import home as pipeline_home
from huggingtweets_hub.pipeline.workspace import Workspace
from tests.servers.hub import HubServer

ADA = "huggingtweets/lighthouse_ada"


class KilledError(Exception):
    """As a SIGKILL: nothing of ours catches it."""


class Told(Silent):
    """What a run says, and its end at a step."""

    def __init__(self, killed_at: int | None = None) -> None:
        self.lines: list[str] = []
        self._killed_at = killed_at

    def note(self, message: str) -> None:
        self.lines.append(message)

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        if stage == "Training" and done == self._killed_at:
            raise KilledError

    @property
    def goes_on(self) -> list[str]:
        return [line for line in self.lines if line.startswith("Resuming at step")]


class Recorder(Nowhere):
    """A tracker whose run can be gone on with; it keeps every step that it is told."""

    name = "recorder"

    def __init__(self) -> None:
        self.link = RunLink(id="a run")
        self.logged: list[int] = []
        self.resumed: list[RunLink | None] = []
        self.failed: list[bool] = []

    def start_training(self, *arguments: Any, resumed: RunLink | None) -> "Recorder":
        self.resumed.append(resumed)
        return self

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        self.logged.append(step)

    def finish(self, *, failed: bool = False) -> None:
        self.failed.append(failed)


@pytest.fixture(autouse=True)
def every_seventh_step(monkeypatch: pytest.MonkeyPatch) -> None:
    keep = Checkpoints._keep

    def kept(self: Checkpoints, step: int, state: Callable[[], State]) -> None:
        if self._path is not None and step % 7 == 0:
            keep(self, self._path, step, state)

    monkeypatch.setattr(Checkpoints, "keep_if_due", kept)


@pytest.fixture
def publish(tiny_gpt2: Path) -> Callable[..., Publication]:
    def run(killed_at: int | None = None, **options: Any) -> tuple[Told, Any]:
        told = Told(killed_at)
        defaults = {"source": "sample", "base_model": tiny_gpt2, "epochs": 1, "max_tweets": 90, "samples": 2}
        given = {**defaults, "tracker": "none", "progress": told, **options}
        if killed_at is None:
            return told, huggingtweets_hub.publish(**given)
        with pytest.raises(KilledError):
            huggingtweets_hub.publish(**given)
        return told, None

    return run  # type: ignore[return-value]


def weights(hub: HubServer) -> bytes:
    return hub.repos[ADA].files["model.safetensors"]


def checkpoints(home: Path) -> list[Path]:
    return sorted(home.rglob("checkpoint.safetensors"))


def test_the_same_command_goes_on_and_no_checkpoint_stays(
    hub: HubServer, publish: Callable[..., Any], home: Path
) -> None:
    publish(repo_id="alice/whole")
    publish(killed_at=18, dry_run=True)
    (kept,) = checkpoints(home)
    (work,) = pipeline_home.kept()[:1]
    assert work.kind == "work" and work.name == "lighthouse_ada" and work.bytes >= kept.stat().st_size
    would_go = [item.path for item in pipeline_home.to_prune(older_than=0) if item.kind == "work"]
    assert would_go == [work.path]
    told, _ = publish(dry_run=True)
    assert [line.split(" of ")[0] for line in told.goes_on] == ["Resuming at step 14"]
    assert checkpoints(home) == []
    again, _ = publish()
    assert again.goes_on == [] and weights(hub) == hub.repos["alice/whole"].files["model.safetensors"]
    facts = json.loads(hub.repos[ADA].files["huggingtweets.json"])
    assert facts["training"]["seconds"] > 0


def test_pruned_it_begins_anew(hub: HubServer, publish: Callable[..., Any], home: Path) -> None:
    publish(killed_at=18)
    pipeline_home.prune(pipeline_home.to_prune(older_than=0))
    assert checkpoints(home) == []
    told, _ = publish()
    assert told.goes_on == [] and ADA in hub.repos


@pytest.mark.parametrize(
    "change",
    [
        {"max_tweets": 70},
        *(
            pytest.param(c, marks=pytest.mark.slow)
            for c in ({"seed": 5}, {"learning_rate": 1e-4}, {"epochs": 2})
        ),
    ],
)
def test_another_recipe_or_corpus_does_not_take_the_checkpoint(
    hub: HubServer, publish: Callable[..., Any], home: Path, change: dict[str, Any]
) -> None:
    publish(killed_at=18)
    told, _ = publish(dry_run=True, **change)
    assert told.goes_on == []
    assert len(checkpoints(home)) == 1
    told, _ = publish()
    assert len(told.goes_on) == 1 and checkpoints(home) == []


def test_a_tracker_is_told_each_step_once(hub: HubServer, publish: Callable[..., Any]) -> None:
    whole, tracker = Recorder(), Recorder()
    publish(tracker=whole, repo_id="alice/whole")
    for at in (13, 20, 27):  # after steps that were logged, and are trained again
        publish(killed_at=at, tracker=tracker)
    publish(tracker=tracker)
    assert tracker.logged == whole.logged == sorted(set(whole.logged))
    assert tracker.resumed == [None] + 3 * [RunLink(id="a run")]


def test_a_tracker_is_told_each_step_once_where_the_training_begins_anew(
    hub: HubServer, publish: Callable[..., Any], home: Path
) -> None:
    whole, tracker = Recorder(), Recorder()
    publish(tracker=whole, repo_id="alice/whole")
    publish(killed_at=20, tracker=tracker)
    (kept,) = checkpoints(home)
    kept.write_bytes(b"damaged")
    told, _ = publish(tracker=tracker)
    assert told.goes_on == [] and tracker.logged == whole.logged


def test_another_tracker_is_told_all_steps(hub: HubServer, publish: Callable[..., Any]) -> None:
    first, other = Recorder(), Recorder()
    other.name, other.link = "other", RunLink(id="another run")
    publish(killed_at=20, tracker=first)
    publish(tracker=other)
    assert other.logged[:1] == [0] and set(first.logged) < set(other.logged)
    assert other.logged == sorted(set(other.logged))


def test_the_checkpoint_stays_until_the_record_of_the_model_is_there(
    hub: HubServer, publish: Callable[..., Any], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Workspace.save

    def killed(self: Workspace, stage: str, record: Any) -> Any:
        if stage == "training":
            raise KilledError
        return save(self, stage, record)

    with monkeypatch.context() as patched, pytest.raises(KilledError):
        patched.setattr(Workspace, "save", killed)
        publish()
    assert len(checkpoints(home)) == 1
    told, _ = publish()
    assert len(told.goes_on) == 1 and list(home.rglob("*.safetensors")) == []


class During(Silent):
    """Does something at a step of a training, or of another stage."""

    def __init__(self, do: Callable[[], Any], stage: str = "Training", step: int = 10) -> None:
        self._do, self._when = do, (stage, step)

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        if (stage, done) == self._when:
            self._do()


def test_who_is_taken_down_during_a_training_ends_it_with_an_error_that_says_so(
    hub: HubServer, publish: Callable[..., Any], home: Path
) -> None:
    publish()
    tracker = Recorder()
    with pytest.raises(OptedOutError, match="of @lighthouse_ada was taken down") as ended:
        publish(seed=5, tracker=tracker, progress=During(lambda: unpublish(ADA)))
    assert "opt-outs remove lighthouse_ada" in ended.value.next_step
    assert tracker.failed == [True] and ADA not in hub.repos
    assert list(home.rglob("*.safetensors")) == []


def test_who_is_taken_down_during_a_training_that_writes_nothing_ends_it_at_the_next_point(
    hub: HubServer, publish: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a GPU, where the best weights stay in its memory."""
    steps = []

    class TakenDown(During):
        def advance(self, stage: str, done: int, total: int, unit: str) -> None:
            super().advance(stage, done, total, unit)
            steps.extend([done / total] if stage == "Training" else [])

    publish()
    monkeypatch.setattr(Checkpoints, "keep_if_due", lambda *_: None)
    with pytest.raises(OptedOutError, match="of @lighthouse_ada was taken down"):
        publish(recipe="original", epochs=4, progress=TakenDown(lambda: unpublish(ADA), step=2))
    assert max(steps) < 0.5


@pytest.mark.parametrize(("stage", "step"), [("Writing the card", 1), ("Sending", 0), ("Sending", 1)])
def test_who_is_taken_down_while_the_model_is_sent_ends_that_with_an_error_that_says_so(
    hub: HubServer, publish: Callable[..., Any], home: Path, stage: str, step: int
) -> None:
    publish()
    with pytest.raises(OptedOutError, match="of @lighthouse_ada was taken down"):
        publish(seed=5, progress=During(lambda: unpublish(ADA), stage, step))
    assert ADA not in hub.repos and list(home.rglob("*.safetensors")) == []


def test_a_takedown_is_noticed_where_the_hub_cannot_be_asked(
    hub: HubServer, publish: Callable[..., Any], home: Path
) -> None:
    def take_down() -> None:
        unpublish(ADA)
        namespace_opt_outs.look_again()
        hub.faults.answer("GET", "/api/datasets/", 403, times=99)  # as a process without a token

    publish()
    with pytest.raises(OptedOutError, match="of @lighthouse_ada was taken down"):
        publish(seed=5, progress=During(take_down))


def test_work_files_that_are_deleted_during_a_training_end_it_with_an_error_that_says_so(
    hub: HubServer, publish: Callable[..., Any], home: Path
) -> None:
    with pytest.raises(TrainingError, match="files of lighthouse_ada were deleted"):
        publish(progress=During(lambda: shutil.rmtree(home / "work" / "lighthouse_ada")))
    assert publish()[1].changed


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_run_of_a_tracker_ends_where_it_cannot_be_remembered(
    hub: HubServer, publish: Callable[..., Any], home: Path
) -> None:
    class Blocking(Recorder):
        def start_training(self, *arguments: Any, resumed: RunLink | None) -> Recorder:
            (record,) = home.rglob("tracking.json")
            record.unlink()
            os.mkfifo(record)  # which no file may replace
            return super().start_training(*arguments, resumed=resumed)

    tracker = Blocking()
    with pytest.raises(OSError, match="not a regular file"):
        publish(tracker=tracker)
    assert tracker.failed == [True]
