"""Posts from a table: CSV, TSV, JSON, JSON lines, Parquet or plain text, plain, as .gz or in a .zip."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from huggingtweets_hub.core.accounts import mention, network_of
from huggingtweets_hub.core.errors import EmptyTimelineError, UnreadableFileError, WrongAccountError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Account, Post, Timeline
from huggingtweets_hub.core.words import is_unspaced
from huggingtweets_hub.posts import kept_back
from huggingtweets_hub.posts.reading import PRIVATE_TOO, WARNED_TOO, Reading
from huggingtweets_hub.posts.tables import recognition
from huggingtweets_hub.posts.tables.contents import Contents
from huggingtweets_hub.posts.tables.meanings import Meaning
from huggingtweets_hub.posts.tables.names import fold
from huggingtweets_hub.posts.tables.table import NOT_PUBLIC, WARNED, Table
from huggingtweets_hub.posts.tables.writers import Authors

_ENOUGH_TO_TELL = 20  # posts
_SAMPLE = 1000
_ALL_OWN = "If all are the account's own, say so with an empty name: --column author="


class _Read(NamedTuple):
    """What was read for an account, and which of the writers it is; None for all."""

    table: Table
    authors: Authors
    account: Account
    own: frozenset[int] | None


class TweetFile:
    """A file of posts of one account, or of several accounts of which one is used.

    Args:
        path: Ends in one of `source.FILE_KINDS`, or in one of these and .gz; or a zip.
        member: The table's name in the zip.
        reading: What was chosen about the reading itself.
    """

    def __init__(self, path: Path, *, member: str | None = None, reading: Reading | None = None) -> None:
        self._contents = Contents(path, member)
        self._name = self._contents.name
        self._reading = reading or Reading()
        self._checked: dict[str, _Read] = {}

    def account(self) -> Account | None:
        """The author, if the records or what describes them name exactly one.

        Raises:
            UnreadableFileError: The file is missing, damaged, or holds something else.
            EmptyTimelineError: It holds no posts.
        """
        table = Table(self._name, None, self._reading)
        for fields in self._contents.fields(table):
            table.add(fields)
            if table.writers.are_several():
                return None
        self._require_read(table)
        if table.findings.passed_over.total() == table.read:
            raise self._nothing_to_use(table)
        authors = table.writers.authors()
        named = authors.named() or ([] if authors.unnamed_ids else table.writers.described())
        return named[0] if len(named) == 1 else None

    def require_usable(self, handle: str) -> None:
        """Make sure that the file can be read and holds posts of an account; `fetch` takes what was read.

        Raises:
            UnreadableFileError, WrongAccountError, EmptyTimelineError: As `fetch` does.
        """
        self._checked[handle] = self._read(handle)

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """The posts of `handle`, or all if the file names no author; each once, newest first.

        Raises:
            UnreadableFileError: The file is missing, damaged, or holds something else.
            WrongAccountError: It names authors, and `handle` is not one of them.
            EmptyTimelineError: It holds no posts.
        """
        read = self._checked.pop(handle, None) or self._read(handle)
        table, authors, account, own = read
        posts = table.posts(own)
        if not posts:
            raise self._nothing_to_use(table)
        if Meaning.TEXT not in table.findings.used and not any(post.is_retweet for post in posts):
            if table.findings.passed_over:
                raise self._nothing_to_use(table)
            raise EmptyTimelineError(
                f"{self._name} has no text in any record. Its columns are: "
                f"{', '.join(table.layout.labels())[:300]}.",
                "Use another file with --from, or name the column of the posts' text: --column text=NAME",
            )
        _require_posts(posts, self._name, table)
        progress.advance("Reading", len(posts), len(posts), "posts")
        recognised = recognition.recognised(table, authors, names_author=own is not None)
        recognition.say(self._name, recognised, table, authors, handle, progress)
        return Timeline(account=account, tweets=posts, source="file", recognised=recognised)

    def _nothing_to_use(self, table: Table) -> EmptyTimelineError:
        why = "; ".join(f"{count:,} {reason}" for reason, count in table.findings.passed_over.items())
        return EmptyTimelineError(f"{self._name} holds no posts to use ({why}).", self._way_on(table))

    def _way_on(self, table: Table) -> str:
        """What to do if all posts were skipped."""
        passed_over, reading = table.findings.passed_over, self._reading
        if passed_over[NOT_PUBLIC] and not reading.include_private:
            return PRIVATE_TOO
        if passed_over[WARNED] and reading.content_warnings == "drop":
            return WARNED_TOO
        if gone_by := table.findings.used.get(Meaning.DELETED):
            columns = " and ".join(f"{label!r:.60}" for label in [*gone_by][:3])
            return f"If {columns} means something else, remove it. If not, use another file with --from."
        return "Use another file with --from."

    def _read(self, handle: str) -> _Read:
        """All records of the file, read for an account."""
        table = Table(self._name, handle, self._reading)
        for fields in self._contents.fields(table):
            table.add(fields)
        self._require_read(table)
        authors = table.writers.authors()
        return _Read(table, authors, *self._own(table, authors, handle))

    def _require_read(self, table: Table) -> None:
        if not table.read:
            raise EmptyTimelineError(f"{self._name} holds no posts.", "Use another file with --from.")

    def _own(self, table: Table, authors: Authors, handle: str) -> tuple[Account, frozenset[int] | None]:
        """The account, and which writers it is; None for all where the file names no author."""
        if kept_back.is_private(self._name):
            raise UnreadableFileError(
                f"{self._name} is named like messages, drafts or deleted posts, which are never used.",
                "If its posts are public, give the file another name.",
            )
        if not authors.accounts and not authors.others:
            self._require_one_author(table, authors)
            return Account(handle=handle, id=next(iter(authors.unnamed_ids), None)), None
        is_other = network_of(handle) == "other"
        own = {
            number: account
            for number, account in authors.accounts.items()
            if account.handle.lower() == handle.lower()
        }
        if not own:
            raise self._wrong_account(handle, authors.others)
        ids = {account.id for account in own.values() if account.id} or table.writers.numbered(handle)
        if len(ids) > 1 and is_other:
            raise UnreadableFileError(
                f"{self._name} holds posts of {len(ids)} accounts called {mention(handle)}: "
                f"{' and '.join(map(repr, sorted(ids)[:2]))}.",
                "Write the posts of one of them into a file of their own.",
            )
        if unknown := table.writers.unknown(authors.accounts):
            table.findings.passed_over["without an author"] += unknown
        return next(iter(own.values())), frozenset(own)

    def _require_one_author(self, table: Table, authors: Authors) -> None:
        """Refuse a file without handles whose posts several people may have written."""
        if kept_back.is_of_others(self._name):
            raise UnreadableFileError(
                f"{self._name} names no author, and is named like a list of what others wrote.",
                "If it holds the account's own posts, give the file another name.",
            )
        if (several := len(authors.unnamed_ids)) > 1:
            raise UnreadableFileError(
                f"{self._name} holds posts of {several:,} accounts and names none.",
                "Use a file of one account, or one with the author's handle in each record: "
                f"--column author=NAME says where. {_ALL_OWN}",
            )
        if table.layout.is_ruled_out(Meaning.AUTHOR):
            return
        if table.layout.is_chosen(Meaning.AUTHOR) and not authors.unnamed_ids:
            shown = table.writers.shown_name()
            raise UnreadableFileError(
                f"The column {table.layout.chosen(Meaning.AUTHOR)!r:.60} of {self._name} holds no handles"
                f"{f', but values such as {shown!r}' if shown else ''}.",
                f"Say which column holds them: --column author=NAME. {_ALL_OWN}",
            )
        if people := table.writers.different_people():
            raise UnreadableFileError(
                f"{self._name} shows the names of several people, such as "
                f"{' and '.join(map(repr, people))}, but no handles.",
                "Use a file of one account, or say which column holds the handles: --column author=NAME. "
                f"{_ALL_OWN}",
            )

    def _wrong_account(self, handle: str, authors: Counter[str]) -> WrongAccountError:
        top = [name for name, _ in authors.most_common(3)]
        named = ", ".join(map(mention, top))
        more = " and others" if len(authors) > len(top) else ""
        return WrongAccountError(
            f"{self._name} holds posts of {named}{more}, but none of {mention(handle)}.",
            f"Use {top[0]} as the handle, or use a file of {mention(handle)} with --from. If these are not "
            "the authors, say which column holds them: --column author=NAME (or 'author=' for none).",
        )


def _require_posts(posts: Sequence[Post], name: str, table: Table) -> None:
    """Refuse a list of words, ids or handles, which is not what a person writes."""
    column = next(iter(table.findings.used.get(Meaning.TEXT, ())), "text")
    enough = 1 if fold(column) in ("status", "comment") else _ENOUGH_TO_TELL  # which are seldom the text
    some = posts[:: 1 + len(posts) // _SAMPLE]
    if len(posts) < enough or 5 * sum(map(_is_said, some)) >= len(some):
        return
    raise UnreadableFileError(
        f"{name} does not hold posts: few values of column {column!r:.60} have three words; one is "
        f"{posts[0].text!r:.60}.",
        "Say which column holds the text: --column text=NAME",
    )


def _is_said(post: Post) -> bool:
    words = post.text.split()
    with_letters = sum(any(map(str.isalpha, word)) for word in words)
    return (len(words) >= 3 and with_letters >= 2) or is_unspaced(post.text) or "http" in post.text
