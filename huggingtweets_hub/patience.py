"""Try again what failed for a reason that passes: the Hub is busy, the line is down, the branch has moved."""

import json
from collections.abc import Callable
from typing import TypeVar

from huggingtweets_hub.errors import HubError

T = TypeVar("T")
_TRIES = 5
_PASSING = (408, 412, 429, 500, 502, 503, 504)


def patiently(work: Callable[[], T]) -> T:
    """Do the work, from its beginning where it fails for a passing reason, five times at most.

    How long the Hub asks to wait is not minded here: `pacing` holds the calls back.
    """
    import stamina

    for attempt in stamina.retry_context(
        on=_is_passing, attempts=_TRIES, timeout=None, wait_initial=1.0, wait_max=30.0
    ):
        with attempt:
            result = work()
    return result


def _is_passing(error: Exception) -> bool:
    import httpx2

    cause = error.__cause__
    response = getattr(cause, "response", None)
    if not isinstance(error, HubError) or cause is None:
        return False
    if response is not None:
        return response.status_code in _PASSING
    return isinstance(cause, httpx2.HTTPError | ConnectionError | TimeoutError | json.JSONDecodeError)
