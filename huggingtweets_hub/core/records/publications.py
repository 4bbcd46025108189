"""What a card says, and what was published."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from huggingtweets_hub.core.errors import InvalidFactsError
from huggingtweets_hub.core.names import MAX_ACCOUNTS, REPO_ID, parse_handle
from huggingtweets_hub.core.records.models import BaseModel, Evaluation, Recipe, Samples, Tracked, Training
from huggingtweets_hub.core.records.posts import Statistics

AVATAR_FILE = re.compile(r"avatar(\.[0-9])?\.(jpg|png|jpeg|webp|gif)")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What a card says about one account.

    Attributes:
        id: X's own id of the account, which stays when the handle changes; None if it is not known.
        avatar_file: The picture's name in the repository, if it is stored there.
        first_day, last_day: Of the tweets that were read, as YYYY-MM-DD; None if they have no dates.
    """

    handle: str
    statistics: Statistics
    name: str = ""
    avatar_url: str | None = None
    avatar_file: str | None = None
    first_day: str | None = None
    last_day: str | None = None
    id: str | None = None

    def __post_init__(self) -> None:
        parse_handle(self.handle)
        if self.avatar_file is not None and not AVATAR_FILE.fullmatch(self.avatar_file):
            raise InvalidFactsError(
                f"{self.avatar_file!r:.100} is not a valid name for a picture in the repository.",
                "Set avatar_file to a file name such as 'avatar.jpg' or 'avatar.2.png'.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """Where the tweets came from; the digest changes if any tweet changes."""

    kind: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """Everything that a card says. `accounts` and `repo_id` are required, the rest is optional.

    Attributes:
        base_model: A Hub id, `scratch`, or None for a model from a folder (see `base`).
        data_run_url, training_run_url: Pages of the experiment tracker, None if there are none.
        language: ISO 639 codes.
        counted_by_letters: Tweets in a script without spaces (see `Corpus`).
        versions: Versions of Python and of the libraries that trained the model.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What `publish` did.

    Attributes:
        commit: The commit of the publication; None after a dry run.
        changed: Whether this run made a commit.
        tweets_bought, cost_usd: What this run read from the X API, and what it cost.
        output: The finished folder, if it was kept.
    """

    repo_id: str
    url: str
    commit: str | None
    changed: bool
    fingerprint: str
    tweets_bought: int = 0
    cost_usd: float = 0.0
    output: Path | None = None
