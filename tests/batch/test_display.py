"""What a batch shows on a terminal: one bar, an estimate that failures do not spoil, nothing twice."""

import re
import time
from dataclasses import replace
from typing import Any

import pytest

from huggingtweets_hub import Silent
from huggingtweets_hub.batch import display as displays
from huggingtweets_hub.batch.display import Display
from huggingtweets_hub.batch.ledger import Attempt
from huggingtweets_hub.core.errors import HubUnavailableError
from huggingtweets_hub.posts.budget import Budget


class Noted(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, message: str) -> None:
        self.lines.append(message)


def attempt(name: str, state: str) -> Attempt:
    return replace(Attempt(repo_id=f"org/{name}", number=1, handles=(name,), order="o"), state=state)


def test_the_time_left_goes_by_what_was_made_not_by_what_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(displays.time, "monotonic", lambda: now)
    shown = Display(Silent(), Budget(1), bars=True)
    shown.begin(12)
    for name in "abcd":
        shown.through(attempt(name, "failed"))
    assert "left" not in shown._counts()  # after four failures in no time, nobody knows
    now += 100
    for name in "ef":
        shown.through(attempt(name, "made"))
    assert shown._counts() == "about 5 min left, 4 failed"
    capsys.readouterr()
    shown.close()
    last = capsys.readouterr().err
    assert "accounts" not in last and "%" not in last  # the bars go, the summary of the command stays
    assert "/s" not in last and "it/s" not in last


def test_the_same_failure_is_said_in_full_once(monkeypatch: pytest.MonkeyPatch) -> None:
    noted = Noted()
    shown = Display(noted, Budget(1), bars=False)
    job: Any = type("Job", (), {"repo_id": "org/ada", "name": "ada"})
    for _ in range(2):
        shown.again(job, HubUnavailableError("The Hub could not read org/ada (status 500): no.", ""))
    assert noted.lines == [
        "org/ada: The Hub could not read org/ada (status 500): no. It will be tried again.",
        "org/ada: The same again. It will be tried again.",
    ]


def test_an_account_shows_how_much_of_all_its_stages_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Display(Silent(), Budget(1), bars=False)
    job: Any = type("Job", (), {"repo_id": "org/ada", "name": "ada"})
    progress: Any = shown.progress(job)
    now = 0.0
    monkeypatch.setattr(progress._plan, "_clock", lambda: now)
    progress.expect("Sampling", 60)
    for step in range(1, 6):
        now += 10
        progress.advance("Training", step, 5, "steps")
    said = shown._flying["org/ada"]
    assert re.fullmatch(r"ada training 4\d%", said), said  # not the 100% of one stage


def test_a_warning_that_differs_in_its_file_alone_is_one_kind() -> None:
    noted = Noted()
    shown = Display(noted, Budget(1), bars=False)
    noted.warn = noted.note  # type: ignore[method-assign]
    for name in ("ada", "bob", "eve"):
        shown.warn_of(name, f"{name}.jsonl does not say whose posts it holds; they are taken for @{name}'s.")
    shown.warn_of("ada", "There is little text.")
    shown.close()
    assert len(noted.lines) == 3
    assert noted.lines[2].startswith("3 times in all, for ada, bob, eve: ")
