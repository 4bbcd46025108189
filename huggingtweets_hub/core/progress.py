"""How a run shows its progress. The stages only know the protocol."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from huggingtweets_hub.core import tokens
from huggingtweets_hub.core.bars import draws_bars
from huggingtweets_hub.core.plan import Plan
from huggingtweets_hub.core.text import visible

_PARTS = 1000
"""Of the bar."""
_REDRAWN_SECONDS = 0.2
ENOUGH_SECONDS = 0.25
"""What is tried for so long, to foretell the rest, need not be tried again now that it is warm."""
_WIDTH = len("Writing the card")  # of a stage's name, so that the bar begins where it did


class Progress(Protocol):
    """What a run reports. Implement it to show progress somewhere else."""

    def note(self, message: str) -> None:
        """A line that the user should read."""

    def warn(self, message: str) -> None:
        """A line about something that may spoil the result."""

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        """`done` of `total` units of a stage are done; the last call has `done == total`.

        Stages may alternate, and a total may change.
        """


@runtime_checkable
class Forecast(Progress, Protocol):
    """What also shows how long the whole run takes."""

    def expect(self, stage: str, seconds: float | None) -> None:
        """A stage that is still to come, or its rest, takes about so long; None if nobody knows yet."""


def expect(progress: Progress, stages: Mapping[str, float] | Mapping[str, None]) -> None:
    """Say how many seconds stages will take, where that is shown."""
    if isinstance(progress, Forecast):
        for stage, seconds in stages.items():
            progress.expect(stage, seconds)


class Silent:
    """Shows nothing."""

    def note(self, message: str) -> None:
        """Ignore the line."""

    def warn(self, message: str) -> None:
        """Ignore the line."""

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        """Ignore the step."""


class Terminal:
    """Lines and one bar for the whole run on stderr, or under the cell in a notebook.

    If stderr is not a terminal, `HF_HUB_DISABLE_PROGRESS_BARS` is set, or a notebook has no ipywidgets, there
    is a line for each tenth of the run instead of a bar.

    Args:
        quiet: Show warnings only.
        timed: If stderr is not a terminal, begin each line with the time: for what runs for hours.
    """

    def __init__(self, *, quiet: bool = False, timed: bool = False) -> None:
        self.is_quiet = quiet
        self._is_timed = timed and not sys.stderr.isatty()
        self._plan = Plan()
        self._bar: Any = None
        self._drawn = ("", 0.0)
        self._tenth = -1

    def note(self, message: str) -> None:
        """Print the line, unless quiet."""
        if not self.is_quiet:
            self._print(message)

    def warn(self, message: str) -> None:
        """Print the line, even if quiet."""
        self._print(f"Warning: {message}")

    def expect(self, stage: str, seconds: float | None) -> None:
        """Count a stage that is still to come into the time left."""
        self._plan.expect(stage, seconds)

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        """Draw the run's bar, or print a line at each tenth of the run."""
        if self.is_quiet:
            return
        self._plan.advance(stage, done, total)
        if self._plan.is_over:
            self.close()
        elif draws_bars():
            self._draw(stage)
        elif self._plan.left and int(10 * self._plan.share) > self._tenth:
            self._tenth = int(10 * self._plan.share)
            self._print(
                f"{self._plan.share:.0%} done, about {duration(self._plan.left)} left. "
                f"{_so_far(stage, done, total, unit)}."
            )

    def close(self) -> None:
        """Take the bar away: the run has come to its end, or cannot go on."""
        if self._bar is not None:
            self._bar.close()
        self._bar, self._tenth, self._plan = None, -1, Plan()

    def _draw(self, stage: str) -> None:
        now, left = time.monotonic(), self._plan.left
        if self._bar is not None and stage == self._drawn[0] and now - self._drawn[1] < _REDRAWN_SECONDS:
            return
        self._drawn = (stage, now)
        shown = visible(stage).replace("{", "{{").replace("}", "}}").ljust(_WIDTH)
        layout = f"{shown} {{percentage:3.0f}}%|{{bar}}| {'' if left is None else clock_time(left) + ' left'}"
        if self._bar is None:
            from tqdm.auto import tqdm

            self._bar = tqdm(
                total=_PARTS, bar_format=layout, leave=False, dynamic_ncols=True, file=sys.stderr
            )
        self._bar.bar_format = layout
        self._bar.n = round(_PARTS * self._plan.share)
        self._bar.refresh()

    def _print(self, message: str) -> None:
        from tqdm import tqdm

        message = visible(tokens.redacted(message))
        if self._is_timed:
            message = f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {message}"
        with tqdm.external_write_mode(file=sys.stderr):  # not into the middle of a bar
            print(message, file=sys.stderr, flush=True)


def _so_far(stage: str, done: int, total: int, unit: str) -> str:
    """How far a stage is; of a single thing only that it is being done."""
    if total == 1:
        return stage
    if unit == "bytes":
        return f"{stage}: {done / 1e6:,.1f} of {total / 1e6:,.1f} MB"
    return f"{stage}: {done:,} of {total:,} {unit}"


def shows_bars(progress: Progress) -> bool:
    """Whether stderr is ours to draw bars on."""
    return isinstance(progress, Terminal) and not progress.is_quiet and draws_bars()


def duration(seconds: float) -> str:
    """A time that is not exact, to read: '40 s', '3 min', '1.5 h'."""
    if seconds >= 5400:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{max(seconds, 1):.0f} s"


def clock_time(seconds: float) -> str:
    """A time as a clock shows it: '1:05'."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class Parts:
    """A stage that is done in several parts, each of which may turn out longer or shorter than expected.

    Args:
        units: How many are expected of each part.
    """

    def __init__(self, progress: Progress, stage: str, unit: str, units: Sequence[int]) -> None:
        self._progress, self._stage, self._unit = progress, stage, unit
        self._to_come = list(units)
        self._done = 0

    @contextmanager
    def next(self) -> Iterator[Callable[[int], None]]:
        """Do the next part; what it gives is called with the units that are done since the last call."""
        expected, begun = self._to_come.pop(0), self._done

        def add(units: int) -> None:
            self._done += units
            self._show(max(begun + expected, self._done + 1))  # a part that goes on is not done

        yield add
        self._show(self._done)

    def finish(self) -> None:
        """The parts that are left are not needed."""
        if self._to_come:
            self._to_come.clear()
            self._show(self._done)

    def _show(self, total: int) -> None:
        total += sum(self._to_come)
        self._progress.advance(self._stage, self._done, total, self._unit)


class Clock:
    """The seconds that each stage took, by name; repeated stages add up.

    Args:
        earlier: Seconds that were measured earlier, to add to.
    """

    def __init__(self, earlier: Mapping[str, float] | None = None) -> None:
        self.seconds: dict[str, float] = dict(earlier or {})

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Measure a stage, or another part of it."""
        began = time.perf_counter()
        yield
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.perf_counter() - began, 2)
