"""Who wrote the records of a table, as far as its columns tell."""

import unicodedata
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, replace

from huggingtweets_hub.core.accounts import name_of
from huggingtweets_hub.core.records import Account
from huggingtweets_hub.posts.tables import authors, values
from huggingtweets_hub.posts.tables.authors import About, Handles
from huggingtweets_hub.posts.tables.layout import Fields

_SHARE_OF_NAMES = 20  # one value in so many that is not a handle makes the column one of display names
_SHARE_OF_STRANGERS = 20  # one post in so many under other display names makes them several people's
_MANY_STRANGERS = 5  # other display names that one account hardly has, however few posts have them
_MOST_NAMES = 1000  # display names of a column that are counted
_PROVEN = 1000  # records after which a column that held only handles is believed
# What `fetch` writes beside a text: its handles say their network.
_OURS = {"created_at", "lang", "is_retweet", "is_reply", "username"}
THE_FILE = "the file itself"
"""What names the authors where no column does."""


@dataclass(frozen=True, slots=True)
class Authors:
    """What is known of the authors once all records are seen.

    Attributes:
        accounts: The author of each writer by its number; a writer of whom nothing is known is missing.
        columns: The columns that named them.
        unnamed_ids: The ids of authors who are not named.
        others: How many records the authors have who are named but were not asked for.
    """

    accounts: dict[int, Account]
    columns: tuple[str, ...]
    unnamed_ids: frozenset[str]
    others: Counter[str]

    def named(self) -> list[Account]:
        """Each account once."""
        return list({account.handle.lower(): account for account in self.accounts.values()}.values())


class Writers:
    """Gives each author a number, and learns what the columns hold that name them.

    Args:
        wanted: The account that is asked for; where it is beyond doubt that a record is another's, it is
            counted and dropped.
        is_chosen: A user has said which column names the authors: then links do not, and no value of it is
            doubted.

    Attributes:
        users: Accounts that are described elsewhere in the file, by id.
        owner: The account that the file as a whole names.
    """

    def __init__(self, wanted: str | None, *, is_chosen: bool = False) -> None:
        self._is_chosen = is_chosen
        self._asked = wanted
        self._wanted = wanted.lower() if wanted else None
        self._numbers: dict[Handles, int] = {}
        self._about: list[About] = []
        self._records: Counter[int] = Counter()
        self._dropped: Counter[str] = Counter()
        self._odd: set[str] = set()
        self._seen = 0
        self._names: dict[str, Counter[str]] = {}
        self.users: dict[str, Account] = {}

    def number(self, fields: Fields, *, is_retweet: bool) -> int | None:
        """The number of a record's author; None if it surely is not the account that is asked for.

        A retweet's link may lead to the original, so it says nothing then.
        """
        asked = "" if self._asked is None and _is_ours(fields) else self._asked
        found = authors.handles(fields, asked)
        if found.link and (self._is_chosen or (is_retweet and found.link[1].lower() != self._wanted)):
            found = found._replace(link=None)
        self._seen += 1
        if self._is_anothers(found):
            return None
        number = self._numbers.get(found)
        if number is None:
            number = self._numbers[found] = len(self._numbers)
            self._about.append(authors.about(fields))
            self._odd.update(label for label, name, _ in found.named if name is None)
        if not (found.certain or found.link):
            for label, name in authors.shown_names(fields):
                names = self._names.setdefault(label, Counter())
                if name in names or len(names) < _MOST_NAMES:
                    names[name] += 1
        self._records[number] += 1
        return number

    def are_several(self) -> bool:
        """Whether two authors are named already, beyond doubt."""
        return len({found.certain[1].lower() for found in self._numbers if found.certain}) > 1

    def shown_name(self) -> str | None:
        """The most frequent display name, if there is one."""
        return next((name for names in self._names.values() for name, _ in names.most_common(1)), None)

    def numbered(self, handle: str) -> list[str]:
        """The names, as Discord numbers those of several people, that a handle may stand for."""
        own = name_of(handle).lower()
        every = {name.lower() for names in self._names.values() for name in names}
        return sorted(name for name in every if values.OF_DISCORD.sub("", name) == own != name)

    def different_people(self) -> list[str]:
        """The two most frequent display names of a column that shows those of several people, if one does.

        Case, emoji and punctuation do not tell people apart.
        """
        for names in self._names.values():
            written: dict[str, str] = {}
            posts: Counter[str] = Counter()
            for name, count in names.most_common():
                posts[_plain(name)] += count
                written.setdefault(_plain(name), name)
            (first, _), *others = posts.most_common()
            strangers = sum(count for _, count in others)
            if (
                strangers * _SHARE_OF_STRANGERS >= posts.total()
                or len(others) >= _MANY_STRANGERS
                or values.is_nobody(written[first])
            ):
                return [written[name] for name, _ in posts.most_common(2)]
        return []

    def described(self) -> list[Account]:
        """The accounts that are described beside the records."""
        return list(self.users.values())

    def authors(self) -> Authors:
        """What is known once all records are seen."""
        doubtful, proven = self._doubtful(), self._proven()
        named = {number: found.best(doubtful, proven) for found, number in self._numbers.items()}
        last = None
        if not (any(named.values()) or self._dropped or self.users):
            last = self._last_resort(doubtful)
            named = {number: found.of_column(last) for found, number in self._numbers.items()}
        accounts: dict[int, Account] = {}
        columns: dict[str, None] = {}
        for number, best in named.items():
            if best:
                accounts[number] = authors.account(self._about[number], best[1])
                columns.setdefault(best[0])
        by_id = {number: self._of_network(account) for number, account in self.users.items()}
        for account in list(accounts.values()):
            if account.id:
                by_id.setdefault(account.id, account)
        unnamed: set[str] = set()
        only = None if last else self._only(accounts)
        for found, number in self._numbers.items():
            if number in accounts:
                continue
            label, writer = found.id or self._numeric(found, doubtful) or ("", None)
            if writer in by_id:
                accounts[number] = by_id[str(writer)]
                columns.setdefault(label)
            elif only and writer is None and self._is_silent(found, doubtful):
                accounts[number] = self._of_network(only)
                columns.setdefault(THE_FILE)
            elif writer is not None and writer.lower() == self._wanted:
                accounts[number] = Account(handle=writer, id=writer)
                columns.setdefault(label)
            elif writer is not None:
                unnamed.add(writer)
        others = Counter(self._dropped)
        for number, account in accounts.items():
            if self._wanted and account.handle.lower() != self._wanted:
                others[account.handle] += self._records[number]
        if len(columns) > 1:
            columns.pop(THE_FILE, None)
        return Authors(accounts, tuple(columns), frozenset(unnamed), others)

    def unknown(self, accounts: dict[int, Account]) -> int:
        """How many records have an author of whom nothing is known."""
        return sum(count for number, count in self._records.items() if number not in accounts)

    def _is_anothers(self, found: Handles) -> bool:
        """Whether a record can be dropped before all are seen."""
        if self._wanted is None:
            return False
        best = found.certain
        if best is None and self._seen > _PROVEN:
            label, name, is_sure = next(iter(found.named), ("", None, False))
            best = (label, name) if name and is_sure and label not in self._odd else None
        if best is None or best[1].lower() == self._wanted:
            return False
        self._dropped[best[1]] += 1
        return True

    def _of_network(self, account: Account) -> Account:
        """An account that is described without its network, as one of the network that is asked for."""
        handle = values.handle(account.handle, self._asked)
        return replace(account, handle=handle) if handle else account

    def _only(self, accounts: dict[int, Account]) -> Account | None:
        """The account of records that do not name theirs, if the whole file knows only one."""
        if len(self.users) == 1:
            return next(iter(self.users.values()))
        named = {account.handle.lower(): account for account in accounts.values()}
        is_one = len(named) == 1 and not self._dropped and not self.users
        return next(iter(named.values())) if is_one else None

    def _is_silent(self, found: Handles, doubtful: Set[str]) -> bool:
        """Whether a record says nothing of its author, so that it may be the only account's.

        A display name is nothing where the file itself names the account, and somebody's elsewhere.
        """
        return all(self.users and label in doubtful for label, _, _ in found.named)

    def _doubtful(self) -> set[str]:
        """The columns that hold display names or numbers rather than handles."""
        total: Counter[str] = Counter()
        odd: Counter[str] = Counter()
        digits: Counter[str] = Counter()
        for found, number in self._numbers.items():
            count = self._records[number]
            for label, name, _ in found.named:
                total[label] += count
                odd[label] += count if name is None else 0
                digits[label] += count if name and _is_number(name) else 0
        return {
            label
            for label, count in total.items()
            if (odd[label] * _SHARE_OF_NAMES >= count and not self._is_chosen) or digits[label] == count
        }

    def _last_resort(self, doubtful: Set[str]) -> str | None:
        """The column in which the account stands that is asked for; other values in it are other people.

        It is one of any name in which most records have a handle, or else a doubtful one.
        """
        records: Counter[str] = Counter()
        own: dict[str, None] = {}
        for found, number in self._numbers.items():
            named = [(label, name) for label, name, _ in found.named if name and label in doubtful]
            for label, name in (*found.perhaps, *named):
                records[label] += self._records[number]
                if name.lower() == self._wanted:
                    own.setdefault(label)
        usual = [label for label in own if label not in doubtful and 2 * records[label] > self._seen]
        return next(iter([*usual, *(label for label in own if label in doubtful)]), None)

    def _proven(self) -> set[str]:
        """The columns that a link has shown to hold handles."""
        return {
            label
            for found in self._numbers
            for label, name, _ in found.named
            if name and found.link and name.lower() == found.link[1].lower()
        }

    def _numeric(self, found: Handles, doubtful: set[str]) -> tuple[str, str] | None:
        """A number where a handle should be, which is then the author's id."""
        return next(
            (
                (label, name_of(name))
                for label, name, _ in found.named
                if name and _is_number(name) and label in doubtful
            ),
            None,
        )


def _is_number(handle: str) -> bool:
    """Whether what stands where a handle should be is a number."""
    return name_of(handle).partition("@")[0].isdigit()


def _is_ours(fields: Fields) -> bool:
    """Whether it is a record that `fetch` has written."""
    return {one.label for several in fields.values() for one in several} >= _OURS


def _plain(name: str) -> str:
    """A display name without what one and the same person changes in it from day to day."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(filter(str.isalnum, folded)) or name
