"""Where a run is recorded: Weights & Biases, trackio, or nowhere.

The lineage is the original's: a *preprocess* run takes the raw tweets and gives the data set, a
*train* run takes the data set and the base model and gives the trained model. Artifacts hold ids,
digests and counts; texts only where the user asks for it.
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
            address: The repository at the commit, as an address.
            files: The SHA-256 of each file.

        Raises:
            TrackingError: The tracker does not take it; the model is published all the same.
        """

    def finish(self, *, failed: bool = False) -> None:
        """End the run."""


class Tracker(Protocol):
    """Implement this to record elsewhere, and pass the object as `tracker`."""

    name: str

    def record_data(
        self, model: str, timelines: Sequence[Timeline], corpus: Corpus, *, texts: bool
    ) -> RunLink | None:
        """Record what was read and what was kept of it; `texts` includes the texts themselves."""

    def start_training(
        self, model: str, config: Mapping[str, Any], base: BaseModel, *, resumed: RunLink | None
    ) -> Run:
        """Begin the training's run, or go on with one that a kill cut short."""


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
    """Records nothing. It is its own run."""

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
        """Pass over."""

    def summarize(self, results: Mapping[str, Any]) -> None:
        """Pass over."""

    def record_model(self, address: str, files: Mapping[str, str]) -> None:
        """Pass over."""

    def finish(self, *, failed: bool = False) -> None:
        """Pass over."""
