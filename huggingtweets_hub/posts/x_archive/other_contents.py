"""What a container holds that is not an X archive: a table or an archive to read instead, or what to say."""

import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts import kept_back, other_forms
from huggingtweets_hub.posts.containers import PACKED, UNREADABLE, Container, Folder, Zip, explained, is_junk
from huggingtweets_hub.posts.tables import notes

ASK = (
    "Request a new one from X: Settings > Your account > Download an archive of your data. It arrives "
    "within about a day. Use the zip file as it is."
)
_TABLES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet")
_REPOSITORY = ".car"  # of Bluesky
_INSIDE = (*PACKED, _REPOSITORY)
_PAGES = (".html", ".htm", ".pdf", ".md", ".log", ".xml")  # which may be about the posts
_OWN_PAGE = re.compile(r"(?:.*/)?your archive\.html", re.IGNORECASE)
_MESSAGES = re.compile(r"(?:.*/)?messages/c?\d+/", re.IGNORECASE)  # of Discord's package
_TEXT = ".txt"  # counts as a table only if there is no other table
_MOST_NAMED = 5
_ABOUT = re.compile(
    r"(?:read.?me|licen[cs]e|copying|about|citation|changelog|checksums?|(?:dataset.?)?metadata|datapackage)\b.*",
    re.IGNORECASE,
)


def lone_archive(names: Sequence[str]) -> str | None:
    """The one archive among files, if there are no posts beside it.

    Beside a repository of Bluesky lie its preferences and the like.
    """
    inside = [name for name in names if name.lower().endswith(_INSIDE)]
    if len(inside) != 1:
        return None
    return inside[0] if inside[0].lower().endswith(_REPOSITORY) or not _tables(names) else None


def lone_table(path: Path) -> str | None:
    """The name of the one table in a zip file that holds no archive; None if it has no table.

    Raises:
        UnreadableFileError: It has several tables.
    """
    try:
        with open(path, "rb", opener=files.regular) as file, zipfile.ZipFile(file) as archive:
            packed = Zip(path, archive)
            names = [name for name in packed.names() if not is_junk(name)]
            tables = _tables(names)
            if not tables or any(name.lower().endswith((".js", *_INSIDE)) for name in names):
                return None
            if len(tables) > 1:
                # What is encrypted, or notes, has another reason not to be read.
                with explained(path, ASK), packed.open(tables[0]) as one:
                    notes.refuse_note(one, path.name)
                raise UnreadableFileError(
                    f"{path.name} holds {len(tables)} tables: {listed(tables)}.",
                    f"Unpack it. {_one_of(tables)}",
                )
            return packed.name_inside(tables[0])
    except UNREADABLE:
        return None  # reading it will explain that


def _tables(names: Iterable[str]) -> list[str]:
    plain = {name: base_name(name).lower().removesuffix(".gz") for name in names}
    tables = [name for name, base in plain.items() if base.endswith(_TABLES) and not _ABOUT.fullmatch(base)]
    texts = [name for name, base in plain.items() if base.endswith(_TEXT) and not _ABOUT.fullmatch(base)]
    return tables or texts


def no_archive(container: Container, names: Sequence[str]) -> UnreadableFileError:
    """The error for a container without an X archive, with what to do about what it holds."""
    message = (
        f"{container.path.name} is not an X archive: it has neither data/tweets.js nor the files that older "
        "archives have instead."
    )
    other = [name for name in names if other_forms.step(name) and not _ABOUT.fullmatch(base_name(name))]
    if any(map(_OWN_PAGE.fullmatch, names)) or not all(name.lower().endswith(_PAGES) for name in other):
        other = [name for name in other if not name.lower().endswith(_PAGES)]
    archives = [name for name in names if name.lower().endswith(_INSIDE)]
    inside = [*archives, *_tables(names)]
    if not inside and other:
        step = str(other_forms.step(other[0]))
        if not (isinstance(container, Folder) or step.startswith(("Unpack", "Ask"))):
            step = f"Unpack it. {step}"
        return UnreadableFileError(f"{message[:-1]}, but it holds {listed(other)}.", step)
    if not inside:
        return UnreadableFileError(
            message, f"If it should be one: {ASK} docs/networks.md says which files other networks give."
        )
    message = f"{message[:-1]}, but it holds {listed(inside)}."
    if len(inside) > 1 and len(archives) != 1:
        unpack = "" if isinstance(container, Folder) else "Unpack it. "
        return UnreadableFileError(message, f"{unpack}{_one_of(inside)}")
    if isinstance(container, Folder):
        return UnreadableFileError(message, f"If that is it, use --from {str(container.path / inside[0])!r}.")
    return UnreadableFileError(message, f"Unpack it. If {inside[0]} is what you want, use that with --from.")


def _one_of(names: Sequence[str]) -> str:
    """What to do with several files of which one may hold the posts."""
    if any(map(_MESSAGES.match, names)):
        return "docs/networks.md has a command that takes what you wrote in servers out of Discord's package."
    step = "Use the one that has the posts of the account with --from."
    kinds = {Path(name).suffix.lower() for name in names}
    are_alike = len(kinds) == 1 and kinds <= {".json", ".jsonl", ".csv", ".txt"}
    if not are_alike or any(kept_back.is_either(base_name(name)) for name in names):
        return step
    (kind,) = kinds
    return f"{step} If each has some of them, put these into one file: cat *{kind} > all{kind}"


def listed(names: Sequence[str]) -> str:
    """The first of the names, and how many more there are."""
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def base_name(name: str) -> str:
    """The name of a file in a container without its folder."""
    return name.rpartition("/")[2]
