"""An account's statuses as Mastodon's API gives them: page by page, from the newest back to the first."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from huggingtweets_hub.core.records import Post
from huggingtweets_hub.posts.fediverse import notes
from huggingtweets_hub.posts.fediverse.notes import PassedOver
from huggingtweets_hub.posts.fediverse.pages import Pages
from huggingtweets_hub.posts.fediverse.server import Server
from huggingtweets_hub.posts.reading import Reading

_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_PAGE = 40
"""Statuses; more are not given at once."""


def has_id(record: Any) -> bool:
    """Whether this is an object of the API with an id that may stand in an address."""
    id = record.get("id") if isinstance(record, dict) else None
    return type(id) in (str, int) and _ID.fullmatch(str(id)) is not None


class Statuses:
    """One reading of them.

    Args:
        author: The account's id on the server.
        pages: What is here already; the reading goes on where they end.

    Attributes:
        posts: Those that may be taken.
        passed_over: How many others there were.
    """

    def __init__(self, server: Server, author: str, pages: Pages, reading: Reading) -> None:
        self._server, self._author, self._pages, self._reading = server, author, pages, reading
        self.posts: list[Post] = []
        self.passed_over: Counter[PassedOver] = Counter()
        self._seen: set[str] = set()
        self._last: dict[str, Any] = {}
        self._take(pages.statuses)

    def is_enough(self, most: int | None, since: date | None) -> bool:
        """Whether nothing is missing: of all, of so many posts, or of those since a day."""
        last = str(self._last.get("created_at") or "9")[:10]
        is_before = since is not None and last < since.isoformat()
        return self._pages.is_whole or is_before or (most is not None and len(self.posts) >= most)

    def read_page(self) -> None:
        """Read one more page; it is on disk then.

        Raises:
            SourceError: The server does not give it.
            UnwritableError: The disk is full.
        """
        self._pages.require_room()
        query = {"limit": str(_PAGE)} | ({"max_id": str(self._last["id"])} if self._last else {})
        page = self._read(query)
        new = [one for one in page if str(one["id"]) not in self._seen]
        if page and not new and [str(one["id"]) for one in page] != [query.get("max_id")]:
            raise self._server.not_understood()  # it would go on like this for ever
        statuses = [notes.kept(one, self._author) for one in new]
        self._pages.add(statuses)
        self._take(statuses)

    def _read(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """The statuses of a page; strange ones between them are skipped."""
        answer = self._server.ask(f"/api/v1/accounts/{self._author}/statuses", query)
        if not isinstance(answer, list):
            raise self._server.not_understood()
        found = list(filter(has_id, answer))
        if answer and not found:
            raise self._server.not_understood()
        return found

    def _take(self, statuses: Iterable[dict[str, Any]]) -> None:
        for status in statuses:
            post = notes.of_status(status, self._author, self._reading)
            if isinstance(post, Post):
                self.posts.append(post)
            else:
                self.passed_over[post] += 1
            self._seen.add(str(status["id"]))
            self._last = status
