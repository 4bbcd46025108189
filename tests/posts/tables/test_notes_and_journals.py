"""Private notes and journals, which must never be read as posts."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts import source
from huggingtweets_hub.posts.budget import Budget
from tests.posts.tables.test_networks import HIDDEN
from tests.posts.tables.test_table import Read

KEEP = {"color": "DEFAULT", "isTrashed": False, "isPinned": False, "isArchived": False, "textContent": HIDDEN,
        "title": "Mill", "createdTimestampUsec": 1700000000000000}  # fmt: skip
ENTRY = {"text": HIDDEN, "creationDate": "2024-01-01T10:00:00Z", "uuid": "ABC", "timeZone": "Europe/Berlin"}
FILES = {
    "Google Keep": KEEP,
    "Day One": {"metadata": {"version": "1.0"}, "entries": [ENTRY, ENTRY]},
    "Standard Notes": {"version": "004", "items": [
        {"uuid": "1", "content_type": "Note", "content": {"title": "Mill", "text": HIDDEN}}]},
    "Simplenote": {"activeNotes": [{"id": "1", "content": HIDDEN}], "trashedNotes": []},
    "Joplin": {"id": "1", "title": "Mill", "body": HIDDEN, "is_todo": 0, "markup_language": 1},
    "Journey": {"text": HIDDEN, "date_journal": 1709640000000, "mood": 0},
    "Diarium": {"date": "2024-01-01T10:00:00", "heading": "Mill", "html": f"<p>{HIDDEN}</p>", "tracker": []},
}  # fmt: skip


@pytest.mark.parametrize("program", FILES)
@pytest.mark.parametrize("form", ["json", "jsonl", "list", "zip"])
def test_private_notes_are_refused_and_named(tmp_path: Path, program: str, form: str) -> None:
    content: Any = FILES[program]
    path = tmp_path / ("Journal.jsonl" if form == "jsonl" else "Journal.json")
    path.write_text(json.dumps([content, content] if form == "list" else content))
    if form == "zip":
        with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
            archive.write(path, "Takeout/Journal.json")
            archive.writestr("photos/1.jpeg", b"")
        path = tmp_path / "export.zip"
    with pytest.raises(UnreadableFileError, match=f"private notes of {program}") as refused:
        source.open(path, Budget(0)).account()
    assert HIDDEN not in str(refused.value) and ".txt" in refused.value.next_step


def test_a_zip_of_several_notes_is_not_asked_to_be_put_together(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "takeout.zip", "w") as archive:
        for number in range(3):
            archive.writestr(f"Takeout/Keep/{number}.json", json.dumps(KEEP))
    with pytest.raises(UnreadableFileError, match="takeout.zip holds private notes of Google Keep"):
        source.open(tmp_path / "takeout.zip", Budget(0))


@pytest.mark.parametrize(
    ("program", "header"),
    [
        ("Apple Notes", "Title,Body,Created,Modified,Folder,Account"),
        ("Evernote", "Title,Content,Created,Updated,Tags,Notebook"),
        ("Todoist", "TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE"),
        ("Daylio", "full_date,date,weekday,time,mood,activities,note_title,note"),
    ],
)
def test_notes_in_a_table_are_refused_too(tmp_path: Path, program: str, header: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(header + "\n" + ",".join([HIDDEN] * len(header.split(","))) + "\n")
    with pytest.raises(UnreadableFileError, match=f"private notes of {program}") as refused:
        source.open(path, Budget(0)).account()
    assert HIDDEN not in str(refused.value)


def test_a_blog_with_folders_says_where_its_posts_are(tmp_path: Path) -> None:
    path = tmp_path / "blog.csv"
    path.write_text("title,folder,url,text\nMill,2021,https://ada.example/1,The mill runs\n")
    assert Read(path).texts == ["The mill runs"]
