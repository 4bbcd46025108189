"""What tests of batches look at."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

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
        "--samples",
        "2",
        "--namespace",
        "huggingtweets",
        "--tracker",
        "none",
    ]
    return [sys.executable, "-m", "huggingtweets_hub", "batch", str(users), *options, *more]


def waited_for(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True
