"""Keep to the number of calls that the Hub allows, counted where they leave: in the client itself."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from huggingtweets_hub.progress import Progress, Silent

if TYPE_CHECKING:
    import httpx2

CALLS = 1000
SECONDS = 301.0
"""What the Hub allows a signed-in user: 1,000 API calls in any five minutes; a second more, because calls
arrive later than they are sent, and not all by as much."""
_TIMEOUT_SECONDS = 120.0
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
        self.total = 0
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
    from huggingface_hub.utils import _http  # the factory in use can be set, but not asked for

    factory = _http._GLOBAL_CLIENT_FACTORY

    def before(request: "httpx2.Request") -> None:
        limits = request.extensions.get("timeout") or {}
        if not any(limits.values()):  # the client sets none, and a run of hours must not hang on one call
            limits = dict.fromkeys(("connect", "read", "write", "pool"), _TIMEOUT_SECONDS)
            request.extensions = {**request.extensions, "timeout": limits}
        pace.take()

    def after(response: "httpx2.Response") -> None:
        if response.status_code == 429:
            pace.hold(_asked_to_wait(response))

    def client() -> "httpx2.Client":
        made = factory()
        hooks = made.event_hooks
        made.event_hooks = {
            "request": [*hooks["request"], before],
            "response": [*hooks["response"], after],
        }
        return made

    set_client_factory(client)
    try:
        yield
    finally:
        set_client_factory(factory)


def _asked_to_wait(response: "httpx2.Response") -> float:
    """Seconds until the Hub answers again, as `Retry-After` or `RateLimit` says."""
    from huggingface_hub.utils._http import parse_ratelimit_headers

    try:
        return max(0.0, float(response.headers["retry-after"]))
    except (KeyError, ValueError):
        told = parse_ratelimit_headers(response.headers)
        # One more than it says, which is rounded down.
        return told.reset_in_seconds + 1.0 if told else _PAUSE_SECONDS
