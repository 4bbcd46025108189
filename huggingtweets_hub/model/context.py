"""What a training or an evaluation is given besides its data."""

from dataclasses import dataclass, field

from huggingtweets_hub.core.progress import Clock, Progress, Silent
from huggingtweets_hub.model.device import Device
from huggingtweets_hub.model.loading import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where the work is done and how it is watched; one for each model.

    Attributes:
        device: What to compute on; `auto` is the fastest there is.
        shelf: Where base models are taken from; by default each is loaded from disk.
        progress: Where to show how it goes.
        clock: Takes the seconds of each stage.
    """

    device: Device = "auto"
    shelf: Shelf = field(default_factory=lambda: Shelf(keeps=False))
    progress: Progress = field(default_factory=Silent)
    clock: Clock = field(default_factory=Clock)
