"""A file of nothing but texts: a post in each line, or posts of several lines between blank ones."""

import csv
from collections.abc import Iterable, Iterator
from typing import TextIO

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts.tables import csv_records
from huggingtweets_hub.posts.tables.rows import Findings

ENOUGH = 20
"""Paragraphs that show that blank lines separate posts."""
LONGEST = 20
"""Lines of a paragraph beyond which it is rather a list of posts."""


def texts(stream: TextIO, name: str, findings: Findings) -> Iterator[str]:
    """The posts of a file, and in the findings how they were told apart.

    Blank lines separate posts where they make `ENOUGH` paragraphs, of which none has more than `LONGEST`
    lines. Elsewhere each line is a post.

    Raises:
        UnreadableFileError: A line is too long for a post.
    """
    try:
        lengths = [len(paragraph) for paragraph in _paragraphs(_lines(stream), LONGEST + 1)]
        stream.seek(0)
        are_paragraphs = len(lengths) >= ENOUGH and 1 < max(lengths) <= LONGEST
        findings.form = (
            "blank lines separate the posts; if each line is one, take the blank lines out"
            if are_paragraphs
            else "each line is a post"
        )
        for paragraph in _paragraphs(_lines(stream), LONGEST if are_paragraphs else 1):
            yield "\n".join(paragraph)
    except csv.Error as error:
        raise UnreadableFileError(
            f"{name} holds {error}.", "Use a file with a post in each line, or a table."
        ) from error


def _lines(stream: TextIO) -> Iterator[str]:
    return (line.strip() for line in csv_records.lines(stream))


def _paragraphs(lines: Iterable[str], longest: int) -> Iterator[list[str]]:
    """The lines between blank ones, at most so many together."""
    found: list[str] = []
    for line in lines:
        if line:
            found.append(line)
        if found and (not line or len(found) == longest):
            yield found
            found = []
    if found:
        yield found
