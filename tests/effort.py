"""How much work something is: a bound that holds on a slow machine and beside busy neighbours."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

_USUAL_SECONDS = 0.06  # what `_known_work` takes on the machine that the bounds were set on


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail where this thread works for longer, also where that ends in an error.

    What counts is the time of its CPU, of a slower one as much more as a known piece of work takes there.
    """
    began = time.thread_time()
    try:
        yield
    finally:
        used = time.thread_time() - began
        assert used < seconds or used < seconds * _known_work() / _USUAL_SECONDS


def _known_work() -> float:
    began = time.thread_time()
    for number in range(2_000):
        json.dumps(json.loads(json.dumps([{"id": n, "text": str(number)} for n in range(8)], indent=1)))
    return time.thread_time() - began
