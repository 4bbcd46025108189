"""Records in a file of text: lines that name what they say, such as `Date: …`, as TikTok writes them."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from huggingtweets_hub.posts.tables import csv_records
from huggingtweets_hub.posts.tables.layout import Layout
from huggingtweets_hub.posts.tables.meanings import Meaning

_NAMED = re.compile(r"([^\W\d_][^:\n]{0,40}):(?: (.*))?")
_HEAD = 1 << 16  # characters


def columns(stream: TextIO, layout: Layout) -> list[str]:
    """What the lines of a record are called; empty if this is not a file of records.

    One of them stands at the beginning, and one tells a time. The stream stays at its beginning.
    """
    lines = stream.read(_HEAD).lstrip().splitlines()
    stream.seek(0)
    if not lines or not (first := _NAMED.fullmatch(lines[0])):
        return []
    counts = Counter(named[1] for named in map(_NAMED.fullmatch, lines) if named)
    records = counts[first[1]]
    found = [name for name, count in counts.items() if 2 * count >= records]
    return found if records > 1 < len(found) and Meaning.TIME in layout.meanings(found) else []


def rows(stream: TextIO, columns: list[str]) -> Iterator[dict[str, str]]:
    """The records of a file; lines without a name of theirs go on with what stands above.

    Raises:
        csv.Error: A line is too long for a record.
    """
    record: dict[str, list[str]] = {}
    said: list[str] = []
    is_after_blank = True
    for line in map(str.strip, csv_records.lines(stream)):
        named = _NAMED.fullmatch(line)
        name = named[1] if named else ""
        if name == columns[0] and is_after_blank and record:
            yield _joined(record)
            record = {}
        if named and name in columns and name not in record:
            said = record[name] = [(named[2] or "").strip()]
        else:
            said.append(line)
        is_after_blank = not line
    if record:
        yield _joined(record)


def _joined(record: dict[str, list[str]]) -> dict[str, str]:
    return {name: "\n".join(lines).strip() for name, lines in record.items()}
