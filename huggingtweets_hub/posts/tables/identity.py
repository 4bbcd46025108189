"""Which records are one post: by their ids where those are ids, else by text and time; and their order."""

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime, time

from huggingtweets_hub.core.records import Post
from huggingtweets_hub.core.text import counted
from huggingtweets_hub.posts.tables import dates
from huggingtweets_hub.posts.tables.meanings import Meaning
from huggingtweets_hub.posts.tables.rows import Findings, Row
from huggingtweets_hub.posts.tables.values import is_integer_id

_FEW_CLASHES = 100  # one clash in so many records, and the column holds no ids
_LONG_ID = 17  # digits of an id that JavaScript and spreadsheets round
_ENOUGH = 3
_CUT_OFF = 100  # characters from which on a text may have been cut without a mark
_LINK = re.compile(r"https?://\S+")
_NEVER = datetime.min.replace(tzinfo=UTC)


def once(rows: list[Row], findings: Findings) -> list[Row]:
    """Each post once, and an id only where it is one; says what was dropped.

    An id that stands for different texts is none: it was rounded, or it is the account's.
    """
    _choose_ids(rows, findings)
    kept: list[Row] = []
    by_id: dict[str, Row] = {}
    timed: set[tuple[str, object]] = set()
    for row in rows:
        if row.id is not None:
            first = by_id.setdefault(row.id, row)
            if first is not row:
                first.text = max(first.text, row.text, key=len)  # one may be cut off
                continue
        elif isinstance(row.when, datetime) and row.when.time() != time():  # a day may see one text twice
            if (row.text, row.when) in timed:
                continue
            timed.add((row.text, row.when))
        kept.append(row)
    findings.duplicates += len(rows) - len(kept)
    return kept


def sort_newest_first(posts: list[Post]) -> None:
    """Put posts in their order, newest first.

    By descending id if every post has a numeric one, unless all have a time and the ids are not X's, but may
    be those of rows; else by time, those without one last; else they stay.
    """
    are_numbered = all(is_integer_id(one.id) for one in posts)
    if are_numbered and (_are_of_x(posts) or not all(one.created_at for one in posts)):
        posts.sort(key=lambda one: int(one.id or 0), reverse=True)
    elif any(one.created_at for one in posts):
        posts.sort(
            key=lambda one: (one.created_at or _NEVER, int(one.id or 0) if are_numbered else 0), reverse=True
        )


def _are_of_x(posts: list[Post]) -> bool:
    """Whether ids are X's, by the times in them, from which the written ones may be off by their zone."""
    told = [
        abs(one.created_at - posted) < dates.NEAR
        for one in posts
        if one.created_at and (posted := dates.of_id(one.id))
    ]
    return 2 * sum(told) > len(told)


def _choose_ids(rows: list[Row], findings: Findings) -> None:
    """Keep of each record's ids that of the first column that holds ids."""
    labels = list(dict.fromkeys(label for row in rows for label, _ in row.ids))
    for label in labels or [""]:
        clashing = _clashes(rows, label, findings)
        if clashing is None:
            continue
        if label:
            findings.used[Meaning.ID] = {label: None}
        for row in rows:
            number = _id(row, label)
            row.id = None if number in clashing else number
        if clashing:
            findings.notes.append(
                f"{counted(len(clashing), 'id')} stood for different posts and could not be used."
            )
        return
    for row in rows:
        row.id = None
    if rows:
        findings.used.pop(Meaning.ID, None)


def _clashes(rows: Iterable[Row], label: str, findings: Findings) -> set[str] | None:
    """The ids of a column that stand for different texts; None if it does not hold ids."""
    texts: dict[str, str] = {}
    clashing: set[str] = set()
    records = clashes = long = round_ = 0
    for row in rows:
        number = _id(row, label)
        if number is None:
            continue
        records += 1
        if len(number) >= _LONG_ID:
            long += 1
            round_ += number.endswith("00")
        if not _agree(texts.setdefault(number, row.text), row.text):
            clashes += 1
            clashing.add(number)
    where = f"column {label!r:.60}" if label else f"{_named(findings)}"
    if long >= _ENOUGH and round_ == long:
        findings.notes.append(f"The ids in {where} were rounded, as by a spreadsheet, and could not be used.")
        return None
    if clashes * _FEW_CLASHES > records:
        findings.notes.append(
            f"One id in {where} stands for different posts, so these ids could not be used."
        )
        return None
    return clashing


def _named(findings: Findings) -> str:
    label = next(iter(findings.used.get(Meaning.ID, ())), "")
    return f"column {label!r:.60}" if label else "the file"


def _id(row: Row, label: str) -> str | None:
    return dict(row.ids).get(label) if row.ids else row.id


def _agree(one: str, other: str) -> bool:
    """Whether two texts with one id are one post: the same, or one of them is cut off."""
    if one == other:
        return True
    short, long = sorted((_bare(one), _bare(other)), key=len)
    cut = short.removesuffix("…").removesuffix("...").rstrip()
    return short == long or not short or (long.startswith(cut) and (cut != short or len(cut) >= _CUT_OFF))


def _bare(text: str) -> str:
    """The text without what differs from one reading of a post to another: entities, short links, blanks."""
    return " ".join(_LINK.sub("", html.unescape(text)).split())
