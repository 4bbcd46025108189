"""What the Hub's refusals mean for jobs, and how a job can end other than well, with the next step."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from huggingtweets_hub.core.errors import (
    HubError,
    JobCanceledError,
    JobFailedError,
    JobNotFoundError,
    JobOutOfMemoryError,
    JobsRefusedError,
    JobTimedOutError,
    NoCreditsError,
    NoMachineError,
)
from huggingtweets_hub.core.text import one_line
from huggingtweets_hub.hub import client

if TYPE_CHECKING:
    from huggingface_hub import HfApi

    from huggingtweets_hub.hub.jobs import Job

T = TypeVar("T")


def ask(task: str, namespace: str, call: "Callable[[HfApi], T]", id: str = "") -> T:
    """`client.ask` for a question about jobs, or about one of them; its errors speak of jobs."""
    with explained(task, namespace, id):
        return client.ask(task, call)


@contextmanager
def explained(task: str, namespace: str, id: str = "") -> Iterator[None]:
    """Say what the statuses mean that mean something else for jobs than for repositories."""
    try:
        yield
    except HubError as error:
        answer = getattr(error.__cause__, "response", None)
        status = answer.status_code if answer is not None else 0
        said = one_line(getattr(error.__cause__, "server_message", None) or "no reason given").rstrip(".")
        if status == 402:
            raise NoCreditsError(
                f"The Hub did not start the job, since {namespace} has no credits to pay for it: {said}. "
                "Nothing was charged.",
                "Add credits at https://huggingface.co/settings/billing, then run the same command again.",
            ) from error
        if status == 403:
            raise JobsRefusedError(
                f"The Hub does not allow the token to {task} in {namespace}: {said}.",
                f"Use a token with the permission 'Start and manage Jobs' for {namespace} "
                "(https://huggingface.co/settings/tokens).",
            ) from error
        if status == 404 and id:
            raise JobNotFoundError(
                f"There is no job {id} in {namespace}, or the token cannot see it.",
                "Run the same command again to start a new one.",
            ) from error
        raise


def require_done(job: "Job", *, timeout: int) -> None:
    """Refuse a job that is over but whose command did not end well.

    Args:
        timeout: Its limit in seconds, by which a job that was stopped there is recognised.

    Raises:
        JobTimedOutError: It was stopped at its limit.
        JobOutOfMemoryError: The machine had too little memory.
        JobCanceledError: Somebody cancelled or deleted it.
        JobFailedError: It failed, or was evicted.
    """
    if job.is_done:
        return
    reason = one_line(job.message or "no reason given").rstrip(".")
    if job.stage in ("CANCELED", "DELETED"):
        raise JobCanceledError(
            f"The job {job.id} was {'canceled' if job.stage == 'CANCELED' else 'deleted'} before its end.",
            "Run the same command again to start a new one.",
        )
    # No document gives the Hub's words for these ends.
    if (
        re.search(r"timed?[ -]?out|time limit", reason, re.IGNORECASE)
        or (job.running_seconds or 0) >= timeout
    ):
        raise JobTimedOutError(
            f"The job {job.id} was stopped at its limit of {timeout / 60:.0f} minutes.",
            "Give it longer with --remote-timeout, or choose a faster flavor.",
        )
    if re.search(r"out of memory|\boom|\b137\b", reason, re.IGNORECASE):
        raise JobOutOfMemoryError(
            f"The job {job.id} ran out of memory on {job.flavor}: {reason}.",
            "Choose a flavor with more memory.",
        )
    raise JobFailedError(
        f"The job {job.id} failed: {reason}.",
        f"Read its log at {job.url}, then run the same command again.",
    )


def no_machine(job: "Job", seconds: float) -> NoMachineError:
    """The error for a job that waited so many seconds for a machine, and was cancelled."""
    said = f" The Hub said: {one_line(job.message)}" if job.message else ""
    return NoMachineError(
        f"No {job.flavor} machine became free within {seconds / 60:.0f} minutes, so the job was canceled. "
        f"It cost nothing.{said}",
        "Choose another flavor, or try again later.",
    )
