"""Every call to a server of the Fediverse, and all that can go wrong with it: once, and without end.

`FAULTS` is the table: what happens, and what a run ends with where it goes on happening. Whatever it is, no
part of a timeline is taken for the whole, and the next run has everything.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from math import inf
from typing import Any

import pytest
import stamina

from huggingtweets_hub import Timeline
from huggingtweets_hub.core.errors import (
    BlockedError,
    RateLimitedError,
    ServerRefusedError,
    ServerUnavailableError,
    SourceError,
)
from huggingtweets_hub.posts import deadline
from huggingtweets_hub.posts.fediverse import pages
from huggingtweets_hub.posts.fediverse.mastodon import Mastodon
from huggingtweets_hub.posts.reading import Reading
from huggingtweets_hub.posts.web import patience
from tests.posts.fediverse.reading import HANDLE, Told
from tests.posts.test_x_faults import Clock
from tests.servers.at import Reply
from tests.servers.mastodon import LOGIN, MastodonServer, status
from tests.servers.x_api import Fault

POSTS = 90
HTML = "<!DOCTYPE html><title>Just a moment…</title>"
CALLS = {"webfinger": ("webfinger", 0), "lookup": ("lookup", 0)}
CALLS |= {"first page": ("/statuses", 0), "later page": ("/statuses", 1)}
FAULTS: dict[str, tuple[Reply | None, type[SourceError]]] = {
    "400": (Reply(400, {"error": "Bad request"}), ServerRefusedError),
    "401": (Reply(401, LOGIN), ServerRefusedError),
    "403": (Reply(403, {"error": "This action is not allowed"}), ServerRefusedError),
    "422": (Reply(422, LOGIN), ServerRefusedError),
    "302": (Reply(302, "", {"location": "/login"}), ServerRefusedError),
    "403 as a page": (Reply(403, HTML), BlockedError),
    "a page": (Reply(200, HTML), BlockedError),
    "429 without a time": (Reply(429, {"error": "Too many requests"}), RateLimitedError),
    "429 for an hour": (Reply(429, {}, {"retry-after": "3600"}), RateLimitedError),
    "500": (Reply(500, {"error": "Oops"}), ServerUnavailableError),
    "503 as a page": (Reply(503, HTML), ServerUnavailableError),
    "half of a JSON": (Reply(200, b'[{"id": '), ServerUnavailableError),
    "a deep JSON": (Reply(200, b"[" * 100_000), ServerUnavailableError),
    "a closed connection": (None, ServerUnavailableError),
    "a reset connection": (Reply(200, "", how="reset"), ServerUnavailableError),
    "no answer": (Reply(200, "", how="never"), ServerUnavailableError),
    "a trickle": (Reply(200, {"lamp": "x" * 20_000}, how="slowly"), ServerUnavailableError),
    "a body that is cut": (Reply(200, {"lamp": "x" * 20_000}, how="cut"), ServerUnavailableError),
    "a flood": (Reply(200, {"lamp": "x" * 20_000}, how="flood"), SourceError),
}
PASSING = [name for name, (_, kind) in FAULTS.items() if kind in (ServerUnavailableError, RateLimitedError)]
PASSING.remove("429 for an hour")


@pytest.fixture
def fediverse(monkeypatch: pytest.MonkeyPatch) -> Iterator[MastodonServer]:
    """A server with the account of Ann."""
    with MastodonServer() as server:
        monkeypatch.setenv("HUGGINGTWEETS_FEDIVERSE_URL", server.url)
        server.add_account(HANDLE, map(status, range(1, POSTS + 1)))
        yield server
        assert server.unhandled == []


@pytest.fixture(autouse=True)
def clock(fediverse: MastodonServer, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Waiting as it is, but on a clock of its own, which is the servers' too."""
    clock = Clock()
    stamina.set_testing(False)
    monkeypatch.setattr("tenacity.nap.time", clock)
    monkeypatch.setattr(patience, "time", clock)
    monkeypatch.setattr(pages, "time", clock)
    monkeypatch.setattr(deadline, "wait", clock.wait)
    fediverse.clock = clock
    return clock


def happens(fediverse: MastodonServer, clock: Clock, fault: str, call: str, times: float) -> None:
    reply, (path, skip) = FAULTS[fault][0], CALLS[call]

    def answer(*_: Any) -> Reply | None:
        if reply and reply.how in ("never", "slowly"):
            clock.hangs = True
        return reply

    fediverse.faults.add(Fault(path, answer, times, skip))  # type: ignore[arg-type]


def read(told: Told | None = None) -> Timeline:
    return Mastodon(Reading()).fetch(HANDLE, max_tweets=None, since=None, progress=told or Told())


def require_whole(timeline: Timeline) -> None:
    assert [int(post.id or 0) for post in timeline.tweets] == list(range(POSTS, 0, -1))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_without_end_ends_in_its_own_error_and_the_next_run_has_everything(
    fediverse: MastodonServer, clock: Clock, fault: str, call: str
) -> None:
    happens(fediverse, clock, fault, call, inf)
    told, began = Told(), clock.now
    with pytest.raises(SourceError) as caught:
        read(told)
    kind = FAULTS[fault][1]
    assert type(caught.value) is kind
    assert "settings/export" in caught.value.next_step
    assert HTML not in str(caught.value) and "Traceback" not in str(caught.value)
    assert clock.now - began <= 15 * 60 + 400
    assert len(told.notes) == 1 + len(clock.waits)  # the terms, and every wait
    fediverse.faults.pending.clear()
    require_whole(read())
    assert fediverse.asked("/statuses") <= 3 + 2 * 5


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_is_got_over(
    fediverse: MastodonServer, clock: Clock, fault: str, call: str
) -> None:
    happens(fediverse, clock, fault, call, 1)
    told = Told()
    require_whole(read(told))
    assert len(clock.waits) == 1 and len(told.notes) == 2


@pytest.mark.parametrize("call", CALLS)
def test_a_limit_is_waited_for_as_long_as_the_server_says(
    fediverse: MastodonServer, clock: Clock, call: str
) -> None:
    path, skip = CALLS[call]
    reset = datetime.fromtimestamp(clock.now + 299, UTC).isoformat().replace("+00:00", "Z")
    headers = {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    fediverse.faults.add(Fault(path, lambda *_: Reply(429, {}, headers), 1, skip))  # type: ignore[arg-type]
    told = Told()
    require_whole(read(told))
    (waited,) = clock.waits
    assert 298 <= waited <= 302 and any("asks to wait" in line for line in told.notes)


def test_a_server_that_fails_in_between_is_asked_for_the_rest_only(fediverse: MastodonServer) -> None:
    fediverse.faults.add(Fault("/statuses", lambda *_: Reply(500, {}), inf, 2))  # type: ignore[arg-type]
    with pytest.raises(ServerUnavailableError):
        read()
    fediverse.faults.pending.clear()
    before = len(fediverse.log)
    require_whole(read())
    asked = [one.query.get("max_id") for one in fediverse.log[before:] if "/statuses" in one.path]
    assert asked == ["11", "1"]


def test_without_space_on_the_disk_nothing_is_asked(
    fediverse: MastodonServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingtweets_hub.core import files
    from huggingtweets_hub.core.errors import UnwritableError

    real = files.shutil.disk_usage
    monkeypatch.setattr(files.shutil, "disk_usage", lambda path: real(path)._replace(free=1_000_000))
    with pytest.raises(UnwritableError, match="full"):
        read()
    assert fediverse.asked("/statuses") == 0


def test_a_page_that_is_cut_at_a_post_is_not_taken_for_one(fediverse: MastodonServer) -> None:
    honest = fediverse.answer
    fediverse.faults.add(Fault("/statuses", lambda _, one: replace(honest(one), how="cut"), 1, 1))  # type: ignore[arg-type]
    require_whole(read())
