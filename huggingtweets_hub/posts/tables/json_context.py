"""What objects in JSON say of the posts in them: whose they are, of when, and who may read them."""

import functools
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.core.records import Account
from huggingtweets_hub.posts.json_stream import LongObject
from huggingtweets_hub.posts.tables import authors, bluesky, marks, names, record
from huggingtweets_hub.posts.tables.json_shapes import as_object, is_list, is_wrapper
from huggingtweets_hub.posts.tables.layout import Field, Fields
from huggingtweets_hub.posts.tables.meanings import Kind, Meaning
from huggingtweets_hub.posts.tables.writers import THE_FILE

_DESCRIBE = {"user", "account", "author", "profile", "meta", "owner", "creator", "poster"}
_DATA = {"data", "rows", "records", "items", "results", "result"}  # lists of anything
_OF_POSTS = {"draft", "autodraft", "trash", "trashed"}  # which an export cannot be itself
# Keys of what programs for notes and journals keep.
_NOTES = (
    ("Google Keep", {"isTrashed", "isPinned"}),
    ("Day One", {"uuid", "creationDate", "timeZone"}),
    ("Standard Notes", {"uuid", "content_type"}),
    ("Simplenote", {"activeNotes"}),
    ("Joplin", {"is_todo", "markup_language"}),
    ("Journey", {"date_journal"}),
)
_READERS = {Meaning.VISIBILITY, Meaning.DELETED}


def refuse_notes(value: Mapping[str, Any], name: str) -> None:
    """Refuse a file with private notes or a journal.

    Raises:
        UnreadableFileError: The object is one of these.
    """
    for program, keys in _NOTES:
        if keys <= value.keys():
            raise UnreadableFileError(
                f"{name} holds private notes of {program}, which are never used.",
                "Use a file of posts. If you have published some of the notes, copy these into a file that "
                "ends in .txt, one per line.",
            )


def owned(fields: Fields, owner: Account | None) -> Fields:
    """The fields of a post; where it names no author, with the account that is named around it."""
    if owner and not authors.handles(fields).best():
        fields[Meaning.AUTHOR] = [Field(0, THE_FILE, f"@{owner.handle}", Kind.SURE)]
        if owner.name:
            fields.setdefault(Meaning.NAME, [Field(0, THE_FILE, owner.name, Kind.PLAIN)])
    return fields


def addressed(posts: Iterator[Fields], around: Mapping[str, Any]) -> Iterator[Fields]:
    """The posts in an object, with the repository of Bluesky's and the id that stand around them."""
    said = record.fields_of(about) if (about := bluesky.address(around)) else {}
    for post in posts:
        for meaning in said:
            post.setdefault(meaning, said[meaning])
        yield post


def timed(posts: Iterator[Fields], around: Mapping[str, Any]) -> Iterator[Fields]:
    """The posts in an object; if there is one and it says no time, with the object's, as Facebook has it."""
    first = [*islice(posts, 2)]
    is_lone = len(first) == 1 and not first[0].keys() & {Meaning.TIME, Meaning.ID}
    if is_lone and not isinstance(around, LongObject):
        said = {key: value for key, value in around.items() if isinstance(value, str | int | float)}
        if times := record.fields_of(said).get(Meaning.TIME):
            first[0][Meaning.TIME] = times
    yield from first
    yield from posts


def closed(posts: Iterator[Fields], around: Mapping[str, Any], *, is_file: bool = False) -> Iterator[Fields]:
    """The posts in an object, with what that says of who may read them, and of whether they are published.

    Args:
        is_file: The object is all that a file holds, so that it may say such things of the file.
    """
    told = [key for key in around if _tells_readers(names.fold(key))]
    found = record.fields_of({key: around[key] for key in told if not is_list(around[key])}) if told else {}
    if states := found.get(Meaning.VISIBILITY):
        lists = _lists_of_posts(around) if is_file else set()
        found[Meaning.VISIBILITY] = [one for one in states if not (lists and _is_of_file(one, lists))]
    for post in posts:
        for meaning in _READERS & found.keys():
            post[meaning] = [*post.get(meaning, ()), *(one for one in found[meaning] if one.label != "to")]
        yield post


@functools.lru_cache(maxsize=1024)
def _tells_readers(folded: str) -> bool:
    """Whether a key may say who reads what stands beside it, or describes whose it is."""
    return folded in _DESCRIBE or not _READERS.isdisjoint(one.meaning for one in names.senses(folded))


def _lists_of_posts(around: Mapping[str, Any]) -> set[str]:
    """The folded keys of the lists of posts in an object, unless it names whose they are."""
    lists = {names.fold(key) for key in around if is_wrapper(key, around) and is_list(around[key])}
    return lists if lists and owner_of(around) is None else set()


def _is_of_file(field: Field, lists: set[str]) -> bool:
    """Whether a field says of a file with these lists who sent it, how that went, or that it is private."""
    folded = names.fold(field.label)
    is_outcome = marks.is_unpublished(field) and names.fold(str(field.value)) not in _OF_POSTS
    return folded == "senderid" or is_outcome or (folded == "private" and lists <= _DATA)


def owner_of(value: Mapping[str, Any]) -> Account | None:
    """The account that an object names as that of the posts in it."""
    described = [as_object(value[key]) for key in value if names.fold(key) in _DESCRIBE]
    named = {key: value[key] for key in value if names.senses(names.fold(key))}
    texts = {key: inner for key, inner in named.items() if isinstance(inner, str)}
    said = [texts, *described]
    # A handle of X, or else one that says its network itself, as Bluesky's do.
    return next(filter(None, (record.author(one, wanted) for wanted in (None, "") for one in said)), None)
