"""How much of a run is done, and how long the rest will take: expected at first, then measured."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

_TRUST = 0.05
"""How much an expectation weighs: as much as having measured this share of the stage."""
_RECENT = 0.3
"""The share of a stage after which a measured speed counts for a third: other work comes and goes."""


@dataclass(slots=True)
class _Stage:
    """A stage: the seconds expected for all of it, and its recent units with the seconds that they took."""

    expected: float | None = None
    trust: float = _TRUST
    total: int = 0
    done: int | None = None
    units: float = 0.0
    spent: float = 0.0

    def advance(self, done: int, total: int, seconds: float) -> None:
        if self.expected is not None and self.total:
            self.expected *= total / self.total  # there is more or less to do than it seemed
        if self.done is None or done < self.done:  # it begins, or begins again
            self.units, self.spent, self.trust = 0.0, 0.0, _TRUST
        else:
            units = done - self.done
            kept = math.exp(-units / (_RECENT * max(total, 1)))
            self.units, self.spent = kept * self.units + units, kept * self.spent + seconds
            self.trust *= kept
        self.done, self.total = done, total

    @property
    def is_over(self) -> bool:
        return self.done is not None and self.done >= self.total

    @property
    def foreseen(self) -> float:
        """The seconds that were expected for the recent units."""
        return (self.expected or 0.0) * self.units / max(self.total, 1)

    def left(self, pace: float) -> float | None:
        """Seconds until it is done; None where nothing is known.

        Args:
            pace: How many times as long as expected the run takes.
        """
        if self.is_over:
            return 0.0
        if self.done is None:
            return None if self.expected is None else self.expected * pace
        units, spent = self.units, self.spent
        if self.expected is not None:
            units, spent = units + self.trust * self.total, spent + self.trust * self.expected * pace
        return (self.total - self.done) * spent / units if units else None


class Plan:
    """The stages of one run: those that are expected, and those that are under way.

    Args:
        clock: Gives seconds; tests pass their own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stages: dict[str, _Stage] = {}
        self._begun: float | None = None
        self._last = 0.0
        self.share: float = 0.0
        """The part of the run's time that is over; it does not fall as long as there is something left."""

    def expect(self, stage: str, seconds: float | None) -> None:
        """A stage will come, or its rest, and take so long in all; None if that is not known yet."""
        self._stages.setdefault(stage, _Stage()).expected = seconds

    def advance(self, stage: str, done: int, total: int) -> None:
        """`done` of `total` units of a stage are done; the time since the last report was spent on them."""
        now = self._clock()
        if self._begun is None:
            self._begun = self._last = now
        self._stages.setdefault(stage, _Stage()).advance(done, total, now - self._last)
        elapsed, since = now - self._begun, now - self._last
        left = self.left
        if left is not None and elapsed:
            if self.share in (0.0, 1.0):  # it begins, or goes on where it seemed to be over
                self.share = elapsed / (elapsed + left)
            elif since:
                # What was left then is now shorter by the part that the time since then takes of it.
                self.share = 1 - (1 - self.share) * left / (left + since)
        self._last = now

    @property
    def left(self) -> float | None:
        """Seconds until all stages are done; None as long as nobody knows."""
        # A machine that has become slower since the rehearsal is slower in all that comes.
        known = [stage for stage in self._stages.values() if stage.expected]
        trust = _TRUST * sum(stage.expected or 0.0 for stage in known) or 1.0
        spent, foreseen = sum(stage.spent for stage in known), sum(stage.foreseen for stage in known)
        pace = (trust + spent) / (trust + foreseen)
        lefts = [stage.left(pace) for stage in self._stages.values()]
        return None if None in lefts else sum(left or 0.0 for left in lefts)

    @property
    def is_over(self) -> bool:
        """Whether all stages that are known are done."""
        return all(stage.is_over for stage in self._stages.values())
