"""One publication as it is asked for: the options of `publish`, which every entry of a batch has too."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from huggingtweets_hub.core import settings
from huggingtweets_hub.model.tracking.tracker import Tracker
from huggingtweets_hub.posts.source import TimelineSource

Source = str | Path | TimelineSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to publish, of which tweets, how trained, and where to; `publish` explains each.

    Attributes:
        refresh: It is published already, and only what is new is to be bought (`batch`).
    """

    handles: tuple[str, ...] = ()
    source: Source | Mapping[str, Source] = "x"
    max_tweets: int | None = None
    since: date | None = None
    until: date | None = None
    replies: bool = True
    max_cost: float = settings.DEFAULT_MAX_COST_USD
    base_model: str | Path = settings.DEFAULT_BASE_MODEL
    recipe: str = "default"
    epochs: int | None = None
    learning_rate: float | None = None
    seed: int = settings.DEFAULT_SEED
    device: str = "auto"
    template: str | Path = "default"
    prompt: str = settings.DEFAULT_PROMPT
    samples: int = settings.DEFAULT_SAMPLES
    consent: str | None = None
    tracker: str | Tracker = "auto"
    track_texts: bool = False
    namespace: str | None = None
    repo_id: str | None = None
    private: bool = False
    create_pr: bool = False
    output: str | Path | None = None
    dry_run: bool = False
    force: bool = False
    min_new: int = 0
    refresh: bool = False
    rebuy: bool = False
    overwrite: bool = False

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the tweets come from, once or for each account."""
        return tuple(self.source.values()) if isinstance(self.source, Mapping) else (self.source,)

    @property
    def reads_x(self) -> bool:
        """Whether some of them come from the X API."""
        return "x" in map(str, self.sources)
