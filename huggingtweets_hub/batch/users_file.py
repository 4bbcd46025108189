"""The users file of a batch: which models it asks for, read and checked whole before anything starts."""

import re
from pathlib import Path

from huggingtweets_hub.batch.entries import Entries, Entry
from huggingtweets_hub.batch.users_tree import UsersTree
from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.pipeline.options import Order
from huggingtweets_hub.posts.tables import names
from huggingtweets_hub.posts.tables.meanings import Meaning

_COMMENT = re.compile(r"(?<!\S)#.*")  # a # inside a word is part of a file's name or an address
_HEADS = (Meaning.AUTHOR, Meaning.NAME, Meaning.LINK)


def read(path: Path, defaults: Order, *, require_consent: bool = False, trusted: bool = False) -> list[Entry]:
    """The entries of a users file, none with a fault that shows without a network.

    Args:
        path: Lines of handles; or, where it ends in .yaml, .yml or .json, entries with options, whose
            paths are relative to the file's folder.
        defaults: What an entry does not say itself.
        require_consent: Refuse entries that do not say on what grounds their posts are used.
        trusted: Take options that can do harm, and paths that lead out of the file's folder.

    Raises:
        InvalidInputError: All findings, each with its line; or the defaults are wrong, or the file is
            unreadable or empty.
    """
    found = Entries(path, defaults, trusted=trusted)
    text, suffix = _text_of(path), path.suffix.lower()
    if suffix in (".yaml", ".yml", ".json"):
        UsersTree(found, is_json=suffix == ".json").add(text)
    else:
        _add_lines(found, text, is_csv=suffix == ".csv")
    found.note_clashes()
    if require_consent:
        found.note_missing_consent()
    found.raise_findings()
    if not found.entries:
        raise InvalidInputError(
            f"{path.name} names no account.", "Write one model per line: a handle, or up to three."
        )
    return found.entries


def _text_of(path: Path) -> str:
    try:
        content = files.read_whole(path)
    except (OSError, ValueError) as error:  # the latter of a name that no file can have
        raise InvalidInputError(
            f"The users file {str(path)!r} could not be read: {getattr(error, 'strerror', None) or error}.",
            "Check the path and its permissions.",
        ) from error
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidInputError(
            f"{path.name} is not UTF-8: the byte 0x{content[error.start]:02x} at offset {error.start}, in "
            f"line {line}, is not part of a character.",
            "Save the file as UTF-8 and run the same command again; nothing was started.",
        ) from error


def _add_lines(entries: Entries, text: str, *, is_csv: bool) -> None:
    """An entry a line; `splitlines` would count more of them than an editor does."""
    is_first = True
    for line, content in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        content = _COMMENT.sub("", content)
        is_head, is_first = is_first and _is_head(content), is_first and not content.strip()
        if is_head:
            entries.note(
                line,
                f"{content.strip()!r} looks like a column heading, not an account.",
                "Delete the line, or put an @ before it if it is an account.",
            )
            continue
        if not is_csv:  # a table's other columns are not accounts
            content = content.replace(",", " ")
        if words := content.split():
            entries.add(line, [(line, word) for word in words], {})


def _is_head(line: str) -> bool:
    """Whether a table's program or owner would call a column of accounts so."""
    cell = re.split("[,;\t]", line.strip())[0]
    folded = names.fold(cell)
    return not cell.startswith("@") and any(
        sense.meaning in _HEADS for name in (folded, folded.removesuffix("s")) for sense in names.senses(name)
    )
