"""The original's rules, and what is added to them."""

from datetime import UTC, date, datetime

import pytest

from huggingtweets_hub.core.errors import EmptyTimelineError, TooLittleTextError
from huggingtweets_hub.core.records import Account, Post, Statistics, Timeline
from huggingtweets_hub.posts import corpus


def timeline(*texts: str, **fields: object) -> Timeline:
    tweets = tuple(Post(text=text, **fields) for text in texts)  # type: ignore[arg-type]
    return Timeline(account=Account(handle="ada"), tweets=tweets, source="file")


LONG = [f"Lamp log {n}: the light turned all night and nobody came to see it." for n in range(120)]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Fish &amp; chips &lt;3 &gt;", "Fish & chips <3 >"),
        ("&amp;lt; is unescaped in that order", "< is unescaped in that order"),
        ("&quot;others stay&quot; &#39;", "&quot;others stay&quot; &#39;"),
        ("read https://t.co/abc now", "read now"),
        ("read http://t.co/abc", "read"),
        ("https://t.co/abc first", "first"),
        ("one\nhttps://t.co/abc two", "one two"),
        ("one\nhttps://t.co/abc", "one"),
        ("gluedhttps://t.co/abc", "glued"),
        ("  many \n\t blanks  ", "many blanks"),
    ],
)
def test_clean_follows_the_original(text: str, cleaned: str) -> None:
    assert corpus.clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Good morning", True),
        ("Good morning all", False),
        ("@bob @eve good morning", True),
        ("#fog #sea one two three", False),
        ("HTTPS one two", True),
        ("", True),
    ],
)
def test_short_counts_words_of_its_own(text: str, short: bool) -> None:
    assert corpus.is_short(text) is short


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("霧が深い。灯台を点けた。", False),
        ("おはよう", True),
        ("@bob おはよう #霧の朝です", True),
        ("สวัสดีตอนเช้าทุกคน", False),
    ],
)
def test_a_script_without_blanks_is_counted_by_letters(text: str, short: bool) -> None:
    assert corpus.is_unspaced(text)
    assert corpus.is_short(text, unspaced=True) is short


def test_a_word_of_japanese_in_an_english_tweet_changes_nothing() -> None:
    assert not corpus.is_unspaced("We ate 寿司 by the sea all day")


def test_counts_add_up_and_retweets_go_by_flag_or_text() -> None:
    built = corpus.build(
        [timeline(*LONG, "RT @bob: hello there you", "Fog."), timeline(*LONG, is_retweet=True)]
    )
    assert built.statistics == (
        Statistics(downloaded=122, retweets=1, short=1, kept=120),
        Statistics(downloaded=120, retweets=120, short=0, kept=0),
    )
    assert built.kept == tuple(LONG)


def test_too_little_text_is_refused_with_the_counts() -> None:
    with pytest.raises(TooLittleTextError, match=r"5 kept tweets.*7 tweets read: 1 retweets, 1 short"):
        corpus.build([timeline(*LONG[:5], "RT @bob: hello", "Fog.")])


def test_little_text_is_told_apart_from_enough() -> None:
    assert corpus.is_little(corpus.build([timeline(*LONG)]))
    assert not corpus.is_little(corpus.build([timeline(*(f"{n} {text}" for n in range(6) for text in LONG))]))


def test_the_split_keeps_all_and_puts_no_text_on_two_sides() -> None:
    twice = [text.upper() for text in LONG]
    built = corpus.build([timeline(*LONG, *twice)])
    parts = [built.train, built.validation, built.held_out]
    assert sorted(text for part in parts for text in part) == sorted(built.kept)
    sides = [{text.casefold() for text in part} for part in parts]
    assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])


def test_the_split_is_about_a_twentieth_and_a_tenth() -> None:
    built = corpus.build([timeline(*(f"{n} {text}" for n in range(20) for text in LONG))])
    assert 0.035 < len(built.validation) / len(built.kept) < 0.065
    assert 0.08 < len(built.held_out) / len(built.kept) < 0.12


def test_the_split_of_a_text_does_not_depend_on_the_others() -> None:
    small, large = corpus.build([timeline(*LONG)]), corpus.build([timeline(*LONG, *(t + "!" for t in LONG))])
    assert set(small.held_out) <= set(large.held_out)
    assert set(small.train) <= set(large.train)


def test_no_part_is_empty_even_in_a_small_corpus() -> None:
    texts = [f"{letter * 700} two three" for letter in "abcdefghi"]
    built = corpus.build([timeline(*texts)])
    assert built.validation and built.held_out and built.train


def test_language_is_that_of_a_tenth_of_the_tweets_or_more() -> None:
    german = timeline(*LONG[:30], lang="de").tweets
    codes = [*timeline(*LONG[30:100], lang="en").tweets, *german, *timeline(*LONG[100:103], lang="in").tweets]
    mixed = Timeline(account=Account(handle="ada"), source="file", tweets=tuple(codes))
    assert corpus.build([mixed]).language == ("en", "de")
    assert corpus.build([timeline(*LONG, lang="und")]).language == ()


def test_a_language_is_a_code_of_the_hub_whatever_a_source_calls_it() -> None:
    assert corpus.build([timeline(*LONG, lang="Brazilian Portuguese")]).language == ("pt",)
    for said in ("NA", "xx", "english?", 7):
        found = corpus.build([timeline(*LONG, lang=said)]).language
        assert found in ((), ("en",))


def test_selection_comes_before_counting() -> None:
    days = [datetime(2024, 3, day, tzinfo=UTC) for day in (5, 4, 3, 2, 1)]
    tweets = tuple(Post(text=f"tweet {d.day}", created_at=d, is_reply=d.day == 4) for d in days)
    whole = Timeline(account=Account(handle="ada"), source="file", tweets=tweets)

    def days_of(selected: Timeline) -> list[int]:
        return [tweet.created_at.day for tweet in selected.tweets if tweet.created_at]

    assert days_of(corpus.select(whole, since=date(2024, 3, 2), until=date(2024, 3, 4))) == [4, 3, 2]
    assert days_of(corpus.select(whole, replies=False, max_tweets=2)) == [5, 3]
    with pytest.raises(EmptyTimelineError, match="none of 5 tweets"):
        corpus.select(whole, since=date(2025, 1, 1))
