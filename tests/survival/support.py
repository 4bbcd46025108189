"""What is true of every publication, whatever happened on the way to it."""

import hashlib
import json
import time
from pathlib import Path
from random import Random
from typing import Any

from tests.batch import accounts
from tests.batch.support import commits
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer
from tests.survival.forking import living


def quick_options(base: Path) -> list[str]:
    """A quick training."""
    return ["--base-model", str(base), "--epochs", "1", "--samples", "2", "--tracker", "none"]


def add_with_retweets(x: XServer, handle: str, number: int, count: int, own: int) -> None:
    """An account of several pages that is trained in a moment: all but a few of its posts are retweets."""
    user = {"id": str(500 + number), "username": handle, "name": handle}
    posts = accounts.rows(number, count)
    for post in posts[own:]:
        post["text"] = f"RT @somebody: {post['text']}"
    x.add_account(user, posts)


def moments(seconds: float, number: int, seed: int) -> list[float]:
    """One random moment in each of so many equal parts of a time."""
    random = Random(seed)
    return [(part + random.random()) * seconds / number for part in range(number)]


def sound_weights(hub: HubServer, repo_id: str, handle: str) -> str:
    """The digest of the weights of a repository that holds one whole publication, made by one commit."""
    assert commits(hub)[repo_id] == 1
    files = hub.repos[repo_id].files
    facts: dict[str, Any] = json.loads(files["huggingtweets.json"])
    assert [account["handle"] for account in facts["accounts"]] == [handle]
    assert len(facts["files"]) >= 8
    for name, digest in facts["files"].items():
        assert hashlib.sha256(files[name]).hexdigest() == digest, name
    return str(facts["files"]["model.safetensors"])


def leftovers(home: Path) -> list[Path]:
    """Files in a home that nobody will ever read again."""
    kept = ("pages.jsonl", "user.json", "ledger.sqlite", "opt-outs.txt", ".lock", ".claim")
    return [path for path in home.rglob("*") if path.is_file() and not path.name.endswith(kept)]


def posts_on_disk(home: Path) -> set[str]:
    """The ids of the posts in whole lines of the kept pages."""
    found: set[str] = set()
    for path in home.glob("timelines/*/pages.jsonl"):
        data = path.read_bytes()
        for line in data[: data.rfind(b"\n") + 1].splitlines():
            found |= {post["id"] for post in json.loads(line)["page"]["data"]}
    return found


def read_again(x: XServer) -> set[str]:
    """The ids of the posts that were paid for more than once."""
    return {post for post, times in x.reads.items() if times > 1}


def seconds_until_gone(session: int, patience: float = 20.0) -> float:
    """How long the processes of a killed command outlive it."""
    began = time.monotonic()
    while left := living(session):
        assert time.monotonic() - began < patience, f"{left} outlive their parent"
        time.sleep(0.02)
    return time.monotonic() - began
