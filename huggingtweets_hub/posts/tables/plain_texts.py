"""A file of nothing but texts: a post in each line, or posts of several lines between blank ones."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TextIO

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts.json_cursor import LONGEST as LONGEST_VALUE
from huggingtweets_hub.posts.tables import csv_records, dates, marks
from huggingtweets_hub.posts.tables.rows import Findings

ENOUGH = 20
"""Paragraphs that show that blank lines separate posts."""
LONGEST = 20
"""Lines of a paragraph beyond which it is rather a list of posts."""
_MARK = re.compile(r"<\|(?:startoftext|endoftext)\|>")
_DRAWN = re.compile(r"([-=*_~#])\1{2,}")
# What makes lines the items of a list.
_ITEMS = {
    "bullet": re.compile(r"[-*•‣–]\s+(?P<text>.+)"),
    "number": re.compile(r"(?P<number>\d{1,6})[.):]\s+(?P<text>.+)"),
    "quotes": re.compile(r'"(?P<text>[^"]+)",?'),
    "author": re.compile(r'(")?(?P<author>@\w{1,15}):\s+(?P<text>\S.*)(?(1)")'),
    # As twint prints one.
    "id, time and author": re.compile(
        r"(?P<id>\d+) (?P<created_at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+) <(?P<author>\w{1,15})> "
        r"(?P<text>\S.*)"
    ),
    "time": re.compile(r"(?P<created_at>\d[\d./:TZ+ -]{7,30}?)(?:\t+|\s[|–—-]\s|:\s)\s*(?P<text>[^\t\n]+)"),
}
_REMARK = "# "
_MENTION = re.compile(r"@<([^\s<>]{1,60}) https?://[^\s<>]+>")  # of twtxt
_ENOUGH_MARKS, _ENOUGH_ITEMS, _SHARE_OF_OTHERS = 3, 3, 10  # one line in so many may be another
_SHARE_OF_MESSAGES = 5  # one line in so many that begins a message makes a chat, whose messages may be long
_MESSAGE = re.compile(
    r"""
    # WhatsApp's begin with day, time, name and colon.
    [^\w\s]{0,2}\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?\s+
    (?:[^\W\d]{1,2}\s?)?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[ap]\.?\s?m\.?)?(?:\]|\s-|,)?
    \s+[^:\n]{1,60}:\s
    # KakaoTalk's too, in words; on a computer name and time stand in brackets.
    | (?:\d{4}[년.]\s?\d{1,2}[월.]\s?\d{1,2}[일.]|[A-Z][a-z]{2,8}\s\d{1,2},\s\d{4}(?:\sat|,)?)
      \s(?:오[전후]\s)?\d{1,2}:\d{2}(?:\s?[AP]M)?,\s[^:\n]{1,60}\s:\s
    | \[[^\]\n]{1,60}\]\s\[(?:오[전후]\s|[AP]M\s)?\d{1,2}:\d{2}(?:\s?[AP]M)?\]\s
    # IRC's have the name in brackets.
    | \[?(?:\d[\d./-]{5,9}[\sT])?\d{1,2}:\d{2}(?::\d{2})?\]?\s+<[^<>\n]{1,60}>\s
    # LINE's are columns.
    | \d{1,2}:\d{2}\t[^\t\n]{1,60}\t
    # iMessage's stand below a line with the time, and one with the name.
    | [A-Z][a-z]{2}\s\d{2},\s\d{4}\s+\d{1,2}:\d{2}:\d{2}\s[AP]M(?:\s\(.*\))?$
    # Discord's stand below a line with time and name, as a program of others writes it.
    | \[[^\]\n]{5,30}\d:\d{2}[^\]\n]{0,10}\]\s(?:[^\n]{1,60}\#\d{4}|[\w.]{2,32})(?:\s\(pinned\))?$
    # Telegram's stand below a line with name and time.
    | [^,\n]{1,60},\s\[[^\]\n]{0,30}\d:\d{2}[^\]\n]{0,10}\]:?$
    """,
    re.IGNORECASE | re.VERBOSE,
)


def records(stream: TextIO, name: str, findings: Findings) -> Iterator[dict[str, str]]:
    """The posts of a file as records, and in the findings how they were told apart.

    The marks that GPT-2 was trained with separate posts, unless there are so few that a post may speak of
    them. Blank lines, or lines of dashes and the like, do where they make `ENOUGH` paragraphs, of which none
    has more than `LONGEST` lines. Elsewhere each line is a post; what makes all of them the items of a list
    is left out, which numbers do if they count. A time or an author in front of each is that of the post.

    Raises:
        UnreadableFileError: A line is too long for a post, or these are messages of a chat.
    """
    try:
        seen = _counted(_paragraphs(lines(stream), LONGEST + 1))
        if seen.messages > 1 and seen.messages * _SHARE_OF_MESSAGES >= seen.lines:
            raise refused_chat(name)
        stream.seek(0)
        if seen.marks >= _ENOUGH_MARKS and seen.marks * LONGEST >= seen.lines:
            findings.form = "<|endoftext|> separates the posts"
            yield from ({"text": post} for post in _between_marks(stream))
            return
        are_paragraphs = len(seen.lengths) >= ENOUGH and 1 < max(seen.lengths) <= LONGEST
        what = None if are_paragraphs else seen.item
        findings.form = _form(what, are_paragraphs=are_paragraphs)
        for paragraph in _paragraphs(lines(stream), LONGEST if are_paragraphs else 1):
            post = "\n".join(paragraph)
            found = _ITEMS[what].fullmatch(post) if what else None
            record = found.groupdict() if found else {"text": post}
            if what == "number":
                record = {"text": record["text"]}
            elif what == "quotes" and marks.repeats_another(post):  # in quotes of its own
                record = {"text": post}
            if what != "time" or not post.startswith(_REMARK):
                yield record | {"text": _MENTION.sub(r"@\1", record["text"])}
    except csv.Error as error:
        raise UnreadableFileError(
            f"{name} holds {error}.", "Use a file with one post per line, or a table."
        ) from error


class _Counted(NamedTuple):
    """What the lines of a file look like.

    Attributes:
        lengths: How many lines each paragraph has.
        items: How many lines are like the items of a list, by what makes them so.
    """

    lengths: list[int]
    messages: int
    marks: int
    remarks: int
    items: Counter[str]

    @property
    def lines(self) -> int:
        """How many there are."""
        return sum(self.lengths)

    @property
    def item(self) -> str | None:
        """What makes all lines, or all but a few, the items of a list; None if nothing does."""
        found = None
        for what, count in self.items.items():
            others = self.lines // _SHARE_OF_OTHERS + (self.remarks if what == "time" else 0)
            if count >= max(_ENOUGH_ITEMS, self.lines - others):
                found = what
        return found


def _counted(paragraphs: Iterable[list[str]]) -> _Counted:
    lengths: list[int] = []
    items = Counter[str]()
    messages = marks = remarks = 0
    number: int | None = None
    for paragraph in paragraphs:
        lengths.append(len(paragraph))
        messages += sum(map(_is_message, paragraph))
        marks += sum(len(_MARK.findall(line)) for line in paragraph)
        remarks += sum(line.startswith(_REMARK) for line in paragraph)
        for what, form in _ITEMS.items():
            for found in filter(None, map(form.fullmatch, paragraph)):
                is_item = True
                if what == "number":  # which counts on from the one before
                    before, number = number, int(found["number"])
                    is_item = before is None or abs(number - before) == 1
                elif what == "time":
                    is_item = dates.is_sure(found["created_at"].strip())
                items[what] += is_item
    return _Counted(lengths, messages, marks, remarks, items)


def _form(what: str | None, *, are_paragraphs: bool) -> str:
    """How the posts were told apart, in words."""
    if are_paragraphs:
        return "blank lines, or lines such as ---, separate the posts; if each line is a post, remove them"
    if what is None:
        return "each line is a post"
    where = "after" if "created_at" in _ITEMS[what].groupindex or what == "author" else "without"
    return f"each line is a post, {where} its {what}"


def _between_marks(stream: TextIO) -> Iterator[str]:
    """The texts between the marks that separate them.

    Raises:
        csv.Error: One is too long for a post.
    """
    lines: list[str] = []
    length = 0
    for line in csv_records.lines(stream):
        first, *others = _MARK.split(line)
        lines.append(first)
        length += len(first)
        for other in others:
            if post := "".join(lines).strip():
                yield post
            lines, length = [other], len(other)
        if length > LONGEST_VALUE:
            raise csv.Error(f"a post of more than {LONGEST_VALUE:,} characters")
    if post := "".join(lines).strip():
        yield post


def refused_chat(name: str) -> UnreadableFileError:
    """The error for a file that holds the messages of a chat."""
    return UnreadableFileError(
        f"{name} is a chat, with messages from several people.",
        "docs/networks.md has commands for Telegram, WhatsApp and Discord that extract your own messages. "
        "From any other, copy your own into a file that ends in .txt, one per line.",
    )


def lines(stream: TextIO) -> Iterator[str]:
    """The lines, of which those that are drawn between posts are blank."""
    found = (line.strip() for line in csv_records.lines(stream))
    return ("" if _DRAWN.fullmatch(line) else line for line in found)


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
