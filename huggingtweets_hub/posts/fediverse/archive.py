"""The archive that a server of the Fediverse gives account holders: Mastodon's, Pleroma's or Akkoma's.

It holds posts for followers and for single people between the public ones; these are skipped, and only
counted, unless the owner wants them in.
"""

import dataclasses
import json
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from huggingtweets_hub.core import wishes
from huggingtweets_hub.core.errors import (
    AccountInactiveError,
    AccountSuspendedError,
    UnreadableFileError,
    WrongAccountError,
)
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Account, Timeline
from huggingtweets_hub.core.text import one_line
from huggingtweets_hub.posts import containers, formats
from huggingtweets_hub.posts.fediverse import actor, members
from huggingtweets_hub.posts.fediverse.members import ACTOR, ASK, OUTBOX, Members
from huggingtweets_hub.posts.fediverse.outbox import Outbox
from huggingtweets_hub.posts.reading import Reading


class FediverseArchive:
    """An archive as a zip or tar file, its folder, or its file of posts alone."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self._path = path if path.name else path.resolve()  # the name is what messages say
        self._reading = reading
        self._read: tuple[dict[str, Any], bytes | None] | None = None

    def account(self) -> Account | None:
        """The archive's owner; None if it does not say whose it is.

        Raises:
            UnreadableFileError: It is not an archive, or it is damaged.
        """
        described, picture = self._described()
        owner = actor.account(described)
        return owner and dataclasses.replace(owner, picture=picture)

    def require_usable(self, handle: str) -> None:
        """Make sure that the archive can be opened and is that of an account that may be read.

        Raises:
            UnreadableFileError: It is not an archive, or it is damaged.
            WrongAccountError: It belongs to a different account.
            AccountInactiveError, AccountSuspendedError: It is in memoriam, or suspended.
            OptedOutError: The account does not want to be used.
        """
        described, _ = self._described()
        self._owner(handle)
        if described.get("memorial") is True:
            raise AccountInactiveError(f"The owner of @{handle} has died.", "Use another account.")
        if described.get("suspended") is True:
            raise AccountSuspendedError(f"@{handle} is suspended by its server.", "Use another account.")
        wishes.require(actor.said(described), handle, self._reading.consent, is_file=True)

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """The public posts of the archive, newest first.

        Raises:
            UnreadableFileError: It is not an archive, or it is damaged.
            WrongAccountError: It belongs to a different account.
            EmptyTimelineError: It holds no posts that may be taken.
            AccountInactiveError, AccountSuspendedError, OptedOutError: As in `require_usable`.
        """
        self.require_usable(handle)
        described, picture = self._described()
        owner = self._owner(handle)
        if owner is None:
            progress.warn(
                f"{self._path.name} does not say whose archive it is. Its posts are assumed to be "
                f"by @{handle}."
            )
        if moved := actor.address(described.get("movedTo")):
            progress.note(
                f"@{handle} has moved to {one_line(moved)}. This is the archive of the old account."
            )
        with members.opened(self._path, needed=(OUTBOX,)) as found:
            outbox = Outbox(self._path.name, found, handle, actor.address(described.get("id")), self._reading)
            posts = formats.newest_first(outbox.posts())
        outbox.say(progress)
        if not posts:
            raise outbox.is_empty()
        progress.advance("Reading", len(posts), len(posts), "posts")
        account = owner or Account(handle=handle, id=outbox.author.id or None, picture=picture)
        return Timeline(
            account=account, tweets=posts, source="fediverse_archive", wishes=actor.said(described)
        )

    def _described(self) -> tuple[dict[str, Any], bytes | None]:
        """The description of the owner, empty if the archive has none, and the picture that it names."""
        if self._read is None:
            with members.opened(self._path, needed=(ACTOR,)) as found:
                described = _description(self._path.name, found) if found.has_actor else {}
                name = actor.picture_name(described)
                self._read = described, found.picture(name) if name else None
        return self._read

    def _owner(self, handle: str) -> Account | None:
        """The owner, by the handle that was asked for, which may have the domain above the server's."""
        owner = self.account()
        if owner is None or owner.handle.lower() == handle.lower():
            return owner
        user, _, home = handle.lower().partition("@")
        name, _, server = owner.handle.lower().partition("@")
        if user == name and "." in home and server.endswith(f".{home}"):
            return dataclasses.replace(owner, handle=handle)
        raise WrongAccountError(
            f"{self._path.name} is the archive of @{owner.handle}, not of @{handle}.",
            f"Use the archive of @{handle}, or leave out the handle.",
        )


def _description(name: str, found: Members) -> dict[str, Any]:
    content = found.read(ACTOR, members.LARGEST[ACTOR])
    described = None
    if content is not None:
        with suppress(ValueError, RecursionError):
            described = json.loads(content)
    if isinstance(described, dict):
        return described
    raise UnreadableFileError(f"{ACTOR} in {name} is damaged.", containers.again(ASK))
