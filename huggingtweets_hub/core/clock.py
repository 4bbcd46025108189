"""How long each stage of a run takes."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Clock:
    """The seconds of each stage, by its name; what is done several times adds up.

    Args:
        earlier: What was measured elsewhere, to go on from.
    """

    def __init__(self, earlier: Mapping[str, float] | None = None) -> None:
        self.seconds: dict[str, float] = dict(earlier or {})

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Measure a stage, or a further part of it."""
        began = time.perf_counter()
        yield
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.perf_counter() - began, 2)
