"""Where an archive's files are: in a folder, a zip file or a tar file. They are read in place."""

import gzip
import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import UnreadableFileError

TARS = (".tar.gz", ".tgz", ".tar")
PACKED = (".zip", *TARS)
DEEPEST = 6
_MOST_FILES = 500_000
_LARGEST_HEADER = 1 << 20
_LARGEST_FILE = 4 << 30  # bytes that are unpacked to the disk
# Of a module that not every Python has.
_LZMA_ERROR = getattr(getattr(zipfile, "lzma", None), "LZMAError", zlib.error)
DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    _LZMA_ERROR,
    EOFError,
    UnicodeDecodeError,  # of a member's name
)
"""What reading a damaged container raises; bzip2's own is an OSError that no system gave a number."""
UNREADABLE = (*DAMAGED, RecursionError, OSError, ValueError, RuntimeError)
"""What looking into any file raises, encrypted ones and those of other kinds included."""
_JUNK = re.compile(r"__MACOSX|\..*", re.IGNORECASE)
# Where an archive has tens of thousands of pictures, and nothing else.
_PASSED_OVER = re.compile(
    r"__MACOSX|\..*|node_modules|media_attachments"
    r"|(?:\w*tweets?|direct_messages\w*|profile|moments\w*)_media",
    re.IGNORECASE,
)

T = TypeVar("T")


class Container(Protocol):
    """Files by their paths, which have `/` between folders whatever wrote them."""

    path: Path

    def names(self) -> Iterable[str]:
        """The paths of all files."""

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """One of them, as a stream that can go back to its beginning."""


def is_junk(name: str) -> bool:
    """Whether a file is hidden, or lies where it is, as what systems leave in folders and zip files."""
    return any(map(_JUNK.fullmatch, name.split("/")))


class Folder:
    """The files of a folder, and of the folders in it down to a depth."""

    def __init__(self, path: Path, depth: int = DEEPEST) -> None:
        self.path = path
        self._depth = depth

    def names(self) -> Iterable[str]:
        """The paths of all files.

        Raises:
            UnreadableFileError: There are more than an archive has.
        """
        return _bounded(_below(self.path, self._depth), self.path)

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """One of them.

        Raises:
            UnreadableFileError: It is a link to a file elsewhere on this machine.
        """
        path = self.path / name
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise UnreadableFileError(
                f"{str(path)!r} is a link that leads out of the archive.", "Unpack the zip file again."
            )
        return open(path, "rb", opener=files.regular)


class Zip:
    """The files of a zip file."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self._archive = archive
        # Damage may leave a member without a name, of which zipfile cannot say whether it is a folder.
        named = (one for one in archive.infolist() if one.filename)
        self._members = {tidy(one.filename): one for one in named if not one.is_dir()}

    def names(self) -> Iterable[str]:
        """The paths of all files."""
        return self._members

    def name_inside(self, name: str) -> str:
        """The path as the zip file itself spells it."""
        return self._members[name].filename

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """One of them."""
        return self._archive.open(self._members[name])


class Tar:
    """The regular files of a tar file; links are skipped."""

    def __init__(self, path: Path, archive: tarfile.TarFile) -> None:
        self.path = path
        self._archive = archive
        self._members = {tidy(one.name): one for one in _bounded(archive, path) if one.isreg()}

    def names(self) -> Iterable[str]:
        """The paths of all files."""
        return self._members

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """One of them."""
        found = self._archive.extractfile(self._members[name])
        if found is None:
            raise tarfile.ReadError(f"{name} is not a file")
        return found


@contextmanager
def opened(path: Path, ask: str) -> Iterator[Container]:
    """The container at a path; exceptions in it are turned into errors that explain them.

    Args:
        ask: How to get a new one, as a sentence.

    Raises:
        UnreadableFileError: It is missing, damaged, encrypted, or of another kind.
    """
    with explained(path, ask), ExitStack() as stack:
        if path.is_dir():
            yield Folder(path)
            return
        file = stack.enter_context(open(path, "rb", opener=files.regular))
        if path.name.lower().endswith(TARS):
            stream = stack.enter_context(gzip.GzipFile(fileobj=file)) if begins_like_gzip(path) else file
            yield Tar(path, stack.enter_context(tarfile.TarFile(fileobj=Bounded(stream))))  # type: ignore[arg-type]
        else:
            yield Zip(path, stack.enter_context(zipfile.ZipFile(file)))


@contextmanager
def beside(path: Path, ask: str) -> Iterator[Container]:
    """The folder of a file, without the folders in it; exceptions as in `opened`."""
    with explained(path, ask):
        if not path.exists():
            raise FileNotFoundError(path)
        yield Folder(path.resolve().parent, depth=0)


def unpack(packed: IO[bytes], plain: Path, name: str, *, most: int | None = None) -> None:
    """Write the content of a packed file, or its first bytes, to the disk.

    Args:
        name: What messages call it.

    Raises:
        UnreadableFileError: It is too large.
    """
    left = _LARGEST_FILE if most is None else most
    with plain.open("xb") as unpacked:
        while left and (chunk := packed.read(min(left, 1 << 20))):
            unpacked.write(chunk)
            left -= len(chunk)
    if most is None and packed.read(1):
        raise UnreadableFileError(
            f"{name} unpacks to more than {_LARGEST_FILE >> 30} GiB.", "Unpack it and use a smaller file."
        )


class Bounded:
    """A stream from which tarfile reads no header of any size into memory."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int) -> bytes:
        """So many bytes.

        Raises:
            ReadError: They are more than any header has.
        """
        if not 0 <= size <= _LARGEST_HEADER:
            raise tarfile.ReadError(f"a header of {size:,} bytes")
        content: bytes = self._stream.read(size)
        return content


def _below(folder: Path, depth: int) -> Iterator[str]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if not entry.is_dir():
            yield entry.name
        elif depth and not _PASSED_OVER.fullmatch(entry.name):
            # A link is looked at only to say that it leads out of the archive.
            inner = _below(Path(entry), 0 if entry.is_symlink() else depth - 1)
            yield from (f"{entry.name}/{name}" for name in inner)


def _bounded(found: Iterable[T], path: Path) -> Iterator[T]:
    for number, one in enumerate(found):
        if number == _MOST_FILES:
            raise UnreadableFileError(
                f"{path.name} holds more than {_MOST_FILES:,} files.",
                "Use the archive itself, or its folder data.",
            )
        yield one


def tidy(name: str) -> str:
    """The path as it would be on this machine; some programs on Windows write backslashes."""
    return name.replace("\\", "/").removeprefix("./")


def again(ask: str) -> str:
    """What to do about a damaged archive: the sentence on how to get a new one is the last resort."""
    return f"Download it again, or {ask[0].lower()}{ask[1:]}"


@contextmanager
def explained(path: Path, ask: str) -> Iterator[None]:
    """Turn exceptions about a container into errors that explain them, as `opened` does.

    Raises:
        UnreadableFileError: It is missing, damaged, encrypted, or of another kind.
    """
    name = path.name
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableFileError(f"There is no file {str(path)!r}.", "Check the path.") from error
    except DAMAGED as error:
        raise _damaged(path, ask) from error
    except RecursionError as error:  # before RuntimeError, of which it is one, too
        raise too_deep(name) from error
    except NotImplementedError as error:  # before RuntimeError, of which it is one
        raise UnreadableFileError(
            f"{name} uses a compression that cannot be read: {error}.",
            f"Unpack it and use the folder instead. {ask}",
        ) from error
    except RuntimeError as error:
        raise UnreadableFileError(
            f"{name} is encrypted, so it cannot be read.",
            f"Unpack it with its password and use the folder instead. {ask}",
        ) from error
    except OSError as error:
        if error.errno is None:
            raise _damaged(path, ask) from error
        raise UnreadableFileError(
            f"{str(path)!r} could not be read: {error.strerror or error}.", "Check its permissions."
        ) from error


def too_deep(name: str) -> UnreadableFileError:
    """The error for a file whose values hold more of each other than any export's do."""
    return UnreadableFileError(
        f"{name} could not be read: lists or objects in it are nested too deeply.",
        "Export it again, with each post as an object of its own.",
    )


def _damaged(path: Path, ask: str) -> UnreadableFileError:
    is_other = not path.name.lower().endswith((*TARS, ".gz")) and not _begins_with(b"PK", path)
    why = "it is not a zip file" if is_other else "it is damaged or cut off"
    return UnreadableFileError(f"{path.name} could not be read: {why}.", again(ask))


def begins_like_gzip(path: Path) -> bool:
    """Whether a file is packed by gzip, whatever its name: browsers unpack a .tar.gz and keep the name."""
    return _begins_with(b"\x1f\x8b", path)


def _begins_with(mark: bytes, path: Path) -> bool:
    with open(path, "rb", opener=files.regular) as file:
        return file.read(len(mark)) == mark
