"""The rows of a CSV, with any of the usual marks between its columns."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal, TextIO

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts.json_cursor import LONGEST
from huggingtweets_hub.posts.tables import dates, names, notes, values
from huggingtweets_hub.posts.tables.layout import Layout
from huggingtweets_hub.posts.tables.meanings import Meaning

_MARKS = ",;\t|"
_SAMPLE, _SMALL_SAMPLE = 1 << 20, 1 << 16
_BEGINNING = 200
_LONGEST_HEADER, _LONGEST_BELOW = 1 << 18, 1 << 13
_MOST_COLUMNS = 10_000  # each row is a mapping of all columns
_MOST_ABOUT, _SURE = 30, 3
_BEYOND = "\0"  # not a column: fields of a row beyond the header
_SEPARATOR_LINE = re.compile(r"sep=(.)", re.IGNORECASE)
# Of which some programs do not double the quotes.
_FORMULA = re.compile(
    r'(?P<mark>"?)(?<![^,;\t"])(?P<formula>=HYPERLINK\("[^"\n]+"(?:[,;] ?"[^"\n]*")?\))'
    r"(?P=mark)(?=[,;\t\r\n]|$)"
)
_WORDS = re.compile(r"\w+\W+\w+\W+\w+")


def rows(stream: TextIO, name: str, layout: Layout) -> Iterator[dict[str, str | None]]:
    """Every row by its columns.

    Raises:
        UnreadableFileError: The header or the column with the text is missing, or it is not valid CSV.
    """
    csv.field_size_limit(LONGEST)
    header, skipped, marks = _header(stream, layout)
    if not header:
        return
    # Choose the mark that gives a text column; counting characters would be misled by the texts.
    headers = {mark: next(csv.reader([header], delimiter=mark), []) for mark in marks}
    mark = max(headers, key=lambda one: (Meaning.TEXT in layout.meanings(headers[one]), len(headers[one])))
    is_spaced = _is_spaced(stream, headers[mark], mark)
    named = next(csv.reader([header], delimiter=mark, skipinitialspace=is_spaced), [])
    named = _with_second_row(stream, named, mark, layout)
    if [one for one in named if one not in ("", "index")] == ["0"]:  # without a name, as pandas writes it
        named = ["text" if column == "0" else column for column in named]
    if len(named) > _MOST_COLUMNS or len(header) == _LONGEST_HEADER:
        require_text(named, name, layout)
        raise UnreadableFileError(
            f"{name} has {len(named):,} columns or more.",
            "Keep only the columns with the text and the date.",
        )
    columns = _told_apart(named)
    require_text(columns, name, layout)
    quoting: Literal[0, 3] = (
        csv.QUOTE_NONE if mark == "\t" and _is_unquoted(stream, len(columns)) else csv.QUOTE_MINIMAL
    )
    # Strict, because otherwise an unclosed quote would swallow the rest of the file.
    reader = csv.DictReader(
        map(_with_formulas, lines(stream)), columns, restkey=_BEYOND, delimiter=mark, quoting=quoting,
        strict=True, skipinitialspace=is_spaced,
    )  # fmt: skip
    head, folded = columns[0], [*map(names.fold, named)]
    try:
        for row in reader:
            if any(row.pop(_BEYOND, ())):
                raise csv.Error("more fields than columns")
            is_header = (row[head] or "").casefold() == head.casefold() and _folded(row) == folded
            if not is_header and any(cell and not cell.isspace() for cell in row.values()):  # else blank
                yield row
    except csv.Error as error:
        raise UnreadableFileError(
            f"{name} is not valid CSV in line {reader.reader.line_num + skipped + 1} or before: {error}.",
            "Export it again with every text in double quotes, and with quotes inside a text doubled.",
        ) from error


def _folded(row: Mapping[str, str | None]) -> list[str]:
    return [names.fold(cell or "") for cell in row.values()]


def is_table(stream: TextIO, layout: Layout) -> bool:
    """Whether a file of text begins with the header of a table; the stream stays at its beginning."""
    header = stream.readline(_LONGEST_HEADER)
    stream.seek(0)
    return any(is_header(header.strip().split(mark), layout) for mark in _MARKS)


def is_header(columns: list[str], layout: Layout) -> bool:
    """Whether these are names of columns, of which one is the text's, and not the words of a post."""
    meanings = layout.meanings(columns)
    return Meaning.TEXT in meanings and len(meanings) > 1 and sum(map(layout.means, columns)) > 1


def require_text(columns: list[str], name: str, layout: Layout) -> None:
    """Make sure that a table has a column with the text, and those that a user has chosen.

    Raises:
        UnreadableFileError: It does not; the columns that it has. Or they are those of private notes.
    """
    notes.refuse(columns, name)
    shown = ", ".join(columns)[:300] or "none"
    has_text = Meaning.TEXT in layout.fields(dict.fromkeys(columns))
    require_chosen(columns, name, layout)
    if not has_text:
        if _is_data(columns):
            raise UnreadableFileError(
                f"{name} has no header line: its first line is {shown!r}.",
                f"Add a first line with the column names, for instance {','.join(_guessed(columns))}. If a "
                "column holds the authors' handles, call it author.",
            )
        folded = {*map(names.fold, columns)}
        if {"date", "impressions"} <= folded and folded & {"newfollows", "tweetspublished"}:
            raise UnreadableFileError(
                f"{name} holds daily totals from X's analytics, but no posts.",
                "Export the Content tab of the analytics instead, which has a column 'Post text', or use "
                "your X archive.",
            )
        raise UnreadableFileError(
            f"{name} has no column with the text. Its columns are: {shown}.",
            "Name the column of the posts' text: --column text=NAME",
        )


def require_chosen(columns: list[str], name: str, layout: Layout) -> None:
    """Make sure that the columns that a user has chosen exist.

    Raises:
        UnreadableFileError: One of them does not.
    """
    if unmet := layout.unmet():
        raise UnreadableFileError(
            f"{name} has no column {layout.chosen(unmet[0])!r:.60} for {unmet[0]}. Its columns are: "
            f"{', '.join(columns)[:300] or 'none'}.",
            f"Check --column {unmet[0]}=…",
        )


def _header(stream: TextIO, layout: Layout) -> tuple[str, int, str]:
    """The first line that is a header, how many lines stand before it, and what may separate its columns."""
    skipped, marks = 0, _MARKS
    while header := stream.readline(_LONGEST_HEADER):
        if found := _SEPARATOR_LINE.fullmatch(header.strip().strip('"')):  # as Excel writes it
            marks = found[1]
        elif header.strip().strip(_MARKS) and (
            not header.startswith("#") or any(is_header(header.strip().split(mark), layout) for mark in marks)
        ):  # else a remark
            break
        skipped += 1
    if any(Meaning.TEXT in layout.meanings(header.strip().split(mark)) for mark in marks):
        return header, skipped, marks
    place, quotes = stream.tell(), header.count('"')
    for more in range(1, _MOST_ABOUT):  # lines about a report may stand above its table
        line = stream.readline(_LONGEST_BELOW)
        if len(line) == _LONGEST_BELOW:
            break
        is_inside = quotes % 2  # of a cell of several lines
        if not is_inside and any(_is_sure_header(line, mark, layout) for mark in marks):
            return line, skipped + more, marks
        quotes += line.count('"')
    stream.seek(place)
    return header, skipped, marks


def _is_sure_header(line: str, mark: str, layout: Layout) -> bool:
    columns = next(csv.reader([line.strip()], delimiter=mark), [])
    return is_header(columns, layout) and len(layout.meanings(columns)) >= _SURE


def _with_second_row(stream: TextIO, columns: list[str], mark: str, layout: Layout) -> list[str]:
    """The names of columns with those of a second row, as pandas writes columns in groups."""
    place = stream.tell()
    second = next(csv.reader([stream.readline(_LONGEST_BELOW)], delimiter=mark), [])
    if len(second) != len(columns) or second == columns or not is_header(second, layout):
        stream.seek(place)
        return columns
    pairs = zip(columns, second, strict=True)
    both = [low if names.fold(high) == names.fold(low) else f"{high}.{low}" for high, low in pairs]
    return both if Meaning.TEXT in layout.meanings(both) else second


def _is_spaced(stream: TextIO, columns: list[str], mark: str) -> bool:
    """Whether a blank follows each mark between columns: by the names, or by where quotes open."""
    if len(columns) > 1 and all(column.startswith(" ") for column in columns[1:]):
        return True
    place = stream.tell()
    sample = stream.read(_SMALL_SAMPLE)
    stream.seek(place)
    return mark != " " and f'{mark} "' in sample and f'{mark}"' not in sample


def _told_apart(names: list[str]) -> list[str]:
    """The names of columns, each once: a second `id` becomes `id.1`, as in pandas, and the first counts."""
    given, copies = set(names), Counter[str]()
    columns: dict[str, None] = {}
    for name in names:
        column = name
        while column in columns or (column != name and column in given):
            copies[name] += 1
            column = f"{name}.{copies[name]}"
        columns[column] = None
    return list(columns)


def _is_unquoted(stream: TextIO, columns: int) -> bool:
    """Whether quotes are part of the texts: lines have all columns, and quotes that open do not close."""
    place = stream.tell()
    sample = stream.read(_SAMPLE).splitlines()[:-1]
    stream.seek(place)
    fields = [field for line in sample for field in line.split("\t")]
    irregular = sum(line.count("\t") != columns - 1 for line in sample if line.strip())
    quoted = [field for field in fields if field.startswith('"')]
    return 100 * irregular <= len(sample) and not all(
        len(field) > 1 and field.endswith('"') for field in quoted
    )


def _is_data(columns: list[str]) -> bool:
    """Whether what should be the names of columns are values."""
    return any(
        dates.read(column) is not None
        or (values.number(column) is not None)
        or (_WORDS.search(column[:_BEGINNING]) is not None and len(column) > 30)
        for column in columns
        if column.strip()
    )


def _guessed(cells: list[str]) -> Iterator[str]:
    """A name for the column of each cell: what it seems to hold, else a number."""
    text = max(
        (cell for cell in cells if _WORDS.search(cell) and not dates.is_sure(cell)), key=len, default=""
    )
    time = next((cell for cell in cells if dates.is_sure(cell)), "")
    number = next((cell for cell in cells if values.is_integer_id(cell) and len(cell) > 2), "")
    known = {number: "id", time: "created_at", text: "text"}
    for place, cell in enumerate(cells, 1):
        yield known.pop(cell, f"column{place}") if cell else f"column{place}"


def lines(stream: TextIO) -> Iterator[str]:
    """The lines of a file.

    Raises:
        csv.Error: One is too long for a record.
    """
    while line := stream.readline(LONGEST):
        if len(line) == LONGEST:
            raise csv.Error(f"a line of more than {LONGEST:,} characters")
        yield line


def _with_formulas(line: str) -> str:
    return _FORMULA.sub(_quoted, line) if "=HYPERLINK(" in line else line


def _quoted(formula: re.Match[str]) -> str:
    """A spreadsheet's formula as a cell of CSV."""
    return '"' + formula["formula"].replace('"', '""') + '"'
