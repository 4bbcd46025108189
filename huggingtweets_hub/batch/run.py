"""Many accounts with one command: nothing is lost, nothing is done or paid for twice."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from huggingtweets_hub.batch import jobs, plan, trust, users_file, workers
from huggingtweets_hub.batch.choice import Choice, parse_shard, read_exclusions
from huggingtweets_hub.batch.display import Display
from huggingtweets_hub.batch.engine import Engine
from huggingtweets_hub.batch.jobs import Job
from huggingtweets_hub.batch.ledger import Attempt, Ledger
from huggingtweets_hub.batch.local import LocalEngine
from huggingtweets_hub.batch.options import BatchOptions
from huggingtweets_hub.batch.recorder import Recorder
from huggingtweets_hub.batch.remote import RemoteEngine, Shards
from huggingtweets_hub.core import arguments, files
from huggingtweets_hub.core.accounts import mention
from huggingtweets_hub.core.errors import MissingXTokenError
from huggingtweets_hub.core.options import takes
from huggingtweets_hub.core.progress import Terminal
from huggingtweets_hub.hub import access, store
from huggingtweets_hub.hub.rate_limit import Pace, paced
from huggingtweets_hub.pipeline.remote import terms
from huggingtweets_hub.posts import source as sources
from huggingtweets_hub.posts.budget import Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What came of a batch.

    Attributes:
        outcomes: The last attempt of each account that was dealt with, in the order they were through.
        left: How many were not: the batch was stopped, or something made further attempts vain.
        behind_limit: How many more there were to do than `limit`.
        is_interrupted: Somebody has stopped it.
        already: How many entries needed nothing: they are done, or failed for good and have not changed.
        tracebacks: Of errors that nobody foresaw, by repo id.
    """

    outcomes: tuple[Attempt, ...]
    left: int
    behind_limit: int
    is_interrupted: bool
    already: int
    tweets_bought: int
    cost_usd: float
    tracebacks: dict[str, str]

    @property
    def unanswered(self) -> list[Attempt]:
        """Those whose models are public although their accounts are gone, or have opted out."""
        return [attempt for attempt in self.outcomes if attempt.needs_answer]

    @property
    def failed(self) -> list[Attempt]:
        """Those that failed."""
        return [attempt for attempt in self.outcomes if attempt.state == "failed"]


@takes(BatchOptions)
def publish_batch(asked: BatchOptions) -> Batch:
    """Publish a model for each entry of a users file; the same call again finishes what was left.

    Args:
        users: Lines of handles, or YAML or JSON with options for each entry.
        exclude: Handles and repo ids not to publish; files of them, or a dataset on the Hub with
            an `opt-outs.txt`.
        progress: Where to show progress; by default lines and bars on stderr.
        {options}

    Raises:
        InvalidInputError: The users file or an option cannot be used; nothing was started.
        HubError: The Hub does not say who you are or what is published.
    """
    progress, defaults = asked.progress or Terminal(timed=True), asked.defaults
    listed = users_file.read(
        Path(asked.users),
        defaults,
        require_consent=asked.require_consent,
        trusted=asked.trust_users_file,
    )
    choice = Choice(
        limit=asked.limit,
        only_failed=asked.only_failed,
        shard=parse_shard(asked.shard),
        refresh=asked.refresh,
        exclude=read_exclusions(asked.exclude),
    )
    budget = Budget(defaults.max_cost)
    is_whole = True
    display = Display(progress, budget)
    report = Path(asked.report) if asked.report else None
    if report is not None:
        lists = arguments.several("exclude", asked.exclude)
        files.require_not_read(report, map(str, (asked.users, *lists)))
    with ExitStack() as held:
        ledger = held.enter_context(closing(Ledger()))
        recorder = Recorder(ledger, display, retries=asked.retries, report=report)
        held.enter_context(paced(Pace(progress=display)))
        held.enter_context(store.batched(display, machines=choice.shard[1]))
        held.enter_context(closing(display))
        found = jobs.chosen(listed, ledger, choice, progress)
        todo, left_out = found.todo, found.left_out
        for line in plan.passed_over(found.passed_over):
            progress.note(line)
        _require_tokens(todo)
        _require_access(todo)
        if not asked.trust_users_file:
            trust.require_open_bases((job.order for job in todo), defaults.base_model)
        for line in plan.lines(todo, defaults.namespace, defaults.max_cost):
            progress.note(line)
        shards = _shards(asked, len(todo), budget)
        if shards is not None:
            progress.note(shards.offer.price(shards.jobs))
        jobs.note_waiting(todo, ledger)
        display.begin(len(todo) + len(left_out))
        for attempt in left_out:
            recorder.left_out(attempt)
        if todo:
            is_whole = _engine(asked, todo, recorder, display, budget, shards).run(todo)
    return Batch(
        outcomes=tuple(recorder.outcomes),
        left=len(todo) + len(left_out) - sum(attempt.state != "waiting" for attempt in recorder.outcomes),
        behind_limit=found.passed_over["limit"],
        is_interrupted=not is_whole,
        already=found.passed_over["done"] + found.passed_over["failed"],
        tweets_bought=budget.tweets,
        cost_usd=round(budget.spent, 4),
        tracebacks=recorder.tracebacks,
    )


def _shards(asked: BatchOptions, number: int, budget: Budget) -> Shards | None:
    """The jobs on rented machines, which are paid from the same budget; None if none are wanted."""
    if asked.remote is None or not number:
        return None
    return Shards.of(number, terms.offer(asked), asked.workers, budget)


def _engine(
    asked: BatchOptions,
    todo: Sequence[Job],
    recorder: Recorder,
    display: Display,
    budget: Budget,
    shards: Shards | None,
) -> Engine:
    if shards is not None:
        return RemoteEngine(recorder, display, budget, shards=shards)
    if asked.engine == "local":
        bases = [job.order.base_model for job in todo]
        found = workers.environments(asked.workers, bases, len(todo))
        if len(found) > 1:
            display.note(f"{len(found)} models are trained at once (--workers).")
        return LocalEngine(recorder, display, budget, workers=found)
    from huggingtweets_hub.batch.on_ray import RayEngine

    return RayEngine(
        recorder,
        display,
        budget,
        address=asked.ray_address,
        workers=asked.workers,
        gpus=asked.gpus_per_worker or 1.0,
    )


def _require_tokens(todo: Sequence[Job]) -> None:
    """Make sure, before the network is used, that the tokens that jobs need are set."""
    for job in todo:
        if any(source == sources.X for source in job.order.sources):
            try:
                sources.require_usable(sources.open(sources.X, Budget(0)), job.order.names[0])
            except MissingXTokenError as error:
                raise MissingXTokenError(
                    f"No X API token is set, and {' and '.join(map(mention, job.order.names))} would be read "
                    "through the X API, which costs credits.",
                    "Set X_BEARER_TOKEN. Or name another source in a .yaml users file, as in "
                    "'from: archive.zip'.",
                ) from error
            break
    if not all(job.order.dry_run for job in todo):
        access.require_token()


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
