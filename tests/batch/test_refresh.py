"""Accounts that go on posting: only what is new is bought, and enough of it is trained on."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.batch.run import Batch
from huggingtweets_hub.hub import opt_outs
from tests.batch import accounts
from tests.batch.support import commits, states
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer

ADA = "huggingtweets/ada"


def newer(number: int, count: int) -> list[dict[str, Any]]:
    """Tweets above those of the account with this number, a day later."""
    return [
        {**row, "id": str(int(row["id"]) + 5_000_000), "created_at": "2024-03-02T12:00:00.000Z"}
        for row in accounts.rows(number, count)
    ]


def test_an_account_is_trained_again_when_it_has_enough_that_is_new(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch]
) -> None:  # fmt: skip
    accounts.add(x, "ada", 1)
    assert states(batch(["ada"])) == {"ada": "published"}
    new = newer(900, 90)
    x.add_tweets("ada", new[-20:])
    assert states(batch(["ada"], refresh=True, min_new=50)) == {"ada": "unchanged"}
    assert batch(["ada"]).already == 1  # the entry is as it was
    assert (sum(x.reads.values()), len(near), commits(hub)[ADA]) == (140, 1, 1)
    x.add_tweets("ada", new[:-20])
    assert states(batch(["ada"], refresh=True, min_new=50)) == {"ada": "published"}
    assert (sum(x.reads.values()), len(near), commits(hub)[ADA]) == (210, 2, 2)
    assert set(x.reads.values()) == {1}
    today = datetime.now(UTC).date().isoformat()
    repo = hub.repos[ADA]
    published = [commit.oid for commit in repo.commits if commit.title.startswith("Publish")]
    assert repo.tags == {today: published[0], f"{today}.2": published[1]}


def test_no_timeline_is_bought_a_second_time_unasked(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch],
    home: Path,
) -> None:  # fmt: skip
    accounts.add(x, "ada", 1)
    batch(["ada"])
    shutil.rmtree(home)  # a machine that forgets
    (failed,) = batch(["ada"], refresh=True).failed
    assert (failed.kind, failed.remedy) == ("pages_missing", "person")
    assert failed.next_step and "--rebuy" in failed.next_step
    assert set(x.reads.values()) == {1}
    assert states(batch(["ada"], refresh=True, rebuy=True)) == {"ada": "unchanged"}
    assert set(x.reads.values()) == {2}


def test_what_is_bought_anew_replaces_what_was_kept(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch],
    home: Path,
) -> None:  # fmt: skip
    accounts.add(x, "ada", 1)
    batch(["ada"])
    gone = accounts.rows(1, 1)[0]["text"]
    (pages,) = (home / "timelines").glob("ada-*/pages.jsonl")
    assert gone in pages.read_text("utf-8")
    accounts.add(x, "ada", 1)
    x._accounts["ada"].tweets = x._accounts["ada"].tweets[1:]  # she deletes her newest tweet
    assert states(batch(["ada"], refresh=True, rebuy=True)) == {"ada": "published"}
    assert gone not in pages.read_text("utf-8")
    assert [path.name for path in pages.parent.glob("pages*")] == ["pages.jsonl"]


@pytest.mark.parametrize("asked", [{"refresh": True}, {"prompt": "The sea"}])
@pytest.mark.parametrize("is_forgetful", [False, True])
def test_who_has_taken_over_a_handle_is_neither_bought_nor_published(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch], machine: Callable[[str], Path],
    home: Path, asked: dict[str, Any], is_forgetful: bool,
) -> None:  # fmt: skip
    accounts.add(x, "ada", 1)
    batch(["ada"], consent="written")
    x.add_account(accounts.described("ada", 276), newer(900, 90))
    if is_forgetful:
        machine("two")
    else:
        (user,) = (home / "timelines").glob("ada-*/user.json")
        os.utime(user, (0, 0))  # as on another day
    (failed,) = batch(["ada"], consent="written", rebuy=is_forgetful, **asked).failed
    assert failed.kind == "wrong_account" and "(776)" in str(failed.message)
    assert f"--repo-id {ADA}" in str(failed.next_step) and f"unpublish {ADA}" in str(failed.next_step)
    assert (sum(x.reads.values()), len(near), commits(hub)[ADA]) == (120, 1, 1)


def test_pages_and_opt_outs_outlive_the_machine_in_a_folder(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch],
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("HUGGINGTWEETS_STORE", str(tmp_path / "store"))
    accounts.add(x, "ada", 1)
    batch(["ada"])
    opt_outs.add(["Bob"])
    shutil.rmtree(home)
    x.add_tweets("ada", newer(900, 60))
    assert states(batch(["ada", "bob"], refresh=True)) == {"ada": "published", "bob": "excluded"}
    assert set(x.reads.values()) == {1}
