"""A batch on rented machines: jobs of several accounts, which run the very wheel of this package."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.batch import recorder
from huggingtweets_hub.batch.remote import Shards
from huggingtweets_hub.batch.run import Batch
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.progress import Silent
from huggingtweets_hub.hub import jobs as hub_jobs
from huggingtweets_hub.hub.jobs import Flavor
from huggingtweets_hub.pipeline.remote.terms import Offer
from huggingtweets_hub.posts.budget import Budget
from tests.batch import accounts
from tests.batch.support import commits, states, waited_for
from tests.servers.buckets import Buckets
from tests.servers.hub import HubServer
from tests.servers.jobs import EVICTED, TIMED_OUT, Fate, Jobs

BASE = "alice/tiny-gpt2"
# A driver that looks at its jobs often, as a test has no time.
DRIVER = (
    "from huggingtweets_hub.hub import jobs; jobs._SHORTEST_PAUSE_SECONDS = 0.1; "
    "from huggingtweets_hub.cli import main; main()"
)


class Told(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


@pytest.fixture
def entries(
    hub: HubServer, tiny_gpt2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], list[dict[str, Any]]]:
    """So many accounts with files of their own, and the base model on the Hub."""
    monkeypatch.setattr(hub_jobs, "_SHORTEST_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(recorder, "_PAUSE_SECONDS", 0.01)
    hub.add_repo(BASE, {path.name: path.read_bytes() for path in tiny_gpt2.iterdir()})

    def write(number: int) -> list[dict[str, Any]]:
        names = [f"ann_{n}" for n in range(number)]
        return [
            {"handle": name, "from": str(accounts.write(tmp_path, name, n))} for n, name in enumerate(names)
        ]

    return write


def published(hub: HubServer) -> dict[str, int]:
    """How many publications each model has had."""
    return {name.split("/")[1]: count for name, count in commits(hub).items() if name != BASE}


def left(buckets: Buckets) -> list[str]:
    return [path for bucket in buckets.all.values() for path in bucket.files]


def test_shards_fit_their_time_and_their_price_is_set_aside() -> None:
    flavor = Flavor(name="cpu-upgrade", about="8 vCPU", usd_an_hour=0.03, has_gpu=False)
    half, whole = Offer(flavor=flavor, seconds=1800), Offer(flavor=flavor, seconds=7200)

    def shape(number: int, offer: Offer, workers: int | None) -> tuple[int, int, int]:
        shards = Shards.of(number, offer, workers, Budget(20))
        return shards.workers, shards.size, shards.jobs

    assert shape(20, half, 4) == (4, 5, 4)
    assert shape(20, whole, None) == (1, 20, 1)
    assert shape(20, half, None) == (1, 6, 4)
    assert shape(2, half, 4) == (2, 1, 2)
    budget = Budget(1)
    Shards.of(20, half, 4, budget)
    assert budget.left == pytest.approx(1 - 4 * 0.03)
    with pytest.raises(InvalidInputError, match="4 jobs of at most 30 minutes.*--max-cost"):
        Shards.of(20, half, 4, Budget(0.1))


def test_each_account_is_published_once_and_then_nothing_is_to_be_done(
    hub: HubServer,
    jobs: Jobs,
    buckets: Buckets,
    batch: Callable[..., Batch],
    entries: Callable[[int], list[dict[str, Any]]],
) -> None:
    told, wanted = Told(), entries(3)
    asked = {"base_model": BASE, "remote": "cpu-upgrade", "workers": 2, "progress": told, "tracker": "none"}
    jobs.fates.append(EVICTED.after("Training"))
    done = batch(wanted, **asked)
    assert states(done) == dict.fromkeys(["ann_0", "ann_1", "ann_2"], "published")
    assert published(hub) == dict.fromkeys(["ann_0", "ann_1", "ann_2"], 1)
    assert (len(jobs.all), left(buckets)) == (2, [])
    assert any("2 jobs of at most 30 minutes" in line and "$0.06 at most" in line for line in told.notes)
    for attempt in done.outcomes:
        assert attempt.commit == hub.repos[attempt.repo_id].head.oid

    again = batch(wanted, **asked)
    assert (again.outcomes, again.already, len(jobs.all)) == ((), 3, 2)


@pytest.mark.slow
def test_what_a_job_has_published_before_it_was_stopped_is_not_lost(
    hub: HubServer,
    jobs: Jobs,
    buckets: Buckets,
    batch: Callable[..., Batch],
    entries: Callable[[int], list[dict[str, Any]]],
) -> None:
    jobs.fates.append(TIMED_OUT.after('"commit"'))
    wanted = entries(2)
    done = batch(wanted, base_model=BASE, remote="cpu-upgrade", tracker="none")
    found = {attempt.state: attempt for attempt in done.outcomes}
    assert set(found) == {"published", "failed"}
    assert (found["failed"].kind, left(buckets)) == ("job_timed_out", [])
    assert "--remote-timeout" in str(found["failed"].next_step)

    again = batch(wanted, base_model=BASE, remote="cpu-upgrade", tracker="none")
    assert [attempt.state for attempt in again.outcomes] == ["published"]
    assert (set(published(hub).values()), left(buckets), len(jobs.all)) == ({1}, [], 2)


def test_a_job_that_ended_well_without_a_result_is_not_paid_for_again(
    hub: HubServer,
    jobs: Jobs,
    buckets: Buckets,
    batch: Callable[..., Batch],
    entries: Callable[[int], list[dict[str, Any]]],
) -> None:
    jobs.fates.append(Fate("COMPLETED", ""))
    done = batch(entries(2), base_model=BASE, remote="cpu-upgrade", tracker="none")
    assert [(a.kind, a.remedy) for a in done.failed] == [("job_without_result", "person")] * 2
    assert (published(hub), left(buckets), len(jobs.all)) == ({}, [], 1)


def test_what_no_job_can_be_started_for_is_left_after_the_first_refusal(
    hub: HubServer,
    jobs: Jobs,
    buckets: Buckets,
    batch: Callable[..., Batch],
    entries: Callable[[int], list[dict[str, Any]]],
) -> None:
    jobs.without_credits.add("alice")
    done = batch(entries(3), base_model=BASE, remote="cpu-upgrade", remote_timeout="5m", tracker="none")
    assert [attempt.state for attempt in done.outcomes].count("failed") == 1
    assert "settings/billing" in str([attempt.next_step for attempt in done.outcomes])
    assert (jobs.all, left(buckets), done.left) == ([], [], 2)


@pytest.mark.slow
def test_a_driver_that_is_killed_twice_publishes_all_and_none_twice(
    hub: HubServer,
    jobs: Jobs,
    buckets: Buckets,
    entries: Callable[[int], list[dict[str, Any]]],
    tmp_path: Path,
) -> None:
    users = tmp_path / "users.json"
    users.write_text(json.dumps(entries(20)))
    options = ["--base-model", BASE, "--samples", "2", "--namespace", "huggingtweets", "--tracker", "none"]
    command = [sys.executable, "-c", DRIVER, "batch", str(users), *options, "--remote", "cpu-upgrade"]
    command += ["--workers", "4", "--remote-timeout", "1h"]

    def killed_when(condition: Callable[[], bool]) -> None:
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        reached = waited_for(condition, process)
        process.kill()
        process.wait()
        assert reached

    killed_when(lambda: len(jobs.all) >= 2)
    killed_when(lambda: len(published(hub)) >= 7)
    done = subprocess.run(command, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert published(hub) == {f"ann_{n}": 1 for n in range(20)}
    assert (left(buckets), jobs.running) == ([], [])
    print(f"{len(jobs.all)} jobs, ${jobs.usd:.3f}")
