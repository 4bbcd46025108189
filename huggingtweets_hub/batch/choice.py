"""Which entries of a users file to take, and whom to leave out."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from huggingtweets_hub.batch.entries import Entry
from huggingtweets_hub.core import arguments, people
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.names import REPO_ID
from huggingtweets_hub.hub import files as hub_files
from huggingtweets_hub.hub import opt_outs


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which entries to take.

    Attributes:
        limit: The first so many of those that are to be done.
        only_failed: Those alone whose last attempt failed, also where it failed for good, or was cut short.
        shard: The k-th of n equal parts of the file, as (k, n).
        refresh: Those too that are published: they may have new posts.
        exclude: Handles and repo ids of those who opted out.
    """

    limit: int | None = None
    only_failed: bool = False
    shard: tuple[int, int] = (1, 1)
    refresh: bool = False
    exclude: Collection[str] = ()

    def part(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """The entries of the shard."""
        number, parts = self.shard
        return entries[number - 1 :: parts]


def parse_shard(text: str) -> tuple[int, int]:
    """`2/8` as its numbers.

    Raises:
        InvalidInputError: Not the k-th of n parts.
    """
    part, slash, parts = text.partition("/")
    if slash and part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts):
        return int(part), int(parts)
    raise InvalidInputError(f"{text!r} is not a shard.", "Give --shard as 2/8: the second of eight.")


def read_exclusions(given: str | Path | Iterable[str | Path]) -> frozenset[str]:
    """Handles, models' names and repo ids that are not to be published.

    Args:
        given: Of each: a file of them (`core.people` says what a line may be), a dataset on the Hub with
            such an `opt-outs.txt` (`NAMESPACE/NAME`), or one of them itself. A `Path` is always a file; a
            word that may be a name and is a file's, too, is asked about.

    Raises:
        InvalidInputError: It is something else, or a line of a list is not understood.
        HubError: There is no such dataset, or the Hub does not answer.
    """
    names: set[str] = set()
    lists: dict[str, bytes] = {}
    for one in arguments.several("exclude", given):
        text = str(one)
        if isinstance(one, Path) or (not text.startswith("@") and _is_list(text)):
            if not isinstance(one, Path) and "/" not in text and people.named(text):
                raise InvalidInputError(
                    f"{text!r} is both a name and a file here.",
                    f"Give --exclude ./{text} for the file, @{text} for the account; or put both in a list.",
                )
            lists[text] = people.content(text)
        elif REPO_ID.fullmatch(text) and people.named(text) <= {text.lower()}:  # and no address without https
            lists[f"{opt_outs.FILE} of {text}"] = hub_files.download_private(text, opt_outs.FILE, "main")
        elif found := people.named(people.stripped(text)):
            names |= found
        else:
            raise InvalidInputError(
                f"{text!r} is not a file, a dataset on the Hub or a handle.",
                f"Give --exclude a file with one of these per line: {people.WANTED}.",
            )
    return frozenset(names | people.read(lists))


def _is_list(path: str) -> bool:
    """Whether there is a file; also what a shell gives in place of one."""
    try:
        return Path(path).exists() and not Path(path).is_dir()
    except (OSError, ValueError):  # of a name that no file can have
        return False
