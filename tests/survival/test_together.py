"""Two commands at once on one machine and in one home."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from huggingtweets_hub.hub import opt_outs
from tests.batch import accounts
from tests.batch.support import waited_for
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer
from tests.survival.forking import Forks
from tests.survival.support import leftovers, quick_options, read_again, sound_weights


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Forks]:
    made = Forks(tmp_path / "other.log")
    yield made
    made.close()


@pytest.mark.slow
def test_two_that_publish_the_same_account_make_one_commit_and_pay_once_also_where_one_is_killed(
    hub: HubServer, x: XServer, tiny_gpt2: Path, home: Path, forks: Forks, other: Forks
) -> None:
    accounts.add(x, "ada", 1)
    words = ["publish", "ada", *quick_options(tiny_gpt2), "--epochs", "3"]
    was_killed = threading.Event()
    hub.faults.meanwhile("POST", "/repos/create", was_killed.wait)  # it may get as far as this
    doomed = forks.start(*words)
    assert waited_for(lambda: bool(x.log), doomed)  # it has the account in hand
    waits = other.start(*words)
    assert waited_for(lambda: "waiting for it to end" in waits.said(), waits)
    doomed.kill()
    assert doomed.wait().was_killed
    was_killed.set()
    third = forks.start(*words)
    ends = [waits.wait(), third.wait()]
    assert [end["status"] for end in ends] == [0, 0], ends
    assert sorted("(unchanged)" in end["said"] for end in ends) == [False, True]
    sound_weights(hub, "huggingtweets/ada", "ada")
    assert len(x.reads) == 120 and len(read_again(x)) <= 100  # a page in flight when it was killed
    # The part of a file that the kill struck goes with a later write, once it is sure that nobody writes it.
    assert [left for left in leftovers(home) if left.suffix != ".partial"] == []


def test_many_that_opt_out_at_once_are_all_on_the_list(home: Path) -> None:
    handles = [f"user{number}" for number in range(30)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda handle: opt_outs.add([handle]), handles))
    assert opt_outs.listed() == set(handles)
