"""What a card says, and what was published."""

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from huggingtweets_hub.core.accounts import MAX_ACCOUNTS, NETWORKS, WANTED, network_of
from huggingtweets_hub.core.errors import InvalidFactsError
from huggingtweets_hub.core.names import REPO_ID
from huggingtweets_hub.core.records import shown
from huggingtweets_hub.core.records.forms import FormFile, LeftOut
from huggingtweets_hub.core.records.models import BaseModel, Evaluation, Recipe, Samples, Tracked, Training
from huggingtweets_hub.core.records.posts import Recognised, Statistics

_LONGEST_TEXT = 2**15
"""What a model writes for a card in 160 tokens is shorter."""
_NETWORKS = {"twitter": "x", "mastodon": "fediverse"}
AVATAR_FILE = re.compile(r"avatar(\.[0-9])?\.(jpg|png|jpeg|webp|gif)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """By what posts that come later are told from those that a model knows.

    Attributes:
        id: The largest id of a kept post; None if they have none.
        time: The latest time of a kept post, as ISO 8601 in UTC; None if they have none.
        kept: How many posts would have been kept without a limit to their number.
    """

    id: str | None = None
    time: str | None = None
    kept: int = 0

    def __post_init__(self) -> None:
        try:
            is_time = self.time is None or datetime.fromisoformat(self.time).tzinfo is not None
        except ValueError:
            is_time = False
        if not is_time:
            raise InvalidFactsError(
                f"{self.time!r:.60} is not a time with its zone.", "Write it as 2024-12-31T12:00:00+00:00."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What a card says about one account.

    Attributes:
        id: The network's own id of the account, which stays when the handle changes; None if it is not known.
        avatar_file: The picture's name in the repository, if it is stored there.
        first_day, last_day: Of the posts that were read, as YYYY-MM-DD; None if they have no dates.
        newest: What the newest kept post was; None if that was not recorded.
        recognised: What was recognised in the file of the posts; None if they came from elsewhere.
        profile_url: The profile's address, where the handle does not tell it.
        private: How many of the posts only some could read.
        wishes: What the account says of how it may be used, by the keys of `core.wishes`.
        network: That of the handle, a `NetworkName`; it need not be given.
    """

    handle: str
    statistics: Statistics
    name: str = ""
    avatar_url: str | None = None
    avatar_file: str | None = None
    first_day: str | None = None
    last_day: str | None = None
    id: str | None = None
    newest: Newest | None = None
    recognised: Recognised | None = None
    profile_url: str | None = None
    private: int = 0
    wishes: tuple[str, ...] = ()
    network: str | None = None

    def __post_init__(self) -> None:
        network = network_of(self.handle)
        told = (self.network or network).lower()
        told = _NETWORKS.get(told, told)
        if told != network and (told in NETWORKS or network != "other"):
            raise InvalidFactsError(
                f"{self.handle!r:.300} is a handle of {network!r}, not of {self.network!r:.60}.",
                f"Write the handle as {WANTED}, or leave out 'network'.",
            )
        object.__setattr__(self, "network", network)
        if self.avatar_file is not None and not AVATAR_FILE.fullmatch(self.avatar_file):
            raise InvalidFactsError(
                f"{self.avatar_file!r:.100} is not a valid name for a picture in the repository.",
                "Set avatar_file to a file name such as 'avatar.jpg' or 'avatar.2.png'.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """Where the posts came from; the digest changes if any post changes."""

    kind: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """Everything that a card says. `accounts` and `repo_id` are required, the rest is optional.

    Attributes:
        base_model: A Hub id, `scratch`, or None for a model from a folder (see `base`).
        data_run_url, training_run_url: Pages of the experiment tracker, None if there are none.
        language: ISO 639 codes.
        counted_by_letters: Posts in a script without spaces (see `Corpus`).
        near_copies: How many kept posts are near-copies of another; None if that was not looked at.
        held_out_near_copies: How many held-out posts have near-copies among those that were trained on.
        versions: Versions of Python and of the libraries that trained the model.
        forms: The files for other clients.
        forms_left_out: Those that were asked for and could not be made, and why.
        page_url: Where visitors can try the model in their browser; None if there is no such page.
    """

    accounts: tuple[AccountFacts, ...]
    repo_id: str
    thumbnail: str | None = None
    prompt: str | None = None
    data_run_url: str | None = None
    training_run_url: str | None = None
    base_model: str | None = None
    language: tuple[str, ...] | None = None
    # The toolkit's own facts, beyond the contract's.
    base: BaseModel | None = None
    counted_by_letters: int = 0
    near_copies: int | None = None
    held_out_near_copies: int = 0
    kept_sha256: str | None = None
    fingerprint: str | None = None
    recipe: Recipe | None = None
    training: Training | None = None
    evaluation: Evaluation | None = None
    samples: Samples | None = None
    tracked: Tracked | None = None
    source: SourceFacts | None = None
    consent: str | None = None
    versions: dict[str, str] = field(default_factory=dict)
    forms: tuple[FormFile, ...] = ()
    forms_left_out: tuple[LeftOut, ...] = ()
    page_url: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.accounts) <= MAX_ACCOUNTS:
            raise InvalidFactsError(
                f"A card has one to {MAX_ACCOUNTS} accounts, not {len(self.accounts)}.",
                "Add one entry per account under 'accounts'.",
            )
        if not REPO_ID.fullmatch(self.repo_id):
            raise InvalidFactsError(
                f"'repo_id' is {self.repo_id!r:.200}, which is not a repo id.",
                "Give it as 'namespace/name', as on the Hub.",
            )
        kept = sum(account.statistics.kept for account in self.accounts)
        if not 0 <= (self.near_copies or 0) <= kept or not 0 <= self.held_out_near_copies <= kept:
            raise InvalidFactsError(
                f"Of {kept:,} kept posts {self.near_copies or 0:,} cannot be near-copies of another, and "
                f"{self.held_out_near_copies:,} cannot be held out.",
                "Give near_copies and held_out_near_copies as numbers of kept posts.",
            )
        for place, text in _texts(self):
            if len(text) > _LONGEST_TEXT:
                name = "".join(place).removeprefix(".")
                raise InvalidFactsError(
                    f"{name!r:.200} is a text of {len(text):,} characters.",
                    f"Shorten it: no text on a card has more than {_LONGEST_TEXT:,}.",
                )


def _texts(value: object, *place: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """All texts in the fields of a record, each with the parts of its name."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield place, str(key)
            yield from _texts(part, *place, f".{key}")
    elif isinstance(value, tuple | list):
        for number, part in enumerate(value):
            yield from _texts(part, *place, f"[{number}]")
    elif dataclasses.is_dataclass(value):
        for name in value.__dataclass_fields__:
            yield from _texts(getattr(value, name), *place, f".{name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What `publish` did.

    Attributes:
        commit: The commit of the publication; None after a dry run.
        changed: Whether this run made a commit.
        tweets_bought, cost_usd: What this run read from the X API, and what it cost.
        output: The finished folder, if it was kept.
        recognised: What was recognised in the files of the posts, by account.
        kept: How many posts the model was trained on, held-out ones included.
        samples: The texts that its card shows, masked.
    """

    repo_id: str
    url: str
    commit: str | None
    changed: bool
    fingerprint: str
    tweets_bought: int = 0
    cost_usd: float = 0.0
    output: Path | None = None
    recognised: dict[str, Recognised] = field(default_factory=dict)
    kept: int = 0
    samples: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        if self.commit is None:
            state = "not sent (a dry run)"
        else:
            state = "published" if self.changed else "published before, unchanged"
        numbers = {"posts": f"{self.kept:,}"} if self.kept else {}
        if self.output is not None:
            numbers |= {"": f"in the folder {self.output}"}
        url = self.url if self.commit is not None else None
        return shown.page(f"{self.repo_id}: {state}", url, numbers, self.samples)
