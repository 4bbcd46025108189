"""Accounts of the Fediverse over the network: what their servers give, and what is made of it."""

import dataclasses
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import huggingtweets_hub
from huggingtweets_hub import Timeline
from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import (
    AccountInactiveError,
    AccountNotFoundError,
    AccountSuspendedError,
    EmptyTimelineError,
    InvalidInputError,
    OptedOutError,
    ServerRefusedError,
    ServerUnavailableError,
    SourceError,
    WrongAccountError,
)
from huggingtweets_hub.pipeline import workspace
from huggingtweets_hub.posts.fediverse import pages
from huggingtweets_hub.posts.fediverse.mastodon import Mastodon
from huggingtweets_hub.posts.reading import Reading
from huggingtweets_hub.posts.web import Web
from tests.posts.fediverse.reading import Told, texts
from tests.servers.at import Reply
from tests.servers.mastodon import LOGIN, PICTURE, MastodonServer, boost, status
from tests.servers.x_api import Fault

HANDLE, ID = "ann@m.example", "https://m.example/users/ann"
SECRET = "secret words"
HOME = {"at": "social.m.example", "id": "https://social.m.example/users/ann"}


@pytest.fixture
def fediverse(monkeypatch: pytest.MonkeyPatch) -> Iterator[MastodonServer]:
    """Servers without accounts."""
    with MastodonServer() as server:
        monkeypatch.setenv("HUGGINGTWEETS_FEDIVERSE_URL", server.url)
        yield server
        assert server.unhandled == []


def read(
    handle: str = HANDLE,
    told: Told | None = None,
    *,
    most: int | None = None,
    since: date | None = None,
    **chosen: Any,
) -> Timeline:
    source = Mastodon(Reading(**chosen))
    return source.fetch(handle, max_tweets=most, since=since, progress=told or Told())


def kept() -> list[Path]:
    return list(settings.timelines().glob("*/statuses.jsonl"))


# --- what is read -----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 39, 40, 41, 95])
def test_all_posts_are_read_page_by_page_up_to_an_empty_one(fediverse: MastodonServer, number: int) -> None:
    fediverse.add_account(HANDLE, map(status, range(1, number + 1)))
    told = Told()
    timeline = read(told=told)
    assert [int(post.id or 0) for post in timeline.tweets] == list(range(number, 0, -1))
    assert fediverse.asked("/statuses") == -(-number // 40) + 1
    assert {one.query["limit"] for one in fediverse.log if "limit" in one.query} == {"40"}
    assert (timeline.source, timeline.wishes) == ("mastodon", ())
    account = timeline.account
    assert (account.handle, account.name, account.id) == (HANDLE, "Ann of the Lamp", ID)
    assert account.profile_url == "https://m.example/@ann" and account.picture == PICTURE
    assert "https://m.example/about" in told.notes[0] and "settings/export" in told.notes[0]
    assert told.warnings == []


def test_no_login_cookie_or_proxy_is_used(fediverse: MastodonServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTODON_TOKEN", "secret")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    fediverse.add_account(HANDLE, [status(1)])
    read()
    assert not any({"authorization", "cookie"} & headers.keys() for headers in fediverse.headers)
    assert all("huggingtweets_hub/" in headers["user-agent"] for headers in fediverse.headers)


def test_boosts_replies_and_quotes_are_told_apart(fediverse: MastodonServer) -> None:
    own = {"in_reply_to_id": "1", "in_reply_to_account_id": "115"}
    other = {"in_reply_to_id": "77", "in_reply_to_account_id": "999"}
    gone = {"in_reply_to_id": "78", "in_reply_to_account_id": None}
    given = [
        status(1),
        boost(2, SECRET),
        status(3, **own),
        status(4, **other),
        status(5, **gone),
        status(6, quote={"state": "accepted", "quoted_status": status(9, SECRET)}),
        status(7, visibility="unlisted", language="pt-BR"),
        status(8, pleroma={"quote_url": None, "quote_id": "9"}),
    ]
    fediverse.add_account(HANDLE, given)
    found = {int(post.id or 0): post for post in read().tweets}
    assert [number for number, post in found.items() if post.is_retweet] == [2]
    assert [number for number, post in found.items() if post.is_reply] == [5, 4]
    assert [number for number, post in found.items() if post.is_quote] == [8, 6]
    assert (found[2].text, found[7].lang, found[1].lang) == ("", "pt-BR", "en")
    assert SECRET not in repr(found)


@pytest.mark.parametrize("visibility", ["private", "direct", "mutuals_only", "local", None, ..., 7])
def test_what_is_not_public_is_dropped_and_not_even_kept(fediverse: MastodonServer, visibility: Any) -> None:
    fediverse.add_account(HANDLE, [status(1), status(2, SECRET, visibility=visibility), boost(3, SECRET)])
    told = Told()
    assert texts(read(told=told).tweets) == ["", "post 1"]
    assert told.notes[1:] == ["@ann@m.example: left out 1 post for followers or single people."]
    (file,) = kept()
    assert SECRET not in file.read_text("utf-8") and SECRET not in str(told.notes)


def test_posts_of_others_and_strange_ones_are_dropped(fediverse: MastodonServer) -> None:
    other = status(2, SECRET, account={"id": "999", "acct": "bob"})
    fediverse.add_account(HANDLE, [status(1), other, status(3, content=7)])
    strange = (None, [], {"content": SECRET}, {"id": ["4"]})
    page = [*fediverse.hosted["m.example", "ann"].statuses, *strange]
    fediverse.faults.add(Fault("/statuses", lambda *_: Reply(200, page)))
    told = Told()
    assert texts(read(told=told).tweets) == ["post 1"]
    assert "1 post by other accounts, 1 post with a text that could not be read" in told.notes[-1]
    assert SECRET not in kept()[0].read_text("utf-8")


def test_content_warnings_are_as_they_were_chosen_also_of_what_is_kept(fediverse: MastodonServer) -> None:
    fediverse.add_account(HANDLE, [status(1), status(2, "inside", spoiler_text="outside")])
    assert texts(read().tweets) == ["post 1"]
    assert texts(read(content_warnings="keep").tweets) == ["inside", "post 1"]
    assert fediverse.asked("/statuses") == 2


def test_an_account_with_nothing_public_says_so(fediverse: MastodonServer) -> None:
    fediverse.add_account(HANDLE)
    with pytest.raises(EmptyTimelineError, match="has no public posts of @ann@m.example"):
        read()
    fediverse.add_account("bob@m.example", [status(1, spoiler_text="x")], id=f"{ID}2")
    with pytest.raises(EmptyTimelineError, match="only 1 post behind content warnings"):
        read("bob@m.example")


def test_pleromas_ids_and_order_are_kept(fediverse: MastodonServer) -> None:
    letters = "ABCDEFGHIJ"
    fediverse.software["m.example"] = "pleroma"
    given = [status(n, id=f"Ax{letters[n // 10]}{letters[n % 10]}") for n in range(1, 96)]
    fediverse.add_account(HANDLE, given, id="https://m.example/users/ann", uri=...)
    fediverse.hosted["m.example", "ann"].profile["id"] = "AxAnn"
    for one in given:
        one["account"] = {"id": "AxAnn"}
    posts = read().tweets
    assert len(posts) == 95 and posts[0].text == "post 95" and posts[-1].text == "post 1"


# --- only as much as is asked for -------------------------------------------------------------------


def test_no_more_is_asked_for_than_is_wanted(fediverse: MastodonServer) -> None:
    warned = (status(number, spoiler_text="x") for number in range(200, 240))
    fediverse.add_account(HANDLE, [*map(status, range(1, 200)), *warned])
    assert [post.id for post in read(most=30).tweets] == [str(n) for n in range(199, 169, -1)]
    assert fediverse.asked("/statuses") == 2  # the first page has none that may be taken
    assert len(read(most=100).tweets) == 100
    assert fediverse.asked("/statuses") == 4
    assert len(read().tweets) == 199
    assert fediverse.asked("/statuses") == 7


def test_no_older_posts_are_asked_for_than_since_a_day(fediverse: MastodonServer) -> None:
    dates = {1000 - number: f"2024-{12 - number // 40:02}-01T00:00:00Z" for number in range(1, 200)}
    fediverse.add_account(HANDLE, (status(number, created_at=day) for number, day in dates.items()))
    assert len(read(since=date(2024, 11, 1)).tweets) == 80
    assert fediverse.asked("/statuses") == 2


# --- which account it is ----------------------------------------------------------------------------


def test_the_server_below_a_domain_is_asked(fediverse: MastodonServer) -> None:
    fediverse.add_account(HANDLE, [status(1)], **HOME)  # type: ignore[arg-type]
    account = read().account
    assert (account.handle, account.id) == (HANDLE, HOME["id"])
    assert account.profile_url == "https://social.m.example/@ann"
    assert fediverse.asked("social.m.example/api") == 3 and fediverse.asked("^/m.example/api") == 0


def test_a_domain_may_send_us_to_its_server(fediverse: MastodonServer) -> None:
    fediverse.add_account(HANDLE, [status(1)], **HOME)  # type: ignore[arg-type]
    fediverse.redirects["m.example"] = "social.m.example"
    assert read().account.id == HOME["id"]


def test_a_domain_that_sends_us_round_in_a_circle_is_given_up(fediverse: MastodonServer) -> None:
    fediverse.redirects |= {"m.example": "b.example", "b.example": "m.example"}
    with pytest.raises(ServerUnavailableError, match="redirects in a circle"):
        read()
    assert len(fediverse.log) == 4


def test_a_server_that_does_not_know_the_handle_is_not_its_home(fediverse: MastodonServer) -> None:
    """Anyone can say of a handle on a domain of theirs that it is somebody else's account."""
    fediverse.add_account("bob@big.example", [status(1, SECRET)])

    def claims(at: Any, request: Any) -> Reply:
        link = {"rel": "self", "type": "application/activity+json", "href": "https://big.example/users/bob"}
        return Reply(200, {"subject": f"acct:{HANDLE}", "links": [link]})

    fediverse.faults.add(Fault("^/m.example/.well-known/webfinger", claims))
    with pytest.raises(AccountNotFoundError, match="big.example has no account @ann@m.example"):
        read()
    fediverse.faults.add(Fault("^/m.example/.well-known/webfinger", claims))
    fediverse.home[HANDLE] = (HANDLE, "https://big.example/users/carol")
    with pytest.raises(WrongAccountError, match="says that @ann@m.example is on big.example"):
        read()
    assert fediverse.asked("/api/") == 0


def test_a_second_name_of_an_account_is_refused_with_the_first(fediverse: MastodonServer) -> None:
    fediverse.add_account(HANDLE, [status(1)], **HOME)  # type: ignore[arg-type]
    fediverse.home["ann@social.m.example"] = (HANDLE, HOME["id"])
    with pytest.raises(WrongAccountError, match="@ann@social.m.example is called @ann@m.example"):
        read("ann@social.m.example")


def test_the_spelling_is_the_servers(fediverse: MastodonServer) -> None:
    fediverse.add_account("Ann@m.example", [status(1)])
    assert read("aNN@m.example").account.handle == "Ann@m.example"


def test_another_account_than_the_one_that_was_asked_for_is_refused(fediverse: MastodonServer) -> None:
    fediverse.add_account(HANDLE, [status(1)], acct="bob")
    with pytest.raises(WrongAccountError, match="gives the account bob for @ann@m.example"):
        read()


@pytest.mark.parametrize("handle", ["ann", "ann.bsky.social", "reddit:ann"])
def test_accounts_of_other_networks_are_refused_at_once(fediverse: MastodonServer, handle: str) -> None:
    with pytest.raises(InvalidInputError, match="mastodon"):
        Mastodon(Reading()).require_usable(handle)
    with pytest.raises(InvalidInputError, match="mastodon"):
        read(handle)
    assert fediverse.log == [] and Mastodon(Reading()).account() is None


# --- its wishes and its state -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "says"),
    [
        ({"indexable": False}, "does not want its posts to be found"),
        ({"noindex": True}, "does not want its posts to be found"),
        ({"note": "<p>I like tea. #nobot</p>"}, "wants no bots"),
        ({"fields": [{"name": "Please", "value": "<p>#noAI</p>"}]}, "wants no bots"),
        ({"display_name": "Ann #nobot"}, "wants no bots"),
    ],
)
def test_who_does_not_want_it_is_not_read(
    fediverse: MastodonServer, profile: dict[str, Any], says: str
) -> None:
    fediverse.add_account(HANDLE, [status(1)], **profile)
    with pytest.raises(OptedOutError, match=says):
        read()
    assert fediverse.asked("/statuses") == 0 and kept() == []
    assert len(read(consent="written").wishes) == 1


@pytest.mark.parametrize(
    ("profile", "wishes"),
    [
        ({"locked": True}, ("locked",)),
        ({"bot": True}, ("bot",)),
        ({"indexable": ..., "noindex": ..., "note": None, "bot": None}, ()),
        ({"indexable": None, "noindex": "yes", "note": 7}, ()),
    ],
)
def test_what_else_it_says_of_itself_is_kept(
    fediverse: MastodonServer, profile: dict[str, Any], wishes: tuple[str, ...]
) -> None:
    fediverse.add_account(HANDLE, [status(1)], **profile)
    assert read().wishes == wishes


@pytest.mark.parametrize(
    ("profile", "error", "said"),
    [
        ({"suspended": True}, AccountSuspendedError, "is suspended"),
        ({"memorial": True}, AccountInactiveError, "has died"),
        (
            {"moved": {"acct": "ann@new.example", "url": "https://new.example/@ann"}},
            AccountInactiveError,
            "has moved to https://new.example/@ann",
        ),
        ({"moved": {}}, AccountInactiveError, "has moved to another server"),
    ],
)
def test_an_account_that_is_no_longer_active_is_not_read_nor_kept(
    fediverse: MastodonServer, profile: dict[str, Any], error: type[SourceError], said: str
) -> None:
    account = fediverse.add_account(HANDLE, [status(1)])
    read()
    assert len(kept()) == 1
    account.profile |= profile
    with pytest.raises(error, match=said):
        read(consent="self")
    assert kept() == []


@pytest.mark.parametrize("call", ["webfinger", "lookup", "statuses"])
@pytest.mark.parametrize(("code", "error"), [(404, AccountNotFoundError), (410, AccountSuspendedError)])
def test_an_account_that_is_gone_is_gone_from_here_too(
    fediverse: MastodonServer, call: str, code: int, error: type[SourceError]
) -> None:
    fediverse.add_account(HANDLE, map(status, range(1, 90)))
    read(most=40)
    fediverse.faults.add(Fault(call, lambda *_: Reply(code, {"error": "Record not found"})))
    with pytest.raises(error, match=HANDLE):
        read()
    assert kept() == []


# --- servers that cannot be read --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("software", "said", "instead"),
    [
        ("misskey", "runs misskey", "notes.json"),
        ("wordpress", "runs wordpress", "--from FILE"),
        ("gotosocial", "runs gotosocial", "--from FILE"),
        ("", "does not have Mastodon's API", "--from FILE"),
    ],
)
def test_a_server_without_mastodons_api_is_named(
    fediverse: MastodonServer, software: str, said: str, instead: str
) -> None:
    fediverse.add_account(HANDLE, [status(1)])
    fediverse.software["m.example"] = software
    with pytest.raises(ServerRefusedError, match=f"m.example {said}") as caught:
        read()
    assert instead in caught.value.next_step


@pytest.mark.parametrize("call", ["lookup", "statuses"])
@pytest.mark.parametrize("code", [401, 403, 422])
def test_a_server_that_wants_a_login_says_so(fediverse: MastodonServer, call: str, code: int) -> None:
    fediverse.add_account(HANDLE, [status(1)])
    fediverse.faults.add(Fault(call, lambda *_: Reply(code, LOGIN)))
    with pytest.raises(ServerRefusedError, match=f"m.example shows posts only .* in .{code}") as caught:
        read()
    assert caught.value.next_step.startswith("Use the account's archive")
    assert "https://m.example/settings/export" in caught.value.next_step


def test_only_a_server_itself_says_what_it_runs(fediverse: MastodonServer) -> None:
    fediverse.add_account(HANDLE, [status(1)])
    fediverse.needs_login.add("m.example")
    fediverse.software["other.example"] = "misskey"
    link = {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0"}
    found = {"links": [link | {"href": "https://other.example/nodeinfo/2.0"}]}
    fediverse.faults.add(Fault("well-known/nodeinfo", lambda *_: Reply(200, found)))
    with pytest.raises(ServerRefusedError, match="shows posts only"):
        read()
    assert fediverse.asked("other.example") == 0


@pytest.mark.parametrize("answer", [[], {}, {"id": 7.5}, {"id": "../x"}, {"id": None}, b'"x"', 7, None])
def test_a_strange_account_is_not_understood(fediverse: MastodonServer, answer: Any) -> None:
    fediverse.add_account(HANDLE, [status(1)])
    fediverse.faults.add(Fault("lookup", lambda *_: Reply(200, answer)))
    with pytest.raises(ServerUnavailableError, match="does not come from Mastodon's API"):
        read()


@pytest.mark.parametrize("answer", [{}, {"error": "x"}, [None], [{"id": None}], [[]], 7, None])
def test_a_strange_page_is_not_understood_and_not_kept(fediverse: MastodonServer, answer: Any) -> None:
    fediverse.add_account(HANDLE, map(status, range(1, 90)))
    fediverse.faults.add(Fault("/statuses", lambda *_: Reply(200, answer), skip=1))
    with pytest.raises(ServerUnavailableError, match="does not come from Mastodon's API"):
        read()
    assert len(read().tweets) == 89 and fediverse.asked("/statuses") == 5


@pytest.mark.parametrize(
    "found",
    [
        {},
        [],
        {"links": "x"},
        {"links": [None, {"rel": "self"}, {"rel": "self", "type": "text/html", "href": ID}]},
        {"links": [{"rel": "self", "type": "application/activity+json", "href": "javascript:x"}]},
        {"links": [{"rel": "self", "type": "application/activity+json", "href": 7}]},
    ],
)
def test_a_strange_description_leads_nowhere(fediverse: MastodonServer, found: Any) -> None:
    fediverse.faults.add(Fault("webfinger", lambda *_: Reply(200, found)))
    with pytest.raises(AccountNotFoundError, match="does not say where"):
        read()


def test_a_page_that_comes_again_is_not_read_for_ever(fediverse: MastodonServer) -> None:
    account = fediverse.add_account(HANDLE, map(status, range(1, 90)))
    same = account.statuses[:40]
    fediverse.faults.add(Fault("/statuses", lambda *_: Reply(200, same), times=9))
    with pytest.raises(ServerUnavailableError, match="does not come from Mastodon's API"):
        read()
    assert fediverse.asked("/statuses") == 2


def test_pages_that_overlap_give_each_post_once(fediverse: MastodonServer) -> None:
    account = fediverse.add_account(HANDLE, map(status, range(1, 90)))
    fediverse.faults.add(Fault("/statuses", lambda *_: Reply(200, account.statuses[:40])))
    fediverse.faults.add(Fault("/statuses", lambda *_: Reply(200, account.statuses[30:70])))
    fediverse.faults.add(Fault("/statuses", lambda *_: Reply(200, account.statuses[69:])))
    fediverse.faults.add(Fault("/statuses", lambda *_: Reply(200, account.statuses[-1:])))
    assert [int(post.id or 0) for post in read().tweets] == list(range(89, 0, -1))


def test_without_a_picture_there_are_posts(fediverse: MastodonServer) -> None:
    fediverse.add_account(HANDLE, [status(1)])
    fediverse.faults.add(Fault("/avatars", lambda *_: Reply(404, {})))
    assert read().account.picture is None


# --- what is kept -----------------------------------------------------------------------------------


def test_what_was_read_today_is_not_asked_for_again(
    fediverse: MastodonServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = fediverse.add_account(HANDLE, map(status, range(1, 90)))
    first = read()
    account.statuses.insert(0, status(100))
    told = Told()
    assert read(told=told).tweets == first.tweets and fediverse.asked("/statuses") == 4
    assert "Using 89 posts of @ann@m.example" in told.notes[1]
    assert len(read(rebuy=True).tweets) == 90 and fediverse.asked("/statuses") == 8
    del account.statuses[:2]
    now = pages.time.time() + 25 * 3600
    monkeypatch.setattr(pages.time, "time", lambda: now)
    assert len(read().tweets) == 88


def test_a_reading_that_was_interrupted_goes_on(fediverse: MastodonServer) -> None:
    fediverse.add_account(HANDLE, map(status, range(1, 200)))
    fediverse.faults.add(Fault("/statuses", lambda *_: Reply(403, {}), skip=2))
    with pytest.raises(ServerRefusedError):
        read()
    assert len(read().tweets) == 199
    assert fediverse.asked("/statuses") == 3 + 4


DAMAGES = (lambda b: b[:-9], lambda b: b.replace(b"post 50<", b"post 51<"), lambda b: b + b"x")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_page_that_was_damaged_on_disk_is_read_again(fediverse: MastodonServer, damage: Any) -> None:
    fediverse.add_account(HANDLE, map(status, range(1, 90)))
    first = read()
    (file,) = kept()
    file.write_bytes(damage(file.read_bytes()))
    again = read()
    assert again.tweets == first.tweets
    assert dataclasses.replace(again) == first
    before = len(fediverse.log)
    assert read().tweets == first.tweets
    assert [one for one in fediverse.log[before:] if "/statuses" in one.path] == []


@pytest.mark.parametrize("url", ["http://m.example", "http://10.0.0.1", "nonsense", "http://a:b@127.0.0.1:1"])
def test_what_stands_in_for_the_servers_is_asked_over_https_or_is_this_machine(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("HUGGINGTWEETS_FEDIVERSE_URL", url)
    with pytest.raises(InvalidInputError, match="HUGGINGTWEETS_FEDIVERSE_URL"):
        read()


def test_the_servers_themselves_are_asked_but_for_a_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def note(self: Web, url: str, *_: Any, **__: Any) -> None:
        asked.append(url)
        raise ServerRefusedError("no")

    monkeypatch.setattr(Web, "get_json", note)
    with pytest.raises(ServerRefusedError):
        read()
    monkeypatch.setenv("HUGGINGTWEETS_FEDIVERSE_URL", "https://other.example/")
    with pytest.raises(ServerRefusedError):
        read()
    assert asked == [
        f"https://{host}/.well-known/webfinger" for host in ("m.example", "other.example/m.example")
    ]


def test_it_is_read_through_the_library_and_forgotten_with_the_account(fediverse: MastodonServer) -> None:
    fediverse.add_account(HANDLE, [status(1)])
    timeline = huggingtweets_hub.fetch_timeline(f"@{HANDLE}", source="mastodon", progress=Told())
    assert texts(timeline.tweets) == ["post 1"] and len(kept()) == 1
    workspace.forget([HANDLE])
    assert kept() == []
