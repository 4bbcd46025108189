"""Where tweets come from: one module per source, behind one protocol."""

from datetime import date
from pathlib import Path
from typing import Protocol

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Account, Timeline
from huggingtweets_hub.posts.budget import Budget

FILE_KINDS = (".jsonl", ".csv", ".parquet", ".json")


class TimelineSource(Protocol):
    """Anything that can provide an account's tweets. Implement it to read them from somewhere else."""

    def account(self) -> Account | None:
        """The account that the source itself names, without using the network; None if it names none."""

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """The account's tweets, newest first.

        Args:
            max_tweets, since: Hints that save money with a paid source; the caller filters anyway.

        Raises:
            SourceError: The tweets could not be read; the message says why and what to do.
        """


def open(spec: str | Path | TimelineSource, budget: Budget, *, rebuy: bool = False) -> TimelineSource:
    """The source for what a user wrote: `x`, `sample`, or a path.

    Args:
        budget: The most that reading from the X API may cost.
        rebuy: Read everything from the X API again, replacing what is kept.

    Raises:
        UnreadableFileError: The path does not exist or is of an unknown kind.
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
        f"{str(spec)!r} is not a source of tweets.",
        "Use 'x', 'sample', an X archive (.zip), or a file that ends in "
        f"{', '.join(FILE_KINDS)} (with or without .gz).",
    )
