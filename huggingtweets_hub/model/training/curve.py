"""How training goes: the loss on unseen tweets, when to stop, and the best weights."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.core.errors import InvalidFactsError, TrainingError
from huggingtweets_hub.core.progress import Parts
from huggingtweets_hub.core.records import CurvePoint
from huggingtweets_hub.core.serialization import from_json, to_json
from huggingtweets_hub.model import scoring
from huggingtweets_hub.model.loss import Loss
from huggingtweets_hub.model.training.best import BestWeights
from huggingtweets_hub.model.training.states import State

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_PATIENCE = 3  # points without a smaller validation loss before training stops
SCORED = 96
"""How many posts are enough to choose the best step: all points are of the same posts."""
_POINTS = (1 / 16, *(eighth / 8 for eighth in range(1, 9)))
"""When they are taken, as shares of the steps; the loss falls fastest at first."""


def points(steps: int) -> list[int]:
    """The steps after which a point is taken, the last one among them."""
    return sorted({max(1, round(share * steps)) for share in _POINTS})


class Curve:
    """The points of the training curve so far; the clock is stopped while a point is measured.

    Args:
        validation: Texts to score at each point; may be empty.
        precision: The number format of the scores; they are only compared with each other.
        steps: How many steps the training has.
        keep_best: Remember the weights with the smallest validation loss.
        first: The step from which on they are remembered: earlier ones are hardly ever the best.
        scratch: The file to keep them in; without one they stay in the device's memory.
        by_text: The model's loss (`loss.by_text`).
        log: Receives metrics and their step.
        shown: Shows the tokens that are scored, point by point.
    """

    def __init__(
        self,
        model: "PreTrainedModel",
        tokenizer: "PreTrainedTokenizerBase",
        validation: Sequence[str],
        *,
        precision: str,
        steps: int,
        keep_best: bool,
        first: int,
        scratch: Path | None,
        log: Callable[[dict[str, float], int], None] | None,
        shown: Parts,
        by_text: Loss,
    ) -> None:
        self.points: list[CurvePoint] = []
        self._model, self._tokenizer = model, tokenizer
        self._validation = scoring.spread(validation, SCORED)
        self._precision, self._log, self._shown = precision, log, shown
        self._steps, self._first, self._by_text = steps, first, by_text
        self._keep_best = keep_best and bool(validation)
        trained = {name: w.detach() for name, w in model.named_parameters() if w.requires_grad}
        self._best = BestWeights(trained, scratch)
        self._started, self._paused = time.perf_counter(), 0.0

    def measure(self, step: int, loss: float | None) -> None:
        """Add a point.

        Args:
            loss: The mean of the steps since the last point.

        Raises:
            TrainingError: A loss is not a number.
        """
        seconds = round(self._seconds, 3)
        with self.paused():
            if loss is not None and not math.isfinite(loss):
                raise _diverged()
            seen = self._score() if self._validation else None
            self.points.append(CurvePoint(seconds=seconds, step=step, loss=loss, validation_loss=seen))
            if self._keep_best and self._first <= step < self._steps and self._since_best(self._first) == 0:
                self._best.keep()
            self._report(self.points[-1])

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the clock meanwhile."""
        began = time.perf_counter()
        yield
        self._paused += time.perf_counter() - began

    def state(self) -> State:
        """The points, and the best weights if they are not the last."""
        tensors = {f"best.{name}": weight for name, weight in self._best.tensors().items()}
        return State({"points": to_json(self.points), "seconds": self._seconds}, tensors)

    def restore(self, state: State) -> None:
        """Go on from a state; its points are logged again for whoever does not have them yet."""
        self.points = [from_json(CurvePoint, point) for point in state.values["points"]]
        self._started, self._paused = time.perf_counter() - state.values["seconds"], 0.0
        prefix = "best."
        best = {name.removeprefix(prefix): w for name, w in state.tensors.items() if name.startswith(prefix)}
        if best:
            self._best.keep(best)
        for point in self.points:
            self._report(point)

    @property
    def is_over(self) -> bool:
        """Whether the validation loss no longer falls."""
        return self._keep_best and self._since_best() >= _PATIENCE

    def take_best(self) -> int | None:
        """Restore the best weights and return their step; None if the last ones are the best."""
        since = self._since_best(self._first) if self._keep_best else 0
        if since == 0:
            return None
        self._best.restore()
        return self.points[-1 - since].step

    @property
    def _seconds(self) -> float:
        return time.perf_counter() - self._started - self._paused

    def _report(self, point: CurvePoint) -> None:
        if self._log is not None:
            measured = {"loss": point.loss, "validation_loss": point.validation_loss}
            self._log({name: value for name, value in measured.items() if value is not None}, point.step)

    def _since_best(self, first: int = 1) -> int:
        """Points since the one with the smallest validation loss, of those from this step on."""
        losses = [point.validation_loss or 0.0 for point in self.points if point.step >= first] or [0.0]
        return len(losses) - 1 - losses.index(min(losses))

    def _score(self) -> float:
        try:
            with self._shown.next() as told:
                return scoring.score(
                    self._model,
                    self._tokenizer,
                    self._validation,
                    precision=self._precision,
                    by_text=self._by_text,
                    told=told,
                ).loss
        except InvalidFactsError as error:  # a score that is not a number
            raise _diverged() from error


def _diverged() -> TrainingError:
    return TrainingError(
        "The training loss is not a number any more: training diverged.",
        "Try a smaller --learning-rate, or another seed.",
    )
