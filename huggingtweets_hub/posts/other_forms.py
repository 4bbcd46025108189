"""Files that hold posts in forms that are not read, and what to do with them."""

import re
from pathlib import Path

_OF_PAGES = (
    "Ask for the export as JSON or CSV, or write the posts into a file that ends in .txt, one per line."
)
_OF_FEEDS = (
    "docs/networks.md has a command that takes the posts out of a blog's feed or export. Or save them as "
    ".csv, .jsonl or .parquet with the program that wrote it."
)
# Not words in brackets with which a post begins.
_MARKUP = re.compile(
    r"\s*<(?:\?xml\s|(?:rss|feed)(?:\s[^<>]*=[^<>]*)?>\s*<|(?P<page>!doctype html|html(?:\s[^<>]*)?>\s*<))",
    re.IGNORECASE,
)
_INSTEAD = {
    ending: step
    for endings, step in (
        (".7z .rar .bz2 .xz .zst .lz4", "Unpack it, and use what comes out of it."),
        (
            ".xlsx .xls .xlsm .xlsb .ods .numbers",
            "Open it in a spreadsheet program and save the sheet with the posts as 'CSV UTF-8'.",
        ),
        (
            ".db .db3 .sqlite .sqlite3 .sql",
            "Save the table with the posts as CSV. SQLite does it by: "
            "sqlite3 -header -csv FILE 'select * from TABLE' > posts.csv",
        ),
        (
            ".pkl .pickle .feather .arrow .avro .orc .h5 .rds .rdata",
            "Save the posts as .csv, .jsonl or .parquet with the program that wrote it.",
        ),
        (".html .htm .mhtml .pdf", _OF_PAGES),
        (".xml .rss .atom", _OF_FEEDS),
        (
            ".md .log .text .doc .docx .odt .rtf",
            "Save it as plain text in a file that ends in .txt, with one post per line.",
        ),
    )
    for ending in endings.split()
}
# What files begin with, whatever they are called.
_BEGINNINGS = {
    b"PK\x03\x04": "'.xlsx' or '.zip'",
    b"\xd0\xcf\x11\xe0": "'.xls'",
    b"SQLite format 3\0": "'.sqlite'",
    b"\x1f\x8b": "'.gz'",
    b"PAR1\x15": "'.parquet'",
    b"\x28\xb5\x2f\xfd": "'.zst'",
    b"\xfd7zXZ": "'.xz'",
}
LONGEST_BEGINNING = max(map(len, _BEGINNINGS))


def ending_of(beginning: bytes) -> str | None:
    """The ending, in quotes, of files that begin so; None if it may be text."""
    return next((ending for mark, ending in _BEGINNINGS.items() if beginning.startswith(mark)), None)


def step(name: str) -> str | None:
    """What to do with a file of this name; None if its ending is not one of those that are known."""
    return _INSTEAD.get(Path(name).suffix.lower())


def step_of_markup(beginning: str) -> str | None:
    """What to do with a text that begins so, if it is a page or a feed, whatever its file is called."""
    found = _MARKUP.match(beginning)
    return found and (_OF_PAGES if found["page"] else _OF_FEEDS)
