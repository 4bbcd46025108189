"""Bluesky over the network: an account's whole repository in one request to the server that keeps it."""

import dataclasses
from contextlib import suppress
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from huggingtweets_hub.core import files, settings, wishes
from huggingtweets_hub.core.accounts import mention, model_name
from huggingtweets_hub.core.errors import (
    ACCOUNT_GONE,
    AccountInactiveError,
    AccountNotFoundError,
    AccountSuspendedError,
    OptedOutError,
    ServerRefusedError,
    ServerUnavailableError,
    SourceError,
    UnreadableFileError,
    WrongAccountError,
)
from huggingtweets_hub.core.progress import Progress, Silent
from huggingtweets_hub.core.records import Account, Timeline
from huggingtweets_hub.core.text import one_line
from huggingtweets_hub.posts import source as posts_source
from huggingtweets_hub.posts.atproto import identity, repository
from huggingtweets_hub.posts.atproto import source as car_source
from huggingtweets_hub.posts.atproto.identity import ASK_FOR_REPOSITORY, Identity
from huggingtweets_hub.posts.atproto.kept import Kept
from huggingtweets_hub.posts.atproto.repository import Repository
from huggingtweets_hub.posts.reading import Reading
from huggingtweets_hub.posts.web import Web

TERMS = (
    "Posts on Bluesky are public, but they remain their authors': publish a bot only if the author agrees, "
    "and take it down when asked (huggingtweets unpublish)."
)
_LARGEST = 2 << 30
_SECONDS = 1800.0
_LARGEST_PICTURE = 5 << 20
_PICTURE_SECONDS = 10.0
_STATES: dict[str, tuple[type[SourceError], str, str]] = {
    "RepoNotFound": (
        AccountNotFoundError,
        "is not on the server that its document names ({host})",
        "If it is just moving, try again tomorrow. Otherwise use another account.",
    ),
    "RepoTakendown": (AccountSuspendedError, "was taken down by its server", "Use another account."),
    "RepoSuspended": (AccountSuspendedError, "is suspended by its server", "Use another account."),
    "RepoDeactivated": (
        AccountInactiveError,
        "was deactivated by its owner",
        "Try again when it is active again, or use another account.",
    ),
}


class Bluesky:
    """The posts of accounts on Bluesky's network, from the servers that keep them.

    A repository is kept under `HUGGINGTWEETS_HOME` for a day.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def account(self) -> Account | None:
        """None: any account can be read."""
        return None

    def require_usable(self, handle: str) -> None:
        """Make sure that the account is one of Bluesky's.

        Raises:
            InvalidInputError: It is one of another network.
        """
        posts_source.require_fits("bluesky", handle)

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """All posts of the account, newest first.

        Raises:
            AccountNotFoundError, AccountSuspendedError, AccountInactiveError: It cannot be read.
            WrongAccountError: Its handle or its server leads to a different account.
            OptedOutError: It does not want to be used.
            EmptyTimelineError: It has no posts.
            BlockedError, RateLimitedError, ServerRefusedError, ServerUnavailableError, UnsafeAddressError: A
                server does not give what was asked for.
        """
        self.require_usable(handle)
        progress.note(f"Note: {TERMS}")
        web = identity.web_of(progress)
        found = identity.identify(web, handle)
        name = model_name([found.handle])
        root = files.folder(settings.timelines())
        with files.lock(root / f"{name}.lock"):
            kept = Kept(root, name, found.did)
            try:
                read = self._repository(web, found, kept, progress)
                wishes.require(read.wishes, found.handle, self._reading.consent, is_file=False)
            except (*ACCOUNT_GONE, OptedOutError):
                kept.remove()  # what an account takes back must not stay
                raise
            if "archiving-not-allowed" in read.wishes:
                kept.remove()
        timeline = car_source.timeline(read, found.handle, _named(found), "bluesky", progress)
        return dataclasses.replace(timeline, account=_account(found, read))

    def _repository(self, web: Web, found: Identity, kept: Kept, progress: Progress) -> Repository:
        """The account's repository: the kept one if it is of today, else as its server gives it now."""
        host = _host(found)
        if self._reading.rebuy or not kept.is_of_today():
            progress.note(f"Fetching all posts of {mention(found.handle)} from {host}.")
            with kept.renewed() as path:
                _download(web, found, path)
        else:
            progress.note(
                f"Using the posts of {mention(found.handle)} that were fetched less than a day ago. "
                "--rebuy fetches them again."
            )
        try:
            read = repository.read(
                kept.path, name=_named(found), content_warnings=self._reading.content_warnings
            )
        except UnreadableFileError as error:
            kept.remove()
            raise ServerUnavailableError(
                error.message, f"Run the same command again later. {ASK_FOR_REPOSITORY}"
            ) from error
        if read.did != found.did:
            kept.remove()
            raise WrongAccountError(
                f"{host} gave the repository of {one_line(read.did)}, not that of {found.did}.",
                f"Try again later. {ASK_FOR_REPOSITORY}",
            )
        return read


def _download(web: Web, found: Identity, path: Path) -> None:
    url = f"{found.server}/xrpc/com.atproto.sync.getRepo"
    try:
        web.download(url, path, {"did": found.did}, largest=_LARGEST, seconds=_SECONDS)
    except ServerRefusedError as error:
        if error.code not in _STATES:
            raise
        kind, says, next_step = _STATES[error.code]
        raise kind(f"{mention(found.handle)} {says.format(host=_host(found))}.", next_step) from error


def _account(found: Identity, read: Repository) -> Account:
    """The account with its picture, which is on the same server; without one where that cannot be had."""
    url = picture = None
    if read.avatar:
        blob, query = f"{found.server}/xrpc/com.atproto.sync.getBlob", {"did": found.did, "cid": read.avatar}
        url = f"{blob}?{urlencode(query)}"
        with suppress(SourceError):
            web = identity.web_of(Silent(), seconds=_PICTURE_SECONDS)
            picture = web.get_bytes(blob, query, largest=_LARGEST_PICTURE)
    return Account(handle=found.handle, name=read.name, avatar_url=url, id=found.did, picture=picture)


def _named(found: Identity) -> str:
    return f"The repository from {_host(found)}"


def _host(found: Identity) -> str:
    return one_line(found.server.partition("://")[2])
