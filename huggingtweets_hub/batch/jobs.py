"""What is to be done of a users file: which entries are new, which are done, which are to be tried again."""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from huggingtweets_hub.batch.choice import Choice
from huggingtweets_hub.batch.comparison import is_as_asked
from huggingtweets_hub.batch.entries import Entry
from huggingtweets_hub.batch.ledger import Attempt, Ledger, number_after, without_taken_down
from huggingtweets_hub.batch.stamps import Stamps, digest
from huggingtweets_hub.core import people
from huggingtweets_hub.core.accounts import model_name
from huggingtweets_hub.core.errors import GatedError, HubRefusedError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.text import counted
from huggingtweets_hub.hub import access, namespace_opt_outs, opt_outs, publications, repo
from huggingtweets_hub.hub.namespace_opt_outs import Person
from huggingtweets_hub.pipeline.options import Order


@dataclass(slots=True, kw_only=True)
class Job:
    """An entry on its way.

    Attributes:
        last: The last attempt when this run began, None where there was none.
        attempt: The one that this run makes.
        tries: How often this run has failed at it.
        tweets_bought, cost_usd: What all tries of this run have read from the X API, and its price.
        not_before: When to try again, by `time.monotonic`.
        is_refresh: It may be published already, and only what is new is to be paid for.
    """

    order: Order
    repo_id: str
    digest: str
    last: Attempt | None = None
    attempt: Attempt
    tries: int = 0
    tweets_bought: int = 0
    cost_usd: float = 0.0
    not_before: float = 0.0
    is_refresh: bool = False

    @property
    def name(self) -> str:
        """The model's name."""
        return model_name(self.order.names)


Why = Literal["done", "failed", "untried", "limit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What is to be done of a users file.

    Attributes:
        left_out: The attempts of those whose owners opted out, or whose accounts are gone.
        passed_over: How many others there are: done, failed for good, not asked for by `--only-failed`
            although there is something to do, and cut off by the limit.
    """

    todo: list[Job]
    left_out: list[Attempt]
    passed_over: Counter[Why]


def chosen(entries: Sequence[Entry], ledger: Ledger, choice: Choice, progress: Progress) -> Chosen:
    """Every entry of the shard, in one of three heaps. `note_waiting` is for when they are to be begun."""
    stamps = Stamps()
    jobs = [_job(order, stamps) for order in with_namespace(entry.order for entry in choice.part(entries))]
    down = publications.taken_down()
    published = ledger.published()  # which earlier versions did not remember
    publications.remember({key: whose for key, whose in published.items() if key.lower() not in down})
    latest = ledger.latest()
    gone = {key: new for key, last in latest.items() if (new := without_taken_down(last, down)) is not last}
    ledger.add(gone.values())
    latest |= gone
    found = _found_on_hub([job for job in jobs if _is_forgotten(latest.get(job.repo_id))], choice, progress)
    found = {key: dataclasses.replace(latest.get(key, new), order=new.order) for key, new in found.items()}
    ledger.add(found.values())
    publications.remember({repo_id: attempt.handles for repo_id, attempt in found.items()})
    latest |= found
    excluded = _excluded(jobs, latest, choice)
    left_out: list[Attempt] = []
    todo: list[Job] = []
    passed_over: Counter[Why] = Counter()
    for job in jobs:
        last = latest.get(job.repo_id)
        if job.repo_id in excluded:
            left_out.append(excluded[job.repo_id])
        elif _is_wanted(job, last, choice):
            job.last, job.attempt, job.is_refresh = last, _next(job, last), choice.refresh
            todo.append(job)
        elif last is not None and last.needs_answer:
            left_out.append(last)
        else:
            passed_over[_why(job, last, choice)] += 1
    if cut := len(todo[choice.limit :]) if choice.limit is not None else 0:
        passed_over["limit"] = cut
    ledger.add(left_out)
    return Chosen(todo=todo[: choice.limit], left_out=left_out, passed_over=passed_over)


def note_waiting(todo: Iterable[Job], ledger: Ledger) -> None:
    """Write new jobs down: what is refused before this leaves nothing in the ledger."""
    ledger.add_new(job.attempt for job in todo if job.last is None)


def with_namespace(orders: Iterable[Order]) -> list[Order]:
    """The orders with `@me` written out, which the Hub is asked for once."""
    known: dict[str | None, str] = {}
    named = []
    for order in orders:
        if order.repo_id is None:
            if order.namespace not in known:
                target = access.destination(["x"], namespace=order.namespace)
                known[order.namespace] = target.split("/")[0]
            order = dataclasses.replace(order, namespace=known[order.namespace])
        named.append(order)
    return named


def _job(order: Order, stamps: Stamps) -> Job:
    repo_id = access.destination(order.names, namespace=order.namespace, repo_id=order.repo_id)
    attempt = Attempt(repo_id=repo_id, number=1, handles=order.names)
    return Job(order=order, repo_id=repo_id, digest=digest(order, stamps), attempt=attempt)


def _is_wanted(job: Job, last: Attempt | None, choice: Choice) -> bool:
    if choice.only_failed:
        return last is not None and last.state in ("failed", "orphaned", "running")  # cut short at it
    if last is None or job.order.force:
        return True
    is_same = last.order == job.digest
    if last.is_done or last.state == "orphaned":
        return choice.refresh or not is_same
    if last.state == "made":
        return not (is_same and job.order.dry_run)
    is_published = choice.refresh and last.commit is not None
    return is_published or not (last.state == "failed" and last.remedy == "permanent" and is_same)


def _why(job: Job, last: Attempt | None, choice: Choice) -> Why:
    if choice.only_failed and _is_wanted(job, last, dataclasses.replace(choice, only_failed=False)):
        return "untried"
    return "failed" if last is not None and last.state == "failed" else "done"


def _next(job: Job, last: Attempt | None) -> Attempt:
    return Attempt(repo_id=job.repo_id, number=number_after(last), handles=job.order.names, order=job.digest)


def _excluded(jobs: Sequence[Job], latest: Mapping[str, Attempt], choice: Choice) -> dict[str, Attempt]:
    """The attempts of those whose owners opted out, with the commit of what is still public, by repo id."""
    listed = opt_outs.listed() | {name.lower() for name in choice.exclude}
    out = [job for job in jobs if _has_opted_out(job, listed)]
    public = repo.published([job.repo_id for job in out if not job.order.dry_run])
    attempts = {}
    for job in out:
        last, commit = latest.get(job.repo_id), public.get(job.repo_id)
        attempts[job.repo_id] = dataclasses.replace(
            _next(job, last) if last is None or last.state != "excluded" else last,
            state="excluded",
            order=job.digest,
            commit=commit,
            url=repo.address(job.repo_id) if commit else None,
            message="Its owner has opted out" + (", but its model is still public." if commit else "."),
            next_step=f"Take it down with 'huggingtweets unpublish {job.repo_id}'." if commit else None,
        )
    return attempts


def _has_opted_out(job: Job, listed: frozenset[str]) -> bool:
    if people.names_of(job.repo_id, job.order.names) & listed:
        return True
    if job.order.dry_run:
        return False
    there = namespace_opt_outs.read(job.repo_id.split("/")[0])
    return any(there.match(Person(handle=name)) for name in (job.repo_id, *job.order.names))


def _is_forgotten(last: Attempt | None) -> bool:
    """Whether this machine does not know what was asked for when the model was published."""
    return last is None or (last.is_done and last.order is None)


def _found_on_hub(jobs: Sequence[Job], choice: Choice, progress: Progress) -> dict[str, Attempt]:
    """Attempts that this machine has forgotten, or another one made: what the Hub holds already."""
    asked = {job.repo_id: job for job in jobs if not job.order.dry_run}
    commits = repo.published(asked)
    is_compared = bool(commits) and not choice.refresh  # or all of them are looked at anyway
    if is_compared:
        progress.note(f"Comparing {counted(len(commits), 'published model')} with what is asked for.")
    found = {}
    for repo_id, commit in commits.items():
        job = asked[repo_id]
        is_same = is_compared and is_as_asked(job.order, _facts(repo_id, commit))
        found[repo_id] = Attempt(
            repo_id=repo_id,
            number=1,
            handles=job.order.names,
            order=job.digest if is_same else None,
            state="published",
            commit=commit,
            url=repo.address(repo_id),
        )
    return found


def _facts(repo_id: str, commit: str) -> dict[str, Any]:
    """What is published; nothing where the Hub refuses that, which is told when it is the account's turn."""
    try:
        return repo.facts(repo_id, commit)
    except (GatedError, HubRefusedError):
        return {}
