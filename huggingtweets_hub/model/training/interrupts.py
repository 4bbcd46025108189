"""Ctrl-C between two steps, not within one."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def held_back() -> Iterator[Callable[[], bool]]:
    """Hold back the first Ctrl-C until the end; the answer says whether it has come. A second one strikes.

    In a thread, or where somebody else deals with Ctrl-C, nothing is held back.

    Raises:
        KeyboardInterrupt: At the end, if it has come.
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield lambda: False
        return
    has_come = False

    def come(number: int, frame: FrameType | None) -> None:
        nonlocal has_come
        if has_come:
            signal.default_int_handler(number, frame)
        has_come = True

    signal.signal(signal.SIGINT, come)
    try:
        yield lambda: has_come
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if has_come:
        raise KeyboardInterrupt
