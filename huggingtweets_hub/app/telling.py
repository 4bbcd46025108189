"""How a worker of the app tells what it does: its progress, and the curve of a training."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from huggingtweets_hub.core.plan import Plan
from huggingtweets_hub.model.tracking.tracker import Nowhere

Tell = Callable[..., None]
_TOLD_SECONDS, _POINTS = 0.2, 200
_TERMS = "Note: "
"""So begins what sources say about the terms of a network, which the visitor has to see."""
_TERMINAL = " Ctrl-C stops waiting."


class Telling:
    """Answers, one line each."""

    def __init__(self, answers: TextIO) -> None:
        self._answers = answers
        self._lock = threading.Lock()

    def __call__(self, **said: Any) -> None:
        with self._lock:
            self._answers.write(json.dumps(said) + "\n")
            self._answers.flush()


class Shown:
    """A `Progress` that tells how much of the run is done, not more often than anybody can see."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._plan, self._told = tell, Plan(), ("", 0.0)
        self.warnings: list[str] = []

    def note(self, message: str) -> None:
        if message.startswith(_TERMS):
            self.warnings.append(message.removeprefix(_TERMS))
        self._tell(note=message.removesuffix(_TERMINAL))

    def warn(self, message: str) -> None:
        self.warnings.append(message)
        self._tell(warning=message)

    def expect(self, stage: str, seconds: float | None) -> None:
        self._plan.expect(stage, seconds)

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        self._plan.advance(stage, done, total)
        now = time.monotonic()
        if stage != self._told[0] or now - self._told[1] >= _TOLD_SECONDS:
            self._told = (stage, now)
            share = self._plan.share if self._plan.left is not None else None
            self._tell(stage=stage, share=share, left=self._plan.left)


class Curve(Nowhere):
    """A tracker that records nothing and tells points of the curve, of a long one not every one."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._began = self._told = time.monotonic()

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        now = time.monotonic()
        is_due = now - self._told >= max(_TOLD_SECONDS, (now - self._began) / _POINTS)
        if is_due or "validation_loss" in metrics:
            self._told = now
            losses = {name: metrics[name] for name in ("loss", "validation_loss") if name in metrics}
            self._tell(point={"step": step, **losses})
