"""A record of a table while its columns are still to be judged, and what was found out about them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from huggingtweets_hub.posts.tables.meanings import Meaning
from huggingtweets_hub.posts.tables.written_dates import Numeric


@dataclass(slots=True)
class Row:
    """A record until all are seen.

    Attributes:
        id: The id, where all columns of ids agree.
        ids: The ids by column, where they differ.
        writer: The number of its author in `Writers`.
        marks: Bits, see `marks`.
    """

    text: str
    id: str | None
    ids: tuple[tuple[str, str], ...]
    when: datetime | Numeric | str | None
    lang: str | None
    marks: int
    writer: int

    @property
    def best_id(self) -> str | None:
        """The likeliest of its ids."""
        return self.ids[0][1] if self.ids else self.id


@dataclass(slots=True)
class Findings:
    """What was found out about a table, to be said.

    Attributes:
        used: The columns that gave each meaning.
        unread: How many values of each meaning could not be read, and the first of them.
        passed_over: How many records were left out, by why.
        duplicates: How many records repeat a post.
        notes: Further sentences.
        form: How the posts were told apart, where only that was to be found out.
    """

    used: dict[Meaning, dict[str, None]] = field(default_factory=dict)
    unread: dict[Meaning, tuple[int, str]] = field(default_factory=dict)
    passed_over: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    notes: list[str] = field(default_factory=list)
    form: str = ""

    def use(self, meaning: Meaning, label: str) -> None:
        """A column has given something."""
        self.used.setdefault(meaning, {}).setdefault(label)

    def miss(self, meaning: Meaning, value: Any) -> None:
        """A value could not be read."""
        count, first = self.unread.get(meaning, (0, str(value)[:60]))
        self.unread[meaning] = (count + 1, first)
