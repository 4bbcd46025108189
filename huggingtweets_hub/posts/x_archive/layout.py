"""Which files of a container are an archive's, by their names alone: the rest is never opened."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts import kept_back
from huggingtweets_hub.posts.containers import DEEPEST, Container, Folder, is_junk
from huggingtweets_hub.posts.x_archive import other_contents
from huggingtweets_hub.posts.x_archive.other_contents import base_name, listed, no_archive

_MOST_PARTS = 1000
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
        raise no_archive(container, names)
    complete = [one for one in found if one.names_owner] or found
    one = complete[0]
    if len(complete) > 1:
        content = _content(container, one)
        if others := [other for other in complete[1:] if _content(container, other) != content]:
            raise _several(container, [one, *others])
    outside = [name for other in found if other is not one for name in other.tweets]
    return replace(one, left_out=(*one.left_out, *outside))


def lone_archive(container: Container) -> str | None:
    """The name of the one archive that a container holds, if it holds no posts beside that."""
    names, found = _all(container)
    return None if found else other_contents.lone_archive(names)


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
    if _MONTH.fullmatch(name) or (_RENAMED.fullmatch(name) and not kept_back.is_either(name)):
        return replace(_helped("", names), tweets=(name,))
    raise UnreadableFileError(
        f"{name} is not a file of posts.", "In the archive that X gives, the posts are in data/tweets.js."
    )


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
    found = _TWEETS.fullmatch(base_name(name))
    if not found:
        return base_name(name).lower()
    part = f"-part{found['part']}" if found["part"] else ""
    return f"{found['stem']}{part}.js".lower()


def _parts(
    names: Iterable[str], kind: re.Pattern[str], only: str | None = None
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The parts of one kind of file in their order, then copies of them, then what is missing."""
    groups: dict[tuple[str, int], list[tuple[bool, bool, int, str]]] = defaultdict(list)
    for name in names:
        if found := kind.fullmatch(base_name(name)):
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
    return tuple(sorted(name for name in names if _MONTH.fullmatch(base_name(name))))


def _content(container: Container, layout: Layout) -> list[str]:
    """The digests of its posts and its owner: a copy of the whole archive has the same."""
    digests = []
    for name in filter(None, (*layout.tweets, layout.account)):
        with container.open(name) as stream:
            digests.append(hashlib.file_digest(stream, "sha256").hexdigest())  # type: ignore[arg-type]
    return digests


def _several(container: Container, found: Sequence[Layout]) -> UnreadableFileError:
    places = [one.folder or "its top folder" for one in found]
    message = f"{container.path.name} holds {len(found)} archives: {listed(places)}."
    if isinstance(container, Folder):
        return UnreadableFileError(
            message, f"Use one of them: --from {str(container.path / found[-1].folder)!r}."
        )
    return UnreadableFileError(message, "Unpack it, and use the folder of one of them with --from.")


def _depth(folder: str) -> tuple[int, str]:
    return folder.count("/") + bool(folder), folder
