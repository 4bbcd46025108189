"""The Ray engine on this machine: the real ray, two actors, one of which is killed."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from huggingtweets_hub.batch.ledger import Ledger
from tests.batch import accounts
from tests.batch.support import command, commits
from tests.servers.hub import HubServer

pytest.importorskip("ray")


@pytest.fixture
def environment(tmp_path: Path, home: Path) -> Iterator[dict[str, str]]:
    """Where Ray stays on the loopback, and out of the user's home."""
    folder = tempfile.mkdtemp(prefix="ray")  # a socket's path must be short
    yield {
        **os.environ, "HOME": str(tmp_path), "RAY_TMPDIR": folder, "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_USAGE_STATS_ENABLED": "0", "RAY_DISABLE_IMPORT_WARNING": "1",
    }  # fmt: skip
    shutil.rmtree(folder, ignore_errors=True)


def actors(batch: int) -> list[int]:
    """The processes of a batch's actors that have an account in hand."""
    parents, titles = {}, {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            titles[int(process.name)] = (process / "cmdline").read_bytes()
            parents[int(process.name)] = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue

    def is_ours(pid: int) -> bool:
        return pid == batch or (pid in parents and is_ours(parents[pid]))

    return [pid for pid in parents if titles[pid].startswith(b"ray::Publisher.publish") and is_ours(pid)]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_an_actor_that_is_killed_costs_one_try(
    hub: HubServer, tiny_gpt2: Path, tmp_path: Path, environment: dict[str, str], strange: Path
) -> None:
    entries = [{"handle": f"user{n}", "from": str(accounts.write(tmp_path, f"user{n}", n))} for n in range(4)]
    users = tmp_path / "users.json"
    users.write_text(json.dumps(entries))
    asked = [*command(users, tiny_gpt2), "--engine", "ray", "--workers", "2"]
    started: Future[subprocess.Popen[str]] = Future()
    both, in_hand = threading.Barrier(2, timeout=600), []

    def strike() -> None:
        """When each actor sends a model, both have one in hand."""
        if both.wait() == 0:
            in_hand.extend(actors(started.result().pid))
            os.kill(in_hand[0], signal.SIGKILL)
        both.wait()

    hub.faults.meanwhile("POST", "/commit/main", strike, times=2)
    process = subprocess.Popen(asked, env=environment, cwd=strange, stderr=subprocess.PIPE, text=True)
    started.set_result(process)
    _, said = process.communicate()
    assert len(in_hand) == 2, said
    assert process.returncode == 0, said
    assert commits(hub) == {f"huggingtweets/user{n}": 1 for n in range(4)}
    ledger = Ledger()
    attempts = [attempt for n in range(4) for attempt in ledger.attempts(f"huggingtweets/user{n}")]
    assert [attempt.kind for attempt in attempts if attempt.state == "failed"] == ["worker_died"]
    assert "hf_alice" not in said
    assert not (strange / "imported").exists()
