"""Tweets from a file: JSON lines, JSON, CSV or Parquet, each plain or with .gz."""

import csv
import glob
import gzip
import json
import re
import shutil
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from huggingtweets_hub.errors import EmptyTimelineError, UnreadableFileError, WrongAccountError
from huggingtweets_hub.progress import Progress
from huggingtweets_hub.records import Account, Timeline
from huggingtweets_hub.sources import tweet_formats

_TEXT_FIELDS = f"The text must stand in one of: {', '.join(tweet_formats.TEXT)}."
_LARGEST_FIELD = 2**31 - 1  # what fits a C long everywhere
_EXCERPT = 60
_BEYOND = "\0"  # no column: what a row holds more than the header
_NOT_BLANK = re.compile(r"[^ \t\r\n]")
_DECODER = json.JSONDecoder()

Record = Mapping[str, Any]
Users = dict[str, Account]
"""The accounts that `includes.users` of API pages describe, by their ids."""


class TweetFile:
    """A file of tweets of one account, or of several of which one is taken.

    Args:
        path: Ends in .jsonl, .json, .csv or .parquet, or one of these and .gz.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_gz = path.suffix.lower() == ".gz"
        self._kind = Path(path.name.lower().removesuffix(".gz")).suffix

    def account(self) -> Account | None:
        """The author, where the records or `includes.users` name exactly one.

        Raises:
            UnreadableFileError: The file is missing, damaged, or holds something else.
        """
        users: Users = {}
        found: dict[str, Account] = {}
        has_ids = False
        for record in self._records(users):
            has_ids = has_ids or _author_id(record) is not None
            author = tweet_formats.author(record) or users.get(_author_id(record) or "")
            if author:
                found.setdefault(author.handle.lower(), author)
            if len(found) > 1:
                return None
        authors = list(found.values() if found or has_ids else users.values())
        return authors[0] if len(authors) == 1 else None

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """The tweets of `handle`, or all where the file names no author; each once, newest first.

        Raises:
            UnreadableFileError: The file is missing, damaged, or holds something else.
            WrongAccountError: It names authors, and none is `handle`.
            EmptyTimelineError: It holds no tweets.
        """
        users: Users = {}
        rows = [
            (tweet_formats.tweet(record), tweet_formats.author(record), _author_id(record))
            for record in self._records(users)
        ]
        if not rows:
            raise EmptyTimelineError(f"{self._path.name} holds no tweets.", "Give another file with --from.")
        # Only now, since a page may describe the author of the pages before it.
        only = next(iter(users.values())) if len(users) == 1 else None
        authors = [author or (only if user is None else users.get(user)) for _, author, user in rows]
        tweets = [tweet for tweet, _, _ in rows]
        account = Account(handle=handle)
        if any(authors):
            is_own = [bool(author and author.handle.lower() == handle.lower()) for author in authors]
            if not any(is_own):
                raise self._wrong_account(handle, [author.handle for author in authors if author])
            account = next(author for author, own in zip(authors, is_own, strict=True) if own and author)
            tweets = [tweet for tweet, own in zip(tweets, is_own, strict=True) if own]
            if others := len(rows) - len(tweets):
                progress.note(f"{self._path.name}: {others:,} tweets of other accounts are passed over.")
        elif len(unnamed := {user for _, _, user in rows if user}) > 1:
            raise UnreadableFileError(
                f"{self._path.name} holds tweets of {len(unnamed)} accounts and names none of them.",
                "Give a file with the author's handle in each record (username), or of one account only.",
            )
        ordered = tweet_formats.newest_first(tweets)
        progress.advance("Reading", len(ordered), len(ordered), "tweets")
        return Timeline(account=account, tweets=ordered, source="file")

    def _wrong_account(self, handle: str, authors: list[str]) -> WrongAccountError:
        top = [name for name, _ in Counter(authors).most_common(3)]
        named = ", ".join(f"@{name}" for name in top)
        more = " and others" if len(set(authors)) > len(top) else ""
        return WrongAccountError(
            f"{self._path.name} holds tweets of {named}{more}, none of @{handle}.",
            f"Give {top[0]} as the handle, or a file of @{handle} with --from.",
        )

    # --- the records of each kind of file ---------------------------------------------------------

    def _records(self, users: Users) -> Iterator[Record]:
        """Every record that has a text; `users` is filled on the way."""
        with _readable(self._path):
            if self._kind == ".parquet":
                yield from self._parquet_records()
                return
            open_either: Any = gzip.open if self._is_gz else open
            # The csv module wants to find the ends of its lines itself.
            with open_either(self._path, "rt", encoding="utf-8-sig", newline="") as stream:
                if self._kind == ".csv":
                    yield from self._csv_records(stream)
                else:
                    for line, value in self._json_values(stream):
                        yield from self._flat(value, line, users)

    def _json_values(self, stream: TextIO) -> Iterator[tuple[int, Any]]:
        """Every value with the number of its line; a .json file is read whole, the others by line."""
        line = 1
        for text in [stream.read()] if self._kind == ".json" else stream:
            end = counted = 0
            while found := _NOT_BLANK.search(text, end):
                line += text.count("\n", counted, found.start())
                counted = found.start()
                try:
                    value, end = _DECODER.raw_decode(text, counted)
                except (ValueError, RecursionError) as error:
                    wrong = min(getattr(error, "pos", counted), len(text.rstrip()) - 1)
                    line += text.count("\n", counted, wrong)
                    start = max(counted, wrong - _EXCERPT // 2)
                    raise UnreadableFileError(
                        f"What stands in line {line} of {self._path.name} is no JSON: "
                        f"{text[start : start + _EXCERPT].strip()!r}.",
                        "A .jsonl file holds one object a line, a .json file one document; "
                        "export it again, or remove what is wrong.",
                    ) from error
                yield line, value
            line += text.count("\n", counted)

    def _flat(self, value: Any, line: int, users: Users) -> Iterator[Record]:
        """The tweets in a tweet, an API page, or a list of either."""
        if isinstance(value, list):
            for item in value:
                yield from self._flat(item, line, users)
        elif isinstance(value, Mapping) and tweet_formats.has_text(value):
            yield value
        elif isinstance(value, Mapping) and ("data" in value or "meta" in value):
            includes = value.get("includes")
            for user in (includes.get("users") or ()) if isinstance(includes, Mapping) else ():
                if isinstance(user, Mapping) and (account := tweet_formats.author(user)):
                    users[str(user.get("id"))] = account
            yield from self._flat(value.get("data") or [], line, users)
        else:
            fields = f"its fields are {', '.join(value)}" if isinstance(value, Mapping) else repr(value)[:60]
            raise UnreadableFileError(
                f"What stands in line {line} of {self._path.name} is no tweet: {fields}.", _TEXT_FIELDS
            )

    def _csv_records(self, stream: TextIO) -> Iterator[Record]:
        csv.field_size_limit(_LARGEST_FIELD)
        header = stream.readline()
        # The delimiter that shows a text column; counting characters would be misled by the texts.
        headers = {mark: [*map(tweet_formats.column, next(csv.reader([header], delimiter=mark)))]
                   for mark in ",;\t"}  # fmt: skip
        mark = max(headers, key=lambda one: (_has_text_column(headers[one]), len(headers[one])))
        self._require_text_column(headers[mark])
        # Strict, or a quote that is never closed would swallow the rest of the file.
        rows = csv.DictReader(stream, headers[mark], restkey=_BEYOND, delimiter=mark, strict=True)
        try:
            for row in rows:
                if any(row.pop(_BEYOND, ())):
                    raise csv.Error("more fields than columns")
                yield row
        except csv.Error as error:
            raise UnreadableFileError(
                f"{self._path.name} is no sound CSV up to line {rows.reader.line_num + 1}: {error}.",
                "Write it again with every text in double quotes, and quotes within a text doubled.",
            ) from error

    def _parquet_records(self) -> Iterator[Record]:
        with tempfile.TemporaryDirectory() as folder:
            plain = self._path
            with gzip.open(plain) if self._is_gz else plain.open("rb") as stream:
                if self._is_gz:
                    plain = Path(folder) / "tweets.parquet"
                    with plain.open("wb") as unpacked:
                        shutil.copyfileobj(stream, unpacked)
            try:
                yield from self._rows(plain, folder)
            except ValueError as error:  # pyarrow's
                raise UnreadableFileError(
                    f"{self._path.name} is no Parquet file, or a damaged one.", "Write or download it again."
                ) from error

    def _rows(self, path: Path, cache: str) -> Iterator[Record]:
        from datasets import Dataset

        # `load_dataset` would tell the Hub of every read, and leave lock files behind.
        rows = Dataset.from_parquet(glob.escape(str(path)), cache_dir=cache, streaming=True, batch_size=1000)
        for number, row in enumerate(rows):
            if number == 0:
                self._require_text_column(list(row))
            yield row

    def _require_text_column(self, columns: list[str]) -> None:
        if not _has_text_column(columns):
            raise UnreadableFileError(
                f"{self._path.name} has no column with the text; its columns are "
                f"{', '.join(columns) or 'none'}.",
                _TEXT_FIELDS,
            )


def _has_text_column(columns: Iterable[str]) -> bool:
    return tweet_formats.has_text(dict.fromkeys(columns))


def _author_id(record: Record) -> str | None:
    value = record.get("author_id")
    return None if tweet_formats.is_missing(value) else str(value)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a file is read into an error that says so."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableFileError(f"There is no file {str(path)!r}.", "Check the path.") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UnreadableFileError(
            f"{path.name} cannot be read: it is damaged, or no gzip file.",
            "Copy or download it again, or give it unpacked.",
        ) from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"{path.name} is not written in UTF-8 (byte {error.object[error.start]:#04x}).",
            "Save it as UTF-8; a spreadsheet offers this as 'CSV UTF-8'.",
        ) from error
    except OSError as error:
        raise UnreadableFileError(
            f"{str(path)!r} cannot be read: {error.strerror or error}.", "Check the path and its permissions."
        ) from error
