"""Where tweets come from: one file a source, behind one protocol."""

from datetime import date
from pathlib import Path
from typing import Protocol

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Account, Timeline
from huggingtweets_hub.posts.budget import Budget

FILE_KINDS = (".jsonl", ".csv", ".parquet", ".json")


class TimelineSource(Protocol):
    """Anything that can give an account's tweets. Implement it to read them from elsewhere."""

    def account(self) -> Account | None:
        """The account that the source itself names, without a network; None where it names none."""

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """The account's tweets, newest first.

        Args:
            max_tweets, since: Hints that spare a source that costs; the caller selects anyway.

        Raises:
            SourceError: The tweets cannot be had; the message says why and what to do.
        """


def open(spec: str | Path | TimelineSource, budget: Budget, *, rebuy: bool = False) -> TimelineSource:
    """The source that a user means: `x`, `sample`, or a path.

    Args:
        budget: What reading from the X API may cost.
        rebuy: Read from the X API again what is kept already, which it then replaces.

    Raises:
        UnreadableFileError: The path does not exist or its kind is not known.
    """
    if not isinstance(spec, str | Path):
        return spec
    if str(spec) == "x":
        from huggingtweets_hub.posts.x_api.source import XApi

        return XApi(budget, rebuy=rebuy)
    if str(spec) == "sample":
        from huggingtweets_hub.posts.sample import Sample

        return Sample()
    path = Path(spec).expanduser()
    if path.is_dir() or path.suffix.lower() == ".zip":
        from huggingtweets_hub.posts.x_archive import XArchive

        return XArchive(path)
    if Path(path.name.lower().removesuffix(".gz")).suffix in FILE_KINDS:
        from huggingtweets_hub.posts.file import TweetFile

        return TweetFile(path)
    raise UnreadableFileError(
        f"{str(spec)!r} is no source of tweets.",
        "Give 'x', 'sample', an X archive (.zip), or a file that ends in "
        f"{', '.join(FILE_KINDS)}, plain or with .gz.",
    )
