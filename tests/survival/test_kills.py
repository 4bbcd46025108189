"""SIGKILL at random moments: the same command then finishes what was begun, and nothing is paid for twice."""

import json
import re
import sqlite3
import threading
from collections import deque
from itertools import count
from pathlib import Path
from random import Random

import pytest

from huggingtweets_hub.batch.ledger import Ledger
from tests.batch import accounts
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer
from tests.survival.forking import Forks, Running
from tests.survival.striking import KEPT_EVERY
from tests.survival.support import (
    Traffic,
    add_with_retweets,
    early_moment,
    leftovers,
    moments,
    posts_on_disk,
    quick_options,
    read_again,
    sound_weights,
    work_until_gone,
)

POSTS = 230  # three pages


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("source", ["x", "file"])
def test_a_publish_that_is_killed_at_any_moment_is_finished_by_the_same_command(
    hub: HubServer, x: XServer, tiny_gpt2: Path, tmp_path: Path, forks: Forks, traffic: Traffic, source: str
) -> None:
    kills = 25
    add_with_retweets(x, "ada", 1, POSTS, own=60)
    given = str(accounts.write(tmp_path, "ada", 1, 60)) if source == "file" else "x"
    command = ["publish", "ada", "--from", given, *quick_options(tiny_gpt2), "--repo-id"]
    whole = traffic.whole(forks, *command, "alice/whole")
    expected, struck = sound_weights(hub, "alice/whole", "ada"), 0
    due, tries = deque(moments(whole, kills, seed=7)), count()
    while due:
        moment, number = due.popleft(), next(tries)
        home, repo_id = tmp_path / f"home{number}", f"alice/killed{number}"
        x.reads.clear()
        killed = traffic.killed(moment, forks, *command, repo_id, HUGGINGTWEETS_HOME=str(home))
        if killed.was_killed:
            struck += 1
        else:  # after the last request, where this run was quicker than the first
            assert killed["status"] == 0 and moment.requests == len(whole["requests"]), killed["said"]
            due.append(early_moment(whole, seed=number))
        kept = posts_on_disk(home)
        again = forks.run(*command, repo_id, HUGGINGTWEETS_HOME=str(home))
        assert again["status"] == 0, (moment, again["said"])
        assert sound_weights(hub, repo_id, "ada") == expected, moment
        assert leftovers(home) == []
        if source == "x":
            assert len(x.reads) == POSTS
            assert not read_again(x) & kept and len(read_again(x)) <= 100, moment
    assert struck == kills


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.usefixtures("warm")
def test_a_batch_that_is_killed_again_and_again_is_finished_by_the_same_command(
    hub: HubServer, x: XServer, tiny_gpt2: Path, tmp_path: Path, forks: Forks, traffic: Traffic
) -> None:
    kills = 50
    accounts.add(x, "ada", 1, 120)
    users = tmp_path / "users.yaml"
    files = {name: accounts.write(tmp_path, name, n, 60) for n, name in enumerate(["bob", "eve"], start=2)}
    users.write_text(
        "- handle: ada\n" + "".join(f"- handle: {name}\n  from: {path}\n" for name, path in files.items())
    )
    orgs = [f"org{number}" for number in range(2 * kills + 1)]
    hub.add_user("alice", token="hf_alice", orgs=dict.fromkeys(orgs, "write"))
    command = ["batch", str(users), *quick_options(tiny_gpt2), "--namespace"]
    whole = traffic.whole(forks, *command, orgs[0])
    expected = {name: sound_weights(hub, f"{orgs[0]}/{name}", name) for name in ("ada", *files)}
    struck, later = 0, 0.0
    for number, namespace in enumerate(orgs[1:]):
        if struck >= kills:
            break
        home = tmp_path / f"home{number}"
        x.reads.clear()
        due = moments(whole, min(5, kills - struck), seed=number)
        if number % 2:  # one that comes before the end on every machine
            due[0] = early_moment(whole, seed=number)
        for moment in due:
            kept, before = posts_on_disk(home), read_again(x)
            killed = traffic.killed(moment, forks, *command, namespace, HUGGINGTWEETS_HOME=str(home))
            later = max(later, work_until_gone(killed["pid"]))
            struck += killed.was_killed
            assert killed.was_killed or killed["status"] == 0, killed["said"]
            assert not (read_again(x) - before) & kept, moment
        done = forks.run(*command, namespace, HUGGINGTWEETS_HOME=str(home))
        assert done["status"] == 0, done["said"]
        for name, weights in expected.items():
            assert sound_weights(hub, f"{namespace}/{name}", name) == weights
        assert len(x.reads) == 120 and leftovers(home) == []
        _assert_consistent(home, struck)
    assert struck == kills
    assert later < 10, "a worker outlives its batch"


def _assert_consistent(home: Path, kills: int) -> None:
    path = home / "ledger.sqlite"
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    ledger = Ledger(path)
    for repo_id, attempt in ledger.latest().items():
        tries = ledger.attempts(repo_id)
        assert attempt.is_done and attempt.number == len(tries) <= kills + 1
        assert [earlier.state for earlier in tries[:-1]] == ["running"] * (len(tries) - 1)
    ledger.close()


@pytest.mark.slow
def test_a_training_that_is_killed_at_any_step_goes_on_from_its_checkpoint_with_the_same_weights(
    hub: HubServer, tiny_gpt2: Path, tmp_path: Path, forks: Forks
) -> None:
    """Each kill is one of the steps, or within the writing of a checkpoint; some hit what goes on again."""
    given = str(accounts.write(tmp_path, "ada", 1, 60))
    command = ["publish", "ada", "--from", given, *quick_options(tiny_gpt2), "--repo-id"]
    whole = forks.run(*command, "alice/whole", TEST_STRIKES="")
    assert whole["status"] == 0, whole["said"]
    expected = sound_weights(hub, "alice/whole", "ada")
    steps = json.loads(hub.repos["alice/whole"].files["huggingtweets.json"])["training"]["steps"]
    chance, struck, twice, number = Random(7), 0, 0, 0
    while struck < 20:
        home, repo_id = tmp_path / f"home{number}", f"alice/killed{number}"
        number, kept = number + 1, 0
        for again in range(1 + number % 2):
            at = chance.randint(kept + 1, steps - 1)
            where = "write" if struck % 3 == 1 and at // KEPT_EVERY * KEPT_EVERY > kept else "step"
            killed = forks.run(*command, repo_id, HUGGINGTWEETS_HOME=str(home), TEST_STRIKES=f"{where} {at}")
            assert killed.was_killed, killed["said"]
            struck += 1
            assert gone_on_from(killed["said"]) == kept, (number, again)
            done = at // KEPT_EVERY * KEPT_EVERY if where == "write" else at - 1
            kept = max(kept, (done - (where == "write")) // KEPT_EVERY * KEPT_EVERY)
            twice += done - kept
        ended = forks.run(*command, repo_id, HUGGINGTWEETS_HOME=str(home), TEST_STRIKES="")
        assert ended["status"] == 0, ended["said"]
        assert gone_on_from(ended["said"]) == kept
        assert sound_weights(hub, repo_id, "ada") == expected
        assert leftovers(home) == []
    print(f"{struck} kills of a training of {steps} steps: {twice} steps were trained twice.")
    assert twice <= struck * KEPT_EVERY


def gone_on_from(said: str) -> int:
    """The step that a run says to go on at; 0 where it begins."""
    found = re.search(r"Resuming at step ([\d,]+) of", said)
    return int(found[1].replace(",", "")) if found else 0


def test_a_fetch_that_is_killed_while_it_downloads_pages_leaves_nothing_of_that(
    hub: HubServer, x: XServer, tmp_path: Path, forks: Forks
) -> None:
    accounts.add(x, "ada", 1)

    def started(machine: str) -> Running:
        home, store = str(tmp_path / machine), "hf://datasets/alice/store"
        words = ["fetch", "ada", "-o", str(tmp_path / "ada.jsonl")]
        return forks.start(*words, HUGGINGTWEETS_HOME=home, HUGGINGTWEETS_STORE=store)

    def strike() -> None:
        has_started.wait()
        running.kill()
        running.ended.wait()

    assert started("one").wait()["status"] == 0
    has_started = threading.Event()
    hub.faults.meanwhile("GET", "/resolve/main/timelines", strike)
    running = started("two")
    has_started.set()
    assert running.wait().was_killed
    assert started("two").wait()["status"] == 0
    assert set(x.reads.values()) == {1}
    one, two = (
        {path.relative_to(home) for path in home.rglob("*")}
        for home in map(tmp_path.joinpath, ("one", "two"))
    )
    assert two == one
