"""A batch, whole: real clients, loopback servers, a real small model."""

import functools
import json
import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.batch import local, worker_handle
from huggingtweets_hub.batch.ledger import Attempt, Ledger
from huggingtweets_hub.batch.recorder import Recorder
from huggingtweets_hub.batch.run import Batch
from huggingtweets_hub.batch.worker_handle import WorkerHandle
from huggingtweets_hub.core.errors import InvalidInputError, MissingXTokenError, NotLoggedInError
from huggingtweets_hub.core.progress import Progress, Silent
from huggingtweets_hub.core.records import TrainedModel
from huggingtweets_hub.hub import opt_outs
from huggingtweets_hub.pipeline import learn as pipeline_learn
from huggingtweets_hub.pipeline import workspace
from huggingtweets_hub.pipeline.gather import Gathered
from tests.batch import accounts
from tests.batch.support import command, commits, states, waited_for
from tests.processes import interrupt, interruptible
from tests.servers.hub import Fault, HubServer
from tests.servers.x_api import Fault as XFault
from tests.servers.x_api import Reply as XReply
from tests.servers.x_api import Request as XRequest
from tests.servers.x_api import XServer
from tests.survival.support import posts_on_disk


def calls_of(hub: HubServer) -> list[str]:
    """What was asked for, but for the list of opt-outs, which is looked at again each minute."""
    return [request.path for request in hub.log if "opt-outs" not in request.path]


def test_each_entry_is_published_once_and_then_nothing_is_to_be_done(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path
) -> None:
    files = {
        handle: str(accounts.write(tmp_path, handle, n)) for n, handle in enumerate(["ada", "bob", "eve"])
    }
    entries = [
        {"handle": "ada", "from": files["ada"], "consent": "written"},
        {"handle": "bob", "from": files["bob"], "prompt": "The sea"},
        {"handles": ["ada", "eve"], "from": {"ada": files["ada"], "eve": files["eve"]}},
    ]
    report = tmp_path / "report.jsonl"
    done = batch(entries, report=report)
    assert states(done) == dict.fromkeys(["ada", "bob", "ada-eve"], "published")
    assert commits(hub) == dict.fromkeys([f"huggingtweets/{name}" for name in ("ada", "bob", "ada-eve")], 1)
    assert json.loads(hub.repos["huggingtweets/ada"].files["huggingtweets.json"])["consent"] == "written"
    assert "The sea" in hub.repos["huggingtweets/bob"].files["README.md"].decode()
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    assert {line["repo_id"] for line in lines} == set(hub.repos)
    for line in lines:
        assert line["commit"] == hub.repos[line["repo_id"]].head.oid
        assert {"fetch", "training", "evaluation", "card", "push"} <= line["stages"].keys()

    calls = len(calls_of(hub))
    again = batch(entries)
    assert (again.outcomes, again.already, len(near)) == ((), 3, 3)
    assert len(calls_of(hub)) == calls

    entries[1]["prompt"] = "The lamp"
    changed = batch(entries)
    assert states(changed) == {"bob": "published"} and changed.already == 2
    assert len(near) == 4 and commits(hub)["huggingtweets/bob"] == 2


def test_one_that_fails_costs_only_itself(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path, x: XServer
) -> None:
    good, small = accounts.write(tmp_path, "good", 1), accounts.write(tmp_path, "small", 2, count=3)
    hub.faults.html("POST", "/api/models/huggingtweets/passing/commit/main", times=5)  # of one try
    passing = accounts.write(tmp_path, "passing", 3)
    entries: list[Any] = [
        {"handle": "small", "from": str(small)},
        {"handle": "nobody"},
        {"handle": "passing", "from": str(passing)},
        {"handle": "good", "from": str(good)},
    ]
    done = batch(entries)
    assert states(done) == {
        "small": "failed",
        "nobody": "failed",
        "passing": "published",
        "good": "published",
    }
    assert commits(hub) == {"huggingtweets/passing": 1, "huggingtweets/good": 1}
    reasons = {attempt.repo_id: (attempt.kind, attempt.remedy) for attempt in done.failed}
    assert reasons["huggingtweets/small"] == ("too_little_text", "permanent")
    assert reasons["huggingtweets/nobody"] == ("account_not_found", "permanent")
    tries = Ledger().attempts("huggingtweets/passing")
    assert [attempt.state for attempt in tries] == ["failed", "published"] and tries[0].remedy == "retry"

    asked = len(x.log)
    assert batch(entries).already == 4 and len(x.log) == asked
    accounts.write(tmp_path, "small", 2)  # now there is enough
    assert states(batch(entries)) == {"small": "published"}
    assert states(batch(entries, only_failed=True)) == {"nobody": "failed"}


def test_what_the_hub_holds_is_not_done_again_where_the_ledger_is_gone(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch], home: Path
) -> None:
    for n, handle in enumerate(["ada", "bob"]):
        accounts.add(x, handle, n)
    assert states(batch(["ada"])) == {"ada": "published"}
    for path in sorted(home.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    done = batch(["ada", "bob"])
    assert states(done) == {"bob": "published"} and done.already == 1
    assert set(x.reads.values()) == {1}
    assert Ledger().latest()["huggingtweets/ada"].commit == hub.repos["huggingtweets/ada"].head.oid


def test_all_accounts_share_what_the_x_api_may_cost(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch]
) -> None:
    for n, handle in enumerate(["ada", "bob", "eve"]):
        accounts.add(x, handle, n)
    done = batch(["ada", "bob", "eve"], max_cost=1.0)  # one costs 0.61
    assert sorted(states(done).values()) == ["failed", "failed", "published"]
    assert {attempt.kind for attempt in done.failed} == {"cost_limit"}
    assert done.cost_usd <= 1.0
    assert sorted(states(batch(["ada", "bob", "eve"], max_cost=2.0)).values()) == ["published"] * 2
    assert set(x.reads.values()) == {1} and sum(x.reads.values()) == 360


def test_what_was_bought_for_an_account_that_failed_is_counted(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch]
) -> None:
    accounts.add(x, "ada", 1)
    accounts.add(x, "eve", 2, 2)
    x.faults.answer("/501/tweets", 503, times=99, skip=1)
    done = batch([["ada"], "eve"], retries=1)
    bought = {a.repo_id.split("/")[1]: (a.tweets_bought, a.cost_usd) for a in done.failed}
    assert bought == {"ada": (100, 0.51), "eve": (2, 0.02)}
    assert (done.tweets_bought, done.cost_usd) == (102, 0.53)
    assert sum(attempt.cost_usd for attempt in Ledger().attempts("huggingtweets/ada")) == 0.51


def test_what_was_bought_for_an_account_that_was_being_read_at_the_end_is_written_down(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, over = threading.Event(), threading.Event()
    start = local.LocalEngine.start

    def silent(x: XServer, request: XRequest) -> XReply:
        asked.set()
        over.wait(60)
        return x.answer(request)

    def stopped() -> None:
        asked.wait(60)
        raise KeyboardInterrupt

    def start_and_stop(engine: local.LocalEngine) -> None:
        start(engine)
        engine.spawn(stopped)

    monkeypatch.setattr(local.LocalEngine, "start", start_and_stop)
    accounts.add(x, "ada", 1)
    x.faults.add(XFault("/501/tweets", silent, skip=1))
    done = batch(["ada"])
    (attempt,) = Ledger().attempts("huggingtweets/ada")
    over.set()
    assert done.is_interrupted and (done.tweets_bought, done.cost_usd) == (100, 0.51)
    assert (attempt.state, attempt.tweets_bought, attempt.cost_usd) == ("running", 100, 0.51)


def test_without_a_token_of_x_a_batch_is_told_what_its_users_file_can_do(
    hub: HubServer, batch: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("X_BEARER_TOKEN", raising=False)
    with pytest.raises(MissingXTokenError, match="@ada and @bob would be read through the X API") as refused:
        batch([["ada", "bob"]])
    assert "users file" in refused.value.next_step and "--from" not in refused.value.next_step


def test_a_token_that_x_does_not_know_is_tried_once(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("X_BEARER_TOKEN", "x-stale")
    handles = [f"user{n}" for n in range(8)]
    good = {"handle": "good", "from": str(accounts.write(tmp_path, "good", 1))}
    done = batch([*handles, good])
    found = states(done)
    assert found.pop("good") == "published"
    assert sorted(found.values())[0] == "failed" and list(found.values()).count("waiting") >= 6
    assert len(x.log) <= 2
    assert all(attempt.message for attempt in done.outcomes if attempt.state == "waiting")


def test_who_opted_out_is_left_alone(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path, home: Path
) -> None:
    opt_outs.add(["Bob"])
    (tmp_path / "out.txt").write_text("# asked by mail\n@Eve\nhuggingtweets/kim\n")
    entries = [
        {"handle": handle, "from": str(accounts.write(tmp_path, handle, n))}
        for n, handle in enumerate(["ada", "bob", "eve", "kim"])
    ]
    done = batch(entries, exclude=[str(tmp_path / "out.txt")])
    assert states(done) == {"ada": "published", "bob": "excluded", "eve": "excluded", "kim": "excluded"}
    assert set(hub.repos) == {"huggingtweets/ada"}
    with pytest.raises(InvalidInputError, match="not a file, a dataset"):
        batch(entries, exclude=["what is this"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"ray_address": "auto"}, "--ray-address auto would not be used: --engine is local."),
        ({"gpus_per_worker": 1.0}, "--gpus-per-worker 1.0 would not be used: --engine is local."),
        ({"remote_timeout": "2h"}, "--remote-timeout 2h would not be used"),
    ],
)
def test_what_would_not_be_used_is_refused(
    hub: HubServer, batch: Callable[..., Batch], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInputError, match=said):
        batch(["ada"], **options)
    assert hub.log == []


def test_shards_share_the_work_and_a_limit_cuts_it(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path
) -> None:
    entries = [{"handle": f"user{n}", "from": str(accounts.write(tmp_path, f"user{n}", n))} for n in range(4)]
    assert states(batch(entries, shard="2/2")) == dict.fromkeys(["user1", "user3"], "published")
    assert states(batch(entries, limit=1)) == {"user0": "published"}
    assert states(batch(entries, limit=1)) == {"user2": "published"}
    with pytest.raises(InvalidInputError, match="3/2"):
        batch(entries, shard="3/2")


def test_what_was_cut_short_is_tried_again_with_what_failed(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path, home: Path
) -> None:
    ada, bob = (
        {"handle": handle, "from": str(accounts.write(tmp_path, handle, n))}
        for n, handle in enumerate(["ada", "bob"])
    )
    Ledger().add([Attempt(repo_id="huggingtweets/ada", number=2, handles=("ada",), state="running")])
    assert states(batch([ada, bob], only_failed=True)) == {"ada": "published"}


def test_nothing_is_started_without_a_token(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(NotLoggedInError):
        batch(["ada"])
    assert not x.log


def test_a_dry_run_is_pushed_by_the_next_run(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path
) -> None:
    entries = [{"handle": "ada", "from": str(accounts.write(tmp_path, "ada", 1))}]
    assert states(batch(entries, dry_run=True)) == {"ada": "made"}
    assert not hub.repos and batch(entries, dry_run=True).already == 1
    assert states(batch(entries)) == {"ada": "published"}
    weights = Ledger().attempts("huggingtweets/ada")
    assert [attempt.state for attempt in weights] == ["made", "published"]
    assert weights[0].stages["training"] == weights[1].stages["training"]  # trained once


def test_what_was_sent_before_a_kill_is_known_without_reading_x_again(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch]
) -> None:
    accounts.add(x, "ada", 1)
    batch(["ada"])
    ledger = Ledger()
    (sent,) = ledger.attempts("huggingtweets/ada")
    ledger.change(sent, state="running", stage="sending", commit=None, ended=None)  # killed just then
    x.add_tweets("ada", [{"id": "90000000", "text": "She has posted meanwhile, of all times."}])
    assert states(batch(["ada"])) == {"ada": "published"}
    assert (sum(x.reads.values()), len(near), commits(hub)) == (120, 1, {"huggingtweets/ada": 1})
    assert ledger.latest()["huggingtweets/ada"].commit == sent.commit


def test_who_opts_out_while_the_model_is_made_is_not_published(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    learn = pipeline_learn.learn

    def slow(*arguments: Any) -> TrainedModel:
        opt_outs.add(["ada"])
        return learn(*arguments)

    monkeypatch.setattr(pipeline_learn, "learn", slow)
    (failed,) = batch([{"handle": "ada", "from": str(accounts.write(tmp_path, "ada", 1))}]).failed
    assert failed.kind == "opted_out" and not hub.repos


def test_a_report_that_cannot_be_written_is_said_before_anything_is_done(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError, match="missing/report"):
        batch(["ada"], report=tmp_path / "missing" / "report.jsonl")
    assert not hub.log and not x.log


def test_a_report_is_not_written_into_what_the_batch_reads(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path
) -> None:
    opted_out = tmp_path / "opted-out.txt"
    opted_out.write_text("eve\n")
    for read in (tmp_path / "users.json", opted_out):
        with pytest.raises(InvalidInputError, match="is read from, so it cannot be written to"):
            batch(["ada"], report=read, exclude=str(opted_out))
    assert opted_out.read_text() == "eve\n" and not hub.log


def test_an_account_may_have_a_model_in_two_places(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path
) -> None:
    ada = {"handle": "ada", "from": str(accounts.write(tmp_path, "ada", 1))}
    done = batch([ada, {**ada, "namespace": "alice"}], trust_users_file=True)
    assert [attempt.state for attempt in done.outcomes] == ["published"] * 2
    assert commits(hub) == {"huggingtweets/ada": 1, "alice/ada": 1}


# --- with the worker's own process ---------------------------------------------------------------------


def test_a_worker_that_is_killed_costs_one_try_of_one_account(
    hub: HubServer, batch: Callable[..., Batch], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[str] = []
    pids = set()

    class Killed(WorkerHandle):
        def learn(self, gathered: Gathered, progress: Progress) -> TrainedModel:
            self.start()
            pids.add(self.pid)

            class Killing(Silent):
                def advance(inner, stage: str, done: int, total: int, unit: str) -> None:
                    if gathered.name == "bob" and not killed:
                        killed.append(gathered.name)
                        os.kill(self.pid or 0, signal.SIGKILL)

            return super().learn(gathered, Killing())

    monkeypatch.setattr(local, "WorkerHandle", Killed)
    monkeypatch.setattr(worker_handle, "_MODELS_A_PROCESS", 1)
    monkeypatch.setattr("huggingtweets_hub.batch.recorder._PAUSE_SECONDS", 0.01)
    entries = [
        {"handle": handle, "from": str(accounts.write(tmp_path, handle, n))}
        for n, handle in enumerate(["ada", "bob", "eve"])
    ]
    assert states(batch(entries)) == dict.fromkeys(["ada", "bob", "eve"], "published")
    assert set(commits(hub).values()) == {1}
    assert len(pids) == 4  # one for each model, and that of the killed one
    first, second = Ledger().attempts("huggingtweets/bob")
    assert (first.kind, first.remedy, second.state) == ("worker_died", "retry", "published")
    assert first.message and "signal 9" in first.message


@pytest.mark.slow
@pytest.mark.usefixtures("warm")
def test_a_batch_that_is_killed_is_finished_by_the_same_command(
    hub: HubServer, x: XServer, tiny_gpt2: Path, tmp_path: Path, home: Path
) -> None:
    handles = [f"user{n}" for n in range(3)]
    for n, handle in enumerate(handles):
        accounts.add(x, handle, n)
    users = tmp_path / "users.txt"
    users.write_text("\n".join(handles))
    started: Future[subprocess.Popen[bytes]] = Future()
    whole = []

    def kill(handle: Callable[[], Any]) -> Any:
        """The commit lands, what is bought is on disk, and nothing is on the way."""
        reply, first = handle(), started.result()
        with x.paused():
            whole.append(waited_for(lambda: posts_on_disk(home) == set(x.reads), first))
            first.kill()
            first.wait()
        return reply

    hub.faults.add(Fault("POST", "/commit/main", kill))
    started.set_result(subprocess.Popen(command(users, tiny_gpt2), stderr=subprocess.DEVNULL))
    assert started.result().wait() == -signal.SIGKILL
    assert whole == [True]
    done = subprocess.run(command(users, tiny_gpt2), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert commits(hub) == {f"huggingtweets/{handle}": 1 for handle in handles}
    assert set(x.reads.values()) == {1}
    assert {attempt.state for attempt in Ledger().latest().values()} <= {"published", "unchanged"}


@pytest.mark.slow
@pytest.mark.usefixtures("warm")
def test_two_batches_at_once_publish_each_account_once(
    hub: HubServer, tiny_gpt2: Path, tmp_path: Path, home: Path
) -> None:
    entries = [{"handle": f"user{n}", "from": str(accounts.write(tmp_path, f"user{n}", n))} for n in range(4)]
    users = tmp_path / "users.json"
    users.write_text(json.dumps(entries))
    both = [subprocess.Popen(command(users, tiny_gpt2), stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert commits(hub) == {f"huggingtweets/user{n}": 1 for n in range(4)}
    assert {attempt.state for attempt in Ledger().latest().values()} == {"published"}


@pytest.mark.usefixtures("warm")
def test_an_interrupted_batch_finishes_what_is_being_sent(
    hub: HubServer, tiny_gpt2: Path, tmp_path: Path, home: Path
) -> None:
    entries = [{"handle": f"user{n}", "from": str(accounts.write(tmp_path, f"user{n}", n))} for n in range(4)]
    users = tmp_path / "users.json"
    users.write_text(json.dumps(entries))
    started: Future[subprocess.Popen[str]] = Future()
    said_at_once = []

    def strike() -> None:
        """The commit is on its way until the batch has said that it stops."""
        interrupt(started.result())
        said_at_once.append(waited_for(lambda: "Stopping: " in log.read_text(), started.result()))

    hub.faults.meanwhile("POST", "/commit/main", strike)
    log = tmp_path / "said"
    with log.open("w") as stderr:
        process = interruptible(*command(users, tiny_gpt2)[3:], stderr=stderr)
        started.set_result(process)
        process.wait()
    said = log.read_text()
    assert said_at_once == [True], said
    assert process.returncode == 130, said
    finished = [repo_id for repo_id, number in commits(hub).items() if number]
    assert finished and "Traceback" not in said
    left = 4 - len(finished)
    *_, summary, counts, again = said.splitlines()
    assert summary == f"Stopped: {len(finished)} published."
    assert counts == f"{left} {'is' if left == 1 else 'are'} left. To continue, run it again:"
    assert shlex.split(again)[1:] == command(users, tiny_gpt2)[1:]
    latest = Ledger().latest()
    assert all(latest[repo_id].state == "published" for repo_id in finished)
    assert subprocess.run(command(users, tiny_gpt2), capture_output=True).returncode == 0
    assert commits(hub) == {f"huggingtweets/user{n}": 1 for n in range(4)}


@pytest.mark.slow
def test_each_account_has_runs_of_its_own(
    hub: HubServer, tiny_gpt2: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_DATA_DIR", "WANDB_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "wandb"))
    monkeypatch.setenv("WANDB_MODE", "offline")
    entries = [
        {"handle": f"user{n}", "from": str(accounts.write(tmp_path, f"user{n}", n)), "tracker": "wandb"}
        for n in range(3)
    ]
    users = tmp_path / "users.json"
    users.write_text(json.dumps(entries))
    others: list[bool] = []

    def tracked() -> int:
        return len(list((tmp_path / "wandb").rglob("run-*.wandb")))

    def hold(number: int) -> None:
        """Others train while one is sent: of each come two runs."""
        others.append(waited_for(lambda: tracked() > 2 * number))

    for number in (1, 2):
        hub.faults.meanwhile("POST", "/commit/main", functools.partial(hold, number))
    done = subprocess.run(command(users, tiny_gpt2), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    facts = [json.loads(repo.files["huggingtweets.json"]) for repo in hub.repos.values()]
    runs = [fact["tracked"][kind]["id"] for fact in facts for kind in ("data", "training")]
    assert len(set(runs)) == 6
    assert tracked() == 6 and others == [True, True]


def test_a_batch_that_breaks_leaves_nothing_behind(
    hub: HubServer, tiny_gpt2: Path, batch: Callable[..., Batch], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    started = []
    start = WorkerHandle.start

    def noted(self: WorkerHandle) -> None:
        start(self)
        started.append(self.pid)

    monkeypatch.setattr(WorkerHandle, "start", noted)
    monkeypatch.setattr(Recorder, "fetched", lambda *_: (_ for _ in ()).throw(SystemExit("the disk is gone")))
    entries = [{"handle": "ada", "from": str(accounts.write(tmp_path, "ada", 1))}]
    with pytest.raises(SystemExit, match="the disk is gone"):
        batch(entries)
    assert started and not Path(f"/proc/{started[0]}").exists()
    with workspace.claimed("ada", waiting=False) as is_free:
        assert is_free
