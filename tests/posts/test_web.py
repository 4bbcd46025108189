"""What is asked of servers that anyone may have set up, through `Web`, and what becomes of their answers."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import pytest
import stamina

from huggingtweets_hub import Silent
from huggingtweets_hub.core.errors import (
    BlockedError,
    RateLimitedError,
    ServerRefusedError,
    ServerUnavailableError,
    SourceError,
    UnsafeAddressError,
)
from huggingtweets_hub.posts import deadline
from huggingtweets_hub.posts.web import Web, guard, patience
from tests.posts.test_x_faults import Clock, Notes
from tests.servers.at import AtServer, Reply
from tests.servers.x_api import Fault

INSTEAD = "Use repo.car."
HTML = "<!DOCTYPE html><title>Just a moment…</title>"
BODY = {"posts": ["lamp " * 2000]}
Read = Callable[[Web, str, Path], Any]


@pytest.fixture
def at() -> Iterator[AtServer]:
    with AtServer() as server:
        yield server
        assert server.unhandled == []


@pytest.fixture
def clock(at: AtServer, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Waiting as it is, but on a clock of its own, which is the server's too."""
    clock = Clock()
    stamina.set_testing(False)
    monkeypatch.setattr("tenacity.nap.time", clock)
    monkeypatch.setattr(patience, "time", clock)
    monkeypatch.setattr(deadline, "wait", clock.wait)
    at.clock = clock
    return clock


def web(at: AtServer, progress: Silent | None = None) -> Web:
    return Web(progress or Silent(), [at.url], instead=INSTEAD)


def gives(at: AtServer, reply: Reply | None, times: float = inf, clock: Clock | None = None) -> None:
    """Let the server give this reply; one that hangs is waited for on this clock."""

    def answer(*_: Any) -> Reply | None:
        if clock and reply and reply.how in ("never", "slowly"):
            clock.hangs = True
        return reply

    at.faults.add(Fault("/data", answer, times))  # type: ignore[arg-type]


def as_json(web: Web, url: str, folder: Path) -> Any:
    return web.get_json(f"{url}/data", {"limit": "100", "cursor": "a&b"})


def as_text(web: Web, url: str, folder: Path) -> Any:
    return web.get_text(f"{url}/data", largest=1 << 20)


def as_bytes(web: Web, url: str, folder: Path) -> Any:
    return web.get_bytes(f"{url}/data", largest=1 << 20)


def as_file(web: Web, url: str, folder: Path) -> Any:
    web.download(f"{url}/data", folder / "file", largest=1 << 20, seconds=600)
    return (folder / "file").read_bytes()


READS = [as_json, as_text, as_bytes, as_file]
FAULTS: dict[str, tuple[Reply | None, type[SourceError]]] = {
    "400": (Reply(400, {"error": "InvalidRequest", "message": "No such thing"}), ServerRefusedError),
    "404 as a page": (Reply(404, HTML), ServerRefusedError),
    "410": (Reply(410, ""), ServerRefusedError),
    "a redirect": (Reply(302, "", {"location": "https://elsewhere.test/"}), ServerRefusedError),
    "204": (Reply(204, ""), ServerRefusedError),
    "403 as a page": (Reply(403, HTML), BlockedError),
    "429 without a time": (Reply(429, {}), RateLimitedError),
    "429 for a day": (Reply(429, {}, {"retry-after": "86400"}), RateLimitedError),
    "500": (Reply(500, {}), ServerUnavailableError),
    "503 as a page": (Reply(503, HTML), ServerUnavailableError),
    "a closed connection": (None, ServerUnavailableError),
    "a reset connection": (Reply(200, "", how="reset"), ServerUnavailableError),
    "no answer": (Reply(200, "", how="never"), ServerUnavailableError),
    "a trickle": (Reply(200, BODY, how="slowly"), ServerUnavailableError),
    "a body that is cut": (Reply(200, BODY, how="cut"), ServerUnavailableError),
    "chunks without end": (Reply(200, BODY, how="cut chunk"), ServerUnavailableError),
    "a flood": (Reply(200, BODY, how="flood"), SourceError),
    "not packed as it says": (Reply(200, "no", {"content-encoding": "gzip"}), ServerUnavailableError),
}


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_ends_in_its_own_error_and_leaves_no_file(
    at: AtServer, clock: Clock, tmp_path: Path, name: str, read: Read
) -> None:
    reply, kind = FAULTS[name]
    gives(at, reply, clock=clock)
    began, notes = clock.now, Notes()
    with pytest.raises(SourceError) as refused:
        read(web(at, notes), at.url, tmp_path)
    assert type(refused.value) is kind
    assert "127.0.0.1" in refused.value.message and INSTEAD in refused.value.next_step
    assert clock.now - began <= 700
    assert len(at.log) <= 5
    assert len(notes.lines) == len(clock.waits)
    assert list(tmp_path.glob("*")) == list(tmp_path.glob(".*")) == []


NO_TIME_LEFT = {("no answer", as_file), ("a trickle", as_file)}  # for a second download
PASSING = [
    (name, read)
    for name, (_, kind) in FAULTS.items()
    for read in READS
    if kind in (ServerUnavailableError, RateLimitedError)
    and name != "429 for a day"
    and (name, read) not in NO_TIME_LEFT
]


@pytest.mark.parametrize(("name", "read"), PASSING)
def test_what_passes_is_got_over(at: AtServer, clock: Clock, tmp_path: Path, name: str, read: Read) -> None:
    gives(at, FAULTS[name][0], times=1, clock=clock)
    gives(at, Reply(200, BODY, how="packed"))
    whole = Reply(200, BODY).encoded()[0]
    wanted = {as_json: BODY, as_text: whole.decode()}.get(read, whole)
    assert read(web(at), at.url, tmp_path) == wanted
    assert len(at.log) == 2


@pytest.mark.parametrize("how", ["whole", "chunked", "packed"])
@pytest.mark.parametrize("read", READS)
def test_what_comes_is_the_same_however_it_is_sent(
    at: AtServer, tmp_path: Path, read: Read, how: Any
) -> None:
    gives(at, Reply(200, BODY, how=how))
    whole = Reply(200, BODY).encoded()[0]
    wanted = {as_json: BODY, as_text: whole.decode()}.get(read, whole)
    assert read(web(at), at.url, tmp_path) == wanted


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\xfa{}", b"[" * 100_000, b"9" * 5000])
def test_what_is_not_json_is_not_taken_for_it(at: AtServer, clock: Clock, body: bytes) -> None:
    gives(at, Reply(200, body))
    with pytest.raises(ServerUnavailableError, match="not JSON"):
        web(at).get_json(f"{at.url}/data")


@pytest.mark.parametrize("read", [as_json, as_text, as_file])
def test_a_page_in_the_place_of_data_says_that_something_is_in_front(
    at: AtServer, tmp_path: Path, read: Read
) -> None:
    gives(at, Reply(200, f"\n {HTML}".encode()))
    with pytest.raises(BlockedError, match="web page instead of data") as refused:
        read(web(at), at.url, tmp_path)
    assert refused.value.status == 200 and not list(tmp_path.iterdir())


def test_a_longer_body_than_announced_is_not_read_to_its_end(at: AtServer, clock: Clock) -> None:
    gives(at, Reply(200, BODY, how="short"))
    with pytest.raises(ServerUnavailableError):
        web(at).get_json(f"{at.url}/data")


def test_a_refusal_carries_the_words_of_the_server_made_safe(at: AtServer) -> None:
    gives(at, Reply(400, {"error": "RepoNotFound", "message": "gone\x1b[2J" + "x" * 1000}))
    with pytest.raises(ServerRefusedError) as refused:
        web(at).get_json(f"{at.url}/data")
    assert (refused.value.status, refused.value.code) == (400, "RepoNotFound")
    assert r"RepoNotFound, gone\x1b[2J" in refused.value.message
    assert len(refused.value.message) < 400


@pytest.mark.parametrize("body", [[], {"error": {}}, {"error": 7, "message": []}, "no", b"\xff"])
def test_a_refusal_in_other_words_is_a_refusal(at: AtServer, body: Any) -> None:
    gives(at, Reply(400, body))
    with pytest.raises(ServerRefusedError) as refused:
        web(at).get_json(f"{at.url}/data")
    assert (refused.value.status, refused.value.code) == (400, "")


def test_too_many_bytes_are_refused_before_all_have_come(at: AtServer, tmp_path: Path) -> None:
    gives(at, Reply(200, b"x" * (2 << 20)))
    with pytest.raises(SourceError, match="more than 1 MiB"):
        as_file(web(at), at.url, tmp_path)
    assert not list(tmp_path.iterdir())


def test_packed_bytes_count_as_what_they_unpack_to(at: AtServer, tmp_path: Path) -> None:
    gives(at, Reply(200, bytes(2 << 20), how="packed"))
    with pytest.raises(SourceError, match="more than 1 MiB"):
        as_file(web(at), at.url, tmp_path)


def test_a_failed_download_leaves_the_file_that_was_there(at: AtServer, clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("before")
    gives(at, Reply(200, BODY, how="cut chunk"))
    with pytest.raises(ServerUnavailableError, match="cut off"):
        as_file(web(at), at.url, tmp_path)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]


def iso(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.123456Z", time.gmtime(moment))


def http_date(moment: float) -> str:
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(moment))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("retry-after", lambda now: "60"),
        ("retry-after", lambda now: http_date(now + 60)),
        ("ratelimit-reset", lambda now: str(int(now) + 60)),
        ("ratelimit-reset", lambda now: "60"),
        ("x-ratelimit-reset", lambda now: iso(now + 60)),
    ],
)
@pytest.mark.parametrize("hours", [-3, 3])
def test_a_limit_is_waited_for_by_the_clock_of_the_server(
    at: AtServer, clock: Clock, name: str, value: Callable[[float], str], hours: int
) -> None:
    at.clock = lambda: clock.now + 3600 * hours
    gives(at, Reply(429, {}, {name: value(at.clock())}), times=1)
    gives(at, Reply(200, BODY))
    notes = Notes()
    assert web(at, notes).get_json(f"{at.url}/data") == BODY
    assert len(clock.waits) == 1 and 58 <= clock.waits[0] <= 62
    assert "127.0.0.1 asks to wait for" in notes.lines[0]


def test_limits_are_waited_for_a_quarter_of_an_hour_together(at: AtServer, clock: Clock) -> None:
    gives(at, Reply(429, {}, {"retry-after": "290"}))
    with pytest.raises(RateLimitedError, match="asks to wait for 5 min"):
        web(at).get_json(f"{at.url}/data")
    assert clock.waits == [290.0] * 3


@pytest.mark.parametrize("value", ["0.001", "1"])
def test_a_server_that_keeps_asking_for_a_moment_is_asked_ever_more_seldom(
    at: AtServer, clock: Clock, value: str
) -> None:
    gives(at, Reply(429, {}, {"retry-after": value}))
    with pytest.raises(RateLimitedError):
        web(at).get_json(f"{at.url}/data")
    assert len(at.log) < 150 and clock.waits[:4] == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize("value", ["-5", "soon", "9" * 400, "1e9", "²"])
def test_a_time_that_cannot_be_read_counts_as_none(at: AtServer, clock: Clock, value: str) -> None:
    gives(at, Reply(429, {}, {"retry-after": value}))
    with pytest.raises(RateLimitedError):
        web(at).get_json(f"{at.url}/data")
    assert len(clock.waits) == 4


@pytest.mark.parametrize(
    "address",
    [
        "http://93.184.215.14/x",
        "ftp://m.example/x",
        "file:///etc/passwd",
        "https://user:secret@m.example/x",
        "https:///x",
        "https://m.example/x\r\nHost: y",
        "https://[::1/x",
        "https://m.example:99999/",
        "",
    ],
)
def test_an_address_that_is_not_plain_https_is_not_asked(address: str) -> None:
    with pytest.raises(UnsafeAddressError) as refused:
        Web(Silent()).get_json(address)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_this_machine_is_not_asked_unless_the_settings_name_it(at: AtServer, host: str, scheme: str) -> None:
    port = at.url.rpartition(":")[2]
    with pytest.raises(UnsafeAddressError):
        Web(Silent(), ["https://public.api.bsky.app", "http://127.0.0.1:1"]).get_json(
            f"{scheme}://{host}:{port}/data"
        )
    assert not at.log


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", True),
        ("2606:4700::1111", True),
        ("64:ff9b::5db8:d70e", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
    ],
)
def test_which_addresses_are_public(address: str, expected: bool) -> None:
    assert guard.is_public(address) is expected


def test_nothing_of_the_environment_goes_along(
    at: AtServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ann password secret\n")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    asker = web(at)
    gives(at, Reply(200, BODY, {"set-cookie": "session=1; Path=/"}))
    asker.get_json(f"{at.url}/data")
    asker.get_json(f"{at.url}/data")
    assert at.headers[0] == at.headers[1]
    assert {"authorization", "cookie"}.isdisjoint(at.headers[1])
    assert at.headers[0]["user-agent"].startswith("huggingtweets_hub/")
    assert "(+https://" in at.headers[0]["user-agent"]


def test_the_query_is_written_as_it_should_be(at: AtServer) -> None:
    gives(at, Reply(200, BODY))
    web(at).get_json(f"{at.url}/data", {"did": "did:plc:a", "cursor": "a&b=c"})
    assert at.log[0].query == {"did": "did:plc:a", "cursor": "a&b=c"}


def test_a_name_that_does_not_exist_is_not_asked_for_again(clock: Clock) -> None:
    with pytest.raises(ServerUnavailableError):
        Web(Silent()).get_json("https://nobody.invalid/x")


def test_connections_are_used_again(at: AtServer) -> None:
    asker = web(at)
    gives(at, replace(Reply(200, BODY), how="chunked"))
    for _ in range(3):
        asker.get_json(f"{at.url}/data")
    assert at.connections == 1
