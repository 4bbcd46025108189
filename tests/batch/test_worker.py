"""What the processes of a batch have of their surroundings: their modules, their secrets."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.batch import recorder
from huggingtweets_hub.batch.run import Batch
from huggingtweets_hub.batch.worker_handle import WorkerHandle
from tests.batch import accounts
from tests.batch.support import command, commits, states, waited_for
from tests.servers.hub import HubServer

ROOT = str(Path(__file__).parents[2])
SECRETS = (
    "HF_TOKEN",
    "X_BEARER_TOKEN",
    "TWITTER_BEARER_TOKEN",
    "WANDB_API_KEY",
    "GITHUB_TOKEN",
    "MY_PASSWORD",
)


@pytest.mark.parametrize("given", ["", ":", ".", "{folder}"])
def test_a_worker_imports_nothing_from_the_folder_that_the_batch_is_started_in(
    hub: HubServer, batch: Callable[..., Batch], tmp_path: Path, strange: Path,
    monkeypatch: pytest.MonkeyPatch, given: str,
) -> None:  # fmt: skip
    entries: list[Any] = [{"handle": "ada", "from": str(accounts.write(tmp_path, "ada", 1))}]
    monkeypatch.setenv("PYTHONPATH", given.format(folder=strange))
    monkeypatch.chdir(strange)
    assert states(batch(entries, epochs=1, retries=0)) == {"ada": "published"}
    assert not (strange / "imported").exists()


@pytest.mark.slow
def test_nor_does_the_command_as_the_manual_shows_it(
    hub: HubServer, tiny_gpt2: Path, tmp_path: Path, strange: Path
) -> None:
    users = tmp_path / "users.yaml"
    users.write_text(f"- {{handle: ada, from: {accounts.write(tmp_path, 'ada', 1)}}}")
    done = subprocess.run(
        [*command(users, tiny_gpt2), "--epochs", "1"],
        cwd=strange,
        env={**os.environ, "PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert commits(hub) == {"huggingtweets/ada": 1}
    assert not (strange / "imported").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the variables of a process are read from /proc")
def test_a_worker_is_started_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, f"the-value-of-{name}")
    worker = WorkerHandle({"OMP_NUM_THREADS": "1"})
    worker.start()
    try:
        environ = Path(f"/proc/{worker.pid}/environ")
        assert waited_for(lambda: b"PYTHONSAFEPATH" in environ.read_bytes())
        variables = environ.read_bytes().decode().split("\0")
    finally:
        worker.kill()
    found = dict(variable.split("=", 1) for variable in variables if variable)
    assert not found.keys() & set(SECRETS) and "the-value-of" not in "".join(variables)
    assert found["PATH"] == os.environ["PATH"] and found["OMP_NUM_THREADS"] == "1"
    assert found["PYTHONPATH"].split(os.pathsep)[0] == ROOT and found["PYTHONSAFEPATH"] == "1"


@pytest.mark.skipif(sys.platform != "linux", reason="whether a process runs is read from /proc")
def test_a_worker_that_was_given_nothing_is_not_waited_for() -> None:
    worker = WorkerHandle()
    worker.start()
    process = Path(f"/proc/{worker.pid}")
    assert process.exists()
    worker.dismiss()
    assert not process.exists()
    worker.close()


@pytest.mark.parametrize("gated", [False, "manual"])
def test_a_worker_gets_the_hubs_token_where_not_everybody_may_read_the_base_model(
    hub: HubServer, batch: Callable[..., Batch], tiny_gpt2: Path, tmp_path: Path, gated: str | bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    files = {path.name: path.read_bytes() for path in tiny_gpt2.iterdir()}
    name = f"alice/base-{gated}".lower()
    hub.add_repo(name, files, gated=gated)
    told: list[Any] = []
    tell = WorkerHandle._tell

    def noted(self: WorkerHandle, process: Any, message: Any) -> None:
        told.append(message)
        tell(self, process, message)

    monkeypatch.setattr(WorkerHandle, "_tell", noted)
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    entries: list[Any] = [{"handle": "ada", "from": str(accounts.write(tmp_path, "ada", 1))}]
    done = batch(entries, base_model=name, epochs=1, retries=0, tracker="none")
    assert states(done) == {"ada": "published"}
    assert told[0].secrets == ({"HF_TOKEN": "hf_alice"} if gated else {})


@pytest.mark.slow
def test_a_worker_that_is_killed_in_a_training_is_followed_by_one_that_goes_on_with_it(
    hub: HubServer, batch: Callable[..., Batch], tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries: list[Any] = [{"handle": "ada", "from": str(accounts.write(tmp_path, "ada", 1))}]
    options: dict[str, Any] = {"epochs": 12, "retries": 1, "tracker": "none"}
    monkeypatch.setattr(recorder, "_PAUSE_SECONDS", 0.01)
    hub.add_user("alice", token="hf_alice", orgs={"huggingtweets": "write", "whole": "write"})
    assert states(batch(entries, namespace="whole", **options)) == {"ada": "published"}
    learn, notes, killed = WorkerHandle.learn, [], []

    class Striking:
        """Kills the worker as soon as there is a checkpoint."""

        def __init__(self, worker: WorkerHandle, progress: Any) -> None:
            self._worker, self._progress = worker, progress

        def note(self, message: str) -> None:
            notes.append(message)

        def warn(self, message: str) -> None:
            self._progress.warn(message)

        def advance(self, stage: str, done: int, total: int, unit: str) -> None:
            if not killed and list(home.rglob("checkpoint.safetensors")):
                killed.append(done)
                os.kill(self._worker.pid or 0, signal.SIGKILL)

    monkeypatch.setattr(
        WorkerHandle,
        "learn",
        lambda self, gathered, progress: learn(self, gathered, Striking(self, progress)),
    )
    assert states(batch(entries, **options)) == {"ada": "published"}
    assert killed and any(note.startswith("Resuming at step") for note in notes)
    one, other = (hub.repos[f"{name}/ada"].files["model.safetensors"] for name in ("whole", "huggingtweets"))
    assert one == other
