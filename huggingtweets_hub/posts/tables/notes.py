"""Private notes, journals and lists of tasks, which are never posts."""

import functools
import json
from collections.abc import Iterable
from typing import IO

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts.tables import names

# By keys of their JSON, as it spells them.
_OBJECTS = (
    ("Google Keep", {"isTrashed", "isPinned"}),
    ("Day One", {"uuid", "creationDate", "timeZone"}),
    ("Standard Notes", {"uuid", "content_type"}),
    ("Simplenote", {"activeNotes"}),
    ("Joplin", {"is_todo", "markup_language"}),
    ("Journey", {"date_journal"}),
    ("Diarium", {"heading", "html", "tracker"}),
)
# By folded names of their columns, which several programs share.
_TABLES = (
    ("Todoist", {"content", "indent", "priority"}),
    ("Daylio", {"mood", "activities"}),
    ("Evernote or the like", {"title", "notebook"}),
    ("Apple Notes or the like", {"title", "folder"}),
)
_PUBLISHED = {"url", "link", "permalink", "username", "handle"}
"""Folded names of columns of which one, at least, says where a post is; a blog may have folders, too."""
_LARGEST = 1 << 20  # bytes of one note


def refuse(keys: Iterable[str], name: str) -> None:
    """Refuse a file whose records have such keys or columns as private notes have.

    Raises:
        UnreadableFileError: They have.
    """
    if program := _program(tuple(keys)):
        raise UnreadableFileError(
            f"{name} holds private notes of {program}, which are never used.",
            "Use a file of posts. If you have published some of the notes, copy these into a file that "
            "ends in .txt, one per line.",
        )


def refuse_note(stream: IO[bytes], name: str) -> None:
    """Refuse a file of JSON that holds one private note, among others; any other file is left alone.

    Raises:
        UnreadableFileError: It is one.
    """
    try:
        note = json.loads(stream.read(_LARGEST))
    except (ValueError, RecursionError):
        return
    refuse(note if isinstance(note, dict) else (), name)


@functools.lru_cache(maxsize=1024)
def _program(keys: tuple[str, ...]) -> str | None:
    given = {*keys}
    folded = {*map(names.fold, keys)}
    by_keys = next((program for program, told in _OBJECTS if told <= given), None)
    if by_keys or folded & _PUBLISHED:
        return by_keys
    return next((program for program, told in _TABLES if told <= folded), None)
