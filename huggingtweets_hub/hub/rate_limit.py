"""Keep to the number of calls that the Hub allows, counted in the client itself."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from huggingtweets_hub.core.progress import Progress, Silent
from huggingtweets_hub.hub import client, refusals

if TYPE_CHECKING:
    import httpx2

CALLS = 1000
SECONDS = 301.0
"""The Hub allows a signed-in user 1,000 API calls in any five minutes. One second is added, because calls
arrive later than they are sent, and the delay varies."""
_PAUSE_SECONDS = 60.0


class Pace:
    """A sliding window: at most `calls` in any `seconds`, and none while the Hub asks us to wait.

    Args:
        calls, seconds: The window; the default is what the Hub allows.
        clock, sleep: The time functions; tests pass their own.
    """

    def __init__(
        self,
        calls: int | None = None,
        seconds: float = SECONDS,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        progress: Progress | None = None,
    ) -> None:
        self.total: int = 0
        self._window = seconds
        self._sent: deque[float] = deque(maxlen=calls or CALLS)
        self._held_until = -math.inf
        self._clock, self._sleep = clock, sleep
        self._progress = progress or Silent()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Wait until a call is allowed, and count it. Other callers queue behind it."""
        with self._lock:
            self._take()

    def _take(self) -> None:
        while (wait := self._free_at() - self._clock()) > 0:  # meanwhile, another call may be refused
            if wait >= 1:
                self._progress.note(f"The Hub's rate limit is reached. Continuing in {math.ceil(wait)} s.")
            self._sleep(wait)
        self._sent.append(self._clock())
        self.total += 1

    def _free_at(self) -> float:
        is_full = len(self._sent) == self._sent.maxlen
        return max(self._held_until, self._sent[0] + self._window if is_full else -math.inf)

    def hold(self, seconds: float) -> None:
        """Make no calls for this many seconds; if that is too long, whoever was refused ends the run."""
        if seconds <= refusals.LONGEST_WAIT_SECONDS:
            self._held_until = max(self._held_until, self._clock() + seconds)


@contextmanager
def paced(pace: Pace) -> Iterator[None]:
    """Make every call of huggingface_hub keep to the pace, including redirects and retries.

    The user's own client factory (`set_client_factory`) stays in use. A 429 response holds all calls for as
    long as the Hub says; the caller that got it tries again.
    """
    from huggingface_hub import set_client_factory

    factory = client.factory()

    def before(request: "httpx2.Request") -> None:
        pace.take()

    def after(response: "httpx2.Response") -> None:
        if response.status_code == 429:
            wait = refusals.asked_to_wait(response.headers)
            pace.hold(_PAUSE_SECONDS if wait is None else wait)

    set_client_factory(client.Bounded(factory, [before], [after]))
    try:
        yield
    finally:
        set_client_factory(factory)
