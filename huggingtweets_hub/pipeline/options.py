"""What can be asked of a publication: every option once, and which of them go together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from os.path import isfile
from pathlib import Path
from typing import get_args

from huggingtweets_hub import card
from huggingtweets_hub.core import arguments, options, settings
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.names import REPO_ID, expanded, listed
from huggingtweets_hub.core.options import LARGEST_SEED, option
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.wishes import Consent
from huggingtweets_hub.hub import access
from huggingtweets_hub.model import base
from huggingtweets_hub.model.base import OWN
from huggingtweets_hub.model.device import Device
from huggingtweets_hub.model.tracking.tracker import Tracker, TrackerName
from huggingtweets_hub.model.training.recipes import RecipeName
from huggingtweets_hub.pipeline import forms
from huggingtweets_hub.pipeline.remote import terms
from huggingtweets_hub.posts import source as sources
from huggingtweets_hub.posts.reading import Reading, Warned
from huggingtweets_hub.posts.source import TimelineSource
from huggingtweets_hub.posts.tables.meanings import CHOSEN

MAX_PROMPT = 280
BESIDE = (
    "device", "max_cost", "tracker", "track_texts", "output", "dry_run", "force", "overwrite", "min_new",
    "rebuy", "recreate", "remote", "remote_timeout",
)  # fmt: skip
"""The options that a model and its card do not depend on."""
Source = str | Path | TimelineSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which posts to take, before anything is counted, and what reading them may cost."""

    max_tweets: int | None = option(None, "Take only the newest N.", least=1, metavar="N")
    since: date | str | None = option(None, "Take posts from this day on (UTC).", metavar="YYYY-MM-DD")
    until: date | str | None = option(None, "Take posts up to this day (UTC).", metavar="YYYY-MM-DD")
    replies: bool = option(True, "Take replies, too.", off="Leave out replies.")
    quotes: bool = option(True, "Take quotes, too.", off="Leave out posts that quote another.")
    column: Mapping[str, str] | str | None = option(
        None,
        "Which column of a table holds what: text, id, time, language, author, retweet, reply, quote or "
        "visibility; an empty name means none.",
        metavar="MEANING=NAME",
        keys=CHOSEN,
    )
    consent: Consent | None = option(None, "Why the posts may be used; stated on the card.")
    include_private: bool = option(
        False, "Also take non-public posts, from your own archive; needs --consent self."
    )
    content_warnings: Warned = option("drop", "What to do with posts behind a content warning.")
    rebuy: bool = option(False, "Fetch again what is already kept; with the X API this costs money.")
    max_cost: float = option(
        settings.DEFAULT_MAX_COST_USD,
        "The most that the X API and a rented machine may cost, in US dollars.",
        least=0,
        metavar="USD",
        is_for_all=True,
    )

    def __post_init__(self) -> None:
        check(self)

    @property
    def reading(self) -> Reading:
        """What was chosen about the reading itself."""
        return Reading(
            rebuy=self.rebuy,
            columns=dict(self.column) if isinstance(self.column, Mapping) else {},
            consent=self.consent,
            include_private=self.include_private,
            content_warnings=self.content_warnings,
        )

    @property
    def first_day(self) -> date | None:
        """The day from which posts are taken."""
        return self.since if isinstance(self.since, date) else None

    @property
    def last_day(self) -> date | None:
        """The day up to which posts are taken."""
        return self.until if isinstance(self.until, date) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Selection):
    """All that can be asked of a publication besides its accounts and their sources."""

    base_model: str | Path = option(
        settings.DEFAULT_BASE_MODEL, "What to fine-tune.", metavar="ID|PATH|tiny|scratch", words=OWN
    )
    recipe: RecipeName = option("default", "How to train; `original` is the 2021 recipe.")
    epochs: int | None = option(None, "Passes over the posts.", least=1, metavar="N")
    learning_rate: float | None = option(None, "The highest learning rate.", above=0, below=1, metavar="RATE")
    lora: bool = option(
        False, "Train small adapters (LoRA), merged at the end, so that a large base model fits in memory."
    )
    seed: int = option(
        settings.DEFAULT_SEED,
        "The same seed gives the same model on the same machine.",
        least=0,
        most=LARGEST_SEED,
        metavar="N",
    )
    device: Device = option("auto", "Where to train; `auto` picks the fastest device.", is_for_all=True)
    template: str | Path = option(
        "default", "The card's template.", metavar="default|classic|PATH", words=tuple(card.TEMPLATES)
    )
    prompt: str = option(settings.DEFAULT_PROMPT, "The start of the example on the card.", metavar="TEXT")
    samples: int = option(
        settings.DEFAULT_SAMPLES,
        "How many texts to write and measure; the card shows the first five.",
        least=1,
        metavar="N",
    )
    tracker: TrackerName | Tracker = option("auto", "Where to record the run; `auto` is W&B if a key is set.")
    track_texts: bool = option(False, "Send the tracker the texts, not only their digests.")
    namespace: str | None = option(
        None, "The user or organization to publish under; @me is your own.", metavar="NAME|@me"
    )
    repo_id: str | None = option(None, "The repository to publish to, in full.", metavar="NAMESPACE/NAME")
    private: bool = option(False, "Make a new repository private.")
    create_pr: bool = option(False, "Open a pull request instead of a commit.")
    formats: Sequence[forms.Format] | str | None = option(
        None,
        "Formats for other clients to publish as well: gguf for llama.cpp and Ollama, onnx for browsers, or "
        "none. By default those already published.",
        metavar="gguf,onnx",
        several=get_args(forms.Format),
    )
    output: str | Path | None = option(
        None, "Keep the finished folder here.", short="o", metavar="DIR", is_for_all=True
    )
    dry_run: bool = option(
        False, "Do everything except the push; a later run pushes exactly this result.", is_for_all=True
    )
    force: bool = option(False, "Commit even if nothing changed.")
    min_new: int = option(
        0, "Retrain a published account only if it has N new kept posts.", least=0, metavar="N"
    )
    recreate: bool = option(False, "Publish again a model that is gone from the Hub.", is_for_all=True)
    overwrite: bool = option(
        False, "Replace a repository not made by this toolkit, or a card edited by hand."
    )
    remote: str | None = option(
        None,
        "Train and publish on a machine rented from Hugging Face Jobs.",
        metavar="FLAVOR",
        is_for_all=True,
    )
    remote_timeout: str = option(
        terms.DEFAULT_TIMEOUT,
        "With --remote: how long a job may run; 24h at most.",
        metavar="30m|2h",
        is_for_all=True,
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Options):
    """One publication as it is asked for.

    Attributes:
        handles: The accounts; may be left out if the source names its account.
        source: `x` (the X API; for an account of Bluesky, Bluesky itself), `bluesky`, `mastodon`, `sample`, a
            path, or an object of the user's own; for several accounts also a mapping from handle to source.
    """

    handles: str | Path | Sequence[str | Path] = field(default=(), kw_only=False)
    source: Source | Mapping[str, Source] = "x"

    def __post_init__(self) -> None:
        check(self)
        given = map(str, arguments.several("handles", self.handles))
        if isinstance(self.source, Mapping):
            arguments.several("source", self.source.keys())
        # A file's name may have commas of its own.
        words = [part for word in given for part in ([word] if isfile(expanded(word)) else listed([word]))]
        paths = [word for word in words if sources.is_file(word)]
        if paths:
            object.__setattr__(self, "source", sources.lone(paths, self.source))
        object.__setattr__(self, "handles", tuple(word for word in words if word not in paths))

    @property
    def names(self) -> tuple[str, ...]:
        """The handles."""
        return tuple(map(str, arguments.several("handles", self.handles)))

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the posts come from, once or for each account."""
        if isinstance(self.source, Mapping):
            return tuple(self.source.values())
        return tuple(sources.chosen(self.source, handle) for handle in self.names) or (self.source,)

    @property
    def is_local(self) -> bool:
        """Whether the posts lie on this machine."""
        return all(map(sources.is_local, self.sources))

    @property
    def is_free(self) -> bool:
        """Whether reading the posts costs nothing."""
        return all(sources.is_free(source) for source in self.sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched(Order):
    """An order, and where to show how it goes: what `publish` takes."""

    progress: Progress | None = None

    @property
    def order(self) -> Order:
        """The order alone."""
        return options.values(self, Order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch(Selection):
    """What `fetch_timeline` takes."""

    handle: str | Path = field(default="", kw_only=False)
    source: Source = "x"
    progress: Progress | None = None

    def __post_init__(self) -> None:
        check(self)
        handle = str(arguments.one("handle", self.handle))
        is_file = sources.is_file(handle)
        if is_file:
            object.__setattr__(self, "source", sources.lone([handle], self.source))
        object.__setattr__(self, "handle", "" if is_file else handle)


def check(record: Selection) -> None:
    """Check each option, and those that must go together; for the `__post_init__` of a record of them.

    Raises:
        InvalidInputError: What cannot be used, and what could be.
    """
    options.checked(record)
    if (progress := getattr(record, "progress", None)) is not None:
        arguments.require_object("progress", progress, Progress)
    if record.first_day and record.last_day and record.first_day > record.last_day:
        raise InvalidInputError(
            f"--since {record.since} is after --until {record.until}.", "Give --since the earlier day."
        )
    if record.include_private and record.consent != "self":
        raise InvalidInputError(
            "--include-private takes posts that were not public.",
            "If they are your own, say so with --consent self; otherwise leave it out.",
        )
    if isinstance(record, Options):
        if record.lora and record.base_model == base.SCRATCH:
            raise InvalidInputError(
                "--lora adapts a model that knows something already; 'scratch' knows nothing.",
                "Leave out --lora, or use another --base-model.",
            )
        terms.check(record)
        arguments.require_prompt(record.prompt)
        if len(record.prompt) > MAX_PROMPT:
            raise InvalidInputError(
                f"The prompt has {len(record.prompt):,} characters.", f"Give at most {MAX_PROMPT}."
            )
        _check_destination(record)


def _check_destination(record: Options) -> None:
    if record.repo_id is not None and not REPO_ID.fullmatch(record.repo_id):
        raise InvalidInputError(
            f"{record.repo_id!r} is not a repo id.", "Give --repo-id as 'namespace/name', as on the Hub."
        )
    if record.namespace is not None:
        access.require_namespace(record.namespace)
        if record.repo_id is not None and record.namespace != access.ME:  # else the Hub is asked, but later
            access.require_inside(record.namespace, record.repo_id)
