"""Reddit's export: comments.csv and posts.csv. Its other files hold messages, and the addresses of visits."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from huggingtweets_hub.core.records import Post
from huggingtweets_hub.posts.exports.kinds import Kind
from huggingtweets_hub.posts.tables import csv_records, dates, reddit, texts
from huggingtweets_hub.posts.tables.layout import Layout

_COLUMNS = {"id", "permalink", "date", "subreddit", "body"}
_MARKS = ",;\t"  # between columns; the latter are a spreadsheet program's


def _is_reddit(beginning: str) -> bool:
    header = beginning.splitlines()[:1]
    return any(_COLUMNS.issubset(next(csv.reader(header, delimiter=mark), ())) for mark in _MARKS)


def _posts(stream: TextIO, name: str, passed_over: Counter[str]) -> Iterator[Post]:
    """What an account has posted and commented, in its own words: lines that quote another's are left out.

    Raises:
        UnreadableFileError: It is not valid CSV.
    """
    for row in csv_records.rows(stream, name, Layout()):
        # Entities are what Reddit itself shows as characters, whoever has written them there.
        body, title = (texts.unescaped(row.get(key) or "").strip() for key in ("body", "title"))
        if reddit.is_gone(body) or reddit.is_gone(title):
            passed_over["removed or deleted"] += 1
            continue
        own = reddit.own_words(body)
        if not own and not title:
            passed_over["without words of its own"] += 1
            continue
        kind = "t3" if "title" in row else "t1"  # as Reddit tells a post's id from a comment's
        number = (row.get("id") or "").strip()
        yield Post(
            text="\n\n".join(filter(None, (title, own))),
            id=f"{kind}_{number}" if number else None,
            created_at=dates.moment(row.get("date")),
            is_reply=bool((row.get("parent") or "").strip()),
        )


REDDIT = Kind(
    network="reddit",
    source="reddit_export",
    names=re.compile(r"(?:comments|posts)(?: \(\d+\))?\.csv", re.IGNORECASE),
    is_one=_is_reddit,
    posts=_posts,
    ask="Ask for a new one at https://www.reddit.com/settings/data-request.",
)
