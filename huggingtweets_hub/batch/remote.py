"""Rented machines: posts are read here, and each job of Hugging Face Jobs makes and publishes several models.

A job is found again by its labels. So a batch whose driver was killed waits for the jobs that still run, and
then sees on the Hub what they have published.
"""

import math
import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from huggingtweets_hub.batch.display import Display
from huggingtweets_hub.batch.engine import Engine, Fetched, wake
from huggingtweets_hub.batch.jobs import Job
from huggingtweets_hub.batch.recorder import Recorder
from huggingtweets_hub.core import serialization
from huggingtweets_hub.core.errors import CostLimitError, HubError
from huggingtweets_hub.hub.jobs import Job as RemoteJob
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.pipeline.publish import publish_gathered
from huggingtweets_hub.pipeline.remote import driver, labels, machine
from huggingtweets_hub.pipeline.remote.terms import Offer, dollars
from huggingtweets_hub.pipeline.send import made
from huggingtweets_hub.posts.budget import Budget

_SECONDS_A_MODEL = 300
"""For each there must be room in a job's time; GPT-2 takes less on eight processors."""
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shards:
    """How many jobs a batch takes, and how many accounts each has."""

    offer: Offer
    workers: int
    size: int
    jobs: int

    @classmethod
    def of(cls, number: int, offer: Offer, workers: int | None, budget: Budget) -> "Shards":
        """For so many accounts; what the jobs may cost is set aside.

        Raises:
            InvalidInputError: That is more than the budget has.
        """
        at_once = min(workers or 1, number)
        size = min(max(1, offer.seconds // _SECONDS_A_MODEL), math.ceil(number / at_once))
        jobs = math.ceil(number / size)
        offer.require_within(budget.left, jobs)
        if offer.usd:
            budget.reserve(offer.usd, jobs)
        return cls(offer=offer, workers=at_once, size=size, jobs=jobs)


class RemoteEngine(Engine):
    """Runs accounts in shards, each on a rented machine."""

    finished_first = (
        "running jobs continue, and cost money; run the same command again to follow them, 'huggingtweets "
        "status' lists them, and 'hf jobs cancel JOB' ends one"
    )

    def __init__(self, recorder: Recorder, display: Display, budget: Budget, *, shards: Shards) -> None:
        super().__init__(recorder, display, budget, trainers=shards.workers)
        self._shards, self._offer = shards, shards.offer
        self._namespace = machine.account()
        self._collected: list[Fetched] = []
        self._rented = self._starting = self._started = self._away = 0

    def run(self, jobs: Sequence[Job]) -> bool:
        """Wait for the jobs of an earlier run, whose driver is gone, then do what is left."""
        try:
            self._follow_earlier(jobs)
        except KeyboardInterrupt:
            return False
        return super().run(jobs)

    def _follow_earlier(self, jobs: Sequence[Job]) -> None:
        for job in reversed(machine.running(self._namespace)):
            if any(labels.publishes(job, one.repo_id) for one in jobs):
                self.display.note(f"The job {job.id} of an earlier run is still going; waiting for its end.")
                try:
                    machine.follow(job, self.display, offer=self._offer, log=False)
                except HubError as error:
                    self.display.warn(str(error))
        machine.sweep(self._namespace)

    def start(self) -> None:
        """Start the thread that fills the jobs."""
        self.spawn(self._collect)

    def stop(self) -> None:
        """Wait for what is being handed over; leave the jobs that run alone."""
        self.wait(lambda: self._starting == 0)

    def close(self) -> None:
        """Nothing is left to be finished: every job was followed to its end."""

    def abandon(self) -> None:
        """End the thread."""
        wake(self.ready, 1)

    def _collect(self) -> None:
        """Put accounts together until a job is full or no more come; start it when there is room."""
        while not self.is_stopping:
            try:
                fetched = self.ready.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                fetched = None
            if fetched is not None and not self._is_through(fetched):
                with self.changed:
                    self._collected.append(fetched)
            while shard := self._due():
                self.spawn(self._publish, shard)

    def _due(self) -> list[Fetched]:
        """The accounts of the next job, if it is to be started now."""
        with self.changed:
            is_full = len(self._collected) >= self._shards.size
            is_last = len(self._collected) + self._away == self._left
            if self.is_stopping or self._rented == self._shards.workers or not (is_full or is_last):
                return []
            shard = self._collected[: self._shards.size]
            del self._collected[: len(shard)]
            if shard:
                self._rented += 1
                self._away += len(shard)
            return shard

    def _is_through(self, fetched: Fetched) -> bool:
        """Whether an account needs no machine: the model is there, or trying is vain."""
        if self.is_vain(fetched.job, fetched.claim):
            return True
        try:
            if not made(fetched.gathered):
                return False
            context = Context(progress=self.display.progress(fetched.job))
            publication = publish_gathered(fetched.gathered, context)
            self._done(fetched.job, fetched.claim, publication, fetched.gathered.stages)
        except Exception as error:  # noqa: BLE001  # the other accounts go on
            self.failed(fetched.job, fetched.claim, error)
        return True

    def _publish(self, shard: list[Fetched]) -> None:
        """Have a job publish these, unless what was refused to another job holds for them, too."""
        wanted = [fetched for fetched in shard if not self.is_vain(fetched.job, fetched.claim)]
        if wanted:
            self._note(wanted, self._made_by_job(wanted))
        with self.changed:  # not earlier: the next job is to know of a refusal
            self._rented -= 1
            self._away -= len(shard)

    def _note(self, shard: list[Fetched], failure: Callable[[str], Exception]) -> None:
        """Note what the Hub holds of each account after its job, or why it does not."""
        for fetched in shard:
            try:
                published = driver.held(fetched.gathered)
                if published is None:
                    raise failure(fetched.job.repo_id)
                publication = driver.result(fetched.gathered, published)
            except Exception as error:  # noqa: BLE001  # the other accounts go on
                self.failed(fetched.job, fetched.claim, error)
            else:
                self._done(fetched.job, fetched.claim, publication, fetched.gathered.stages)

    def _made_by_job(self, shard: list[Fetched]) -> Callable[[str], Exception]:
        """Follow a job to its end; the answer says why a model is not on the Hub, if it is not."""
        for fetched in shard:
            self.recorder.stage(fetched.job, "remote")
        try:
            self._require_paid()
            ending = machine.follow(self._rent(shard), self.display, offer=self._offer, log=False)
        except Exception as error:  # noqa: BLE001  # the other jobs go on
            broken = error
            return lambda repo_id: broken
        return lambda repo_id: ending.failure(repo_id, timeout=self._offer.seconds)

    def _rent(self, shard: list[Fetched]) -> RemoteJob:
        with self.changed:
            self._starting += 1
        try:
            made = [labels.identity(fetched.job.order, fetched.job.repo_id) for fetched in shard]
            publication = serialization.digest(sorted(made))[:32]
            return machine.rent(
                self._offer, self._namespace, publication, [fetched.gathered for fetched in shard]
            )
        finally:
            with self.changed:
                self._starting -= 1
                self.changed.notify_all()

    def _require_paid(self) -> None:
        """Make sure that another job is within the budget: those planned are, those tried again may not be.

        Raises:
            CostLimitError: It is not.
        """
        with self.changed:
            self._started += 1
            is_planned = self._started <= self._shards.jobs
        if not is_planned and self._offer.usd and not self._budget.reserve(self._offer.usd, 1):
            raise CostLimitError(
                f"Another job may cost {dollars(self._offer.usd)}, which is more than is left of --max-cost.",
                "Raise --max-cost, then run the same command again.",
            )
