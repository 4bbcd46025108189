"""Hugging Face Jobs: machines by the minute, what they cost, and what the Hub says of a job.

flavor = jobs.require_flavor("cpu-upgrade")
job = jobs.start("alice", publication=digest, flavor=flavor.name, image=…, command=[…], timeout=1800)
job = jobs.follow(job, tell=print)
jobs.require_done(job, timeout=1800)
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from huggingtweets_hub.core.errors import HubError, HubUnavailableError, JobNotFoundError
from huggingtweets_hub.core.text import visible
from huggingtweets_hub.hub import client, refusals
from huggingtweets_hub.hub.flavors import Flavor, flavors, require_flavor
from huggingtweets_hub.hub.job_errors import ask, explained, no_machine, require_done
from huggingtweets_hub.hub.retries import attempts as tries

if TYPE_CHECKING:
    from huggingface_hub import HfApi, JobInfo, Volume

__all__ = [
    "PUBLICATION",
    "Flavor",
    "Job",
    "Log",
    "cancel",
    "find",
    "flavors",
    "follow",
    "read",
    "require_done",
    "require_flavor",
    "start",
]

PUBLICATION = "publication"
"""The label by which a job is found again."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_SHORTEST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 15.0
_SILENCE_SECONDS = 3600.0  # of the Hub, after which nobody waits any longer
_LOST_SECONDS = 60.0  # a new job is not known everywhere at once
_LAST_READS = 5
_START_TASK = "start a job"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the Hub says of a job.

    Attributes:
        stage: `SCHEDULING`, `RUNNING`, `COMPLETED`, `ERROR`, `CANCELED`, `DELETED`, or the Hub's new word.
        message: The Hub's reason for the stage.
        running_seconds: For how long it has run, or ran; None before it starts.
        url: Its page.
    """

    id: str
    namespace: str
    stage: str
    message: str | None
    labels: dict[str, str]
    flavor: str
    created: datetime | None
    running_seconds: float | None
    url: str

    @property
    def is_over(self) -> bool:
        """Whether it will not run any more."""
        return self.stage in ("COMPLETED", "ERROR", "CANCELED", "DELETED")

    @property
    def is_done(self) -> bool:
        """Whether its command ended well."""
        return self.stage == "COMPLETED"


def start(
    namespace: str, *, publication: str, image: str, command: Sequence[str], flavor: str, timeout: int,
    env: Mapping[str, str] | None = None, secrets: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None, volumes: "Sequence[Volume]" = (), name: str | None = None,
    attempts: int = 1,
) -> Job:  # fmt: skip
    """Start a job, unless one of the same publication is waiting or running: then that one is the answer.

    So it may be called again after any error, and after a crash. If two are started at the same moment, the
    newer is cancelled.

    Args:
        publication: What is published, as the value of the label `publication`.
        command, env, labels: Can be read by all members of the namespace: never put a secret there.
        timeout: Seconds until the Hub stops it.
        secrets: Environment variables whose values nobody can read.
        name: Shown in the list of jobs; the publication if it is not given.
        attempts: How often the Hub tries in all if the job fails.

    Raises:
        NoCreditsError: The namespace cannot pay.
        JobsRefusedError: The token may not start jobs there.
        HubError: The Hub refuses, or does not answer.
    """

    def begin(api: "HfApi") -> "JobInfo":
        return api.run_job(
            namespace=namespace,
            image=image,
            command=list(command),
            flavor=flavor,
            timeout=timeout,
            env=dict(env or {}),
            secrets=dict(secrets or {}),
            labels={**(labels or {}), PUBLICATION: publication},
            volumes=list(volumes),
            name=name or publication,
            attempts=attempts,
        )

    def oldest() -> Job | None:
        return next(reversed(find(namespace, PUBLICATION, publication, running_only=True)), None)

    try:
        for attempt in tries():
            with attempt:
                # The reply to the try before may be lost although the job began.
                if there := oldest():
                    return there
                with explained(_START_TASK, namespace), refusals.explained(_START_TASK):
                    started = _job(begin(client.api()), namespace)
    except HubUnavailableError:
        if there := oldest():
            return there
        raise
    with suppress(HubError):  # who cannot look follows the job that it has
        if (there := oldest()) and there.id != started.id:
            cancel(namespace, started.id)
            return there
    return started


def find(namespace: str, label: str, value: str, *, running_only: bool = False) -> list[Job]:
    """The jobs that carry a label, newest first.

    Args:
        running_only: Only those that wait for a machine or run.

    Raises:
        HubError: The Hub does not answer.
    """
    stages = ["SCHEDULING", "RUNNING"] if running_only else None
    found = ask(
        "list the jobs",
        namespace,
        lambda api: list(api.list_jobs(namespace=namespace, labels={label: value}, status=stages)),
    )
    jobs = [_job(info, namespace) for info in found]
    # A server that knows no filter must not make us follow, or cancel, a job of somebody else.
    ours = [job for job in jobs if job.labels.get(label) == value and not (running_only and job.is_over)]
    return sorted(ours, key=lambda job: (job.created or _BEGINNING, job.id), reverse=True)


def read(namespace: str, id: str) -> Job:
    """What the Hub says of a job now.

    Raises:
        JobNotFoundError: There is none of this id.
        HubError: The Hub does not answer.
    """
    info = ask("read the job", namespace, lambda api: api.inspect_job(job_id=id, namespace=namespace), id)
    return _job(info, namespace)


class Log:
    """The lines that a job has written, each told once, however often the connection breaks."""

    def __init__(self, namespace: str, id: str) -> None:
        self._namespace, self._id = namespace, id
        self._told: list[str] = []

    def new(self) -> list[str]:
        """The lines since the last call. While the job runs, a call takes up to five seconds.

        Raises:
            HubError: The Hub does not answer. The lines come with a later call.
        """
        # Not `follow=True`: that gives up a stream that is silent for two minutes, and with it the rest.
        lines = ask(
            "read the log of the job",
            self._namespace,
            lambda api: list(api.fetch_job_logs(job_id=self._id, namespace=self._namespace)),
            self._id,
        )
        known = len(self._told)
        if lines[:known] != self._told[: len(lines)]:  # a second attempt, with a log of its own
            known = 0
        new = lines[known:]
        if new:
            self._told = lines
        return [visible(line) for line in new]


def follow(
    job: Job, *, tell: Callable[[str], None], changed: Callable[[Job], None] = lambda job: None,
    longest_wait_seconds: float = 1800.0,
) -> Job:  # fmt: skip
    """Wait until a job is over, and give its end; ask `require_done` whether it went well.

    It survives every error that may pass. An exception from outside, such as Ctrl-C, leaves the job running.

    Args:
        tell: Called with each line that the job writes.
        changed: Called with the job whenever its stage or message changes, and at first.
        longest_wait_seconds: For a machine. After that the job is cancelled.

    Raises:
        NoMachineError: None became free; the job is cancelled.
        JobNotFoundError: The job is gone.
        HubUnavailableError: The Hub did not answer for an hour; the job goes on.
    """
    log, shown = Log(job.namespace, job.id), None
    began = answered = time.monotonic()
    while True:
        now = time.monotonic()
        try:
            job = read(job.namespace, job.id)
        except (HubUnavailableError, JobNotFoundError) as error:
            gone = isinstance(error, JobNotFoundError)
            if now - answered > (_LOST_SECONDS if gone else _SILENCE_SECONDS):
                raise
        else:
            answered = now
            if job.is_over:
                _tell(log, tell, to_the_end=True)
            if (job.stage, job.message) != shown:
                shown = job.stage, job.message
                changed(job)
            if job.is_over:
                return job
            if job.stage != "SCHEDULING":
                _tell(log, tell, to_the_end=False)
            elif now - began > longest_wait_seconds:
                cancel(job.namespace, job.id)
                raise no_machine(job, longest_wait_seconds)
        time.sleep(min(max((now - began) / 20, _SHORTEST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS))


def _tell(log: Log, tell: Callable[[str], None], *, to_the_end: bool) -> None:
    # An answer that stops early looks like all there is, so the last one is asked for more than once.
    for _ in range(_LAST_READS if to_the_end else 1):
        with suppress(HubError):  # the log is for people: what counts is on the Hub
            if not (lines := log.new()):
                return
            for line in lines:
                tell(line)


def cancel(namespace: str, id: str) -> None:
    """End a job; fine if it is over, or gone.

    Raises:
        JobsRefusedError: The token may not.
        HubError: The Hub does not answer.
    """
    with suppress(JobNotFoundError):
        ask("cancel the job", namespace, lambda api: api.cancel_job(job_id=id, namespace=namespace), id)


def _job(info: "JobInfo", namespace: str) -> Job:
    return Job(
        id=info.id,
        namespace=namespace,
        stage=str(getattr(info.status.stage, "value", info.status.stage)),
        message=info.status.message,
        labels=dict(info.labels or {}),
        flavor=str(info.flavor or ""),
        created=info.created_at,
        running_seconds=info.durations.running_secs if info.durations else None,
        url=info.url,
    )
