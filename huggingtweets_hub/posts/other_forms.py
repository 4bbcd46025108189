"""Files that hold posts in forms that are not read, and what to do with them."""

from pathlib import Path

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
            ".pkl .pickle .feather .arrow .avro .orc .h5 .rds .rdata .xml",
            "Save the posts as .csv, .jsonl or .parquet with the program that wrote it.",
        ),
        (
            ".html .htm .mhtml .pdf",
            "Ask for the export as JSON or CSV, or write the posts into a file that ends in .txt, "
            "each in a line.",
        ),
        (
            ".md .log .text .doc .docx .odt .rtf",
            "Save it as plain text in a file that ends in .txt, with a post in each line.",
        ),
    )
    for ending in endings.split()
}


def step(name: str) -> str | None:
    """What to do with a file of this name; None if its ending is not one of those that are known."""
    return _INSTEAD.get(Path(name).suffix.lower())
