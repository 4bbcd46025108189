"""A publication on a rented machine, against loopback Jobs that run the very wheel of this package."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi

import huggingtweets_hub
from huggingtweets_hub import Publication, Silent
from huggingtweets_hub.core.errors import (
    CostLimitError,
    HubError,
    HuggingTweetsError,
    InvalidInputError,
    JobCanceledError,
    JobFailedError,
    JobRunningError,
    JobsRefusedError,
    JobTimedOutError,
    NoCreditsError,
    NoMachineError,
    NotOursError,
    PublicBucketError,
)
from huggingtweets_hub.hub import jobs as hub_jobs
from huggingtweets_hub.hub.jobs import Flavor, Job
from huggingtweets_hub.model.training import adapters
from huggingtweets_hub.pipeline import opening
from huggingtweets_hub.pipeline.gather import Gathered, gather
from huggingtweets_hub.pipeline.options import Order
from huggingtweets_hub.pipeline.remote import begun, handover, labels, machine, terms
from huggingtweets_hub.pipeline.remote.__main__ import main
from huggingtweets_hub.pipeline.send import is_published
from tests.batch.support import waited_for
from tests.servers.buckets import Buckets
from tests.servers.hub import Fault as HubFault
from tests.servers.hub import HubServer, Reply
from tests.servers.jobs import CANCELED, EVICTED, OUT_OF_MEMORY, STUCK, TIMED_OUT, Jobs
from tests.servers.x_api import XServer

ADA = "huggingtweets/lighthouse_ada"
SMALL = {
    "source": "sample", "max_tweets": 80, "base_model": "tiny", "epochs": 1, "samples": 2, "tracker": "none",
}  # fmt: skip


class Told(Silent):
    """Remembers the lines."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def gathered(**more: object) -> Gathered:
    order = Order(**{**SMALL, **more})  # type: ignore[arg-type]
    return gather(order, opening.ready(order), Silent())


def rented(**more: object) -> Job:
    """A job that `publish` with these options would follow."""
    order = Order(**{**SMALL, "remote": "cpu-upgrade", **more})  # type: ignore[arg-type]
    ours = gather(order, opening.ready(order), Silent())
    return machine.rent(terms.offer(order), "alice", labels.identity(order, ADA), [ours])


# --- what is handed over ----------------------------------------------------------------------------


def test_what_is_handed_over_gives_the_same_publication(hub: HubServer, tmp_path: Path) -> None:
    ours = gathered(prompt="The sea", consent="self")
    theirs = handover.taken_up(handover.read(handover.written(ours)), tmp_path)
    for name in ("repo_id", "texts", "checkpoint", "recipe", "fingerprint", "accounts", "source", "formats"):
        assert getattr(theirs, name) == getattr(ours, name), name
    assert (theirs.handles, theirs.name, theirs.published) == (ours.handles, ours.name, ours.published)
    assert (theirs.order.prompt, theirs.order.consent) == ("The sea", "self")


def test_posts_that_are_not_kept_and_local_paths_stay_here(hub: HubServer, tmp_path: Path) -> None:
    posts = [
        {"id": str(n), "text": f"Lamp log {n}: the light turned and nobody came to see."} for n in range(200)
    ]
    posts += [
        {"id": "900", "text": "RT @bob: a secret of somebody else, as told"},
        {"id": "901", "text": "hush hush"},
    ]
    archive = tmp_path / "posts.jsonl"
    archive.write_text("\n".join(json.dumps({**post, "username": "ann"}) for post in posts))
    ours = gathered(source=str(archive), handles="ann", max_tweets=None, output=tmp_path / "out")
    content = handover.written(ours).decode()
    assert "Lamp log 7" in content
    assert "secret of somebody" not in content and "hush hush" not in content
    assert str(tmp_path) not in content and "900" not in content
    assert json.loads(content)["accounts"][0]["statistics"] == {
        "downloaded": 202,
        "retweets": 1,
        "short": 1,
        "kept": 200,
    }


def test_a_template_of_ones_own_goes_along_with_all_that_it_reads(hub: HubServer, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "said.jinja").write_text("Said by the keeper.\n")
    own = tmp_path / "own.md.jinja"
    own.write_text(
        '{% extends "model_card.md.jinja" %}\n'
        '{% block limitations %}{% include "parts/said.jinja" %}{% endblock %}\n'
    )
    ours = gathered(template=own)
    content = handover.written(ours)
    assert str(tmp_path) not in content.decode()
    (tmp_path / "there").mkdir()
    theirs = handover.taken_up(handover.read(content), tmp_path / "there")
    assert (tmp_path / "there" / "parts" / "said.jinja").is_file()
    assert Path(str(theirs.order.template)) == tmp_path / "there" / "own.md.jinja"


@pytest.mark.slow
def test_the_job_publishes_once_however_often_it_is_run(
    hub: HubServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ours = gathered(force=True)
    (tmp_path / "ada.json").write_bytes(handover.written(ours))
    assert main(tmp_path) == 0
    assert main(tmp_path) == 0
    first, second = map(json.loads, capfd.readouterr().out.splitlines())
    head = hub.repos[ADA].head.oid
    assert first == {"repo_id": ADA, "commit": head, "changed": True}
    assert second == {"repo_id": ADA, "commit": head, "changed": False}
    assert len(hub.repos[ADA].commits) == 2
    assert is_published(gathered())
    assert not is_published(gathered(prompt="The sea"))


@pytest.mark.slow
def test_one_that_fails_does_not_hold_up_the_others(
    hub: HubServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    good = handover.written(gathered())
    (tmp_path / "1.json").write_text('{"repo_id": ')
    (tmp_path / "2.json").write_bytes(good)
    assert main(tmp_path) == 0  # another try would be paid for, and end the same way
    out, err = capfd.readouterr()
    bad, done = map(json.loads, out.splitlines())
    assert (bad["kind"], bad["next_step"]) == ("invalid_facts", "Run the same command again.")
    assert done["changed"] and "hf_alice" not in out + err


def test_only_a_hub_that_does_not_answer_is_worth_another_try_of_the_job(
    hub: HubServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ada.json").write_bytes(handover.written(gathered()))
    hub.add_repo(ADA, {"README.md": b"somebody else's"})
    assert main(tmp_path) == 0
    hub.faults.answer("GET", f"/api/models/{ADA}.*", 503, times=99)
    assert main(tmp_path) == 1
    hub.faults.pending.clear()
    said = [json.loads(line)["kind"] for line in capfd.readouterr().out.splitlines()]
    assert said == ["not_ours", "hub_unavailable"]


# --- the whole way ----------------------------------------------------------------------------------


def publish(**more: Any) -> Publication:
    return huggingtweets_hub.publish(**{"remote": "cpu-upgrade", "progress": Silent(), **SMALL, **more})


def left(buckets: Buckets) -> list[str]:
    """What lies in all buckets."""
    return [path for bucket in buckets.all.values() for path in bucket.files]


def publications(hub: HubServer, repo_id: str = ADA) -> int:
    return sum(commit.title.startswith("Publish") for commit in hub.repos[repo_id].commits)


@pytest.mark.slow
def test_the_job_publishes_and_leaves_nothing_behind(
    hub: HubServer, jobs: Jobs, buckets: Buckets, tmp_path: Path
) -> None:
    told = Told()
    done = publish(progress=told, output=tmp_path / "out")
    assert done.changed and done.commit == hub.repos[ADA].head.oid
    assert done.kept > 50 and len(done.samples) == 2
    assert (tmp_path / "out" / "model.safetensors").is_file()
    assert (publications(hub), left(buckets), len(jobs.all)) == (1, [], 1)
    assert told.notes[0] == (
        "cpu-upgrade: 8 vCPU, 32 GB, $0.03 an hour; at most 30 minutes, and once more if the machine fails: "
        "$0.03 at most."
    )
    job = jobs.all[0]
    assert "hf_alice" not in json.dumps({**job.spec, "secrets": None})
    assert buckets.all["alice/huggingtweets-jobs"].private

    again = publish(progress=told)
    assert not again.changed and again.commit == done.commit
    assert len(jobs.all) == 1


# --- what goes wrong: each start, poll, log and end, with a job that takes no time ------------------

_MADE: dict[str, bytes] = {}
STAND_IN = """
import pathlib, sys, time
from huggingface_hub import CommitOperationAdd, HfApi
files = {str(p.relative_to(sys.argv[1])): p for p in pathlib.Path(sys.argv[1]).rglob("*") if p.is_file()}
api, repo_id = HfApi(), "huggingtweets/lighthouse_ada"
print("step 1", flush=True)
print("a line that only people read", flush=True)
while pathlib.Path(f"{sys.argv[1]}.waits").exists():
    time.sleep(0.05)
api.create_repo(repo_id, exist_ok=True)
if not api.file_exists(repo_id, "huggingtweets.json"):
    added = [CommitOperationAdd(path, str(file)) for path, file in files.items()]
    api.create_commit(repo_id, added, commit_message="Publish")
print("done", flush=True)
"""


@pytest.fixture
def ready(trained: None, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command of a job that publishes at once what was trained before."""
    monkeypatch.setattr(hub_jobs, "_SHORTEST_PAUSE_SECONDS", 0.05)
    if not _MADE:
        huggingtweets_hub.publish(**SMALL, progress=Silent())
        made = hub.repos.pop(ADA).files
        _MADE.update({path: content for path, content in made.items() if path != ".gitattributes"})
        shutil.rmtree(tmp_path / "home")
    folder = tmp_path / "made"
    for path, content in _MADE.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    command = ["python", "-c", STAND_IN, str(folder)]
    monkeypatch.setattr(machine, "_command", lambda *_: command)
    return command


def held_up(ready: list[str], folder: Path) -> Path:
    """Let the job wait for a file."""
    go = folder / "go"
    waits = f"while not os.path.exists({str(go)!r}): time.sleep(0.05)"
    ready[2] = f"import os, time\nprint('waits', flush=True)\n{waits}\n{STAND_IN}"
    return go


START = ("POST", "/api/jobs/alice$")
POLL = ("GET", "/api/jobs/alice/[0-9a-f]+$")
LOG = ("GET", "/api/jobs/.+/logs")
BATCH = ("POST", "/api/buckets/.+/batch")
Fault = Callable[[HubServer, Jobs], object]
SURVIVED: dict[str, Fault] = {
    "start: 503": lambda hub, jobs: hub.faults.answer(*START, 503, times=2),
    "start: 429": lambda hub, jobs: hub.faults.answer(*START, 429),
    "start: no reply": lambda hub, jobs: hub.faults.lose_reply(*START),
    "start: dropped": lambda hub, jobs: hub.faults.drop(*START),
    "hand over: 503": lambda hub, jobs: hub.faults.answer(*BATCH, 503),
    "hand over: no reply": lambda hub, jobs: hub.faults.lose_reply(*BATCH),
    "poll: 503": lambda hub, jobs: hub.faults.answer(*POLL, 503, times=3),
    "poll: dropped": lambda hub, jobs: hub.faults.drop(*POLL, times=2),
    "log: broken off": lambda hub, jobs: jobs.cut_log(1, 2),
    "log: ended early": lambda hub, jobs: jobs.close_log(1, 2),
    "log: 503": lambda hub, jobs: hub.faults.answer(*LOG, 503, times=20),
    "end: evicted": lambda hub, jobs: jobs.fates.append(EVICTED.after("step 1")),
    "end: evicted with all done": lambda hub, jobs: jobs.fates.append(TIMED_OUT.after("done")),
    "end: out of memory": lambda hub, jobs: jobs.fates.append(OUT_OF_MEMORY.after("step 1")),
    "all at once": lambda hub, jobs: (
        hub.faults.lose_reply(*START),
        hub.faults.answer(*POLL, 503),
        jobs.cut_log(1),
        jobs.fates.append(EVICTED.after("step 1")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", SURVIVED)
def test_what_passes_costs_one_job_and_gives_one_publication(
    hub: HubServer, jobs: Jobs, buckets: Buckets, ready: list[str], fault: str
) -> None:
    SURVIVED[fault](hub, jobs)
    done = publish()
    assert (done.changed, done.commit) == (True, hub.repos[ADA].head.oid)
    assert (len(jobs.all), left(buckets), publications(hub)) == (1, [], 1)
    assert (done.kept > 50, len(done.samples)) == (True, 2)


def _bucket_is_public(hub: HubServer, jobs: Jobs) -> None:
    jobs.buckets.add("alice/huggingtweets-jobs", private=False)


def _token_may_not(hub: HubServer, jobs: Jobs) -> None:
    hub.faults.answer(*START, 403)


REFUSED: dict[str, tuple[Fault, type[HuggingTweetsError], int]] = {
    "no credits": (lambda hub, jobs: jobs.without_credits.add("alice"), NoCreditsError, 0),
    "token": (_token_may_not, JobsRefusedError, 0),
    "public bucket": (_bucket_is_public, PublicBucketError, 0),
    "time": (lambda hub, jobs: jobs.fates.append(TIMED_OUT.after("step 1")), JobTimedOutError, 1),
    "cancelled": (lambda hub, jobs: jobs.fates.append(CANCELED.after("step 1")), JobCanceledError, 1),
    "no machine": (lambda hub, jobs: jobs.fates.append(STUCK), NoMachineError, 1),
    "start refused for good": (lambda hub, jobs: hub.faults.answer(*START, 503, times=99), HubError, 0),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_does_not_pass_leaves_nothing_and_the_same_command_goes_on(
    hub: HubServer,
    jobs: Jobs,
    buckets: Buckets,
    ready: list[str],
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    spoil, kind, started = REFUSED[fault]
    spoil(hub, jobs)
    waits = Path(f"{ready[-1]}.waits")
    waits.touch()  # for its fate, which comes later than the line that it follows
    with monkeypatch.context() as short:
        short.setattr(machine, "_LONGEST_WAIT_SECONDS", 0.2)
        with pytest.raises(kind) as raised:
            publish()
    assert raised.value.next_step
    assert (len(jobs.all), left(buckets), ADA in hub.repos) == (started, [], False)
    assert machine.listed() == []

    waits.unlink()
    hub.faults.pending.clear()
    jobs.without_credits.clear()
    buckets.all.pop("alice/huggingtweets-jobs", None)
    assert publish().changed
    assert (len(jobs.all), left(buckets), publications(hub)) == (started + 1, [], 1)


def test_what_is_refused_there_for_good_is_said_as_here_and_not_paid_for_twice(
    hub: HubServer, jobs: Jobs, buckets: Buckets, ready: list[str]
) -> None:
    said = {
        "handover": labels.short(ADA),
        "kind": "not_ours",
        "message": "It is Bob's.",
        "next_step": "Ask Bob.",
    }
    ready[2] = f"print({json.dumps(said)!r})"
    with pytest.raises(NotOursError) as refused:
        publish()
    assert refused.value.message.endswith(f"could not publish {ADA}: It is Bob's.")
    assert (refused.value.next_step, refused.value.remedy) == ("Ask Bob.", "person")
    assert ([job.attempts for job in jobs.all], left(buckets)) == ([1], [])


def test_what_a_followed_job_has_published_before_it_died_counts(
    hub: HubServer, jobs: Jobs, buckets: Buckets, ready: list[str], tmp_path: Path
) -> None:
    go = held_up(ready, tmp_path)
    jobs.fates.append(TIMED_OUT.after("done"))
    rented()
    go.touch()
    assert publish().commit == hub.repos[ADA].head.oid
    assert (len(jobs.all), left(buckets), publications(hub)) == (1, [], 1)


def test_a_followed_job_that_published_nothing_is_no_success_because_of_what_was_there(
    hub: HubServer, jobs: Jobs, buckets: Buckets, ready: list[str], tmp_path: Path
) -> None:
    go = held_up(ready, tmp_path)
    go.touch()
    publish()
    go.unlink()
    rented(formats="gguf")
    go.touch()
    with pytest.raises(JobFailedError, match="does not hold"):
        publish(formats="gguf")


def test_posts_of_another_source_are_another_publication(hub: HubServer, tmp_path: Path) -> None:
    def identity(source: str) -> str:
        return labels.identity(Order("ann", source=source, repo_id=ADA), ADA)

    assert identity("old.zip") == identity("old.zip") != identity("new.zip")


def test_a_job_that_runs_is_followed_and_nothing_is_read_again(
    hub: HubServer, jobs: Jobs, buckets: Buckets, ready: list[str], tmp_path: Path
) -> None:
    go = held_up(ready, tmp_path)
    job = rented()
    ((shown, usd),) = machine.listed()
    assert (shown.id, usd >= 0, shown.labels["model"]) == (job.id, True, "huggingtweets-lighthouse_ada")
    with pytest.raises(JobRunningError, match="other options") as busy:
        publish(prompt="The sea")
    assert f"hf jobs cancel {job.id}" in busy.value.next_step

    go.touch()
    told = Told()
    done = publish(progress=told, output=tmp_path / "out")
    assert any("following it" in line for line in told.notes)
    assert not any("posts read" in line for line in told.notes)
    assert done.changed and (tmp_path / "out" / "huggingtweets.json").is_file()
    assert (len(jobs.all), left(buckets), publications(hub)) == (1, [], 1)


def test_what_a_killed_run_has_left_is_swept_and_what_a_job_needs_is_not(
    hub: HubServer, jobs: Jobs, buckets: Buckets, ready: list[str], tmp_path: Path
) -> None:
    kept = buckets.add("alice/huggingtweets-jobs")
    api = HfApi(endpoint=hub.url, token="hf_alice")
    old, young = datetime.now(UTC) - timedelta(hours=2), datetime.now(UTC)
    for folder, uploaded in (("forgotten", old), ("young", young), ("given-up", young), ("running", old)):
        api.batch_bucket_files("alice/huggingtweets-jobs", add=[(b"posts", f"{folder}/1.json")])
        kept.files[f"{folder}/1.json"] = replace(kept.files[f"{folder}/1.json"], uploaded=uploaded)
    api.run_job(
        namespace="alice", image="uv", command=["python", "-c", "import time; time.sleep(600)"],
        labels={"app": "huggingtweets", "publication": "running"}, flavor="cpu-basic",
    )  # fmt: skip
    with begun.lock("alice", "given-up"):
        machine.sweep("alice")
        assert set(left(buckets)) == {"young/1.json", "given-up/1.json", "running/1.json"}
    machine.sweep("alice")
    assert set(left(buckets)) == {"young/1.json", "running/1.json"}


@pytest.mark.parametrize("hours", [-3, 3])
def test_how_old_a_handover_is_goes_by_the_clock_of_the_hub(
    hub: HubServer, jobs: Jobs, buckets: Buckets, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    there = datetime.now(UTC) + timedelta(hours=hours)
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda _: format_datetime(there, True))
    kept = buckets.add("alice/huggingtweets-jobs")
    api = HfApi(endpoint=hub.url, token="hf_alice")
    for folder, age in (("forgotten", timedelta(hours=2)), ("young", timedelta(minutes=2))):
        api.batch_bucket_files("alice/huggingtweets-jobs", add=[(b"posts", f"{folder}/1.json")])
        kept.files[f"{folder}/1.json"] = replace(kept.files[f"{folder}/1.json"], uploaded=there - age)
    machine.sweep("alice")
    assert left(buckets) == ["young/1.json"]


# --- what is refused before anything is asked for ---------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"dry_run": True}, "dry run"),
        ({"create_pr": True}, "pull requests"),
        ({"device": "cpu"}, "another"),
        ({"remote_timeout": "25h"}, "24h at most"),
        ({"remote_timeout": "soon"}, "30m or 2h"),
        ({"tracker": "trackio"}, "does not last"),
        ({"tracker": "wandb"}, "WANDB_API_KEY"),
        ({"remote": "cpu-upgrad"}, "Did you mean 'cpu-upgrade'"),
        ({"remote": "t4-small", "remote_timeout": "24h", "max_cost": 5}, "--max-cost"),
    ],
    ids=str,
)
def test_what_cannot_be_done_there_is_refused_first(
    hub: HubServer, jobs: Jobs, options: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        publish(**options)
    assert said in str(refused.value)
    assert (jobs.all, jobs.buckets.all) == ([], {})


def test_a_base_model_in_a_folder_is_refused_with_the_way_out(
    hub: HubServer, jobs: Jobs, tiny_gpt2: Path
) -> None:
    with pytest.raises(InvalidInputError, match="a folder of this machine") as refused:
        publish(base_model=tiny_gpt2)
    assert "Push it to the Hub" in refused.value.next_step


def test_what_the_machine_may_cost_is_taken_off_what_posts_may_cost(
    hub: HubServer, jobs: Jobs, x: XServer
) -> None:
    x.add_account({"id": "1", "username": "nasa", "name": "NASA"}, [{"id": "9", "text": "The light turned."}])
    with pytest.raises(CostLimitError):
        publish(source="x", handles="nasa", max_cost=0.04)
    assert jobs.all == []


def test_a_job_is_given_wandb_only_with_its_key_and_that_as_a_secret(
    hub: HubServer, jobs: Jobs, ready: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "a-key-of-wandb-0123456789")
    monkeypatch.setenv("WANDB_PROJECT", "bots")
    ours = gathered(tracker="auto")
    assert '"tracker": "wandb"' in handover.written(ours).decode()
    assert machine._secrets([ours]) == {"HF_TOKEN": "hf_alice", "WANDB_API_KEY": "a-key-of-wandb-0123456789"}
    assert machine._environment([ours])["WANDB_PROJECT"] == "bots"
    assert "WANDB_API_KEY" not in machine._environment([ours])
    server = "https://ann:a-password@wandb.example"
    monkeypatch.setenv("WANDB_BASE_URL", server)
    assert machine._secrets([ours])["WANDB_BASE_URL"] == server
    assert "a-password" not in str(machine._environment([ours]))
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert '"tracker": "none"' in handover.written(ours).decode()
    assert machine._secrets([ours]) == {"HF_TOKEN": "hf_alice"}


def test_lora_is_needed_there_and_not_here(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "find_spec", lambda name: None)
    assert machine._extras([gathered(lora=True, remote="cpu-upgrade")]) == {"lora"}
    with pytest.raises(InvalidInputError, match="peft"):
        gathered(lora=True)


def test_the_command_installs_what_the_flavor_and_the_forms_need() -> None:
    flavor = Flavor(name="cpu-upgrade", about="8 vCPU", usd_an_hour=0.03, has_gpu=False)
    small = terms.Offer(flavor=flavor, seconds=1800)
    command = machine._command("x.whl", small, {"gguf"})
    assert command[:3] == ["uv", "run", "--no-project"] and "https://download.pytorch.org/whl/cpu" in command
    assert command[-4:] == ["python", "-m", "huggingtweets_hub.pipeline.remote", "/inputs"]
    assert any(word.startswith("gguf") for word in command)
    assert any(word.startswith("peft") for word in machine._command("x.whl", small, {"lora"}))
    fast = terms.Offer(flavor=replace(flavor, has_gpu=True), seconds=1800)
    assert "--index" not in machine._command("x.whl", fast, set())


# --- killed, or stopped -----------------------------------------------------------------------------

_CLI = """
import json, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from huggingtweets_hub.hub import jobs
from huggingtweets_hub.pipeline.remote import machine
jobs._SHORTEST_PAUSE_SECONDS = 0.05
command = json.loads(sys.argv.pop(1))
machine._command = lambda *_: command
from huggingtweets_hub.cli import main
main()
"""


def started(command: list[str], **options: Any) -> "subprocess.Popen[str]":
    """`publish --remote` in a process of its own, with the job that takes no time."""
    asked = ["publish", "--from", "sample", "--max-tweets", "80", "--base-model", "tiny", "--epochs", "1"]
    asked += ["--samples", "2"]
    asked += ["--tracker", "none", "--remote", "cpu-upgrade"]
    return subprocess.Popen(
        [sys.executable, "-c", _CLI, json.dumps(command), *asked],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    )  # fmt: skip


@pytest.mark.parametrize("moment", ["handed over", "started", "running", "over"])
def test_the_same_command_goes_on_after_a_kill(
    hub: HubServer, jobs: Jobs, buckets: Buckets, ready: list[str], tmp_path: Path, moment: str
) -> None:
    go = held_up(ready, tmp_path)
    reached = threading.Event()

    def hold(handle: Callable[[], Reply]) -> Reply | None:
        reply = handle() if moment == "started" else None
        reached.set()
        killed.wait(120)
        return reply

    killed = threading.Event()
    if moment in ("handed over", "started"):
        hub.faults.add(HubFault(*START, hold))
    process = started(ready)
    try:
        if moment in ("handed over", "started"):
            assert waited_for(reached.is_set, process)
        else:
            assert waited_for(lambda: bool(jobs.all and "waits" in jobs.all[0].lines), process)
        if moment == "over":
            os.kill(process.pid, signal.SIGSTOP)
            go.touch()
            jobs.wait(lambda: not jobs.running)
    finally:
        process.kill()
        process.communicate()
    killed.set()
    go.touch()
    assert publish().commit == hub.repos[ADA].head.oid
    assert (publications(hub), left(buckets), jobs.running) == (1, [], [])
    assert len(jobs.all) <= 2


def test_ctrl_c_while_a_job_is_being_started_says_that_it_runs(
    hub: HubServer, jobs: Jobs, buckets: Buckets, ready: list[str], tmp_path: Path
) -> None:
    go, reached, over = held_up(ready, tmp_path), threading.Event(), threading.Event()

    def hold(handle: Callable[[], Reply]) -> Reply:
        reply = handle()
        reached.set()
        over.wait(120)
        return reply

    hub.faults.add(HubFault(*START, hold))
    process = started(ready)
    assert waited_for(reached.is_set, process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    over.set()
    assert process.returncode == 130
    assert f"resume from the job {jobs.all[0].id}, which is still running and costs money" in said
    assert f"hf jobs cancel {jobs.all[0].id}" in said and left(buckets)
    go.touch()
    assert publish().changed and (len(jobs.all), left(buckets)) == (1, [])


def test_ctrl_c_leaves_the_job_and_says_how_to_follow_and_how_to_cancel(
    hub: HubServer, jobs: Jobs, buckets: Buckets, ready: list[str], tmp_path: Path
) -> None:
    go = held_up(ready, tmp_path)
    process = started(ready)
    assert waited_for(lambda: bool(jobs.all and "waits" in jobs.all[0].lines), process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert f"hf jobs cancel {jobs.all[0].id}" in said and "Run the same command" in said
    assert jobs.running and left(buckets) and "hf_alice" not in said

    status = subprocess.run(
        [sys.executable, "-m", "huggingtweets_hub", "status"], text=True, capture_output=True, check=True
    )
    assert jobs.all[0].id in status.stdout and "cpu-upgrade" in status.stdout
    go.touch()
    assert publish().changed
    assert (len(jobs.all), left(buckets), publications(hub)) == (1, [], 1)
