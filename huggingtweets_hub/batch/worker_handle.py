"""The other end of a worker's pipes."""

import subprocess
import sys
import threading
from contextlib import suppress
from typing import BinaryIO, cast

from huggingtweets_hub.batch import environment as environments
from huggingtweets_hub.batch import worker
from huggingtweets_hub.core.errors import HuggingTweetsError, WorkerDiedError
from huggingtweets_hub.core.progress import Progress, expect
from huggingtweets_hub.core.records import TrainedModel
from huggingtweets_hub.pipeline.gather import Gathered

_PATIENCE_SECONDS = 60.0
# No -m: Python warns of a module that its package has loaded before.
_COMMAND = f"from {worker.__name__} import main; main()"
# Its memory grows a little with each account, mostly by code that is made for sizes not met before.
_MODELS_A_PROCESS = 100


class LearningError(Exception):
    """What a worker has failed with, and the traceback where it was not foreseen."""

    def __init__(self, error: HuggingTweetsError, traceback: str | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.traceback = traceback


class WorkerHandle:
    """A worker's process, started when it is needed and again when it has died.

    Args:
        environment: Variables that it gets besides those of every worker.
    """

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._makers: dict[str, subprocess.Popen[bytes]] = {}  # of models that wait to be sent
        self._is_fresh = True
        self._learned = 0
        self._is_over = False
        self._lock = threading.RLock()

    @property
    def pid(self) -> int | None:
        """The process's id, where it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process, so that it has loaded its libraries when the first posts are here."""
        self._running()

    def learn(self, gathered: Gathered, progress: Progress) -> TrainedModel:
        """What `pipeline.learn.learn` gives, from the worker.

        Raises:
            LearningError: It failed, or the worker died.
            HubUnavailableError: The Hub does not say whether everybody may read the base model.
        """
        secrets, process = environments.secrets_for(gathered), self._running()
        self._is_fresh = False
        try:
            self._tell(process, worker.Learn(gathered, secrets))
            while (message := worker.read(cast(BinaryIO, process.stdout))) is not None:
                if not isinstance(message, worker.Shown):
                    break
                if message.method == "expect":
                    expect(progress, dict([message.arguments]))
                else:
                    getattr(progress, message.method)(*message.arguments)
        except BaseException:
            self._drop(process)  # what it still says would be taken for the next one's
            raise
        if message is None:
            raise LearningError(self._died(process, gathered.repo_id))
        if isinstance(message, worker.Failed):
            if message.traceback is not None:
                self._retire(process)  # what else it left behind, only a new process is free of
            raise LearningError(message.error, message.traceback)
        with self._lock:
            self._makers[gathered.name] = process
            self._learned += 1
            if self._learned % _MODELS_A_PROCESS == 0:
                self._retire(process)
        return cast(TrainedModel, message)

    def sent(self, name: str, address: str | None) -> None:
        """Tell the worker that made a model that it is on the Hub, for its tracker's run."""
        with self._lock:
            process = self._makers.pop(name, None)
            if process is None:
                return
            self._tell(process, worker.Sent(name, address))
            if process is not self._process and process not in self._makers.values():
                self._tell(process, worker.Stop())

    def kill(self) -> None:
        """End for good, at once; what is finished lies on disk."""
        with self._lock:
            self._is_over = True
            process = self._process
        if process is not None:
            self._drop(process)

    def dismiss(self) -> None:
        """Let the process finish what it was told, and end; one that was told nothing ends at once."""
        if self._is_fresh:  # it may be loading its libraries for half a minute yet
            self.kill()
        with self._lock:
            if self._process is not None:
                self._tell(self._process, worker.Stop())

    def close(self) -> None:
        """Wait until a process that was dismissed has ended."""
        process = self._process
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_PATIENCE_SECONDS)
        self.kill()

    def _running(self) -> "subprocess.Popen[bytes]":
        with self._lock:
            if self._is_over:
                raise LearningError(WorkerDiedError("The batch was stopped.", "Run the same command again."))
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-c", _COMMAND],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env={**environments.of_worker(), **self._environment},
                )
            return self._process

    def _tell(self, process: "subprocess.Popen[bytes]", message: object) -> None:
        with self._lock, suppress(OSError):  # it is dead, which whoever waits for its answer will see
            worker.write(cast(BinaryIO, process.stdin), message)

    def _drop(self, process: "subprocess.Popen[bytes]") -> None:
        with self._lock:
            if process is self._process:
                self._process = None
        process.kill()
        process.wait()

    def _retire(self, process: "subprocess.Popen[bytes]") -> None:
        """Have a new process from now on; the old one ends when its models are sent."""
        with self._lock:
            if process in self._makers.values():
                self._process = None
                return
        self._drop(process)

    def _died(self, process: "subprocess.Popen[bytes]", repo_id: str) -> WorkerDiedError:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        self._drop(process)
        status = process.returncode
        if status < 0:
            how = f"signal {-status}"
            next_step = "If it keeps dying, there may be too little memory: use a smaller --base-model."
        else:
            how, next_step = f"exit status {status}", "What it wrote to stderr before says why."
        return WorkerDiedError(
            f"The process that trained {repo_id} died ({how}).", f"It will be tried again. {next_step}"
        )
