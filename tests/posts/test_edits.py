"""Edited posts count once, whatever the format that tells of the edit."""

from typing import Any

import pytest

from huggingtweets_hub import Post
from huggingtweets_hub.posts import edits


def kept(*records: dict[str, Any]) -> list[str | None]:
    posts = [Post(text="a", id=str(one.get("tweet", one)["id"])) for one in records]
    return [post.id for post in edits.last_versions(posts, filter(None, map(edits.versions, records)))]


def v2(number: int, *history: int) -> dict[str, Any]:
    return {"id": str(number), "edit_history_tweet_ids": [str(one) for one in history]}


def initial(number: int, *ids: int) -> dict[str, Any]:
    return {
        "tweet": {"id": str(number), "edit_info": {"initial": {"editTweetIds": [str(one) for one in ids]}}}
    }


def edited(number: int, first: int, *ids: int) -> dict[str, Any]:
    control = {"editTweetIds": [str(one) for one in ids]} if ids else None
    edit = {"initialTweetId": str(first), "editControlInitial": control}
    return {"tweet": {"id": str(number), "edit_info": {"edit": edit}}}


def test_posts_that_were_never_edited_have_no_versions() -> None:
    assert edits.versions(v2(1, 1)) == edits.versions(initial(1, 1)) == edits.versions({"id": "1"}) == ()


def test_of_the_versions_in_a_file_the_last_is_kept() -> None:
    assert kept(initial(1, 1, 2), edited(2, 1, 1, 2), initial(3, 3)) == ["2", "3"]
    assert kept(edited(3, 1, 1, 2, 3), edited(2, 1, 1, 2, 3), initial(1, 1, 2, 3)) == ["3"]


def test_a_version_may_know_only_those_before_it() -> None:
    assert kept(v2(5, 5), v2(6, 5, 6), v2(7, 5, 6, 7)) == ["7"]
    assert kept(v2(7, 5, 6, 7), v2(6, 5, 6), v2(5, 5)) == ["7"]
    assert kept(initial(1, 1), edited(2, 1)) == ["2"]


def test_the_last_version_that_is_there_counts_where_later_ones_are_not() -> None:
    assert kept(v2(5, 5, 6, 7), v2(6, 5, 6, 7)) == ["6"]
    assert kept(v2(5, 5, 6)) == ["5"]


def test_ids_are_compared_as_numbers() -> None:
    assert kept(v2(9, 9, 10), v2(10, 9, 10)) == ["10"]


@pytest.mark.parametrize(
    "record",
    [
        {"id": 2, "edit_history_tweet_ids": "['1', '2']"},  # in a table
        {"id": 2, "edit_history_tweet_ids": [1, 2]},
        {"id": 2, "edit_history_post_ids": ["1", "2"]},
        {"id": 2, "edit_control": {"initial_tweet_id": 1, "edit_control_initial": {"edit_tweet_ids": [2]}}},
        {"id": 2, "edit_control": {"edit_tweet_ids": ["1", "2"]}},
    ],
)  # fmt: skip
def test_every_format_that_knows_of_edits(record: dict[str, Any]) -> None:
    assert edits.versions(record) == ("1", "2")


@pytest.mark.parametrize(
    "record",
    [
        {"edit_history_tweet_ids": 5},
        {"edit_history_tweet_ids": "1.58E+18"},
        {"edit_history_tweet_ids": {"a": 1}},
        {"edit_info": [1]},
        {"edit_info": {"edit": 5, "initial": "x"}},
        {"edit_info": {"initial": {"editTweetIds": {"a": "1"}}}},
        {"edit_info": {"edit": {"initialTweetId": ["x"]}}},
    ],
)
def test_what_is_no_history_changes_nothing(record: dict[str, Any]) -> None:
    assert kept({"id": "1", **record}, {"id": "2", **record}) == ["1", "2"]
