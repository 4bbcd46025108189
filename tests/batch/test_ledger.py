"""The ledger: what is written is there after a kill, and for every process."""

import json
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from huggingtweets_hub.batch.ledger import Attempt, Ledger
from huggingtweets_hub.core.errors import InvalidInputError
from tests.cli.test_cli import run


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


def test_only_its_owner_may_read_it(home: Path) -> None:
    Ledger()
    assert (home / "ledger.sqlite").stat().st_mode & 0o077 == 0


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
    assert "me/bob" in table and "no credits left. (person)" in table and "me/eve" in table
    assert "me/ada" not in table
    assert shown.stderr.decode() == "1 waiting, 1 published, 1 failed.\n"
    assert run("status", "--all", "-q", **environment).stdout.split() == [b"me/ada", b"me/bob", b"me/eve"]
    assert run("status", "--kind", "no_x_credits", "-q", **environment).stdout == b"me/bob\n"
    (line,) = run("status", "--state", "failed", "--json", **environment).stdout.splitlines()
    assert json.loads(line)["next_step"] == "Buy some."
    nobody = run("status", "me/nobody", **environment)
    assert nobody.returncode == 1 and b"me/nobody" in nobody.stderr
