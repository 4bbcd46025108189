"""What is true of every publication, whatever happened on the way to it."""

import hashlib
import json
import threading
import time
from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.batch import accounts
from tests.batch.support import commits
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer
from tests.survival.forking import Ended, Forks, Running, living


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


@dataclass(frozen=True)
class Moment:
    """When to kill: so many seconds after so many requests, yet before the next one is answered.

    Told by what has happened it is the same moment on a machine that is faster or slower by now.

    Attributes:
        requests: How many requests must have come.
        seconds: How long after the last of them; 0 is when it comes.
        lands: The request at which the kill comes is done all the same; only its answer is lost.
    """

    requests: int
    seconds: float = 0.0
    lands: bool = True


def moments(whole: Ended, number: int, seed: int) -> list[Moment]:
    """One random moment in each of so many equal parts of an undisturbed run, or at any of its requests.

    They take turns: most requests come close to each other, where a moment of the time is seldom.
    """
    random, times = Random(seed), whole["requests"]
    found = []
    for part in range(number):
        if part % 2:
            found.append(_at_a_request(random, len(times)))
        else:
            second = (part + random.random()) * whole["seconds"] / number
            before = bisect(times, second)
            found.append(Moment(before, second - (times[before - 1] if before else 0.0)))
    return found


def early_moment(whole: Ended, seed: int) -> Moment:
    """At a random request which no run that has all to do can be through without."""
    return _at_a_request(Random(seed), len(whole["requests"]) // 2)


def _at_a_request(random: Random, last: int) -> Moment:
    return Moment(random.randint(1, last), lands=random.random() < 0.5)


class Traffic:
    """The requests of commands as they reach the servers, and a kill that goes by them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._began = 0.0
        self._times: list[float] = []
        self._in_hand = 0
        self._moment: Moment | None = None
        self._running: Running | None = None

    def passing(self, handle: Callable[..., Any]) -> Callable[..., Any]:
        """A server's handling of a request, counted; None hangs up."""

        def handled(*request: Any) -> Any:
            try:
                return handle(*request) if self._arrived() else None
            finally:
                with self._changed:
                    self._in_hand -= 1
                    self._changed.notify_all()

        return handled

    def whole(self, forks: Forks, *command: str, **environment: str) -> Ended:
        """Run a command undisturbed; `requests` tells when each one came."""
        ended = self._run(None, forks, *command, **environment)
        assert ended["status"] == 0, ended["said"]
        ended["requests"] = self._times
        return ended

    def killed(self, moment: Moment, forks: Forks, *command: str, **environment: str) -> Ended:
        """Run a command and kill it at a moment, unless it is through before."""
        return self._run(moment, forks, *command, **environment)

    def _run(self, moment: Moment | None, forks: Forks, *command: str, **environment: str) -> Ended:
        with self._changed:
            running = self._running = forks.start(*command, **environment)
            self._moment, self._times, self._began = moment, [], time.monotonic()
            if moment is not None and moment.requests == 0:
                self._strike_after(moment.seconds, running)
        try:
            return running.wait()
        finally:
            with self._changed:
                self._moment = self._running = None
                self._changed.wait_for(lambda: self._in_hand == 0)  # what it has still sent is done

    def _arrived(self) -> bool:
        """A request has come; whether to do it."""
        with self._changed:
            self._in_hand += 1
            self._times.append(time.monotonic() - self._began)
            moment, running, number = self._moment, self._running, len(self._times)
            if moment is None or running is None or number < moment.requests:
                return True
            if number == moment.requests and moment.seconds:
                self._strike_after(moment.seconds, running)
                return True
        running.kill()
        running.ended.wait()
        return moment.lands

    def _strike_after(self, seconds: float, running: Running) -> None:
        timer = threading.Timer(seconds, running.kill)
        timer.daemon = True  # where the next request is quicker, it comes to nothing
        timer.start()


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
    kept = (
        "pages.jsonl",
        "user.json",
        "ledger.sqlite",
        "opt-outs.txt",
        "publications.jsonl",
        ".lock",
        ".claim",
    )
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


def work_until_gone(session: int) -> float:
    """The CPU seconds that the processes of a killed command have still worked until they ended.

    How long that takes is the machine's affair; that none waits for anything is theirs.
    """
    first: dict[int, float] = {}
    last: dict[int, float] = {}
    looks_asleep = 0
    while left := living(session):
        for pid, (_, used) in left.items():
            first.setdefault(pid, used)
            last[pid] = used
        looks_asleep = looks_asleep + 1 if all(state == "S" for state, _ in left.values()) else 0
        assert looks_asleep < 1000, f"{left} outlive their parent and do nothing"
        time.sleep(0.02)
    return sum(last[pid] - first[pid] for pid in last)
