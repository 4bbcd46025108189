"""Keep to the number of calls that the Hub allows, counted where they leave: in the client itself."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from huggingtweets_hub.core.progress import Progress, Silent
from huggingtweets_hub.hub import client

if TYPE_CHECKING:
    import httpx2

CALLS = 1000
SECONDS = 301.0
"""What the Hub allows a signed-in user: 1,000 API calls in any five minutes; a second more, because calls
arrive later than they are sent, and not all by as much."""
_PAUSE_SECONDS = 60.0
_LONGEST_PAUSE_SECONDS = 3600.0


class Pace:
    """A sliding window: at most `calls` in any `seconds`, and none while the Hub asks to wait.

    Args:
        calls, seconds: The window; by default what the Hub allows.
        clock, sleep: Time itself; tests bring their own.
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
        """Wait until a call may go out, and count it. Whoever comes meanwhile waits behind."""
        with self._lock:
            self._take()

    def _take(self) -> None:
        is_full = len(self._sent) == self._sent.maxlen
        free_at = max(self._held_until, self._sent[0] + self._window if is_full else -math.inf)
        wait = free_at - self._clock()
        if wait > 0:
            if wait >= 1:
                self._progress.note(f"The Hub allows no more calls now; going on in {math.ceil(wait)} s.")
            self._sleep(wait)
        self._sent.append(self._clock())
        self.total += 1

    def hold(self, seconds: float) -> None:
        """Let no call go out for so long."""
        self._held_until = max(self._held_until, self._clock() + min(seconds, _LONGEST_PAUSE_SECONDS))


@contextmanager
def paced(pace: Pace) -> Iterator[None]:
    """Let every call that huggingface_hub makes keep to the pace, redirects and retries included.

    A client factory of the user's own (`set_client_factory`) stays in use. An answer 429 holds all calls
    for as long as the Hub says; who got it tries again.
    """
    from huggingface_hub import set_client_factory

    factory = client.factory()

    def before(request: "httpx2.Request") -> None:
        pace.take()

    def after(response: "httpx2.Response") -> None:
        if response.status_code == 429:
            wait = client.asked_to_wait(response.headers)
            pace.hold(_PAUSE_SECONDS if wait is None else wait)

    set_client_factory(client.Bounded(factory, [before], [after]))
    try:
        yield
    finally:
        set_client_factory(factory)
