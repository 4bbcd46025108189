"""The ledger: what is written is there after a kill, and for every process."""

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from huggingtweets_hub import batch_status
from huggingtweets_hub.batch import status
from huggingtweets_hub.batch.ledger import Attempt, Ledger
from huggingtweets_hub.batch.run import Batch
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.pipeline import workspace
from tests.batch import accounts
from tests.cli.test_cli import run
from tests.effort import at_most
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer


def test_the_last_attempt_of_each_model_counts(home: Path) -> None:
    ledger = Ledger()
    first = Attempt(repo_id="me/ada", number=1, handles=("Ada", "Bob"), stages={"fetch": 1.5})
    ledger.add([first, Attempt(repo_id="me/eve", number=1)])
    ledger.change(first, state="failed", kind="hub", remedy="retry")
    second = Attempt(repo_id="me/ada", number=2, state="published", commit="c0ffee", began=5.0, ended=7.25)
    ledger.add([second])
    ledger.close()
    again = Ledger()
    assert again.latest() == {"me/ada": second, "me/eve": Attempt(repo_id="me/eve", number=1)}
    assert again.last("me/ada") == second and again.last("me/nobody") is None
    kept = again.attempts("me/ada")[0]
    assert (kept.state, kept.handles, kept.stages) == ("failed", ("Ada", "Bob"), {"fetch": 1.5})
    assert second.seconds == 2.25


def test_many_threads_and_a_second_process_write_at_once(home: Path) -> None:
    ledger = Ledger()
    code = (
        "from huggingtweets_hub.batch.ledger import Attempt, Ledger\n"
        "ledger = Ledger()\n"
        "for n in range(200): ledger.add([Attempt(repo_id=f'other/{n}', number=1)])\n"
    )
    other = subprocess.Popen([sys.executable, "-c", code])
    threads = [
        threading.Thread(
            target=lambda t=t: [ledger.add([Attempt(repo_id=f"{t}/{n}", number=1)]) for n in range(50)]
        )
        for t in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert other.wait() == 0
    assert len(ledger.latest()) == 400


def test_several_batches_may_make_it_at_once(tmp_path: Path) -> None:
    for n in range(30):
        together = threading.Barrier(4)

        def make(path: Path = tmp_path / f"{n}.sqlite", together: threading.Barrier = together) -> None:
            together.wait()
            Ledger(path).close()

        with ThreadPoolExecutor(4) as pool:
            for made in [pool.submit(make) for _ in range(4)]:
                made.result()


def test_each_stage_is_written_once_and_with_what_was_bought_for_it(
    home: Path, hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch]
) -> None:
    Ledger().close()
    connection = sqlite3.connect(home / "ledger.sqlite")
    connection.executescript(
        "CREATE TABLE seen (stage, bought); CREATE TRIGGER see AFTER INSERT ON attempts "
        "BEGIN INSERT INTO seen VALUES (new.stage, new.tweets_bought); END"
    )
    accounts.add(x, "ada", 1)
    batch(["ada"])
    seen = connection.execute("SELECT * FROM seen WHERE stage IN ('fetch', 'queued', 'training')").fetchall()
    connection.close()
    assert seen == [("fetch", 0), ("queued", 120), ("training", 120)]


@pytest.mark.parametrize("content", [b"no database at all, but text of some length" * 30, None])
def test_what_is_no_ledger_is_left_alone(home: Path, content: bytes | None) -> None:
    home.mkdir()
    path = home / "ledger.sqlite"
    if content is None:  # of a later version
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(InvalidInputError, match=r"ledger\.sqlite"):
        Ledger()
    assert path.read_bytes() == before


def test_one_that_somebody_holds_is_not_called_damaged(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingtweets_hub.batch.ledger._BUSY_SECONDS", 0.0)
    Ledger().close()
    with sqlite3.connect(home / "ledger.sqlite") as other:
        other.execute("PRAGMA journal_mode = DELETE")
        ledger = Ledger()
        other.execute("BEGIN EXCLUSIVE")
        for use in (ledger.latest, lambda: ledger.add([Attempt(repo_id="me/ada", number=1)])):
            with pytest.raises(InvalidInputError, match="cannot be used right now"):
                use()
    other.close()
    assert ledger.latest() == {}


def test_what_found_no_room_is_written_later(home: Path) -> None:
    resource = pytest.importorskip("resource")
    ledger = Ledger()
    ledger.add([Attempt(repo_id="me/ada", number=1)])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        for room in range(0, 60_000, 3_000):  # where it begins, in the midst of it, where it ends
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
            with suppress(InvalidInputError):
                ledger.add([Attempt(repo_id="me/eve", number=1, message="a" * 20_000)])
                break
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert room
    ledger.add([Attempt(repo_id="me/bob", number=1)])
    assert {"me/ada", "me/bob"} <= set(ledger.latest())


def test_only_its_owner_may_read_it(home: Path) -> None:
    Ledger()
    assert (home / "ledger.sqlite").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_status_shows_what_failed_and_why(home: Path) -> None:
    ledger = Ledger()
    ledger.add(
        [
            Attempt(repo_id="me/ada", number=1, state="published", commit="c0ffee", began=1.0, ended=2.0),
            Attempt(
                repo_id="me/bob", number=2, state="failed", kind="no_x_credits", remedy="person",
                message="The X account has no credits left.", next_step="Buy some.",
            ),
            Attempt(repo_id="me/eve", number=1),
        ]
    )  # fmt: skip
    environment = {"HUGGINGTWEETS_HOME": str(home)}
    shown = run("status", **environment)
    table = shown.stdout.decode()
    assert "me/bob" in table and "no credits left." in table and "me/eve" in table
    assert "tries it again" in table and "(person)" not in table
    assert "me/ada" not in table
    assert shown.stderr.decode() == "1 waiting, 1 published, 1 failed.\n"
    assert run("status", "--all", "-q", **environment).stdout.split() == [b"me/ada", b"me/bob", b"me/eve"]
    assert run("status", "--kind", "no_x_credits", "-q", **environment).stdout == b"me/bob\n"
    (line,) = run("status", "--state", "failed", "--json", **environment).stdout.splitlines()
    assert json.loads(line)["next_step"] == "Buy some."
    wrong = run("status", "--kind", "no_x_credit", **environment)
    assert wrong.returncode == 1 and b"Did you mean 'no_x_credits'?" in wrong.stderr
    assert b"account_not_found, " in wrong.stderr
    each = run("status", "me/bob", **environment)
    assert each.stderr.decode() == "Buy some.\n1 failed.\n"
    nobody = run("status", "me/nobody", **environment)
    assert nobody.returncode == 1 and b"me/nobody" in nobody.stderr


def test_a_batch_that_is_refused_lets_go_of_the_ledger(
    hub: HubServer, home: Path, batch: Callable[..., Batch], tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError) as refused:  # which a notebook keeps, with all that it led through
        batch(["ada"], report=tmp_path / "missing" / "report.jsonl")
    assert refused.value and (home / "ledger.sqlite").exists()
    assert not (home / "ledger.sqlite-wal").exists()  # SQLite deletes it with the last connection


def test_what_is_gone_can_be_forgotten(home: Path) -> None:
    ledger = Ledger()
    ledger.add([Attempt(repo_id="me/ada", number=n, state="failed") for n in (1, 2)])
    ledger.add([Attempt(repo_id="me/eve", number=1)])
    environment = {"HUGGINGTWEETS_HOME": str(home)}
    wrong = run("status", "--forget", "me/ada", "--forget", "me/nobody", **environment)
    assert wrong.returncode == 1 and b"me/nobody" in wrong.stderr
    assert set(ledger.latest()) == {"me/ada", "me/eve"}
    assert run("status", "--forget", "me/ada", **environment).stderr == b"Forgotten: me/ada.\n"
    assert set(ledger.latest()) == {"me/eve"}


def test_what_somebody_works_on_is_not_forgotten(home: Path) -> None:
    ledger = Ledger()
    ledger.add([Attempt(repo_id="me/ada", number=1, handles=("ada",), state="running")])
    with (
        workspace.claimed("ada", waiting=False),
        pytest.raises(InvalidInputError, match="working on me/ada"),
    ):
        status.forget(["me/ada"])
    assert set(ledger.latest()) == {"me/ada"}
    status.forget(["me/ada"])
    assert not ledger.latest()


def test_status_of_a_users_file_has_its_models_and_names_those_that_left_it(
    home: Path, tmp_path: Path
) -> None:
    ledger = Ledger()
    ledger.add(
        [
            Attempt(repo_id="org/ada", number=1, handles=("ada",), state="failed", message="It broke."),
            Attempt(repo_id="org/bob-eve", number=1, handles=("Bob", "Eve"), state="published"),
            Attempt(repo_id="org/gone", number=1, handles=("gone",), state="failed"),
        ]
    )
    users = tmp_path / "users.txt"
    users.write_text("ada\nbob eve\nnew\n")
    environment = {"HUGGINGTWEETS_HOME": str(home)}
    shown = run("status", str(users), **environment)
    rows = {line.split()[0]: line for line in shown.stdout.decode().splitlines()}
    assert set(rows) == {"model", "org/ada", "huggingtweets/new", "org/gone"}
    assert "not tried yet" in rows["huggingtweets/new"] and "It broke." in rows["org/ada"]
    assert rows["org/gone"].endswith(f"not in {users}")
    assert shown.stderr.decode().startswith("1 waiting, 1 published, 1 failed.\n")
    assert [a.repo_id for a in batch_status(users=users)] == ["org/ada", "org/bob-eve", "huggingtweets/new"]
    both = run("status", str(users), "org/ada", **environment)
    assert both.returncode == 1 and b"Give either one users file or repo ids." in both.stderr


def test_status_of_a_long_users_file_takes_no_more_for_each_model(home: Path, tmp_path: Path) -> None:
    handles = [f"user{n}" for n in range(4_000)]
    Ledger().add([Attempt(repo_id=f"org/{name}", number=1, handles=(name,)) for name in handles])
    users = tmp_path / "users.txt"
    users.write_text("\n".join(handles))
    with at_most(10):  # takes about one
        assert len(batch_status(users=users)) == 4_000
