"""Where everything that happens in a batch is written down and shown: ledger, report, display."""

import dataclasses
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

from huggingtweets_hub.batch.display import Display
from huggingtweets_hub.batch.jobs import Job
from huggingtweets_hub.batch.ledger import HELD_BACK, Attempt, Ledger, now, number_after
from huggingtweets_hub.batch.worker_handle import LearningError
from huggingtweets_hub.core import files, tokens
from huggingtweets_hub.core.errors import ACCOUNT_GONE, HuggingTweetsError, InvalidInputError, UnexpectedError
from huggingtweets_hub.core.records import Publication
from huggingtweets_hub.hub import repo
from huggingtweets_hub.pipeline.gather import Gathered

# One of these for one account is one for all: nothing more can be read, or nothing sent.
_FOR_ALL = (
    "missing_x_token", "rejected_x_token", "no_x_credits", "not_logged_in", "unwritable", "quota_exceeded",
    "no_credits", "jobs_refused", "public_bucket",
)  # fmt: skip
_X_KINDS = _FOR_ALL[:3]
_PAUSE_SECONDS = 5.0


class Recorder:
    """What a batch has come to. Its engines call it from their threads.

    Args:
        retries: How often an account is tried again after an error that may go away by itself.
        report: A file that gets a line for each account that is through.
    """

    def __init__(self, ledger: Ledger, display: Display, *, retries: int, report: Path | None) -> None:
        self.outcomes: list[Attempt] = []
        self.tracebacks: dict[str, str] = {}
        self._ledger, self._display = ledger, display
        self._retries, self._report = retries, report
        self._lock = threading.Lock()
        self._stopped: dict[str, HuggingTweetsError] = {}
        if report is not None:
            try:
                report.open("a").close()
            except OSError as error:
                raise InvalidInputError(
                    f"The report {str(report)!r} cannot be written ({error.strerror}).",
                    "Give --report a file in a folder that exists.",
                ) from error

    def begin(self, job: Job) -> bool:
        """Write down that a job has begun; False where another batch has done it meanwhile."""
        last = self._ledger.last(job.repo_id)
        if last is not None and last.is_done and last != job.last:
            self._through(job, last)
            return False
        job.attempt = self._ledger.change(
            Attempt(
                repo_id=job.repo_id,
                number=number_after(last),
                handles=job.order.names,
                order=job.digest,
                commit=last.commit if last else None,  # which stays where this attempt fails
                url=last.url if last else None,
            ),
            state="running",
            stage="fetch",
            began=now(),
        )
        self._display.stage(job, "fetch")
        return True

    def fetched(self, job: Job, gathered: Gathered) -> None:
        """The posts of a job are here; where `--min-new` holds the training back, its order stays open."""
        is_known = job.last is not None and job.last.is_done and job.last.order == job.digest
        order = job.digest if gathered.is_due or is_known else HELD_BACK
        bought = _bought(job, gathered.tweets_bought, gathered.cost_usd)
        fingerprint, stages = gathered.fingerprint, gathered.stages
        self.stage(job, "queued", fingerprint=fingerprint, stages=stages, order=order, **bought)

    def bought(self, job: Job, tweets: int, usd: float) -> None:
        """Write down that so much was bought in this attempt until now, whatever comes of it."""
        job.attempt = self._ledger.change(job.attempt, **_bought(job, tweets, usd))

    def stage(self, job: Job, stage: str, **values: Any) -> None:
        """Write down the stage that a job has come to."""
        job.attempt = self._ledger.change(job.attempt, stage=stage, **values)
        self._display.stage(job, stage)

    def done(self, job: Job, publication: Publication, stages: dict[str, float]) -> None:
        """A job is through, and the Hub holds its model (after a dry run: the disk)."""
        state = "published" if publication.changed else "unchanged"
        job.attempt = self._ledger.change(
            job.attempt,
            state=state if publication.commit else "made",
            commit=publication.commit,
            url=publication.url,
            fingerprint=publication.fingerprint,
            stages=stages,
            ended=now(),
        )
        self._through(job, job.attempt)

    def failed(self, job: Job, error: Exception) -> bool:
        """A job has failed; whether it is to be tried again now."""
        known, how = understood(error)
        is_orphaned = isinstance(known, ACCOUNT_GONE) and _is_public(job)
        job.attempt = self._ledger.change(
            job.attempt,
            state="orphaned" if is_orphaned else "failed",
            kind=known.kind,
            remedy=known.remedy,
            message=tokens.redacted(known.message),
            next_step=tokens.redacted(known.next_step),
            traceback=how,
            ended=now(),
        )
        if how is not None:
            self.tracebacks[job.repo_id] = how
        if known.kind in _FOR_ALL:
            self._stopped.setdefault("x" if known.kind in _X_KINDS else "hub", known)
        elif known.kind == "no_write_access" and job.order.repo_id is None:
            self._stopped.setdefault(_namespace(job), known)
        job.tries += 1
        if known.remedy == "retry" and job.tries <= self._retries:
            job.not_before = time.monotonic() + _PAUSE_SECONDS * job.tries
            self._display.again(job, known)
            return True
        self._through(job, job.attempt)
        return False

    def set_aside(self, job: Job, why: str, next_step: str = "") -> None:
        """A job is left to another run, now or later; its row in the ledger stays."""
        left = dataclasses.replace(
            job.attempt, state="waiting", kind=None, remedy=None, message=why, next_step=next_step
        )
        self._through(job, left)

    def left_out(self, attempt: Attempt) -> None:
        """An account is not to be published."""
        self._finish(attempt)

    def stopped(self, job: Job, *, reads_x: bool) -> HuggingTweetsError | None:
        """What makes this attempt vain: one of all, of those that read from X, or of its namespace."""
        keys = ["hub", *(["x"] if reads_x else []), _namespace(job)]
        return next((self._stopped[key] for key in keys if key in self._stopped), None)

    def _through(self, job: Job, attempt: Attempt) -> None:
        """Note what came of a job; what it bought is that of all its tries."""
        job.attempt = attempt
        self._finish(
            dataclasses.replace(attempt, tweets_bought=job.tweets_bought, cost_usd=round(job.cost_usd, 4))
        )

    def _finish(self, attempt: Attempt) -> None:
        with self._lock:
            self.outcomes.append(attempt)
            self._write(attempt)
        self._display.through(attempt)

    def _write(self, attempt: Attempt) -> None:
        if self._report is None:
            return
        try:
            with self._report.open("a", encoding="utf-8", newline="\n") as file:
                file.write(json.dumps(described(attempt), ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            self._display.warn(f"The report could not be written ({error.strerror}); the ledger has it all.")


def _bought(job: Job, tweets: int, usd: float) -> dict[str, Any]:
    """What the ledger says of it; the job's own sums are those of all its attempts."""
    job.tweets_bought += tweets - job.attempt.tweets_bought
    job.cost_usd += usd - job.attempt.cost_usd
    return {"tweets_bought": tweets, "cost_usd": round(usd, 4)}


def _namespace(job: Job) -> str:
    return f"hub: {job.repo_id.split('/')[0]}"


def _is_public(job: Job) -> bool:
    """Whether the Hub holds a model of an account that is gone; by the ledger, if the Hub does not answer."""
    if job.order.dry_run:
        return False
    try:
        return bool(repo.published([job.repo_id]))
    except HuggingTweetsError:
        return job.attempt.commit is not None


def described(attempt: Attempt) -> dict[str, Any]:
    """An attempt as JSON, as `--report` and `status --json` have it."""
    return {
        "repo_id": attempt.repo_id, "url": attempt.url, "state": attempt.state, "handles": attempt.handles,
        "attempt": attempt.number, "stage": attempt.stage, "commit": attempt.commit,
        "fingerprint": attempt.fingerprint, "seconds": attempt.seconds, "stages": attempt.stages,
        "tweets_bought": attempt.tweets_bought, "cost_usd": attempt.cost_usd, "kind": attempt.kind,
        "remedy": attempt.remedy, "message": attempt.message, "next_step": attempt.next_step,
    }  # fmt: skip


def understood(error: Exception) -> tuple[HuggingTweetsError, str | None]:
    """An error as one of ours, and how it came to it where nobody foresaw it."""
    if isinstance(error, LearningError):
        return error.error, error.traceback
    known = files.understood(error)
    is_unforeseen = known is not error and isinstance(known, UnexpectedError)
    return known, tokens.traceback_of(error) if is_unforeseen else None
