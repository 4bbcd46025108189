"""When a call to the Hub is tried again: up to five times, if the problem may go away by itself.

The X API, which charges for what it sends, has rules of its own (`posts.x_api.client.ask`).
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TypeVar

from huggingtweets_hub.core.errors import HubUnavailableError, MovedError

T = TypeVar("T")
TRIES = 5
"""The most times that a call is made."""
_SECONDS = 300.0  # no more attempts after that
_LONGEST_WAIT_SECONDS = 600.0


def attempts(*, also_moved: bool = False) -> Iterator[AbstractContextManager[object]]:
    """Contexts in which to try some work until it succeeds.

    To be used as `for attempt in attempts(): with attempt: …`.

    Only for what may be done twice: a question, or a change that is the same the second time.

    Args:
        also_moved: Go on too if somebody else has committed meanwhile (`MovedError`).
    """
    import stamina

    def is_worth_it(error: Exception) -> bool | float:
        return (also_moved and isinstance(error, MovedError)) or _pause(error)

    yield from stamina.retry_context(
        on=is_worth_it, attempts=TRIES, timeout=_SECONDS, wait_initial=1.0, wait_max=30.0
    )


def on_new_head(work: Callable[[], T]) -> T:
    """Do the work again, from reading on, if somebody else has committed meanwhile."""
    import stamina

    for attempt in stamina.retry_context(
        on=MovedError, attempts=TRIES, timeout=_SECONDS, wait_initial=1.0, wait_max=30.0
    ):
        with attempt:
            result = work()
    return result


def _pause(error: Exception) -> bool | float:
    if not isinstance(error, HubUnavailableError) or error.wait is None:
        return isinstance(error, HubUnavailableError)
    return error.wait if error.wait <= _LONGEST_WAIT_SECONDS else False
