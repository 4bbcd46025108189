"""Training on ZeroGPU, the graphics cards that Spaces share: inside one call, which may take so many seconds.

Such a call runs in a process that is forked for it. What it yields arrives, and so do the files that it
writes; what it changes in memory is lost. So all of a training happens inside, up to its last file.
"""

import os
import queue
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any, cast

from huggingtweets_hub.app.process import Process
from huggingtweets_hub.core.errors import HuggingTweetsError, WorkerDiedError

SECONDS = 120
"""What a training asks for. On today's cards half as much again is booked; a free account has 300 a day."""

Say = Callable[[Any], None]
Work = Callable[[Any, Say], None]
"""Does what an order says, and says how it gets on."""
Call = Callable[[Any], Generator[Any, None, None]]
_DONE = object()
_AGAIN = (
    "Sign in, if you have not, and try again: what was finished is kept. The time of a free account comes "
    "back within a day."
)


class OnZeroGpu(Process):
    """A worker whose trainings run in a call of ZeroGPU, and all else in a process of its own.

    Args:
        heard: Is given what the worker says besides its answers, from the thread that has asked.
        call: What `in_one_call` makes of `worker.in_this_process`.
    """

    def __init__(self, heard: Callable[[dict[str, Any]], None], call: Call) -> None:
        super().__init__(heard)
        self._heard, self._call, self._training = heard, call, 0

    def ask(self, do: str, **asked: Any) -> dict[str, Any]:
        """Have something done, one thing at a time, and wait for the answer.

        Raises:
            HuggingTweetsError: What it failed with.
        """
        if do == "train":
            return self._train({"do": do, **asked})
        answer = super().ask(do, **asked)
        for base in answer.get("bases", ()):  # which the worker measures without a card
            base["seconds"] = min(base["seconds"], SECONDS)
        return answer

    def end(self) -> None:
        """End what is under way at once."""
        self._training += 1
        super().end()

    def _train(self, asked: dict[str, Any]) -> dict[str, Any]:
        number = self._training
        if self._is_over:
            raise WorkerDiedError("The training was stopped.", _AGAIN)
        try:
            with closing(self._call(asked)) as said:
                for line in said:
                    if number != self._training:
                        break
                    if "done" in line:
                        return cast(dict[str, Any], line["done"])
                    if "failed" in line:
                        raise HuggingTweetsError(line["failed"]["message"], line["failed"]["next_step"])
                    self._heard(line)
        except HuggingTweetsError:
            raise
        except Exception as error:  # of the library: no time left, no card, a call cut off
            raise HuggingTweetsError(str(getattr(error, "message", error)), _AGAIN) from error
        raise WorkerDiedError("The training was stopped.", _AGAIN)


class Stopped(BaseException):
    """Nobody listens any more; not an `Exception`, so that no stage takes it for a failure of its own."""


def is_here() -> bool:
    """Whether this process runs on a Space with ZeroGPU."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def in_one_call(gpu: Callable[..., Any], work: Work) -> Call:
    """The work as a generator of what it says, that runs in one call of ZeroGPU for each order.

    Args:
        gpu: `spaces.GPU`; elsewhere it leaves the generator as it is.
        work: Its order and what it says have to be picklable.
    """

    def training(order: Any) -> Generator[Any, None, None]:
        yield from streamed(lambda say: work(order, say))

    decorated: Call = gpu(duration=SECONDS)(training)
    return decorated


def streamed(work: Callable[[Say], None]) -> Generator[Any, None, None]:
    """What the work says, as it says it.

    If the generator is closed, the work is stopped when it next says something. An exception of the work is
    raised here.
    """
    said: queue.SimpleQueue[Any] = queue.SimpleQueue()
    failed: list[BaseException] = []
    is_closed = threading.Event()

    def say(message: Any) -> None:
        if is_closed.is_set():
            raise Stopped
        said.put(message)

    def run() -> None:
        try:
            work(say)
        except Stopped:
            pass
        except BaseException as error:  # noqa: BLE001  # it is raised where somebody waits for it
            failed.append(error)
        finally:
            said.put(_DONE)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        while (message := said.get()) is not _DONE:
            yield message
    finally:
        is_closed.set()
        thread.join()
    if failed:
        raise failed[0]
