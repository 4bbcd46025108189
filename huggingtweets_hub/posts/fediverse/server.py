"""The servers of the Fediverse: which of them an account is at home on, and what is said where one refuses.

Only the account's own server has all of its posts; others know what happened to reach them. A handle may have
a domain above that server's, and WebFinger says where the account is.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from huggingtweets_hub.core import settings
from huggingtweets_hub.core.accounts import mention
from huggingtweets_hub.core.errors import (
    AccountNotFoundError,
    AccountSuspendedError,
    BlockedError,
    ServerRefusedError,
    ServerUnavailableError,
    SourceError,
    WrongAccountError,
)
from huggingtweets_hub.core.progress import Progress, Silent
from huggingtweets_hub.core.text import one_line
from huggingtweets_hub.posts.fediverse import actor
from huggingtweets_hub.posts.web import Web

_MOST_REDIRECTS = 3
_LARGEST_DESCRIPTION = 1 << 20
_QUICK_SECONDS = 10.0
_LOGIN = (401, 403, 422)
_MASTODONS = re.compile(r"mastodon|glitchcafe|hometown|pleroma|akkoma|rebased|friendica", re.IGNORECASE)
_MISSKEYS = re.compile(r"misskey|calckey|firefish|sharkey|cherrypick|foundkey|iceshrimp", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where an account is at home.

    Attributes:
        host: The server, which may have another name than the handle.
        user: The account's name there.
        id: The address of its actor.
    """

    host: str
    user: str
    id: str


def archive(host: str) -> str:
    """What gives the posts without the network: the rest of a sentence."""
    return (
        f"use the account's archive, which its owner can request at https://{host}/settings/export: "
        "--from archive.zip."
    )


def web_of(host: str, progress: Progress, seconds: float = 180.0) -> Web:
    """The web as a server is asked for its accounts; `seconds` is for one request and its tries."""
    here = settings.fediverse_url()
    return Web(progress, [here] if here else (), instead=f"Or {archive(host)}", seconds=seconds)


def picture(host: str, url: str) -> bytes | None:
    """The picture at an address that a server has named; None where it cannot be had soon."""
    with suppress(SourceError):
        quick = web_of(host, Silent(), _QUICK_SECONDS)
        return quick.get_bytes(_as_asked(url), largest=5_000_000)
    return None


def home_of(web: Web, handle: str) -> Home:
    """Where an account is at home, by the word of both the domain of its handle and its server.

    Raises:
        AccountNotFoundError, AccountSuspendedError: Its server does not know it, or not any longer.
        WrongAccountError: It is another's handle, or one of several of an account.
        SourceError: It could not be found out.
    """
    host = handle.partition("@")[2]
    id, subject, said_by = _webfinger(web, host, handle)
    home = actor.host(id)
    if said_by != home:
        confirmed, subject, said_by = _webfinger(web, home, handle)
        if (confirmed, said_by) != (id, home):
            raise WrongAccountError(
                f"{host} says that {mention(handle)} is on {home}, which does not know it.",
                "Use the handle that is shown on the account's profile.",
            )
    if subject.lower() != handle.lower():
        raise WrongAccountError(
            f"{mention(handle)} is called @{one_line(subject)} by its server.", "Use that handle."
        )
    return Home(host=home, user=subject.partition("@")[0], id=id)


def _webfinger(web: Web, host: str, handle: str) -> tuple[str, str, str]:
    """The address of the account's actor, its proper handle, and which server says so (RFC 7033)."""
    at = host
    for _ in range(_MOST_REDIRECTS + 1):
        url = _as_asked(f"https://{at}/.well-known/webfinger")
        try:
            found = web.get_json(url, {"resource": f"acct:{handle}"}, largest=_LARGEST_DESCRIPTION)
        except ServerRefusedError as error:
            if not (at := actor.host(error.location)):  # to the server that is below a domain
                raise _unknown(handle, host, error) from error
            continue
        subject = found.get("subject") if isinstance(found, dict) else None
        for id in _links(found, lambda link: link.get("rel") == "self" and _is_activity(link.get("type"))):
            return id, subject.removeprefix("acct:") if isinstance(subject, str) else handle, at
        raise AccountNotFoundError(
            f"{at} does not say where {mention(handle)} is in the Fediverse.", "Check the spelling."
        )
    raise ServerUnavailableError(f"{host} redirects in a circle.", f"Try again later, or {archive(host)}")


class Server:
    """Mastodon's API on one server, without a login."""

    def __init__(self, web: Web, host: str) -> None:
        self._web, self.host = web, host

    def ask(self, path: str, query: Mapping[str, str]) -> Any:
        """What the API answers.

        Raises:
            ServerRefusedError: It wants a login, has nothing there (404, 410), or is not Mastodon's.
            SourceError: It does not work.
        """
        try:
            return self._web.get_json(_as_asked(f"https://{self.host}{path}"), query)
        except (ServerRefusedError, BlockedError) as error:
            raise self._explained(error) from error

    def not_understood(self) -> ServerUnavailableError:
        """The error for an answer that is not what Mastodon gives."""
        return ServerUnavailableError(
            f"{self.host} gives an answer that does not come from Mastodon's API.",
            f"Try again later, or {archive(self.host)}",
        )

    def _explained(self, error: ServerRefusedError | BlockedError) -> SourceError:
        software = self._software()
        if software and not _MASTODONS.match(software):
            way = "export of the notes (notes.json)" if _MISSKEYS.match(software) else "export of its posts"
            return _refused(
                f"{self.host} runs {software}, whose posts cannot be read as Mastodon's are.",
                f"Give the account's own {way} with --from FILE.",
            )
        if error.status == 404 and not software:
            return _refused(
                f"{self.host} does not have Mastodon's API, which is needed to read posts.",
                "Give an export of the account's posts with --from FILE.",
            )
        if isinstance(error, ServerRefusedError) and error.status in _LOGIN:
            return _refused(
                f"{self.host} shows posts only to programs that are logged in ({error.status}).",
                _sentence(archive(self.host)),
                error.status,
            )
        return error

    def _software(self) -> str:
        """What the server runs, by its own word; empty if it does not say."""
        with suppress(SourceError):
            quick = web_of(self.host, Silent(), _QUICK_SECONDS)
            listed = quick.get_json(
                _as_asked(f"https://{self.host}/.well-known/nodeinfo"), largest=_LARGEST_DESCRIPTION
            )
            for url in _links(listed, lambda link: "nodeinfo" in str(link.get("rel"))):
                if actor.host(url) == self.host:
                    described = quick.get_json(_as_asked(url), largest=_LARGEST_DESCRIPTION)
                    software = described.get("software") if isinstance(described, dict) else None
                    name = software.get("name") if isinstance(software, dict) else None
                    return one_line(name)[:50] if isinstance(name, str) else ""
        return ""


def _is_activity(kind: object) -> bool:
    return isinstance(kind, str) and kind.startswith(("application/activity+json", "application/ld+json"))


def _unknown(handle: str, host: str, error: ServerRefusedError) -> SourceError:
    """The error for an account that its server does not name."""
    if error.status == 410:
        return AccountSuspendedError(f"{mention(handle)} is gone from {host}.", "Use another account.")
    if error.status == 404:
        return AccountNotFoundError(
            f"{host} has no account {mention(handle)}.", "Check the spelling, or use another account."
        )
    return error


def _links(found: Any, is_wanted: Callable[[Mapping[str, Any]], object]) -> Iterator[str]:
    """The addresses to which links of a description lead."""
    links = found.get("links") if isinstance(found, dict) else None
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and is_wanted(link) and (url := actor.address(link.get("href"))):
            yield url


def _refused(message: str, next_step: str, status: int = 0) -> ServerRefusedError:
    error = ServerRefusedError(message, next_step)
    error.status = status
    return error


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _as_asked(url: str) -> str:
    """The address that is really asked: another one where the settings say so."""
    here = settings.fediverse_url()
    return f"{here}/{url.partition('://')[2]}" if here else url
