"""Where posts come from: one package per kind of source, behind one protocol."""

import os
import weakref
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from huggingtweets_hub.core import arguments
from huggingtweets_hub.core.accounts import NETWORKS, is_handle, mention, network_of, parse_handle
from huggingtweets_hub.core.errors import InvalidInputError, UnreadableFileError
from huggingtweets_hub.core.model_files import CONFIG
from huggingtweets_hub.core.names import expanded
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Account, Timeline
from huggingtweets_hub.posts import other_forms
from huggingtweets_hub.posts.budget import Budget
from huggingtweets_hub.posts.reading import Reading

X = "x"
ONLINE = (X, "bluesky", "mastodon")
"""The sources that are networks."""
WORDS = (*ONLINE, "sample")
FILE_KINDS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".txt")
REPOSITORY = ".car"
_OF_NETWORKS = (".json", ".csv")  # also tables
_DEEPEST = 2  # times that something is packed once more


class TimelineSource(Protocol):
    """Anything that can give an account's posts. Implement it to read them from elsewhere.

    It may have four things more. `is_free`, an attribute that is False if reading costs money: a batch then
    reads with it as it reads from the X API. `require_refreshable(handle)`, a method that raises a
    `SourceError` if a refresh of a published account would have to read, and pay for, all of it again.
    `check_id(handle, check)`, one that is given a function before `fetch`, which is to be called with the
    account's id before its posts are paid for, and raises if it is not the account that was published. And
    `require_usable(handle)`, one that raises a `SourceError` if it is clear without the network that the
    account cannot be read: it is called before anything else is begun.
    """

    def account(self) -> Account | None:
        """The account that the source itself names, without using the network; None if it names none."""

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """The account's posts, newest first.

        Args:
            max_tweets, since: Hints that save money with a paid source; the caller filters anyway.

        Raises:
            SourceError: The posts could not be read; the message says why and what to do.
        """


def is_free(source: "str | Path | TimelineSource") -> bool:
    """Whether reading from a source costs nothing; an object of a user's own may say so by `is_free`."""
    if isinstance(source, str | Path):
        return str(source) != X
    return bool(getattr(source, "is_free", True))


def is_local(source: "str | Path | TimelineSource") -> bool:
    """Whether a source is a file, or comes with the package."""
    return isinstance(source, str | Path) and str(source) not in ONLINE


def require_refreshable(source: TimelineSource, handle: str) -> None:
    """Let a source refuse to read only what is new, if it has a method `require_refreshable(handle)`.

    Raises:
        SourceError: All that was read before would be paid for again.
    """
    refuse = getattr(source, "require_refreshable", None)
    if refuse is not None:
        refuse(handle)


def check_id(source: TimelineSource, handle: str, check: Callable[[str], None]) -> None:
    """Have a source call `check` with the account's id before it pays, if it has a `check_id`."""
    take = getattr(source, "check_id", None)
    if take is not None:
        take(handle, check)


def require_usable(source: TimelineSource, handle: str) -> None:
    """Let a source refuse an account before anything is begun, if it has a method `require_usable(handle)`.

    Raises:
        SourceError: A file is damaged or somebody else's, or a token is missing.
    """
    refuse = getattr(source, "require_usable", None)
    if refuse is not None:
        refuse(handle)


def is_file(word: str) -> bool:
    """Whether what stands where a handle would is the path of a file of posts instead.

    It is by its ending, or a beginning such as ./, whether it is there or not; else only what cannot be a
    handle is looked for.
    """
    from huggingtweets_hub.posts.x_archive import KINDS

    if not word.strip(". @") or "://" in word or (":" in word and is_handle(word)):
        return False
    if word.lower().removesuffix(".gz").endswith((*KINDS, *FILE_KINDS, REPOSITORY)):
        return True
    if word.startswith(("./", "../", "~/")):  # not /, as in /u/ann
        return True
    if other_forms.step(word) and not word.lower().endswith(".md"):  # which handles may end in
        return True
    return not is_handle(word) and os.path.exists(expanded(word))


def note_namesake(handle: str, source: object, progress: Progress) -> None:
    """Say that an account is read, and not the file of its name that may have been meant."""
    path = expanded(handle)
    if source == X and os.path.exists(path) and not os.path.isfile(path / CONFIG):  # a model of its posts
        progress.note(
            f"{mention(handle)} is read as the account. To read the file or folder {handle!r} here, use "
            f"--from ./{handle}."
        )


def chosen(source: Any, handle: str) -> Any:
    """The source for an account: where none was chosen, which means X, that of its network if it is free."""
    try:
        is_free = source == X and network_of(parse_handle(handle)) == "bluesky"
    except InvalidInputError:  # which is said where the handle is read
        is_free = False
    return "bluesky" if is_free else source


_OF = {X: "x", "bluesky": "bluesky", "mastodon": "fediverse"}
_WAYS = {
    "x": "Leave --from out, or give its archive.",
    "bluesky": "Leave --from out, or give its repository with --from repo.car.",
    "fediverse": "Give its archive, or read its public posts with --from mastodon.",
}


def require_fits(source: object, handle: str) -> None:
    """Make sure that a network is asked only for its own accounts.

    Raises:
        InvalidInputError: The account is one of another network.
    """
    network = network_of(handle)
    wanted = _OF.get(source) if isinstance(source, str) else None
    if wanted is not None and network != wanted:
        raise InvalidInputError(
            f"{mention(handle)} is on {NETWORKS[network].title}, which --from {source} does not read.",
            _WAYS.get(network, "Give its export with --from FILE; docs/networks.md says where to get it."),
        )


def lone(paths: Sequence[str], source: object) -> str:
    """The file that stands among handles, if it is the only source.

    Raises:
        InvalidInputError: There is another.
    """
    if source != X or len(paths) > 1:
        raise InvalidInputError(
            f"{paths[-1]!r:.200} is a file, not a handle, and there is another source.",
            "Give each account its own with --from HANDLE=SOURCE.",
        )
    return paths[0]


def open(
    spec: str | Path | TimelineSource,
    budget: Budget,
    reading: Reading | None = None,
) -> TimelineSource:
    """The source for what a user wrote: one of `WORDS`, or a path.

    Args:
        budget: The most that reading from the X API may cost.
        reading: What was chosen about the reading itself.

    Raises:
        UnreadableFileError: The path does not exist or is of an unknown kind.
        InvalidInputError: It is an object without the methods of a source.
    """
    if not isinstance(spec, str | Path):
        arguments.require_object("source", spec, TimelineSource)
        return spec
    reading = reading or Reading()
    if str(spec) == X:
        from huggingtweets_hub.posts.x_api.source import XApi

        return XApi(budget, rebuy=reading.rebuy)
    if str(spec) == "bluesky":
        from huggingtweets_hub.posts.atproto.network import Bluesky

        return Bluesky(reading)
    if str(spec) == "mastodon":
        from huggingtweets_hub.posts.fediverse.mastodon import Mastodon

        return Mastodon(reading)
    if str(spec) == "sample":
        from huggingtweets_hub.posts.sample import Sample

        return Sample()
    if spec == "" or "://" in str(spec):
        raise UnreadableFileError(
            f"{spec!r:.200} is not a file on this machine.",
            "Download it and give the path of the file." if spec else "Give the path of a file.",
        )
    return _of_file(expanded(spec), reading, str(spec))


def _of_file(path: Path, reading: Reading, spec: str, *, depth: int = 0) -> TimelineSource:
    """The source for a path, as the user wrote it, also for what is packed once more."""
    from huggingtweets_hub.posts import packed
    from huggingtweets_hub.posts.atproto import CarFile, is_repository
    from huggingtweets_hub.posts.exports import Export, is_export
    from huggingtweets_hub.posts.fediverse import FediverseArchive, is_fediverse
    from huggingtweets_hub.posts.file import TweetFile
    from huggingtweets_hub.posts.x_archive import KINDS, XArchive, lone_table

    def inside(found: packed.Unpacked) -> TimelineSource:
        try:
            reader = _of_file(found.path, reading, spec, depth=depth + 1)
        except BaseException:
            found.remove()
            raise
        weakref.finalize(reader, found.remove)
        return reader

    if is_repository(path):
        return CarFile(path, reading)
    if is_fediverse(path):
        return FediverseArchive(path, reading)
    if is_export(path):
        return Export(path)
    if path.suffix.lower() == ".zip" and (member := lone_table(path)):
        return TweetFile(path, member=member, reading=reading)
    plain = Path(path.name.lower().removesuffix(".gz"))
    if depth < _DEEPEST and path.is_file():
        if path.suffix.lower() == ".zip" and (lone := packed.lone_archive(path)):
            return inside(lone)
        if path.suffix.lower() == ".gz" and (
            plain.suffix in (REPOSITORY, ".js", ".zip")
            or (plain.suffix in _OF_NETWORKS and packed.begins_like_one_of(path, is_fediverse, is_export))
        ):
            return inside(packed.gunzipped(path))
    if path.is_dir() or path.name.lower().endswith(KINDS):
        return XArchive(path)
    if plain.suffix in FILE_KINDS:
        return TweetFile(path, reading=reading)
    if os.path.dirname(spec) and not os.path.lexists(path):
        raise UnreadableFileError(f"There is no file or folder {spec!r}.", "Check the path.")
    raise UnreadableFileError(
        f"{spec!r} is not a source of posts.",
        other_forms.step(path.name)
        or f"Use one of {', '.join(map(repr, WORDS))}, an X or Mastodon archive, a Threads, "
        "Instagram or Reddit export (zipped or not), a Bluesky .car file, or a file that ends in "
        f"{', '.join(FILE_KINDS)} (with or without .gz).",
    )
