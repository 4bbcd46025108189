"""The Ray engine on this machine: the real ray, two actors, one of which is killed."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from huggingtweets_hub.batch.ledger import Ledger
from tests.batch import accounts
from tests.batch.support import command, commits, waited_for
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


def actors() -> list[int]:
    """The processes of actors that have an account in hand."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cmdline").read_bytes().startswith(b"ray::Publisher.publish"):
                found.append(int(process.name))
        except OSError:
            continue
    return found


@pytest.mark.slow
def test_an_actor_that_is_killed_costs_one_try(
    hub: HubServer, tiny_gpt2: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    entries = [{"handle": f"user{n}", "from": str(accounts.write(tmp_path, f"user{n}", n))} for n in range(4)]
    users = tmp_path / "users.json"
    users.write_text(json.dumps(entries))
    asked = [*command(users, tiny_gpt2), "--engine", "ray", "--workers", "2"]
    process = subprocess.Popen(asked, env=environment, stderr=subprocess.PIPE, text=True)
    assert waited_for(lambda: bool(actors()), seconds=120)
    os.kill(actors()[0], signal.SIGKILL)
    _, said = process.communicate(timeout=240)
    assert process.returncode == 0, said
    assert commits(hub) == {f"huggingtweets/user{n}": 1 for n in range(4)}
    ledger = Ledger()
    attempts = [attempt for n in range(4) for attempt in ledger.attempts(f"huggingtweets/user{n}")]
    assert [attempt.kind for attempt in attempts if attempt.state == "failed"] == ["worker_died"]
    assert "hf_alice" not in said
