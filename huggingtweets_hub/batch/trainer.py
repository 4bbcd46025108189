"""The other end of a worker's pipes."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

import huggingtweets_hub
from huggingtweets_hub.batch import worker
from huggingtweets_hub.errors import HuggingTweetsError, WorkerDiedError
from huggingtweets_hub.gathering import Gathered
from huggingtweets_hub.learning import Model
from huggingtweets_hub.progress import Progress

_PATIENCE_SECONDS = 60.0


class LearningError(Exception):
    """What a worker has failed with, and the traceback where it was not foreseen."""

    def __init__(self, error: HuggingTweetsError, traceback: str | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.traceback = traceback


class Trainer:
    """A worker's process, started when it is needed and again when it has died.

    Args:
        environment: Variables that it gets besides this process's own.
    """

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        root = str(Path(huggingtweets_hub.__file__).parents[1])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self._environment = {"PYTHONPATH": path, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process's id, where it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process, so that it has loaded its libraries when the first tweets are here."""
        self._running()

    def learn(self, gathered: Gathered, progress: Progress) -> Model:
        """What `learning.learn` gives, from the worker.

        Raises:
            LearningError: It failed, or the worker died.
        """
        process = self._running()
        self._tell(worker.Learn(gathered))
        while (message := worker.read(cast(BinaryIO, process.stdout))) is not None:
            if isinstance(message, worker.Shown):
                getattr(progress, message.method)(*message.arguments)
            elif isinstance(message, worker.Failed):
                if message.traceback is not None:
                    self.kill()  # what else it left behind, only a new process is free of
                raise LearningError(message.error, message.traceback)
            else:
                return cast(Model, message)
        status = self._ended()
        raise LearningError(
            WorkerDiedError(
                f"The process that trained {gathered.repo_id} died ({status}).",
                "It is tried again. If it always dies, its memory may be short: take a smaller --base-model.",
            )
        )

    def sent(self, name: str, address: str | None) -> None:
        """Tell the worker that a model is on the Hub, for its tracker's run."""
        if self._process is not None:
            self._tell(worker.Sent(name, address))

    def kill(self) -> None:
        """End the process at once; what it has finished lies on disk."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def close(self) -> None:
        """Let the process finish what it was told, and end."""
        process = self._process
        if process is not None:
            self._tell(worker.Stop())
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_PATIENCE_SECONDS)
            self.kill()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", worker.__name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **self._environment},
            )
        return self._process

    def _tell(self, message: object) -> None:
        if self._process is None:
            return
        with suppress(OSError):  # it is dead, which whoever waits for its answer will see
            worker.write(cast(BinaryIO, self._process.stdin), message)

    def _ended(self) -> str:
        """How the process has ended, in words."""
        process, self._process = self._process, None
        if process is None:  # killed from here
            return "stopped"
        try:
            status = process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        return f"signal {-status}" if status < 0 else f"exit status {status}"
