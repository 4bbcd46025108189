"""Tweets from a file: JSON lines, JSON, CSV or Parquet, each plain or with .gz."""

import csv
import glob
import gzip
import io
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import EmptyTimelineError, UnreadableFileError, WrongAccountError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Account, Post, Timeline
from huggingtweets_hub.posts import formats
from huggingtweets_hub.posts.json_stream import LONGEST, BadJsonError, JsonStream

_TEXT_FIELDS = f"The text must be in one of these: {', '.join(formats.TEXT)}."
_LONGEST_HEADER = 1 << 16
_MOST_COLUMNS = 1000  # each row is a mapping of all columns
_LARGEST_PARQUET = 4 << 30  # bytes, unpacked
_NOBODY = "@"
_BEYOND = "\0"  # not a column: fields of a row beyond the header

Record = Mapping[str, Any]
Users = dict[str, Account]
"""The accounts described in `includes.users` of API pages, by id."""


class TweetFile:
    """A file of tweets of one account, or of several accounts of which one is used.

    Args:
        path: Ends in .jsonl, .json, .csv or .parquet, or in one of these plus .gz.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_gz = path.suffix.lower() == ".gz"
        self._kind = Path(path.name.lower().removesuffix(".gz")).suffix

    def account(self) -> Account | None:
        """The author, if the records or `includes.users` name exactly one.

        Raises:
            UnreadableFileError: The file is missing, damaged, or holds something else.
        """
        users: Users = {}
        found: dict[str, Account] = {}
        ids: set[str] = set()
        for record in self._records(users):
            if author := formats.author(record):
                found.setdefault(author.handle.lower(), author)
            elif writer := _author_id(record):
                ids.add(writer)
            if len(found) > 1:
                return None
        # Only now, because a page describes its author after its tweets.
        for author in [users[writer] for writer in sorted(ids & users.keys())]:
            found.setdefault(author.handle.lower(), author)
        authors = list(found.values() if found or ids else users.values())
        return authors[0] if len(authors) == 1 else None

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """The tweets of `handle`, or all if the file names no author; each once, newest first.

        Raises:
            UnreadableFileError: The file is missing, damaged, or holds something else.
            WrongAccountError: It names authors, and `handle` is not one of them.
            EmptyTimelineError: It holds no tweets.
        """
        users: Users = {}
        tweets: list[Post] = []  # tweets that may be the account's own
        writers: list[str | None] = []  # for each, the author's id, or the handle after an @
        named: dict[str, Account] = {}
        others: Counter[str] = Counter()
        known: dict[str, str] = {}  # keeps each id only once in memory
        bound = formats.Bound()
        for record in self._records(users):
            author, writer = formats.author(record), _author_id(record)
            if author and author.handle.lower() != handle.lower():
                others[author.handle] += 1
                continue
            if author:
                writer = f"@{author.handle}"
                named.setdefault(writer, author)
            tweets.append(formats.tweet(record))
            writers.append(known.setdefault(writer, writer) if writer else None)
            bound.add(tweets[-1])
        if not tweets and not others:
            raise EmptyTimelineError(f"{self._path.name} holds no tweets.", "Use another file with --from.")
        # Only now, because a page may describe the author of earlier pages.
        only = next(iter(users.values())) if len(users) == 1 else None
        described: dict[str | None, Account | None] = {None: only}
        described.update(users)
        described.update(named)
        account = Account(handle=handle)
        if others or any(described.get(writer) for writer in set(writers)):
            read = len(tweets) + others.total()
            own = {
                writer: author
                for writer, author in described.items()
                if author and author.handle.lower() == handle.lower()
            }
            others.update(
                author.handle for writer in writers if writer not in own and (author := described.get(writer))
            )
            first = next((writer for writer in writers if writer in own), _NOBODY)
            if first == _NOBODY:
                raise self._wrong_account(handle, others)
            account = own[first]
            tweets = [tweet for tweet, writer in zip(tweets, writers, strict=True) if writer in own]
            if read > len(tweets):
                progress.note(f"{self._path.name}: skipped {read - len(tweets):,} tweets of other accounts.")
        elif len(known) > 1:
            raise UnreadableFileError(
                f"{self._path.name} holds tweets of {len(known)} accounts and names none of them.",
                "Use a file with the author's handle in each record (username), or with only one account.",
            )
        ordered = formats.newest_first(tweets)
        progress.advance("Reading", len(ordered), len(ordered), "tweets")
        return Timeline(account=account, tweets=ordered, source="file")

    def _wrong_account(self, handle: str, authors: Counter[str]) -> WrongAccountError:
        top = [name for name, _ in authors.most_common(3)]
        named = ", ".join(f"@{name}" for name in top)
        more = " and others" if len(authors) > len(top) else ""
        return WrongAccountError(
            f"{self._path.name} holds tweets of {named}{more}, but none of @{handle}.",
            f"Use {top[0]} as the handle, or use a file of @{handle} with --from.",
        )

    # --- the records of each kind of file ---------------------------------------------------------

    def _records(self, users: Users) -> Iterator[Record]:
        """Every record that has a text; fills `users` along the way."""
        with _readable(self._path):
            if self._kind == ".parquet":
                yield from self._parquet_records()
                return
            # The csv module must find the line ends itself.
            with self._bytes() as content, io.TextIOWrapper(content, "utf-8-sig", newline="") as stream:
                if self._kind == ".csv":
                    yield from self._csv_records(stream)
                else:
                    yield from self._json_records(stream, users)

    @contextmanager
    def _bytes(self) -> Iterator[Any]:
        """The content of the file, unpacked."""
        with open(self._path, "rb", opener=files.regular) as file:
            if self._is_gz:
                with gzip.GzipFile(fileobj=file) as unpacked:
                    yield unpacked
            else:
                yield file

    def _json_records(self, stream: TextIO, users: Users) -> Iterator[Record]:
        values = JsonStream(stream)
        try:
            for value in values.values():
                yield from self._flat(value, values, users)
        except BadJsonError as error:
            raise UnreadableFileError(
                f"Line {error.line} of {self._path.name} is not valid JSON: {error.excerpt!r}.",
                "A .jsonl file holds one object per line, a .json file holds one document. "
                f"Export it again, or fix that line ({error.why}).",
            ) from error

    def _flat(self, value: Any, stream: JsonStream, users: Users) -> Iterator[Record]:
        """The tweets in a tweet, an API page, or a list of either."""
        if isinstance(value, list):
            for item in value:
                yield from self._flat(item, stream, users)
        elif isinstance(value, Mapping) and formats.has_text(value):
            yield value
        elif isinstance(value, Mapping) and ("data" in value or "meta" in value):
            includes = value.get("includes")
            described = includes.get("users") if isinstance(includes, Mapping) else None
            for user in described if isinstance(described, list) else ():
                if isinstance(user, Mapping) and (account := formats.author(user)):
                    users[str(user.get("id"))] = account
            yield from self._flat(value.get("data") or [], stream, users)
        else:
            names = ", ".join(value)[:300] if isinstance(value, Mapping) else ""
            fields = f"its fields are {names}" if isinstance(value, Mapping) else repr(value)[:60]
            raise UnreadableFileError(
                f"Line {stream.line} of {self._path.name} is not a tweet: {fields}.",
                _TEXT_FIELDS,
            )

    def _csv_records(self, stream: TextIO) -> Iterator[Record]:
        csv.field_size_limit(LONGEST)
        header = stream.readline(_LONGEST_HEADER)
        # Choose the delimiter that gives a text column; counting characters would be misled by the texts.
        headers = {mark: [*map(formats.column, next(csv.reader([header], delimiter=mark)))]
                   for mark in ",;\t"}  # fmt: skip
        mark = max(headers, key=lambda one: (_has_text_column(headers[one]), len(headers[one])))
        self._require_text_column(headers[mark])
        if len(headers[mark]) > _MOST_COLUMNS or len(header) == _LONGEST_HEADER:
            raise UnreadableFileError(
                f"{self._path.name} has {len(headers[mark]):,} columns or more.",
                "Keep only the columns with the text and the date.",
            )
        # Strict, because otherwise an unclosed quote would swallow the rest of the file.
        rows = csv.DictReader(_lines(stream), headers[mark], restkey=_BEYOND, delimiter=mark, strict=True)
        try:
            for row in rows:
                if any(row.pop(_BEYOND, ())):
                    raise csv.Error("more fields than columns")
                yield row
        except csv.Error as error:
            raise UnreadableFileError(
                f"{self._path.name} is not valid CSV in line {rows.reader.line_num + 1} or before: {error}.",
                "Export it again with every text in double quotes, and with quotes inside a text doubled.",
            ) from error

    def _parquet_records(self) -> Iterator[Record]:
        with tempfile.TemporaryDirectory() as folder:
            plain = self._path
            with self._bytes() as stream:
                if self._is_gz:
                    plain = Path(folder) / "tweets.parquet"
                    self._unpack(stream, plain)
            try:
                yield from self._rows(plain, folder)
            except ValueError as error:  # pyarrow's
                raise UnreadableFileError(
                    f"{self._path.name} is not a Parquet file, or it is damaged.",
                    "Export or download it again.",
                ) from error

    def _unpack(self, packed: BinaryIO, plain: Path) -> None:
        left = _LARGEST_PARQUET
        with plain.open("wb") as unpacked:
            while chunk := packed.read(1 << 20):
                unpacked.write(chunk)
                left -= len(chunk)
                if left < 0:
                    raise UnreadableFileError(
                        f"{self._path.name} unpacks to more than {_LARGEST_PARQUET >> 30} GiB.",
                        "Unpack it and use a smaller Parquet file.",
                    )

    def _rows(self, path: Path, cache: str) -> Iterator[Record]:
        from datasets import Dataset

        # `load_dataset` would report every read to the Hub and leave lock files behind.
        rows = Dataset.from_parquet(glob.escape(str(path)), cache_dir=cache, streaming=True, batch_size=1000)
        for number, row in enumerate(rows):
            if number == 0:
                self._require_text_column(list(row))
            yield row

    def _require_text_column(self, columns: list[str]) -> None:
        if not _has_text_column(columns):
            raise UnreadableFileError(
                f"{self._path.name} has no column with the text. Its columns are: "
                f"{', '.join(columns)[:300] or 'none'}.",
                _TEXT_FIELDS,
            )


def _lines(stream: TextIO) -> Iterator[str]:
    """The lines of a CSV file; a line that is too long for a record is an error."""
    while line := stream.readline(LONGEST):
        if len(line) == LONGEST:
            raise csv.Error(f"a line of more than {LONGEST:,} characters")
        yield line


def _has_text_column(columns: Iterable[str]) -> bool:
    return formats.has_text(dict.fromkeys(columns))


def _author_id(record: Record) -> str | None:
    value = record.get("author_id")
    return None if formats.is_missing(value) else str(value)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn the exceptions of reading a file into errors that explain them."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableFileError(f"There is no file {str(path)!r}.", "Check the path.") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UnreadableFileError(
            f"{path.name} could not be read: it is damaged, or not a gzip file.",
            "Copy or download it again, or unpack it first.",
        ) from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"{path.name} is not UTF-8 text (byte {error.object[error.start]:#04x}).",
            "Save it as UTF-8. A spreadsheet program calls this 'CSV UTF-8'.",
        ) from error
    except OSError as error:
        raise UnreadableFileError(
            f"{str(path)!r} could not be read: {error.strerror or error}.",
            "Check the path and its permissions.",
        ) from error
