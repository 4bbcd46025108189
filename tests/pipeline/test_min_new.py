"""What counts as new since a publication (`--min-new`)."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi

import huggingtweets_hub
from huggingtweets_hub import Silent
from tests.posts import templates
from tests.servers.hub import HubServer

ADA = "huggingtweets/ada"
TEXTS = templates.natural(400)
Publish = Callable[..., bool]


@pytest.fixture
def is_trained(hub: HubServer, trained: None, tiny_gpt2: Path, tmp_path: Path) -> Publish:
    """Publish the posts, given oldest first, and say whether a model was trained."""

    def run(posts: list[dict[str, Any]], **options: Any) -> bool:
        path = tmp_path / "ada.jsonl"
        path.write_text("\n".join(map(json.dumps, reversed(posts))), "utf-8")
        before = fingerprint(hub)
        huggingtweets_hub.publish(
            "ada", source=path, base_model=tiny_gpt2, epochs=1, samples=4, progress=Silent(), **options
        )
        return fingerprint(hub) != before

    return run


def recorded(hub: HubServer) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(hub.repos[ADA].files["huggingtweets.json"])
    return content


def fingerprint(hub: HubServer) -> str | None:
    return str(recorded(hub)["fingerprint"]) if ADA in hub.repos else None


def posts(number: int, *, ids: bool = True, times: bool = True) -> list[dict[str, Any]]:
    """One an hour since New Year's Day, 0 o'clock."""
    start = datetime(2024, 1, 1, tzinfo=UTC)
    return [
        {
            "text": TEXTS[n],
            **({"id": str(1_700_000_000_000_000_000 + n)} if ids else {}),
            **({"created_at": (start + timedelta(hours=n)).isoformat()} if times else {}),
        }
        for n in range(number)
    ]


@pytest.mark.parametrize(("ids", "times"), [(True, True), (True, False), (False, True), (False, False)])
def test_posts_of_the_last_day_are_new(is_trained: Publish, ids: bool, times: bool) -> None:
    def so_far(number: int) -> list[dict[str, Any]]:
        return posts(number, ids=ids, times=times)

    is_trained(so_far(112))  # the last one at 15:00
    assert not is_trained(so_far(112), min_new=1)
    assert not is_trained(so_far(116), min_new=5)
    assert is_trained(so_far(124), min_new=5)  # 8 more that day, and 4 the next


@pytest.mark.parametrize("ids", [True, False])
def test_a_limit_to_the_number_of_posts_hides_none_that_is_new(is_trained: Publish, ids: bool) -> None:
    is_trained(posts(100, ids=ids, times=False), max_tweets=80)
    assert not is_trained(posts(140, ids=ids, times=False), max_tweets=80, min_new=50)
    assert is_trained(posts(160, ids=ids, times=False), max_tweets=80, min_new=50)


def test_a_publication_that_recorded_the_day_alone_is_told_by_day_and_number(
    hub: HubServer, is_trained: Publish
) -> None:
    is_trained(posts(112))
    facts = recorded(hub)
    del facts["accounts"][0]["newest"]
    put(facts)
    assert not is_trained(posts(115), min_new=5)
    assert is_trained(posts(124), min_new=5)


def test_facts_that_are_not_whole_are_no_reason_to_refuse(hub: HubServer, is_trained: Publish) -> None:
    is_trained(posts(112))
    facts = recorded(hub)
    facts["accounts"][0]["newest"]["time"] = "yesterday"
    put(facts)
    assert is_trained(posts(113), min_new=50)


def put(facts: dict[str, Any]) -> None:
    content = json.dumps(facts).encode()
    HfApi().upload_file(path_or_fileobj=content, path_in_repo="huggingtweets.json", repo_id=ADA)
