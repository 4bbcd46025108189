"""Before anything starts, a batch says what it is about to do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub import batch_status
from huggingtweets_hub.batch.run import Batch
from huggingtweets_hub.core.errors import InvalidInputError, NoWriteAccessError
from huggingtweets_hub.core.progress import Silent
from huggingtweets_hub.hub import repo
from tests.batch import accounts
from tests.batch.support import states
from tests.servers.hub import HubServer


class Notes(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture
def plan(hub: HubServer, near: list[str], batch: Callable[..., Batch]) -> Callable[..., list[str]]:
    """What a batch says first."""

    def run(entries: list[Any], **options: Any) -> list[str]:
        notes = Notes()
        batch(entries, progress=notes, trust_users_file=True, epochs=1, **options)
        return notes.said

    return run


def test_the_plan_counts_what_is_new_and_what_was_there(
    plan: Callable[..., list[str]], tmp_path: Path
) -> None:
    ada, bob = (
        {"handle": handle, "from": str(accounts.write(tmp_path, handle, n))}
        for n, handle in enumerate(["ada", "bob"])
    )
    assert plan([ada])[0] == "To do: 1 new. To: huggingtweets (1)."
    said = plan([ada, {**bob, "namespace": "alice"}], refresh=True)
    assert "To do: 1 published before, to be trained again if it has changed, 1 new. To: " in said[0]
    assert "huggingtweets (1)" in said[0] and "alice (1)" in said[0]
    assert said[1] == "Options to double-check: namespace (1)."
    assert "nowhere (a dry run) (1)" in plan([ada], refresh=True, dry_run=True)[0]


def test_my_own_namespace_is_not_an_option_to_look_at_twice(
    plan: Callable[..., list[str]], tmp_path: Path
) -> None:
    ada = {"handle": "ada", "from": str(accounts.write(tmp_path, "ada", 1)), "repo-id": "alice/bot"}
    assert not any("double-check" in line for line in plan([ada], namespace="@me"))


def test_the_plan_names_what_is_replaced_that_is_not_ours(
    hub: HubServer, plan: Callable[..., list[str]], tmp_path: Path
) -> None:
    hub.add_repo("huggingtweets/precious", {"README.md": b"# Mine", "model.safetensors": b"0"})
    hub.add_repo("huggingtweets/empty", {".gitattributes": b""})
    ada = {"handle": "ada", "from": str(accounts.write(tmp_path, "ada", 1)), "overwrite": True}
    names = ("precious", "empty", "new")
    said = plan([{**ada, "repo-id": f"huggingtweets/{name}", "force": True} for name in names])
    assert said[:3] == [
        "To do: 3 new. To: huggingtweets (3).",
        "1 will replace a repository not made by this toolkit (overwrite): huggingtweets/precious.",
        "Options to double-check: overwrite (3), force (3).",
    ]


def test_many_repositories_are_looked_up_by_listing_them(hub: HubServer) -> None:
    for n in range(25):
        hub.add_repo(f"lab/m{n}", {"README.md": b"# Mine"})
    asked = [f"Lab/M{n}" for n in range(50)]
    assert repo.foreign(asked) == {f"Lab/M{n}" for n in range(25)}
    assert len([call for call in hub.log if "/api/models" in call.path]) == 1


def test_a_users_file_that_asks_for_more_than_it_may_starts_nothing(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path
) -> None:
    hub.add_repo("huggingtweets/precious", {"README.md": b"# Mine"})
    ada = {"handle": "ada", "from": str(accounts.write(tmp_path, "ada", 1))}
    more = {"overwrite": True, "repo-id": "huggingtweets/precious"}
    with pytest.raises(InvalidInputError, match="1 finding"):
        batch([{**ada, **more}])
    assert near == [] and hub.repos["huggingtweets/precious"].files["README.md"] == b"# Mine"
    assert states(batch([{**ada, **more}], trust_users_file=True)) == {"precious": "published"}


def test_what_is_passed_over_is_said_by_its_reason(
    batch: Callable[..., Batch], plan: Callable[..., list[str]], tmp_path: Path
) -> None:
    ada, bob, eve = (
        {
            "handle": handle,
            "from": str(accounts.write(tmp_path, handle, n, count=3 if handle == "bob" else 60)),
        }
        for n, handle in enumerate(["ada", "bob", "eve"])
    )
    first = plan([ada, bob, eve], limit=2)
    assert "1 is left for another run (--limit)." in first
    (failed,) = (line for line in first if line.split("] ")[-1].startswith("failed"))
    assert "\n    " in failed  # what to do about it
    assert batch([ada, bob, eve], only_failed=True, trust_users_file=True, epochs=1).already == 1
    said = plan([ada, bob, eve], only_failed=True)
    assert said[:2] == [
        "1 of the accounts needs nothing.",
        "1 has not been tried, or has changed since. A batch without --only-failed takes it.",
    ]
    last = plan([ada, bob, eve])
    left = "1 failed before, and is left until its entry or file changes. --only-failed tries it again."
    assert left in last


def test_what_is_refused_before_it_begins_leaves_nothing_in_the_ledger(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path
) -> None:
    with pytest.raises(NoWriteAccessError):
        batch([{"handle": "ada", "from": str(accounts.write(tmp_path, "ada", 0))}], namespace="nasa")
    assert batch_status() == ()
