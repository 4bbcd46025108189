"""The bucket of the handover: private, filled, swept and emptied, whatever the Hub and its storage do."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from huggingtweets_hub.core.errors import HubError, NoWriteAccessError, PublicBucketError
from huggingtweets_hub.hub import buckets, client
from tests.servers.buckets import Buckets
from tests.servers.hub import HubServer

BUCKET = "alice/huggingtweets-jobs"


@pytest.fixture
def server(buckets: Buckets, without_pauses: None) -> Buckets:
    return buckets


def contents(server: Buckets) -> dict[str, bytes]:
    return {path: file.content for path, file in server.all[BUCKET].files.items()}


def test_the_bucket_is_made_private_once(server: Buckets) -> None:
    assert buckets.require_private("alice") == BUCKET
    assert buckets.require_private("alice") == BUCKET
    assert server.all[BUCKET].private


def test_a_public_bucket_is_refused(server: Buckets) -> None:
    server.add(BUCKET, private=False)
    with pytest.raises(PublicBucketError) as error:
        buckets.require_private("alice")
    assert f"/buckets/{BUCKET}/settings" in error.value.next_step


def test_a_token_that_may_not_write_is_named(
    hub: HubServer, server: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add_user("alice", token="hf_reader", role="read")
    monkeypatch.setenv("HF_TOKEN", "hf_reader")
    with pytest.raises(NoWriteAccessError):
        buckets.require_private("alice")


def test_files_and_bytes_are_put_into_a_folder_and_replaced(server: Buckets, tmp_path: Path) -> None:
    (tmp_path / "wheel").write_bytes(b"wheel" * 50_000)
    buckets.require_private("alice")
    buckets.put(BUCKET, "a", {"gathered.json": b"{}", "x.whl": tmp_path / "wheel"})
    buckets.put(BUCKET, "a", {"gathered.json": b"[]"})
    assert contents(server) == {"a/gathered.json": b"[]", "a/x.whl": b"wheel" * 50_000}


def test_a_removed_folder_is_gone_and_its_neighbour_is_not(server: Buckets) -> None:
    buckets.require_private("alice")
    buckets.put(BUCKET, "a", {"1": b"1", "deep/2": b"2"})
    buckets.put(BUCKET, "ab", {"1": b"3"})
    buckets.remove(BUCKET, "a")
    buckets.remove(BUCKET, "a")
    assert contents(server) == {"ab/1": b"3"}


def test_a_list_that_was_not_filtered_removes_nothing_else(hub: HubServer, server: Buckets) -> None:
    buckets.require_private("alice")
    buckets.put(BUCKET, "a", {"1": b"1"})
    buckets.put(BUCKET, "ab", {"1": b"3"})
    listed = [
        {"type": "file", "path": path, "size": 1, "xetHash": file.xet_hash}
        for path, file in server.all[BUCKET].files.items()
    ]
    hub.faults.answer("GET", "/tree", 200, listed)
    buckets.remove(BUCKET, "a")
    assert contents(server) == {"ab/1": b"3"}


def test_what_is_not_there_needs_no_removal(server: Buckets) -> None:
    buckets.remove(BUCKET, "a")
    assert buckets.folders(BUCKET) == {}


def test_what_somebody_else_removes_meanwhile_is_fine(hub: HubServer, server: Buckets) -> None:
    buckets.require_private("alice")
    buckets.put(BUCKET, "a", {"1": b"1"})
    hub.faults.meanwhile("POST", "/batch", lambda: server.all[BUCKET].files.clear())
    buckets.remove(BUCKET, "a")


def test_folders_have_the_time_of_their_newest_upload(server: Buckets) -> None:
    buckets.require_private("alice")
    buckets.put(BUCKET, "old", {"1": b"1"})
    buckets.put(BUCKET, "new", {"1": b"1"})
    server.age(BUCKET, "old", timedelta(hours=5))
    client.api().batch_bucket_files(BUCKET, add=[(b"1", "loose")])

    found = buckets.folders(BUCKET)

    assert found.keys() == {"old", "new"}
    assert found["new"] - found["old"] > timedelta(hours=4)
    assert abs(found["new"] - datetime.now(UTC)) < timedelta(minutes=10)


def test_a_folder_is_mounted_read_only(server: Buckets) -> None:
    volume = buckets.volume(BUCKET, "a", "/inputs")
    assert volume.to_dict() == {
        "type": "bucket", "source": BUCKET, "path": "a", "mountPath": "/inputs", "readOnly": True,
    }  # fmt: skip


# ---- faults

CALLS = {
    "create": ("POST", f"/api/buckets/{BUCKET}$"),
    "info": ("GET", f"/api/buckets/{BUCKET}$"),
    "write token": ("GET", "/xet-write-token"),
    "xorb": ("POST", "/v1/xorbs/"),
    "shard": ("POST", "/v1/shards"),
    "batch": ("POST", "/batch"),
    "tree": ("GET", "/tree"),
}
FAULTS: dict[str, Callable[[HubServer, str, str], None]] = {
    "503": lambda hub, method, path: hub.faults.answer(method, path, 503),
    "429": lambda hub, method, path: hub.faults.answer(method, path, 429),
    "HTML 503": lambda hub, method, path: hub.faults.html(method, path, 503),
    "drop": lambda hub, method, path: hub.faults.drop(method, path),
    "reset": lambda hub, method, path: hub.faults.reset(method, path),
    "lost reply": lambda hub, method, path: hub.faults.lose_reply(method, path),
}


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (call, fault)
        for call in CALLS
        for fault in FAULTS
        if fault in ("503", "lost reply") or call == "batch"
    ],
)
def test_a_fault_that_passes_leaves_no_trace(hub: HubServer, server: Buckets, call: str, fault: str) -> None:
    FAULTS[fault](hub, *CALLS[call])
    content = f"{call} {fault}".encode()  # never seen before, so that it is uploaded

    bucket = buckets.require_private("alice")
    buckets.put(bucket, "a", {"1": content})
    assert contents(server) == {"a/1": content}
    if call == "batch":
        FAULTS[fault](hub, *CALLS[call])
    buckets.remove(bucket, "a")

    assert contents(server) == {}
    assert hub.faults.pending == []


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", [403, 500])
def test_a_fault_that_stays_is_an_error_of_the_hub(
    hub: HubServer, server: Buckets, call: str, status: int
) -> None:
    hub.faults.answer(*CALLS[call], status, times=math.inf)
    content = f"{call} {status}".encode()

    def hand_over() -> None:
        bucket = buckets.require_private("alice")
        buckets.put(bucket, "a", {"1": content})
        buckets.remove(bucket, "a")

    with pytest.raises(HubError) as error:
        hand_over()
    assert error.value.next_step
    client.forget_who()
