"""The records that flow from stage to stage, with their invariants.

All are frozen: a stage takes plain arguments and answers with one of these. `serialization` carries
them to disk and to the Hub and back.
"""

import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from huggingtweets_hub.errors import InvalidFactsError, InvalidInputError

__all__ = [
    "Account",
    "AccountFacts",
    "BaseModel",
    "CardFacts",
    "Corpus",
    "CurvePoint",
    "Evaluation",
    "Learned",
    "Publication",
    "Recipe",
    "RunLink",
    "Samples",
    "Score",
    "SourceFacts",
    "Stages",
    "Statistics",
    "Timeline",
    "Tracked",
    "TrainedModel",
    "Training",
    "Tweet",
    "Writing",
]

HANDLE = re.compile(r"[A-Za-z0-9_]{1,15}", re.ASCII)
REPO_ID = re.compile(r"(?=.{3,193}\Z)(?!.*\.\.)[A-Za-z0-9][\w.-]*/[A-Za-z0-9_][\w.-]*", re.ASCII)
AVATAR_FILE = re.compile(r"avatar(\.[0-9])?\.(jpg|png|jpeg|webp|gif)")
MAX_ACCOUNTS = 3
_MAX_DRAWN_LOSS = 1_000.0


def parse_handle(text: str) -> str:
    """The handle without its leading @, in the case it was given.

    Raises:
        InvalidInputError: Not one to fifteen letters, digits and underscores.
    """
    handle = text.removeprefix("@")
    if not HANDLE.fullmatch(handle):
        raise InvalidInputError(
            f"{text!r} is no X handle: a handle is 1 to 15 letters, digits or underscores.",
            "Give the name as it stands after the @ on the profile page.",
        )
    return handle


def model_name(handles: Iterable[str]) -> str:
    """The name of the model of these accounts: lower-cased, sorted, joined by a hyphen."""
    return "-".join(sorted(handle.lower() for handle in handles))


# --- what was posted ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An X account as its source describes it. `handle` keeps the account's own case."""

    handle: str
    name: str = ""
    avatar_url: str | None = None

    def __post_init__(self) -> None:
        parse_handle(self.handle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tweet:
    """One post, whole: a long post has its full text, entities are not yet unescaped."""

    text: str
    id: str | None = None
    created_at: datetime | None = None
    lang: str | None = None
    is_retweet: bool = False
    is_reply: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What an account posted, newest first, and what it cost to read in this run.

    Attributes:
        source: The kind of source: `x_api`, `x_archive`, `file` or `sample`.
    """

    account: Account
    tweets: tuple[Tweet, ...]
    source: str
    tweets_bought: int = 0
    cost_usd: float = 0.0

    @property
    def digest(self) -> str:
        """SHA-256 of the ids and texts, the same for the same tweets whatever file held them."""
        return _sha256(json.dumps([[t.id, t.text] for t in self.tweets]))


# --- what is learned from -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """How many tweets were read and what became of them: `downloaded = retweets + short + kept`."""

    downloaded: int
    retweets: int
    short: int
    kept: int

    def __post_init__(self) -> None:
        counts = dataclasses.asdict(self)
        if max(counts.values()) > 10**12:
            raise InvalidFactsError(
                f"No account has so many tweets: {max(counts.values()):.3g}.",
                "Give the numbers of tweets that were read.",
            )
        if min(counts.values()) < 0 or self.downloaded != self.retweets + self.short + self.kept:
            raise InvalidFactsError(
                f"The tweet counts do not add up: {counts}.",
                "downloaded must be retweets + short + kept, and none below zero.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """The texts of one to three accounts, cleaned, counted and split.

    Attributes:
        kept: All kept texts, account after account, newest first in each.
        train, validation, held_out: The same texts, split by a hash of each.
        statistics: One for each account, in the order of the accounts.
        language: ISO 639 codes of the languages that make up a tenth of the kept tweets or more.
        counted_by_letters: How many tweets are in a script without blanks, where letters decide
            what is short.
    """

    kept: tuple[str, ...]
    train: tuple[str, ...]
    validation: tuple[str, ...]
    held_out: tuple[str, ...]
    statistics: tuple[Statistics, ...]
    language: tuple[str, ...] = ()
    counted_by_letters: int = 0

    @property
    def kept_sha256(self) -> str:
        """SHA-256 of the kept texts joined by a newline."""
        return _sha256("\n".join(self.kept))


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseModel:
    """The model that training starts from.

    Attributes:
        name: What the card calls it: the Hub id, a folder's name, or `scratch`.
        kind: `hub`, `folder` or `scratch`.
        revision: The Hub commit, or a digest of the folder's files.
        license: The Hub's id of its license, where its card states one.
    """

    name: str
    kind: str
    revision: str
    license: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a model is trained: every hyperparameter that the weights depend on.

    Attributes:
        block_size: Tokens in a training block; shorter where the model's context is.
        batch_size: Blocks a step.
        warmup: Share of the steps in which the learning rate rises.
    """

    name: str
    epochs: int
    learning_rate: float
    seed: int
    block_size: int = 1024
    batch_size: int = 1
    schedule: str = "cosine"
    warmup: float = 0.0
    optimizer: str = "AdamW"
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0


# --- what was learned -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """One point of the training curve; losses in nats a token, seconds of training alone."""

    seconds: float
    step: int
    loss: float | None = None
    validation_loss: float | None = None

    @property
    def drawn_losses(self) -> tuple[float | None, float | None]:
        """Both losses, without one past all measure, which would flatten the rest of the curve."""
        loss, seen = (
            value if value is not None and abs(value) < _MAX_DRAWN_LOSS else None
            for value in (self.loss, self.validation_loss)
        )
        return loss, seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What the training took and how its loss went."""

    seconds: float
    steps: int
    tokens: int
    device: str
    parameters: int
    curve: tuple[CurvePoint, ...] = ()

    @property
    def has_curve(self) -> bool:
        """Whether the curve can be drawn: a loss at two steps or more."""
        return len({point.step for point in self.curve if point.drawn_losses != (None, None)}) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedModel:
    """A finished folder of weights and tokenizer.

    Attributes:
        files: The SHA-256 of each file in the folder.
        versions: Versions of Python and of the libraries that trained it.
    """

    training: Training
    files: dict[str, str]
    versions: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well a model predicts texts, each alone after the separator.

    Attributes:
        tokens: Tokens predicted; the separators are not counted.
        loss: Nats a token.
        perplexity: exp(loss).
        bits_per_byte: Bits a byte of UTF-8, comparable between tokenizers.
    """

    tweets: int
    tokens: int
    loss: float
    perplexity: float
    bits_per_byte: float

    def __post_init__(self) -> None:
        measured = (self.tweets, self.tokens, self.loss, self.perplexity, self.bits_per_byte)
        if not all(0 <= number < math.inf for number in measured):
            raise InvalidFactsError(
                f"A score has a number that cannot be measured: {dataclasses.asdict(self)}.",
                "All must be finite and not below zero. Where training diverged, lower its learning rate.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What a number of texts look like, beside the tweets that were trained on.

    Attributes:
        texts: How many were looked at.
        repeated: Share of them that is a training tweet, word for word.
        overlapping: Share that has a run of 8 words or more in common with one, repetitions included.
        distinct_1, distinct_2: Different words, and pairs of words, in proportion to all.
        mean_length: Characters.
        ended: Share that came to an end by itself; None for tweets.
    """

    texts: int
    repeated: float
    overlapping: float
    distinct_1: float
    distinct_2: float
    mean_length: float
    ended: float | None = None

    def __post_init__(self) -> None:
        shares = (self.repeated, self.overlapping, self.distinct_1, self.distinct_2, self.ended or 0)
        sizes = (self.texts, self.mean_length)
        if not all(0 <= share <= 1 for share in shares) or not all(0 <= size < math.inf for size in sizes):
            raise InvalidFactsError(
                f"What was found in texts cannot be: {dataclasses.asdict(self)}.",
                "Shares lie between 0 and 1, and no number is below zero.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What fine-tuning changed.

    Attributes:
        base, tuned: How well the held-out tweets are predicted, before and after.
        base_samples, tuned_samples: What the models write, without a prompt.
        tweets: As many of the held-out tweets, for comparison.
    """

    base: Score
    tuned: Score
    base_samples: Writing | None = None
    tuned_samples: Writing | None = None
    tweets: Writing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """What the model writes: seeded and unpicked, with what may identify others masked.

    Attributes:
        prompt: What the prompted ones begin with.
        free: Written without a prompt.
        replaced, prompted_replaced: How many of each were passed over because they repeat a tweet of
            the accounts.
    """

    prompt: str
    seed: int
    free: tuple[str, ...]
    prompted: tuple[str, ...] = ()
    replaced: int = 0
    prompted_replaced: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLink:
    """A run of an experiment tracker; `url` is None where it is not online."""

    id: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """Which tracker recorded a model, and the runs of its data and of its training."""

    tracker: str
    data: RunLink | None = None
    training: RunLink | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """How long each stage took, in seconds."""

    seconds: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A trained and measured model, as its card describes it.

    Attributes:
        files, versions: As in `TrainedModel`.
        stages: Seconds of each stage that led to it.
    """

    training: Training
    evaluation: Evaluation
    tracked: Tracked
    files: dict[str, str]
    versions: dict[str, str]
    samples: Samples | None = None
    stages: dict[str, float] = field(default_factory=dict)


# --- what is published ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What a card says of one account.

    Attributes:
        avatar_file: The picture's name in the repository, where it is kept there.
        first_day, last_day: Of the tweets that were read, as YYYY-MM-DD; None where they have no dates.
    """

    handle: str
    statistics: Statistics
    name: str = ""
    avatar_url: str | None = None
    avatar_file: str | None = None
    first_day: str | None = None
    last_day: str | None = None

    def __post_init__(self) -> None:
        parse_handle(self.handle)
        if self.avatar_file is not None and not AVATAR_FILE.fullmatch(self.avatar_file):
            raise InvalidFactsError(
                f"{self.avatar_file!r:.100} is no name of a picture in the repository.",
                "Give avatar_file as a picture's name, such as 'avatar.jpg' or 'avatar.2.png'.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """Where the tweets came from; the digest changes when a tweet does."""

    kind: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """All that a card says. `accounts` and `repo_id` are required, the rest may be missing.

    Attributes:
        base_model: A Hub id, `scratch`, or None for a model from a folder (see `base`).
        data_run_url, training_run_url: Pages of the experiment tracker, None when it has none.
        language: ISO 639 codes.
        counted_by_letters: Tweets in a script without blanks (see `Corpus`).
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
                "Put one entry for each account under 'accounts'.",
            )
        if not REPO_ID.fullmatch(self.repo_id):
            raise InvalidFactsError(
                f"{self.repo_id!r:.200} is no repo id.", "Give it as 'namespace/name', as on the Hub."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What `publish` did.

    Attributes:
        commit: The commit that holds the publication; None after a dry run.
        changed: Whether this run made a commit.
        tweets_bought, cost_usd: What this run read from the X API, and its price.
        output: The finished folder, where one was kept.
    """

    repo_id: str
    url: str
    commit: str | None
    changed: bool
    fingerprint: str
    tweets_bought: int = 0
    cost_usd: float = 0.0
    output: Path | None = None


def _sha256(text: str) -> str:
    # A lone surrogate in a damaged export must not stop the digest of a whole timeline.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
