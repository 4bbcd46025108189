"""Pages from the X API, on disk: they were paid for, so none is lost and no damaged one is used.

The pages of an account are kept as *walks*: a walk goes from the newest post back to the newest post of the
previous walk (the first walk goes back to the oldest post that X returns). An interrupted walk continues from
its last page; a later run begins a new walk on top of the existing ones.

Each page is a line in a file that only grows, with a digest of that line and the one before it. From the
first damaged line on, everything is moved aside and bought again.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from huggingtweets_hub.core import files
from huggingtweets_hub.core.progress import Progress

_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_DIGEST = re.compile(rb'(.*), "sha256": "([0-9a-f]{64})"\}', re.DOTALL)
_KEYS = {"since_id", "until_id", "walk", "page", "anew"}
_ROOM = 2_000_000
"""Bytes that must be free before a page is bought; a page of a hundred long posts takes half as many."""


@dataclass
class Walk:
    """The pages from the newest post at some time back to the newest post of the previous walk.

    Attributes:
        since_id: The newest post of the previous walk.
        until_id: The last page was asked for with posts older than this; None if there was no such limit.
    """

    number: int
    since_id: str | None
    until_id: str | None = None
    pages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def token(self) -> str | None:
        """The token of the next page; None if the walk has reached its end."""
        return self._tokens[-1] if self.pages else None

    @property
    def is_whole(self) -> bool:
        """Whether the walk has reached its end."""
        return bool(self.pages) and not self.token

    @property
    def posts(self) -> list[dict[str, Any]]:
        return [post for page in self.pages for post in page.get("data") or ()]

    @property
    def ids(self) -> set[int]:
        return {int(post["id"]) for post in self.posts}

    def next_page(self, *, by_token: bool = True) -> dict[str, str | None]:
        """What to ask X for.

        A token that was used before would lead to the same page again, for money. In that case the request
        is for posts older than the oldest one instead.

        Args:
            by_token: X accepts its last token.
        """
        if self.posts and (self.token in self._tokens[:-1] or not by_token):
            return {"since_id": self.since_id, "until_id": str(min(self.ids)), "pagination_token": None}
        return {"since_id": self.since_id, "until_id": self.until_id, "pagination_token": self.token}

    @property
    def _tokens(self) -> list[str | None]:
        return [(page.get("meta") or {}).get("next_token") for page in self.pages]


class PageFile:
    """The walks of an account, in a file. A line that is incomplete because of a kill is ignored.

    Args:
        path: The file; the first page creates it.
        progress: Gets a warning if the file was damaged.

    Attributes:
        walks: Oldest first.
        was_damaged: A part of it was moved aside.
    """

    def __init__(self, path: Path, progress: Progress) -> None:
        self.path, self.walks, self.was_damaged = path, list[Walk](), False
        self._before = ""  # the digest of the last line
        walks: dict[int, Walk] = {}
        data = path.read_bytes() if path.exists() else b""
        good = 0
        for number, line in enumerate(data.split(b"\n")[:-1], 1):
            read = _read(line, self._before)
            if read is None:
                self._set_aside(data, good, number, progress)
                break
            entry, self._before = read
            good += len(line) + 1
            walk = walks.setdefault(entry["walk"], Walk(entry["walk"], entry["since_id"]))
            walk.until_id = entry.get("until_id")
            walk.pages.append(entry["page"])
        if good < len(data):
            os.truncate(path, good)
        self.walks = [walks[number] for number in sorted(walks)]

    @property
    def ids(self) -> set[int]:
        """The ids of the posts that are here."""
        return set().union(*(walk.ids for walk in self.walks))

    def begin_walk(self) -> Walk:
        """A new walk, which ends at the newest post that is here.

        It covers everything that walks without posts would cover; their tokens would bring the same posts
        for more money.
        """
        newest = max(self.ids, default=None)
        number = self.walks[-1].number + 1 if self.walks else 0
        self.walks = [walk for walk in self.walks if walk.posts]
        self.walks.append(Walk(number, since_id=None if newest is None else str(newest)))
        return self.walks[-1]

    def require_room(self) -> None:
        """Raise `UnwritableError` if there is no room on the disk for another page."""
        files.require_room(self.path.parent, _ROOM)

    def add(
        self, walk: Walk, page: dict[str, Any], until_id: str | None, *, anew: float | None = None
    ) -> set[int]:
        """Add a page to a walk and return the ids of its posts; the page is on disk then.

        Args:
            until_id: The value that the page was requested with.
            anew: The start time of a purchase that will replace everything that is kept.
        """
        walk.pages.append(page)
        walk.until_id = until_id
        if walk.posts or walk.token or walk.number == 0:  # otherwise there is nothing new to keep
            entry: dict[str, Any] = {"since_id": walk.since_id, "walk": walk.number, "page": page}
            entry |= {"until_id": until_id} if until_id else {}
            entry |= {"anew": anew} if anew else {}
            self._append(json.dumps(entry, ensure_ascii=False))
        return {int(post["id"]) for post in page.get("data") or ()}

    def _append(self, entry: str) -> None:
        # Half a surrogate pair, as in a cut-off text, is written as its JSON escape.
        content = entry.encode("utf-8", "backslashreplace")[:-1]
        self._before = _digest(self._before, content)
        append_synced(self.path, content + b', "sha256": "' + self._before.encode() + b'"}\n')

    def _set_aside(self, data: bytes, good: int, number: int, progress: Progress) -> None:
        aside = self.path.with_suffix(".damaged")
        with open(aside, "ab", opener=files.as_private) as file:
            file.write(data[good:])
        self.was_damaged = True
        progress.warn(
            f"{self.path} is damaged in line {number}. The pages from there on are bought again; the damaged "
            f"part was moved to {aside.name} in the same folder."
        )


def append_synced(path: Path, line: bytes) -> None:
    """Append a line to a file; it is on disk when this returns."""
    with open(path, "ab", opener=files.as_private) as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def is_page(answer: Mapping[str, Any]) -> bool:
    """Whether an answer from X is a page of posts, or says why there is none.

    Anything else must not be mistaken for the end of a timeline.
    """
    posts, meta = answer.get("data"), answer.get("meta")
    if not _is_readable(answer):
        return False
    if posts:
        return meta is not None
    return says_why(answer) or (meta is not None and not meta.get("result_count"))


def says_why(answer: Mapping[str, Any]) -> bool:
    """Whether an answer from X has errors instead of the requested data."""
    errors = answer.get("errors")
    return bool(errors) and isinstance(errors, list) and all(isinstance(one, dict) for one in errors)


def is_id(value: Any) -> bool:
    """Whether a value is the id of a post or a user."""
    return not isinstance(value, bool) and _ID.fullmatch(str(value)) is not None


def _is_readable(page: Mapping[str, Any]) -> bool:
    posts, meta = page.get("data"), page.get("meta")
    token = meta.get("next_token") if isinstance(meta, dict) else None
    return (
        (posts is None or (isinstance(posts, list) and all(_is_post(post) for post in posts)))
        and (meta is None or isinstance(meta, dict))
        and (token is None or isinstance(token, str))
    )


def _is_post(post: Any) -> bool:
    return isinstance(post, dict) and is_id(post.get("id")) and isinstance(post.get("text"), str)


def _read(line: bytes, before: str) -> tuple[dict[str, Any], str] | None:
    """The entry of a line, and its digest (empty if it has none); None for a damaged line."""
    found = _DIGEST.fullmatch(line)
    digest = found[2].decode() if found else ""
    if found and _digest(before, found[1]) != digest:
        return None
    try:
        entry = json.loads(found[1] + b"}" if found else line)
    except (ValueError, RecursionError):
        return None
    return (entry, digest) if _is_entry(entry) else None


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and {"since_id", "walk", "page"} <= entry.keys() <= _KEYS
        and type(entry["walk"]) is int
        and all(entry.get(name) is None or is_id(entry[name]) for name in ("since_id", "until_id"))
        and isinstance(entry["page"], dict)
        and _is_readable(entry["page"])
    )


def _digest(before: str, content: bytes) -> str:
    return hashlib.sha256(before.encode() + content).hexdigest()
