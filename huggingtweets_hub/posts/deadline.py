"""A call that ends in time, whatever the server does."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T]) -> T:
    """The result of a call, or a timeout.

    The limit of requests itself starts over with each byte received, and does not cover name lookups.

    Raises:
        requests.Timeout: It took longer; the call is left to itself.
    """
    import requests

    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001  # raised by `result`
            future.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    if not wait([future], seconds).done:
        raise requests.Timeout(f"no answer within {seconds:g} s")
    return future.result()
