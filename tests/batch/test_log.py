"""What an operator reads of a batch afterwards: when, what, how often, and what to do about it."""

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from huggingtweets_hub import Silent, Terminal
from huggingtweets_hub.batch.run import Batch
from huggingtweets_hub.batch.worker_handle import LearningError, WorkerHandle
from huggingtweets_hub.core.errors import UnexpectedError
from huggingtweets_hub.pipeline import opening
from huggingtweets_hub.pipeline.gather import gather
from huggingtweets_hub.pipeline.options import Order
from tests.batch import accounts
from tests.batch.support import command, states
from tests.servers.hub import HubServer

HANDLES = ["ada", "bob", "eve"]


@pytest.fixture
def entries(tmp_path: Path) -> list[dict[str, str]]:
    return [
        {"handle": handle, "from": str(accounts.write(tmp_path, handle, number))}
        for number, handle in enumerate(HANDLES)
    ]


def test_each_line_has_the_time_and_each_kind_of_warning_comes_once(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], entries: list[dict[str, str]],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    done = batch(entries, progress=Terminal(timed=True))
    assert set(states(done).values()) == {"published"}
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if not re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  \S", line)] == []
    warned = [line for line in lines if "little text" in line]
    assert len(warned) == 2 and "3 times in all, for " in warned[1]
    assert all(handle in warned[1] for handle in HANDLES)


@pytest.mark.usefixtures("warm")
def test_there_is_one_hint_for_each_kind_of_error(
    hub: HubServer, tiny_gpt2: Path, tmp_path: Path, entries: list[dict[str, str]]
) -> None:
    hub.faults.answer("POST", "/repos/create", 400, {"error": "no"}, times=99)
    users = tmp_path / "users.yaml"
    users.write_text("".join(f"- {{handle: {e['handle']}, from: {e['from']}}}\n" for e in entries))
    done = subprocess.run(command(users, tiny_gpt2, "--epochs", "1"), capture_output=True, text=True)
    assert done.returncode == 3, done.stderr
    hints = [line for line in done.stderr.splitlines() if "hub_refused" in line]
    assert len(hints) == 1 and hints[0].startswith("3 × hub_refused, such as huggingtweets/")
    assert "un the same command again" not in done.stderr.replace("then run the same command again", "")
    assert "tried again" not in done.stderr


def test_a_worker_that_cannot_load_its_libraries_says_why(tmp_path: Path, tiny_gpt2: Path) -> None:
    (tmp_path / "transformers.py").write_text("raise ImportError('one file is missing')\n")
    root = Path(__file__).parents[2]
    worker = WorkerHandle({"PYTHONPATH": f"{tmp_path}:{root}"})
    order = Order(handles=(), source="sample", base_model=tiny_gpt2, tracker="none", dry_run=True)
    with pytest.raises(LearningError) as failed:
        worker.learn(gather(order, opening.ready(order), Silent()), Silent())
    worker.kill()
    assert isinstance(failed.value.error, UnexpectedError)
    assert "ImportError: one file is missing" in failed.value.error.message
    assert failed.value.traceback and "transformers.py" in failed.value.traceback


@pytest.mark.usefixtures("warm")
def test_what_a_limit_holds_back_is_said_with_the_command_that_goes_on(
    hub: HubServer, tiny_gpt2: Path, tmp_path: Path, entries: list[dict[str, str]]
) -> None:
    users = tmp_path / "my users.json"
    users.write_text(json.dumps(entries[:2]))
    typed = command(users, tiny_gpt2, "--limit", "1")
    done = subprocess.run(typed, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    *_, summary, counts, again = done.stderr.splitlines()
    said = "1 is held back by --limit. To continue, run it again:"
    assert (summary, counts) == ("1 published.", said)
    assert shlex.split(again)[1:] == typed[1:] and f"'{users}'" in again
    done = subprocess.run(typed, capture_output=True, text=True)
    assert "--limit" not in done.stderr and done.returncode == 0
