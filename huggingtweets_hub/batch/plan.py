"""What a batch is about to do, in a few lines, so that somebody can still stop it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from huggingtweets_hub.batch import trust
from huggingtweets_hub.batch.jobs import Job, Why
from huggingtweets_hub.core.text import counted
from huggingtweets_hub.hub import access, repo

_MOST_NAMED = 5


def lines(jobs: Sequence[Job], namespace: str | None, max_cost: float) -> Iterator[str]:
    """What is to be done, where it goes, what of it could do harm, and what reading may cost.

    Args:
        namespace: The command's, where it gives one.
        max_cost: US dollars that the X API may cost all of them.

    Raises:
        HubError: The Hub does not say what there is to be replaced.
    """
    if not jobs:
        return
    kinds = Counter(_kind(job) for job in jobs)
    places = Counter("nowhere (a dry run)" if job.order.dry_run else _namespace(job) for job in jobs)
    done = ", ".join(f"{number:,} {kind}" for kind, number in kinds.items())
    yield f"To do: {done}. To: {_counted(places)}."
    foreign = sorted(
        repo.foreign([job.repo_id for job in jobs if job.order.overwrite and not job.order.dry_run])
    )
    if foreign:
        more = ", …" if len(foreign) > _MOST_NAMED else ""
        yield (
            f"{len(foreign):,} will replace a repository not made by this toolkit (overwrite): "
            f"{', '.join(foreign[:_MOST_NAMED])}{more}."
        )
    home = access.destination(["x"], namespace=namespace).split("/")[0]
    options = Counter(option for job in jobs for option in trust.far_reaching(job.order, home))
    if options:
        yield f"Options to double-check: {_counted(options)}."
    if readers := sum(not job.order.is_free for job in jobs):
        yield (
            f"From the X API: {readers:,} of {counted(len(jobs), 'account')}, for ${max_cost:g} at most "
            "(--max-cost)."
        )


def passed_over(numbers: Mapping[Why, int]) -> Iterator[str]:
    """Why nothing is done about the other entries."""
    said = {
        "done": ("of the accounts need nothing.", "of the accounts needs nothing."),
        "failed": (
            "failed before, and are left until their entries or files change. "
            "--only-failed tries them again.",
            "failed before, and is left until its entry or file changes. --only-failed tries it again.",
        ),
        "untried": (
            "have not been tried, or have changed since. A batch without --only-failed takes them.",
            "has not been tried, or has changed since. A batch without --only-failed takes it.",
        ),
        "limit": ("are left for another run (--limit).", "is left for another run (--limit)."),
    }
    for why, (many, one) in said.items():
        if number := numbers.get(why, 0):  # type: ignore[call-overload]
            yield f"{number:,} {one if number == 1 else many}"


def _kind(job: Job) -> str:
    if job.last is None:
        return "new"
    is_published = job.last.is_done or job.last.commit is not None
    return "published before, to be trained again if it has changed" if is_published else "begun before"


def _namespace(job: Job) -> str:
    return job.repo_id.split("/")[0]


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{name} ({number:,})" for name, number in found.most_common())
