"""The process that trains: one model after another, told over its pipes what to learn.

It is a process of its own, so that whatever kills it costs one attempt of one account; and a plain one
(`python -c`), so that a batch can be started from a script, a notebook or a prompt alike.
"""

import os
import pickle
import queue
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, BinaryIO

from huggingtweets_hub.core.errors import HuggingTweetsError, TrackingError, UnexpectedError
from huggingtweets_hub.core.records import TrainedModel
from huggingtweets_hub.core.tokens import traceback_of
from huggingtweets_hub.pipeline.gather import Gathered


@dataclass(frozen=True, slots=True)
class Learn:
    """To the worker: train and measure this, with these secrets in the environment from now on."""

    gathered: Gathered
    secrets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sent:
    """To the worker: the model is on the Hub at this address, or (None) will not come there now."""

    name: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Stop:
    """To the worker: end when all that came before is done."""


@dataclass(frozen=True, slots=True)
class Shown:
    """From the worker: a call of `Progress`."""

    method: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """From the worker: it could not be learned, and how it came to that where nobody foresaw it."""

    error: HuggingTweetsError
    traceback: str | None


class _Progress:
    """Tells the other end."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe

    def note(self, message: str) -> None:
        write(self._pipe, Shown("note", (message,)))

    def warn(self, message: str) -> None:
        write(self._pipe, Shown("warn", (message,)))

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        write(self._pipe, Shown("advance", (stage, done, total, unit)))

    def expect(self, stage: str, seconds: float | None) -> None:
        write(self._pipe, Shown("expect", (stage, seconds)))


def main() -> None:
    """Do what comes in by stdin, in its order, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it decides when it ends
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not mix with answers
    inbox: queue.SimpleQueue[Learn | Sent | Stop] = queue.SimpleQueue()
    # Not sys.stdin itself, which Python tidies up at the end, while the thread still waits for more.
    questions = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    threading.Thread(target=_listen, args=(questions, inbox), daemon=True).start()
    from huggingtweets_hub.core.bars import hush
    from huggingtweets_hub.model.loading import Shelf, load_libraries

    try:
        hush()
        load_libraries()
    except Exception as error:  # noqa: BLE001  # whoever waits for the first model is told
        write(answers, _unforeseen(error))
        return
    shelf = Shelf()
    open_runs: dict[str, tuple[ExitStack, Any, TrainedModel]] = {}
    while True:
        message = inbox.get()
        if isinstance(message, Stop):
            return
        if isinstance(message, Sent):
            if message.name in open_runs:
                _finish(message, *open_runs.pop(message.name))
            continue
        name, stack = message.gathered.name, ExitStack()
        os.environ.update(message.secrets)
        try:
            write(answers, _learn(message.gathered, stack, shelf, open_runs, _Progress(answers)))
        except HuggingTweetsError as error:
            write(answers, Failed(error, None))
        except Exception as error:  # noqa: BLE001  # the next account is not to suffer from it
            write(answers, _unforeseen(error))
        if name not in open_runs:
            _close(stack)


def _unforeseen(error: Exception) -> Failed:
    """An exception as the other end is told of it."""
    return Failed(UnexpectedError.of(error), traceback_of(error))


def _learn(
    gathered: Gathered,
    stack: ExitStack,
    shelf: Any,
    open_runs: dict[str, tuple[ExitStack, Any, TrainedModel]],
    progress: _Progress,
) -> TrainedModel:
    """Learn; the tracker's run stays open until the model is on the Hub, where there is a tracker."""
    from huggingtweets_hub.model.context import Context
    from huggingtweets_hub.pipeline.learn import learn, recorded

    with ExitStack() as failing:
        recording = failing.enter_context(recorded(gathered))
        model = learn(gathered, recording, Context(shelf=shelf, progress=progress))
        if recording.run.link is not None:
            open_runs[gathered.name] = (stack, recording.run, model)
        stack.push(failing.pop_all())
    return model


def _finish(sent: Sent, stack: ExitStack, run: Any, model: TrainedModel) -> None:
    if sent.address is not None:
        try:
            run.record_model(sent.address, model.files)
        except TrackingError as error:
            print(f"Warning: {error}", file=sys.stderr)
    _close(stack)


def _close(stack: ExitStack) -> None:
    """End a run; a tracker that fails at it does not cost the next account."""
    try:
        stack.close()
    except Exception as error:  # noqa: BLE001
        print(f"Warning: the tracker's run did not end well: {error}", file=sys.stderr)


def _listen(pipe: BinaryIO, inbox: "queue.SimpleQueue[Learn | Sent | Stop]") -> None:
    """Pass on what comes, and end the process with the one that started it, whatever it is doing."""
    while True:
        message = read(pipe)
        if message is None:
            os._exit(0)
        inbox.put(message)


def write(pipe: BinaryIO, message: object) -> None:
    """Send one message."""
    pipe.write(pickle.dumps(message))  # first whole: half a message would spoil those that follow
    pipe.flush()


def read(pipe: BinaryIO) -> Any:
    """The next message; None where the other end is gone, or what it says is none."""
    try:
        return pickle.load(pipe)
    except Exception:  # noqa: BLE001  # there are many ways to be cut off
        return None
