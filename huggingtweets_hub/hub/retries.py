"""When the Hub is asked again, and when not: five times at most, as long as the reason may pass by itself.

The X API, which charges for what it sends, has rules of its own (`sources.x_client.ask`).
"""

from collections.abc import Callable
from typing import TypeVar

from huggingtweets_hub.core.errors import HubUnavailableError, MovedError

T = TypeVar("T")
_TRIES = 5
_SECONDS = 300.0  # no further try after that
_LONGEST_WAIT_SECONDS = 600.0


def patiently(work: Callable[[], T]) -> T:
    """Do the work again where the Hub is busy or the line is down.

    Only for what may be done twice: a question, or a change that is the same the second time.
    """
    return _again(work, _pause)


def on_new_head(work: Callable[[], T]) -> T:
    """Do the work again, from reading on, where somebody else has committed meanwhile."""
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
