"""An export that a network gives to the owner of an account: its zip, its folder, or a file of posts in it.

It also holds messages and addresses, so only files with the names of its posts are ever opened,
or the only one that is there.
"""

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, NamedTuple

from huggingtweets_hub.core.accounts import NETWORKS, mention, name_of, network_of
from huggingtweets_hub.core.errors import (
    EmptyTimelineError,
    HuggingTweetsError,
    InvalidInputError,
    UnreadableFileError,
)
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Account, Post, Recognised, Timeline
from huggingtweets_hub.core.text import counted
from huggingtweets_hub.posts import formats, kept_back
from huggingtweets_hub.posts.containers import Container, beside, is_junk, opened
from huggingtweets_hub.posts.encodings import encoding_of
from huggingtweets_hub.posts.exports.kinds import Kind
from huggingtweets_hub.posts.exports.meta import INSTAGRAM, THREADS
from huggingtweets_hub.posts.exports.reddit import REDDIT

_KINDS = (THREADS, INSTAGRAM, REDDIT)
_ZIP, _FILES = ".zip", (".json", ".csv")
_ASK = "Ask the network for a new one."
_BEGINNING = 1 << 16  # characters
# What Instagram gives in the form of posts, and others have written, or not everybody can see.
_NO_POSTS = re.compile(r"(?:saved|archived|stor(?:y|ies))(?:[_-].*)?\.json", re.IGNORECASE)


@dataclass(slots=True)
class _Tally:
    """How many posts were read, and how many were skipped, by why."""

    read: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)


class _Read(NamedTuple):
    """The posts of a network in an export."""

    kind: Kind
    posts: tuple[Post, ...]
    tally: _Tally


class _Found(NamedTuple):
    """The files of posts in an export, by what they are."""

    files: dict[Kind, list[str]]
    other_form: dict[Kind, str]


class Export:
    """An export of Threads, Instagram or Reddit.

    It names no author, so the handle must say whose it is, and of which network: one zip of Meta may hold
    posts of Threads and of Instagram.
    """

    def __init__(self, path: Path) -> None:
        self._path = path if path.name else path.resolve()
        self._name = self._path.name
        self._checked: dict[str, _Read] = {}

    def account(self) -> Account | None:
        """None: such an export does not say whose it is."""
        return None

    def require_usable(self, handle: str) -> None:
        """Make sure that the export can be read and holds posts of the handle's network.

        What was read is kept for `fetch`.

        Raises:
            InvalidInputError, UnreadableFileError, EmptyTimelineError: As `fetch` does.
        """
        self._checked[handle] = self._read(handle)

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """All posts of the export on the handle's network; each once, newest first.

        Raises:
            InvalidInputError: The handle is one of a network that the export is not of.
            UnreadableFileError: The export is damaged, or in a form that cannot be read.
            EmptyTimelineError: It holds no posts with a text.
        """
        read = self._checked.pop(handle, None) or self._read(handle)
        kind, posts, tally = read
        repeated = tally.read - len(posts)
        progress.advance("Reading", len(posts), len(posts), "posts")
        for why, count in tally.passed_over.items():
            progress.note(f"{self._name}: skipped {counted(count, 'post')}: {why}.")
        if repeated:
            progress.note(f"{self._name}: left out {counted(repeated, 'duplicate')}.")
        progress.warn(
            f"{self._name} does not say whose posts it holds; they are assumed to be by {mention(handle)}."
        )
        recognised = Recognised(
            columns={}, passed_over=tally.passed_over.total(), duplicates=repeated, names_author=False
        )
        return Timeline(
            account=Account(handle=handle), tweets=posts, source=kind.source, recognised=recognised
        )

    def _read(self, handle: str) -> _Read:
        """The posts of the handle's network, and what they were read from."""
        tally = _Tally()
        with _opened(self._path) as (container, names):
            found = _find(container, names)
            kind = self._kind(found, handle)
            posts = formats.newest_first(_once(self._posts(container, found.files[kind], kind, tally)))
        if not any(post.text for post in posts):
            why = "; ".join(f"{count:,} {reason}" for reason, count in tally.passed_over.items())
            raise EmptyTimelineError(
                f"{self._name} holds no posts with a text on {_title(kind)}{f' ({why})' if why else ''}.",
                "Check that it is the export of the right account.",
            )
        return _Read(kind, posts, tally)

    def _kind(self, found: _Found, handle: str) -> Kind:
        """What is to be read for a handle."""
        network = network_of(handle)
        for kind in found.files:
            if kind.network == network:
                return kind
        for kind, name in found.other_form.items():
            if kind.network == network or not found.files:
                raise UnreadableFileError(
                    f"{self._name} has {name}, which is a page to look at and cannot be read as data.",
                    kind.ask,
                )
        if not found.files:
            raise UnreadableFileError(
                f"{self._name} holds no Threads, Instagram or Reddit posts.",
                "Use another file with --from.",
            )
        titles = " and ".join(map(_title, found.files))
        name = "NAME" if network in ("bluesky", "fediverse") else name_of(handle)
        raise InvalidInputError(
            f"{self._name} is an export of {titles}, which does not say whose it is, and "
            f"{mention(handle)} is not a handle there.",
            f"Write the handle as {' or '.join(f'{kind.network}:{name}' for kind in found.files)}.",
        )

    def _posts(self, container: Container, names: Iterable[str], kind: Kind, tally: _Tally) -> Iterator[Post]:
        for name in names:
            with container.open(name) as content, _text(content) as stream:
                try:
                    for post in kind.posts(stream, name, tally.passed_over):
                        tally.read += 1
                        yield post
                except UnicodeDecodeError as error:
                    raise UnreadableFileError(
                        f"{name} is not UTF-8 text (byte {error.object[error.start]:#04x}).",
                        f"Use it as it was in the export. {kind.ask}",
                    ) from error


def is_export(path: Path) -> bool:
    """Whether this is an export of Threads, Instagram or Reddit, by its content; not if it is unreadable."""
    if not path.is_dir() and not path.name.lower().endswith((_ZIP, *_FILES)):
        return False
    try:
        with _opened(path) as (container, names):
            return any(_find(container, names))
    except HuggingTweetsError:  # which the source that reads it will explain
        return False


def _once(posts: Iterable[Post]) -> Iterator[Post]:
    """The posts without those that have no id, but the text and the time of another."""
    seen: set[tuple[str, datetime]] = set()
    for post in posts:
        if post.id is None and post.created_at is not None:
            if (post.text, post.created_at) in seen:
                continue
            seen.add((post.text, post.created_at))
        yield post


def _title(kind: Kind) -> str:
    return NETWORKS[kind.network].title


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Container, list[str]]]:
    """The container of an export; and the name of the file in it, if one was given."""
    if path.name.lower().endswith(_FILES) and not path.is_dir():
        with beside(path, _ASK) as container:
            yield container, [path.resolve().name]
    else:
        with opened(path, _ASK) as container:
            yield container, []


def _find(container: Container, given: list[str]) -> _Found:
    """The files of posts in a container; if there is only one that may be it, whatever that is called."""
    found = _Found({}, {})
    names = sorted(given or (name for name in container.names() if not is_junk(name)))
    tables = [name for name in names if name.lower().endswith(_FILES)]
    for name in names:
        base = name.rpartition("/")[2]
        if _NO_POSTS.fullmatch(base) or kept_back.is_private(base) or kept_back.is_of_others(base):
            continue
        for kind in _KINDS:
            if (tables == [name] or kind.names.fullmatch(base)) and kind.is_one(
                _beginning(container.open(name))
            ):
                found.files.setdefault(kind, []).append(name)
            elif kind.other_form and kind.other_form.fullmatch(base):
                found.other_form[kind] = name
    return found


def _beginning(opened: AbstractContextManager[IO[bytes]]) -> str:
    with opened as content, _text(content, "replace") as stream:
        return stream.read(_BEGINNING)


def _text(content: IO[bytes], errors: str = "strict") -> io.TextIOWrapper:
    """The text of a file, with its line ends: UTF-8, or UTF-16 where an editor has saved it so."""
    return io.TextIOWrapper(content, encoding_of(content), errors, newline="")
