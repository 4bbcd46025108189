"""A file that was looked at before a run begins is not read again when its turn comes."""

from pathlib import Path

import pytest

from huggingtweets_hub import Silent
from huggingtweets_hub.posts import source
from huggingtweets_hub.posts.budget import Budget
from tests.posts.exports import instagram, picture
from tests.servers.repositories import of_posts

ROWS = """{"username": "ann", "text": "hers, hers, hers"}
{"username": "bob", "text": "his, his, his"}
{"text": "whose?"}
"""


@pytest.mark.parametrize(
    ("name", "content", "handles"),
    [
        ("posts.jsonl", ROWS.encode(), ["ann", "bob"]),
        ("posts_1.json", instagram({"media": [picture("a caption")]}).encode(), ["instagram:ann"]),
        ("repo.car", of_posts(["a post"]).car(), ["ann.bsky.social"]),
    ],
)
def test_what_was_checked_is_what_is_taken(
    tmp_path: Path, name: str, content: bytes, handles: list[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    def read() -> list[object]:
        return [reader.fetch(one, max_tweets=None, since=None, progress=Silent()) for one in handles]

    reader = source.open(path, Budget(0))
    unchecked = read()
    for handle in handles:
        source.require_usable(reader, handle)
    path.unlink()
    assert read() == unchecked
