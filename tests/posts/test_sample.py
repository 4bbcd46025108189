"""The sample: a fictional account with every case that the rules know."""

import pytest

from huggingtweets_hub import Silent
from huggingtweets_hub.core.errors import WrongAccountError
from huggingtweets_hub.posts import corpus
from huggingtweets_hub.posts.sample import Sample


def test_the_sample_is_enough_to_train_on_and_varied() -> None:
    timeline = Sample().fetch("Lighthouse_Ada", max_tweets=None, since=None, progress=Silent())
    built = corpus.build([timeline])
    (counts,) = built.statistics
    assert counts.downloaded == len(timeline.tweets) == 425
    assert counts.retweets > 20 and counts.short > 10 and counts.kept > 300
    assert not corpus.is_little(built)
    assert built.counted_by_letters == 3
    assert any(tweet.is_reply for tweet in timeline.tweets)
    assert max(map(len, built.kept)) > 280


def test_the_sample_is_nobody_elses_timeline() -> None:
    with pytest.raises(WrongAccountError, match="timeline of @lighthouse_ada, not of @nasa"):
        Sample().fetch("nasa", max_tweets=None, since=None, progress=Silent())
