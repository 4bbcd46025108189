"""JSON that is longer than a record: it is read as it would be if it were short."""

import json
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.core.errors import HuggingTweetsError, WrongAccountError
from huggingtweets_hub.posts import json_cursor
from huggingtweets_hub.posts.file import TweetFile
from tests.posts.archives import Told


def posts(first: int = 1, last: int = 20, **more: Any) -> list[dict[str, Any]]:
    return [
        {"id": str(1000 + n), "text": f"A good evening, number {n}", **more} for n in range(first, last + 1)
    ]


ANN, BOB = {"id": "1", "username": "ann"}, {"id": "2", "username": "bob"}
BOBS = posts(author_id="2")
ENTRIES = [{"entryId": f"tweet-{post['id']}", "content": {"tweet": post}} for post in posts()]
DOCUMENTS: dict[str, Any] = {
    "columns of pandas": {
        key: {str(n): post[key] for n, post in enumerate(posts())} for key in ("id", "text")
    },
    "columns as lists": {key: [post[key] for post in posts()] for key in ("id", "text")},
    "a list of lists": {"columns": ["id", "text"], "data": [list(post.values()) for post in posts()]},
    "by handle": {"ann": posts(1, 9), "bob": posts(10, 20)},
    "by handle, others": {"bob": posts(1, 9), "eve": posts(10, 20)},
    "any name": {"my_stuff": posts()},
    "any name beside others": {"version": 1, "handle": "ann", "my_stuff": posts(), "about": {"a": [1]}},
    "several names": {"version": 1, "one": posts(1, 9), "other": posts(10, 20)},
    "by id": {post["id"]: {"text": post["text"]} for post in posts()},
    "by id in a wrapper": {"tweets": {post["id"]: post for post in posts()}, "username": "ann"},
    "users after the posts": {"data": BOBS, "includes": {"users": [BOB]}},
    "users before the posts": {
        "includes": {"users": [BOB, ANN]},
        "data": [*BOBS, *posts(30, 35, author_id="1")],
    },
    "global objects": {
        "globalObjects": {"tweets": {post["id"]: post for post in BOBS}, "users": {"2": {"username": "bob"}}}
    },
    "a user before the posts": {"user": {"screen_name": "bob"}, "tweets": posts()},
    "a user after the posts": {"tweets": posts(), "user": {"screen_name": "bob"}},
    "an account": {"account": {"acct": "bob", "url": "https://o.example/@bob"}, "statuses": posts()},
    "a description": {"meta": {"screen_name": "bob"}, "statuses": posts()},
    "a handle after the posts": {"tweets": posts(), "handle": "ann"},
    "accounts": [{**BOB, "tweets": posts(1, 9)}, {"tweets": posts(10, 20), **ANN}],
    "accounts in a wrapper": {"data": [{**BOB, "tweets": posts(1, 9)}, {"tweets": posts(10, 20), **ANN}]},
    "entries": {"data": {"user": {"result": {"timeline": {"instructions": [{"entries": ENTRIES}]}}}}},
    "strays": {"tweets": [*posts(), {"code": 5, "error": "gone"}, {"deleted": True}], "lists": [[1], [2]]},
    "a long record": {"id": "5", "text": "A good evening", "username": "ann", "picture": "abcd" * 300},
    "texts": {"tweets": [post["text"] for post in posts()]},
    "no posts": {"users": [{**ANN, "followers": [BOB] * 30}]},
}  # fmt: skip


def found(path: Path) -> Any:
    """All that is read of a file, or why it cannot be."""
    told = Told()
    try:
        timeline = TweetFile(path).fetch("ann", max_tweets=None, since=None, progress=told)
        return timeline, told.notes, told.warnings, TweetFile(path).account()
    except HuggingTweetsError as error:
        return type(error), str(error)


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("indent", [None, 2])
def test_its_length_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, indent: int | None
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(DOCUMENTS[name], indent=indent), "utf-8")
    short = found(path)
    for length in (40, 300):
        monkeypatch.setattr(json_cursor, "_CHUNK", length)
        assert found(path) == short


@pytest.mark.parametrize(
    "name", [name for name in DOCUMENTS if name.startswith(("users after", "a user", "a desc"))]
)
def test_anothers_posts_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(DOCUMENTS[name]), "utf-8")
    monkeypatch.setattr(json_cursor, "_CHUNK", 300)
    with pytest.raises(WrongAccountError, match="posts of @bob, but none of @ann"):
        TweetFile(path).require_usable("ann")
