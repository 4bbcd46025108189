"""One machine: while one account trains, the next are being fetched and the last is being sent.

```
 fetchers (threads) ──► ready ──► trainers (a thread and a process each) ──► made ──► senders (threads)
```
"""

import queue
from collections.abc import Sequence
from dataclasses import dataclass

from huggingtweets_hub.batch.display import Display
from huggingtweets_hub.batch.engine import AHEAD, Engine, Fetched, wake
from huggingtweets_hub.batch.recorder import Recorder
from huggingtweets_hub.batch.worker_handle import WorkerHandle
from huggingtweets_hub.core.progress import Clock
from huggingtweets_hub.core.records import TrainedModel
from huggingtweets_hub.hub import repo
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.pipeline.send import send
from huggingtweets_hub.posts.budget import Budget

_SENDERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A model that waits to be sent, and who trained it."""

    fetched: Fetched
    model: TrainedModel
    worker: WorkerHandle


class LocalEngine(Engine):
    """Runs jobs on this machine.

    Args:
        workers: The variables of each process that trains (`workers.environments`).
    """

    def __init__(
        self, recorder: Recorder, display: Display, budget: Budget, *, workers: Sequence[dict[str, str]]
    ) -> None:
        self._trainers = [WorkerHandle(environment) for environment in workers]
        super().__init__(recorder, display, budget, trainers=len(self._trainers))
        self._made: queue.Queue[_Made | None] = queue.Queue(AHEAD * len(self._trainers))
        self._sending = 0

    def start(self) -> None:
        """Start the threads that train and those that send."""
        for worker in self._trainers:
            worker.start()
            self.spawn(self._train, worker)
        for _ in range(_SENDERS):
            self.spawn(self._send)

    def stop(self) -> None:
        """Kill the trainings, whose finished stages are on disk; wait for what is being sent."""
        for worker in self._trainers:
            worker.kill()
        self.wait(lambda: self._sending == 0)

    def close(self) -> None:
        """End the workers when they have finished their runs."""
        for worker in self._trainers:
            worker.dismiss()
        for worker in self._trainers:
            worker.close()

    def abandon(self) -> None:
        """Kill what still trains, and end the threads."""
        for worker in self._trainers:
            worker.kill()
        wake(self.ready, len(self._trainers))
        wake(self._made, _SENDERS)

    def _train(self, worker: WorkerHandle) -> None:
        while (fetched := self.ready.get()) is not None and not self.is_stopping:
            job = fetched.job
            if self.is_vain(job, fetched.claim):
                continue
            self.recorder.stage(job, "training")
            try:
                model = worker.learn(fetched.gathered, self.display.progress(job))
            except Exception as error:  # noqa: BLE001  # the other accounts go on
                if self.is_stopping:
                    return
                self.failed(job, fetched.claim, error)
                continue
            self.recorder.stage(job, "made", stages=model.stages)
            self.put(self._made, _Made(fetched=fetched, model=model, worker=worker))

    def _send(self) -> None:
        while (made := self._made.get()) is not None:
            with self.changed:
                if self.is_stopping:
                    return
                self._sending += 1
            try:
                self._send_one(made)
            finally:
                with self.changed:
                    self._sending -= 1
                    self.changed.notify_all()

    def _send_one(self, made: _Made) -> None:
        job, gathered = made.fetched.job, made.fetched.gathered
        self.recorder.stage(job, "sending")
        clock = Clock({**gathered.stages, **made.model.stages})
        context = Context(progress=self.display.progress(job, is_sent=True), clock=clock)
        try:
            publication = send(gathered, made.model, context)
        except Exception as error:  # noqa: BLE001  # the other accounts go on
            made.worker.sent(gathered.name, None)
            self.failed(job, made.fetched.claim, error)
            return
        address = repo.files_address(job.repo_id, str(publication.commit)) if publication.changed else None
        made.worker.sent(gathered.name, address)
        self.recorder.done(job, publication, clock.seconds)
        made.fetched.claim.close()
        self.through()
