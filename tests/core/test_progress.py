"""Progress on stderr: bars with the time left on a terminal, lines elsewhere, nothing when quiet."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from huggingtweets_hub import Terminal


def test_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Terminal()
    progress.note("Training.")
    for step in range(1, 31):
        progress.advance("Training", step, 30, "steps")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Training."
    assert lines[-1] == "Training: 30 of 30 steps"
    assert len(lines) <= 12


def test_quiet_shows_warnings_only(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Terminal(quiet=True)
    progress.note("Training.")
    progress.advance("Training", 1, 1, "steps")
    progress.warn("Little text.")
    assert capsys.readouterr().err == "Warning: Little text.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are of Unix")
def test_a_bar_with_the_time_left_on_a_terminal(tmp_path: Path, tiny_gpt2: Path) -> None:
    import pty
    import termios

    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    options = ["--from", "sample", "--base-model", str(tiny_gpt2), "--epochs", "1", "--tracker", "none"]
    environment = {k: v for k, v in os.environ.items() if k != "HF_HUB_DISABLE_PROGRESS_BARS"}
    process = subprocess.Popen(
        [sys.executable, "-m", "huggingtweets_hub", "publish", *options, "--dry-run"],
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
    bars = [line for line in shown.decode().split("\r") if line.startswith("Training:") and "<" in line]
    assert bars, shown  # tqdm writes [elapsed<left, rate]
