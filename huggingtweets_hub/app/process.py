"""The other end of a worker's pipes."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, cast

from huggingtweets_hub.app import worker
from huggingtweets_hub.batch import environment
from huggingtweets_hub.core.errors import HuggingTweetsError, WorkerDiedError

# No -m: Python warns of a module that its package has loaded before.
_COMMAND = f"from {worker.__name__} import main; main()"
_BYTES = 2**26
"""The longest line that is believed."""


class Process:
    """A worker, started when it is needed and again when it has ended.

    Args:
        heard: Is given what the worker says besides its answers, from the thread that has asked.
    """

    def __init__(self, heard: Callable[[dict[str, Any]], None]) -> None:
        self._heard = heard
        self._process: subprocess.Popen[str] | None = None
        self._asking = threading.Lock()
        self._starting = threading.Lock()
        self._is_over = False

    def ask(self, do: str, **asked: Any) -> dict[str, Any]:
        """Have something done, one thing at a time, and wait for the answer.

        Raises:
            HuggingTweetsError: What the worker failed with, or that it died.
        """
        with self._asking:
            process = self._running()
            with suppress(OSError):  # it is dead, which the next line tells
                questions = cast(IO[str], process.stdin)
                questions.write(json.dumps({"do": do, **asked}) + "\n")
                questions.flush()
            while line := cast(IO[str], process.stdout).readline(_BYTES):
                try:
                    said = json.loads(line)
                except ValueError:  # it is beside itself, or the line had no end
                    process.kill()
                    break
                if "done" in said:
                    return cast(dict[str, Any], said["done"])
                if "failed" in said:
                    raise HuggingTweetsError(said["failed"]["message"], said["failed"]["next_step"])
                self._heard(said)
            raise self._died(process)

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        with self._starting:
            return self._process is not None and self._process.poll() is None

    def end(self) -> None:
        """End the process at once; the next request starts another."""
        with self._starting:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def close(self) -> None:
        """End the process for good."""
        self._is_over = True
        self.end()

    def _running(self) -> "subprocess.Popen[str]":
        with self._starting:
            if self._is_over:
                raise WorkerDiedError("This was stopped.", "Start it again.")
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-c", _COMMAND],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=environment.of_worker(),
                    encoding="utf-8",
                )
            return self._process

    def _died(self, process: "subprocess.Popen[str]") -> WorkerDiedError:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        with self._starting:  # another may have been started since
            if self._process is process:
                self._process = None
        process.kill()
        process.wait()
        status = process.returncode
        how = f"signal {-status}" if status is not None and status < 0 else f"exit status {status}"
        return WorkerDiedError(
            f"The process that worked on this died ({how}).",
            "Try again: what was finished is kept. If it keeps dying, there may be too little memory: choose "
            "a smaller model.",
        )
