"""Records in a file of text: lines that name what they say, such as `Date: …`, as TikTok writes them."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import TextIO

from huggingtweets_hub.posts.tables import dates, marks, names, plain_texts
from huggingtweets_hub.posts.tables.layout import Layout
from huggingtweets_hub.posts.tables.meanings import Kind, Meaning

_NAMED = re.compile(r"([^\W\d_][^:\n]{0,40}):(?: (.*))?")
_HEAD = 1 << 16  # characters
_READERS = {Meaning.VISIBILITY, Meaning.DELETED}


def columns(stream: TextIO, layout: Layout) -> list[str]:
    """What the lines of a record are called; empty if this is not a file of records.

    One of them stands at the beginning, and one tells a time. The stream stays at its beginning.
    """
    lines = _beginning(stream)
    if not lines or not (first := _NAMED.fullmatch(lines[0])):
        return []
    named = [*filter(None, map(_NAMED.fullmatch, lines))]
    counts = Counter(line[1] for line in named)
    records = counts[first[1]]
    found = [name for name, count in counts.items() if 2 * count >= records]
    timed = {name for name in found if Meaning.TIME in layout.meanings([name])}
    times = sum(line[1] in timed and dates.read(line[2]) is not None for line in named)
    if records < 2 or len(found) < 2 or 2 * times < records:
        return []
    return list(dict.fromkeys([*found, *_above_texts(named, found, layout)]))


def rows(stream: TextIO, columns: list[str]) -> Iterator[dict[str, str]]:
    """The records of a file; lines without a name of theirs go on with what stands above.

    Raises:
        csv.Error: A line is too long for a record.
    """
    first = columns[0]
    are_apart = any(
        not above and line.startswith(f"{first}:") for above, line in pairwise(_beginning(stream))
    )
    record: dict[str, list[str]] = {}
    said: list[str] = []
    is_after_blank = True
    for line in plain_texts.lines(stream):
        named = _NAMED.fullmatch(line)
        name = named[1] if named else ""
        if name == first and record and (is_after_blank or not are_apart):
            yield _joined(record)
            record = {}
        if named and name not in record and (name in columns or _tells_readers(name, named[2] or "")):
            said = record[name] = [(named[2] or "").strip()]
        else:
            said.append(line)
        is_after_blank = not line
    if record:
        yield _joined(record)


def _above_texts(lines: list[re.Match[str]], usual: list[str], layout: Layout) -> Iterator[str]:
    """The names of lines that stand between the first of a record and its text, in however few records."""
    texts = {name for name in usual if Meaning.TEXT in layout.meanings([name])}
    is_above = False
    for line in lines:
        is_above = bool(texts) and (is_above or line[1] == usual[0]) and line[1] not in texts
        if is_above:
            yield line[1]


def _tells_readers(name: str, said: str) -> bool:
    """Whether a line says who may read a record, even if such lines stand in few, and is not one of a text.

    `Who can view` is beyond doubt; `Secret` and the like may begin a line of any text.
    """
    found = [one for one in names.senses(names.fold(name)) if one.meaning in _READERS]
    is_sure = any(one.kind is Kind.PLAIN for one in found) and bool(said.strip())
    return is_sure or (bool(found) and found[0].kind is not Kind.WEAK and marks.tells_readers(said))


def _beginning(stream: TextIO) -> list[str]:
    """The first lines of a file; the stream stays at its beginning."""
    head = stream.read(_HEAD).lstrip()
    stream.seek(0)
    return [*plain_texts.lines(io.StringIO(head))]


def _joined(record: dict[str, list[str]]) -> dict[str, str]:
    return {name: "\n".join(lines).strip() for name, lines in record.items()}
