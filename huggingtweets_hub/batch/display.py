"""How a batch shows where it is: one bar over all accounts and what is in flight, or a line an account."""

import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from huggingtweets_hub.batch.jobs import Job
from huggingtweets_hub.batch.ledger import Attempt
from huggingtweets_hub.core.errors import HuggingTweetsError
from huggingtweets_hub.core.plan import Plan
from huggingtweets_hub.core.progress import Progress, duration, shows_bars
from huggingtweets_hub.posts.budget import Budget

_REDRAWN_SECONDS = 0.2
_MOST_NAMED = 10
_BAR = "{percentage:3.0f}%|{bar}| {n_fmt} of {total_fmt} accounts{postfix}"
_OF_ONE = re.compile(r"'[^']*'|@\w+|[\w./~-]*\w\.[A-Za-z]\w{1,6}\b|\d[\d.,]*")
"""What differs between warnings of one kind: names, places, files and numbers."""


class StoppedError(Exception):
    """Raised in an account's stages where the batch is to end: what they have read lies on disk."""


class Display:
    """Shows a batch. Called from many threads at once.

    Args:
        progress: Gets the lines of a batch without a terminal, and the warnings.
        bars: Draw bars; by default where stderr is a terminal and they are not turned off.
    """

    def __init__(self, progress: Progress, budget: Budget, *, bars: bool | None = None) -> None:
        self._progress, self._budget = progress, budget
        self._lock = threading.RLock()
        self._total, self._began, self._made = 0, time.monotonic(), 0
        self._states: Counter[str] = Counter()
        self._flying: dict[str, str] = {}
        self._advised: set[str | None] = set()
        self._failures: dict[str, str] = {}
        self._warned: dict[str, list[str]] = {}
        self._drawn = 0.0
        self.is_stopped = False
        self._has_bars = shows_bars(progress) if bars is None else bars
        self._bar: Any = None
        self._line: Any = None

    def begin(self, total: int) -> None:
        """So many accounts are to be done."""
        self._total, self._began = total, time.monotonic()
        if self._has_bars:
            from tqdm.auto import tqdm

            drawn: dict[str, Any] = {"dynamic_ncols": True, "file": sys.stderr, "leave": False}
            self._bar = tqdm(total=total, bar_format=_BAR, position=0, **drawn)
            self._line = tqdm(bar_format="{desc}", position=1, **drawn)

    def note(self, message: str) -> None:
        """A line that the user should read."""
        with self._lock:
            if self._bar is None:
                self._progress.note(message)
            else:
                self._bar.write(message, file=sys.stderr)

    def warn(self, message: str) -> None:
        """A line about something that may spoil a result."""
        with self._lock:
            if self._bar is None:
                self._progress.warn(message)
            else:
                self._bar.write(f"Warning: {message}", file=sys.stderr)

    def warn_of(self, account: str, message: str) -> None:
        """A warning about one account; of each kind the first is shown, and `close` counts the others."""
        with self._lock:
            warned = self._warned.setdefault(_OF_ONE.sub("…", message), [])
            warned.append(account)
        if len(warned) == 1:
            self.warn(f"{account}: {message}")

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        """Pass over what concerns no account."""

    def progress(self, job: Job, *, is_sent: bool = False) -> Progress:
        """What one account's stages are given to show where they are.

        Args:
            is_sent: It is being sent, so it is not stopped on the way.
        """
        return _OfOne(self, job, may_stop=not is_sent)

    def stage(self, job: Job, stage: str) -> None:
        """A job has come to a stage."""
        with self._lock:
            self._flying[job.repo_id] = f"{job.name} {stage}"
        self.refresh()

    def again(self, job: Job, error: HuggingTweetsError) -> None:
        """A job has failed and is tried again."""
        with self._lock:
            self._flying.pop(job.repo_id, None)
            is_new, self._failures[job.repo_id] = (
                self._failures.get(job.repo_id) != error.message,
                error.message,
            )
        self.note(f"{job.repo_id}: {error.message if is_new else 'The same again.'} It will be tried again.")

    def through(self, attempt: Attempt) -> None:
        """A job is through."""
        with self._lock:
            self._flying.pop(attempt.repo_id, None)
            self._states[attempt.state] += 1
            self._made += attempt.is_done or attempt.state == "made"
            done = sum(self._states.values())
            if self._bar is None:
                self._progress.note(f"[{done}/{self._total}] {_line(attempt)}{self._advice(attempt)}")
            else:
                self._bar.update()
                if attempt.state == "failed" or attempt.needs_answer:
                    self.note(f"{_line(attempt)}{self._advice(attempt)}")
        self.refresh(always=True)

    def refresh(self, *, always: bool = False) -> None:
        """Draw the bar anew, a few times a second at most."""
        with self._lock:
            if self._bar is None or (not always and time.monotonic() - self._drawn < _REDRAWN_SECONDS):
                return
            self._drawn = time.monotonic()
            self._bar.set_postfix_str(self._counts(), refresh=True)
            self._line.set_description_str(" · ".join(self._flying.values()), refresh=True)

    def close(self) -> None:
        """Take the bars away, and count the warnings that were not shown."""
        with self._lock:
            for kind, accounts in self._warned.items():
                if len(accounts) > 1:
                    self.warn(f"{len(accounts):,} times in all, {_named(accounts)}: {kind}")
            self._warned.clear()
            for bar in (self._line, self._bar):
                if bar is not None:
                    bar.close()
            self._bar = self._line = None

    def _advice(self, attempt: Attempt) -> str:
        """What to do about an error, on a line under it; of each kind once."""
        if attempt.state != "failed" or not attempt.next_step or attempt.kind in self._advised:
            return ""
        self._advised.add(attempt.kind)
        return f"\n    {attempt.next_step}"

    def _counts(self) -> str:
        # An account that failed took less time than one that is still to be made will take.
        left = self._total - sum(self._states.values())
        seconds = (time.monotonic() - self._began) / max(self._made, 1) * left
        counts = [f"about {duration(seconds)} left"] if self._made and left else []
        if self._states["failed"]:
            counts.append(f"{self._states['failed']} failed")
        if self._budget.spent:
            counts.append(f"X: {self._budget.tweets:,} tweets, ${self._budget.spent:.2f} of "
                          f"${self._budget.limit:g}")  # fmt: skip
        return ", ".join(counts)


class _OfOne:
    """The progress of one account: its stage stands beside the bar, its warnings carry its name."""

    def __init__(self, display: Display, job: Job, *, may_stop: bool) -> None:
        self._display, self._job, self._plan = display, job, Plan()
        self._may_stop = may_stop

    def note(self, message: str) -> None:
        """Show that X makes it wait; pass over all else, which with many accounts nobody could read."""
        if message.startswith("X asks to wait") or "Trying again in" in message:
            self._display.note(f"{self._job.name}: {message}")
            self._display.stage(self._job, "waits for X")

    def warn(self, message: str) -> None:
        self._display.warn_of(self._job.name, message)

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        if self._may_stop and self._display.is_stopped:
            raise StoppedError
        self._plan.advance(stage, done, total)
        share = self._plan.share
        self._display.stage(self._job, f"{stage.lower()} {share:.0%}" if share else stage.lower())

    def expect(self, stage: str, seconds: float | None) -> None:
        self._plan.expect(stage, seconds)


def _named(accounts: Sequence[str]) -> str:
    names = list(dict.fromkeys(accounts))
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return f"for {', '.join(names[:_MOST_NAMED])}{more}"


def _line(attempt: Attempt) -> str:
    took = f" in {attempt.seconds:,.0f} s" if attempt.seconds is not None else ""
    why = f": {attempt.message}" if attempt.message else ""
    return f"{attempt.state:<9}  {attempt.repo_id}{took}{why}"
