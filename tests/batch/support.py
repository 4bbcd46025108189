"""What tests of batches look at."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from huggingtweets_hub.batch.run import Batch
from tests.servers.hub import HubServer


def commits(hub: HubServer) -> dict[str, int]:
    """How many publications each repository has had."""
    return {
        repo_id: sum(commit.title.startswith("Publish") for commit in repo.commits)
        for repo_id, repo in hub.repos.items()
    }


def states(done: Batch) -> dict[str, str]:
    return {attempt.repo_id.split("/")[1]: attempt.state for attempt in done.outcomes}


def command(users: Path, base: Path, *more: str) -> list[str]:
    options = [
        "--base-model",
        str(base),
        "--epochs",
        "1",
        "--samples",
        "2",
        "--namespace",
        "huggingtweets",
        "--tracker",
        "none",
    ]
    return [sys.executable, "-m", "huggingtweets_hub", "batch", str(users), *options, *more]


class Process(Protocol):
    """Such as `subprocess.Popen`."""

    def poll(self) -> object:
        """None while it runs."""


def waited_for(condition: Callable[[], bool], *processes: Process) -> bool:
    """Wait until something is so; False where a process has ended that should have brought it about.

    Only what hangs is given up by the clock, before the time limit of a test would leave a thread behind.
    """
    give_up = time.monotonic() + 270
    while not condition():
        if any(process.poll() is not None for process in processes):
            return condition()
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True
