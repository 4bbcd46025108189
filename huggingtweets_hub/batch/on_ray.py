"""Many machines: training, card and push in Ray actors, each with its base model in memory.

The driver reads the posts, so that they are paid for once, and alone writes the ledger. An actor has exactly
one account at a time: Ray fails every task of an actor that dies, and a neighbour must not be among them.
"""

import functools
import os
import queue
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from huggingtweets_hub.batch import environment
from huggingtweets_hub.batch.display import Display
from huggingtweets_hub.batch.engine import Engine, Fetched, wake
from huggingtweets_hub.batch.recorder import Recorder
from huggingtweets_hub.batch.worker_handle import LearningError
from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import InvalidInputError, WorkerDiedError
from huggingtweets_hub.core.records import Publication
from huggingtweets_hub.core.tokens import redacted
from huggingtweets_hub.pipeline.gather import Gathered
from huggingtweets_hub.posts.budget import Budget

_POLL_SECONDS = 0.2
_SUBMITTED = "RAY_JOB_CONFIG_JSON_ENV_VAR"
_PASSED_ON = ("HF_", "HUGGINGTWEETS_", "WANDB_", "TRACKIO_")


class Publisher:
    """An actor: trains and publishes one model after another.

    Args:
        environment: The driver's settings and tokens. They come as an argument, since Ray writes what is in
            a `runtime_env` to logs and to its dashboard.
        folder: The driver's, for paths that are relative to it, where this machine has it.
    """

    def __init__(self, environment: dict[str, str], folder: str) -> None:
        os.environ.update(environment)
        with suppress(OSError):
            os.chdir(folder)
        from huggingtweets_hub.core.bars import hush
        from huggingtweets_hub.model.loading import Shelf

        hush()
        self._shelf = Shelf()

    def publish(self, gathered: Gathered) -> tuple[Publication, dict[str, float]]:
        """What `publish` does once the posts are read, and the seconds of each stage."""
        from huggingtweets_hub.model.context import Context
        from huggingtweets_hub.pipeline.publish import publish_gathered

        context = Context(shelf=self._shelf)
        return publish_gathered(gathered, context), context.clock.seconds


class RayEngine(Engine):
    """Runs jobs on a Ray cluster: one on this machine, or an existing one.

    Args:
        address: The cluster's; without it one is started here.
        workers: How many actors; by default one a GPU of the cluster, else one for every two processors.
        gpus: What part of a GPU an actor gets.

    Raises:
        InvalidInputError: Ray is not installed.
    """

    def __init__(
        self,
        recorder: Recorder,
        display: Display,
        budget: Budget,
        *,
        address: str | None,
        workers: int | None,
        gpus: float,
    ) -> None:
        self._ray = ray = _ray()
        if not ray.is_initialized():
            try:
                _init(ray, address)
            except (ConnectionError, ValueError) as error:
                raise InvalidInputError(
                    f"There is no Ray cluster at {address!r}.", "Give --ray-address as 'ray status' has it."
                ) from error
        number, share = _shares(ray.cluster_resources(), workers, gpus)
        settings = {key: value for key, value in os.environ.items() if key.startswith(_PASSED_ON)}
        from huggingface_hub import get_token

        if (token := get_token()) is not None:  # also of who has logged in here, and only here
            settings.setdefault("HF_TOKEN", token)
        actor = ray.remote(max_restarts=0, max_task_retries=0, **share)(Publisher)
        self._new_actor = functools.partial(actor.remote, settings, os.getcwd())
        self._actors = [self._new_actor() for _ in range(number)]
        super().__init__(recorder, display, budget, trainers=number)
        self._in_hand: dict[Any, tuple[Any, Fetched]] = {}

    finished_first = "the accounts that the workers have begun are finished first"

    def start(self) -> None:
        """Start the thread that hands out accounts and takes back models."""
        self.spawn(self._dispatch)

    def stop(self) -> None:
        """Wait until the actors have finished what they have in hand."""
        self.wait(lambda: not self._in_hand)

    def close(self) -> None:
        """Nothing is left to be finished: an actor sends what it makes itself."""

    def abandon(self) -> None:
        """End the thread and the actors."""
        wake(self.ready, 1)
        for actor in self._actors:
            self._ray.kill(actor)

    def _dispatch(self) -> None:
        free = list(self._actors)
        while True:
            if free and not self.is_stopping:
                try:
                    fetched = self.ready.get(block=not self._in_hand)
                except queue.Empty:
                    fetched = None
                else:
                    if fetched is None:
                        return
                if fetched is not None:
                    if not self.is_vain(fetched.job, fetched.claim):
                        actor = free.pop()
                        self.recorder.stage(fetched.job, "training")
                        self._in_hand[actor.publish.remote(fetched.gathered)] = (actor, fetched)
                    continue
            if not self._in_hand:
                return  # stopping
            finished, _ = self._ray.wait(list(self._in_hand), timeout=_POLL_SECONDS)
            for task in finished:
                free.append(self._take_back(task))

    def _take_back(self, task: Any) -> Any:
        """Note what has become of a task, and give back its actor, or a new one where it died."""
        actor, fetched = self._in_hand[task]
        try:
            publication, stages = self._ray.get(task)
        except self._ray.exceptions.RayTaskError as error:
            self.failed(fetched.job, fetched.claim, _understood(error))
        except self._ray.exceptions.RayError as error:
            # One that Ray started again would fail whatever it is given until it is up.
            self._actors.remove(actor)
            actor = self._new_actor()
            self._actors.append(actor)
            self.failed(fetched.job, fetched.claim, _death(error, fetched))
        else:
            self.recorder.done(fetched.job, publication, stages)
            fetched.claim.close()
            self.through()
        with self.changed:
            del self._in_hand[task]
            self.changed.notify_all()
        return actor


def _init(ray: Any, address: str | None) -> None:
    """Start or join a cluster whose workers do not look for modules in the folder that the driver is in."""
    is_here = address is None
    variables = {**dict.fromkeys(environment.X_TOKENS, ""), "PYTHONSAFEPATH": "1"}
    with tempfile.TemporaryDirectory() as empty:
        about: dict[str, Any] = {"env_vars": {**variables, **(environment.module_path() if is_here else {})}}
        if _SUBMITTED not in os.environ:  # a job that was submitted has a folder of its own
            about["working_dir"] = empty  # without one Ray puts this process's folder first on the path
        # An existing cluster has a dashboard of its own.
        dashboard = False if is_here else None
        ray.init(address=address, log_to_driver=False, include_dashboard=dashboard, runtime_env=about)


def _shares(has: Mapping[str, float], workers: int | None, gpus: float) -> tuple[int, dict[str, float]]:
    """How many actors there are room for, and what each gets of the cluster."""
    cards, processors = has.get("GPU", 0.0), has.get("CPU", 1.0)
    if cards:
        room = int(cards / gpus)
        if room < (workers or 1):
            raise InvalidInputError(
                f"{workers or 1} workers with {gpus:g} GPU each need more than the cluster's {cards:g}.",
                "Give fewer --workers, or a smaller --gpus-per-worker.",
            )
        return workers or room, {"num_gpus": gpus}
    number = workers or max(1, int(processors) // 2)
    share = processors / number
    return number, {"num_cpus": float(int(share)) if share >= 1 else share}


def _understood(error: Any) -> LearningError:
    known = files.understood(error.cause)
    return LearningError(known, None if known is error.cause else redacted(str(error)))


def _death(error: Exception, fetched: Fetched) -> WorkerDiedError:
    return WorkerDiedError(
        f"The process that was making {fetched.job.repo_id} died ({type(error).__name__}).",
        "It will be tried again. If it keeps dying, check that huggingtweets_hub is installed on all "
        "machines of the cluster, and that they have enough memory for the base model.",
    )


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise InvalidInputError(
            "Ray is not installed.", "Run: pip install 'huggingtweets_hub[ray]', or leave --engine out."
        ) from error
    return ray
