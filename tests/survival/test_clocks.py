"""A clock that jumps between any two looks at it: an hour, a day, years, back and forth."""

import itertools
import json
import os
import threading
import time
from pathlib import Path

import pytest

from huggingtweets_hub import publish
from huggingtweets_hub.batch.ledger import Ledger
from huggingtweets_hub.core.progress import Silent
from huggingtweets_hub.hub import opt_outs
from huggingtweets_hub.pipeline import home as pipeline_home
from huggingtweets_hub.pipeline import workspace
from tests.batch import accounts
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer
from tests.survival.forking import Forks
from tests.survival.support import leftovers, quick_options, sound_weights

HOUR, YEAR = 3600.0, 365 * 86_400.0


@pytest.fixture
def jumping(monkeypatch: pytest.MonkeyPatch) -> None:
    real, jumps = time.time, itertools.cycle([0.0, -HOUR, 10 * YEAR, HOUR, -10 * YEAR, -30 * YEAR])
    monkeypatch.setattr(time, "time", lambda: real() + next(jumps))


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What this thread has asked to wait and has waited to the end; the machine's own pace is not in it."""
    found: list[float] = []
    sleep, wait, here = time.sleep, threading.Condition.wait, threading.get_ident()

    def slept(seconds: float) -> None:
        found.append(seconds if threading.get_ident() == here else 0.0)
        sleep(min(seconds, 60.0))

    def sat_out(condition: threading.Condition, timeout: float | None = None) -> bool:
        was_told = wait(condition, timeout)
        if not was_told and timeout is not None and threading.get_ident() == here:
            found.append(timeout)
        return was_told

    monkeypatch.setattr(time, "sleep", slept)
    monkeypatch.setattr(threading.Condition, "wait", sat_out)
    return found


@pytest.mark.usefixtures("jumping")
def test_a_publish_does_not_mind_a_clock_that_jumps(
    hub: HubServer, x: XServer, tiny_gpt2: Path, home: Path, waited: list[float]
) -> None:
    accounts.add(x, "ada", 1)
    given = {"base_model": tiny_gpt2, "epochs": 1, "samples": 2, "tracker": "none", "progress": Silent()}
    publish("ada", dry_run=True, **given)
    for path in home.rglob("*"):
        os.utime(path, (time.time() + YEAR, time.time() + YEAR))  # written by a clock that was wrong
    assert all(item.days >= 0 for item in pipeline_home.kept())
    assert publish("ada", **given).changed
    assert not publish("ada", **given).changed
    assert sum(waited) < 60
    sound_weights(hub, "huggingtweets/ada", "ada")
    assert set(x.reads.values()) == {1} and leftovers(home) == []


@pytest.mark.parametrize("jump", [-86_400.0, YEAR])
def test_a_prune_by_a_clock_that_is_wrong_takes_nothing_that_is_in_use_or_was_paid_for(
    hub: HubServer, home: Path, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    for folder in ("work/ada/0", "work/bob/0", "work/eve/0", "timelines/ada-501"):
        (home / folder).mkdir(parents=True)
        (home / folder / "pages.jsonl").write_text("{}")
    opt_outs.add(["eve"])
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump)
    opt_outs.add(["zoe"])
    assert opt_outs.remove("zoe", "huggingtweets", handle_only=True) and opt_outs.listed() == {"eve"}
    with workspace.claimed("ada"):
        gone = [item for item in pipeline_home.to_prune() if item.kind in ("work", "pages")]
        removed = {item.name for item in pipeline_home.prune(gone)}
    assert removed == ({"bob", "eve"} if jump > 0 else {"eve"})
    assert (home / "work/ada/0").is_dir() and (home / "timelines/ada-501/pages.jsonl").exists()


@pytest.mark.slow
def test_a_batch_does_not_mind_a_clock_that_jumps(
    hub: HubServer, x: XServer, tiny_gpt2: Path, tmp_path: Path, home: Path, forks: Forks
) -> None:
    accounts.add(x, "ada", 1)
    path = accounts.write(tmp_path, "bob", 2, 60)
    users = tmp_path / "users.json"
    users.write_text(json.dumps(["ada", {"handle": "bob", "from": str(path)}]))
    words = ["batch", str(users), *quick_options(tiny_gpt2)]
    done = forks.run(*words, TEST_CLOCK_JUMPS="1")
    assert done["status"] == 0, done["said"]
    for name in ("ada", "bob"):
        sound_weights(hub, f"huggingtweets/{name}", name)
    assert set(x.reads.values()) == {1}
    ledger = Ledger()
    assert all(attempt.is_done for attempt in ledger.latest().values())
    ledger.close()
    again = forks.run(*words, TEST_CLOCK_JUMPS="1")
    assert again["status"] == 0 and "2 of the accounts need nothing" in again["said"]
    assert forks.run("status", "--all", TEST_CLOCK_JUMPS="1")["status"] == 0
