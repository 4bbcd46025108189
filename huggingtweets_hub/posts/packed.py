"""What is packed once more than its source reads: a gzip file, or an archive alone in a zip file.

It is unpacked into a folder of its own, which is gone with the source that reads it.
"""

import functools
import gzip
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts import containers
from huggingtweets_hub.posts.x_archive import layout
from huggingtweets_hub.posts.x_archive.other_contents import ASK

_GZ = ".gz"
_HEAD = 1 << 18  # bytes
_ASK = "Copy it again."


class Unpacked:
    """A file in a folder of its own, until it is removed."""

    def __init__(self, content: IO[bytes], name: str, packed: str, *, most: int | None = None) -> None:
        with files.explained(Path(tempfile.gettempdir())):
            folder = tempfile.mkdtemp()
        self.path = Path(folder) / name
        self.remove = functools.partial(shutil.rmtree, folder, ignore_errors=True)
        try:
            with files.explained(self.path):
                containers.unpack(content, self.path, packed, most=most)
        except BaseException:
            self.remove()
            raise


def gunzipped(path: Path, *, most: int | None = None) -> Unpacked:
    """The file in a gzip file, or its first bytes.

    Raises:
        UnreadableFileError: It is damaged, or unpacks to too much.
    """
    with containers.explained(path, _ASK), open(path, "rb", opener=files.regular) as file:
        content: Any = gzip.GzipFile(fileobj=file)
        return Unpacked(content, path.name[: -len(_GZ)], path.name, most=most)


def begins_like_one_of(path: Path, *kinds: Any) -> bool:
    """Whether the file in a gzip file is of one of these kinds, by its beginning."""
    with suppress(UnreadableFileError):
        head = gunzipped(path, most=_HEAD)
        try:
            return any(is_one(head.path) for is_one in kinds)
        finally:
            head.remove()
    return False


def lone_archive(path: Path) -> Unpacked | None:
    """The archive that is alone in a zip file; None if there is none.

    Raises:
        UnreadableFileError: It unpacks to too much.
    """
    name = None
    with suppress(UnreadableFileError), containers.opened(path, ASK) as container:
        name = layout.lone_archive(container)
    if name is None:  # whoever reads the zip file will explain that
        return None
    with containers.opened(path, ASK) as container, container.open(name) as content:
        return Unpacked(content, name.rpartition("/")[2], path.name)
