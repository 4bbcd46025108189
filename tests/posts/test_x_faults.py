"""Every call to the X API, and all that can go wrong with it: once, and without end.

`FAULTS` is the table: what happens, what becomes of a run in which it happens once, and of one in which it
never stops. Whatever it is, the timeline is whole in the end and no post was paid for twice, but where X has
billed what never arrived or what it sends again.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import pytest
import stamina

from huggingtweets_hub import Silent, Timeline
from huggingtweets_hub.core import server_time
from huggingtweets_hub.core.errors import (
    HuggingTweetsError,
    NoXCreditsError,
    RateLimitedError,
    RejectedXTokenError,
    SourceError,
    XUnavailableError,
)
from huggingtweets_hub.posts import deadline
from huggingtweets_hub.posts import source as posts_source
from huggingtweets_hub.posts.budget import Budget
from huggingtweets_hub.posts.x_api import client
from tests.servers.x_api import Fault, Reply, Request, XServer

POSTS = 250
CALLS = {"get_user": ("/by/username/", 0), "first page": ("/tweets", 0), "later page": ("/tweets", 1)}
PAGES = ("first page", "later page")
DEEP = "[" * 100_000
MONTH = 30 * 24 * 3600


@dataclass(frozen=True)
class Trouble:
    """A kind of fault.

    Attributes:
        happen: Make it happen to requests whose path matches: (server, path, times, skip).
        ends: What a run ends with where it goes on; None where all is read nevertheless.
        passes: A single one is got over by the same run; else by the next.
        paid: X bills what the fault costs, which no client can avoid.
        calls: Which calls it can happen to.
        minutes: For how long a run may wait because X names a time.
    """

    happen: Callable[[XServer, str, float, int], None]
    ends: type[HuggingTweetsError] | None
    passes: bool = True
    paid: bool = False
    calls: tuple[str, ...] = tuple(CALLS)
    minutes: float = 5


def answers(status: int, body: Any = None, **headers: str) -> Callable[[XServer, str, float, int], None]:
    """Another answer than X's."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda x, path, times, skip: x.faults.answer(path, status, body, named, times, skip)


def does(name: str, **options: Any) -> Callable[[XServer, str, float, int], None]:
    """One of the server's own faults."""
    return lambda x, path, times, skip: getattr(x.faults, name)(path, times=times, skip=skip, **options)


def silent(x: XServer, path: str, times: float, skip: int) -> None:
    """No answer."""

    def reply(x: XServer, request: Request) -> Reply:
        x.clock.hangs = True
        return Reply(200, "", how="never")

    x.faults.add(Fault(path, reply, times, skip))


def trickling(x: XServer, path: str, times: float, skip: int) -> None:
    """The honest answer, which takes hours."""

    def reply(x: XServer, request: Request) -> Reply:
        answer = replace(x.answer(request), how="slowly")
        x.clock.hangs = True
        return answer

    x.faults.add(Fault(path, reply, times, skip))


def repeated(x: XServer, path: str, times: float, skip: int) -> None:
    """The first page, and its price, with a new token that leads to the page that was asked for."""

    def reply(x: XServer, request: Request) -> Reply:
        query = {name: value for name, value in request.query.items() if name != "pagination_token"}
        first = x.answer(replace(request, query=query))
        first.body["meta"]["next_token"] = x.mint(request, x.position(request))
        return first

    x.faults.add(Fault(path, reply, times, skip))


def renamed(x: XServer, path: str, times: float, skip: int) -> None:
    """The names of August 2026 in the place of the old ones."""

    def reply(x: XServer, request: Request) -> Reply:
        return replace(honest := x.answer(request), body=_with_new_names(honest.body))

    x.faults.add(Fault(path, reply, times, skip))


def _with_new_names(value: Any) -> Any:
    names = {"note_tweet": "note_post", "referenced_tweets": "referenced_posts", "tweet_count": "post_count"}
    if isinstance(value, dict):
        return {names.get(name, name): _with_new_names(part) for name, part in value.items()}
    return [_with_new_names(part) for part in value] if isinstance(value, list) else value


def page(*posts: Any, **meta: Any) -> dict[str, Any]:
    return {"data": list(posts), "meta": {"result_count": len(posts), **meta}}


GOOD = {"id": "1", "text": "hello"}
FAULTS = {
    # --- X refuses
    "401": Trouble(answers(401), RejectedXTokenError, passes=False),
    "402, no credits left": Trouble(answers(402), NoXCreditsError, passes=False),
    "403": Trouble(does("not_enrolled"), RejectedXTokenError, passes=False),
    "404": Trouble(answers(404), SourceError, passes=False),
    # --- X asks to wait
    "429 with a time": Trouble(does("rate_limit", reset_in=60), RateLimitedError),
    "429 with a time in a quarter of an hour": Trouble(
        does("rate_limit", reset_in=900), RateLimitedError, minutes=50
    ),
    "429 without a time": Trouble(does("rate_limit", reset_in=None), RateLimitedError),
    "429 with a time that is over": Trouble(does("rate_limit", reset_in=-MONTH), RateLimitedError),
    "429 with a time far away": Trouble(
        does("rate_limit", reset_in=MONTH), RateLimitedError, passes=False, minutes=0
    ),
    "429 with a time without end": Trouble(
        answers(429, x_rate_limit_reset="9" * 400), RateLimitedError, passes=False, minutes=0
    ),
    "429 with a time that is no number": Trouble(
        answers(429, x_rate_limit_reset="soon"), XUnavailableError
    ),
    "429, the usage cap": Trouble(does("usage_cap"), NoXCreditsError, passes=False, minutes=0),
    # --- X is down
    "408": Trouble(answers(408), XUnavailableError),
    "500": Trouble(answers(500), XUnavailableError),
    "502": Trouble(answers(502), XUnavailableError),
    "503": Trouble(answers(503), XUnavailableError),
    "503 as HTML": Trouble(does("html", status=503), XUnavailableError),
    "503 with a list": Trouble(answers(503, "[]"), XUnavailableError),
    "503 with errors that are no list": Trouble(answers(503, {"errors": None}), XUnavailableError),
    # --- the connection
    "a connection that is closed": Trouble(does("drop"), XUnavailableError),
    "a connection that is reset": Trouble(does("reset"), XUnavailableError),
    "no answer": Trouble(silent, XUnavailableError),
    "an answer that trickles": Trouble(trickling, XUnavailableError, paid=True),
    "a body that is cut": Trouble(does("truncate"), XUnavailableError, paid=True),
    "an answer that is lost": Trouble(does("lose_reply"), XUnavailableError, paid=True),
    # --- no JSON, or not the one that was asked for
    "200 as HTML": Trouble(does("html"), XUnavailableError),
    "200 and nothing": Trouble(answers(200, ""), XUnavailableError),
    "a body that is not packed as it says": Trouble(
        answers(200, "no", content_encoding="gzip"), XUnavailableError
    ),
    "no UTF-8": Trouble(answers(200, b"\xff\xfe\xfa{}"), XUnavailableError),
    "JSON without end": Trouble(answers(200, DEEP), XUnavailableError),
    "a list": Trouble(answers(200, "[]"), XUnavailableError),
    "null": Trouble(answers(200, "null"), XUnavailableError),
    "an empty object": Trouble(answers(200, {}), XUnavailableError),
    "data that is null": Trouble(answers(200, {"data": None}), XUnavailableError),
    "data that is a text": Trouble(answers(200, {"data": "none", "meta": {}}), XUnavailableError),
    "data that is a list of texts": Trouble(answers(200, page("a", "b")), XUnavailableError),
    "errors that say nothing": Trouble(answers(200, {"errors": ["?"]}), XUnavailableError),
    "an error that X does not explain": Trouble(
        answers(200, {"errors": [{"title": "Internal"}]}), XUnavailableError, passes=False
    ),
    "a user without an id": Trouble(
        answers(200, {"data": {"username": "Ada", "name": "Ada"}}), XUnavailableError, calls=("get_user",)
    ),
    "a user whose id is a path": Trouble(
        answers(200, {"data": {"id": "../../7", "username": "Ada", "name": "Ada"}}), XUnavailableError,
        calls=("get_user",),
    ),
    "another user": Trouble(
        answers(200, {"data": {"id": "7", "username": "Eve", "name": "Eve"}}), XUnavailableError,
        calls=("get_user",),
    ),
    "posts without an id": Trouble(answers(200, page({"text": "?"})), XUnavailableError, calls=PAGES),
    "posts without a text": Trouble(answers(200, page({"id": "5"})), XUnavailableError, calls=PAGES),
    "posts whose id is no number": Trouble(
        answers(200, page({"id": "x", "text": "?"})), XUnavailableError, calls=PAGES
    ),
    "posts without meta": Trouble(answers(200, {"data": [GOOD]}), XUnavailableError, calls=PAGES),
    "meta that is null": Trouble(answers(200, {"data": [], "meta": None}), XUnavailableError, calls=PAGES),
    "a token that is a number": Trouble(answers(200, page(next_token=7)), XUnavailableError, calls=PAGES),
    "a count without the posts": Trouble(
        answers(200, {"meta": {"result_count": 100, "next_token": "a"}}), XUnavailableError, calls=PAGES
    ),
    # --- pages that lead nowhere
    "an empty page": Trouble(does("empty_page"), XUnavailableError, calls=PAGES),
    "the same page again": Trouble(repeated, XUnavailableError, paid=True, calls=("later page",)),
    "the same token again": Trouble(does("repeat_token"), None, calls=("later page",)),
    # --- no fault
    "the new names of fields": Trouble(renamed, None),
}  # fmt: skip
MATRIX = [(call, name) for name, trouble in FAULTS.items() for call in trouble.calls]


class Clock:
    """The time of the client, which passes only where it waits.

    Attributes:
        waits: The waits between two tries.
        hangs: The answer that is waited for does not come.
    """

    def __init__(self) -> None:
        self.now = time.time()
        self.waits: list[float] = []
        self.hangs = False

    def __call__(self) -> float:
        return self.now

    time = monotonic = __call__

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def wait(self, answers: list[Future[Any]], seconds: float) -> Any:
        """In the place of `concurrent.futures.wait`."""
        while not (waited := wait(answers, 0.005)).done:
            if self.hangs:
                self.hangs = False
                self.now += seconds
                break
        return waited


class Notes(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, message: str) -> None:
        self.lines.append(message)

    warn = note


@pytest.fixture
def clock(x: XServer, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Waiting as it is, but on a clock of its own, which is X's too."""
    clock = Clock()
    stamina.set_testing(False)
    monkeypatch.setattr("tenacity.nap.time", clock)
    monkeypatch.setattr(client, "time", clock)
    monkeypatch.setattr(server_time, "time", clock)
    monkeypatch.setattr(deadline, "wait", clock.wait)
    x.clock = clock
    return clock


@pytest.fixture
def ada(x: XServer) -> XServer:
    """An X API with an account of three pages."""
    user = {"id": "42", "username": "Ada", "name": "Ada", "public_metrics": {"tweet_count": POSTS}}
    posts = [
        {"id": str(1000 + n), "text": f"tweet {n}", "created_at": "2024-03-01T12:00:00.000Z"}
        for n in range(POSTS)
    ]
    posts[7] |= {"text": "cut…", "note_tweet": {"text": "a long post, whole"}}
    posts[8] |= {"referenced_tweets": [{"type": "retweeted", "id": "9"}]}
    x.add_account(user, posts)
    return x


def fetch(progress: Silent | None = None) -> Timeline:
    source = posts_source.open("x", Budget(20))
    return source.fetch("ada", max_tweets=None, since=None, progress=progress or Silent())


def require_whole(timeline: Timeline) -> None:
    """Each post once, with all that belongs to it."""
    assert [tweet.id for tweet in timeline.tweets] == [str(n) for n in range(1249, 999, -1)]
    assert timeline.tweets[-8].text == "a long post, whole"
    assert [tweet.id for tweet in timeline.tweets if tweet.is_retweet] == ["1008"]


def extra(x: XServer) -> int:
    """How many posts, and users, were paid for more than once."""
    return sum(x.reads.values()) - POSTS + x.user_reads - 1


@pytest.mark.parametrize(("call", "name"), MATRIX)
def test_what_goes_wrong_once_costs_no_post_and_no_money(
    ada: XServer, clock: Clock, call: str, name: str
) -> None:
    trouble, (path, skip) = FAULTS[name], CALLS[call]
    trouble.happen(ada, path, 1, skip)
    if not trouble.passes:
        with pytest.raises(trouble.ends or HuggingTweetsError) as refused:
            fetch()
        assert refused.value.next_step
    require_whole(fetch())
    assert not ada.faults.pending
    assert 0 < extra(ada) <= 100 if trouble.paid else extra(ada) == 0


@pytest.mark.parametrize(("call", "name"), MATRIX)
def test_what_goes_wrong_for_ever_ends_soon_and_the_next_run_finishes(
    ada: XServer, clock: Clock, call: str, name: str
) -> None:
    trouble, (path, skip) = FAULTS[name], CALLS[call]
    trouble.happen(ada, path, inf, skip)
    began, notes = clock.now, Notes()
    if trouble.ends is None:
        fetch(notes)
    else:
        with pytest.raises(trouble.ends) as refused:
            fetch(notes)
        assert refused.value.next_step
    assert len(ada.log) <= 100
    assert clock.now - began <= 60 * trouble.minutes
    shown = [line for line in notes.lines if "asks to wait" in line or "Trying again" in line]
    assert len(shown) == len(clock.waits)
    ada.faults.pending.clear()
    require_whole(fetch())
    assert 0 < extra(ada) <= 500 if trouble.paid else extra(ada) == 0


@pytest.mark.parametrize("hours", [-3, 0, 3])
def test_how_long_to_wait_goes_by_the_clock_of_x(ada: XServer, clock: Clock, hours: int) -> None:
    ada.clock = lambda: clock.now + 3600 * hours
    ada.faults.rate_limit("/tweets", reset_in=60)
    require_whole(fetch())
    assert len(clock.waits) == 1 and 60 <= clock.waits[0] <= 62


def test_without_a_time_at_x_the_own_clock_counts(ada: XServer, clock: Clock) -> None:
    reset = str(int(clock.now) + 60)
    ada.faults.answer("/tweets", 429, headers={"date": "", "x-rate-limit-reset": reset})
    ada.faults.answer("/tweets", 429, headers={"date": "yesterday", "x-rate-limit-reset": reset})
    require_whole(fetch())
    assert 59 <= clock.waits[0] <= 62 and len(clock.waits) == 2


def test_a_time_that_x_names_is_waited_for_and_then_there_are_tries_left(ada: XServer, clock: Clock) -> None:
    ada.faults.rate_limit("/tweets", reset_in=840)
    ada.faults.answer("/tweets", 503, times=3)
    require_whole(fetch())


def test_each_wait_is_shown_with_its_reason(ada: XServer, clock: Clock) -> None:
    ada.faults.answer("/by/", 503)
    ada.faults.reset("/tweets")
    ada.faults.html("/tweets")
    ada.faults.rate_limit("/tweets", reset_in=60)
    notes = Notes()
    fetch(notes)
    said = " / ".join(notes.lines)
    assert "status 503. Trying again in 2 s" in said
    assert "the connection broke. Trying again in 2 s" in said
    assert "an answer that cannot be read (JSONDecodeError). Trying again in 3 s" in said
    assert "X asks to wait for 6" in said


def test_an_answer_that_does_not_come_is_given_up_after_a_minute(ada: XServer, clock: Clock) -> None:
    began = clock.now
    silent(ada, "/tweets", 1, 0)
    require_whole(fetch())
    assert clock.now - began - sum(clock.waits) == pytest.approx(60)


@pytest.mark.parametrize("number", [2, 9])
def test_several_empty_pages_in_a_row_are_passed_through(ada: XServer, clock: Clock, number: int) -> None:
    ada.faults.empty_page("/tweets", times=number, skip=1)
    require_whole(fetch())
    assert extra(ada) == 0


def test_posts_that_come_twice_are_counted_once(ada: XServer, clock: Clock) -> None:
    ada.faults.repeat_page("/tweets", skip=1)
    source = posts_source.open("x", Budget(20))
    timeline = source.fetch("ada", max_tweets=200, since=None, progress=Silent())
    assert [tweet.id for tweet in timeline.tweets] == [str(n) for n in range(1249, 1049, -1)]
    assert timeline.tweets_bought == 300  # which X has billed


def test_a_look_up_that_finds_nobody_costs_nothing(x: XServer) -> None:
    budget = Budget(20)
    with pytest.raises(SourceError, match="no account @ada"):
        posts_source.open("x", budget).fetch("ada", max_tweets=None, since=None, progress=Silent())
    assert budget.spent == x.user_reads == 0


def test_the_usage_cap_says_what_it_is_at_once(ada: XServer, clock: Clock) -> None:
    ada.faults.usage_cap("/tweets", skip=1)
    with pytest.raises(NoXCreditsError, match="monthly usage cap") as refused:
        fetch()
    assert "It continues from here" in refused.value.next_step
    assert not clock.waits and len(ada.log) == 3


def test_several_faults_one_after_the_other_cost_nothing(ada: XServer, clock: Clock) -> None:
    ada.faults.reset("/by/")
    ada.faults.answer("/by/", 500)
    for path in ("/tweets",) * 3:
        ada.faults.answer(path, 503)
        ada.faults.html(path)
        ada.faults.drop(path)
        ada.faults.rate_limit(path, reset_in=120)
    with pytest.raises(XUnavailableError):
        fetch()
    require_whole(fetch())
    assert extra(ada) == 0
