"""What is read of an archive, and what is said of it."""

from pathlib import Path
from typing import Any

from huggingtweets_hub import Silent, Timeline
from huggingtweets_hub.core.records import Post
from huggingtweets_hub.posts.fediverse import FediverseArchive
from huggingtweets_hub.posts.reading import Reading
from tests.servers import fediverse_archives as made

HANDLE = "ann@m.example"


class Told(Silent):
    """What a run said."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.notes: list[str] = []

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def note(self, message: str) -> None:
        self.notes.append(message)


def read(path: Path, handle: str = HANDLE, told: Told | None = None, **chosen: Any) -> Timeline:
    source = FediverseArchive(path, Reading(**chosen))
    return source.fetch(handle, max_tweets=None, since=None, progress=told or Silent())


def read_items(folder: Path, *items: Any, told: Told | None = None, **chosen: Any) -> tuple[Post, ...]:
    """The posts of an archive with these entries."""
    return read(made.zipped(folder / "archive.zip", made.archive(*items)), told=told, **chosen).tweets


def texts(posts: tuple[Post, ...]) -> list[str]:
    return [post.text for post in posts]
