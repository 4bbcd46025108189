"""Two commands at once on one machine and in one home."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from huggingtweets_hub.hub import opt_outs
from tests.batch import accounts
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer
from tests.survival.forking import Forks
from tests.survival.support import leftovers, quick_options, read_again, sound_weights


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Forks]:
    made = Forks(tmp_path / "other.log")
    yield made
    made.close()


def test_two_that_publish_the_same_account_make_one_commit_and_pay_once_also_where_one_is_killed(
    hub: HubServer, x: XServer, tiny_gpt2: Path, home: Path, forks: Forks, other: Forks
) -> None:
    accounts.add(x, "ada", 1)
    words = ["publish", "ada", *quick_options(tiny_gpt2), "--epochs", "3"]
    with ThreadPoolExecutor() as threads:
        doomed = threads.submit(forks.run, *words, kill_after=1.0)  # in the middle
        waits = threads.submit(other.run, *words)
        assert doomed.result().was_killed
        third = threads.submit(forks.run, *words)
        ends = [waits.result(), third.result()]
    assert [end["status"] for end in ends] == [0, 0], ends
    assert sorted("(unchanged)" in end["said"] for end in ends) == [False, True]
    sound_weights(hub, "huggingtweets/ada", "ada")
    assert len(x.reads) == 120 and len(read_again(x)) <= 100  # a page in flight when it was killed
    assert leftovers(home) == []


def test_many_that_opt_out_at_once_are_all_on_the_list(home: Path) -> None:
    handles = [f"user{number}" for number in range(30)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda handle: opt_outs.add([handle], f"huggingtweets/{handle}"), handles))
    assert opt_outs.listed() == set(handles)
