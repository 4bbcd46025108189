"""A training that kills itself: at a step, or while a checkpoint is written. Loaded in a forked command."""

import os
import signal
from collections.abc import Callable
from typing import Any

KEPT_EVERY = 3
"""Steps between two checkpoints, whatever the time."""


def prepare(strike: str) -> None:
    """Keep checkpoints by steps, and strike as told: `step 7`, `write 7` (that of step 6) or nothing."""
    from huggingtweets_hub.model.training import states
    from huggingtweets_hub.model.training.checkpoints import Checkpoints
    from huggingtweets_hub.model.training.stepper import Stepper

    where, _, at = strike.partition(" ")
    keep, take, raw = Checkpoints._keep, Stepper.take, states.raw
    trained = 0

    def kept(self: Checkpoints, step: int, state: Callable[[], states.State]) -> None:
        nonlocal trained
        trained = step
        if self._path is not None and step % KEPT_EVERY == 0:
            keep(self, self._path, step, state)

    def taken(self: Stepper, batch: Any) -> None:
        if where == "step" and trained == int(at) - 1:
            os.kill(os.getpid(), signal.SIGKILL)
        take(self, batch)

    def torn(tensor: Any) -> memoryview:
        if where == "write" and trained == int(at) // KEPT_EVERY * KEPT_EVERY:
            os.kill(os.getpid(), signal.SIGKILL)
        return raw(tensor)

    begin = Checkpoints.begin

    def begun(self: Checkpoints, *arguments: Any, **named: Any) -> None:
        nonlocal trained
        begin(self, *arguments, **named)
        trained = self._step or 0

    Checkpoints.begin = begun  # type: ignore[method-assign]
    Checkpoints.keep_if_due = kept  # type: ignore[method-assign]
    Stepper.take, states.raw = taken, torn  # type: ignore[method-assign]
