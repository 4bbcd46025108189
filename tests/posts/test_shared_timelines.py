"""A real timeline in every shape it comes in, where it lies beside the checkout."""

from pathlib import Path

import pytest

from huggingtweets_hub import Silent
from huggingtweets_hub.core.records import Statistics
from huggingtweets_hub.posts import corpus
from huggingtweets_hub.posts import source as posts_source
from huggingtweets_hub.posts.budget import Budget

NASA = Path(__file__).parents[3] / "shared" / "data" / "NASA"
pytestmark = pytest.mark.skipif(not NASA.is_dir(), reason="the real timeline is not here")

WHOLE = "97d3a946f96483aaf6d297b4236d263efe9ea927956c0faeae7bddf34e8a9c81"
EXPECTED = {
    "tweets.jsonl.gz": ((3200, 770, 3, 2427), WHOLE),
    "pages.jsonl.gz": ((3200, 770, 3, 2427), WHOLE),
    "tweets.csv.gz": ((3200, 770, 3, 2427), WHOLE),
    "x-archive.zip": ((3200, 770, 3, 2427), WHOLE),
    "x-archive-multipart.zip": (
        (900, 232, 1, 667),
        "0448331481242dd885cf91c5fef6128c8c47a2c24abdfe69da0811a678d32fd0",
    ),
    "x-archive-2019-tweet.js.zip": (
        (300, 86, 1, 213),
        "661c2dcf8448190788619f1be004a43e4a23bc33b3a8b27bd350a63178d5ed2e",
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_file_gives_the_original_counts_and_digest(name: str) -> None:
    source = posts_source.open(NASA / name, Budget(0))
    account = source.account()
    assert account is None or account.handle == "NASA"
    timeline = source.fetch("nasa", max_tweets=None, since=None, progress=Silent())
    built = corpus.build([timeline])
    counts, digest = EXPECTED[name]
    assert built.statistics == (
        Statistics(**dict(zip(("downloaded", "retweets", "short", "kept"), counts, strict=True))),
    )
    assert built.kept_sha256 == digest
    assert built.language == ("en",)
