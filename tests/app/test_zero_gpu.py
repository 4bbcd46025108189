"""Training in one call of ZeroGPU, with the real library `spaces`: a forked process, but without a card."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.app import zero_gpu
from huggingtweets_hub.core.errors import HuggingTweetsError, WorkerDiedError
from tests.servers.zero_gpu import ZeroGpuServer

ROOT = Path(__file__).parents[2]
CHILD = """
import sys
sys.modules["torch"] = None  # a torch without CUDA cannot be patched
import spaces
del sys.modules["torch"]
import json, os
from huggingtweets_hub.app import zero_gpu
from huggingtweets_hub.core.errors import HuggingTweetsError, WorkerDiedError

assert zero_gpu.is_here()
in_memory = []

def work(order, say):
    in_memory.append(order)
    say(["process", os.getpid()])
    {work}

call = zero_gpu.in_one_call(spaces.GPU, work)
told = []
try:
    {use}
finally:
    print("TOLD", json.dumps([told, os.getpid(), in_memory]))
"""
USE = "told.extend(call(sys.argv[1]))"


@pytest.fixture
def cards() -> Iterator[ZeroGpuServer]:
    with ZeroGpuServer() as server:
        yield server


def in_a_space(cards: ZeroGpuServer, folder: Path, work: str, use: str = USE) -> tuple[Any, ...]:
    """What a program is told by a call that does this work: the messages; and its process and memory."""
    pytest.importorskip("spaces")
    done = subprocess.run(
        [sys.executable, "-c", CHILD.format(work=work, use=use), str(folder)],
        env={
            **os.environ, "SPACES_ZERO_GPU": "true", "SPACES_ZERO_DEVICE_API_URL": cards.url,
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
            "HUGGINGTWEETS_HOME": str(folder / "home"), "HF_HUB_OFFLINE": "1",
        },
        capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith("TOLD ")]
    assert lines, done.stdout + done.stderr
    return tuple(json.loads(lines[0].removeprefix("TOLD ")))


def test_the_work_runs_in_a_forked_process_that_is_given_a_card_and_gives_it_back(
    cards: ZeroGpuServer, tmp_path: Path
) -> None:
    work = "open(order + '/file', 'w').write('whole'); say(['done', 1])"
    told, process, in_memory = in_a_space(cards, tmp_path, work)
    (_, forked), done = told
    assert forked != process and done == ["done", 1]
    assert (tmp_path / "file").read_text() == "whole" and in_memory == []
    paths = [path for path, _ in cards.asked]
    assert paths.count("/schedule") == paths.count("/allow") == paths.count("/release") == 1
    (asked,) = (given for path, given in cards.asked if path == "/schedule")
    assert zero_gpu.SECONDS <= int(asked["durationSeconds"]) <= 300, "a free account has no more"


def test_who_has_too_little_time_left_is_told_so_before_anything_is_done(tmp_path: Path) -> None:
    with ZeroGpuServer(quota=60) as cards:
        use = (
            "\n    try:\n        told.extend(call(sys.argv[1]))"
            "\n    except Exception as error:\n        told.append(type(error).__name__)"
        )
        told, _, _ = in_a_space(cards, tmp_path, "open(order + '/file', 'w')", use)
    assert told == ["Error"] and not (tmp_path / "file").exists()
    assert [path for path, _ in cards.asked if path != "/startup-report"] == ["/schedule"]


@pytest.mark.slow
def test_a_bot_is_trained_and_measured_in_a_forked_process(cards: ZeroGpuServer, tmp_path: Path) -> None:
    work = (
        "from huggingtweets_hub import publish, Silent; publish(source='sample', base_model='tiny', "
        "epochs=1, max_tweets=100, samples=2, namespace='x', tracker='none', consent='fictional', "
        "dry_run=True, output=order + '/bot', progress=Silent()); say(['done', 1])"
    )
    told, _, _ = in_a_space(cards, tmp_path, work)
    assert told[-1] == ["done", 1] and (tmp_path / "bot" / "model.safetensors").is_file()


# --- without the library ----------------------------------------------------------------------------


def test_what_is_said_comes_in_its_order() -> None:
    def work(say: zero_gpu.Say) -> None:
        for number in range(100):
            say(number)

    assert [*zero_gpu.streamed(work)] == [*range(100)]


def test_an_exception_comes_after_what_was_said_before_it() -> None:
    def work(say: zero_gpu.Say) -> None:
        say("first")
        raise ValueError("then this")

    stream = zero_gpu.streamed(work)
    assert next(stream) == "first"
    with pytest.raises(ValueError, match="then this"):
        next(stream)


def test_a_closed_stream_stops_the_work_even_where_it_catches_every_exception() -> None:
    said: list[int] = []

    def work(say: zero_gpu.Say) -> None:
        while True:
            try:
                say(len(said))
                said.append(1)
            except Exception:  # noqa: BLE001
                said.append(2)

    stream = zero_gpu.streamed(work)
    assert next(stream) == 0
    stream.close()
    assert 2 not in said


def test_elsewhere_the_call_is_the_work_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    asked: list[int] = []

    def gpu(*, duration: int) -> Any:
        asked.append(duration)
        return lambda task: task

    call = zero_gpu.in_one_call(gpu, lambda order, say: say([order, os.getpid()]))
    assert list(call("order")) == [["order", os.getpid()]] and asked == [zero_gpu.SECONDS]
    assert not zero_gpu.is_here()


# --- as the worker of a job -------------------------------------------------------------------------


def on_zero_gpu(call: zero_gpu.Call) -> tuple[zero_gpu.OnZeroGpu, list[Any]]:
    heard: list[Any] = []
    return zero_gpu.OnZeroGpu(heard.append, call), heard


def test_a_training_is_heard_and_answered() -> None:
    def call(asked: Any) -> Any:
        yield {"stage": "Training"}
        yield {"done": {"asked": asked}}

    worker, heard = on_zero_gpu(call)
    assert worker.ask("train", folder="f") == {"asked": {"do": "train", "folder": "f"}}
    assert heard == [{"stage": "Training"}]


@pytest.mark.parametrize("said", [{"failed": {"message": "It is so.", "next_step": "Do that."}}, None])
def test_a_training_that_fails_says_why_and_what_to_do(said: dict[str, Any] | None) -> None:
    class QuotaError(Exception):  # like gradio's, whose text is a representation
        message = "It is so."

    def call(asked: Any) -> Any:
        yield {"stage": "Starting"}
        if said is None:
            raise QuotaError
        yield said

    with pytest.raises(HuggingTweetsError, match=r"^It is so\.") as raised:
        on_zero_gpu(call)[0].ask("train")
    assert raised.value.next_step


def test_a_training_that_is_ended_is_closed() -> None:
    closed: list[bool] = []

    def call(asked: Any) -> Any:
        try:
            while True:
                yield {"stage": "Training"}
        finally:
            closed.append(True)

    heard: list[Any] = []

    def hear(said: Any) -> None:
        heard.append(said)
        worker.end()

    worker = zero_gpu.OnZeroGpu(hear, call)
    with pytest.raises(WorkerDiedError):
        worker.ask("train")
    assert closed == [True] and len(heard) == 1


def test_all_else_is_done_by_a_process_and_no_model_is_said_to_take_longer_than_a_call(
    tmp_path: Path, home: Path
) -> None:
    def call(asked: Any) -> Any:
        raise AssertionError(asked)
        yield

    worker, _ = on_zero_gpu(call)
    try:
        found = worker.ask("read", folder=str(tmp_path), account="sample", handle=None)
    finally:
        worker.close()
    assert found["handle"] == "lighthouse_ada"
    assert max(base["seconds"] for base in found["bases"]) <= zero_gpu.SECONDS
