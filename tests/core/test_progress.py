"""Progress on stderr: bars with the time left on a terminal, lines elsewhere, nothing when quiet."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from huggingtweets_hub import Terminal
from huggingtweets_hub.core import progress
from huggingtweets_hub.core.plan import Plan


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(Plan.__init__, "__defaults__", (clock,))
    return clock


def test_lines_where_there_is_no_terminal(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    progress = Terminal()
    progress.note("Training.")
    progress.expect("Sampling", 300)
    for stage, unit in (("Training", "steps"), ("Sampling", "tokens")):
        for done in range(1, 31):
            clock.now += 10
            progress.advance(stage, done, 30, unit)
    first, *lines = capsys.readouterr().err.splitlines()
    assert first == "Training."
    assert lines[0] == "2% done, about 10 min left. Training: 2 of 30 steps."
    assert lines[-1] == "92% done, about 50 s left. Sampling: 25 of 30 tokens."
    assert len(lines) == len(set(lines)) == 10  # of the whole run, not of each stage


@pytest.mark.parametrize(
    ("done", "total", "unit", "line"),
    [
        (0, 1, "cards", "0% done, about 5 s left. Writing."),
        (0, 2, "cards", "0% done, about 5 s left. Writing: 0 of 2 cards."),
        (524_288, 35_458_851, "bytes", "0% done, about 5 s left. Writing: 0.5 of 35.5 MB."),
    ],
)
def test_a_line_counts_what_a_reader_would_count(
    clock: Clock, capsys: pytest.CaptureFixture[str], done: int, total: int, unit: str, line: str
) -> None:
    progress = Terminal()
    progress.expect("Writing", 5)
    progress.advance("Writing", done, total, unit)
    assert capsys.readouterr().err == f"{line}\n"


def test_a_stage_that_is_over_at_once_has_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().advance("Reading", 425, 425, "posts")
    assert capsys.readouterr().err == ""


def test_a_run_after_another_begins_anew(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    progress = Terminal()
    for _ in range(2):
        for done in range(1, 4):
            clock.now += 10
            progress.advance("Fetching", done, 3, "posts")
        progress.expect("Sending", 5)  # and it is cut short
        progress.close()
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["50% done, about 10 s left. Fetching: 2 of 3 posts."] * 2


@pytest.mark.parametrize(
    ("seconds", "read", "clock"),
    [(0.2, "1 s", "0:00"), (89, "89 s", "1:29"), (125, "2 min", "2:05"), (6000, "1.7 h", "1:40:00")],
)
def test_times_as_they_are_shown(seconds: float, read: str, clock: str) -> None:
    assert (progress.duration(seconds), progress.clock_time(seconds)) == (read, clock)


def test_quiet_shows_warnings_only(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Terminal(quiet=True)
    progress.note("Training.")
    progress.advance("Training", 1, 1, "steps")
    progress.warn("Little text.")
    assert capsys.readouterr().err == "Warning: Little text.\n"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are of Unix")
def test_one_bar_for_the_whole_run_and_no_line_twice(tmp_path: Path, tiny_gpt2: Path) -> None:
    options = ["--from", "sample", "--base-model", str(tiny_gpt2), "--epochs", "1", "--tracker", "none"]
    shown = on_a_terminal("publish", *options, "--dry-run")
    frames = [frame for frame in re.split(r"[\r\n]+", shown) if "%|" in frame]
    stages = list(dict.fromkeys(frame.partition("%|")[0].rstrip(" 0123456789") for frame in frames))
    assert stages == [
        "Preparing", "Base model", "Validating", "Training", "Saving", "Loading", "Sampling", "Scoring",
        "Writing the card",
    ]  # fmt: skip
    shares = [int(frame.partition("%|")[0].split()[-1]) for frame in frames]
    assert shares == sorted(shares)
    left = [frame for frame in frames if re.search(r"\| \d+:\d\d left$", frame)]
    assert len(left) > len(frames) / 2
    assert "/s" not in shown.replace("and/s", "")
    lines = [line.rsplit("\r")[-1].strip() for line in shown.split("\r\n")]
    printed = [line for line in lines if line and "%|" not in line]
    assert len(printed) == len(set(printed)), printed
    assert not any("about" in line or "steps" in line for line in printed)


def on_a_terminal(*words: str) -> str:
    """What a command writes to stderr where that is a terminal."""
    import pty
    import termios

    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    environment = {k: v for k, v in os.environ.items() if k != "HF_HUB_DISABLE_PROGRESS_BARS"}
    process = subprocess.Popen(
        [sys.executable, "-m", "huggingtweets_hub", *words],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    try:
        while data := os.read(ours, 65536):
            shown += data
    except OSError:  # Linux's way to say that the other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0, shown
    return shown.decode()


_NOTEBOOK = """
import sys, types
shell = types.SimpleNamespace(config={"IPKernelApp": {}})
there = types.SimpleNamespace(get_ipython=lambda: shell, version_info=(9, 0), __version__="9.0")
sys.modules["IPython"] = there
sys.modules["ipykernel"] = types.ModuleType("ipykernel")
from huggingtweets_hub import %s, publish
few = {"max_tweets": 60, "epochs": 1, "samples": 4}
publish(source="sample", base_model=%r, tracker="none", dry_run=True, progress=%s(), **few)
"""


@pytest.mark.slow
@pytest.mark.parametrize("display", ["Terminal", "Silent"])
def test_a_notebook_without_widgets_gets_lines_and_no_warning(display: str, tiny_gpt2: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "HF_HUB_DISABLE_PROGRESS_BARS"}
    code = _NOTEBOOK % (display, str(tiny_gpt2), display)
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "IProgress" not in done.stderr and "%|" not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == len(set(lines))
    assert any("% done, about" in line for line in lines) == (display == "Terminal")
