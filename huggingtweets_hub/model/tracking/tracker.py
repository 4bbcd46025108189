"""Where a run is recorded: Weights & Biases, trackio, or nowhere.

The lineage is that of the original: a *preprocess* run turns the raw posts into the data set, and a
*train* run turns the data set and the base model into the trained model. Artifacts hold ids, digests and
counts, and texts only if the user asks for them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from huggingtweets_hub.core.errors import TrackingError
from huggingtweets_hub.core.records import BaseModel, Corpus, RunLink, Timeline

TrackerName = Literal["auto", "wandb", "trackio", "none"]
PROJECT = "huggingtweets"


class Run(Protocol):
    """A training run that is being recorded."""

    link: RunLink | None

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Record metrics of a step."""

    def summarize(self, results: Mapping[str, Any]) -> None:
        """Record final results."""

    def record_model(self, address: str, files: Mapping[str, str]) -> None:
        """Record the published model by reference.

        Args:
            address: The URL of the repository at the commit.
            files: The SHA-256 of each file.

        Raises:
            TrackingError: The tracker does not accept it; the model is published anyway.
        """

    def finish(self, *, failed: bool = False) -> None:
        """End the run."""


class Tracker(Protocol):
    """Implement this to record elsewhere, and pass the object as `tracker`."""

    name: str

    def record_data(
        self, model: str, timelines: Sequence[Timeline], corpus: Corpus, *, texts: bool
    ) -> RunLink | None:
        """Record what was read and what was kept; with `texts`, also the texts themselves."""

    def start_training(
        self, model: str, config: Mapping[str, Any], base: BaseModel, *, resumed: RunLink | None
    ) -> Run:
        """Start the training run, or resume one that was interrupted by a kill."""


def open(tracker: TrackerName | Tracker) -> Tracker:
    """The tracker by its name; `auto` is W&B where it has a key or `WANDB_MODE` is set.

    Raises:
        TrackingError: The tracker is not installed, or W&B has no key.
    """
    if not isinstance(tracker, str):
        return tracker
    from huggingtweets_hub.model.tracking.trackio import Trackio
    from huggingtweets_hub.model.tracking.wandb import Wandb, mode_of

    mode = mode_of()
    if tracker == "auto":
        return Nowhere() if mode is None or mode == "disabled" else Wandb(mode)
    if tracker == "none" or (tracker == "wandb" and mode == "disabled"):
        return Nowhere()
    if tracker == "wandb":
        if mode is None:
            raise TrackingError(
                "W&B has no API key.", "Run 'wandb login', set WANDB_MODE=offline, or use --tracker none."
            )
        return Wandb(mode)
    return Trackio()


class Nowhere:
    """Records nothing. It is also its own run."""

    name = "none"
    link: RunLink | None = None

    def record_data(self, model: str, timelines: Sequence[Timeline], corpus: Corpus, *, texts: bool) -> None:
        """Nothing to record."""

    def start_training(
        self, model: str, config: Mapping[str, Any], base: BaseModel, *, resumed: RunLink | None
    ) -> Run:
        """A run that records nothing."""
        return self

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Do nothing."""

    def summarize(self, results: Mapping[str, Any]) -> None:
        """Do nothing."""

    def record_model(self, address: str, files: Mapping[str, str]) -> None:
        """Do nothing."""

    def finish(self, *, failed: bool = False) -> None:
        """Do nothing."""
