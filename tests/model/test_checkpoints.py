"""A training that was stopped goes on from its checkpoint, and ends with the weights of one in one go."""

import dataclasses
import errno
import itertools
import os
import pickle
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from huggingface_hub import constants

from huggingtweets_hub.core.progress import Clock, Silent
from huggingtweets_hub.core.records import Corpus, Recipe, TrainedModel
from huggingtweets_hub.model import base as base_models
from huggingtweets_hub.model import device as hardware
from huggingtweets_hub.model import training
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.training import checkpoints, states
from huggingtweets_hub.model.training.checkpoints import Bound, Checkpoints
from huggingtweets_hub.model.training.states import State
from huggingtweets_hub.posts import corpus
from huggingtweets_hub.posts.sample import Sample

APART = {"layout": "apart", "block_size": 64, "dropout": 0.1, "freeze_embeddings": True, "schedule": "linear"}
RECIPES: dict[str, dict[str, Any]] = {
    "in blocks, with dropout": {},
    "apart, frozen embeddings": {**APART, "warmup": 0.2},
    "float16": {**APART, "bf16": True},
    "adapters": {**APART, "keep_best": True, "lora_rank": 4},
    # It is best about the middle, and stops before the end.
    "early stop": {
        "layout": "apart", "block_size": 512, "dropout": 0.1, "schedule": "constant", "epochs": 30,
        "keep_best": True, "learning_rate": 1e-2,
    },
}  # fmt: skip


class KilledError(Exception):
    """As a SIGKILL: nothing of ours catches it."""


class Watched(Silent):
    """Notes what is shown, and does something at a step."""

    def __init__(self, at: int | None = None, strike: Callable[[], None] | None = None) -> None:
        self.lines: list[str] = []
        self.steps: list[int] = []
        self._at, self._strike = at, strike

    def note(self, message: str) -> None:
        self.lines.append(message)

    def warn(self, message: str) -> None:
        self.lines.append(f"Warning: {message}")

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        if stage != "Training":
            return
        self.steps.append(done)
        if done == self._at:
            if self._strike is None:
                raise KilledError
            self._strike()


@pytest.fixture(scope="module")
def texts() -> Corpus:
    sample = corpus.build([Sample().fetch("lighthouse_ada", max_tweets=None, since=None, progress=Silent())])
    return dataclasses.replace(sample, train=sample.train[:12], validation=sample.validation[:4])


@pytest.fixture(autouse=True)
def every_second_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint after each second step, whatever the time."""
    keep = Checkpoints._keep

    def kept(self: Checkpoints, step: int, state: Callable[[], State]) -> None:
        if self._path is not None and step % 2 == 0:
            with self._without_if_refused():
                keep(self, self._path, step, state)

    monkeypatch.setattr(Checkpoints, "keep_if_due", kept)


Train = Callable[..., TrainedModel]


@pytest.fixture
def train(texts: Corpus, tiny_gpt2: Path, tmp_path: Path) -> Train:
    def trained(folder: str = "model", watched: Silent | None = None, log: Any = None, **changes: Any) -> Any:
        recipe = Recipe(
            **{"name": "test", "epochs": 1, "learning_rate": 1e-3, "seed": 1, "block_size": 64, **changes}
        )
        return training.train(
            texts,
            base_models.resolve(tiny_gpt2),
            recipe,
            tmp_path / folder / "model",
            context=Context(device="cpu", progress=watched or Silent()),
            log=log,
            unfinished=tmp_path / folder / "unfinished" if watched else None,
        )

    return trained


def killed(train: Train, at: int, **changes: Any) -> None:
    with pytest.raises(KilledError):
        train("again", Watched(at), **changes)


def losses(model: TrainedModel) -> list[Any]:
    return [(point.step, point.loss, point.validation_loss) for point in model.training.curve]


@pytest.mark.parametrize("name", RECIPES)
def test_a_training_that_was_killed_twice_ends_with_the_same_weights(
    train: Train, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "half_precision", lambda device: "float16")
    changes = RECIPES[name]
    whole, logged = train("whole", **changes), []
    steps = whole.training.steps
    first, second = steps // 6, steps - 2
    killed(train, first, **changes)
    killed(train, second, **changes)
    torch.manual_seed(99)  # whatever came before
    random.seed(99)
    watched = Watched()
    again = train("again", watched, lambda metrics, step: logged.append(step), **changes)
    kept = (second - 1) // 2 * 2
    assert watched.lines[0].startswith(f"Resuming at step {kept:,} of ")
    assert watched.steps[:2] == [kept, kept + 1]
    assert again.files == whole.files and losses(again) == losses(whole)
    assert again.training.best_step == whole.training.best_step
    if name == "early stop":
        assert first < (whole.training.best_step or 0) < second < steps
    assert again.training.precision == whole.training.precision
    assert again.training.tokens == whole.training.tokens
    assert logged == [point.step for point in again.training.curve]


def test_seconds_count_what_is_kept_once_and_nothing_that_was_lost(
    train: Train, texts: Corpus, tiny_gpt2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Foreseeing(Watched):
        def expect(self, stage: str, seconds: float | None) -> None:
            """To be told this, there has to be a rehearsal."""

    monkeypatch.setattr(constants, "HF_ASSETS_CACHE", str(tmp_path / "assets"))  # where nothing is known
    with pytest.raises(KilledError):
        train("again", Foreseeing(5))
    kept = states.read(tmp_path / "again" / "unfinished")
    assert kept is not None
    context = Context(device="cpu")
    recipe = Recipe(name="test", epochs=1, learning_rate=1e-3, seed=1, block_size=64)
    trained = training.train(
        texts, base_models.resolve(tiny_gpt2), recipe, tmp_path / "again" / "model", context=context,
        unfinished=tmp_path / "again" / "unfinished",
    )  # fmt: skip
    curve = trained.training.curve
    assert [point.seconds for point in curve] == sorted(point.seconds for point in curve)
    assert trained.training.seconds > kept.values["seconds"] >= curve[0].seconds
    assert context.clock.seconds["training"] > kept.values["stages"]["training"]
    assert context.clock.seconds["rehearsal"] >= kept.values["stages"]["rehearsal"] > 0


# --- what cannot be used ---------------------------------------------------------------------------


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def a_folder(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


DAMAGES: list[Callable[[Path], Any]] = [
    flipped,
    cut,
    a_folder,
    lambda path: path.write_bytes(b""),
    lambda path: path.write_bytes(b"\xff" * 20),
    lambda path: path.write_bytes(pickle.dumps({"a": 1})),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_checkpoint_that_is_damaged_is_noted_and_the_training_begins_anew(
    train: Train, tmp_path: Path, damage: Callable[[Path], Any]
) -> None:
    killed(train, 5)
    damage(tmp_path / "again" / "unfinished")
    watched = Watched(1)
    with pytest.raises(KilledError):
        train("again", watched)
    assert watched.steps == [1] and "damaged or outdated; it starts over" in watched.lines[0]


def test_every_byte_of_a_checkpoint_counts(tmp_path: Path) -> None:
    path = tmp_path / "state"
    state = State(
        {"a": [1, 0.1 + 0.2, "é"]}, {"x": torch.randn(3), "y": torch.tensor(2.0), "z": torch.empty(0)}
    )
    states.write(path, state)
    found = states.read(path)
    assert found is not None and found.values == state.values
    assert all(torch.equal(found.tensors[name], tensor) for name, tensor in state.tensors.items())
    content = path.read_bytes()
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        assert states.read(path) is None, place
        path.write_bytes(content[:place])
        assert states.read(path) is None, place
    path.write_bytes(content + b"\0")
    assert states.read(path) is None
    assert states.read(tmp_path / "nowhere") is None


@pytest.mark.parametrize("change", [{"seed": 2}, {"learning_rate": 2e-3}, {"epochs": 2}])
def test_a_checkpoint_of_another_training_is_not_used(train: Train, change: dict[str, Any]) -> None:
    killed(train, 5)
    watched = Watched()
    again = train("again", watched, **change)
    assert watched.steps[0] == 1
    assert again.files == train("whole", **change).files


def test_other_versions_go_on_and_say_so(train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    killed(train, 5)
    monkeypatch.setattr(hardware, "name", lambda device: "CPU (another, 64 threads)")
    watched = Watched()
    train("again", watched)
    assert "other versions or on another device" in watched.lines[0] and watched.steps[0] == 4


def test_another_kind_of_device_goes_on_in_its_own_precision(
    train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "half_precision", lambda device: "float16")
    killed(train, 5, bf16=True)
    monkeypatch.setattr(hardware, "half_precision", lambda device: "float32")
    monkeypatch.setattr(Checkpoints, "is_of_this_device", lambda self, state: False)
    watched = Watched()
    assert train("again", watched, bf16=True).training.precision == "float32"
    assert watched.steps[0] == 4


def test_all_random_numbers_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn() -> tuple[Any, ...]:
        return torch.rand(3).tolist(), random.random(), np.random.normal(size=3).tolist()

    np.random.normal()  # one of a pair is left
    state = states.randomness("cpu")
    first = drawn()
    states.restore_randomness(state, "cpu")
    assert drawn() == first


# --- a disk that takes no more ---------------------------------------------------------------------


def leftovers(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"model"}


def test_a_full_disk_is_one_warning_and_the_training_ends_well(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    whole = train("whole")
    watched = Watched()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        again = train("again", watched)
    (warning,) = (line for line in watched.lines if line.startswith("Warning"))
    assert "the disk is full" in warning and "without further checkpoints" in warning
    assert again.files == whole.files and leftovers(tmp_path / "again") == set()


def test_a_disk_that_fills_up_leaves_the_last_checkpoint(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, times = states.write, 0

    def fuller(path: Path, state: State) -> None:
        nonlocal times
        times += 1
        if times > 1:
            raise OSError(errno.EDQUOT, "Disk quota exceeded", str(path))
        write(path, state)

    whole = train("whole")
    with monkeypatch.context() as patched:
        patched.setattr(states, "write", fuller)
        killed(train, 7)
    watched = Watched()
    assert train("again", watched).files == whole.files
    assert watched.steps[0] == 2


def test_no_checkpoint_takes_the_room_that_the_model_needs(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    train("whole")
    size = (tmp_path / "whole" / "model" / "model.safetensors").stat().st_size
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=4 * size))
    watched = Watched()
    train("again", watched)
    assert sum("the disk is full" in line for line in watched.lines) == 1
    assert leftovers(tmp_path / "again") == set()


def test_what_a_kill_left_of_a_file_is_cleared_up(train: Train, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / ".unfinished.0123456789abcdef.partial").write_bytes(b"half")
    train("again", Watched())
    assert leftovers(tmp_path / "again") == {"unfinished"}


# --- Ctrl-C ----------------------------------------------------------------------------------------


@pytest.fixture
def listening() -> Iterator[None]:
    """SIGINT in force, which is ignored in what a shell starts in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.mark.usefixtures("listening")
def test_ctrl_c_keeps_the_step_that_it_comes_in(train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "_WORTH_SECONDS", 0.0)
    monkeypatch.setattr(Checkpoints, "_needed", 0.0)
    whole, stopped = train("whole"), Watched(5, ctrl_c)
    with pytest.raises(KeyboardInterrupt, match=f"step 5 of {whole.training.steps}"):
        train("again", stopped)
    assert "Press Ctrl-C again to stop at once" in stopped.lines[-1]
    watched = Watched()
    assert train("again", watched).files == whole.files
    assert watched.steps[0] == 5


@pytest.mark.usefixtures("listening")
def test_ctrl_c_in_the_last_step_stops_as_well(train: Train) -> None:
    whole = train("whole")
    with pytest.raises(KeyboardInterrupt):
        train("again", Watched(whole.training.steps, ctrl_c))
    assert train("again", Watched()).files == whole.files


@pytest.mark.usefixtures("listening")
def test_a_second_ctrl_c_ends_at_once_and_leaves_the_last_checkpoint(train: Train, tmp_path: Path) -> None:
    def twice() -> None:
        ctrl_c()
        ctrl_c()

    with pytest.raises(KeyboardInterrupt, match="step 4 of"):
        train("again", Watched(5, twice))
    assert leftovers(tmp_path / "again") == {"unfinished"}
    watched = Watched()
    assert train("again", watched).files == train("whole").files
    assert watched.steps[0] == 4


@pytest.mark.usefixtures("listening")
def test_a_second_ctrl_c_while_a_checkpoint_is_written_leaves_no_part_of_it(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "_WORTH_SECONDS", 0.0)
    monkeypatch.setattr(Checkpoints, "_needed", 0.0)
    sync = os.fsync

    def struck(number: int) -> None:
        ctrl_c()
        sync(number)

    with pytest.raises(KeyboardInterrupt, match="step 4 of"):
        train("again", Watched(5, lambda: (ctrl_c(), monkeypatch.setattr(os, "fsync", struck))[0]))
    assert leftovers(tmp_path / "again") == {"unfinished"}


@pytest.mark.usefixtures("listening")
def test_ctrl_c_before_there_is_anything_to_keep_says_no_step(train: Train) -> None:
    with pytest.raises(KeyboardInterrupt) as end:
        train("again", Watched(1, ctrl_c))
    assert str(end.value) == ""


@pytest.mark.usefixtures("listening")
def test_where_somebody_else_deals_with_ctrl_c_they_do(train: Train) -> None:
    class OursError(Exception):
        pass

    def deal(*_: object) -> None:
        raise OursError

    signal.signal(signal.SIGINT, deal)
    try:
        with pytest.raises(OursError):
            train("again", Watched(3, ctrl_c))
        assert signal.getsignal(signal.SIGINT) is deal
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


# --- when ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "speed", "training_seconds"),
    [(1e6, 1e9, 8), (1e6, 1e9, 300), (1.4e9, 1e9, 1_000), (1.4e9, 1e8, 3_000), (1.4e9, 2e7, 3_000)],
)
def test_checkpoints_cost_less_than_three_percent_and_are_a_minute_apart_unless_writing_is_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: float, speed: float, training_seconds: int
) -> None:
    monkeypatch.undo()  # what this file does to `keep_if_due`
    now, spent, written = 0.0, 0.0, [0.0]

    def passed(seconds: float) -> None:
        nonlocal now, spent
        now, spent = now + seconds, spent + seconds

    def write(path: Path, state: State) -> None:
        passed(0.005 + size / speed)
        written.append(now)

    def tried(path: Path) -> float:
        passed(32e6 / speed)
        return speed

    monkeypatch.setattr(checkpoints, "time", SimpleNamespace(perf_counter=lambda: now))
    monkeypatch.setattr(states, "write", write)
    monkeypatch.setattr(states, "bytes_a_second", tried)
    monkeypatch.setattr(State, "bytes", property(lambda self: size))
    monkeypatch.setattr("huggingtweets_hub.core.files.require_room", lambda *_: None)
    kept = Checkpoints(
        tmp_path / "state", Bound(identity="a", device="cpu", made_by={}), room=0, progress=Silent(),
        clock=Clock(),
    )  # fmt: skip
    kept.begin(10 * training_seconds, size=int(size), found=None)
    for step in range(1, 10 * training_seconds + 1):
        now += 0.1
        kept.keep_if_due(step, lambda: State({}, {}))
    assert spent <= 0.03 * now
    gaps = [later - earlier for earlier, later in itertools.pairwise(written)]
    assert gaps and max(gaps[1:], default=0.0) <= max(
        min(61, 0.1 * training_seconds + 1), 1.2 * size / speed / checkpoints._SHARE
    )
