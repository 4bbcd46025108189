"""Whether a file is an archive of the Fediverse, by what is in it rather than by its name."""

import gzip
import itertools
import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from huggingtweets_hub.core import files
from huggingtweets_hub.posts.containers import (
    DEEPEST,
    TARS,
    UNREADABLE,
    Bounded,
    Folder,
    begins_like_gzip,
    tidy,
)
from huggingtweets_hub.posts.encodings import encoding_of

_OWN = re.compile(
    rf"(?:[^/]+/){{0,{DEEPEST}}}"
    r"(?:(?:outbox|actor)\.json|(?:following|muted|blocked)_accounts[^/]*\.csv|media_attachments/.*)",
    re.IGNORECASE,
)
_OUTBOX = re.compile(r'\s*\{.*"(?:orderedItems|OrderedCollection)"', re.DOTALL)
_LIST = re.compile(r"Account address(?:,|\s)", re.IGNORECASE)
_HEAD = 1 << 16
_MOST_LOOKED_AT, _MOST_BYTES = 50, 1 << 28  # of a tar file: in an archive, the first already tells


def is_fediverse(path: Path) -> bool:
    """Whether a file or folder is an archive, a part of one, or the lists that servers give beside it."""
    try:
        return any(map(_OWN.fullmatch, _names(path))) or (path.is_file() and _is_part(path))
    except UNREADABLE:  # whoever reads it will explain that
        return False


def _names(path: Path) -> Iterable[str]:
    """The files in a container; none for anything else."""
    name = path.name.lower()
    if path.is_dir():
        return Folder(path).names()
    if name.endswith(".zip"):
        with open(path, "rb", opener=files.regular) as file, zipfile.ZipFile(file) as archive:
            return [tidy(one) for one in archive.namelist()]
    return _first(path) if name.endswith(TARS) else ()


def _first(path: Path) -> Iterator[str]:
    with open(path, "rb", opener=files.regular) as file:
        stream = Bounded(gzip.GzipFile(fileobj=file) if begins_like_gzip(path) else file)
        with tarfile.TarFile(fileobj=stream) as archive:  # type: ignore[arg-type]
            for member in itertools.islice(archive, _MOST_LOOKED_AT):
                yield tidy(member.name)
                if member.size < 0 or member.offset_data + member.size > _MOST_BYTES:
                    return


def _is_part(path: Path) -> bool:
    """Whether a file is an outbox, or a list of accounts."""
    kind = {".json": _OUTBOX, ".csv": _LIST}.get(path.suffix.lower())
    if kind is None:
        return False
    with open(path, "rb", opener=files.regular) as file:
        encoding = encoding_of(file)
        return kind.match(file.read(_HEAD).decode(encoding, "replace")) is not None
