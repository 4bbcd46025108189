"""What was recognised in a table, as a record and in words."""

from collections.abc import Iterable

from huggingtweets_hub.core.accounts import mention
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Recognised
from huggingtweets_hub.core.text import counted, one_line
from huggingtweets_hub.posts.tables.meanings import Meaning
from huggingtweets_hub.posts.tables.table import Table
from huggingtweets_hub.posts.tables.writers import THE_FILE, Authors

_MARKS = (Meaning.RETWEET, Meaning.REPLY, Meaning.QUOTE)
_LONGEST = 60


def recognised(table: Table, authors: Authors, *, names_author: bool) -> Recognised:
    """Which columns gave what."""
    findings, present = table.findings, table.layout.present
    columns = {str(meaning): _joined(findings.used.get(meaning)) for meaning in
               (Meaning.TEXT, Meaning.ID, Meaning.TIME, Meaning.LANGUAGE)}  # fmt: skip
    columns["author"] = _joined(authors.columns) if names_author else ""
    for meaning in _MARKS:
        labels = [
            *present.get(meaning, ()),
            *findings.used.get(meaning, ()),
            *present.get(Meaning.REFERENCES, ()),
        ]
        columns[str(meaning)] = _joined(dict.fromkeys(labels))
    columns["visibility"] = _joined(present.get(Meaning.VISIBILITY))
    return Recognised(
        columns={meaning: labels for meaning, labels in columns.items() if labels},
        unread={str(meaning): count for meaning, (count, _) in findings.unread.items()},
        passed_over=findings.passed_over.total() + authors.others.total(),
        duplicates=findings.duplicates,
        names_author=names_author,
    )


def say(
    name: str, found: Recognised, table: Table, authors: Authors, handle: str, progress: Progress
) -> None:
    """Tell what was recognised in one line, and what was left out or could not be told in others."""
    progress.note(f"{name}: {table.findings.form or ', '.join(_parts(found, table))}.")
    if others := authors.others.total():
        progress.note(f"{name}: skipped {counted(others, 'post')} of other accounts.")
    for why, count in table.findings.passed_over.items():
        progress.note(f"{name}: skipped {counted(count, 'record')}: {why}.")
    if found.duplicates:
        progress.note(f"{name}: left out {counted(found.duplicates, 'duplicate')}.")
    if not found.names_author:
        progress.warn(
            f"{name} does not say whose posts it holds; they are assumed to be by {mention(handle)}."
        )
    for note in table.findings.notes:
        progress.warn(f"{name}: {note}")


def _parts(found: Recognised, table: Table) -> list[str]:
    parts = []
    for meaning in (Meaning.TEXT, Meaning.ID, Meaning.TIME, Meaning.LANGUAGE):
        labels = found.columns.get(meaning)
        count, first = table.findings.unread.get(meaning, (0, ""))
        missed = f" ({count:,} could not be read, such as {first!r})" if count else ""
        if labels or meaning is not Meaning.LANGUAGE:
            parts.append(f"{meaning} from {_quoted(labels)}{missed}" if labels else f"no {meaning}{missed}")
    author, retweets, replies = (found.columns.get(meaning) for meaning in ("author", "retweet", "reply"))
    parts.append(f"author from {_quoted(author)}" if author else "no author")
    parts.append(f"retweets by {_quoted(retweets)}" if retweets else "retweets by 'RT @' alone")
    parts.append(f"replies by {_quoted(replies)}" if replies else "replies not marked")
    return parts


def _quoted(labels: str) -> str:
    return labels if labels == THE_FILE else "'" + labels.replace(", ", "', '") + "'"


def _joined(labels: Iterable[str] | None) -> str:
    """Names of columns in one text; a name from a stranger's file may hold anything."""
    return ", ".join(one_line(label)[:_LONGEST] for label in list(labels or ())[:4])
