"""Who wrote the records of a table, as far as its columns tell."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from huggingtweets_hub.core.records import Account
from huggingtweets_hub.posts.tables import record
from huggingtweets_hub.posts.tables.names import Kind, Meaning
from huggingtweets_hub.posts.tables.record import Fields, Handles

_SHARE_OF_NAMES = 20  # one value in so many that is not a handle makes the column one of display names


@dataclass(frozen=True, slots=True)
class Authors:
    """What is known of the authors once all records are seen.

    Attributes:
        accounts: The author of each writer by its number; a writer of whom nothing is known is missing.
        unnamed_ids: The ids of authors who are not named.
        others: How many records the authors have who are named but were not asked for.
    """

    accounts: dict[int, Account]
    unnamed_ids: frozenset[str]
    others: Counter[str]

    def named(self) -> list[Account]:
        """Each account once."""
        return list({account.handle.lower(): account for account in self.accounts.values()}.values())


class Writers:
    """Gives each author a number, and learns what the columns hold that name them.

    Args:
        wanted: The account that is asked for; records that surely are another's are counted and dropped.

    Attributes:
        users: Accounts that are described elsewhere in the file, by id.
        owner: The account that the file as a whole names.
    """

    def __init__(self, wanted: str | None) -> None:
        self._wanted = wanted.lower() if wanted else None
        self._numbers: dict[Handles, int] = {}
        self._described: list[Account | None] = []
        self._records: Counter[int] = Counter()
        self._dropped: Counter[str] = Counter()
        self.users: dict[str, Account] = {}
        self.owner: Account | None = None

    def number(self, fields: Fields, *, is_retweet: bool) -> int | None:
        """The number of a record's author; None if it surely is not the account that is asked for.

        A retweet's link may lead to the original, so it says nothing.
        """
        found = record.handles(fields)
        if is_retweet and found.link:
            found = found._replace(link=None)
        sure = found.sure or found.link
        if sure and self._wanted and sure.lower() != self._wanted:
            self._dropped[sure] += 1
            return None
        number = self._numbers.get(found)
        if number is None:
            number = self._numbers[found] = len(self._numbers)
            handle = sure or found.weak
            self._described.append(record.account(fields, handle) if handle else None)
        self._records[number] += 1
        return number

    def are_several(self) -> bool:
        """Whether two authors are surely named already."""
        return len({str(found.sure).lower() for found in self._numbers if found.sure}) > 1

    def used(self, present: Mapping[Meaning, Mapping[str, Kind]]) -> list[str]:
        """The columns that name the authors, of those that are present."""
        authors = present.get(Meaning.AUTHOR, {})
        if any(found.sure for found in self._numbers):
            return [label for label, kind in authors.items() if kind is Kind.SURE] or list(authors)
        if any(found.link for found in self._numbers):
            return list(present.get(Meaning.LINK, ()))
        if self._are_handles() and any(found.weak for found in self._numbers):
            return list(authors)
        return list(present.get(Meaning.AUTHOR_ID, ())) or ["what describes the posts"]

    def described(self) -> list[Account]:
        """The accounts that are described beside the records."""
        return [self.owner] if self.owner else list(self.users.values())

    def authors(self) -> Authors:
        """What is known once all records are seen."""
        is_weak_good = self._are_handles()
        accounts: dict[int, Account] = {}
        for found, number in self._numbers.items():
            described = self._described[number]
            if described and (found.sure or found.link or is_weak_good):
                accounts[number] = described
        by_id = dict(self.users)
        for number, account in accounts.items():
            if account.id:
                by_id.setdefault(account.id, accounts[number])
        unnamed: set[str] = set()
        for found, number in self._numbers.items():
            if number in accounts:
                continue
            writer = found.id or (found.weak if found.weak and found.weak.isdigit() else None)
            if writer in by_id:
                accounts[number] = by_id[str(writer)]
            elif writer is None and (only := self._only()):
                accounts[number] = only
            elif writer is not None and self.owner is not None:
                accounts[number] = self.owner
            elif writer is not None:
                unnamed.add(writer)
        others = Counter(self._dropped)
        for number, account in accounts.items():
            if self._wanted and account.handle.lower() != self._wanted:
                others[account.handle] += self._records[number]
        return Authors(accounts, frozenset(unnamed), others)

    def _only(self) -> Account | None:
        """The account that the file as a whole is about."""
        return self.owner or (next(iter(self.users.values())) if len(self.users) == 1 else None)

    def _are_handles(self) -> bool:
        """Whether what may be handles are not display names or numbers."""
        odd = sum(count for found, count in self._each() if found.is_odd)
        weak = [(found.weak, count) for found, count in self._each() if found.weak]
        total = sum(count for _, count in weak)
        return _SHARE_OF_NAMES * odd < total and not all(name.isdigit() for name, _ in weak)

    def _each(self) -> Iterable[tuple[Handles, int]]:
        return ((found, self._records[number]) for found, number in self._numbers.items())
