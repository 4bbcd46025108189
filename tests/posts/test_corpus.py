"""The original's rules, and what is added to them."""

import dataclasses
from datetime import UTC, date, datetime, timedelta

import pytest

from huggingtweets_hub.core.errors import EmptyTimelineError, TooLittleTextError
from huggingtweets_hub.core.records import Account, Post, Statistics, Timeline
from huggingtweets_hub.posts import corpus, split
from tests.posts import templates


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
    with pytest.raises(TooLittleTextError, match=r"5 kept posts.*7 posts read: 1 retweet, 1 short"):
        corpus.build([timeline(*LONG[:5], "RT @bob: hello", "Fog.")])


def test_refusals_speak_of_an_account_and_its_posts_as_its_network_does() -> None:
    boosted = Timeline(account=Account(handle="ada@m.example"), tweets=(Post(text="", is_retweet=True),) * 2,
                       source="mastodon")  # fmt: skip
    with pytest.raises(TooLittleTextError, match="2 posts read: 2 boosts, 0 short"):
        corpus.build([boosted])
    commented = Timeline(account=Account(handle="reddit:ada"), tweets=(Post(text=LONG[0]),), source="file")
    with pytest.raises(EmptyTimelineError, match="^u/ada: none of 1 post match"):
        corpus.select(commented, since=date(2024, 1, 1))


def test_little_text_is_told_apart_from_enough() -> None:
    assert corpus.is_little(corpus.build([timeline(*LONG)]))
    assert not corpus.is_little(corpus.build([timeline(*(f"{n} {text}" for n in range(6) for text in LONG))]))


@pytest.mark.parametrize("times", [200, 1_000])
@pytest.mark.parametrize("different", [1, 2])
def test_few_different_posts_are_refused_with_their_number(different: int, times: int) -> None:
    texts = [f"The {word} lamp turned all night and nobody came to see it." for word in ("old", "new")]
    with pytest.raises(
        TooLittleTextError, match=rf"{different * times:,} kept posts, but only {different} of"
    ):
        corpus.build([timeline(*texts[:different] * times)])


def test_three_different_posts_count_as_three_whatever_their_number() -> None:
    texts = [f"{word} " * 10 for word in ("lamp", "gull", "ship")]
    with pytest.raises(TooLittleTextError, match="900 kept posts, but only 3 of them are different"):
        corpus.build([timeline(*texts * 300)])
    long = [f"{word} " * 5_000 for word in ("lamp", "gull", "ship")]
    built = corpus.build([timeline(*long)])
    assert [len(part) for part in (built.train, built.validation, built.held_out)] == [1, 1, 1]
    with pytest.raises(TooLittleTextError, match="at least 6,000 characters in 3 posts"):
        corpus.build([timeline(*long[:2])])


def test_the_split_puts_no_text_on_two_sides_and_counts_a_held_out_one_once() -> None:
    texts = templates.natural(600)
    built = corpus.build([timeline(*texts, *map(str.upper, texts), *texts[:50])])
    parts = [built.train, built.validation, built.held_out]
    sides = [{text.casefold() for text in part} for part in parts]
    assert sum(map(len, sides)) == len(sides[0] | sides[1] | sides[2]) > 570
    assert len(built.held_out) == len(sides[2])
    assert built.near_copies == len(built.kept) > 1_200


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4, 0.6, 0.9, 0.97])
@pytest.mark.parametrize("forms", [1, 2, 40])
def test_nothing_held_out_has_a_near_copy_on_another_side(share: float, forms: int) -> None:
    number = 1_000
    many = int(share * number)
    texts = templates.templated(many, forms, seed=3) + templates.natural(number - many, vocabulary=20_000)
    built = corpus.build([timeline(*texts)])
    assert not templates.crossing(built.held_out, {*built.train, *built.validation})
    assert not templates.crossing(built.validation, built.train)
    assert built.held_out_near_copies == 0
    assert built.train and built.validation and built.held_out
    if share < 0.5:
        assert len(built.train) > 0.7 * number
        assert 0.07 * number < number - len(built.train) - len(built.validation) < 0.16 * number
        assert 0.02 * number < len(built.validation) < 0.1 * number
    assert built.near_copies >= 0.9 * many


def test_an_account_of_one_template_is_divided_and_says_so() -> None:
    built = corpus.build([timeline(*LONG)])
    assert built.held_out_near_copies == len(built.held_out) > 5
    assert built.near_copies == len(LONG)


class Compared(str):
    """A digest that counts how often any of its kind is compared."""

    times = 0

    def __lt__(self, other: str) -> bool:
        Compared.times += 1
        return super().__lt__(other)


def test_a_post_of_a_large_group_of_near_copies_costs_no_more_than_one_of_a_small_group() -> None:
    def cost(number: int) -> float:
        texts = [f"Lamp log {n}: the light turned all night and nobody came to see." for n in range(number)]
        Compared.times = 0
        split.split(texts, {text: Compared(split.digest(text)) for text in texts})
        return Compared.times / number

    assert 0 < cost(2_000) < 2 * cost(200)


def test_posts_that_are_added_leave_the_others_where_they_are() -> None:
    texts = templates.natural(2_000, vocabulary=20_000)
    small, large = corpus.build([timeline(*texts[:1_500])]), corpus.build([timeline(*texts)])
    assert len(set(small.held_out) - set(large.held_out)) < 5
    assert len(set(small.train) - set(large.train)) < 10
    again = corpus.build([timeline(*reversed(texts))])
    assert set(again.train) == set(large.train)


def test_counts_and_kept_texts_are_the_originals_but_tails_are_not_trained_on() -> None:
    texts = [f"{text} Read more: https://t.co/{i}" for i, text in enumerate(templates.natural(400))]
    texts = [text.replace(" Read", ". Read") for text in texts]
    built = corpus.build([timeline(*texts)])
    assert all(text.endswith("Read more:") for text in built.kept) and len(built.kept) == 400
    assert not [
        t for part in (built.train, built.validation, built.held_out) for t in part if t.endswith(":")
    ]


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


def posted(*hours: int, **fields: object) -> Timeline:
    """Posts of 5 January from 0 o'clock on, one for each of these hours, newest first."""
    start = datetime(2024, 1, 5, tzinfo=UTC)
    tweets = [
        Post(text=f"The lamp was lit at {hour} again", created_at=start + timedelta(hours=hour), **fields)  # type: ignore[arg-type]
        for hour in sorted(hours, reverse=True)
    ]
    return Timeline(account=Account(handle="ada"), tweets=tuple(tweets), source="file")


def test_posts_later_on_the_last_day_are_new() -> None:
    known = corpus.newest(posted(1, 9, 15))
    assert known.time == "2024-01-05T15:00:00+00:00" and known.id is None and known.kept == 3
    assert corpus.newer(posted(1, 9, 15, *range(16, 24), *range(24, 28)), known) == 12
    assert corpus.newer(posted(9, 15), known) == 0


def test_a_retweet_hides_no_post_of_its_day() -> None:
    retweet = Post(text="RT @bob: hello there", id="99", created_at=datetime(2024, 1, 5, 23, tzinfo=UTC))
    before = dataclasses.replace(posted(1), tweets=(retweet, *posted(1).tweets))
    assert corpus.newer(posted(1, 10, 12), corpus.newest(before)) == 2


def test_ids_tell_what_is_new_where_there_are_no_times_or_all_are_the_same() -> None:
    day = datetime(2024, 1, 5, tzinfo=UTC)
    for time in (None, day, day.replace(tzinfo=None)):
        posts = [Post(text=f"The lamp was lit {n}", id=str(9 + n), created_at=time) for n in range(20)]
        after = Timeline(account=Account(handle="ada"), tweets=tuple(posts), source="file")
        before = dataclasses.replace(after, tweets=tuple(posts[:5]))
        known = corpus.newest(before)
        assert known.id == "13"
        assert corpus.newer(after, known) == 15
        assert corpus.newer(dataclasses.replace(after, tweets=tuple(posts[3:9])), known) == 4


def test_posts_without_times_and_ids_are_counted() -> None:
    assert corpus.newer(timeline(*LONG), corpus.newest(timeline(*LONG[:50], "Fog."))) == 70
    assert corpus.newer(timeline(*LONG[:50]), corpus.newest(timeline(*LONG))) == 0
