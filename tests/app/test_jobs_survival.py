"""What becomes of the jobs of the app when their server ends, their process dies, or the disk is full."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from huggingtweets_hub import publish
from huggingtweets_hub.app.jobs import Jobs
from huggingtweets_hub.app.seen import Seen
from tests.servers.hub import HubServer
from tests.survival.conftest import small_disk  # noqa: F401  # a fixture

LONG = 240.0  # seconds; a busy machine is slow
SERVER = """
import json, signal, sys, time
from huggingtweets_hub.app.jobs import Jobs
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
signal.signal(signal.SIGINT, signal.default_int_handler)
with Jobs() as jobs:
    (jobs.uploads / "unread.zip").write_text("private")
    print(json.dumps(["uploaded", "", 0, None]), flush=True)
    id, before = jobs.open("ann", "sample"), None
    while True:
        seen, process = jobs.seen("ann", id), jobs._jobs[id]._process._process
        now = [seen.state, seen.stage, len(seen.points), process and process.pid]
        if now != before:
            print(json.dumps(now), flush=True)
        if seen.state == "read":
            jobs.choose("ann", id, consent="fictional", base_model="tiny")
            jobs.train("ann", id)
        if seen.state == "trained" and seen.error is None:
            jobs.publish("ann", id, "@me", "hf_alice")
        before = now
        time.sleep(0.005)
"""


@dataclass
class Struck:
    """A server that was ended at a moment: what it had shown until then, and what worked for it."""

    stages: list[str] = field(default_factory=list)
    workers: set[int] = field(default_factory=set)


def strike(moment: Callable[[str, str, int], bool], how: signal.Signals) -> Struck:
    """Run a server whose visitor goes all the way, and end it at a moment."""
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    struck = Struck()
    for line in server.stdout:
        state, stage, points, worker = json.loads(line)
        struck.stages.append(stage)
        struck.workers |= {worker} - {None}
        if moment(state, stage, points):
            break
    else:
        raise AssertionError(struck)
    server.send_signal(how)
    server.stdout.close()
    server.wait(LONG)
    return struck


def inside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def wait_for(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def ended(jobs: Jobs, id: str) -> Seen:
    wait_for(lambda: not jobs.seen("ann", id).is_under_way)
    return jobs.seen("ann", id)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_server_that_ends_leaves_no_process_and_no_file_for_the_next(
    home: Path, how: signal.Signals
) -> None:
    struck = strike(lambda state, stage, points: state == "training" and bool(stage), how)
    wait_for(lambda: not any(map(is_alive, struck.workers)))
    assert struck.workers
    if how is not signal.SIGKILL:
        assert inside(home / "app") == []
        return
    assert {"timeline.pickle", "unread.zip"} <= set(inside(home / "app"))
    with Jobs() as jobs:
        assert inside(home / "app") == [f"{jobs.uploads.parent.name}.lock"]
        with Jobs():  # which leaves alone what a living server holds
            assert jobs.uploads.is_dir()
    assert inside(home / "app") == [] == list((home / "app").iterdir())


@pytest.mark.slow
def test_a_training_goes_on_through_ends_at_ten_moments(
    home: Path, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: list[tuple[Callable[[str, str, int], bool], signal.Signals]] = [
        (lambda state, stage, points: state == "uploaded", signal.SIGKILL),
        (lambda state, stage, points: state == "reading", signal.SIGKILL),
        (lambda state, stage, points: state == "training", signal.SIGKILL),
        (lambda state, stage, points: stage == "Preparing", signal.SIGTERM),
        (lambda state, stage, points: stage == "Base model", signal.SIGKILL),
        (lambda state, stage, points: stage == "Training" and points > 1, signal.SIGKILL),
        (lambda state, stage, points: stage == "Saving", signal.SIGKILL),
        (lambda state, stage, points: stage == "Sampling", signal.SIGTERM),
        (lambda state, stage, points: stage == "Scoring", signal.SIGKILL),
        (lambda state, stage, points: state == "publishing", signal.SIGKILL),
        (lambda state, stage, points: state == "published", signal.SIGTERM),
    ]
    for number, (moment, how) in enumerate(moments):
        struck = strike(moment, how)
        wait_for(lambda struck=struck: not any(map(is_alive, struck.workers)))
        if how is signal.SIGTERM:
            assert inside(home / "app") == []
        if number > 7:  # the training was over then
            assert "Training" not in struck.stages
    with Jobs():
        pass
    assert inside(home / "app") == [] and not list((home / "app").iterdir())
    private = (".safetensors", "timeline.pickle", ".partial")
    assert not [name for name in inside(home) if name.endswith(private)]
    assert list(hub.repos) == ["alice/lighthouse_ada"]
    sent = hub.repos["alice/lighthouse_ada"].files["model.safetensors"]

    monkeypatch.setenv("HUGGINGTWEETS_HOME", str(tmp_path / "other"))
    output = tmp_path / "bot"
    publish(
        source="sample", base_model="tiny", consent="fictional", tracker="none", dry_run=True, output=output
    )
    assert digest(sent) == digest((output / "model.safetensors").read_bytes())


@pytest.mark.slow
def test_a_training_that_is_cancelled_or_killed_goes_on_to_the_same_weights(
    home: Path, tmp_path: Path
) -> None:
    with Jobs() as jobs:
        id = jobs.open("ann", "sample")
        ended(jobs, id)
        jobs.choose("ann", id, consent="fictional", base_model="tiny")
        jobs.train("ann", id)
        wait_for(lambda: len(jobs.seen("ann", id).points) > 1)
        jobs.cancel("ann", id)
        assert jobs.seen("ann", id).state == "cancelled" and not jobs._jobs[id].has_process
        jobs.train("ann", id)
        wait_for(lambda: jobs.seen("ann", id).stage == "Sampling")
        process = jobs._jobs[id]._process._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        seen = ended(jobs, id)
        assert seen.state == "failed" and seen.error is not None and "died (signal 9)" in seen.error.message
        trained = next((home / "work").rglob("model.safetensors"))
        before = trained.stat().st_mtime_ns, digest(trained.read_bytes())
        jobs.train("ann", id)
        assert ended(jobs, id).state == "trained"
        assert before == (trained.stat().st_mtime_ns, digest(trained.read_bytes()))


@pytest.mark.slow
def test_a_full_disk_is_said_and_with_room_it_goes_on(
    small_disk: Callable[[str], Path],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = small_disk("size=6m")
    monkeypatch.setenv("HUGGINGTWEETS_HOME", str(disk / "home"))
    with Jobs() as jobs:
        id = jobs.open("ann", "sample")
        assert ended(jobs, id).state == "read"
        jobs.choose("ann", id, consent="fictional", base_model="tiny")
        jobs.train("ann", id)
        seen = ended(jobs, id)
        assert seen.state == "failed" and seen.error is not None
        assert "disk is full" in seen.error.message and "space" in seen.error.next_step
        small_disk("size=600m")
        jobs.train("ann", id)
        assert ended(jobs, id).state == "trained"
    assert inside(disk / "home" / "app") == []
