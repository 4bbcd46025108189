"""A file of nothing but texts: a post in each line, or posts of several lines between blank ones."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts.tables import csv_records
from huggingtweets_hub.posts.tables.rows import Findings

ENOUGH = 20
"""Paragraphs that show that blank lines separate posts."""
LONGEST = 20
"""Lines of a paragraph beyond which it is rather a list of posts."""
_SHARE_OF_MESSAGES = 5  # one line in so many that begins a message makes a chat, whose messages may be long
_MESSAGE = re.compile(
    r"""
    # WhatsApp's begin with day, time, name and colon.
    [^\w\s]{0,2}\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?\s+
    (?:[^\W\d]{1,2}\s?)?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[ap]\.?\s?m\.?)?(?:\]|\s-|,)?
    \s+[^:\n]{1,60}:\s
    # IRC's have the name in brackets.
    | \[?(?:\d[\d./-]{5,9}[\sT])?\d{1,2}:\d{2}(?::\d{2})?\]?\s+<[^<>\n]{1,60}>\s
    # LINE's are columns.
    | \d{1,2}:\d{2}\t[^\t\n]{1,60}\t
    # Telegram's stand below a line with name and time.
    | [^,\n]{1,60},\s\[[^\]\n]{0,30}\d:\d{2}[^\]\n]{0,10}\]:?$
    """,
    re.IGNORECASE | re.VERBOSE,
)


def texts(stream: TextIO, name: str, findings: Findings) -> Iterator[str]:
    """The posts of a file, and in the findings how they were told apart.

    Blank lines separate posts where they make `ENOUGH` paragraphs, of which none has more than `LONGEST`
    lines. Elsewhere each line is a post.

    Raises:
        UnreadableFileError: A line is too long for a post, or these are messages of a chat.
    """
    try:
        lengths = []
        messages = 0
        for paragraph in _paragraphs(_lines(stream), LONGEST + 1):
            lengths.append(len(paragraph))
            messages += sum(map(_is_message, paragraph))
        if messages > 1 and messages * _SHARE_OF_MESSAGES >= sum(lengths):
            raise refused_chat(name)
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


def refused_chat(name: str) -> UnreadableFileError:
    """The error for a file that holds the messages of a chat."""
    return UnreadableFileError(
        f"{name} is a chat, which holds messages of several people.",
        "docs/networks.md has a line for each messenger that takes your own out of it.",
    )


def _lines(stream: TextIO) -> Iterator[str]:
    return (line.strip() for line in csv_records.lines(stream))


def _is_message(line: str) -> bool:
    """Whether a line says when a message was sent, and by whom."""
    return _MESSAGE.match(line) is not None


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
