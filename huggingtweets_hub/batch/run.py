"""Many accounts with one command: nothing is lost, nothing is done or paid for twice."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingtweets_hub.batch import jobs, users_file
from huggingtweets_hub.batch.display import Display
from huggingtweets_hub.batch.engine import Engine
from huggingtweets_hub.batch.jobs import Choice, Job
from huggingtweets_hub.batch.ledger import Attempt, Ledger
from huggingtweets_hub.batch.local import LocalEngine
from huggingtweets_hub.batch.recorder import Recorder
from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.progress import Progress, Terminal
from huggingtweets_hub.hub import access, store
from huggingtweets_hub.hub.rate_limit import Pace, paced
from huggingtweets_hub.pipeline.options import Order
from huggingtweets_hub.posts.budget import Budget

ENGINES = ("local", "ray")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What came of a batch.

    Attributes:
        outcomes: The last attempt of each account that was dealt with, in the order they were through.
        left: How many were not: the batch was stopped, or something made further attempts vain.
        is_interrupted: Somebody has stopped it.
        already: How many entries needed nothing.
        tracebacks: Of errors that nobody foresaw, by repo id.
    """

    outcomes: tuple[Attempt, ...]
    left: int
    is_interrupted: bool
    already: int
    tweets_bought: int
    cost_usd: float
    tracebacks: dict[str, str]

    @property
    def failed(self) -> list[Attempt]:
        """Those that failed."""
        return [attempt for attempt in self.outcomes if attempt.state == "failed"]


def publish_batch(
    users: str | Path,
    *,
    limit: int | None = None,
    only_failed: bool = False,
    retries: int = settings.DEFAULT_RETRIES,
    workers: int | None = None,
    shard: str = "1/1",
    engine: str = "local",
    ray_address: str | None = None,
    gpus_per_worker: float = 1.0,
    report: str | Path | None = None,
    exclude: Collection[str] = (),
    require_consent: bool = False,
    refresh: bool = False,
    progress: Progress | None = None,
    **options: Any,
) -> Batch:
    """Publish a model for each entry of a users file; the same call again finishes what was left.

    Args:
        users: Lines of handles, or YAML or JSON with options an entry (`entries.read`).
        limit: Do the first so many of those that are to be done.
        only_failed: Do those alone whose last attempt failed, also where it failed for good.
        retries: How often an account is tried again after an error that may pass by itself.
        workers: How many models train at once; by default one, or one a CUDA card.
        shard: `2/8` takes the second of eight equal parts, for eight machines.
        engine: `local`, or `ray` for many machines.
        ray_address, gpus_per_worker: The cluster to run on, else one on this machine; what part of a GPU
            each worker gets.
        report: A file that gets a line of JSON for each account that is through.
        exclude: Handles and repo ids not to publish; files of them, or a dataset on the Hub with
            an `opt-outs.txt`.
        require_consent: Refuse entries that do not say on what grounds their tweets are used.
        refresh: Also look for new tweets of accounts that are published.
        options: Those of `publish`, for all entries that do not say otherwise; `max_cost` holds for all
            together.

    Raises:
        InvalidInputError: The users file or an option cannot be used; nothing was started.
        HubError: The Hub does not say who you are or what is published.
    """
    progress = progress or Terminal()
    _require_known(engine, retries, workers, limit)
    defaults = Order(refresh=refresh, **options)
    listed = users_file.read(Path(users), defaults, require_consent=require_consent)
    choice = Choice(
        limit=limit,
        only_failed=only_failed,
        shard=jobs.parse_shard(shard),
        refresh=refresh,
        exclude=jobs.read_exclusions(exclude),
    )
    budget = Budget(defaults.max_cost)
    is_whole = True
    ledger = Ledger()
    display = Display(progress, budget)
    recorder = Recorder(ledger, display, retries=retries, report=Path(report) if report else None)
    with paced(Pace(progress=display)), store.batched(display, machines=choice.shard[1]):
        todo, left_out = jobs.chosen(listed, ledger, choice)
        already = len(choice.part(listed)) - len(todo) - len(left_out)
        if already:
            progress.note(f"{already:,} of the accounts need nothing.")
        _require_access(todo)
        readers = sum(job.order.reads_x for job in todo)
        if readers:
            progress.note(
                f"{readers:,} of {len(todo):,} accounts are read from the X API, for "
                f"${defaults.max_cost:g} at most (--max-cost)."
            )
        display.begin(len(todo) + len(left_out))
        try:
            for attempt in left_out:
                recorder.left_out(attempt)
            if todo:
                made: Engine
                if engine == "ray":
                    from huggingtweets_hub.batch.on_ray import RayEngine

                    made = RayEngine(
                        recorder, display, budget, address=ray_address, workers=workers, gpus=gpus_per_worker
                    )
                else:
                    made = LocalEngine(recorder, display, budget, workers=workers)
                is_whole = made.run(todo)
        finally:
            display.close()
            ledger.close()
    return Batch(
        outcomes=tuple(recorder.outcomes),
        left=len(todo) + len(left_out) - sum(attempt.state != "waiting" for attempt in recorder.outcomes),
        is_interrupted=not is_whole,
        already=already,
        tweets_bought=budget.tweets,
        cost_usd=round(budget.spent, 4),
        tracebacks=recorder.tracebacks,
    )


def _require_known(engine: str, retries: int, workers: int | None, limit: int | None) -> None:
    if engine not in ENGINES:
        raise InvalidInputError(f"There is no engine {engine!r}.", f"Choose from: {', '.join(ENGINES)}.")
    for name, value, least in (("retries", retries, 0), ("workers", workers, 1), ("limit", limit, 1)):
        if value is not None and value < least:
            raise InvalidInputError(f"{value} {name} make no sense.", f"Give --{name} of {least} or more.")


def _require_access(todo: Sequence[Job]) -> None:
    """Make sure, before anything is started, that the token can write to every namespace."""
    seen = set()
    for job in todo:
        namespace = job.repo_id.split("/")[0]
        if namespace not in seen and not job.order.dry_run:
            seen.add(namespace)
            access.require_login()
            if not job.order.create_pr:
                access.require_write_access(job.repo_id)
