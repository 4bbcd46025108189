"""X API v2 in memory, for the real and unchanged tweepy client on loopback.

It serves what an app-only bearer token reads of users and their timelines (in the words that tweepy knows:
`tweet.fields`, not `post.fields`), refuses what X refuses in X's own shapes, and keeps the bill. A call it
does not serve is a 404 and an entry of `XServer.unhandled`.

    with XServer(token="x-secret") as x:
        x.add_account({"id": "12", "username": "jack", "name": "jack"}, tweets)
        x.faults.lose_reply("/tweets", skip=1)  # the second page is paid for and never arrives
        ...  # a client that finds x.url where it looks for https://api.x.com
        x.reads.most_common(1)  # the post that was paid for most often
"""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from math import inf
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.servers.listener import Listener

if TYPE_CHECKING:
    from typing import Self

JSON = dict[str, Any]

HANDLE = re.compile(r"^[A-Za-z0-9_]{1,15}$")
NUMBER = re.compile(r"^[0-9]{1,19}$")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
PROBLEMS = "https://api.x.com/2/problems/"  # X writes api.twitter.com here, too
REACH, REACH_WITHOUT_REPLIES = 3200, 800
SELECTION = frozenset({"exclude", "since_id", "until_id", "start_time", "end_time"})
TIMELINE = SELECTION | {"expansions", "max_results", "pagination_token", "tweet.fields", "user.fields"}
# As X lists them (August 2026) when it refuses an unknown one.
TWEET_FIELDS = frozenset(
    re.findall(
        r"\w+",
        """article attachments author_id card_uri community_id context_annotations conversation_id created_at
        display_text_range edit_controls edit_history_tweet_ids entities geo id in_reply_to_user_id lang
        matched_media_notes media_metadata non_public_metrics note_request_suggestions note_tweet
        organic_metrics paid_partnership possibly_sensitive promoted_metrics public_metrics referenced_tweets
        reply_settings rest_id scopes source suggested_source_links suggested_source_links_with_counts text
        username withheld""",
    )
)
USER_FIELDS = frozenset(
    re.findall(
        r"\w+",
        """affiliation confirmed_email connection_status created_at description entities id
        is_identity_verified location most_recent_tweet_id name parody pinned_tweet_id profile_banner_url
        profile_image_url protected public_metrics receives_your_dm subscribes_to_you subscription
        subscription_type url username verified verified_followers_count verified_type withheld""",
    )
)


# ---- requests, replies, faults


@dataclass(frozen=True)
class Request:
    """A request that arrived. `status` is `None` when no reply was sent."""

    method: str
    path: str
    query: Mapping[str, str]
    status: int | None = None
    bearer: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Reply:
    """What to send: a string as HTML, bytes as a picture, a dict as JSON; and how.

    `cut` ends it halfway through; `reset` sends nothing and breaks the connection off (RST); `never` sends
    nothing; `slowly` sends a byte now and then. A header without a value is not sent.
    """

    status: int
    body: JSON | str | bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    how: Literal["whole", "cut", "reset", "never", "slowly"] = "whole"

    @classmethod
    def plain(cls, status: int, headers: Mapping[str, str]) -> Reply:
        """A problem about which X says no more than the name of its status."""
        title = HTTPStatus(status).phrase
        body = {"title": title, "type": "about:blank", "status": status, "detail": title}
        return cls(status, body, headers)

    def encoded(self) -> tuple[bytes, str]:
        """The body and its content type."""
        if isinstance(self.body, str):
            return self.body.encode(), "text/html; charset=utf-8"
        if isinstance(self.body, bytes):
            return self.body, "image/jpeg"
        kind = "problem+json" if self.body.get("type") == "about:blank" else "json; charset=utf-8"
        return json.dumps(self.body).encode(), f"application/{kind}"


class Refusal(Exception):
    """A request that is not granted, with the reply that says so."""

    def __init__(self, status: int, body: JSON) -> None:
        super().__init__(json.dumps(body))
        self.reply = Reply(status, body)


@dataclass
class Fault:
    """What replies in the server's place; it may ask for the honest reply, which is then billed."""

    path: str
    reply: Callable[[XServer, Request], Reply | None]
    times: float = 1
    skip: int = 0


class Faults:
    """Faults to come. Of the requests whose path matches, each spares the first `skip` and hits `times`.

    `times=math.inf` hits all that follow. A fault sees only requests that no earlier one in the list has hit.
    """

    def __init__(self) -> None:
        self.pending: list[Fault] = []

    def answer(
        self, path: str, status: int, body: JSON | str | None = None,
        headers: Mapping[str, str] | None = None, times: float = 1, skip: int = 0,
    ) -> None:  # fmt: skip
        """Reply this, handle and bill nothing; `None` is the body that X gives this status."""
        headers = headers or {}
        reply = Reply.plain(status, headers) if body is None else Reply(status, body, headers)
        self.add(Fault(path, lambda x, request: reply, times, skip))

    def html(self, path: str = "", status: int = 200, times: float = 1, skip: int = 0) -> None:
        """Reply a web page where JSON belongs, as a proxy in front of X does."""
        self.answer(path, status, "<!DOCTYPE html><title>Just a moment…</title>", None, times, skip)

    def rate_limit(self, path: str = "", reset_in: int | None = 900, times: float = 1, skip: int = 0) -> None:
        """Reply 429: try again in `reset_in` seconds, or, with `None`, without a word about when."""

        def refuse(x: XServer, request: Request) -> Reply:
            return Reply.plain(429, {} if reset_in is None else _limits(900, 0, x.clock() + reset_in))

        self.add(Fault(path, refuse, times, skip))

    def usage_cap(self, path: str = "", times: float = 1, skip: int = 0) -> None:
        """Reply 429, as where the posts of the month are used up."""
        body = {
            "account_id": 12,
            "product_name": "standard-basic",
            "title": "UsageCapExceeded",
            "period": "Monthly",
            "scope": "Product",
            "detail": "Usage cap exceeded: Monthly product cap",
            "type": f"{PROBLEMS}usage-capped",
        }
        self.answer(path, 429, body, None, times, skip)

    def not_enrolled(self, path: str = "", times: float = 1, skip: int = 0) -> None:
        """Reply 403, as to an app whose access does not reach this endpoint."""
        body = {
            "client_id": "28000000",
            "detail": "When authenticating requests to the Twitter API v2 endpoints, you must use keys and "
            "tokens from a Twitter developer App that is attached to a Project.",
            "registration_url": "https://developer.twitter.com/en/docs/projects/overview",
            "title": "Client Forbidden",
            "required_enrollment": "Appropriate Level of API Access",
            "reason": "client-not-enrolled",
            "type": f"{PROBLEMS}client-forbidden",
        }
        self.answer(path, 403, body, None, times, skip)

    def drop(self, path: str = "", times: float = 1, skip: int = 0) -> None:
        """Close the connection, handle and bill nothing."""
        self.add(Fault(path, lambda x, request: None, times, skip))

    def reset(self, path: str = "", times: float = 1, skip: int = 0) -> None:
        """Break the connection off, handle and bill nothing."""
        self.add(Fault(path, lambda x, request: Reply(200, "", how="reset"), times, skip))

    def lose_reply(self, path: str = "", times: float = 1, skip: int = 0) -> None:
        """Handle and bill the request, then close the connection."""

        def handle_and_drop(x: XServer, request: Request) -> None:
            x.answer(request)

        self.add(Fault(path, handle_and_drop, times, skip))

    def truncate(self, path: str = "", times: float = 1, skip: int = 0) -> None:
        """Handle and bill the request, announce the whole body, send half and close the connection."""
        self.add(Fault(path, lambda x, request: replace(x.answer(request), how="cut"), times, skip))

    def repeat_token(self, path: str = "/tweets", times: float = 1, skip: int = 0) -> None:
        """Give the page with the token it was asked with as its next_token; the first page stays honest."""

        def circle(x: XServer, request: Request) -> Reply:
            reply = x.answer(request)
            token = request.query.get("pagination_token")
            if token and isinstance(reply.body, dict) and "meta" in reply.body:
                reply.body["meta"]["next_token"] = token
            return reply

        self.add(Fault(path, circle, times, skip))

    def repeat_page(self, path: str = "/tweets", times: float = 1, skip: int = 0) -> None:
        """Give, and bill, the page before once more; its new next_token leads to the page asked for."""

        def again(x: XServer, request: Request) -> Reply:
            same = [old for old in x.log if old.status == 200 and _selection(old) == _selection(request)]
            return x.answer(same[-1] if same and "pagination_token" in request.query else request)

        self.add(Fault(path, again, times, skip))

    def empty_page(self, path: str = "/tweets", times: float = 1, skip: int = 0) -> None:
        """Give no posts, but a new next_token, which leads to the page asked for."""

        def nothing(x: XServer, request: Request) -> Reply:
            token = x.mint(request, x.position(request))
            return Reply(200, {"meta": {"result_count": 0, "next_token": token}})

        self.add(Fault(path, nothing, times, skip))

    def add(self, fault: Fault) -> None:
        """Let a fault of your own happen."""
        self.pending.append(fault)

    def take(self, path: str) -> Fault | None:
        """The first fault that hits this request, if any; one that has done its work is removed."""
        for fault in self.pending:
            if not re.search(fault.path, path):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.pending.remove(fault)
            return fault
        return None


# ---- the server


@dataclass
class Account:
    """A user object and its posts, newest first."""

    user: JSON
    tweets: list[JSON] = field(default_factory=list)
    suspended: bool = False


class XServer:
    """X API v2 on 127.0.0.1, in a thread of its own between `with` and the end of the block.

    Attributes:
        url: where it listens, in the place of https://api.x.com.
        faults: what goes wrong.
        reads: how often each tweet id was served: what X bills, received or not.
        pictures: the profile pictures by their path, which anyone may load.
        user_reads: how many users were served by look-ups.
        credits: how many posts the balance still pays for; `None` never runs out. A page that costs more is
            refused whole, and an empty balance refuses everything.
        rate_limit: requests to one endpoint until 429; the window does not end by itself.
        seconds: how long each answer takes.
        clock: what time it is at X, in its `Date` and in the ends of its limits.
        log: every request, in the order answered.
        unhandled: "METHOD path" of every request to an endpoint that is not served.
    """

    def __init__(self, token: str = "x-secret", *, credits: int | None = None, rate_limit: int = 900) -> None:
        self.token = token
        self.credits = credits
        self.rate_limit = rate_limit
        self.seconds = 0.0
        self.clock: Callable[[], float] = time.time
        self.faults = Faults()
        self.reads: Counter[str] = Counter()
        self.pictures: dict[str, bytes] = {}
        self.user_reads = 0
        self.log: list[Request] = []
        self.unhandled: list[str] = []
        self._accounts: dict[str, Account] = {}
        self._calls: Counter[str] = Counter()
        self._tokens: dict[str, tuple[object, float]] = {}
        self._window_end = time.time() + 900
        self._lock = threading.Lock()
        self._listener = Listener(_Handler, self)
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._listener.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()

    def add_account(self, user: JSON, tweets: Iterable[JSON] = ()) -> None:
        """Opens an account with a v2 user object (`protected: True` hides its timeline) and v2 tweets."""
        self._accounts[user["username"].lower()] = Account(user)
        self.add_tweets(user["username"], tweets)

    def add_tweets(self, username: str, tweets: Iterable[JSON]) -> None:
        """Posts to an open account."""
        account = self._accounts[username.lower()]
        account.tweets = sorted([*account.tweets, *tweets], key=lambda tweet: int(tweet["id"]), reverse=True)

    def add_suspended(self, username: str) -> None:
        """Suspends an account, open or never seen before."""
        self._accounts.setdefault(username.lower(), Account({"username": username})).suspended = True

    @contextmanager
    def paused(self) -> Iterator[None]:
        """No request is answered meanwhile."""
        with self._lock:
            yield

    def handle(self, request: Request) -> Reply | None:
        """Replies by a fault or else honestly, and logs it; `None` closes the connection."""
        with self._lock:
            fault = self.faults.take(request.path)
            try:
                reply = fault.reply(self, request) if fault else self.answer(request)
            except Refusal as refusal:  # of a token that a fault has looked at
                reply = refusal.reply
            self.log.append(replace(request, status=reply.status if reply else None))
            return reply

    def answer(self, request: Request) -> Reply:
        """The honest reply; what it serves is billed."""
        if request.path in self.pictures:
            return Reply(200, self.pictures[request.path])
        for endpoint, pattern in _ENDPOINTS.items():  # noqa: B007  # the last one is used below
            found = re.fullmatch(pattern, request.path)
            if found and request.method == "GET":
                break
        else:
            self.unhandled.append(f"{request.method} {request.path}")
            return Reply(404, {"errors": [{"message": "Sorry, that page does not exist", "code": 34}]})
        if request.bearer != self.token:
            return Reply.plain(401, {})  # measured: without rate-limit headers, unlike all else
        self._calls[endpoint] += 1
        limits = _limits(self.rate_limit, self.rate_limit - self._calls[endpoint], self._window_end)
        if self._calls[endpoint] > self.rate_limit:
            return Reply.plain(429, limits)
        try:
            return Reply(200, getattr(self, endpoint)(request, *found.groups()), limits)
        except Refusal as refusal:
            return replace(refusal.reply, headers=limits)

    def mint(self, request: Request, below: float) -> str:
        """A token that continues this request's selection with the posts whose id is smaller than `below`."""
        token = secrets.token_hex(12)
        self._tokens[token] = (_selection(request), below)
        return token

    def position(self, request: Request) -> float:
        """The id below which the page asked for begins.

        Raises:
            Refusal: The token was never given, or was given for another selection.
        """
        token = request.query.get("pagination_token")
        if token is None:
            return inf
        selection, below = self._tokens.get(token, (None, inf))
        if selection != _selection(request):
            raise _invalid_value("pagination_token", token, "is not a valid token")
        return below

    def _user_by_username(self, request: Request, username: str) -> JSON:
        return self._user(request, "username", username)

    def _user_by_id(self, request: Request, user_id: str) -> JSON:
        return self._user(request, "id", user_id)

    def _user(self, request: Request, parameter: str, value: str) -> JSON:
        body = self._users(request, parameter, [value], ())
        return {**body, "data": body["data"][0]} if "data" in body else body

    def _users_by(self, request: Request) -> JSON:
        asked = request.query.get("usernames", "")
        if len(asked.split(",")) > 100:
            raise _invalid("usernames", asked, "The `usernames` query parameter has more than 100 values")
        return self._users(request, "usernames", asked.split(","), ("usernames",))

    def _users(self, request: Request, parameter: str, values: list[str], own: tuple[str, ...]) -> JSON:
        _check_names(request, (*own, "tweet.fields", "user.fields"))
        _listed(request, "tweet.fields", TWEET_FIELDS)
        fields = {"id", "name", "username"} | _listed(request, "user.fields", USER_FIELDS)
        found = [self._find(parameter, value) for value in values]
        data = [_only(one.user, fields) for one in found if isinstance(one, Account)]
        errors = [one for one in found if not isinstance(one, Account)]
        self._bill([], len(data))
        return {name: part for name, part in (("data", data), ("errors", errors)) if part}

    def _timeline(self, request: Request, user_id: str) -> JSON:
        _check_names(request, TIMELINE)
        size = request.query.get("max_results", "10")
        if not NUMBER.fullmatch(size) or not 5 <= int(size) <= 100:
            raise _invalid_value("max_results", size, "is not between 5 and 100")
        expanded = _listed(request, "expansions", {"author_id"})
        fields = {"id", "text", "edit_history_tweet_ids"} | expanded
        fields |= _listed(request, "tweet.fields", TWEET_FIELDS)
        user_fields = {"id", "name", "username"} | _listed(request, "user.fields", USER_FIELDS)
        wanted, below = _wanted(request), self.position(request)
        account = self._find("id", user_id)
        if not isinstance(account, Account):
            return {"errors": [account]}
        if account.user.get("protected"):
            detail = f"Sorry, you are not authorized to see the user with id: [{user_id}]."
            error = _error("Authorization Error", detail, "not-authorized-for-resource", "id", user_id)
            return {"errors": [{**error, "section": "data"}]}

        reach = REACH_WITHOUT_REPLIES if "replies" in request.query.get("exclude", "") else REACH
        left = [tweet for tweet in account.tweets[:reach] if int(tweet["id"]) < below and wanted(tweet)]
        page = left[: int(size)]
        self._bill([tweet["id"] for tweet in page], 0)
        if not page:
            return {"meta": {"result_count": 0}}
        meta = {"result_count": len(page), "newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        if len(left) > len(page):
            meta["next_token"] = self.mint(request, int(page[-1]["id"]))
        body: JSON = {"data": [], "meta": meta}
        for tweet in page:
            known_to_x = {"author_id": user_id, "edit_history_tweet_ids": [tweet["id"]]}
            body["data"].append(_only({**known_to_x, **tweet}, fields))
        if expanded:
            body["includes"] = {"users": [_only(account.user, user_fields)]}
        return body

    def _find(self, parameter: str, value: str) -> Account | JSON:
        """The account, or the error that X gives in its place."""
        if parameter == "id":
            if not NUMBER.fullmatch(value):
                raise _invalid_value("id", value, "is not valid")
            account = next((one for one in self._accounts.values() if one.user.get("id") == value), None)
        else:
            if not HANDLE.fullmatch(value):
                raise _invalid_value(parameter, value, f"does not match {HANDLE.pattern}")
            account = self._accounts.get(value.lower())
        if account is None:
            detail = f"Could not find user with {parameter}: [{value}]."
            return _error("Not Found Error", detail, "resource-not-found", parameter, value)
        if account.suspended:
            detail = f"User has been suspended: [{value}]."
            return _error("Forbidden", detail, "resource-not-found", parameter, value)
        return account

    def _bill(self, tweet_ids: list[str], users: int) -> None:
        if self.credits is not None:
            if self.credits < max(len(tweet_ids), 1):
                detail = "Your enrolled account [12] does not have any credits to fulfill this request."
                problem = {"title": "CreditsDepleted", "detail": detail, "type": f"{PROBLEMS}credits"}
                raise Refusal(402, {"account_id": 12, **problem})
            self.credits -= len(tweet_ids)
        self.reads.update(tweet_ids)
        self.user_reads += users


_ENDPOINTS = {
    "_users_by": "/2/users/by",
    "_user_by_username": "/2/users/by/username/([^/]+)",
    "_user_by_id": "/2/users/([^/]+)",
    "_timeline": "/2/users/([^/]+)/tweets",
}


def _wanted(request: Request) -> Callable[[JSON], bool]:
    """Which posts a timeline request asks for."""
    query = request.query
    for names, form in ((("since_id", "until_id"), NUMBER), (("start_time", "end_time"), TIME)):
        for name in names:
            if name in query and not form.fullmatch(query[name]):
                raise _invalid_value(name, query[name], f"does not match {form.pattern}")
    excluded = _listed(request, "exclude", {"replies", "retweets"})
    since, until = int(query.get("since_id", 0)), int(query.get("until_id", 10**19))
    start, end = query.get("start_time", "")[:19], query.get("end_time", "9999")[:19]  # whole seconds

    def wanted(tweet: JSON) -> bool:
        kinds = {reference["type"] for reference in tweet.get("referenced_tweets", ())}
        if "replied_to" in kinds or "in_reply_to_user_id" in tweet:
            kinds.add("replies")
        if "retweeted" in kinds:
            kinds.add("retweets")
        in_time = start <= tweet.get("created_at", "")[:19] <= end
        return since < int(tweet["id"]) < until and in_time and not kinds & excluded

    return wanted


def _selection(request: Request) -> tuple[str, JSON]:
    """What a token is bound to: whose timeline, and which of its posts."""
    return request.path, _only(request.query, SELECTION)


def _only(thing: Mapping[str, Any], names: Collection[str]) -> JSON:
    return {name: value for name, value in thing.items() if name in names}


def _limits(limit: int, remaining: int, reset: float) -> dict[str, str]:
    values = {"limit": limit, "remaining": max(remaining, 0), "reset": int(reset)}
    return {f"x-rate-limit-{name}": str(value) for name, value in values.items()}


def _listed(request: Request, name: str, allowed: Collection[str]) -> set[str]:
    """The values of a comma-separated parameter, each of which must be one that X knows."""
    values = request.query[name].split(",") if name in request.query else []
    for value in values:
        if value not in allowed:
            raise _invalid_value(name, value, f"is not one of [{','.join(sorted(allowed))}]")
    return set(values)


def _check_names(request: Request, allowed: Collection[str]) -> None:
    for name, value in request.query.items():
        if name not in allowed:
            known = ",".join(sorted(allowed))
            raise _invalid(name, value, f"The query parameter [{name}] is not one of [{known}]")


def _invalid_value(name: str, value: str, why: str) -> Refusal:
    return _invalid(name, value, f"The `{name}` query parameter value [{value}] {why}")


def _invalid(name: str, value: str, message: str) -> Refusal:
    errors = [{"parameters": {name: [value]}, "message": message}]
    detail = "One or more parameters to your request was invalid."
    problem = {"title": "Invalid Request", "detail": detail, "type": f"{PROBLEMS}invalid-request"}
    return Refusal(400, {"errors": errors, **problem})


def _error(title: str, detail: str, problem: str, parameter: str, value: str) -> JSON:
    """An entry of the `errors` in a 200: why a user is not among the data."""
    of = {"resource_type": "user", "resource_id": value, "parameter": parameter, "value": value}
    return {"title": title, "detail": detail, "type": PROBLEMS + problem, **of}


# ---- HTTP


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        bearer = token if scheme.lower() == "bearer" else None
        time.sleep(self.server.service.seconds)
        reply = self.server.service.handle(Request(self.command, unquote(address.path), query, bearer=bearer))
        if reply is None:
            self.close_connection = True
            return
        if reply.how in ("reset", "never"):
            self._end(reply.how)
            return
        body, content_type = reply.encoded()
        self.send_response_only(reply.status)
        date = self.date_time_string(int(self.server.service.clock()))
        for name, value in {"date": date, "content-type": content_type, **reply.headers}.items():
            if value:
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if reply.how == "slowly":
            for byte in body:
                self.wfile.write(bytes([byte]))
                time.sleep(0.05)
        self.wfile.write(body[: len(body) // 2] if reply.how == "cut" else body)
        self.close_connection = self.close_connection or reply.how != "whole"

    def _end(self, how: str) -> None:
        self.close_connection = True
        if how == "never":
            self.rfile.read(1)  # until the client or the server goes
            return
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())  # at once, with no FIN before

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Leaves stderr to the tests."""
