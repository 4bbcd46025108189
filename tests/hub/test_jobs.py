"""Jobs on rented machines: started once, followed to their end, whatever the Hub and the network do."""

import math
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.core.errors import (
    HubError,
    HubUnavailableError,
    HuggingTweetsError,
    InvalidInputError,
    JobCanceledError,
    JobFailedError,
    JobNotFoundError,
    JobOutOfMemoryError,
    JobsRefusedError,
    JobTimedOutError,
    NoCreditsError,
    NoMachineError,
    NotLoggedInError,
)
from huggingtweets_hub.hub import client
from huggingtweets_hub.hub import jobs as hub_jobs
from tests.servers.hub import HubServer
from tests.servers.jobs import CANCELED, EVICTED, OUT_OF_MEMORY, STUCK, TIMED_OUT, Fate, Jobs

START = ("POST", "/api/jobs/alice$")
LIST = ("GET", r"/api/jobs/alice\?")
POLL = ("GET", "/api/jobs/alice/[0-9a-f]+$")
LOG = ("GET", "/logs")


def start(script: str = "print('hello')", **options: Any) -> hub_jobs.Job:
    options = {"publication": "p1", "flavor": "cpu-basic", "timeout": 60, **options}
    command = ["python", "-c", script]
    return hub_jobs.start("alice", image="python:3.12", command=command, **options)


def follow(job: hub_jobs.Job, **options: Any) -> tuple[hub_jobs.Job, list[str]]:
    told: list[str] = []
    return hub_jobs.follow(job, tell=told.append, **options), told


def wait_for(path: Path) -> str:
    waits = f"while not os.path.exists({str(path)!r}): time.sleep(0.02)"
    return f"import os, time\nprint('ready', flush=True)\n{waits}"


# ---- machines and their prices


def test_machines_come_with_their_price_the_cheapest_first(jobs: Jobs) -> None:
    found = hub_jobs.flavors()
    assert list(found) == ["cpu-basic", "cpu-upgrade", "t4-small"]
    assert found["cpu-upgrade"].about == "8 vCPU, 32 GB"
    assert found["cpu-upgrade"].usd_an_hour == pytest.approx(0.03)
    assert found["cpu-upgrade"].usd(1800) == pytest.approx(0.015)
    assert (found["t4-small"].about, found["t4-small"].has_gpu) == ("4 vCPU, 15 GB, 1 × T4 16 GB", True)


def test_an_unknown_machine_is_answered_with_the_nearest_and_the_prices(jobs: Jobs) -> None:
    assert hub_jobs.require_flavor("cpu-basic").name == "cpu-basic"
    with pytest.raises(InvalidInputError) as error:
        hub_jobs.require_flavor("cpu-upgrad")
    assert "Did you mean 'cpu-upgrade'?" in error.value.message
    assert "t4-small ($0.40 an hour)" in error.value.next_step


# ---- starting


def test_a_job_is_started_as_it_was_asked_for(jobs: Jobs) -> None:
    job = start(
        "import os; print(os.environ['A'], os.environ['HF_TOKEN'])",
        env={"A": "1"}, secrets={"HF_TOKEN": "hf_secret"}, labels={"app": "huggingtweets"}, attempts=2,
        flavor="cpu-upgrade", timeout=600,
    )  # fmt: skip

    assert (job.namespace, job.flavor, job.is_over) == ("alice", "cpu-upgrade", False)
    assert job.labels == {"app": "huggingtweets", "publication": "p1", "name": "p1"}
    spec = jobs.all[0].spec
    assert (spec["timeoutSeconds"], spec["attempts"]) == (600, 2)
    end, told = follow(job)
    assert (end.is_done, told) == (True, ["1 hf_secret"])
    open_to_members = {key: value for key, value in spec.items() if key != "secrets"}
    assert "hf_secret" not in str(open_to_members)
    assert "hf_secret" not in str(job)


PASSING: dict[str, Callable[[HubServer, int], None]] = {
    "429": lambda hub, times: hub.faults.answer(*START, 429, times=times),
    "500": lambda hub, times: hub.faults.answer(*START, 500, times=times),
    "503": lambda hub, times: hub.faults.answer(*START, 503, times=times),
    "HTML 503": lambda hub, times: hub.faults.html(*START, 503, times=times),
    "HTML 200": lambda hub, times: hub.faults.html(*START, 200, times=times),
    "drop": lambda hub, times: hub.faults.drop(*START, times=times),
    "reset": lambda hub, times: hub.faults.reset(*START, times=times),
    "lost reply": lambda hub, times: hub.faults.lose_reply(*START, times=times),
    "cut reply": lambda hub, times: hub.faults.truncate(*START, 5, times=times),
    "list 503": lambda hub, times: hub.faults.answer(*LIST, 503, times=times),
    "list drop": lambda hub, times: hub.faults.drop(*LIST, times=times),
}


@pytest.mark.parametrize(
    ("fault", "times"),
    # The client itself waits between its tries to list.
    [(fault, times) for fault in PASSING for times in (1, 3) if times == 1 or "list" not in fault],
)
def test_a_fault_at_the_start_leaves_one_job(
    hub: HubServer, jobs: Jobs, tmp_path: Path, fault: str, times: int
) -> None:
    PASSING[fault](hub, times)
    job = start(wait_for(tmp_path / "go on"))
    assert [started.id for started in jobs.all] == [job.id]


def test_a_reply_that_is_lost_at_the_last_try_is_found_all_the_same(
    hub: HubServer, jobs: Jobs, tmp_path: Path
) -> None:
    hub.faults.answer(*START, 503, times=4)
    hub.faults.lose_reply(*START)
    job = start(wait_for(tmp_path / "go on"))
    assert [started.id for started in jobs.all] == [job.id]


def test_a_hub_that_stays_away_starts_nothing(hub: HubServer, jobs: Jobs) -> None:
    hub.faults.drop(*START, times=50)
    with pytest.raises(HubUnavailableError):
        start()
    assert jobs.all == []


def test_a_waiting_or_running_job_of_the_publication_is_the_answer(jobs: Jobs, tmp_path: Path) -> None:
    first = start(wait_for(tmp_path / "go on"))
    assert start().id == first.id
    jobs.fates.append(STUCK)
    waiting = start(publication="p2")
    assert start(publication="p2").id == waiting.id
    assert len(jobs.all) == 2


def test_a_job_that_is_over_is_followed_by_a_new_one(jobs: Jobs) -> None:
    first, _ = follow(start())
    assert start().id != first.id


def test_of_two_that_start_at_the_same_moment_the_newer_is_cancelled(
    hub: HubServer, jobs: Jobs, tmp_path: Path
) -> None:
    def somebody_else() -> None:
        client.api().run_job(
            namespace="alice", image="python:3.12", command=["python", "-c", wait_for(tmp_path / "go on")],
            labels={"publication": "p1"},
        )  # fmt: skip

    hub.faults.meanwhile(*START, somebody_else)
    job = start(wait_for(tmp_path / "go on"))
    theirs, ours = jobs.all
    assert jobs.running == [theirs]
    assert (job.id, ours.stage) == (theirs.id, "CANCELED")


def test_a_last_read_of_the_log_that_fails_is_made_again(hub: HubServer, jobs: Jobs) -> None:
    job = start("print('the reason')")
    jobs.wait(lambda: not jobs.running)
    hub.faults.answer("GET", "/api/jobs/.+/logs", 503, times=5)  # all tries of one read
    assert follow(job)[1] == ["the reason"]


def test_no_credits_say_where_to_add_them_and_nothing_is_tried_twice(hub: HubServer, jobs: Jobs) -> None:
    jobs.without_credits.add("alice")
    with pytest.raises(NoCreditsError) as error:
        start()
    assert "https://huggingface.co/settings/billing" in error.value.next_step
    assert "credit balance is insufficient" in error.value.message
    assert jobs.all == []
    assert sum(request.method == "POST" for request in hub.log) == 1


def test_a_token_that_may_not_start_jobs_is_told_the_permission(
    hub: HubServer, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add_user("alice", token="hf_fine", role="fineGrained", scopes={"alice": ["repo.write"]})
    monkeypatch.setenv("HF_TOKEN", "hf_fine")
    with pytest.raises(JobsRefusedError) as error:
        start()
    assert "'Start and manage Jobs' for alice" in error.value.next_step


@pytest.mark.parametrize(
    ("status", "expected"),
    [(400, HubError), (401, NotLoggedInError), (402, NoCreditsError), (403, JobsRefusedError)],
)
def test_a_refusal_is_not_tried_again(
    hub: HubServer, jobs: Jobs, status: int, expected: type[HubError]
) -> None:
    hub.faults.answer(*START, status)
    with pytest.raises(expected) as error:
        start(secrets={"HF_TOKEN": "hf_secret"})
    assert "hf_secret" not in str(error.value)
    assert jobs.all == []


# ---- finding and reading


def test_jobs_are_found_by_label_newest_first(hub: HubServer, jobs: Jobs, tmp_path: Path) -> None:
    old, _ = follow(start(labels={"app": "huggingtweets"}))
    new = start(wait_for(tmp_path / "go on"), labels={"app": "huggingtweets"})
    start(wait_for(tmp_path / "go on"), publication="p2")
    assert [job.id for job in hub_jobs.find("alice", "app", "huggingtweets")] == [new.id, old.id]
    assert [job.id for job in hub_jobs.find("alice", "app", "huggingtweets", running_only=True)] == [new.id]


def test_a_list_that_was_not_filtered_finds_nobody_elses_job(
    hub: HubServer, jobs: Jobs, tmp_path: Path
) -> None:
    start(wait_for(tmp_path / "go on"), publication="other")
    hub.faults.answer(*LIST, 200, [job.shown() for job in jobs.all])
    assert hub_jobs.find("alice", "publication", "p1", running_only=True) == []


def test_a_job_that_is_not_there_is_said_to_be_gone(jobs: Jobs) -> None:
    with pytest.raises(JobNotFoundError, match="no job 0{24} in alice"):
        hub_jobs.read("alice", "0" * 24)


def test_a_job_of_another_account_is_not_seen(
    hub: HubServer, jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = start(wait_for(tmp_path / "go on"))
    hub.add_user("bob", token="hf_bob")
    monkeypatch.setenv("HF_TOKEN", "hf_bob")
    with pytest.raises(JobNotFoundError):
        hub_jobs.read("alice", job.id)


def test_cancelling_twice_or_what_is_gone_is_fine(jobs: Jobs, tmp_path: Path) -> None:
    job = start(wait_for(tmp_path / "go on"))
    hub_jobs.cancel("alice", job.id)
    hub_jobs.cancel("alice", job.id)
    hub_jobs.cancel("alice", "0" * 24)
    assert hub_jobs.read("alice", job.id).stage == "CANCELED"


# ---- following

COUNT = "for number in range(20): print(number, flush=True)\n"
NUMBERS = [str(number) for number in range(20)]


def never(jobs: Jobs) -> None:
    """No fault."""


LOG_FAULTS: dict[str, Callable[[Jobs], None]] = {
    "none": never,
    "cut twice": lambda jobs: jobs.cut_log(5, times=2),
    "ends early twice": lambda jobs: jobs.close_log(5, times=2),
    "silent": lambda jobs: jobs.mute_log(5),
    "503 twice": lambda jobs: jobs.hub.faults.answer(*LOG, 503, times=2),
    "dropped twice": lambda jobs: jobs.hub.faults.drop(*LOG, times=2),
    "503 nine times": lambda jobs: jobs.hub.faults.answer(*LOG, 503, times=9),
}


@pytest.mark.parametrize("fault", LOG_FAULTS)
def test_each_line_is_told_once(hub: HubServer, jobs: Jobs, tmp_path: Path, fault: str) -> None:
    LOG_FAULTS[fault](jobs)
    job = start(f"{COUNT}{wait_for(tmp_path / 'go on')}")

    def go_on() -> None:
        while hub.faults.pending:  # all of them hit while it runs
            time.sleep(0.01)
        (tmp_path / "go on").touch()

    with ThreadPoolExecutor() as pool:
        pool.submit(go_on)
        end, told = follow(job)
    assert (end.stage, told) == ("COMPLETED", [*NUMBERS, "ready"])


@pytest.mark.parametrize("fault", ["none", "cut twice", "503 twice", "ends early twice"])
def test_a_job_that_is_over_still_tells_all(jobs: Jobs, fault: str) -> None:
    job = start(COUNT)
    jobs.wait(lambda: not jobs.running)
    if fault == "ends early twice":
        jobs.close_log(5)  # an end that comes early twice at the same line cannot be told from the end
    else:
        LOG_FAULTS[fault](jobs)
    assert follow(job)[1] == NUMBERS


def test_a_log_that_cannot_be_read_keeps_no_end_from_being_seen(hub: HubServer, jobs: Jobs) -> None:
    hub.faults.answer(*LOG, 500, times=math.inf)
    end, told = follow(start())
    assert (end.is_done, told) == (True, [])


POLL_FAULTS: dict[str, Callable[[HubServer], None]] = {
    "503 twelve times": lambda hub: hub.faults.answer(*POLL, 503, times=12),
    "429 six times": lambda hub: hub.faults.answer(*POLL, 429, times=6),
    "dropped seven times": lambda hub: hub.faults.drop(*POLL, times=7),
    "a web page": lambda hub: hub.faults.html(*POLL, 200, times=6),
    "404 at first": lambda hub: hub.faults.answer(*POLL, 404, times=2),
}


@pytest.mark.parametrize("fault", POLL_FAULTS)
def test_a_poll_that_fails_ends_nothing(hub: HubServer, jobs: Jobs, fault: str) -> None:
    POLL_FAULTS[fault](hub)
    end, told = follow(start())
    assert (end.is_done, told) == (True, ["hello"])
    assert len(jobs.all) == 1


def test_a_hub_that_is_silent_for_long_ends_the_waiting_but_not_the_job(
    hub: HubServer, jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_jobs, "_SILENCE_SECONDS", 0.0)
    job = start(wait_for(tmp_path / "go on"))
    hub.faults.answer(*POLL, 503, times=math.inf)
    with pytest.raises(HubUnavailableError):
        follow(job)
    assert len(jobs.running) == 1


def test_a_job_that_vanishes_is_gone(
    hub: HubServer, jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_jobs, "_LOST_SECONDS", 0.0)
    job = start(wait_for(tmp_path / "go on"))
    hub.faults.answer(*POLL, 404, times=math.inf)
    with pytest.raises(JobNotFoundError):
        follow(job)


def test_each_stage_is_shown_once(jobs: Jobs, tmp_path: Path) -> None:
    job = start(wait_for(tmp_path / "go on"))
    jobs.wait(lambda: jobs.all[0].stage == "RUNNING")
    seen: list[str] = []

    def changed(job: hub_jobs.Job) -> None:
        seen.append(job.stage)
        (tmp_path / "go on").touch()

    follow(job, changed=changed)
    assert seen == ["RUNNING", "COMPLETED"]


def test_a_second_attempt_with_a_log_of_its_own_is_told_from_its_beginning(jobs: Jobs) -> None:
    job = start("print('one'); print('two')")
    jobs.wait(lambda: not jobs.running)
    log = hub_jobs.Log("alice", job.id)
    assert log.new() == ["one", "two"]
    assert log.new() == []
    jobs.all[0].log[:] = [{**event, "data": f"again {event['data']}"} for event in jobs.all[0].log[1:]]
    assert log.new() == ["again one", "again two"]


def test_lines_that_would_steer_the_terminal_are_written_out(jobs: Jobs) -> None:
    assert follow(start(r"print('\x1b[2Jgone')"))[1] == [r"\x1b[2Jgone"]


def test_what_finds_no_machine_is_cancelled_and_costs_nothing(jobs: Jobs) -> None:
    jobs.fates.append(STUCK)
    with pytest.raises(NoMachineError) as error:
        follow(start(), longest_wait_seconds=0.5)
    assert STUCK.message in error.value.message
    assert (jobs.all[0].stage, jobs.usd) == ("CANCELED", 0)


def test_an_interruption_leaves_the_job_running(jobs: Jobs, tmp_path: Path) -> None:
    def interrupt(job: hub_jobs.Job) -> None:
        raise KeyboardInterrupt

    job = start(wait_for(tmp_path / "go on"))
    with pytest.raises(KeyboardInterrupt):
        follow(job, changed=interrupt)
    assert [running.id for running in jobs.running] == [job.id]


ENDS: dict[str, tuple[Fate, type[HuggingTweetsError], str]] = {
    "evicted": (EVICTED, JobFailedError, "evicted"),
    "out of memory": (OUT_OF_MEMORY, JobOutOfMemoryError, "more memory"),
    "timed out": (TIMED_OUT, JobTimedOutError, "--remote-timeout"),
    "cancelled": (CANCELED, JobCanceledError, "Run the same command again"),
    "deleted": (Fate("DELETED", ""), JobCanceledError, "deleted"),
}


@pytest.mark.parametrize("end", ENDS)
def test_an_end_that_is_not_well_has_its_sentence_and_next_step(jobs: Jobs, tmp_path: Path, end: str) -> None:
    fate, expected, words = ENDS[end]
    jobs.fates.append(fate.after("ready"))
    job, _ = follow(start(wait_for(tmp_path / "go on")))
    with pytest.raises(expected) as error:
        hub_jobs.require_done(job, timeout=60)
    assert type(error.value) is expected
    assert words in str(error.value)


def test_a_command_that_fails_names_its_log(jobs: Jobs) -> None:
    job, _ = follow(start("import sys; sys.exit(3)"))
    with pytest.raises(JobFailedError, match=r"exit code: 3\.") as error:
        hub_jobs.require_done(job, timeout=60)
    assert re.search(r"Read its log at http://\S+/jobs/alice/0+1,", error.value.next_step)


def test_the_limit_is_recognised_without_the_hubs_words(jobs: Jobs) -> None:
    job, _ = follow(start("import time; time.sleep(60)", timeout=1))
    jobs.all[0].message = None
    with pytest.raises(JobTimedOutError):
        hub_jobs.require_done(hub_jobs.read("alice", job.id), timeout=1)


def test_a_job_that_ended_well_is_fine(jobs: Jobs) -> None:
    hub_jobs.require_done(follow(start())[0], timeout=60)


def test_several_jobs_are_followed_at_once(jobs: Jobs) -> None:
    started = [start(f"print({number})", publication=f"p{number}") for number in range(4)]
    with ThreadPoolExecutor() as pool:
        ends = list(pool.map(follow, started))
    assert [(end.id, end.is_done, told) for end, told in ends] == [
        (job.id, True, [str(number)]) for number, job in enumerate(started)
    ]
