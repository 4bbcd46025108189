"""What every engine does alike: read posts ahead of the training, and count who is through."""

import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from huggingtweets_hub.batch.display import Display, StoppedError
from huggingtweets_hub.batch.jobs import Job
from huggingtweets_hub.batch.recorder import Recorder
from huggingtweets_hub.core.records import Publication
from huggingtweets_hub.hub import repo
from huggingtweets_hub.pipeline import facts, opening, workspace
from huggingtweets_hub.pipeline.gather import Gathered, gather
from huggingtweets_hub.pipeline.send import nothing_to_send, unchanged
from huggingtweets_hub.posts.budget import Budget

_FETCHERS = {"x": 2, "file": 1}
_POLL_SECONDS = 0.2
_AGAIN_SECONDS = 1.0
AHEAD = 2
"""Accounts that may wait between two stages, for each that trains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A job whose posts are here, and its claim on the model."""

    job: Job
    claim: ExitStack
    gathered: Gathered


class Engine(ABC):
    """Reads posts in threads of its own and puts what it has read into `ready`; what follows is for others.

    The queue is short: whoever is ahead waits. An account that fails goes to the end of the line, or out.

    Args:
        budget: What the X API may cost all jobs.
        trainers: How many models train at once.
    """

    def __init__(self, recorder: Recorder, display: Display, budget: Budget, *, trainers: int) -> None:
        self.recorder, self.display = recorder, display
        self.ready: queue.Queue[Fetched | None] = queue.Queue(AHEAD * trainers)
        self.is_stopping = False
        self.changed = threading.Condition()
        self._budget = budget
        self._asked: dict[str, queue.SimpleQueue[Job | None]] = {
            kind: queue.SimpleQueue() for kind in _FETCHERS
        }
        self._claims: dict[str, ExitStack] = {}  # by the names of the models that are being worked on
        self._reading: dict[str, tuple[Job, Budget]] = {}  # what is being read, and what that has cost
        self._waiting: set[str] = set()  # the models that another run works on
        self._left = 0
        self._broken: BaseException | None = None

    finished_first = "what is being sent is finished first"

    @abstractmethod
    def start(self) -> None:
        """Begin to take from `ready`, in threads."""

    @abstractmethod
    def stop(self) -> None:
        """Stop training; come back when what is being sent is sent."""

    @abstractmethod
    def close(self) -> None:
        """All jobs are through: let the threads and processes finish what they were told."""

    @abstractmethod
    def abandon(self) -> None:
        """Leave no thread or process behind, however the batch has ended."""

    def run(self, jobs: Sequence[Job]) -> bool:
        """Do all jobs; after Ctrl-C finish what is being sent, and answer False."""
        self._left = len(jobs)
        for job in jobs:
            self._asked[_kind(job)].put(job)
        try:
            self.start()
            for kind, number in _FETCHERS.items():
                for _ in range(number):
                    self.spawn(self._fetch, kind)
            self.wait(lambda: self._left == 0)
            self.close()
            return True
        except KeyboardInterrupt:
            self.display.note(f"Stopping: {self.finished_first}. Press Ctrl-C again to stop at once.")
            self._end()
            self.stop()
            return False
        finally:
            self._end()
            self.abandon()
            for job, budget in list(self._reading.values()):  # whose threads end when X has answered them
                self.recorder.bought(job, budget.tweets, budget.spent)
            for claim in list(self._claims.values()):
                claim.close()

    def _end(self) -> None:
        """Let the threads that read come to their end."""
        self.is_stopping = True
        self.display.is_stopped = True
        for kind, number in _FETCHERS.items():
            for _ in range(number):
                self._asked[kind].put(None)

    def spawn(self, work: Callable[..., None], *arguments: object) -> None:
        """Do something in a thread; where it breaks, so does the batch, which would wait for ever else."""

        def guarded() -> None:
            try:
                work(*arguments)
            except BaseException as error:  # noqa: BLE001  # raised again by `wait`
                with self.changed:
                    self._broken = error
                    self.changed.notify_all()

        threading.Thread(target=guarded, daemon=True).start()

    def wait(self, is_over: Callable[[], bool]) -> None:
        """Wait until something is so; who changes it tells `changed`."""
        with self.changed:
            while not is_over():
                if self._broken is not None:
                    raise self._broken
                self.changed.wait(_POLL_SECONDS)  # not for ever: Ctrl-C is only seen in between
                self.display.refresh()

    def failed(self, job: Job, claim: ExitStack, error: Exception) -> None:
        """A job has failed; it is tried again, or it is through."""
        is_again = self.recorder.failed(job, error)
        claim.close()
        if is_again:
            self._asked[_kind(job)].put(job)
        else:
            self.through()

    def is_vain(self, job: Job, claim: ExitStack | None = None, *, reads_x: bool = False) -> bool:
        """Whether a refusal of another job holds for this one, too; it is then left to another run."""
        reason = self.recorder.stopped(job, reads_x=reads_x)
        if reason is None:
            return False
        self.recorder.set_aside(job, reason.message, reason.next_step)
        if claim is not None:
            claim.close()
        self.through()
        return True

    def through(self) -> None:
        """A job is through."""
        with self.changed:
            self._left -= 1
            self.changed.notify_all()

    def _fetch(self, kind: str) -> None:
        while (job := self._asked[kind].get()) is not None and not self.is_stopping:
            wait = job.not_before - time.monotonic()
            if wait > 0:
                time.sleep(min(wait, _POLL_SECONDS))
                self._asked[kind].put(job)  # behind those that are due
                continue
            if self.is_vain(job, reads_x=kind == "x"):
                continue
            claim = self._taken(job.name)
            if claim is None:
                self._later(job, "waits for its other model")
                continue
            try:
                self._fetch_one(job, claim)
            except StoppedError:
                return
            except Exception as error:  # noqa: BLE001  # the other accounts go on
                self.failed(job, claim, error)

    def _fetch_one(self, job: Job, claim: ExitStack) -> None:
        if not claim.enter_context(workspace.claimed(job.name, waiting=False)):
            claim.close()
            if job.repo_id not in self._waiting:
                self._waiting.add(job.repo_id)
                self.display.note(workspace.claimed_by(job.name))
            self._later(job, "waits for another run")
        elif not self.recorder.begin(job):
            claim.close()
            self.through()
        elif (commit := _sent_before(job)) is not None:
            workspace.of(job.name, commit.fingerprint).remove()  # the Hub has it
            self._done(job, claim, commit, {})
        else:
            budget = self._budget.part()
            readers = opening.ready(job.order, budget)
            progress = self.display.progress(job)
            self._reading[job.repo_id] = job, budget
            try:
                gathered = gather(job.order, readers, progress, is_refresh=job.is_refresh)
            except Exception:
                self.recorder.bought(job, budget.tweets, budget.spent)
                raise
            finally:
                self._reading.pop(job.repo_id)
            self.recorder.fetched(job, gathered)
            facts.rehearse(gathered)
            if nothing_to_send(gathered):
                self._done(job, claim, unchanged(gathered), gathered.stages)
            else:
                self.put(self.ready, Fetched(job=job, claim=claim, gathered=gathered))

    def _later(self, job: Job, why: str) -> None:
        self.display.stage(job, why)
        job.not_before = time.monotonic() + _AGAIN_SECONDS
        self._asked[_kind(job)].put(job)

    def _done(self, job: Job, claim: ExitStack, publication: Publication, stages: dict[str, float]) -> None:
        self.recorder.done(job, publication, stages)
        claim.close()
        self.through()

    def _taken(self, name: str) -> ExitStack | None:
        """Where the claim on a model is kept as long as it is in hand; None where it is already."""
        with self.changed:
            if name in self._claims:
                return None
            claim = self._claims[name] = ExitStack()
        claim.callback(self._claims.pop, name, None)
        return claim

    def put(self, place: "queue.Queue[Any]", work: object) -> None:
        """Put work into a queue as soon as there is room, unless the batch ends before."""
        while not self.is_stopping:
            with suppress(queue.Full):
                place.put(work, timeout=_POLL_SECONDS)
                return


def wake(place: "queue.Queue[Any]", threads: int) -> None:
    """Have threads that wait at a queue see that the batch ends; where it is full, they need no waking."""
    with suppress(queue.Full):
        for _ in range(threads):
            place.put_nowait(None)


def _sent_before(job: Job) -> Publication | None:
    """What an earlier run has sent, where it was killed before it could write that down."""
    last = job.last
    if last is None or last.state != "running" or last.fingerprint is None or last.order != job.digest:
        return None
    published = repo.read(job.repo_id)
    if published.facts.get("fingerprint") != last.fingerprint or not published.is_complete:
        return None
    return Publication(
        repo_id=job.repo_id,
        url=repo.address(job.repo_id),
        commit=published.head,
        changed=True,
        fingerprint=last.fingerprint,
    )


def _kind(job: Job) -> str:
    """Which threads read a job's tweets: those that may have to wait for X, or those that never do."""
    return "file" if job.order.is_free else "x"
