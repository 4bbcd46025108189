"""The records of a file of posts, of whatever kind it is and however it is packed."""

import glob
import gzip
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TextIO

from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.core.text import counted
from huggingtweets_hub.posts import encodings, other_forms
from huggingtweets_hub.posts.containers import DAMAGED, too_deep, unpack
from huggingtweets_hub.posts.json_cursor import BadJsonError
from huggingtweets_hub.posts.json_stream import JsonStream
from huggingtweets_hub.posts.tables import blocks, csv_records, plain_texts
from huggingtweets_hub.posts.tables.json_records import JsonRecords
from huggingtweets_hub.posts.tables.layout import Fields
from huggingtweets_hub.posts.tables.meanings import Meaning
from huggingtweets_hub.posts.tables.table import Table

_ENCRYPTED = 1  # a flag of a zip file's member
_HEAD = 1024  # characters
_OBJECTS = re.compile(r"(?:\[\s*)*\{")
_STRINGS = re.compile(r'\[\s*"')
_OF_PYTHON = re.compile(r"(?:\[\s*)?\{\s*'")
_SCRIPT = "window.YTD"
_LONGEST_NAMES = 300
# A spreadsheet program would round long ids.
_AS_UTF_8 = (
    "Write it as UTF-8. From Windows-1252, in which Excel and old data sets have Western European languages: "
    "python -c \"import sys; open('utf8-' + sys.argv[1], 'w', encoding='utf-8', newline='').write("
    "open(sys.argv[1], encoding='cp1252', errors='replace', newline='').read())\" FILE"
)
_JSON = (".json", ".jsonl", ".ndjson")


class Contents:
    """What is in a file.

    Args:
        path: Ends in one of `source.FILE_KINDS`, or in one of these and .gz; or a zip.
        member: The table's name in the zip.

    Attributes:
        name: What messages call it.
    """

    def __init__(self, path: Path, member: str | None = None) -> None:
        self._path = path
        self._member = member
        name = member or path.name
        self.name = name.replace("\\", "/").rsplit("/", 1)[-1]
        self._is_gz = name.lower().endswith(".gz")
        self._kind = Path(name.lower().removesuffix(".gz")).suffix

    def fields(self, table: Table) -> Iterator[Fields]:
        """The fields of every record that has a text.

        Raises:
            UnreadableFileError: The file is missing, damaged, or holds something else.
        """
        with _readable(self._path, self.name):
            if self._kind == ".parquet":
                for number, row in enumerate(self._parquet_rows()):
                    if number == 0:
                        csv_records.require_text(list(row), self.name, table.layout)
                    yield table.layout.fields(row)
                return
            with self._text() as stream:
                head = stream.read(_HEAD)
                stream.seek(0)
                if step := other_forms.step_of_markup(head):
                    raise UnreadableFileError(
                        f"{self.name} holds a page or a feed (HTML or XML), which is not read.", step
                    )
                if self._kind in (".csv", ".tsv") or (
                    self._kind == ".txt" and csv_records.is_table(stream, table.layout)
                ):
                    for row in csv_records.rows(stream, self.name, table.layout):
                        yield table.layout.fields(row)
                elif self._kind == ".txt" and (named := blocks.columns(stream, table.layout)):
                    csv_records.require_text(named, self.name, table.layout)
                    for record in blocks.rows(stream, named):
                        yield table.layout.fields(record)
                elif self._kind == ".txt" and not _is_json(stream):
                    for post in plain_texts.records(stream, self.name, table.findings):
                        yield table.layout.fields(post)
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
                f"Unpack it with its password and use {self.name}.",
            )
        try:
            return archive.open(member)
        except NotImplementedError as error:
            raise UnreadableFileError(
                f"{packed} uses a compression that cannot be read: {error}.",
                f"Unpack it and use {self.name}.",
            ) from error

    @contextmanager
    def _text(self) -> Iterator[TextIO]:
        """The same as text."""
        with self._bytes() as content:
            beginning = content.peek(other_forms.LONGEST_BEGINNING)
            if ending := other_forms.ending_of(beginning):
                raise UnreadableFileError(
                    f"{self.name} is not text; by its content it should end in {ending}.",
                    "Rename it to match, then run the same command again.",
                )
            encoding = encodings.encoding(beginning[:4])
            errors = encodings.TOLERANT if self._kind in _JSON else "strict"
            # The csv module must find the line ends itself.
            with io.TextIOWrapper(content, encoding, errors, newline="") as stream:
                yield stream

    def _json_fields(self, stream: TextIO, table: Table) -> Iterator[Fields]:
        values = JsonStream(stream)
        records = JsonRecords(values, self.name, table.layout, table.writers)
        cut: int | None = None
        try:
            yield from records.fields()
        except BadJsonError as error:
            if not error.is_cut or not (records.records or _is_packed_and_cut(stream)):
                raise self._not_json(error) from error
            cut = error.line
        if cut or _is_packed_and_cut(stream):
            if not records.records:
                raise _damaged(self.name)
            table.findings.notes.append(
                f"it is cut off in line {cut or values.line:,}: only the first {records.records:,} posts "
                "were read. Download or copy it again to have all of them."
            )
        if stray := records.first_stray:
            if records.strays > records.records or not records.records:
                if not stray.lists and Meaning.TEXT in table.layout.unmet():
                    csv_records.require_chosen(table.layout.labels(), self.name, table.layout)
                more = f", like {counted(records.strays - 1, 'other')}" if records.strays > 1 else ""
                several = ", ".join(map(repr, stray.lists))[:_LONGEST_NAMES]
                raise UnreadableFileError(
                    f"Line {stray.line} of {self.name} is not a post{more}: {stray.what}.",
                    f"There are lists under {several}. Rename the one that holds the posts to 'tweets'."
                    if several
                    else "Each post needs its text. If it is there, name its key: --column text=NAME",
                )
            if records.strays:
                what = f"not posts (the first in line {stray.line}: {stray.what[:80]})"
                table.findings.passed_over[what] = records.strays
        if records.records:
            csv_records.require_chosen(table.layout.labels(), self.name, table.layout)

    def _not_json(self, error: BadJsonError) -> UnreadableFileError:
        if error.excerpt.startswith(_SCRIPT):
            return UnreadableFileError(
                f"{self.name} is a file of X's archive under another name.",
                "If it holds the posts, call it tweets.js, as X does, and use that.",
            )
        if _OF_PYTHON.match(error.excerpt):
            return UnreadableFileError(
                f"{self.name} is not JSON, but what Python prints: {error.excerpt!r:.60}.",
                'Write it again with json.dump. Or, if each line is whole: python -c "import ast, json, sys; '
                '[print(json.dumps(ast.literal_eval(line))) for line in sys.stdin if line.strip()]" < '
                f"{self.name} > posts.jsonl",
            )
        return UnreadableFileError(
            f"Line {error.line} of {self.name} is not valid JSON: {error.excerpt!r}.",
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
                    unpack(stream, plain, self.name)
            try:
                # `load_dataset` would report every read to the Hub and leave lock files behind. Row by row,
                # datasets takes eighteen times as long as for its tables.
                dataset: Any = Dataset.from_parquet(glob.escape(str(plain)), cache_dir=folder, streaming=True)
                for table in dataset.with_format("arrow").iter(batch_size=1000):
                    yield from table.to_pylist()
            except ValueError as error:  # pyarrow's
                raise UnreadableFileError(
                    f"{self.name} is not a Parquet file, or it is damaged.", "Export or download it again."
                ) from error


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
            _AS_UTF_8,
        ) from error
    except RecursionError as error:
        raise too_deep(name) from error
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
