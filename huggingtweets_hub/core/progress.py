"""How a run shows its progress. The stages only know the protocol."""

import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from huggingtweets_hub.core import tokens
from huggingtweets_hub.core.text import visible


class Progress(Protocol):
    """What a run reports. Implement it to show progress somewhere else."""

    def note(self, message: str) -> None:
        """A line that the user should read."""

    def warn(self, message: str) -> None:
        """A line about something that may spoil the result."""

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        """`done` of `total` units of a stage are done; the last call has `done == total`."""


class Silent:
    """Shows nothing."""

    def note(self, message: str) -> None:
        """Ignore the line."""

    def warn(self, message: str) -> None:
        """Ignore the line."""

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        """Ignore the step."""


class Terminal:
    """Lines and tqdm bars on stderr, or under the cell in a notebook.

    If stderr is not a terminal, or `HF_HUB_DISABLE_PROGRESS_BARS` is set, there is a line for each
    tenth of a stage instead of a bar.

    Args:
        quiet: Show warnings only.
        timed: If stderr is not a terminal, begin each line with the time: for what runs for hours.
    """

    def __init__(self, *, quiet: bool = False, timed: bool = False) -> None:
        self.is_quiet = quiet
        self._is_timed = timed and not sys.stderr.isatty()
        self._bar: Any = None
        self._stage = ""
        self._tenth = -1

    def note(self, message: str) -> None:
        """Print the line, unless quiet."""
        if not self.is_quiet:
            self._print(message)

    def warn(self, message: str) -> None:
        """Print the line, even if quiet."""
        self._print(f"Warning: {message}")

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        """Draw the stage's bar, or print a line at each tenth of it."""
        if self.is_quiet:
            return
        if stage != self._stage:
            self._close()
            self._stage = stage
            self._bar = _bar(stage, done, total, unit)
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
        elif 10 * done // max(total, 1) > self._tenth:
            self._tenth = 10 * done // max(total, 1)
            self._print(f"{stage}: {done:,} of {total:,} {unit}")
        if done >= total:
            self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar, self._stage, self._tenth = None, "", -1

    def _print(self, message: str) -> None:
        message = visible(tokens.redacted(message))
        if self._is_timed:
            message = f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {message}"
        if self._bar is None:
            print(message, file=sys.stderr, flush=True)
        else:
            self._bar.write(message, file=sys.stderr)


def draws_bars() -> bool:
    """Whether stderr can show bars, and nobody has turned them off."""
    from huggingface_hub import constants

    in_notebook = "ipykernel" in sys.modules
    return not constants.HF_HUB_DISABLE_PROGRESS_BARS and (sys.stderr.isatty() or in_notebook)


def _bar(stage: str, done: int, total: int, unit: str) -> Any:
    from tqdm.auto import tqdm

    if not draws_bars():
        return None
    return tqdm(initial=done, total=total, desc=stage, unit=f" {unit}", dynamic_ncols=True, file=sys.stderr)


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


def hush(*, models: bool = True) -> None:
    """Keep the libraries' own bars and hints off the terminal."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    if "OMP_WAIT_POLICY" not in os.environ:
        # Read when torch is loaded: how often a waiting thread checks again before it sleeps. The default
        # is so high that training takes many times as long as soon as anything else runs on the machine;
        # with 0 it takes a quarter longer on an idle one.
        os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    if models:
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]


@contextmanager
def without_library_bars() -> Iterator[None]:
    """Keep the bars of transformers and the Hub's client away, and leave them as they were.

    Where `HF_HUB_DISABLE_PROGRESS_BARS=0` asks for them, they stay.
    """
    from huggingface_hub import constants
    from huggingface_hub.utils.tqdm import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )
    from transformers.utils import logging as models

    if constants.HF_HUB_DISABLE_PROGRESS_BARS is False:
        yield
        return
    had_bars, had_hub_bars = models.is_progress_bar_enabled(), not are_progress_bars_disabled()
    models.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if had_bars:
            models.enable_progress_bar()  # type: ignore[no-untyped-call]  # and those of the Hub
        (enable_progress_bars if had_hub_bars else disable_progress_bars)()
