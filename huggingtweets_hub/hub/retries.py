"""When a call to the Hub is tried again: up to five times, if the problem may go away by itself.

The X API charges for what it sends, so it has its own rules (`sources.x_client.ask`).
"""

from collections.abc import Callable
from typing import TypeVar

from huggingtweets_hub.core.errors import HubUnavailableError, MovedError

T = TypeVar("T")
_TRIES = 5
_SECONDS = 300.0  # no more attempts after that
_LONGEST_WAIT_SECONDS = 600.0


def patiently(work: Callable[[], T]) -> T:
    """Do the work again if the Hub is busy or the connection is down.

    Only for work that is safe to repeat: reading, or a change that has the same effect the second time.
    """
    return _again(work, _pause)


def on_new_head(work: Callable[[], T]) -> T:
    """Do the work again, starting with reading, if someone else has committed in the meantime."""
    return _again(work, lambda error: isinstance(error, MovedError))


def _again(work: Callable[[], T], on: Callable[[Exception], bool | float]) -> T:
    import stamina

    for attempt in stamina.retry_context(
        on=on, attempts=_TRIES, timeout=_SECONDS, wait_initial=1.0, wait_max=30.0
    ):
        with attempt:
            result = work()
    return result


def _pause(error: Exception) -> bool | float:
    if not isinstance(error, HubUnavailableError) or error.wait is None:
        return isinstance(error, HubUnavailableError)
    return error.wait if error.wait <= _LONGEST_WAIT_SECONDS else False
