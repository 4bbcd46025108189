"""The files of an archive that are read: the posts, the account, and its picture. Nothing else is opened.

An archive may be gigabytes of pictures with the posts behind them, so a packed tar file is gone through once,
and what is needed of it is laid aside.
"""

import gzip
import re
import tarfile
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from shutil import copyfileobj
from typing import IO

from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts import containers
from huggingtweets_hub.posts.containers import DEEPEST, TARS, Bounded, Container, begins_like_gzip, tidy

ASK = (
    "Request a new one from your server: Preferences > Import and export > Data export > Request your "
    "archive (https://HOST/settings/export). Use the file that it gives you as it is."
)
OUTBOX, ACTOR = "outbox.json", "actor.json"
LARGEST = {OUTBOX: 2 << 30, ACTOR: 4 << 20}
"""Bytes."""
LARGEST_PICTURE = 5_000_000
_PICTURE = re.compile(r"avatar\.\w{1,5}", re.ASCII | re.IGNORECASE)
_DENSEST = 200  # how many times its size a tar file may unpack to; text is packed to a tenth
_ALLOWANCE = 1 << 30
_LISTS = re.compile(
    r"(?:following_accounts|followers|follows|lists|muted_accounts|mutes|blocked_accounts|blocks"
    r"|bookmarks|blocked_domains|domain_blocks).*\.csv",
    re.IGNORECASE,
)


class Members:
    """The files of one archive in a container.

    Raises:
        UnreadableFileError: There is none, or there are several.
    """

    def __init__(self, container: Container) -> None:
        self._container = container
        names = list(filter(_may_be_one, container.names()))
        self._folder, self._names = _folder(container, names), frozenset(names)

    @property
    def has_actor(self) -> bool:
        """Whether it describes the account."""
        return self._folder + ACTOR in self._names

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """One of its files."""
        return self._container.open(self._folder + name)

    def picture(self, name: str) -> bytes | None:
        """The account's picture; None if it is missing, too large or called otherwise."""
        if not _PICTURE.fullmatch(name) or self._folder + name not in self._names:
            return None
        with suppress(OSError):
            return self.read(name, LARGEST_PICTURE)
        return None

    def read(self, name: str, largest: int) -> bytes | None:
        """The content of one of its files; None if it is larger."""
        content = bytearray()
        with self.open(name) as file:
            while chunk := file.read(1 << 16):
                content += chunk
                if len(content) > largest:
                    return None
        return bytes(content)


@contextmanager
def opened(path: Path, *, needed: Collection[str] = (OUTBOX, ACTOR)) -> Iterator[Members]:
    """The files of the archive at a path: a zip or tar file, a folder, or a file of posts by itself.

    Args:
        needed: Those that the caller will open.

    Raises:
        UnreadableFileError: It is missing, damaged, or not an archive.
    """
    name = path.name.lower()
    is_tar = name.endswith(TARS) and not path.is_dir()
    with containers.explained(path, ASK):
        is_packed = is_tar and begins_like_gzip(path)
    if path.is_dir() or name.endswith(".zip") or (is_tar and not is_packed):
        container = containers.opened(path, ASK)
    else:
        container = _laid_aside(path, needed) if is_packed else _lone(path)
    with container as found:
        yield Members(found)


@contextmanager
def _lone(path: Path) -> Iterator[Container]:
    if _LISTS.fullmatch(path.name):
        raise _no_archive(path.name, [path.name])
    with containers.beside(path, ASK) as folder:
        yield _Lone(path, folder)


class _Lone:
    """A file of posts, whatever its name, and what lies beside it."""

    def __init__(self, path: Path, folder: Container) -> None:
        self.path, self._beside = path, folder

    def names(self) -> Iterable[str]:
        return (OUTBOX, *(name for name in self._beside.names() if name != OUTBOX))

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        return open(self.path, "rb", opener=files.regular) if name == OUTBOX else self._beside.open(name)


class _Kept:
    """Files that were laid aside."""

    def __init__(self, path: Path, kept: dict[str, IO[bytes]], passed: Sequence[str]) -> None:
        self.path = path
        self._kept, self._passed = kept, passed

    def names(self) -> Iterable[str]:
        return (*self._kept, *self._passed)

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        if name not in self._kept:
            raise tarfile.ReadError(f"{name} is larger than in any archive")
        self._kept[name].seek(0)
        return nullcontext(self._kept[name])


@contextmanager
def _laid_aside(path: Path, needed: Collection[str]) -> Iterator[Container]:
    """What is needed of a packed tar file, from one pass over it that ends where all of it was seen."""
    with containers.explained(path, ASK), ExitStack() as stack:
        file = stack.enter_context(open(path, "rb", opener=files.regular))
        unpacked = Bounded(stack.enter_context(gzip.GzipFile(fileobj=file)))
        most = path.stat().st_size * _DENSEST + _ALLOWANCE
        kept: dict[str, IO[bytes]] = {}
        passed: list[str] = []
        for member, content in _files(unpacked, most):
            base = (name := tidy(member.name)).rpartition("/")[2]
            if not _may_be_one(name):
                continue
            if (base in needed or _PICTURE.fullmatch(base)) and member.size <= LARGEST.get(
                base, LARGEST_PICTURE
            ):
                with files.explained(Path(tempfile.gettempdir())):
                    kept[name] = stack.enter_context(tempfile.TemporaryFile())
                    copyfileobj(content, kept[name])
            elif base.lower().endswith((".json", ".csv")):
                passed.append(name)
            if {one.rpartition("/")[2] for one in (*kept, *passed)} >= {OUTBOX, *needed}:
                break
        yield _Kept(path, kept, passed)


def _files(stream: Bounded, most: int) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """The regular files of a tar file one after the other; links and the rest are skipped."""
    with tarfile.TarFile(fileobj=stream) as archive:  # type: ignore[arg-type]
        for member in archive:
            archive.members = []  # type: ignore[attr-defined]  # which would grow with every picture
            if member.size < 0 or member.offset_data + member.size > most:
                raise tarfile.ReadError("it unpacks to far more than its size")
            content = archive.extractfile(member) if member.isreg() else None
            if content is not None:
                yield member, content


def _may_be_one(name: str) -> bool:
    """Whether a path may be that of a file of the archive, with any folders that people put around it."""
    return name.count("/") <= DEEPEST and not name.startswith("__MACOSX/")


def _folder(container: Container, names: Sequence[str]) -> str:
    """The folder of the container that has the posts, with a slash behind it."""
    found = [name for name in names if name.rpartition("/")[2] == OUTBOX]
    found.sort(key=lambda name: name.count("/"))
    if not found:
        raise _no_archive(container.path.name, names)
    if len(found) > 1 and "/" in found[0]:
        raise UnreadableFileError(
            f"{container.path.name} holds several archives: {found[0]}, {found[1]}.",
            "Unpack it, and use the folder of one of them.",
        )
    return found[0].removesuffix(OUTBOX)


def _no_archive(name: str, names: Sequence[str]) -> UnreadableFileError:
    lists = [one for one in names if _LISTS.fullmatch(one.rpartition("/")[2])]
    if lists:
        return UnreadableFileError(
            f"{name} holds lists of accounts or bookmarks ({lists[0]}), but no posts.",
            f"Posts are in the archive, not in the CSV files. {ASK}",
        )
    return UnreadableFileError(
        f"{name} is not the archive of an account in the Fediverse: it has no {OUTBOX}.", ASK
    )
