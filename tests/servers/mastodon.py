"""Servers of the Fediverse in memory: Mastodon and Pleroma, and some that do not speak as they do.

All of them are on one port of loopback; the first part of a path is the name of the server that is asked. A
call that is not served is a 404 and an entry of `unhandled`. Faults and replies are those of
`tests.servers.at`:

    with MastodonServer() as fediverse:
        fediverse.add_account("ann@m.example", statuses(100))
        fediverse.faults.add(Fault("/statuses", lambda *_: Reply(429, {}), times=1, skip=1))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.servers.at import JSON, AtServer, Reply
from tests.servers.x_api import Request

MOST = 40
"""Statuses of a page."""
PICTURE = b"\x89PNG picture"
LOGIN = {"error": "This API requires an authenticated user"}


def status(number: int, text: str = "", **fields: Any) -> JSON:
    """A public status as Mastodon gives it; a field that is `...` is left out."""
    whole = {
        "id": str(number),
        "created_at": f"2024-03-{1 + number // 1440 % 28:02}T{number // 60 % 24:02}:{number % 60:02}:00.000Z",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"https://m.example/users/ann/statuses/{number}",
        "content": f"<p>{text or f'post {number}'}</p>",
        "edited_at": None,
        "reblog": None,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "poll": None,
        **fields,
    }
    return {key: value for key, value in whole.items() if value is not ...}


def boost(number: int, text: str) -> JSON:
    """A boost, whose content is what another has said."""
    inner = status(7, text, account={"id": "999", "acct": "bob@other.example"})
    return status(number, text, reblog=inner)


@dataclass
class Account:
    """An account: what its server says of it, and what it has posted, newest first."""

    profile: JSON
    statuses: list[JSON] = field(default_factory=list)


class MastodonServer(AtServer):
    """Servers of the Fediverse on 127.0.0.1, in a thread of its own between `with` and the end of the block.

    Attributes:
        hosted: The accounts, by the server and their name there.
        home: The server of each account, by its handle: what WebFinger says.
        redirects: Domains that send those who ask for an account to the server below them.
        software: What each server runs; Mastodon where it is not said.
        needs_login: Servers that show nothing without one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.hosted: dict[tuple[str, str], Account] = {}
        self.home: dict[str, tuple[str, str]] = {}
        self.redirects: dict[str, str] = {}
        self.software: dict[str, str] = {}
        self.needs_login: set[str] = set()

    def add_account(
        self, handle: str, statuses: Iterable[JSON] = (), *, at: str = "", id: str = "", **profile: Any
    ) -> Account:
        """Opens an account, on the server `at` or on that of its handle."""
        user, _, domain = handle.partition("@")
        host = at or domain
        id = id or f"https://{host}/users/{user}"
        posted = sorted(statuses, key=lambda one: (len(str(one["id"])), str(one["id"])), reverse=True)
        said = {
            "id": str(115 + len(self.hosted)),
            "username": user,
            "acct": user,
            "display_name": f"{user.capitalize()} of the Lamp",
            "locked": False,
            "bot": False,
            "discoverable": True,
            "indexable": True,
            "noindex": False,
            "note": "<p>Keeper.</p>",
            "url": f"https://{host}/@{user}",
            "uri": id,
            "avatar": f"https://{host}/avatars/{user}.png",
            "statuses_count": len(posted),
            "emojis": [],
            "fields": [],
            **profile,
        }
        account = Account({key: value for key, value in said.items() if value is not ...}, posted)
        for one in posted:
            one.setdefault("account", {"id": account.profile.get("id"), "acct": user})
        self.hosted[host, user.lower()] = account
        self.home[handle.lower()] = (handle, id)
        return account

    def answer(self, request: Request) -> Reply:
        """The honest reply."""
        _, host, *parts = request.path.split("/", 2)
        for path, serve in _ENDPOINTS.items():
            if f"/{parts[0]}".startswith(path):
                return serve(self, host, request)
        self.unhandled.append(f"{request.method} {request.path}")
        return _missing()

    def _webfinger(self, host: str, request: Request) -> Reply:
        if host in self.redirects:
            to = f"https://{self.redirects[host]}/.well-known/webfinger?resource={request.query['resource']}"
            return Reply(301, "", {"location": to})
        handle = request.query["resource"].removeprefix("acct:").lower()
        if handle not in self.home:
            return _missing()
        subject, id = self.home[handle]
        links = [
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": f"{id}.html"},
            {"rel": "self", "type": "application/activity+json", "href": id},
            {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": f"https://{host}/x?uri={{uri}}"},
        ]
        return Reply(200, {"subject": f"acct:{subject}", "aliases": [id], "links": links})

    def _nodeinfo(self, host: str, request: Request) -> Reply:
        if not (software := self.software.get(host, "mastodon")):
            return _missing()
        if "well-known" in request.path:
            rel = "http://nodeinfo.diaspora.software/ns/schema/2.0"
            return Reply(200, {"links": [{"rel": rel, "href": f"https://{host}/nodeinfo/2.0"}]})
        return Reply(200, {"version": "2.0", "software": {"name": software, "version": "4.6.0"}})

    def _lookup(self, host: str, request: Request) -> Reply:
        account = self.hosted.get((host, request.query["acct"].lower()))
        if refusal := self._refusal(host):
            return refusal
        return Reply(200, account.profile) if account else _missing()

    def _statuses(self, host: str, request: Request) -> Reply:
        id = request.path.split("/")[-2]
        found = (one for (at, _), one in self.hosted.items() if at == host and str(one.profile["id"]) == id)
        account = next(found, None)
        if account is None or (refusal := self._refusal(host)):
            return _missing() if account is None else refusal or _missing()
        before = request.query.get("max_id", "")
        older = [one for one in account.statuses if not before or _order(one["id"]) < _order(before)]
        page = older[: min(MOST, int(request.query.get("limit", "20")))]
        next_page = f"https://{host}/{urlsplit(request.path).path}?max_id={before}"
        return Reply(200, page, {"link": f'<{next_page}>; rel="next"' if len(page) == MOST else ""})

    def _picture(self, host: str, request: Request) -> Reply:
        return Reply(200, PICTURE)

    def _refusal(self, host: str) -> Reply | None:
        """What a server that does not have Mastodon's API, or wants a login, says to every call."""
        software = self.software.get(host, "mastodon")
        if software == "wordpress":
            return Reply(200, "<!DOCTYPE html><title>A blog</title>")
        if software == "misskey":
            return Reply(404, {"error": {"code": "NO_SUCH_ENDPOINT"}})
        if not software:
            return Reply(404, "<!DOCTYPE html><title>Not found</title>")
        is_closed = software == "gotosocial" or host in self.needs_login
        return Reply(401, LOGIN) if is_closed else None


_ENDPOINTS: dict[str, Callable[[MastodonServer, str, Request], Reply]] = {
    "/.well-known/webfinger": MastodonServer._webfinger,
    "/.well-known/nodeinfo": MastodonServer._nodeinfo,
    "/nodeinfo/2.0": MastodonServer._nodeinfo,
    "/api/v1/accounts/lookup": MastodonServer._lookup,
    "/api/v1/accounts/": MastodonServer._statuses,
    "/avatars/": MastodonServer._picture,
}


def _missing() -> Reply:
    return Reply(404, {"error": "Record not found"})


def _order(id: Any) -> tuple[int, str]:
    return len(str(id)), str(id)
