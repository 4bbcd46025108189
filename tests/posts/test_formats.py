"""Records of every known shape become the same tweet."""

from datetime import UTC, datetime
from typing import Any

import pytest

from huggingtweets_hub.posts import formats

WHEN = datetime(2024, 3, 5, 12, 0, 0, tzinfo=UTC)
V2 = {"id": "7", "text": "hello", "created_at": "2024-03-05T12:00:00.000Z", "lang": "en"}
V1 = {"id_str": "7", "full_text": "hello", "created_at": "Tue Mar 05 12:00:00 +0000 2024", "lang": "en"}
SHAPES: dict[str, dict[str, Any]] = {
    "v2": V2,
    "v1.1": V1,
    "archive": {"tweet": V1},
    "flat with numbers": {**V2, "id": 7},
    "a table's float id": {**V2, "id": 7.0},
    "twint": {"id": 7, "tweet": "hello", "date": "2024-03-05", "time": "12:00:00", "language": "en"},
    "twint json": {"id": 7, "tweet": "hello", "created_at": "2024-03-05 12:00:00 UTC", "language": "en"},
    "twscrape": {
        "id": 7,
        "id_str": "7",
        "rawContent": "hello",
        "date": "2024-03-05 12:00:00+00:00",
        "lang": "en",
    },
    "a time object": {**V2, "created_at": WHEN},
    "milliseconds": {**V2, "created_at": WHEN.timestamp() * 1000},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_shapes_agree(shape: str) -> None:
    tweet = formats.tweet(SHAPES[shape])
    assert tweet is not None
    assert (tweet.id, tweet.text, tweet.created_at, tweet.lang) == ("7", "hello", WHEN, "en")
    assert not tweet.is_retweet and not tweet.is_reply


@pytest.mark.parametrize(
    "mark",
    [
        {"referenced_tweets": [{"type": "retweeted", "id": "1"}]},
        {"referenced_posts": [{"type": "retweeted", "id": "1"}]},
        {"retweeted_status": {"id": 1}},
        {"retweetedTweet": {"id": 1}},
        {"is_retweet": "true"},
        {"is_retweet": True},
        {"retweet": "True"},
        {"text": "RT @bob: hello"},
    ],
)
def test_every_mark_of_a_retweet_counts(mark: dict[str, Any]) -> None:
    tweet = formats.tweet({**V2, **mark})
    assert tweet is not None and tweet.is_retweet


@pytest.mark.parametrize("mark", [{"is_retweet": "false"}, {"is_retweet": ""}, {"retweetedTweet": None},
                                  {"retweet": "False"}, {"retweet_id": ""}, {"retweeted": True},
                                  {"referenced_tweets": [{"type": "quoted", "id": "1"}]}])  # fmt: skip
def test_what_is_no_mark_of_a_retweet_does_not_count(mark: dict[str, Any]) -> None:
    tweet = formats.tweet({**V2, **mark})
    assert tweet is not None and not tweet.is_retweet


@pytest.mark.parametrize(
    ("mark", "reply"),
    [
        ({"referenced_tweets": [{"type": "replied_to", "id": "1"}]}, True),
        ({"in_reply_to_user_id": "9"}, True),
        ({"in_reply_to_status_id_str": "9"}, True),
        ({"inReplyToTweetId": 9}, True),
        ({"in_reply_to_status_id": None}, False),
        ({"in_reply_to_user_id": float("nan")}, False),
        ({"reply_to": "[]"}, False),
        ({"username": "Ada", "reply_to": "[{'user_id': '1', 'username': 'ada'}]"}, False),  # older twint
        ({"username": "Ada", "reply_to": [{"screen_name": "bob", "id": "1"}]}, True),
        ({"referenced_tweets": "[{'type': 'replied_to', 'id': '1'}]"}, True),
    ],
)
def test_replies_go_by_their_marks(mark: dict[str, Any], reply: bool) -> None:
    tweet = formats.tweet({**V2, **mark})
    assert tweet is not None and tweet.is_reply is reply


@pytest.mark.parametrize("name", ["note_tweet", "note_post"])
def test_a_long_post_has_its_whole_text(name: str) -> None:
    tweet = formats.tweet({**V2, "text": "he…", name: {"text": "hello at length"}})
    assert tweet is not None and tweet.text == "hello at length"


@pytest.mark.parametrize(
    "record",
    [
        {"username": "Ada", "name": "Ada L."},
        {"user": {"screen_name": "Ada", "name": "Ada L."}},
        {"user": {"username": "Ada", "displayname": "Ada L."}},
    ],
)
def test_the_author_is_found(record: dict[str, Any]) -> None:
    author = formats.author({**V2, **record})
    assert author is not None and (author.handle, author.name) == ("Ada", "Ada L.")


def test_no_author_is_made_up() -> None:
    assert formats.author({**V2, "name": "Ada L."}) is None
    assert formats.author({**V2, "username": "no handle!"}) is None


@pytest.mark.parametrize("number", [6.766075134633001e17, "6.76607513463300E+17", "nan", ""])
def test_a_rounded_id_is_no_id(number: Any) -> None:
    assert formats.tweet({"text": "hello", "id": number}).id is None


def test_flattened_columns_are_known() -> None:
    row = {"rawContent": "hello", "user.username": "Ada", "user.displayname": "Ada L."}
    author = formats.author(row)
    assert author is not None and (author.handle, author.name) == ("Ada", "Ada L.")


@pytest.mark.parametrize("time", ["soon", "2024-13-45", "", "NaT", None, "0001-01-01T00:00:00+05:00"])
def test_what_is_no_time_is_missing(time: str | None) -> None:
    assert formats.tweet({"text": "hello", "created_at": time}).created_at is None


def test_twints_time_zone_is_taken_into_account() -> None:
    row = {"tweet": "hello", "date": "2024-03-05", "time": "13:00:00", "timezone": "+0100"}
    assert formats.tweet(row).created_at == WHEN


def test_a_tweet_may_say_what_stands_for_nothing_elsewhere() -> None:
    assert formats.tweet({"text": "None"}).text == "None"
