"""The public posts of an account of the Fediverse, from its own server, by Mastodon's API without a login."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from huggingtweets_hub.core import files, settings, wishes
from huggingtweets_hub.core.accounts import mention, model_name
from huggingtweets_hub.core.errors import (
    ACCOUNT_GONE,
    AccountInactiveError,
    AccountNotFoundError,
    AccountSuspendedError,
    EmptyTimelineError,
    ServerRefusedError,
    WrongAccountError,
)
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Account, Post, Timeline
from huggingtweets_hub.core.text import counted, one_line, whole
from huggingtweets_hub.posts import formats, source
from huggingtweets_hub.posts.fediverse import actor, notes, server
from huggingtweets_hub.posts.fediverse.pages import Pages
from huggingtweets_hub.posts.fediverse.server import Home, Server
from huggingtweets_hub.posts.fediverse.statuses import Statuses, has_id
from huggingtweets_hub.posts.reading import Reading

_LONGEST_NAME = 300


class Mastodon:
    """Timelines from servers that have Mastodon's API, kept under `HUGGINGTWEETS_HOME` for a day."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def account(self) -> Account | None:
        """None: any account can be read."""
        return None

    def require_usable(self, handle: str) -> None:
        """Make sure that the account is one of the Fediverse.

        Raises:
            InvalidInputError: It is one of another network.
        """
        source.require_fits("mastodon", handle)

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """The account's public and unlisted posts, newest first.

        Raises:
            AccountNotFoundError, AccountSuspendedError, AccountInactiveError: It cannot be read.
            WrongAccountError: Its handle leads to a different account.
            OptedOutError: It does not want to be used.
            EmptyTimelineError: It has no posts that may be taken.
            BlockedError, RateLimitedError, ServerRefusedError, ServerUnavailableError, UnsafeAddressError: A
                server does not give what was asked for.
        """
        self.require_usable(handle)
        host = handle.partition("@")[2]
        progress.note(
            f"Note: Reading posts by program may be against the terms of {host} (https://{host}/about). "
            f"An archive is its owner's to use (https://{host}/settings/export)."
        )
        name, root = model_name([handle]), files.folder(settings.timelines())
        folder = root / f"{name}-{hashlib.sha256(handle.lower().encode()).hexdigest()[:16]}"
        with files.lock(root / f"{name}.lock"):
            try:
                home = server.home_of(server.web_of(host, progress), handle)
                asked = Server(server.web_of(home.host, progress), home.host)
                described = _described(asked, home, handle)
                wished = _said(described)
                wishes.require(wished, handle, self._reading.consent, is_file=False)
                pages = self._kept(files.folder(folder), handle, progress)
                statuses = Statuses(asked, str(described["id"]), pages, self._reading)
                total = _count(described, max_tweets)
                with _gone(asked.host, handle):
                    while not statuses.is_enough(max_tweets, since):
                        statuses.read_page()
                        done = len(statuses.posts)
                        progress.advance("Fetching", done, max(total, done + 1), "posts")
            except ACCOUNT_GONE:
                files.remove(folder)  # what an account takes back must not be used any longer
                raise
        posts = _taken(statuses, asked.host, handle, progress)[:max_tweets]
        progress.advance("Fetching", len(posts), len(posts), "posts")
        account = _account(described, home, host)
        return Timeline(account=account, tweets=posts, source="mastodon", wishes=wished)

    def _kept(self, folder: Path, handle: str, progress: Progress) -> Pages:
        """What was read of the account less than a day ago, if that is to be used."""
        pages = Pages(folder / "statuses.jsonl")
        if self._reading.rebuy or not pages.is_of_today:
            pages.begin_again()
        else:
            progress.note(
                f"Using {counted(len(pages.statuses), 'post')} of {mention(handle)} that were read less than "
                "a day ago. --rebuy reads them again."
            )
        return pages


def _taken(statuses: Statuses, host: str, handle: str, progress: Progress) -> tuple[Post, ...]:
    """The posts that may be taken, newest first; says how many may not.

    Raises:
        EmptyTimelineError: There are none.
    """
    passed_over = notes.numbers(statuses.passed_over)
    posts = formats.newest_first(statuses.posts)
    if not posts:
        why = f", only {passed_over}" if passed_over else ""
        raise EmptyTimelineError(
            f"{host} has no public posts of {mention(handle)}{why}.", "Use another account."
        )
    if passed_over:
        progress.note(f"{mention(handle)}: left out {passed_over}.")
    return posts


def _described(asked: Server, home: Home, handle: str) -> Mapping[str, Any]:
    """What the server says of the account.

    Raises:
        SourceError: It does not know it, or it is not to be read.
    """
    with _gone(asked.host, handle):
        found = asked.ask("/api/v1/accounts/lookup", {"acct": home.user})
    if not has_id(found):
        raise asked.not_understood()
    if str(found.get("acct")).lower() != home.user.lower():
        raise WrongAccountError(
            f"{asked.host} gives the account {one_line(found.get('acct'))} for {mention(handle)}.",
            "Check the spelling, or use another account.",
        )
    described: Mapping[str, Any] = found
    _require_active(described, handle)
    return described


@contextmanager
def _gone(host: str, handle: str) -> Iterator[None]:
    """Say of an account that the server does not have, or not any longer, what that means."""
    try:
        yield
    except ServerRefusedError as error:
        if error.status == 404:
            raise AccountNotFoundError(
                f"{host} has no account {mention(handle)}.", "Check the spelling, or use another account."
            ) from error
        if error.status == 410:
            raise AccountSuspendedError(
                f"{mention(handle)} is gone from {host}.", "Use another account."
            ) from error
        raise


def _require_active(described: Mapping[str, Any], handle: str) -> None:
    moved = described.get("moved")
    if described.get("suspended") is True:
        raise AccountSuspendedError(f"{mention(handle)} is suspended by its server.", "Use another account.")
    if described.get("memorial") is True:
        raise AccountInactiveError(f"The owner of {mention(handle)} has died.", "Use another account.")
    if isinstance(moved, dict):
        where = one_line(moved.get("url") or moved.get("acct") or "another server")
        raise AccountInactiveError(f"{mention(handle)} has moved to {where}.", "Use the account there.")


def _count(described: Mapping[str, Any], most: int | None) -> int:
    """About how many posts will be read."""
    stated = described.get("statuses_count")
    count = stated if type(stated) is int and 0 <= stated < 10**9 else 0
    return count if most is None else min(count, most)


def _said(described: Mapping[str, Any]) -> tuple[str, ...]:
    """What the account says of how it may be used, by the keys of `core.wishes`."""
    return actor.said(
        {
            "indexable": described.get("indexable") is not False and described.get("noindex") is not True,
            "summary": described.get("note"),
            "name": described.get("display_name"),
            "attachment": described.get("fields"),
            "manuallyApprovesFollowers": described.get("locked"),
            "type": "Service" if described.get("bot") is True else "Person",
        }
    )


def _account(described: Mapping[str, Any], home: Home, domain: str) -> Account:
    name, page = described.get("display_name"), actor.address(described.get("url"))
    avatar = actor.address(described.get("avatar"))
    return Account(
        handle=f"{home.user}@{domain}",
        name=whole(name)[:_LONGEST_NAME] if isinstance(name, str) else "",
        avatar_url=avatar,
        id=home.id,
        profile_url=page if page and page.startswith("https:") and actor.host(page) == home.host else None,
        picture=server.picture(home.host, avatar) if avatar else None,
    )
