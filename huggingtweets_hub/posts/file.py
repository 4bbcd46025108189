"""Posts from a table: CSV, TSV, JSON, JSON lines, Parquet or plain text, plain, as .gz or in a .zip."""

import glob
import gzip
import io
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any, BinaryIO, TextIO

from huggingtweets_hub.core import files
from huggingtweets_hub.core.accounts import mention
from huggingtweets_hub.core.errors import EmptyTimelineError, UnreadableFileError, WrongAccountError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Account, Post, Timeline
from huggingtweets_hub.core.words import is_unspaced
from huggingtweets_hub.posts.containers import DAMAGED
from huggingtweets_hub.posts.json_stream import TOLERANT, BadJsonError, JsonStream
from huggingtweets_hub.posts.reading import Reading
from huggingtweets_hub.posts.tables import csv_records, plain_texts, recognition
from huggingtweets_hub.posts.tables.json_records import JsonRecords
from huggingtweets_hub.posts.tables.layout import Fields
from huggingtweets_hub.posts.tables.names import Meaning, fold
from huggingtweets_hub.posts.tables.table import Table
from huggingtweets_hub.posts.tables.writers import Authors

_ENOUGH_TO_TELL = 20  # posts
_SAMPLE = 1000
_LARGEST_PARQUET = 4 << 30  # bytes, unpacked
_ENCRYPTED = 1  # a flag of a zip file's member
_ALL_OWN = "If all are the account's own, say so with an empty name: --column author="
_HEAD = 1024  # characters
_OBJECTS = re.compile(r"(?:\[\s*)*\{")
_STRINGS = re.compile(r'\[\s*"')
_SCRIPT = "window.YTD"
_LONGEST_NAMES = 300
_JSON = (".json", ".jsonl", ".ndjson")
_MARKS_OF_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class TweetFile:
    """A file of posts of one account, or of several accounts of which one is used.

    Args:
        path: Ends in one of `source.FILE_KINDS`, or in one of these and .gz; or a zip.
        member: The table's name in the zip.
        reading: What was chosen about the reading itself.
    """

    def __init__(self, path: Path, *, member: str | None = None, reading: Reading | None = None) -> None:
        self._path = path
        self._member = member
        self._reading = reading or Reading()
        name = member or path.name
        self._name = name.replace("\\", "/").rsplit("/", 1)[-1]
        self._is_gz = name.lower().endswith(".gz")
        self._kind = Path(name.lower().removesuffix(".gz")).suffix

    def account(self) -> Account | None:
        """The author, if the records or what describes them name exactly one.

        Raises:
            UnreadableFileError: The file is missing, damaged, or holds something else.
        """
        table = Table(self._name, None, self._reading)
        for fields in self._fields(table):
            table.add(fields)
            if table.writers.are_several():
                return None
        authors = table.writers.authors()
        named = authors.named() or ([] if authors.unnamed_ids else table.writers.described())
        return named[0] if len(named) == 1 else None

    def require_usable(self, handle: str) -> None:
        """Make sure that the file can be read and holds posts of an account.

        Raises:
            UnreadableFileError, WrongAccountError, EmptyTimelineError: As `fetch` does.
        """
        table = self._table(handle)
        self._own(table, table.writers.authors(), handle)

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """The posts of `handle`, or all if the file names no author; each once, newest first.

        Raises:
            UnreadableFileError: The file is missing, damaged, or holds something else.
            WrongAccountError: It names authors, and `handle` is not one of them.
            EmptyTimelineError: It holds no posts.
        """
        table = self._table(handle)
        authors = table.writers.authors()
        account, own = self._own(table, authors, handle)
        posts = table.posts(own)
        if not posts:
            why = "; ".join(f"{count:,} {reason}" for reason, count in table.findings.passed_over.items())
            raise EmptyTimelineError(
                f"{self._name} holds no posts to use ({why}).", "Use another file with --from."
            )
        _require_posts(posts, self._name, table)
        progress.advance("Reading", len(posts), len(posts), "posts")
        recognised = recognition.recognised(table, authors, names_author=own is not None)
        recognition.say(self._name, recognised, table, authors, handle, progress)
        return Timeline(account=account, tweets=posts, source="file", recognised=recognised)

    def _table(self, handle: str) -> Table:
        """All records of the file, read for an account."""
        table = Table(self._name, handle, self._reading)
        for fields in self._fields(table):
            table.add(fields)
        if not table.read:
            raise EmptyTimelineError(f"{self._name} holds no posts.", "Use another file with --from.")
        return table

    def _own(self, table: Table, authors: Authors, handle: str) -> tuple[Account, frozenset[int] | None]:
        """The account, and which writers it is; None for all where the file names no author."""
        if not authors.accounts and not authors.others:
            self._require_one_author(table, authors)
            return Account(handle=handle, id=next(iter(authors.unnamed_ids), None)), None
        own = {
            number: account
            for number, account in authors.accounts.items()
            if account.handle.lower() == handle.lower()
        }
        if not own:
            raise self._wrong_account(handle, authors.others)
        if unknown := table.writers.unknown(authors.accounts):
            table.findings.passed_over["without an author"] += unknown
        return next(iter(own.values())), frozenset(own)

    def _require_one_author(self, table: Table, authors: Authors) -> None:
        """Refuse a file without handles whose posts several people may have written."""
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

    # --- the records of each kind of file ---------------------------------------------------------

    def _fields(self, table: Table) -> Iterator[Fields]:
        """The fields of every record that has a text."""
        with _readable(self._path, self._name):
            if self._kind == ".parquet":
                for number, row in enumerate(self._parquet_rows()):
                    if number == 0:
                        csv_records.require_text(list(row), self._name, table.layout)
                    yield table.layout.fields(row)
                return
            with self._text() as stream:
                if self._kind in (".csv", ".tsv") or (
                    self._kind == ".txt" and csv_records.is_table(stream, table.layout)
                ):
                    for row in csv_records.rows(stream, self._name, table.layout):
                        yield table.layout.fields(row)
                elif self._kind == ".txt" and not _is_json(stream):
                    for text in plain_texts.texts(stream, self._name, table.findings):
                        yield table.layout.fields({"text": text})
                else:
                    yield from self._json_fields(stream, table)

    @contextmanager
    def _bytes(self) -> Iterator[Any]:
        """The content of the file, unpacked."""
        gz = _Gzip if self._kind in _JSON else gzip.GzipFile
        with open(self._path, "rb", opener=files.regular) as file:
            if self._member is not None:
                with zipfile.ZipFile(file) as archive, self._inside(archive) as inner:
                    yield gz(fileobj=inner) if self._is_gz else inner
            elif self._is_gz:
                with gz(fileobj=file) as unpacked:
                    yield unpacked
            else:
                yield file

    def _inside(self, archive: zipfile.ZipFile) -> IO[bytes]:
        """The file in a zip file."""
        member, packed = archive.getinfo(self._member or ""), self._path.name
        if member.flag_bits & _ENCRYPTED:
            raise UnreadableFileError(
                f"{packed} is encrypted, so it cannot be read.",
                f"Unpack it with its password and use {self._name}.",
            )
        try:
            return archive.open(member)
        except NotImplementedError as error:
            raise UnreadableFileError(
                f"{packed} uses a compression that cannot be read: {error}.",
                f"Unpack it and use {self._name}.",
            ) from error

    @contextmanager
    def _text(self) -> Iterator[TextIO]:
        """The same as text: UTF-8, or UTF-16 where the file says so."""
        with self._bytes() as content:
            encoding = "utf-16" if content.peek(2)[:2] in _MARKS_OF_UTF_16 else "utf-8-sig"
            errors = TOLERANT if self._kind in _JSON else "strict"
            # The csv module must find the line ends itself.
            with io.TextIOWrapper(content, encoding, errors, newline="") as stream:
                yield stream

    def _json_fields(self, stream: TextIO, table: Table) -> Iterator[Fields]:
        values = JsonStream(stream)
        records = JsonRecords(values, table.layout, table.writers)
        cut: int | None = None
        try:
            yield from records.fields()
        except BadJsonError as error:
            if not error.is_cut or not (records.records or _is_packed_and_cut(stream)):
                raise self._not_json(error) from error
            cut = error.line
        if cut or _is_packed_and_cut(stream):
            if not records.records:
                raise _damaged(self._name)
            table.findings.notes.append(
                f"it is cut off in line {cut or values.line:,}: only the first {records.records:,} posts "
                "were read. Download or copy it again to have all of them."
            )
        if stray := records.first_stray:
            if records.strays > records.records:
                more = f", like {records.strays - 1:,} others" if records.strays > 1 else ""
                several = ", ".join(map(repr, stray.lists))[:_LONGEST_NAMES]
                raise UnreadableFileError(
                    f"Line {stray.line} of {self._name} is not a post{more}: {stray.what}.",
                    f"There are lists under {several}. Rename the one that holds the posts to 'tweets'."
                    if several
                    else "Each post needs its text. If it is there, name its key: --column text=NAME",
                )
            table.findings.passed_over[f"not posts (the first in line {stray.line}: {stray.what[:80]})"] = (
                records.strays
            )
        if records.records:
            csv_records.require_chosen(table.layout.labels(), self._name, table.layout)

    def _not_json(self, error: BadJsonError) -> UnreadableFileError:
        if error.excerpt.startswith(_SCRIPT):
            return UnreadableFileError(
                f"{self._name} is a file of X's archive under another name.",
                "If it holds the posts, call it tweets.js, as X does, and use that.",
            )
        return UnreadableFileError(
            f"Line {error.line} of {self._name} is not valid JSON: {error.excerpt!r}.",
            "A .jsonl file holds one object per line, a .json file holds one document. "
            f"Export it again, or fix that line ({error.why}).",
        )

    def _parquet_rows(self) -> Iterator[Mapping[str, Any]]:
        from datasets import Dataset

        with tempfile.TemporaryDirectory() as folder:
            plain = self._path
            with self._bytes() as stream:  # which refuses what is not a file
                if self._is_gz or self._member is not None:
                    plain = Path(folder) / "posts.parquet"
                    self._unpack(stream, plain)
            try:
                # `load_dataset` would report every read to the Hub and leave lock files behind. Row by row,
                # datasets takes eighteen times as long as for its tables.
                dataset: Any = Dataset.from_parquet(glob.escape(str(plain)), cache_dir=folder, streaming=True)
                for table in dataset.with_format("arrow").iter(batch_size=1000):
                    yield from table.to_pylist()
            except ValueError as error:  # pyarrow's
                raise UnreadableFileError(
                    f"{self._name} is not a Parquet file, or it is damaged.", "Export or download it again."
                ) from error

    def _unpack(self, packed: BinaryIO, plain: Path) -> None:
        left = _LARGEST_PARQUET
        with plain.open("wb") as unpacked:
            while chunk := packed.read(1 << 20):
                unpacked.write(chunk)
                left -= len(chunk)
                if left < 0:
                    raise UnreadableFileError(
                        f"{self._name} unpacks to more than {_LARGEST_PARQUET >> 30} GiB.",
                        "Unpack it and use a smaller Parquet file.",
                    )


class _Gzip(gzip.GzipFile):
    """A gzip file that may be cut off; what can be unpacked is read.

    Attributes:
        is_cut: Its end was reached, and was missing.
    """

    is_cut = False

    def read1(self, size: int = -1) -> bytes:
        try:
            return super().read1(size)
        except EOFError:
            self.is_cut = True
            return b""


def _is_packed_and_cut(stream: TextIO) -> bool:
    return isinstance(stream.buffer, _Gzip) and stream.buffer.is_cut


def _require_posts(posts: Sequence[Post], name: str, table: Table) -> None:
    """Refuse a list of words, ids or handles, which is not what a person writes."""
    column = next(iter(table.findings.used.get(Meaning.TEXT, ())), "text")
    enough = 1 if fold(column) == "status" else _ENOUGH_TO_TELL  # which is seldom the text
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


def _is_json(stream: TextIO) -> bool:
    """Whether a file of text holds JSON, also with what X's archive puts around it."""
    head = stream.read(_HEAD).lstrip()
    stream.seek(0)
    if _STRINGS.match(head):  # or a post in brackets
        is_json = _is_json_to_the_end(stream)
        stream.seek(0)
        return is_json
    return head.startswith(_SCRIPT) or _OBJECTS.match(head) is not None


def _is_json_to_the_end(stream: TextIO) -> bool:
    try:
        for _ in JsonStream(stream).values():
            pass
    except BadJsonError:
        return False
    return True


@contextmanager
def _readable(path: Path, name: str) -> Iterator[None]:
    """Turn the exceptions of reading a file into errors that explain them."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableFileError(f"There is no file {str(path)!r}.", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"{name} is not UTF-8 text (byte {error.object[error.start]:#04x}).",
            "Save it as UTF-8. A spreadsheet program calls this 'CSV UTF-8'.",
        ) from error
    except DAMAGED as error:
        raise _damaged(name) from error
    except OSError as error:
        if error.errno is None:  # bzip2's
            raise _damaged(name) from error
        raise UnreadableFileError(
            f"{str(path)!r} could not be read: {error.strerror or error}.",
            "Check the path and its permissions.",
        ) from error


def _damaged(name: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"{name} could not be read: it is damaged, or not a gzip or zip file.",
        "Copy or download it again, or unpack it first.",
    )
