"""A batch whose pages go to a dataset: few commits, and another machine goes on."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from huggingtweets_hub.batch.local import LocalEngine
from huggingtweets_hub.batch.run import Batch
from huggingtweets_hub.core.errors import HubError
from huggingtweets_hub.hub import opt_outs, store
from tests.batch import accounts
from tests.batch.support import commits, states, waited_for
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer

STORE = "alice/store"
HANDLES = ["ada", "bob", "eve"]


@pytest.fixture(autouse=True)
def _store(monkeypatch: pytest.MonkeyPatch, x: XServer) -> None:
    monkeypatch.setenv("HUGGINGTWEETS_STORE", f"hf://datasets/{STORE}")
    for number, handle in enumerate(HANDLES):
        accounts.add(x, handle, number)


def pushes(hub: HubServer) -> int:
    return sum(commit.title.startswith("Keep") for commit in hub.datasets[STORE].commits)


def handles(hub: HubServer) -> set[str]:
    """Whose pages are in the dataset."""
    found = hub.datasets[STORE].files if STORE in hub.datasets else ()
    return {path.split("/")[1].split("-")[0] for path in found if path.startswith("timelines/")}


def test_a_batch_makes_one_commit_of_all_accounts(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch]
) -> None:
    assert set(states(batch(HANDLES)).values()) == {"published"}
    assert (pushes(hub), handles(hub)) == (1, set(HANDLES))
    asked = [request for request in hub.log if request.path.startswith(f"/api/datasets/{STORE}?")]
    assert len(asked) == 2  # whether it is there, and once it is


def test_what_is_new_is_bought_on_a_machine_that_knows_nothing(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch],
    machine: Callable[[str], Path],
) -> None:  # fmt: skip
    machine("one")
    batch(HANDLES)
    machine("two")
    x.add_tweets("ada", accounts.rows(900, 60))
    done = batch(HANDLES, refresh=True)
    assert states(done) == {"ada": "published", "bob": "unchanged", "eve": "unchanged"}
    assert done.tweets_bought == 60 and set(x.reads.values()) == {1}
    assert (pushes(hub), commits(hub)["huggingtweets/ada"]) == (2, 2)


def test_what_was_bought_is_pushed_while_the_batch_runs(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_PUSHED_SECONDS", 0.05)
    pushed: list[bool] = []

    def wait() -> None:
        pushed.append(waited_for(lambda: handles(hub) == {"ada"}))

    hub.faults.meanwhile("POST", "/api/models/.*/commit/", wait)
    batch(["ada"])
    assert pushed == [True]


@pytest.mark.parametrize("end", [RuntimeError, KeyboardInterrupt])
def test_what_was_bought_is_pushed_whatever_ends_the_batch(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch,
    end: type[BaseException],
) -> None:  # fmt: skip
    def break_off(engine: LocalEngine, _: object) -> None:
        engine.ready.get()  # ada has been read
        raise end

    monkeypatch.setattr(LocalEngine, "_train", break_off)
    with pytest.raises(RuntimeError) if end is RuntimeError else nullcontext():
        assert batch(["ada"]).left == 1
    assert handles(hub) == {"ada"}


def test_a_dataset_that_cannot_be_read_stops_the_batch_before_it_begins(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch]
) -> None:
    hub.faults.answer("GET", "/api/datasets/", 500, times=99)
    with pytest.raises(HubError, match="read the dataset"):
        batch(HANDLES)
    assert not x.log


def test_who_opted_out_on_one_machine_is_left_alone_on_another(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch],
    machine: Callable[[str], Path],
) -> None:  # fmt: skip
    machine("one")
    opt_outs.add(["bob"])
    machine("two")
    done = batch(HANDLES)
    assert states(done) == {"ada": "published", "bob": "excluded", "eve": "published"}
