"""Bring a Space of ours up to date in one commit: what differs is sent, what is no longer needed deleted."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingtweets_hub.core.bars import transfer_bars
from huggingtweets_hub.core.errors import NotOursError
from huggingtweets_hub.core.names import ATTRIBUTES, CARD, stays_inside
from huggingtweets_hub.core.progress import Progress, shows_bars
from huggingtweets_hub.hub import files as hub_files
from huggingtweets_hub.hub import push, spaces
from huggingtweets_hub.hub.repo import Published

MADE_BY = "huggingtweets_hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What came of it.

    Attributes:
        commit: None where nothing was sent.
        written: The files that were new or different.
        deleted: Files of an earlier version that are gone now.
    """

    commit: str | None
    written: tuple[str, ...]
    deleted: tuple[str, ...]


def update(
    space: str,
    build: Callable[[], push.Files],
    *,
    marker: str,
    message: str,
    private: bool,
    dry_run: bool,
    progress: Progress,
    create: Callable[[], None] | None = None,
    otherwise: str,
) -> Update:
    """Send the files to the Space, unless it holds them already.

    Args:
        space: Its repo id.
        build: Makes the files; asked for once it is clear that they may go there.
        marker: The file that says that we made the Space, and which files of it are ours.
        message: The commit's title.
        create: Makes the Space where there is none; by default it becomes a static one.
        otherwise: What else can be done where there is a Space of somebody else.

    Raises:
        NotOursError: There is a Space of that name that this toolkit did not make.
        HubError: The Hub refuses, or does not answer.
    """

    def mine() -> Published:
        found = spaces.read(space, marker)
        _require_ours(space, found, marker, otherwise)
        return found

    published = mine()
    built = build()
    gone = _stale(published, built)
    differing = sorted(built)
    if published.head is not None:
        differing = hub_files.differing(space, published.head, built, gone, kind="space")
    commit = None
    if differing and not dry_run:
        if published.head is None and create is not None:
            create()
            published = mine()
        with transfer_bars(shown=shows_bars(progress)):
            commit = push.push(
                space, built, whole=False, published=published, private=private, delete=gone,
                message=message, when_moved=lambda before: mine(), kind="space",
            ).oid  # fmt: skip
    written = tuple(path for path in differing if path not in gone)
    return Update(commit=commit, written=written, deleted=tuple(gone))


def marked(built: Mapping[str, Path | bytes], marker: str) -> dict[str, Path | bytes]:
    """The files with the one that says that they are ours."""
    said = {"made_by": MADE_BY, "schema": 1, "files": sorted([*built, marker])}
    return {**built, marker: (json.dumps(said, indent=1) + "\n").encode()}


def recorded(facts: Mapping[str, Any]) -> frozenset[str]:
    """The files that we put there, as far as their names are safe to use."""
    listed = facts.get("files")
    names = listed if isinstance(listed, list) else ()
    return frozenset(name for name in names if isinstance(name, str) and stays_inside(name))


def _require_ours(space: str, published: Published, marker: str, otherwise: str) -> None:
    is_new = set(published.files) <= {ATTRIBUTES, CARD}  # as the Hub itself makes it
    if published.head is None or is_new:
        return
    if published.facts.get("made_by") != MADE_BY:
        raise NotOursError(
            f"The Space {space} was not made by huggingtweets: it has no {marker} that says so. "
            "Nothing was changed.",
            f"Rename or delete it on the Hub, or {otherwise}.",
        )


def _stale(published: Published, built: Iterable[str]) -> list[str]:
    """What an earlier version put there and this one does not; what somebody else added stays."""
    ours = recorded(published.facts)
    return sorted(path for path in published.files if path in ours and path not in set(built))
