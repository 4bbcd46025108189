"""How training goes: the loss on unseen posts, when to stop, and the best weights."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """When points are taken.

    Attributes:
        steps: The steps after which there is one, the last step among them.
        scored: The start, and those at which unseen posts are scored.
        first: The step from which on the best weights are remembered: earlier ones are hardly ever the best.
    """

    steps: tuple[int, ...]
    scored: frozenset[int]
    first: int


def points(steps: int, epochs: int) -> Points:
    """When to take them, and which of them to score, since a score costs as much as a step.

    In a first epoch the loss on unseen posts falls to the end, and every second point is enough. In a later
    one the model may learn by heart, and each point is scored.
    """
    all_steps = sorted({max(1, round(share * steps)) for share in _POINTS})
    first = math.ceil(steps / max(epochs, 2))
    again = {step for step in all_steps if epochs > 1 and step >= first}
    return Points(steps=tuple(all_steps), scored=frozenset({0, *all_steps[::-2], *again}), first=first)


def scores_of(state: State) -> int:
    """How many times unseen posts have been scored."""
    return sum(point["validation_loss"] is not None for point in state.values["points"])


class Curve:
    """The points of the training curve so far; the clock is stopped while a point is measured.

    Args:
        validation: Texts to score at each point; may be empty.
        precision: The number format of the scores; they are only compared with each other.
        planned: When points are taken.
        keep_best: Remember the weights with the smallest validation loss.
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
        planned: Points,
        keep_best: bool,
        scratch: Path | None,
        log: Callable[[dict[str, float], int], None] | None,
        shown: Parts,
        by_text: Loss,
    ) -> None:
        self.points: list[CurvePoint] = []
        self._model, self._tokenizer = model, tokenizer
        self._validation = scoring.spread(validation, SCORED)
        self._precision, self._log, self._shown = precision, log, shown
        self.planned, self._by_text = planned, by_text
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
            is_scored = bool(self._validation) and step in self.planned.scored
            seen = self._score() if is_scored else None
            self.points.append(CurvePoint(seconds=seconds, step=step, loss=loss, validation_loss=seen))
            may_be_best = is_scored and self._keep_best and step >= self.planned.first
            if may_be_best and step < self.planned.steps[-1] and self._since_best(self.planned.first) == 0:
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
        first = self.planned.first
        since = self._since_best(first) if self._keep_best else 0
        if since == 0:
            return None
        self._best.restore()
        return self._scores(first)[-1 - since][1]

    @property
    def _seconds(self) -> float:
        return time.perf_counter() - self._started - self._paused

    def _report(self, point: CurvePoint) -> None:
        if self._log is not None:
            measured = {"loss": point.loss, "validation_loss": point.validation_loss}
            self._log({name: value for name, value in measured.items() if value is not None}, point.step)

    def _since_best(self, first: int = 1) -> int:
        """Scores since the smallest one, of those from this step on."""
        scores = self._scores(first)
        return len(scores) - 1 - scores.index(min(scores)) if scores else 0

    def _scores(self, first: int) -> list[tuple[float, int]]:
        """The validation losses from a step on, each with its step."""
        return [
            (p.validation_loss, p.step)
            for p in self.points
            if p.validation_loss is not None and p.step >= first
        ]

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
        "The training loss is no longer a number: training diverged.",
        "Try a smaller --learning-rate, or another --seed.",
    )
