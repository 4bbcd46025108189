"""A private dataset that is the store: what one machine bought, another one has."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub import Timeline, fetch_timeline, unpublish
from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import (
    CostLimitError,
    HubError,
    InvalidInputError,
    NotLoggedInError,
    NoWriteAccessError,
    NoXCreditsError,
    OptedOutError,
    PagesMissingError,
)
from huggingtweets_hub.core.progress import Progress, Silent
from huggingtweets_hub.hub import opt_outs, store, store_dataset
from huggingtweets_hub.posts.budget import Budget
from huggingtweets_hub.posts.x_api.source import XApi
from tests.batch import accounts
from tests.servers.hub import Commit, Fault, HubServer, Reply, Repo
from tests.servers.x_api import XServer

STORE = "alice/store"
Machine = Callable[[str], Path]


class Warnings(Silent):
    """Keeps what is warned of."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def warn(self, message: str) -> None:
        self.lines.append(message)


@pytest.fixture(autouse=True)
def _store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUGGINGTWEETS_STORE", f"hf://datasets/{STORE}")


def is_kept(handle: str) -> bool:
    """Whether a refresh of the account would pay only for what is new."""
    try:
        XApi(Budget(0)).require_refreshable(handle)
    except PagesMissingError:
        return False
    return True


def fetch(handle: str = "ada", progress: Progress | None = None, **options: Any) -> Timeline:
    return fetch_timeline(handle, progress=progress or Silent(), **options)


def rebuy(handle: str = "ada") -> Timeline:
    return XApi(Budget(20), rebuy=True).fetch(handle, max_tweets=None, since=None, progress=Silent())


def post(x: XServer, handle: str, count: int, number: int = 900) -> None:
    """New tweets on X."""
    x.add_tweets(handle, accounts.rows(number, count))


def delete_newest(x: XServer, handle: str) -> str:
    """The account deletes its newest tweet, whose text this is."""
    gone, *x._accounts[handle].tweets = x._accounts[handle].tweets
    return str(gone["text"])


def kept(hub: HubServer) -> Repo:
    return hub.datasets[STORE]


def pages(hub: HubServer) -> dict[str, bytes]:
    """The pages in the dataset, by handle."""
    return {
        path.split("/")[1].split("-")[0]: data
        for path, data in kept(hub).files.items()
        if "timelines" in path
    }


def own_commits(hub: HubServer) -> list[Commit]:
    return [commit for commit in kept(hub).commits if commit.title.startswith("Keep")]


def texts(files: dict[str, bytes]) -> str:
    return b"".join(files.values()).decode()


# ---- pages


def test_what_one_machine_bought_another_one_has(hub: HubServer, x: XServer, machine: Machine) -> None:
    accounts.add(x, "ada", 1)
    first = machine("one")
    bought = fetch("Ada")
    assert pages(hub).keys() == {"ada"} and len(own_commits(hub)) == 1
    second = machine("two")
    assert fetch("ada").tweets == bought.tweets
    assert set(x.reads.values()) == {1} and len(own_commits(hub)) == 1
    for path, data in kept(hub).files.items():
        if path.startswith("timelines/"):
            assert data == (first / path).read_bytes() == (second / path).read_bytes()


def test_a_machine_goes_on_where_another_one_stopped(hub: HubServer, x: XServer, machine: Machine) -> None:
    accounts.add(x, "ada", 1, count=250)
    machine("one")
    with pytest.raises(CostLimitError):
        XApi(Budget(0.6)).fetch("ada", max_tweets=150, since=None, progress=Silent())
    assert not hub.datasets  # nothing was bought
    assert len(fetch(max_tweets=150).tweets) == 150
    machine("two")
    post(x, "ada", 20)
    assert len(fetch().tweets) == 270
    machine("one")
    assert len(fetch().tweets) == 270
    assert set(x.reads.values()) == {1}


def test_what_was_bought_is_pushed_where_the_rest_fails(hub: HubServer, x: XServer, machine: Machine) -> None:
    accounts.add(x, "ada", 1, count=250)
    machine("one")
    x.credits = 100
    with pytest.raises(NoXCreditsError):
        fetch()
    x.credits = None
    machine("two")
    assert len(fetch().tweets) == 250
    assert set(x.reads.values()) == {1}


def test_the_dataset_is_private_and_has_no_viewer(hub: HubServer, x: XServer) -> None:
    accounts.add(x, "ada", 1)
    fetch()
    assert kept(hub).private
    assert b"viewer: false" in kept(hub).files["README.md"]


def test_no_tweet_stays_in_the_cache_of_the_client(hub: HubServer, x: XServer, machine: Machine) -> None:
    from huggingface_hub import constants

    accounts.add(x, "ada", 1)
    machine("one")
    fetch()
    machine("two")
    fetch()
    assert not [path for path in Path(constants.HF_HUB_CACHE).rglob("*.jsonl") if "store" in str(path)]


def test_without_news_nothing_is_committed(hub: HubServer, x: XServer, machine: Machine) -> None:
    accounts.add(x, "ada", 1)
    machine("one")
    fetch()
    head = kept(hub).head
    store.look_again()
    fetch()
    machine("two")
    fetch()
    assert kept(hub).head == head


def test_what_was_bought_before_there_was_a_store_is_pushed_with_the_next(
    hub: HubServer, x: XServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUGGINGTWEETS_STORE")
    handles = ["ada", "bob", "eve"]
    for number, handle in enumerate(handles):
        accounts.add(x, handle, number)
        fetch(handle)
    assert not any("datasets" in request.path for request in hub.log)
    monkeypatch.setenv("HUGGINGTWEETS_STORE", f"hf://datasets/{STORE}")
    monkeypatch.setattr(store_dataset, "_MOST_FILES", 2)
    fetch("eve")
    assert pages(hub).keys() == set(handles) and len(own_commits(hub)) == 2
    assert set(x.reads.values()) == {1}


def test_pages_in_the_dataset_count_as_kept(hub: HubServer, x: XServer, machine: Machine) -> None:
    accounts.add(x, "ada", 1)
    machine("one")
    assert not is_kept("Ada")
    fetch()
    machine("two")
    assert is_kept("Ada") and not is_kept("bob")


def test_of_two_machines_that_read_at_once_the_longer_copy_counts(
    hub: HubServer, x: XServer, machine: Machine
) -> None:
    accounts.add(x, "ada", 1, count=250)
    machine("one")
    fetch(max_tweets=100)
    machine("two")
    hub.faults.answer("POST", "/commit/", 403, times=1)
    post(x, "ada", 30, number=800)
    fetch(max_tweets=250)  # pages that stay here
    machine("one")
    post(x, "ada", 10, number=900)
    fetch(max_tweets=100)
    machine("two")
    assert len(fetch(max_tweets=250).tweets) == 250
    longest = (settings.timelines() / "ada-501" / "pages.jsonl").read_bytes()
    assert pages(hub)["ada"] == longest
    machine("one")
    fetch(max_tweets=100)
    assert (settings.timelines() / "ada-501" / "pages.jsonl").read_bytes() == longest


def test_what_is_bought_anew_replaces_what_every_machine_has(
    hub: HubServer, x: XServer, machine: Machine
) -> None:
    accounts.add(x, "ada", 1)
    old = machine("one")
    fetch()
    machine("two")
    fetch()
    gone = delete_newest(x, "ada")
    rebuy()
    assert len(kept(hub).commits) == 1  # none before it has the deleted tweet
    assert pages(hub).keys() == {"ada"} and gone not in texts(pages(hub))
    machine("one")
    assert gone in (old / "timelines" / "ada-501" / "pages.jsonl").read_text()
    post(x, "ada", 1)
    assert gone not in [tweet.text for tweet in fetch().tweets]
    assert gone not in texts(pages(hub))


def test_an_old_copy_of_an_account_that_is_not_read_now_is_not_pushed(
    hub: HubServer, x: XServer, machine: Machine
) -> None:
    accounts.add(x, "ada", 1)
    accounts.add(x, "bob", 2)
    machine("one")
    fetch("ada")
    machine("two")
    fetch("ada")
    gone = delete_newest(x, "ada")
    x._accounts["ada"].tweets = x._accounts["ada"].tweets[:20]
    rebuy("ada")
    machine("one")
    fetch("bob")
    assert pages(hub).keys() == {"ada", "bob"} and gone not in texts(pages(hub))


def test_a_purchase_anew_goes_on_on_another_machine(hub: HubServer, x: XServer, machine: Machine) -> None:
    accounts.add(x, "ada", 1, count=250)
    machine("one")
    fetch()
    x.credits = 100
    with pytest.raises(NoXCreditsError):
        rebuy()
    x.credits = None
    machine("two")
    assert len(rebuy().tweets) == 250
    assert set(x.reads.values()) == {2}
    (path,) = (path for path in kept(hub).files if "timelines" in path)
    assert path.endswith("/pages.jsonl")


def test_a_line_that_is_just_being_written_is_not_pushed(hub: HubServer, x: XServer) -> None:
    accounts.add(x, "ada", 1)
    accounts.add(x, "bob", 2)
    fetch("ada")
    before = pages(hub)["ada"]
    with (settings.timelines() / "ada-501" / "pages.jsonl").open("a") as file:
        file.write('{"walk": 1, "pa')
    fetch("bob")
    assert pages(hub)["ada"] == before


def test_what_is_bought_anew_counts_although_its_push_failed(
    hub: HubServer, x: XServer, machine: Machine
) -> None:
    accounts.add(x, "ada", 1)
    machine("one")
    fetch()
    gone = delete_newest(x, "ada")
    hub.faults.answer("POST", "/commit/", 403, times=1)
    rebuy()
    assert gone in texts(pages(hub))
    store.look_again()
    fetch()
    assert gone not in texts(pages(hub)) and len(kept(hub).commits) == 1
    assert max(x.reads.values()) == 2


# ---- what stands in the way


def test_a_public_dataset_is_refused_before_anything_is_read(hub: HubServer, x: XServer) -> None:
    accounts.add(x, "ada", 1)
    hub.add_repo(STORE, kind="datasets")
    with pytest.raises(InvalidInputError, match="alice/store is public"):
        fetch()
    assert not x.log and set(kept(hub).files) == {".gitattributes"}


def test_a_dataset_that_cannot_be_read_stops_before_anything_is_read(hub: HubServer, x: XServer) -> None:
    accounts.add(x, "ada", 1)
    hub.faults.answer("GET", "/api/datasets/", 500, times=99)
    with pytest.raises(HubError, match="read the dataset alice/store"):
        fetch()
    assert not x.log


def test_a_token_that_cannot_write_is_refused_before_anything_is_read(
    hub: HubServer, x: XServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add(x, "ada", 1)
    monkeypatch.setenv("HUGGINGTWEETS_STORE", "hf://datasets/bob/store")
    with pytest.raises(NoWriteAccessError, match="cannot write to 'bob'") as refused:
        fetch()
    assert "HUGGINGTWEETS_STORE" in refused.value.next_step
    with pytest.raises(NoWriteAccessError):
        opt_outs.listed()  # which may be there, and must not be taken for an empty list
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(NotLoggedInError):
        fetch()
    assert not x.log


def test_a_token_that_can_only_read_is_refused_before_anything_is_read(
    hub: HubServer, x: XServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add(x, "ada", 1)
    hub.add_repo("lab/store", {"opt-outs.txt": b"bob\n"}, private=True, kind="datasets")
    hub.add_user("carol", token="hf_carol", orgs={"lab": "read"})
    monkeypatch.setenv("HF_TOKEN", "hf_carol")
    monkeypatch.setenv("HUGGINGTWEETS_STORE", "hf://datasets/lab/store")
    assert opt_outs.listed() == {"bob"}
    with pytest.raises(NoWriteAccessError, match="cannot write to 'lab'"):
        fetch()
    assert not x.log


@pytest.mark.parametrize(
    "address",
    [
        "s3://bucket/store",
        "hf://alice/store",
        "hf://datasets/store",
        "hf://datasets/alice:pass@word@org/store",
        "hf://spaces/alice:password@org/store",
        "s3://bucket/store?key=password",
    ],
)
def test_another_address_is_no_store(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("HUGGINGTWEETS_STORE", address)
    with pytest.raises(InvalidInputError, match="not a valid store") as refused:
        opt_outs.listed()
    assert "hf://datasets/NAMESPACE/NAME" in refused.value.next_step
    assert "word" not in str(refused.value)


def test_a_push_that_fails_is_a_warning_and_the_next_run_pushes(hub: HubServer, x: XServer) -> None:
    for number, handle in enumerate(["ada", "bob"]):
        accounts.add(x, handle, number)
    hub.faults.answer("POST", "/commit/", 503, times=5)
    said = Warnings()
    assert len(fetch("ada", said).tweets) == 120
    (line,) = said.lines
    assert "503" in line and "The next run uploads it" in line
    assert ". Run the same command again." in line  # what the Hub said has come to its end
    assert not own_commits(hub)
    store.look_again()
    fetch("bob", said)
    assert pages(hub).keys() == {"ada", "bob"} and len(said.lines) == 1
    assert set(x.reads.values()) == {1}


def test_a_commit_whose_reply_is_lost_is_not_made_twice(hub: HubServer, x: XServer) -> None:
    accounts.add(x, "ada", 1)
    hub.faults.lose_reply("POST", "/commit/")
    said = Warnings()
    fetch("ada", said)
    assert len(own_commits(hub)) == 1 and not said.lines


def test_a_commit_beside_another_machines_loses_neither(hub: HubServer, x: XServer, machine: Machine) -> None:
    accounts.add(x, "ada", 1)
    accounts.add(x, "bob", 2)
    machine("one")
    fetch("ada")
    theirs = {"timelines/eve-7/pages.jsonl": b"{}\n"}
    hub.faults.meanwhile("POST", "/commit/", lambda: kept(hub).commit(theirs))
    fetch("bob")
    assert pages(hub).keys() == {"ada", "bob", "eve"}


def test_a_damaged_download_is_not_taken(hub: HubServer, x: XServer, machine: Machine) -> None:
    accounts.add(x, "ada", 1)
    machine("one")
    fetch()
    machine("two")

    def damaged(handle: Callable[[], Reply]) -> Reply:
        reply = handle()
        return replace(reply, body=reply.body.replace(b"the", b"teh", 1))

    hub.faults.add(Fault("GET", "/resolve/main/timelines", damaged))
    with pytest.raises(HubError, match="arrived damaged"):
        fetch()
    assert len(fetch().tweets) == 120 and set(x.reads.values()) == {1}


def test_pages_that_changed_meanwhile_are_found_by_the_next_try(
    hub: HubServer, x: XServer, machine: Machine
) -> None:
    accounts.add(x, "ada", 1)
    machine("one")
    fetch()
    machine("two")
    assert is_kept("ada")
    path = "timelines/ada-501/pages.jsonl"
    kept(hub).commit({path: pages(hub)["ada"] + b'{"since_id": null, "walk": 0, "page": {}}\n'})
    with pytest.raises(HubError, match="has changed"):
        fetch()
    assert len(fetch().tweets) == 120 and set(x.reads.values()) == {1}


# ---- opt-outs


def published(hub: HubServer, handle: str) -> str:
    """A published model of the account."""
    repo_id = f"huggingtweets/{handle}"
    facts = json.dumps({"accounts": [{"handle": handle}]}).encode()
    hub.add_repo(
        repo_id, {"README.md": b"---\ntags:\n- huggingtweets\n---\n# Bot\n", "huggingtweets.json": facts}
    )
    return repo_id


def test_who_is_unpublished_is_out_on_every_machine_and_gone_from_the_dataset(
    hub: HubServer, x: XServer, machine: Machine
) -> None:
    for number, handle in enumerate(["ada", "bob"]):
        accounts.add(x, handle, number)
    machine("two")
    fetch("ada")
    machine("one")
    fetch("ada")
    fetch("bob")
    unpublish(published(hub, "ada"))
    assert pages(hub).keys() == {"bob"}
    assert len(kept(hub).commits) == 1
    assert not list(settings.timelines().glob("ada-*"))
    machine("two")
    with pytest.raises(OptedOutError) as refused:
        opt_outs.require_absent(["Ada"])
    assert f"opt-outs.txt of hf://datasets/{STORE}" in refused.value.next_step
    post(x, "bob", 10)
    fetch("bob")
    assert pages(hub).keys() == {"bob"}  # although machine two still has pages of ada


def test_an_opt_out_beside_another_loses_neither(hub: HubServer) -> None:
    opt_outs.add(["ada"])
    old = kept(hub).files["opt-outs.txt"]
    edited = {"opt-outs.txt": old + b"bob  # asked by mail\n"}
    hub.faults.meanwhile("POST", "/commit/", lambda: kept(hub).commit(edited))
    opt_outs.add(["eve"])
    assert opt_outs.listed() == {"ada", "bob", "eve"}


def test_a_refused_unpublish_is_remembered_nowhere(hub: HubServer, x: XServer, machine: Machine) -> None:
    accounts.add(x, "ada", 1)
    machine("one")
    fetch("ada")
    hub.faults.answer("DELETE", "/api/repos/delete", 403)
    with pytest.raises(HubError):
        unpublish(published(hub, "ada"))
    machine("two")
    opt_outs.require_absent(["ada"])
    assert pages(hub).keys() == {"ada"}


def test_nothing_is_unpublished_where_the_opt_out_cannot_be_remembered(hub: HubServer, home: Path) -> None:
    repo_id = published(hub, "ada")
    hub.faults.answer("POST", "/commit/", 503, times=99)
    with pytest.raises(HubError):
        unpublish(repo_id)
    assert repo_id in hub.repos and (home / opt_outs.FILE).read_text() == ""


def test_what_could_not_be_deleted_is_said_and_deleted_by_the_next_run(
    hub: HubServer, x: XServer, machine: Machine
) -> None:
    for number, handle in enumerate(["ada", "bob"]):
        accounts.add(x, handle, number)
    machine("one")
    fetch("ada")
    repo_id = published(hub, "ada")
    hub.faults.meanwhile("DELETE", "/api/repos/", lambda: hub.faults.answer("POST", "/commit/", 503, times=5))
    with pytest.raises(HubError, match="is deleted, but hf://datasets/alice/store still has"):
        unpublish(repo_id)
    assert repo_id not in hub.repos and "ada" in pages(hub)
    machine("two")
    fetch("bob")
    assert pages(hub).keys() == {"bob"} and len(kept(hub).commits) == 1


def test_a_squash_that_failed_is_made_up_for_by_the_next_run(hub: HubServer, x: XServer) -> None:
    accounts.add(x, "ada", 1)
    accounts.add(x, "bob", 2)
    fetch("ada")
    hub.faults.answer("POST", "/super-squash/", 403)
    with pytest.raises(HubError, match="still has what was read"):
        unpublish(published(hub, "ada"))
    assert len(kept(hub).commits) > 1
    store.look_again()  # as a new process does
    fetch("bob")
    assert len(kept(hub).commits) == 1 and set(pages(hub)) == {"bob"}
