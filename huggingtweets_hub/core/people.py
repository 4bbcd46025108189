"""Lists that protect people: of accounts and models that are not to be published, or not to be touched.

A line that cannot be understood may name somebody, so it is an error and never skipped.
"""

import codecs
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from huggingtweets_hub.core import accounts, files
from huggingtweets_hub.core.accounts import HANDLE, MAX_ACCOUNTS, model_name
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.names import REPO_ID, model_on_page

_ENCODINGS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_ADDRESS = re.compile(
    r"(?:https?://)?(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)/(?P<path>[^\s?]*)(?:\?\S*)?", re.I
)
WANTED = "a handle, the address of a profile, a model's name, a repo id, or the address of a model"


def read(lists: Mapping[str, bytes | str]) -> frozenset[str]:
    """The lower-cased handles, models' names and repo ids on lists, one a line; # begins a comment.

    Args:
        lists: What each holds, by the name that its findings are to bear. Bytes may be in any encoding that
            an editor saves.

    Raises:
        InvalidInputError: All lines, of all lists, that are something else.
    """
    found: set[str] = set()
    findings = []
    for name, content in lists.items():
        text = content if isinstance(content, str) else _decoded(content)
        for number, line in enumerate(lines(text), 1):
            entry = stripped(line.partition("#")[0])
            names = named(entry)
            found |= names
            if entry and not names:
                findings.append((f"{name}, line {number}", f"{entry!r:.80} is not {WANTED}."))
    if findings:
        raise InvalidInputError.of_findings(
            "The list of names to leave out",
            findings,
            "Write one of these per line, with comments after a #; then run the same command again.",
        )
    return frozenset(found)


def lines(text: str) -> list[str]:
    """The lines of a list as editors count them; `str.splitlines` would end a comment at other characters."""
    return [line.rstrip("\n") for line in io.StringIO(text, newline=None)]


def content(path: str | Path) -> bytes:
    """What a list on disk holds.

    Raises:
        InvalidInputError: It cannot be read.
    """
    try:
        return files.read_whole(Path(path))
    except OSError as error:
        raise InvalidInputError(
            f"The list {str(path)!r} could not be read: {error.strerror or error}.",
            "Check the path and its permissions.",
        ) from error


def named(entry: str) -> frozenset[str]:
    """What one entry names, lower-cased; nothing where it is not understood."""
    if not entry.isascii():  # of some letters the small one is ASCII
        return frozenset()
    entry = entry.lower()
    address = _ADDRESS.fullmatch(entry)
    if address is not None:
        found = accounts.on_page(entry) or model_on_page(address["host"], address["path"])
        return frozenset({found} if found else ())
    if REPO_ID.fullmatch(entry):
        people = {f"reddit:{entry[2:]}"} if entry.startswith("u/") else ()  # as Reddit writes a name
        return frozenset({entry, *people})
    if accounts.is_handle(entry):
        return frozenset({entry.removeprefix("@")})
    handles = entry.split("-")
    if len(handles) <= MAX_ACCOUNTS and all(map(HANDLE.fullmatch, handles)):
        return frozenset({entry, model_name(handles)})
    return frozenset({entry} if accounts.is_model_name(entry) else ())


def names_of(repo_id: str, handles: Iterable[str]) -> frozenset[str]:
    """All that a list may call a model: its repository, that one's name, its accounts, and their models."""
    lowered = [handle.lower() for handle in handles]
    repo_id = repo_id.lower()
    alone = [model_name([handle]) for handle in lowered]
    return frozenset({repo_id, repo_id.partition("/")[2], *lowered, *alone, model_name(lowered)})


def stripped(text: str) -> str:
    """The text without blanks and invisible characters around it, which come along when a name is copied."""
    kept = [
        n for n, letter in enumerate(text) if not (letter.isspace() or unicodedata.category(letter) == "Cf")
    ]
    return text[kept[0] : kept[-1] + 1] if kept else ""


def _decoded(content: bytes) -> str:
    for mark, encoding in _ENCODINGS.items():
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # Byte by byte: names are ASCII in every encoding that is left, and nothing else passes for one.
        return content.decode("latin-1")
