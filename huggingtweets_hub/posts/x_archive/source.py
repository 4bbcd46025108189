"""The archive that X gives account holders of their own posts: the zip, the unpacked folder, or a file of it.

It also holds direct messages and IP addresses, so only the files that `layout` names are ever opened.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from huggingtweets_hub.core.errors import EmptyTimelineError, UnreadableFileError, WrongAccountError
from huggingtweets_hub.core.progress import Progress, Silent
from huggingtweets_hub.core.records import Account, Post, Recognised, Timeline
from huggingtweets_hub.core.text import one_line
from huggingtweets_hub.posts import edits, formats
from huggingtweets_hub.posts.containers import PACKED, Container, again, beside, opened
from huggingtweets_hub.posts.json_cursor import BadJsonError
from huggingtweets_hub.posts.tables.record import has_text
from huggingtweets_hub.posts.x_archive import layout, manifest, notes, scripts
from huggingtweets_hub.posts.x_archive.layout import Layout
from huggingtweets_hub.posts.x_archive.manifest import Manifest
from huggingtweets_hub.posts.x_archive.other_contents import ASK

_SCRIPT = ".js"
_POSTS = ("tweet", "tweets")
KINDS = (*PACKED, _SCRIPT)
"""How the names of files end that may be an archive, or belong to one."""


class XArchive:
    """An official archive from any year since 2013: packed, unpacked, or one of its files of posts."""

    def __init__(self, path: Path) -> None:
        self._path = path if path.name else path.resolve()  # the name is what messages say

    def account(self) -> Account | None:
        """The archive's owner; None if it does not say whose it is.

        Raises:
            UnreadableFileError: It is not an archive, or it is damaged.
        """
        with self._opened() as (container, found):
            return manifest.read(container, found, Silent()).account()

    def require_usable(self, handle: str) -> None:
        """Make sure that the archive can be opened and is that of an account.

        Raises:
            UnreadableFileError: It is not an archive, or it is damaged.
            WrongAccountError: It belongs to a different account.
        """
        owner = self.account()
        if owner is not None:
            _require_same(self._path.name, owner, handle)

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """All posts of the archive, newest first; long posts have their full text.

        Raises:
            UnreadableFileError: It is not an archive, or it is damaged.
            WrongAccountError: It belongs to a different account.
            EmptyTimelineError: It holds no posts.
        """
        with self._opened() as (container, found):
            stated = manifest.read(container, found, progress)
            reading = _Reading(self._path.name, container, found, stated, progress)
            account = reading.owner(handle)
            tweets = reading.posts(account)
        if not tweets:
            raise EmptyTimelineError(
                f"{self._path.name} holds no tweets of @{account.handle}.", "Check that it is the right file."
            )
        progress.advance("Reading", len(tweets), len(tweets), "tweets")
        unnamed = None if stated.account() else Recognised(columns={}, names_author=False)
        return Timeline(account=account, tweets=tweets, source="x_archive", recognised=unnamed)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Container, Layout]]:
        if self._path.suffix.lower() == _SCRIPT and not self._path.is_dir():
            with beside(self._path, ASK) as container:
                yield container, layout.of_file(container, self._path.resolve().name)
        else:
            with opened(self._path, ASK) as container:
                yield container, layout.find(container)


def _require_same(name: str, owner: Account, handle: str) -> None:
    if owner.handle.lower() != handle.lower():
        raise WrongAccountError(
            f"{name} is the archive of @{owner.handle}, not of @{handle}.",
            f"Use the archive of @{handle}, or leave out the handle.",
        )


class _Reading:
    """One reading of an archive, with what has to be said about it in the end."""

    def __init__(
        self, name: str, container: Container, found: Layout, stated: Manifest, progress: Progress
    ) -> None:
        self._name = name
        self._container = container
        self._layout = found
        self._stated = stated
        self._progress = progress
        self._chains: list[tuple[str, ...]] = []
        self._read: Counter[str] = Counter()  # records, by file
        self._textless = 0
        self._fields = ""
        self._cut: dict[str, BadJsonError] = {}

    def owner(self, handle: str) -> Account:
        """The archive's owner, or the account that the user named if the archive names none.

        Raises:
            WrongAccountError: It names another.
        """
        owner = self._stated.account()
        if owner is None:
            self._progress.warn(
                f"{self._name} does not say whose archive it is. Its posts are assumed to be by @{handle}."
            )
            return self._stated.account(handle) or Account(handle=handle)
        _require_same(self._name, owner, handle)
        return owner

    def posts(self, account: Account) -> tuple[Post, ...]:
        """All posts, newest first: the last versions, in full.

        Raises:
            UnreadableFileError: They are damaged, or something else.
            WrongAccountError: They name another account as their author.
        """
        named = self._stated.account() is not None
        everything = formats.newest_first(self._each(None if named else account.handle))
        self._say_what_is_lost()
        posts = edits.last_versions(everything, self._chains)
        self._say_what_is_left_out(len(everything) - len(posts))
        return notes.completed(
            posts, notes.notes(self._tolerated(self._layout.notes, "Long posts stay cut off."))
        )

    def _each(self, handle: str | None) -> Iterator[Post]:
        for name in self._layout.tweets:
            for record in self._records(name):
                if handle:
                    self._require_author(record, handle)
                post = formats.tweet(record)
                if not post.text and not has_text(record):
                    self._textless += 1
                    inner = record.get("tweet")
                    named = inner if inner and isinstance(inner, Mapping) else record
                    self._fields = self._fields or one_line(", ".join(named))
                    continue
                if chain := edits.versions(record):
                    self._chains.append(chain)
                yield post

    def _require_author(self, record: Mapping[str, Any], handle: str) -> None:
        author = scripts.at(record.get("tweet", record), "user", "screen_name")
        if author and str(author).lower() != handle.lower():
            raise WrongAccountError(
                f"{self._name} holds posts of @{one_line(author)}, not of @{handle}.",
                f"Use {one_line(author)} as the handle, or the archive of @{handle}.",
            )

    def _records(self, name: str) -> Iterator[Mapping[str, Any]]:
        """The records of a file of posts; of one that was cut off, those before the cut.

        Raises:
            UnreadableFileError: It is damaged, or says itself that it holds something else.
        """
        try:
            held = scripts.kind(self._container, name)
            if held not in (None, *_POSTS):
                raise UnreadableFileError(
                    f"{self._where(name)} is not a file of posts: its first line says that it holds "
                    f"{held.replace('_', ' ')!r:.60}.",
                    "In the archive that X gives, the posts are in data/tweets.js.",
                )
            for record in scripts.items(self._container, name):
                self._read[name] += 1
                yield record
        except BadJsonError as error:
            if not error.is_cut:
                raise self._unreadable(name, error) from error
            self._cut[name] = error
        except ValueError as error:
            raise self._unreadable(name, error) from error

    def _tolerated(self, names: tuple[str, ...], loss: str) -> Iterator[Mapping[str, Any]]:
        """The records of files that help only; where one is damaged, those before, with a warning."""
        for name in names:
            try:
                yield from scripts.items(self._container, name)
            except ValueError as error:
                self._progress.warn(f"{self._where(name)} could not be read to its end: {error}. {loss}")

    def _say_what_is_lost(self) -> None:
        """Warn of posts that the archive had when it was made, or that could not be read.

        Raises:
            UnreadableFileError: Nothing could be read.
        """
        read = self._read.total()
        if read == self._textless:
            for name, error in self._cut.items():
                raise self._unreadable(name, error) from error
            if read:
                where = self._where(self._layout.tweets[0])
                raise UnreadableFileError(f"{where} holds no posts: its fields are {self._fields}.", ASK)
        for name, error in self._cut.items():
            expected = self._stated.counts.get(layout.plain_name(name))
            of = f" of {expected:,}" if expected else ""
            self._progress.warn(
                f"{self._where(name)} is cut off in line {error.line:,}: only the first "
                f"{self._read[name]:,}{of} posts were read. Download or copy it again to have all of them."
            )
        lost = []
        if read < self._stated.expected and not self._cut:
            lost.append(f"lists {self._stated.expected:,} posts but holds {read:,}")
        if missing := self._missing():
            lost.append(f"lacks {one_line(', '.join(missing[:5]))}")
        if lost:
            said = " and ".join(lost)
            self._progress.warn(
                f"{self._name} {said}. If you did not take that out yourself, download it again."
            )
        if self._textless:
            self._progress.warn(
                f"{self._name}: left out what has no text ({self._textless:,} of {read:,} records)."
            )

    def _missing(self) -> list[str]:
        """The files of posts that the manifest lists, or that the numbers of the others call for."""
        there = {layout.plain_name(name) for name in self._layout.tweets}
        listed = [name for name in self._stated.counts if name]
        if there.isdisjoint(listed):
            return [*self._layout.missing]
        return [name for name in listed if name not in there]

    def _say_what_is_left_out(self, older: int) -> None:
        note = self._progress.note
        if older:
            versions = "version" if older == 1 else "versions"
            note(f"{self._name}: left out {older:,} older {versions} of posts that were edited.")
        if others := sum(1 for _ in self._tolerated(self._layout.communities, "")):
            posts = "post" if others == 1 else "posts"
            note(f"{self._name}: left out {others:,} community {posts}, written for members only.")
        if self._layout.left_out:
            names = one_line(", ".join(self._layout.left_out[:5]))
            note(f"{self._name}: left out {names}: not a part of the archive.")

    def _unreadable(self, name: str, error: ValueError) -> UnreadableFileError:
        return UnreadableFileError(
            f"{self._where(name)} could not be read: {error}.",
            again(ASK),
        )

    def _where(self, name: str) -> str:
        return name if name == self._name else f"{name} in {self._name}"
