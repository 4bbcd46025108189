"""Every fault of the Hub at every call of a publication: in the end one commit, or none and a clear error."""

import math
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from huggingtweets_hub.core.errors import HubError
from huggingtweets_hub.hub import access, client, namespace_opt_outs, opt_outs, push
from huggingtweets_hub.hub import repo as hub_repo
from huggingtweets_hub.hub.retries import on_new_head
from tests.servers.hub import HubServer

NASA = "huggingtweets/nasa"
WEIGHTS = bytes(range(256)) * 40
CARD = b"---\ntags:\n- huggingtweets\n---\n# Card\n"
FILES: dict[str, Path | bytes] = {
    "README.md": CARD,
    "huggingtweets.json": b'{"fingerprint": "f"}',
    "model.safetensors": WEIGHTS,
}

# What is asked in turn, and what it is for.
CALLS = {
    "whoami": ("GET", "/whoami-v2"),
    "who opted out": ("GET", "/api/datasets/huggingtweets/huggingtweets-opt-outs"),
    "what is there": ("GET", r"/api/models/huggingtweets/nasa\?"),
    "create the repository": ("POST", "/repos/create"),
    "its first commit": ("GET", r"/api/models/huggingtweets/nasa$"),
    "check the card": ("POST", "/validate-yaml"),
    "preupload": ("POST", "/preupload/"),
    "LFS batch": ("POST", "/lfs/objects/batch"),
    "LFS upload": ("PUT", "/lfs-storage/"),
    "LFS verify": ("POST", "/lfs/verify"),
    "commit": ("POST", "/commit/main"),
    "read back": ("GET", "/revision/"),
    "tags": ("GET", "/refs"),
    "tag": ("POST", "/tag/"),
}

Fault = Callable[[HubServer, str, str, float], None]


def status(code: int, headers: dict[str, str] | None = None) -> Fault:
    def answer(hub: HubServer, method: str, path: str, times: float) -> None:
        hub.faults.answer(method, path, code, headers=headers, times=times)

    return answer


def never(hub: HubServer, method: str, path: str, times: float) -> None:
    hub.faults.delay(method, path, 60.0, times)


FAULTS: dict[str, Fault] = {
    **{str(code): status(code) for code in (401, 403, 404, 409, 412, 429, 500, 502, 503, 504)},
    "429 with Retry-After": status(429, {"Retry-After": "7"}),
    "429 for an hour": status(429, {"Retry-After": "3600"}),
    "dropped": lambda hub, method, path, times: hub.faults.drop(method, path, times),
    "reset": lambda hub, method, path, times: hub.faults.reset(method, path, times),
    "no reply": never,
    "cut body": lambda hub, method, path, times: hub.faults.truncate(method, path, 1, times),
    "HTML": lambda hub, method, path, times: hub.faults.html(method, path, 200, times),
    "HTML 503": lambda hub, method, path, times: hub.faults.html(method, path, 503, times),
    "reply lost": lambda hub, method, path, times: hub.faults.lose_reply(method, path, times),
}
# Answers that end a run at once, since they do not pass by themselves.
FINAL = {"401", "403", "404", "409", "412", "429 for an hour"}
# Where the Hub has done what it was asked for and only its answer is lost, or is not needed the second time.
DONE_ALL_THE_SAME = {
    ("commit", "cut body"),
    ("commit", "reply lost"),
    ("LFS upload", "cut body"),
    ("LFS upload", "reply lost"),
    ("tag", "cut body"),
    ("tag", "reply lost"),
    ("tag", "HTML"),
    *(("LFS verify", fault) for fault in FAULTS if fault not in FINAL),
}


# Calls after which the client waits for as long as it is told, and asks again by itself.
WAITS = ("preupload", "LFS batch", "LFS upload", "LFS verify")


def is_final(call: str, fault: str) -> bool:
    if fault == "429 for an hour":
        return call not in WAITS
    if (call, fault) in (("commit", "412"), ("create the repository", "409")):
        return False  # tried again on the new head; somebody else was quicker to create it
    # An upload that only a web page has confirmed is missed when it is verified.
    return fault in FINAL or (call, fault) == ("LFS upload", "HTML")


@pytest.fixture(autouse=True)
def _no_waiting(hub: HubServer, without_pauses: None, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """What is not answered is given up after a moment, and no pause is made before the next try.

    Only that: an answer that is on its way is waited for, however busy the machine is.
    """
    import httpx2
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", 120.0)
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 120.0)
    if fault != "no reply":
        return
    send = httpx2.HTTPTransport.handle_request

    def impatient(transport: httpx2.HTTPTransport, request: httpx2.Request) -> httpx2.Response:
        path = request.url.raw_path.decode()
        if any(one.method == request.method and re.search(one.path, path) for one in hub.faults.pending):
            request.extensions = {**request.extensions, "timeout": {"connect": 120.0, "read": 0.05}}
        return send(transport, request)

    monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", impatient)


def publish() -> push.Commit:
    """All calls of a publication, as `pipeline.publish` makes them."""
    client.forget_who()
    namespace_opt_outs.look_again()
    access.require_write_access(NASA)
    opt_outs.require_absent(["nasa"], NASA)

    def read_and_push() -> push.Commit:
        published = hub_repo.read(NASA)
        hub_repo.require_ours(NASA, published)
        return push.push(
            NASA, FILES, whole=True, published=published,
            last_check=lambda: opt_outs.require_absent(["nasa"], NASA),
        )  # fmt: skip

    commit = on_new_head(read_and_push)
    push.tag(NASA, str(commit.oid), "2026-11-25")
    return commit


def publications(hub: HubServer) -> list[str]:
    repo = hub.repos.get(NASA)
    return [commit.oid for commit in repo.commits[1:]] if repo else []


def require_clear(error: HubError) -> None:
    assert error.message and error.next_step
    assert "hf_alice" not in f"{error} {error.__cause__!r}"


def require_whole_or_nothing(hub: HubServer) -> None:
    repo = hub.repos.get(NASA)
    if repo and len(repo.commits) > 1:
        assert {path: repo.files[path] for path in FILES} == FILES
        assert len(repo.commits) == 2
    else:
        assert repo is None or set(repo.files) == {".gitattributes"}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_a_fault_that_passes_costs_nothing(hub: HubServer, call: str, fault: str) -> None:
    FAULTS[fault](hub, *CALLS[call], 1)
    if is_final(call, fault):
        with pytest.raises(HubError) as failed:
            publish()
        require_clear(failed.value)
        require_whole_or_nothing(hub)
    commit = publish()
    assert not hub.faults.pending, "the fault was never met"
    require_whole_or_nothing(hub)
    assert publications(hub) == [commit.oid]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_a_fault_that_stays_ends_in_a_clear_error_and_never_in_half_a_model(
    hub: HubServer, call: str, fault: str
) -> None:
    FAULTS[fault](hub, *CALLS[call], math.inf)
    if (call, fault) in DONE_ALL_THE_SAME:
        publish()
    else:
        with pytest.raises(HubError) as failed:
            publish()
        require_clear(failed.value)
    assert len(hub.log) <= 100
    require_whole_or_nothing(hub)
    hub.faults.closing.set()
    hub.faults.pending.clear()
    commit = publish()
    assert publications(hub) == [commit.oid]
    require_whole_or_nothing(hub)
    assert list(hub.repos[NASA].tags) == ["2026-11-25"]


# Xet, through which large files go by default: the token for it, and its storage.
XET_CALLS = {
    "Xet token": ("GET", "/xet-write-token/"),
    "Xet chunks": ("GET", "/cas/v1/chunks"),
    "Xet grants": ("POST", "/cas/v1/xorb-grants"),
    "Xet xorbs": ("POST", "/cas/v1/xorbs"),
}
XET_QUICK = {"403", "503", "dropped"}
XET_FAULTS = sorted(FAULTS.keys() - {"409", "412", "429 for an hour", "cut body", "reply lost"})


@pytest.fixture
def xet(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Uploads through Xet, to a storage that answers nothing of use."""
    from huggingface_hub import constants
    from huggingface_hub.utils._xet import abort_xet_session

    for name, value in {"MAX_ATTEMPTS": "1", "BASE_DELAY": "10ms", "MAX_DURATION": "1s"}.items():
        monkeypatch.setenv(f"HF_XET_CLIENT_RETRY_{name}", value)
    monkeypatch.setenv("HF_XET_CLIENT_READ_TIMEOUT", "300ms")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
    abort_xet_session()  # an uploader reads these when it is made, and other tests may have made one
    yield
    abort_xet_session()


@pytest.mark.parametrize(
    "fault",
    # After most of them hf_xet goes on trying for a second, without an answer for several.
    [pytest.param(fault, marks=() if fault in XET_QUICK else pytest.mark.slow) for fault in XET_FAULTS],
)
@pytest.mark.parametrize("call", XET_CALLS)
def test_a_fault_of_xet_leaves_nothing_visible(
    hub: HubServer, xet: None, monkeypatch: pytest.MonkeyPatch, call: str, fault: str
) -> None:
    from huggingface_hub import constants

    FAULTS[fault](hub, *XET_CALLS[call], math.inf)
    token = {"casUrl": f"{hub.url}/cas", "accessToken": "xet", "exp": int(time.time()) + 3600}
    hub.faults.answer("GET", "/xet-write-token/", 200, token, times=math.inf)
    for method, path in (("GET", "chunks"), ("POST", "xorb-grants")):
        hub.faults.answer(method, f"/cas/v1/{path}", 404, times=math.inf)  # then all goes to `xorbs`
    with pytest.raises(HubError) as failed:
        publish()
    require_clear(failed.value)
    require_whole_or_nothing(hub)
    assert any(re.search(XET_CALLS[call][1], request.path) for request in hub.log)
    hub.faults.closing.set()
    hub.faults.pending.clear()
    hub.unhandled.clear()
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    assert publications(hub) == [] and publish().oid == publications(hub)[0]
