"""While X makes one account wait, what is here is trained and published."""

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import stamina

from huggingtweets_hub.batch.run import Batch
from tests.batch import accounts
from tests.batch.support import commits, states, waited_for
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer


def test_an_account_is_published_while_x_makes_another_one_wait(
    hub: HubServer, x: XServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    waits: list[tuple[float, bool]] = []

    def sleep(seconds: float) -> None:
        """Wait not for a time but for what is to happen in it."""
        waits.append((seconds, waited_for(lambda: commits(hub).get("huggingtweets/file") == 1)))

    stamina.set_testing(False)
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=sleep))
    accounts.add(x, "waits", 1)
    now = time.time()
    x.clock = lambda: now  # however long its answers take
    x.faults.rate_limit("/tweets", reset_in=6)
    file = {"handle": "file", "from": str(accounts.write(tmp_path, "file", 2))}
    assert states(batch(["waits", file])) == {"waits": "published", "file": "published"}
    ((seconds, was_published),) = waits
    assert 5 < seconds < 8 and was_published
    assert near == ["file", "waits"]
    assert commits(hub) == {"huggingtweets/file": 1, "huggingtweets/waits": 1}
    assert set(x.reads.values()) == {1}
