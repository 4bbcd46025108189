"""Pages on disk: what was paid for is used only as it was written, and what is damaged is bought again."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub import Timeline
from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import NoXCreditsError, UnwritableError
from huggingtweets_hub.core.progress import Silent
from huggingtweets_hub.posts import source as posts_source
from huggingtweets_hub.posts.budget import Budget
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer


class Warnings(Silent):
    """Keeps the warnings."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def warn(self, message: str) -> None:
        self.lines.append(message)


def post(number: int, text: str = "") -> dict[str, Any]:
    text = text or f"tweet {number} 🔦"
    return {"id": str(number), "text": text, "created_at": "2024-03-01T12:00:00.000Z"}


@pytest.fixture
def ada(x: XServer) -> XServer:
    """An account of five pages, of which a second walk has brought one."""
    user = {"id": "42", "username": "Ada", "name": "Ada", "public_metrics": {"tweet_count": 400}}
    x.add_account(user, [post(n) for n in range(1000, 1400)])
    return x


def fetch(progress: Silent | None = None, *, max_cost: float = 20) -> Timeline:
    source = posts_source.open("x", Budget(max_cost))
    return source.fetch("ada", max_tweets=None, since=None, progress=progress or Silent())


def pages() -> Path:
    (path,) = settings.timelines().glob("ada-42/pages.jsonl")
    return path


@pytest.fixture
def kept(ada: XServer) -> list[bytes]:
    """Five lines: four pages, and one that a later run has brought."""
    fetch()
    ada.add_tweets("ada", [post(n) for n in range(1400, 1430)])
    fetch()
    assert set(ada.reads.values()) == {1} and len(ada.reads) == 430
    lines = pages().read_bytes().splitlines(keepends=True)
    assert len(lines) == 5
    return lines


def flip(line: bytes, at: int) -> bytes:
    return line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :]


def without_digest(line: bytes) -> bytes:
    entry = json.loads(line)
    del entry["sha256"]
    return json.dumps(entry, ensure_ascii=False).encode() + b"\n"


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a letter of a tweet": lambda line: line.replace(b"tweet", b"tweez", 1),
    "a digit of an id": lambda line: line.replace(b'"id": "1', b'"id": "2', 1),
    "the token": lambda line: line.replace(b'next_token": "', b'next_token": "0', 1),
    "the digest": lambda line: flip(line, -4),
    "the name of the digest": lambda line: line.replace(b"sha256", b"sha255"),
    "cut in the middle": lambda line: line[: len(line) // 2] + b"\n",
    "cut in the middle, with its end": lambda line: line[: len(line) // 2],
    "binary rubbish": lambda line: random.Random(0).randbytes(500) + b"\n",
    "zeros": lambda line: bytes(500) + b"\n",
    "no object": lambda line: b"[1, 2]\n",
    "null": lambda line: b"null\n",
    "deep": lambda line: b"[" * 100_000 + b"\n",
    "empty": lambda line: b"\n",
    "gone": lambda line: b"",
    "twice": lambda line: line + line,
    "another shape": lambda line: b'{"since_id": null, "walk": "0", "page": {}}\n',
    "a page that is none": lambda line: b'{"since_id": null, "walk": 0, "page": {"data": [{"id": "x"}]}}\n',
}


LAST = 4
CASES = [
    (damage, number)
    for damage in DAMAGES
    for number in (0, 2, LAST)
    if (damage, number) not in {("the token", LAST), ("gone", LAST)}  # it has none; an older file
]


@pytest.mark.parametrize(("damage", "number"), CASES)
def test_a_damaged_page_is_bought_again_with_what_came_after_it(
    ada: XServer, kept: list[bytes], damage: str, number: int
) -> None:
    whole = fetch()
    damaged = [*kept[:number], DAMAGES[damage](kept[number]), *kept[number + 1 :]]
    pages().write_bytes(b"".join(damaged))
    warnings = Warnings()
    again = fetch(warnings)
    assert again.tweets == whole.tweets
    before = sum(len(json.loads(line)["page"]["data"]) for line in kept[:number])
    is_cut_off = number == LAST and damage == "cut in the middle, with its end"
    survives = len(json.loads(kept[number])["page"]["data"]) if damage == "twice" else 0
    assert again.tweets_bought == 430 - before - survives
    assert len(warnings.lines) == (0 if is_cut_off else 1)
    if warnings.lines:
        assert "is damaged in line" in warnings.lines[0] and "bought again" in warnings.lines[0]
        aside = pages().with_suffix(".damaged").read_bytes()
        assert b"".join(damaged).endswith(aside)
    assert pages().read_bytes().startswith(b"".join(kept[:number]))
    assert fetch(warnings).tweets_bought == 0 and len(warnings.lines) <= 1


def test_no_flipped_bit_passes_for_what_was_written(ada: XServer, kept: list[bytes]) -> None:
    whole, data, chance = fetch(), b"".join(kept), random.Random(1)
    for _ in range(50):
        place, bit = chance.randrange(len(data)), chance.randrange(8)
        pages().write_bytes(data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :])
        warnings = Warnings()
        again = fetch(warnings)
        assert again.tweets == whole.tweets
        assert warnings.lines or data[place : place + 1] == b"\n"


def test_pages_from_before_there_were_digests_are_read_as_they_are(ada: XServer, kept: list[bytes]) -> None:
    pages().write_bytes(b"".join(without_digest(line) for line in kept))
    warnings = Warnings()
    assert fetch(warnings).tweets_bought == 0 and not warnings.lines
    ada.add_tweets("ada", [post(n) for n in range(1430, 1440)])
    assert fetch(warnings).tweets_bought == 10
    assert fetch(warnings).tweets_bought == 0 and not warnings.lines


def test_a_damaged_file_is_replaced_by_the_whole_one_in_the_store(
    ada: XServer, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUGGINGTWEETS_STORE", "hf://datasets/alice/store")
    fetch()
    data = pages().read_bytes()
    pages().write_bytes(data.replace(b"tweet 1350", b"tweet 9999"))
    warnings = Warnings()
    assert fetch(warnings).tweets_bought == 0 and warnings.lines
    assert pages().read_bytes() == data
    assert set(ada.reads.values()) == {1}


def test_a_copy_in_the_store_that_is_damaged_is_replaced(
    ada: XServer, hub: HubServer, monkeypatch: pytest.MonkeyPatch, machine: Callable[[str], Path]
) -> None:
    monkeypatch.setenv("HUGGINGTWEETS_STORE", "hf://datasets/alice/store")
    machine("one")
    fetch()
    store = hub.datasets["alice/store"]
    path = "timelines/ada-42/pages.jsonl"
    store.commit({path: store.files[path].replace(b"tweet 1250", b"tweet 9999") + b"\n\n\n"})
    machine("two")
    warnings = Warnings()
    assert fetch(warnings).tweets_bought == 300 and warnings.lines
    machine("three")
    assert fetch(warnings).tweets_bought == 0 and len(warnings.lines) == 1


DESCRIPTIONS = {
    "empty": b"",
    "rubbish": b"\xff\x00",
    "a list": b"[]",
    "null": b"null",
    "deep": b"[" * 100_000,
    "cut": b'{"id": "42", "userna',
    "without a name": b'{"id": "42", "username": "Ada"}',
    "an id that is a path": b'{"id": "../7", "username": "Ada", "name": "Ada"}',
    "another id": b'{"id": "43", "username": "Ada", "name": "Ada"}',
}


@pytest.mark.parametrize("damage", DESCRIPTIONS)
def test_a_damaged_description_is_bought_again(ada: XServer, kept: list[bytes], damage: str) -> None:
    (described,) = settings.timelines().glob("ada-42/user.json")
    described.write_bytes(DESCRIPTIONS[damage])
    assert fetch().cost_usd == pytest.approx(0.01)
    assert fetch().cost_usd == 0 and ada.user_reads == 2


def test_a_description_of_tomorrow_is_bought_again(ada: XServer, kept: list[bytes]) -> None:
    (described,) = settings.timelines().glob("ada-42/user.json")
    os.utime(described, (4e9, 4e9))
    assert fetch().cost_usd == pytest.approx(0.01)


@pytest.mark.parametrize("is_described", [True, False])
def test_what_a_kill_left_of_a_description_is_removed(
    ada: XServer, kept: list[bytes], is_described: bool
) -> None:
    (described,) = settings.timelines().glob("ada-42/user.json")
    left = described.with_name(".user.json.0123456789abcdef.partial")
    left.write_text("{")
    if not is_described:
        described.unlink()
    fetch()
    assert described.exists() and not left.exists()


def test_half_a_character_does_not_end_in_a_traceback_and_is_bought_once(x: XServer) -> None:
    user = {"id": "42", "username": "Ada", "name": "Ada \ud83d"}
    x.add_account(user, [post(1, "half a lamp \ud83d")])
    assert fetch().tweets[0].text == "half a lamp \ufffd"
    again = fetch()
    assert again.tweets[0].text == "half a lamp \ufffd" and again.tweets_bought == 0


def test_what_a_full_disk_did_not_take_is_all_that_is_bought_again(ada: XServer, home: Path) -> None:
    code = """
import resource
from huggingtweets_hub import Silent
from huggingtweets_hub.posts import source as sources
from huggingtweets_hub.posts.budget import Budget
resource.setrlimit(resource.RLIMIT_FSIZE, (25_000, resource.RLIM_INFINITY))
sources.open("x", Budget(20)).fetch("ada", max_tweets=None, since=None, progress=Silent())
"""
    full = subprocess.run([sys.executable, "-c", code], env={**os.environ}, capture_output=True, text=True)
    assert "File too large" in full.stderr
    whole = [line for line in pages().read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    assert 0 < len(whole) < 4
    warnings = Warnings()
    assert len(fetch(warnings).tweets) == 400 and not warnings.lines
    assert sorted(set(ada.reads.values())) == [1, 2]
    assert list(ada.reads.values()).count(2) == 100  # the page that did not fit


def test_nothing_is_bought_where_the_disk_has_no_room_for_it(
    ada: XServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    usage = shutil.disk_usage(settings.home().parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1_000_000))
    with pytest.raises(UnwritableError, match="full"):
        fetch()
    assert not ada.reads


def test_credits_that_run_out_again_and_again_buy_each_post_once(ada: XServer) -> None:
    for _ in range(9):
        ada.credits = 100
        try:
            assert len(fetch().tweets) == 400
            break
        except NoXCreditsError as error:
            assert error.next_step
    else:
        pytest.fail("it does not go on from where it was")
    assert set(ada.reads.values()) == {1}
