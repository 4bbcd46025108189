"""Which files of a container are an archive's, by their names alone: the rest is never opened."""

import hashlib
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts import kept_back, other_forms
from huggingtweets_hub.posts.containers import (
    DEEPEST,
    PACKED,
    UNREADABLE,
    Container,
    Folder,
    Zip,
    explained,
    is_junk,
)

ASK = (
    "Request a new one from X: Settings > Your account > Download an archive of your data. It arrives "
    "within about a day. Use the zip file as it is."
)
TABLES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet")
_REPOSITORY = ".car"  # of Bluesky
_INSIDE = (*PACKED, _REPOSITORY)
_PAGES = (".html", ".htm", ".pdf", ".md", ".log", ".xml")  # which may be about the posts
_OWN_PAGE = re.compile(r"(?:.*/)?your archive\.html", re.IGNORECASE)
_MESSAGES = re.compile(r"(?:.*/)?messages/c?\d+/", re.IGNORECASE)  # of Discord's package
_TEXT = ".txt"  # counts as a table only if there is no other table
_MOST_NAMED = 5
_MOST_PARTS = 1000
_ABOUT = re.compile(
    r"(?:read.?me|licen[cs]e|copying|about|citation|changelog|checksums?|(?:dataset.?)?metadata|datapackage)\b.*",
    re.IGNORECASE,
)
# What follows a blank or a bracket is how browsers and file managers name copies.
_FILE = "(?P<copy>copy of )?(?P<stem>{})(?:-part(?P<part>[0-9]{{1,9}}))?(?P<more>[ (].*)?\\.js"
_MONTH = re.compile(r"(?P<part>[0-9]{4}_[0-9]{2})\.js", re.IGNORECASE)
# A file of posts that somebody gave another name; the others are files of the archive.
_RENAMED = re.compile(r"(?!note\b|.*headers|tweetdeck).*tweets?\b.*\.js", re.IGNORECASE)
_MONTHS_FOLDER = "js/tweets"


def _named(stem: str) -> re.Pattern[str]:
    return re.compile(_FILE.format(stem), re.IGNORECASE)


_TWEETS, _NOTES = _named("tweets?"), _named("note[-_]tweets?")
_COMMUNITIES = _named("community[-_]tweets?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The files of one archive, by their paths in the container; parts in the order of their numbers.

    Attributes:
        folder: Where they are; empty for the container itself.
        tweets, notes, communities: Posts, the full texts of long ones, posts to communities.
        account, profile, manifest, user_details: None if it lacks them; the last is of 2013.
        left_out: Other files of posts: copies, and what lies outside the archive.
        missing: Parts that there must have been, by their numbers.
    """

    folder: str
    tweets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    account: str | None = None
    profile: str | None = None
    manifest: str | None = None
    user_details: str | None = None
    left_out: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def names_owner(self) -> bool:
        """Whether it has a file that usually names the owner."""
        return bool(self.account or self.manifest or self.user_details)


def find(container: Container) -> Layout:
    """The archive in a container.

    Raises:
        UnreadableFileError: There is none, or there are several.
    """
    names, found = _all(container)
    if not found:
        raise _no_archive(container, names)
    complete = [one for one in found if one.names_owner] or found
    one = complete[0]
    if len(complete) > 1:
        content = _content(container, one)
        if others := [other for other in complete[1:] if _content(container, other) != content]:
            raise _several(container, [one, *others])
    outside = [name for other in found if other is not one for name in other.tweets]
    return replace(one, left_out=(*one.left_out, *outside))


def lone_archive(container: Container) -> str | None:
    """The name of the one archive that a container holds, if it holds no posts beside that.

    Beside a repository of Bluesky lie its preferences and the like.
    """
    names, found = _all(container)
    inside = [name for name in names if name.lower().endswith(_INSIDE)]
    if len(inside) != 1 or found:
        return None
    return inside[0] if inside[0].lower().endswith(_REPOSITORY) or not _tables(names) else None


def _all(container: Container) -> tuple[list[str], list[Layout]]:
    """The files that may be an archive's, and the archives that they make."""
    folders: dict[str, list[str]] = defaultdict(list)
    for name in container.names():
        *above, _ = name.split("/")
        if len(above) <= DEEPEST and not is_junk(name):
            folders["/".join(above)].append(name)
    found = filter(None, (_layout(folder, folders) for folder in sorted(folders, key=_depth)))
    return [name for names in folders.values() for name in names], list(found)


def of_file(container: Container, name: str) -> Layout:
    """The archive that a file of posts belongs to, or that it is by itself.

    Args:
        container: The folder that the file is in.

    Raises:
        UnreadableFileError: It is another file of an archive; those are not opened.
    """
    names = [*container.names()]
    if _TWEETS.fullmatch(name) and (found := _layout("", {"": names}, only=name)):
        return found
    is_other = kept_back.is_private(name) or kept_back.is_of_others(name)
    if _MONTH.fullmatch(name) or (_RENAMED.fullmatch(name) and not is_other):
        return replace(_helped("", names), tweets=(name,))
    raise UnreadableFileError(
        f"{name} is not a file of posts.", "In the archive that X gives, the posts are in data/tweets.js."
    )


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
                with explained(path, ASK), packed.open(tables[0]):
                    pass  # what is encrypted has another reason not to be read
                raise UnreadableFileError(
                    f"{path.name} holds {len(tables)} tables: {_listed(tables)}.",
                    f"Unpack it. {_one_of(tables)}",
                )
            return packed.name_inside(tables[0])
    except UNREADABLE:
        return None  # reading it will explain that


def _tables(names: Iterable[str]) -> list[str]:
    plain = {name: _base(name).lower().removesuffix(".gz") for name in names}
    tables = [name for name, base in plain.items() if base.endswith(TABLES) and not _ABOUT.fullmatch(base)]
    texts = [name for name, base in plain.items() if base.endswith(_TEXT) and not _ABOUT.fullmatch(base)]
    return tables or texts


def _layout(folder: str, folders: Mapping[str, Sequence[str]], only: str | None = None) -> Layout | None:
    """The archive whose posts are in this folder, if there are any."""
    names = folders[folder]
    tweets, left_out, missing = _parts(names, _TWEETS, only)
    if f"/{folder}".lower().endswith(f"/{_MONTHS_FOLDER}") and (months := _months(names)):
        folder = folder[: -len(_MONTHS_FOLDER)].rstrip("/")
        if _parts(folders.get(folder, ()), _TWEETS)[0]:
            return None  # an archive of a later layout, which has all of them
        tweets, left_out, missing = months, (), ()
    if not tweets:
        return None
    near = [*folders.get(folder, ()), *folders.get(f"{folder}/js".lstrip("/"), ())]
    return replace(_helped(folder, near), tweets=tweets, left_out=left_out, missing=missing)


def _helped(folder: str, names: Sequence[str]) -> Layout:
    """The files beside the posts."""
    account, profile, manifest, user_details = (
        next(iter(_parts(names, kind)[0]), None)
        for kind in map(_named, ("account", "profile", "manifest", "user_details"))
    )
    return Layout(
        folder=folder,
        notes=_parts(names, _NOTES)[0],
        communities=_parts(names, _COMMUNITIES)[0],
        account=account,
        profile=profile,
        manifest=manifest,
        user_details=user_details,
    )


def plain_name(name: str) -> str:
    """The name that X gave a file of posts: without its folder, and without what marks a copy."""
    found = _TWEETS.fullmatch(_base(name))
    if not found:
        return _base(name).lower()
    part = f"-part{found['part']}" if found["part"] else ""
    return f"{found['stem']}{part}.js".lower()


def _parts(
    names: Iterable[str], kind: re.Pattern[str], only: str | None = None
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The parts of one kind of file in their order, then copies of them, then what is missing."""
    groups: dict[tuple[str, int], list[tuple[bool, bool, int, str]]] = defaultdict(list)
    for name in names:
        if found := kind.fullmatch(_base(name)):
            rank = (name != only, bool(found["copy"] or found["more"]), len(name), name)
            groups[found["stem"].lower(), int(found["part"] or 0)].append(rank)
    ordered = [sorted(groups[key]) for key in sorted(groups, key=lambda key: (key[1], key[0]))]
    stem, last = max(groups, key=lambda key: key[1], default=("", 0))
    there = {part for _, part in groups}
    missing = [part for part in range(min(last, _MOST_PARTS)) if part not in there]
    return (
        tuple(copies[0][-1] for copies in ordered),
        tuple(copy[-1] for copies in ordered for copy in copies[1:]),
        tuple(f"{stem}-part{part}.js" if part else f"{stem}.js" for part in missing),
    )


def _months(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(name for name in names if _MONTH.fullmatch(_base(name))))


def _content(container: Container, layout: Layout) -> list[str]:
    """The digests of its posts and its owner: a copy of the whole archive has the same."""
    digests = []
    for name in filter(None, (*layout.tweets, layout.account)):
        with container.open(name) as stream:
            digests.append(hashlib.file_digest(stream, "sha256").hexdigest())  # type: ignore[arg-type]
    return digests


def _no_archive(container: Container, names: Sequence[str]) -> UnreadableFileError:
    message = (
        f"{container.path.name} is not an X archive: it has neither data/tweets.js nor the files that older "
        "archives have instead."
    )
    other = [name for name in names if other_forms.step(name) and not _ABOUT.fullmatch(_base(name))]
    if any(map(_OWN_PAGE.fullmatch, names)) or not all(name.lower().endswith(_PAGES) for name in other):
        other = [name for name in other if not name.lower().endswith(_PAGES)]
    archives = [name for name in names if name.lower().endswith(_INSIDE)]
    inside = [*archives, *_tables(names)]
    if not inside and other:
        step = f"{other_forms.step(other[0])}"
        if not (isinstance(container, Folder) or step.startswith(("Unpack", "Ask"))):
            step = f"Unpack it. {step}"
        return UnreadableFileError(f"{message[:-1]}, but it holds {_listed(other)}.", step)
    if not inside:
        return UnreadableFileError(
            message, f"If it should be one: {ASK} docs/networks.md says which files other networks give."
        )
    message = f"{message[:-1]}, but it holds {_listed(inside)}."
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
    if len(kinds) > 1 or not kinds <= {".json", ".jsonl", ".csv", ".txt"}:
        return step
    (kind,) = kinds
    return f"{step} If each has some of them, put these into one file: cat *{kind} > all{kind}"


def _several(container: Container, found: Sequence[Layout]) -> UnreadableFileError:
    places = [one.folder or "its top folder" for one in found]
    message = f"{container.path.name} holds {len(found)} archives: {_listed(places)}."
    if isinstance(container, Folder):
        return UnreadableFileError(
            message, f"Use one of them: --from {str(container.path / found[-1].folder)!r}."
        )
    return UnreadableFileError(message, "Unpack it, and use the folder of one of them with --from.")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _depth(folder: str) -> tuple[int, str]:
    return folder.count("/") + bool(folder), folder


def _base(name: str) -> str:
    return name.rpartition("/")[2]
