"""Bluesky over the network: what its servers give, and every way in which they do not.

`FAULTS` is the table: what happens to a request, and what a run ends with where it goes on happening. Each
fault can hit each of the three requests that a timeline takes. Whatever it is, the next run has everything.
"""

import functools
from base64 import b32decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from math import inf
from pathlib import Path
from typing import Any

import pytest
import stamina

from huggingtweets_hub import Silent, Timeline
from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import (
    AccountInactiveError,
    AccountNotFoundError,
    AccountSuspendedError,
    BlockedError,
    EmptyTimelineError,
    HuggingTweetsError,
    InvalidInputError,
    OptedOutError,
    RateLimitedError,
    ServerRefusedError,
    ServerUnavailableError,
    SourceError,
    UnsafeAddressError,
    WrongAccountError,
)
from huggingtweets_hub.pipeline import workspace
from huggingtweets_hub.posts import deadline
from huggingtweets_hub.posts.atproto import kept, network
from huggingtweets_hub.posts.atproto.network import Bluesky
from huggingtweets_hub.posts.reading import Reading
from huggingtweets_hub.posts.web import patience
from tests.posts.test_x_faults import Clock, Notes
from tests.servers.at import AtServer, Reply
from tests.servers.repositories import of_posts
from tests.servers.x_api import Fault

HANDLE, DID, OTHER = "ann.blue.test", "did:plc:" + "a" * 24, "did:plc:" + "b" * 24
HTML = "<!DOCTYPE html><title>Just a moment…</title>"
TEXTS = tuple(f"The lamp was lit at {hour} o'clock." for hour in range(60))


INTENTS = "org.user-intents.declaration"


@functools.cache
def car(did: str = DID, texts: tuple[str, ...] = TEXTS, *, wish: str = "", avatar: str = "") -> bytes:
    """A repository of these posts, with a wish of its owner and the CID of a picture."""
    profile: dict[str, Any] = {"displayName": "Ann", "description": "#nobot" * (wish == "no-bots")}
    label = {"signed-in-only": "!no-unauthenticated", "bot": "bot"}.get(wish)
    if label:
        profile["labels"] = {"values": [{"val": label}]}
    if avatar:
        padded = avatar[1:].upper() + "=" * (-len(avatar[1:]) % 8)
        profile["avatar"] = {"$type": "blob", "ref": b32decode(padded), "mimeType": "image/jpeg"}
    builder = of_posts(texts, did, profile=profile)
    if key := WISHES.get(wish):
        builder.add({"$type": INTENTS, key: {"allow": False}}, INTENTS, "self")
    return builder.car()


WISHES = {
    "synthetic-content-not-allowed": "syntheticContentGeneration",
    "bulk-datasets-not-allowed": "bulkDataset",
    "archiving-not-allowed": "publicAccessArchive",
}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[AtServer]:
    """Bluesky with the account of Ann."""
    with AtServer() as server:
        monkeypatch.setenv("HUGGINGTWEETS_BLUESKY_URL", server.url)
        monkeypatch.setenv("HUGGINGTWEETS_PLC_URL", server.url)
        server.add_account(HANDLE, DID, car())
        yield server
        assert server.unhandled == []


@pytest.fixture
def clock(at: AtServer, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Waiting as it is, but on a clock of its own, which is the servers' too."""
    clock = Clock()
    stamina.set_testing(False)
    monkeypatch.setattr("tenacity.nap.time", clock)
    monkeypatch.setattr(patience, "time", clock)
    monkeypatch.setattr(kept, "time", clock)
    monkeypatch.setattr(deadline, "wait", clock.wait)
    at.clock = clock
    return clock


def fetch(name: str = HANDLE, progress: Silent | None = None, **reading: Any) -> Timeline:
    source = Bluesky(Reading(**reading))
    return source.fetch(name, max_tweets=None, since=None, progress=progress or Silent())


def require_whole(timeline: Timeline) -> None:
    assert sorted(post.text for post in timeline.tweets) == sorted(TEXTS)


def files_kept() -> list[str]:
    return sorted(path.name for path in settings.timelines().rglob("*") if path.suffix != ".lock")


# --- what is read


@pytest.mark.parametrize("name", [HANDLE, DID])
def test_an_account_is_read_with_its_name_and_its_id(at: AtServer, name: str) -> None:
    timeline = fetch(name)
    require_whole(timeline)
    assert timeline.source == "bluesky"
    account = timeline.account
    assert (account.handle, account.name, account.id) == (HANDLE, "Ann", DID)
    assert [request.path for request in at.log if "getRepo" in request.path] == [
        "/xrpc/com.atproto.sync.getRepo"
    ]


def test_nothing_is_read_of_an_account_elsewhere(at: AtServer) -> None:
    for name in ("ann", "ann@m.test", "reddit:ann"):
        with pytest.raises(InvalidInputError):
            Bluesky(Reading()).require_usable(name)
        with pytest.raises(InvalidInputError):
            fetch(name)
    assert not at.log
    Bluesky(Reading()).require_usable(HANDLE)
    assert Bluesky(Reading()).account() is None


def test_the_terms_are_said_before_anything_is_asked(at: AtServer) -> None:
    notes = Notes()
    at.resolves.clear()
    with pytest.raises(AccountNotFoundError):
        fetch(progress=notes)
    assert notes.lines[0] == f"Note: {network.TERMS}"


def test_the_picture_comes_from_the_same_server(at: AtServer) -> None:
    cid = at.add_blob(DID, b"picture")
    at.accounts[DID].repo = car(avatar=cid)
    account = fetch().account
    assert account.picture == b"picture"
    assert account.avatar_url == (
        f"{at.url}/xrpc/com.atproto.sync.getBlob?did=did%3Aplc%3A{'a' * 24}&cid={cid}"
    )


def test_a_picture_that_is_not_there_is_done_without(at: AtServer) -> None:
    at.accounts[DID].repo = car(avatar=at.add_blob(DID, b"picture"))
    at.accounts[DID].blobs.clear()
    timeline = fetch()
    require_whole(timeline)
    assert timeline.account.picture is None


def test_a_picture_of_many_bytes_is_done_without(at: AtServer) -> None:
    at.accounts[DID].repo = car(avatar=at.add_blob(DID, bytes(6 << 20)))
    assert fetch().account.picture is None


def test_an_account_without_posts_is_empty(at: AtServer) -> None:
    at.accounts[DID].repo = car(texts=())
    with pytest.raises(EmptyTimelineError, match=HANDLE):
        fetch()


# --- what an account and its server say


@pytest.mark.parametrize(
    ("state", "kind", "says"),
    [
        ("RepoNotFound", AccountNotFoundError, "is not on the server"),
        ("RepoTakendown", AccountSuspendedError, "was taken down"),
        ("RepoSuspended", AccountSuspendedError, "is suspended"),
        ("RepoDeactivated", AccountInactiveError, "was deactivated"),
        ("Odd", ServerRefusedError, "Odd"),
    ],
)
def test_each_state_of_an_account_is_named_and_ends_what_is_kept(
    at: AtServer, state: str, kind: type[SourceError], says: str
) -> None:
    fetch()
    at.accounts[DID].state = state
    with pytest.raises(kind, match=says) as refused:
        fetch(rebuy=True)
    assert refused.value.next_step
    assert bool(files_kept()) == (state == "Odd")


@pytest.mark.parametrize(
    ("wish", "consent", "is_read"),
    [
        ("signed-in-only", None, False),
        ("signed-in-only", "fictional", False),
        ("signed-in-only", "written", True),
        ("synthetic-content-not-allowed", None, False),
        ("synthetic-content-not-allowed", "self", True),
        ("no-bots", None, False),
        ("bulk-datasets-not-allowed", None, True),
        ("bot", None, True),
    ],
)
def test_a_wish_is_kept_to(at: AtServer, wish: str, consent: Any, is_read: bool) -> None:
    at.accounts[DID].repo = car(wish=wish)
    if is_read:
        assert list(fetch(consent=consent).wishes) == [wish]
    else:
        with pytest.raises(OptedOutError, match=HANDLE):
            fetch(consent=consent)
        assert not files_kept()


def test_what_was_asked_for_by_id_is_forgotten_by_handle(at: AtServer) -> None:
    fetch(DID)
    assert files_kept()
    workspace.forget([HANDLE])
    assert not files_kept()


def test_who_does_not_want_to_be_archived_is_not_kept(at: AtServer) -> None:
    at.accounts[DID].repo = car(wish="archiving-not-allowed")
    require_whole(fetch())
    assert not files_kept()


# --- what is kept


def test_a_repository_is_fetched_once_a_day(at: AtServer, clock: Clock) -> None:
    fetch()
    clock.now += timedelta(hours=23).total_seconds()
    notes = Notes()
    require_whole(fetch(progress=notes))
    assert at.asked("getRepo") == 1
    assert "less than a day ago" in notes.lines[1]
    clock.now += timedelta(hours=2).total_seconds()
    at.accounts[DID].repo = car(texts=("new",))
    assert [post.text for post in fetch().tweets] == ["new"]
    assert at.asked("getRepo") == 2


def test_it_is_fetched_again_when_asked_for(at: AtServer) -> None:
    fetch()
    at.accounts[DID].repo = car(texts=("new",))
    require_whole(fetch())
    assert [post.text for post in fetch(rebuy=True).tweets] == ["new"]
    assert [post.text for post in fetch().tweets] == ["new"]


def test_it_is_fetched_again_where_the_clock_was_wrong(at: AtServer, clock: Clock) -> None:
    fetch()
    clock.now -= timedelta(days=30).total_seconds()
    fetch()
    assert at.asked("getRepo") == 2


@pytest.mark.parametrize(
    "content", [None, b"", b"{}", b"[]", b"\xff", b'{"fetched": "today"}', b"[" * 100_000]
)
@pytest.mark.parametrize("name", ["repo.car", "repo.json"])
def test_a_damaged_copy_is_replaced(at: AtServer, name: str, content: bytes | None) -> None:
    fetch()
    (path,) = settings.timelines().rglob(name)
    path.unlink() if content is None else path.write_bytes(content)
    require_whole(fetch())
    require_whole(fetch())
    assert at.asked("getRepo") == 2


def test_two_accounts_are_kept_apart_and_found_by_their_handles(at: AtServer) -> None:
    at.add_account("eve.blue.test", OTHER, car(OTHER, ("eve",)))
    fetch()
    assert [post.text for post in fetch("eve.blue.test").tweets] == ["eve"]
    require_whole(fetch())
    folders = sorted(path.name.rpartition("-")[0] for path in settings.timelines().iterdir() if path.is_dir())
    assert folders == [HANDLE, "eve.blue.test"]


def test_a_handle_that_has_moved_to_another_account_brings_that_one(at: AtServer) -> None:
    fetch()
    at.accounts.clear()
    at.add_account(HANDLE, OTHER, car(OTHER, ("eve",)))
    assert [post.text for post in fetch().tweets] == ["eve"]


def test_what_is_kept_is_private(at: AtServer) -> None:
    fetch()
    for path in settings.timelines().rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


# --- what goes wrong

CALLS = {"resolve": "resolveHandle", "document": "/did:plc", "repository": "getRepo"}
REPOSITORY = ("repository",)
Ends = type[HuggingTweetsError]


def does(how: Any) -> Any:
    """The honest answer, sent in another way."""
    return lambda at, request: replace(at.answer(request), how=how)


def gives(*reply: Any, how: Any = "whole") -> Any:
    return lambda *_: Reply(*reply, how=how)


FAULTS: dict[str, tuple[Any, Ends, tuple[str, ...]]] = {
    "400": (gives(400, {"error": "InvalidRequest"}), ServerRefusedError, ("document", "repository")),
    "401": (gives(401, {"error": "AuthMissing"}), ServerRefusedError, ("document", "repository")),
    "404": (gives(404, "no"), ServerRefusedError, REPOSITORY),
    "400, 404": (gives(404, "no"), AccountNotFoundError, ("resolve", "document")),
    "a redirect": (
        gives(302, "", {"location": "http://127.0.0.1/"}), ServerRefusedError, ("document", "repository")
    ),
    "403 as a page": (gives(403, HTML), BlockedError, tuple(CALLS)),
    "200 as a page": (gives(200, HTML), BlockedError, tuple(CALLS)),
    "429 without a time": (gives(429, {}), RateLimitedError, tuple(CALLS)),
    "429 for five minutes": (gives(429, {}, {"ratelimit-reset": "300"}), RateLimitedError, tuple(CALLS)),
    "429 for a day": (gives(429, {}, {"ratelimit-reset": "86400"}), RateLimitedError, tuple(CALLS)),
    "500": (gives(500, {}), ServerUnavailableError, tuple(CALLS)),
    "503 as a page": (gives(503, HTML), ServerUnavailableError, tuple(CALLS)),
    "a closed connection": (lambda *_: None, ServerUnavailableError, tuple(CALLS)),
    "a reset connection": (gives(200, "", how="reset"), ServerUnavailableError, tuple(CALLS)),
    "no answer": (gives(200, "", how="never"), ServerUnavailableError, tuple(CALLS)),
    "a trickle": (does("slowly"), ServerUnavailableError, tuple(CALLS)),
    "a body that is cut": (does("cut"), ServerUnavailableError, tuple(CALLS)),
    "a body that is longer than it says": (does("short"), ServerUnavailableError, tuple(CALLS)),
    "chunks without end": (does("cut chunk"), ServerUnavailableError, tuple(CALLS)),
    "more than is read": (does("flood"), SourceError, tuple(CALLS)),
    "nothing": (gives(200, b""), ServerUnavailableError, tuple(CALLS)),
    "no JSON": (gives(200, b"\xff{"), ServerUnavailableError, tuple(CALLS)),
    "JSON without end": (gives(200, b"[" * 100_000), ServerUnavailableError, tuple(CALLS)),
    "not packed as it says": (
        gives(200, "no", {"content-encoding": "gzip"}), ServerUnavailableError, tuple(CALLS)
    ),
    "an object": (gives(200, {}), AccountNotFoundError, ("resolve",)),
    "null": (gives(200, b"null"), AccountNotFoundError, ("resolve",)),
    "another's document": (gives(200, {"id": OTHER}), SourceError, ("document",)),
    "another's repository": (gives(200, car(OTHER)), WrongAccountError, REPOSITORY),
    "a repository that is cut but well sent": (gives(200, car()[:-50]), ServerUnavailableError, REPOSITORY),
}  # fmt: skip
MATRIX = [(name, call) for name, (_, _, calls) in FAULTS.items() for call in calls]
HANGS = ("no answer", "a trickle")


def happens(at: AtServer, clock: Clock, name: str, call: str, times: float) -> None:
    fault = FAULTS[name][0]

    def reply(*asked: Any) -> Any:
        clock.hangs = name in HANGS
        return fault(*asked)

    at.faults.add(Fault(CALLS[call], reply, times))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood need not be that of a large repository."""
    monkeypatch.setattr(network, "_LARGEST", 1 << 20)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("name", "call"), MATRIX)
def test_what_goes_wrong_for_ever_ends_in_its_own_error_and_the_next_run_has_everything(
    at: AtServer, clock: Clock, name: str, call: str
) -> None:
    happens(at, clock, name, call, inf)
    began, notes = clock.now, Notes()
    with pytest.raises(HuggingTweetsError) as refused:
        fetch(progress=notes)
    assert type(refused.value) is FAULTS[name][1]
    assert refused.value.next_step
    assert len(at.log) <= 10
    assert clock.now - began <= 45 * 60
    assert not [name for name in files_kept() if name.startswith("repo.") or "partial" in name]
    assert len([line for line in notes.lines if "asks to wait" in line or "Trying again" in line]) == len(
        clock.waits
    )
    at.faults.pending.clear()
    require_whole(fetch())


PASSING = [
    (name, call)
    for name, call in MATRIX
    if FAULTS[name][1] in (ServerUnavailableError, RateLimitedError)
    and name != "429 for a day"
    and (call != "repository" or name not in (*HANGS, "nothing", "no JSON", "JSON without end"))
    and name != "a repository that is cut but well sent"
    and (name, call) != ("a body that is longer than it says", "repository")
]


@pytest.mark.parametrize(("name", "call"), PASSING)
def test_what_goes_wrong_once_is_got_over(at: AtServer, clock: Clock, name: str, call: str) -> None:
    happens(at, clock, name, call, 1)
    require_whole(fetch())
    assert len(clock.waits) == 1
    assert not at.faults.pending


@pytest.mark.parametrize(
    "name", ["400", "500", "no answer", "a body that is cut", "chunks without end", "more than is read"]
)
def test_what_is_kept_survives_a_failed_renewal(at: AtServer, clock: Clock, small: None, name: str) -> None:
    fetch()
    (path,) = settings.timelines().rglob("repo.car")
    before = path.read_bytes()
    happens(at, clock, name, "repository", inf)
    with pytest.raises(HuggingTweetsError):
        fetch(rebuy=True)
    assert path.read_bytes() == before
    at.faults.pending.clear()
    require_whole(fetch())


@pytest.mark.parametrize(
    "address", ["http://m.test", "https://127.0.0.1:1", "https://localhost", "https://m.test/path"]
)
def test_a_server_at_an_address_that_must_not_be_asked_is_not(
    at: AtServer, address: str, listening: int
) -> None:
    address = address.replace(":1", f":{listening}").replace("localhost", f"localhost:{listening}")
    at.accounts[DID].document["service"][0]["serviceEndpoint"] = address
    with pytest.raises(UnsafeAddressError) as refused:
        fetch()
    assert "repo.car" in refused.value.next_step
    assert at.asked("getRepo") == 0


@pytest.fixture
def listening() -> Iterator[int]:
    """The port of another server on this machine, which is asked nothing."""
    with AtServer() as other:
        yield int(other.url.rpartition(":")[2])
        assert not other.log


def test_no_error_tells_what_posts_say(at: AtServer, clock: Clock, tmp_path: Path) -> None:
    at.accounts[DID].repo = car(OTHER, ("a secret lamp",) * 30)
    notes = Notes()
    with pytest.raises(WrongAccountError) as refused:
        fetch(progress=notes)
    assert "secret" not in str(refused.value) + " ".join(notes.lines)
