"""The X server, asked by the real tweepy client."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
import tweepy
from requests.adapters import HTTPAdapter

from .x_api import Fault, Reply, Request, XServer

START = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


class Redirect(HTTPAdapter):
    """Sends what is meant for X to a server on loopback."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = self.url + request.path_url
        return super().send(request, *args, **{**kwargs, "timeout": 120})


def client_of(x: XServer, token: str = "x-secret", **options: Any) -> tweepy.Client:
    client = tweepy.Client(token, return_type=dict, **options)
    client.session.trust_env = False
    for host in ("https://api.twitter.com/", "https://api.x.com/"):
        client.session.mount(host, Redirect(x.url))
    return client


def tweet(number: int, **more: Any) -> dict[str, Any]:
    """Post `number`, sent that many minutes into 2026."""
    created_at = (START + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {"id": str(1000 + number), "text": f"post {number}", "created_at": created_at, **more}


def ids(*numbers: int) -> list[str]:
    return [str(1000 + number) for number in numbers]


def ids_in(page: dict[str, Any]) -> list[str]:
    return [post["id"] for post in page.get("data", [])]


def read_all(client: tweepy.Client, limit: int = 50, **options: Any) -> list[dict[str, Any]]:
    """Every page of @jack, following next_token for at most `limit` pages."""
    pages = [client.get_users_tweets("12", **options)]
    while "next_token" in pages[-1].get("meta", {}) and len(pages) < limit:
        token = pages[-1]["meta"]["next_token"]
        pages.append(client.get_users_tweets("12", pagination_token=token, **options))
    return pages


def message_of(refused: pytest.ExceptionInfo[tweepy.HTTPException]) -> str:
    return refused.value.api_messages[0]


@pytest.fixture
def x() -> Iterator[XServer]:
    """@jack (id 12) with posts 0 to 24."""
    with XServer(token="x-secret") as server:
        user = {"id": "12", "username": "jack", "name": "Jack", "protected": False, "location": "SF"}
        server.add_account(user, [tweet(number) for number in range(25)])
        yield server


@pytest.fixture
def client(x: XServer) -> Iterator[tweepy.Client]:
    client = client_of(x)
    yield client
    client.session.close()


# ---- users


def test_a_user_is_found_whatever_the_case_of_the_handle(client):
    assert client.get_user(username="JACK")["data"] == {"id": "12", "name": "Jack", "username": "jack"}


def test_a_user_is_found_by_id(client):
    assert client.get_user(id="12")["data"]["username"] == "jack"


def test_a_users_fields_come_only_when_asked_for(client):
    user = client.get_user(username="jack", user_fields=["protected"])["data"]
    assert user == {"id": "12", "name": "Jack", "username": "jack", "protected": False}


def test_an_unknown_user_is_an_error_in_a_200(client):
    assert client.get_user(username="nobody") == {
        "errors": [
            {
                "title": "Not Found Error",
                "detail": "Could not find user with username: [nobody].",
                "type": "https://api.x.com/2/problems/resource-not-found",
                "resource_type": "user",
                "resource_id": "nobody",
                "parameter": "username",
                "value": "nobody",
            }
        ]
    }


def test_a_suspended_user_is_an_error_in_a_200(x, client):
    x.add_suspended("spam")
    (error,) = client.get_user(username="spam")["errors"]
    assert (error["title"], error["detail"]) == ("Forbidden", "User has been suspended: [spam].")


def test_an_account_suspended_later_has_no_timeline(x, client):
    x.add_suspended("Jack")
    (error,) = client.get_users_tweets("12")["errors"]
    assert error["detail"] == "User has been suspended: [12]."


def test_several_users_at_once_are_found_or_named_in_the_errors(client):
    answer = client.get_users(usernames=["nobody", "jack"])
    assert [user["username"] for user in answer["data"]] == ["jack"]
    assert [error["value"] for error in answer["errors"]] == ["nobody"]


def test_only_users_that_were_found_are_billed(x, client):
    client.get_users(usernames=["nobody", "jack"])
    client.get_user(username="nobody")
    assert x.user_reads == 1


@pytest.mark.parametrize("handle", ["sixteen_letters_", "j-ck", "jack,jill"])
def test_a_handle_that_cannot_be_one_is_refused(client, handle):
    with pytest.raises(tweepy.BadRequest) as refused:
        client.get_user(username=handle)
    message = f"The `username` query parameter value [{handle}] does not match ^[A-Za-z0-9_]{{1,15}}$"
    assert message_of(refused) == message


# ---- timelines


def test_paging_reads_each_post_once_newest_first(x, client):
    pages = read_all(client, max_results=10)
    assert [post for page in pages for post in ids_in(page)] == ids(*reversed(range(25)))
    assert set(x.reads.values()) == {1}


def test_meta_counts_the_page_and_names_its_ends(client):
    *_, last = read_all(client, max_results=10)
    assert last["meta"] == {"result_count": 5, "newest_id": "1004", "oldest_id": "1000"}


def test_ten_posts_make_a_page_unless_asked_otherwise(client):
    assert client.get_users_tweets("12")["meta"]["result_count"] == 10


def test_tweepys_paginator_reaches_the_end(client):
    pages = tweepy.Paginator(client.get_users_tweets, "12", max_results=5)
    assert sum(len(ids_in(page)) for page in pages) == 25


@pytest.mark.parametrize("size", [4, 101])
def test_a_page_of_a_wrong_size_is_refused(client, size):
    with pytest.raises(tweepy.BadRequest) as refused:
        client.get_users_tweets("12", max_results=size)
    problem = refused.value.response.json()
    assert problem["errors"] == [
        {
            "parameters": {"max_results": [str(size)]},
            "message": f"The `max_results` query parameter value [{size}] is not between 5 and 100",
        }
    ]
    assert problem["title"] == "Invalid Request"


def test_since_id_gives_only_newer_posts(client):
    assert ids_in(client.get_users_tweets("12", since_id="1022")) == ids(24, 23)


def test_until_id_gives_only_older_posts(client):
    assert ids_in(client.get_users_tweets("12", until_id="1002")) == ids(1, 0)


def test_start_and_end_time_are_both_included(client):
    start, end = START + timedelta(minutes=3), START + timedelta(minutes=4)
    assert ids_in(client.get_users_tweets("12", start_time=start, end_time=end)) == ids(4, 3)


def test_nothing_new_is_a_count_of_zero_without_data(client):
    assert client.get_users_tweets("12", since_id="1024") == {"meta": {"result_count": 0}}


@pytest.mark.parametrize(
    ("exclude", "left"),
    [(["retweets"], ids(26, 25)), (["replies"], ids(27)), (["replies", "retweets"], [])],
)
def test_replies_and_retweets_are_excluded_on_demand(x, client, exclude, left):
    x.add_tweets("jack", [tweet(25, in_reply_to_user_id="3")])
    x.add_tweets("jack", [tweet(26, referenced_tweets=[{"type": "replied_to", "id": "1"}])])
    x.add_tweets("jack", [tweet(27, referenced_tweets=[{"type": "retweeted", "id": "1"}])])
    assert ids_in(client.get_users_tweets("12", since_id="1024", exclude=exclude)) == left


@pytest.mark.parametrize(("exclude", "reach"), [(None, 3200), (["retweets"], 3200), (["replies"], 800)])
def test_older_posts_than_x_reaches_are_not_served(x, client, exclude, reach):
    x.add_tweets("jack", [tweet(number) for number in range(25, 3300)])
    served = [post for page in read_all(client, max_results=100, exclude=exclude) for post in ids_in(page)]
    assert served == ids(*range(3299, 3299 - reach, -1))


def test_posts_that_arrive_while_paging_do_not_shift_the_pages(x, client):
    first = client.get_users_tweets("12")
    x.add_tweets("jack", [tweet(25)])
    second = client.get_users_tweets("12", pagination_token=first["meta"]["next_token"])
    assert ids_in(second)[0] == "1014"


def test_a_posts_fields_come_only_when_asked_for(client):
    bare = {"id": "1024", "text": "post 24", "edit_history_tweet_ids": ["1024"]}
    assert client.get_users_tweets("12")["data"][0] == bare
    more = client.get_users_tweets("12", tweet_fields=["created_at", "lang"])["data"][0]
    assert more == {**bare, "created_at": "2026-01-01T00:24:00.000Z"}


@pytest.mark.parametrize("option", ["tweet_fields", "user_fields", "expansions", "exclude"])
def test_an_unknown_name_is_refused_with_the_known_ones(client, option):
    with pytest.raises(tweepy.BadRequest, match=r"value \[creatd_at\] is not one of \[\w+"):
        client.get_users_tweets("12", **{option: ["creatd_at"]})


def test_an_unknown_parameter_is_refused(client):
    with pytest.raises(tweepy.BadRequest, match=r"query parameter \[trim_user\] is not one of"):
        client.request("GET", "/2/users/12/tweets", {"trim_user": "true"})


def test_the_author_is_included_when_expanded(client):
    page = client.get_users_tweets("12", expansions=["author_id"], user_fields=["protected"])
    assert page["data"][0]["author_id"] == "12"
    (author,) = page["includes"]["users"]
    assert author == {"id": "12", "name": "Jack", "username": "jack", "protected": False}


def test_a_token_is_bound_to_its_selection(client):
    token = client.get_users_tweets("12")["meta"]["next_token"]
    with pytest.raises(tweepy.BadRequest, match=f"value \\[{token}\\] is not a valid token"):
        client.get_users_tweets("12", pagination_token=token, exclude=["replies"])


def test_a_token_outlives_another_page_size_and_other_fields(client):
    token = client.get_users_tweets("12")["meta"]["next_token"]
    page = client.get_users_tweets("12", pagination_token=token, max_results=5, tweet_fields=["lang"])
    assert ids_in(page) == ids(14, 13, 12, 11, 10)


def test_an_invented_token_is_refused(client):
    with pytest.raises(tweepy.BadRequest, match="is not a valid token"):
        client.get_users_tweets("12", pagination_token="7140dibdnow9c7btw")


def test_a_protected_account_is_found_but_its_timeline_is_an_error_in_a_200(x, client):
    x.add_account({"id": "7", "username": "shy", "name": "Shy", "protected": True}, [tweet(1)])
    assert client.get_user(username="shy")["data"]["id"] == "7"
    (error,) = client.get_users_tweets("7")["errors"]
    assert error["title"] == "Authorization Error"
    assert error["detail"] == "Sorry, you are not authorized to see the user with id: [7]."
    assert not x.reads


# ---- access, limits, the bill


def test_a_wrong_token_is_unauthorized(x):
    with pytest.raises(tweepy.Unauthorized) as refused:
        client_of(x, token="x-guess").get_user(username="jack")
    assert refused.value.response.json()["title"] == "Unauthorized"
    assert "x-rate-limit-limit" not in refused.value.response.headers


def test_every_other_answer_carries_its_rate_limit(x, client):
    client.return_type = requests.Response
    limits = [client.get_user(username="jack").headers["x-rate-limit-remaining"] for _ in range(2)]
    limits.append(client.get_users_tweets("12").headers["x-rate-limit-remaining"])
    assert limits == ["899", "898", "899"]


def test_too_many_requests_to_one_endpoint_are_refused(x, client):
    x.rate_limit = 1
    client.get_user(username="jack")
    with pytest.raises(tweepy.TooManyRequests) as refused:
        client.get_user(username="jack")
    assert refused.value.reset_time > time.time()


def test_a_page_beyond_the_credits_is_refused_and_not_billed(x, client):
    x.credits = 24
    token = client.get_users_tweets("12", max_results=20)["meta"]["next_token"]
    with pytest.raises(tweepy.HTTPException) as refused:
        client.get_users_tweets("12", max_results=20, pagination_token=token)
    assert refused.value.response.status_code == 402
    assert refused.value.response.json()["title"] == "CreditsDepleted"
    assert (x.credits, x.reads.total()) == (4, 20)


def test_an_empty_balance_refuses_even_a_user(x, client):
    x.credits = 0
    with pytest.raises(tweepy.HTTPException, match="does not have any credits"):
        client.get_user(username="jack")


def test_a_post_read_twice_is_billed_twice(x, client):
    read_all(client, max_results=100)
    read_all(client, max_results=100)
    assert set(x.reads.values()) == {2}


def test_the_log_tells_what_was_asked_and_answered(x, client):
    client.get_users_tweets("12", max_results=5)
    assert x.log == [Request("GET", "/2/users/12/tweets", {"max_results": "5"}, 200, "x-secret")]
    assert "x-secret" not in repr(x.log)


def test_an_endpoint_that_is_not_served_is_a_404_on_record(x, client):
    with pytest.raises(tweepy.NotFound):
        client.get_users_mentions("12")
    with pytest.raises(tweepy.NotFound):
        client.create_tweet(text="hi", user_auth=False)
    assert x.unhandled == ["GET /2/users/12/mentions", "POST /2/tweets"]


def test_leaving_closes_connections_that_clients_keep_alive():
    with XServer() as x:
        client = client_of(x)
        client.get_user(username="jack")
    with pytest.raises(requests.ConnectionError):
        client.get_user(username="jack")


# ---- faults


def test_a_fault_hits_the_requests_it_was_planned_for(x, client):
    x.faults.answer("/tweets$", 503, times=2, skip=1)
    client.get_user(username="jack")
    for _ in range(4):
        try:
            client.get_users_tweets("12")
        except tweepy.TwitterServerError as error:
            assert error.response.json()["title"] == "Service Unavailable"
    assert [request.status for request in x.log] == [200, 200, 503, 503, 200]
    assert not x.faults.pending


def test_a_fault_may_go_on_for_ever(x, client):
    x.faults.drop(times=math.inf)
    for _ in range(3):
        with pytest.raises(requests.ConnectionError):
            client.get_user(username="jack")


def test_a_429_says_when_to_come_back(x, client):
    x.faults.rate_limit(reset_in=60)
    with pytest.raises(tweepy.TooManyRequests) as refused:
        client.get_users_tweets("12")
    assert 0 < refused.value.reset_time - time.time() <= 60
    assert not x.reads


def test_a_429_may_keep_silent_about_when(x, client):
    x.faults.rate_limit(reset_in=None)
    with pytest.raises(tweepy.TooManyRequests) as refused:
        client.get_users_tweets("12")
    assert refused.value.reset_time is None


def test_an_app_that_is_not_enrolled_is_forbidden(x, client):
    x.faults.not_enrolled()
    with pytest.raises(tweepy.Forbidden) as refused:
        client.get_user(username="jack")
    assert refused.value.response.json()["reason"] == "client-not-enrolled"


def test_an_answer_may_have_any_status_headers_and_body(x, client):
    x.faults.answer("/by/", 503, {"title": "Over capacity"}, {"retry-after": "7"})
    with pytest.raises(tweepy.TwitterServerError) as refused:
        client.get_user(username="jack")
    assert refused.value.response.headers["retry-after"] == "7"
    assert refused.value.response.json() == {"title": "Over capacity"}


def test_a_dropped_request_is_not_billed(x, client):
    x.faults.drop("/tweets")
    with pytest.raises(requests.ConnectionError):
        client.get_users_tweets("12")
    assert (x.log[-1].status, x.reads.total()) == (None, 0)


def test_a_lost_reply_is_billed(x, client):
    x.faults.lose_reply("/tweets")
    with pytest.raises(requests.ConnectionError):
        client.get_users_tweets("12")
    assert (x.log[-1].status, x.reads.total()) == (None, 10)


def test_a_truncated_body_is_billed(x, client):
    x.faults.truncate("/tweets")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.get_users_tweets("12")
    assert x.reads.total() == 10


def test_a_web_page_may_come_in_the_place_of_json(x, client):
    x.faults.html()
    with pytest.raises(requests.JSONDecodeError):
        client.get_users_tweets("12")


def test_an_empty_body_may_come_in_the_place_of_json(x, client):
    x.faults.answer("", 200, "")
    with pytest.raises(requests.JSONDecodeError):
        client.get_users_tweets("12")


def test_a_repeated_token_sends_the_client_in_circles(x, client):
    x.faults.repeat_token(times=math.inf)
    pages = read_all(client, limit=5)
    assert [ids_in(page)[0] for page in pages] == ids(24, 14, 14, 14, 14)
    assert len({page["meta"]["next_token"] for page in pages}) == 1
    assert x.reads["1014"] == 4


def test_a_repeated_page_is_billed_again_and_nothing_is_left_out(x, client):
    x.faults.repeat_page(skip=1)
    pages = read_all(client)
    assert [ids_in(page)[0] for page in pages] == ids(24, 24, 14, 4)
    assert len({page["meta"].get("next_token") for page in pages}) == len(pages)
    assert (x.reads["1024"], x.reads["1014"]) == (2, 1)


def test_an_empty_page_leads_on(x, client):
    x.faults.empty_page(skip=1)
    pages = read_all(client)
    assert [page["meta"]["result_count"] for page in pages] == [10, 0, 10, 5]
    assert "data" not in pages[1]
    assert set(x.reads.values()) == {1}


def test_a_fault_of_ones_own_sees_the_request(x, client):
    x.faults.add(Fault("/by/", lambda server, request: Reply(200, {"data": {"id": request.path}})))
    assert client.get_user(username="jack") == {"data": {"id": "/2/users/by/username/jack"}}
