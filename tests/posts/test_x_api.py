"""The X API through the real tweepy: nothing is paid for twice, nothing is lost."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub import Silent, Timeline
from huggingtweets_hub.core.errors import (
    AccountNotFoundError,
    AccountProtectedError,
    AccountSuspendedError,
    CostLimitError,
    EmptyTimelineError,
    InvalidInputError,
    MissingXTokenError,
    NoXCreditsError,
    RateLimitedError,
    RejectedXTokenError,
    SourceError,
    XUnavailableError,
)
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.posts import source as posts_source
from huggingtweets_hub.posts.budget import Budget
from tests.servers.x_api import XServer

USER = {
    "id": "42",
    "username": "Ada",
    "name": "Ada 🔦",
    "protected": False,
    "profile_image_url": "https://pbs.twimg.com/profile_images/1/a_normal.jpg",
}


def tweets(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "id": str(1000 + n),
            "text": f"tweet {n}",
            "created_at": f"2024-03-{1 + n // 100:02}T12:00:00.000Z",
            "lang": "en",
        }
        for n in range(start, start + count)
    ]


def add(x: XServer, count: int) -> None:
    metrics = {"followers_count": 1, "following_count": 1, "tweet_count": count, "listed_count": 0}
    x.add_account({**USER, "public_metrics": metrics}, tweets(count))


def fetch(
    max_tweets: int | None = None,
    *,
    max_cost: float = 20,
    since: date | None = None,
    progress: Progress | None = None,
) -> Timeline:
    source = posts_source.open("x", Budget(max_cost))
    return source.fetch("ada", max_tweets=max_tweets, since=since, progress=progress or Silent())


class Notes(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, message: str) -> None:
        self.lines.append(message)


def test_a_timeline_is_read_whole_and_newest_first(x: XServer) -> None:
    add(x, 250)
    timeline = fetch()
    assert [tweet.id for tweet in timeline.tweets] == [str(n) for n in range(1249, 999, -1)]
    assert timeline.account.handle == "Ada"
    assert timeline.account.avatar_url == "https://pbs.twimg.com/profile_images/1/a_400x400.jpg"
    assert timeline.tweets[0].lang == "en" and timeline.tweets[0].created_at is not None
    assert timeline.tweets_bought == 250
    assert timeline.cost_usd == pytest.approx(250 * 0.005 + 0.01)


def test_a_second_fetch_buys_nothing_and_a_later_one_only_what_is_new(x: XServer) -> None:
    add(x, 250)
    first = fetch()
    again = fetch()
    assert again.tweets == first.tweets
    assert (again.tweets_bought, again.cost_usd) == (0, 0)
    x.add_tweets("ada", tweets(30, start=250))
    later = fetch()
    assert later.tweets_bought == 30
    assert len(later.tweets) == 280
    assert set(x.reads.values()) == {1}
    assert x.user_reads == 1


@pytest.mark.parametrize("lost", ["503", "drop", "html", "truncate", "empty", "rate limit"])
def test_what_passes_by_itself_is_tried_again(x: XServer, lost: str) -> None:
    add(x, 250)
    faults: dict[str, Callable[[], None]] = {
        "503": lambda: x.faults.answer("/tweets", 503, skip=1, times=2),
        "drop": lambda: x.faults.drop("/tweets", skip=1),
        "html": lambda: x.faults.html("/tweets", skip=1),
        "truncate": lambda: x.faults.truncate("/tweets", skip=1),
        "empty": lambda: x.faults.answer("/tweets", 200, "", skip=1),
        "rate limit": lambda: x.faults.rate_limit("/tweets", reset_in=None, skip=1),
    }
    faults[lost]()
    assert len(fetch().tweets) == 250


def test_a_rate_limit_that_lasts_is_an_error_and_loses_nothing(x: XServer) -> None:
    add(x, 250)
    x.faults.rate_limit("/tweets", reset_in=3600, skip=1)
    with pytest.raises(RateLimitedError, match="asks to wait"):
        fetch()
    assert len(fetch().tweets) == 250
    assert set(x.reads.values()) == {1}


def test_a_token_that_x_no_longer_takes_does_not_end_a_timeline(x: XServer) -> None:
    add(x, 250)
    x.credits = 100
    with pytest.raises(NoXCreditsError):
        fetch()
    x.credits = None
    x._tokens.clear()
    assert len(fetch().tweets) == 250
    assert set(x.reads.values()) == {1}


def test_a_process_killed_in_the_middle_goes_on_where_it_was(x: XServer, home: Path) -> None:
    add(x, 950)
    code = """
import os, signal
from huggingtweets_hub import Silent
from huggingtweets_hub.posts import source as sources
from huggingtweets_hub.posts.budget import Budget
from huggingtweets_hub.posts.x_api import pages as kept
append, pages = kept.append_synced, []
def append_and_die(path, line):
    append(path, line)
    pages.append(path.name == "pages.jsonl")
    if sum(pages) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
kept.append_synced = append_and_die
sources.open("x", Budget(20)).fetch("ada", max_tweets=None, since=None, progress=Silent())
"""
    killed = subprocess.run([sys.executable, "-c", code], env={**os.environ}, capture_output=True)
    assert killed.returncode == -9, killed.stderr
    assert sum(x.reads.values()) == 400
    timeline = fetch()
    assert len(timeline.tweets) == 950
    assert timeline.tweets_bought == 550
    assert set(x.reads.values()) == {1}


def test_a_line_cut_off_by_a_kill_is_passed_over(x: XServer, home: Path) -> None:
    add(x, 250)
    fetch()
    (pages,) = home.rglob("pages.jsonl")
    data = pages.read_bytes()
    pages.write_bytes(data[:-50])
    assert len(fetch().tweets) == 250


def test_a_limit_buys_no_more_and_can_be_raised_later(x: XServer) -> None:
    add(x, 500)
    assert len(fetch(150).tweets) == 150
    assert sum(x.reads.values()) == 150
    assert len(fetch(300).tweets) == 300
    x.add_tweets("ada", tweets(20, start=500))
    newest = fetch(100)
    assert newest.tweets[0].id == "1519"
    assert len(fetch().tweets) == 520
    assert set(x.reads.values()) == {1}


def test_reading_stops_below_the_first_day(x: XServer) -> None:
    add(x, 900)
    fetch(since=date(2024, 3, 8))
    assert sum(x.reads.values()) <= 300


def test_the_cost_is_said_before_the_first_post_is_read(x: XServer) -> None:
    add(x, 250)
    notes = Notes()
    fetch(progress=notes)
    assert any("up to 250 posts of @Ada" in line and "about $1.26" in line for line in notes.lines)
    assert any("Developer Agreement" in line for line in notes.lines)
    fetch(3, progress=notes)
    assert notes.lines[-1].endswith("for at most $0.02.")  # 1.5 cents


@pytest.mark.parametrize("limit", [0.0, 0.5, 1.0])
def test_a_fetch_over_the_limit_is_refused_before_a_post_is_read(x: XServer, limit: float) -> None:
    add(x, 250)
    with pytest.raises(CostLimitError, match="--max-cost"):
        fetch(max_cost=limit)
    assert not x.reads


def test_credits_that_run_out_keep_what_was_read(x: XServer) -> None:
    add(x, 250)
    x.credits = 150
    with pytest.raises(NoXCreditsError, match="no credits left"):
        fetch()
    x.credits = 1000
    assert len(fetch().tweets) == 250
    assert set(x.reads.values()) == {1}


def test_each_account_that_cannot_be_read_is_its_own_error(x: XServer) -> None:
    with pytest.raises(AccountNotFoundError, match="no account @ada"):
        fetch()
    x.add_suspended("ada")
    with pytest.raises(AccountSuspendedError, match="@ada is suspended"):
        fetch()


def test_a_protected_account(x: XServer) -> None:
    x.add_account({**USER, "protected": True}, tweets(10))
    with pytest.raises(AccountProtectedError, match="protected"):
        fetch()


def test_an_account_without_posts(x: XServer) -> None:
    add(x, 0)
    with pytest.raises(EmptyTimelineError, match="no posts"):
        fetch()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (lambda x: x.faults.not_enrolled(), RejectedXTokenError),
        (lambda x: x.faults.answer("/users", 401), RejectedXTokenError),
        (lambda x: x.faults.answer("/users", 402), NoXCreditsError),
        (lambda x: x.faults.answer("/users", 400), SourceError),
    ],
)
def test_a_refusal_is_not_tried_again(x: XServer, fault: Callable[[XServer], None], error: type) -> None:
    add(x, 10)
    fault(x)
    with pytest.raises(error) as refused:
        fetch()
    assert refused.value.next_step  # type: ignore[attr-defined]
    assert len(x.log) == 1


def test_no_token_shows_the_way_to_the_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("X_BEARER_TOKEN", raising=False)
    with pytest.raises(MissingXTokenError, match="archive"):
        fetch()


@pytest.mark.parametrize(
    "url", ["http://api.example.com", "ftp://127.0.0.1", "nonsense", "https://ada:secret@api.x.com"]
)
def test_the_token_goes_to_https_or_loopback_only(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("X_BEARER_TOKEN", "x-secret")
    monkeypatch.setenv("HUGGINGTWEETS_X_API_URL", url)
    with pytest.raises(InvalidInputError, match="neither https nor a loopback") as refused:
        fetch()
    assert ":secret" not in str(refused.value)


def test_the_token_does_not_follow_a_redirect(x: XServer) -> None:
    add(x, 10)
    x.faults.answer("/users", 302, "", headers={"Location": f"{x.url}/2/elsewhere"}, times=9)
    with pytest.raises(XUnavailableError):
        fetch()
    assert {request.path for request in x.log} == {"/2/users/by/username/ada"}


def test_the_token_is_in_no_file_and_no_error(x: XServer, home: Path) -> None:
    add(x, 250)
    x.faults.answer("/tweets", 401, skip=1)
    with pytest.raises(RejectedXTokenError) as refused:
        fetch()
    assert "x-secret" not in str(refused.value)
    for path in home.rglob("*"):
        assert not path.is_file() or b"x-secret" not in path.read_bytes()


@pytest.mark.parametrize("between", ["\n", "\r", "\t", " ", "é", "\x00", "\x7f"])
def test_what_cannot_be_a_token_is_refused_before_x_is_asked_and_not_shown(
    x: XServer, monkeypatch: pytest.MonkeyPatch, between: str
) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "X_BEARER_TOKEN": f" AAAAfirst{between}BBBBsecond\n"})
    with pytest.raises(RejectedXTokenError, match="The token in X_BEARER_TOKEN contains a space") as refused:
        fetch()
    assert "first" not in str(refused.value) and "second" not in str(refused.value)
    assert not x.log


def test_a_token_may_have_blanks_around_it(x: XServer, monkeypatch: pytest.MonkeyPatch) -> None:
    add(x, 10)
    monkeypatch.setenv("X_BEARER_TOKEN", f" {x.token}\r\n")
    assert len(fetch().tweets) == 10


def test_a_long_post_has_its_whole_text(x: XServer) -> None:
    long = {**tweets(1)[0], "text": "cut…", "note_tweet": {"text": "the whole text of a long post"}}
    x.add_account({**USER, "public_metrics": {"tweet_count": 1}}, [long])
    assert fetch().tweets[0].text == "the whole text of a long post"


def test_a_retweet_and_a_reply_are_marked(x: XServer) -> None:
    retweet = {**tweets(1)[0], "referenced_tweets": [{"type": "retweeted", "id": "9"}]}
    reply = {
        **tweets(1, 1)[0],
        "in_reply_to_user_id": "7",
        "referenced_tweets": [{"type": "replied_to", "id": "8"}],
    }
    x.add_account({**USER, "public_metrics": {"tweet_count": 2}}, [retweet, reply])
    newest, oldest = fetch().tweets
    assert newest.is_reply and not newest.is_retweet
    assert oldest.is_retweet and not oldest.is_reply


def test_what_is_kept_are_the_pages_as_x_sent_them(x: XServer, home: Path) -> None:
    add(x, 150)
    fetch()
    (pages,) = home.rglob("pages.jsonl")
    kept = [json.loads(line)["page"] for line in pages.read_text("utf-8").splitlines()]
    assert [len(page["data"]) for page in kept] == [100, 50]


def test_several_accounts_share_one_limit(x: XServer) -> None:
    add(x, 250)
    metrics = {"tweet_count": 250}
    bobs = [{**tweet, "id": f"2{tweet['id']}"} for tweet in tweets(250)]
    x.add_account({**USER, "id": "43", "username": "bob", "public_metrics": metrics}, bobs)
    source = posts_source.open("x", Budget(2))
    assert source.fetch("ada", max_tweets=None, since=None, progress=Silent()).tweets_bought == 250
    with pytest.raises(CostLimitError, match="@bob would cost"):
        source.fetch("bob", max_tweets=None, since=None, progress=Silent())
    assert sum(x.reads.values()) == 250


def test_a_later_fetch_does_not_go_over_the_limit(x: XServer) -> None:
    add(x, 100)
    fetch()
    x.add_tweets("ada", tweets(300, start=100))
    with pytest.raises(CostLimitError, match="would go over"):
        fetch(max_cost=0.75)
    assert sum(x.reads.values()) <= 250
    assert len(fetch().tweets) == 400
    assert set(x.reads.values()) == {1}
