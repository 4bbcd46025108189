"""A rented machine, from the handover to its end, when nothing is left of what was handed over."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from huggingtweets_hub.core import errors, settings, tokens, wheel
from huggingtweets_hub.core.errors import (
    HubError,
    HuggingTweetsError,
    JobFailedError,
    JobNotFoundError,
    JobWithoutResultError,
    NoMachineError,
)
from huggingtweets_hub.core.progress import Progress, duration
from huggingtweets_hub.hub import buckets, client, jobs
from huggingtweets_hub.hub.jobs import PUBLICATION, Job
from huggingtweets_hub.model.tracking import wandb
from huggingtweets_hub.pipeline.gather import Gathered
from huggingtweets_hub.pipeline.remote import begun, handover, labels, terms
from huggingtweets_hub.pipeline.remote.terms import ATTEMPTS, Offer, dollars

IMAGE = "ghcr.io/astral-sh/uv:python3.12-bookworm"
_INPUTS = "/inputs"
_MODULE = __package__
# Of two indices uv takes the newest version, and `2.9.1+cpu` is newer than `2.9.1`.
_TORCH_FOR_CPU = ("--index", "https://download.pytorch.org/whl/cpu", "--index-strategy", "unsafe-best-match")
_BEGUN_SECONDS = 3600.0
"""After that nobody is still about to start a job with what lies in a folder."""
_LONGEST_WAIT_SECONDS = 1800.0  # for a machine to become free
_OF_WANDB = ("WANDB_BASE_URL", "WANDB_ENTITY", "WANDB_PROJECT")


def account() -> str:
    """Whose credits pay for a machine: those of the token's owner, who alone can read what is handed over."""
    return str(client.whoami()["name"])


def running(namespace: str) -> list[Job]:
    """The jobs of ours that wait for a machine or run, newest first.

    Raises:
        HubError: The Hub does not answer.
    """
    return jobs.find(namespace, *labels.APP, running_only=True)


def sweep(namespace: str) -> None:
    """Delete what was handed over to jobs that are over, or was never started: its driver was killed.

    Raises:
        HubError: The Hub refuses, or does not answer.
    """
    bucket = f"{namespace}/{buckets.NAME}"
    there = buckets.folders(bucket)
    every = jobs.find(namespace, *labels.APP) if there else []
    for folder, uploaded in there.items():
        its = [job for job in every if labels.is_of(job, folder)]
        if not all(job.is_over for job in its):
            continue
        was_used = any(job.created and job.created >= uploaded for job in its)
        is_old = client.now() - uploaded.timestamp() > _BEGUN_SECONDS
        if was_used or is_old or begun.is_given_up(namespace, folder):
            buckets.remove(bucket, folder)
            begun.forget(namespace, folder)


def rent(offer: Offer, namespace: str, publication: str, gathered: Sequence[Gathered]) -> Job:
    """Hand publications over to a job, and start it. If that fails, nothing is left of them.

    Args:
        publication: What the job is found again by; also the name of the folder in the bucket.

    Raises:
        PublicBucketError: Everybody could read what is handed over.
        NoCreditsError, JobsRefusedError: The Hub starts no job for this account.
        SecretFoundError: A post holds the value of a token.
        HubError: The Hub refuses, or does not answer.
    """
    told = {f"{labels.short(one.repo_id)}.json": handover.written(one) for one in gathered}
    bucket = buckets.require_private(namespace)
    with ExitStack() as held:
        held.enter_context(begun.lock(namespace, publication))
        held.enter_context(_nothing_left(bucket, publication))
        with tempfile.TemporaryDirectory() as folder:
            packed = wheel.pack(Path(folder))
            buckets.put(bucket, publication, {packed.name: packed, **told})
        return jobs.start(
            namespace,
            publication=publication,
            image=IMAGE,
            command=_command(packed.name, offer, _extras(gathered)),
            flavor=offer.flavor.name,
            timeout=offer.seconds,
            env=_environment(gathered),
            secrets=_secrets(gathered),
            labels=labels.of(gathered),
            volumes=[buckets.volume(bucket, publication, _INPUTS)],
            name="huggingtweets",
            attempts=ATTEMPTS,
        )


@contextmanager
def _nothing_left(bucket: str, publication: str) -> Iterator[None]:
    """Delete what was handed over if no job has it in the end."""
    try:
        yield
    except BaseException as error:  # also Ctrl-C
        namespace = bucket.split("/")[0]
        with suppress(HuggingTweetsError):  # the next start sweeps
            if there := jobs.find(namespace, PUBLICATION, publication, running_only=True):
                if isinstance(error, KeyboardInterrupt):
                    raise KeyboardInterrupt(
                        f"the job {there[0].id}, which is still running and costs money; end it with "
                        f"'hf jobs cancel {there[0].id}'"
                    ) from None
            else:
                buckets.remove(bucket, publication)
                begun.forget(namespace, publication)
        raise


def _extras(gathered: Sequence[Gathered]) -> set[str]:
    """The extras of the package without which these cannot be made."""
    with_lora = any(one.recipe.lora_rank is not None for one in gathered)
    return {name for one in gathered for name in one.formats} | ({"lora"} if with_lora else set())


def _command(packed: str, offer: Offer, extras: set[str]) -> list[str]:
    more = [need for need in wheel.requirements(*sorted(extras)) if need not in wheel.requirements()]
    return [
        "uv", "run", "--no-project", *(() if offer.flavor.has_gpu else _TORCH_FOR_CPU),
        "--with", f"{_INPUTS}/{packed}", *(word for need in more for word in ("--with", need)),
        "python", "-m", str(_MODULE), _INPUTS,
    ]  # fmt: skip


def _environment(gathered: Sequence[Gathered]) -> dict[str, str]:
    """What is no secret: every member of the account can read it."""
    found = {name: value for name, value in _passed_on(gathered).items() if tokens.redacted(value) == value}
    if settings.dataset() is not None:  # which holds opt-outs
        found["HUGGINGTWEETS_STORE"] = str(settings.store())
    return found


def _secrets(gathered: Sequence[Gathered]) -> dict[str, str]:
    found = {name: value for name, value in _passed_on(gathered).items() if tokens.redacted(value) != value}
    key = wandb.key() if _uses_wandb(gathered) else None
    return {**found, "HF_TOKEN": client.token(), **({"WANDB_API_KEY": key} if key else {})}


def _passed_on(gathered: Sequence[Gathered]) -> dict[str, str]:
    """Settings of libraries; the address of a server may have a login in it."""
    names = ["HF_ENDPOINT", *(_OF_WANDB if _uses_wandb(gathered) else ())]
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def _uses_wandb(gathered: Sequence[Gathered]) -> bool:
    return any(terms.tracker(one.order) == "wandb" for one in gathered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a job has ended; `refused` is what it said of models that it could not publish."""

    job: Job
    refused: dict[str, HuggingTweetsError] = field(default_factory=dict)

    def failure(self, repo_id: str, *, timeout: int) -> HuggingTweetsError:
        """Why a model is not on the Hub: what it was refused for there, or how the job has ended."""
        reason = self.refused.get(labels.short(repo_id))
        try:
            jobs.require_done(self.job, timeout=timeout)
        except JobFailedError as error:
            if type(error) is not JobFailedError or reason is None:
                return error
        if reason is not None:
            return type(reason)(
                f"The job {self.job.id} could not publish {repo_id}: {reason.message}", reason.next_step
            )
        return JobWithoutResultError(
            f"The job {self.job.id} is over, but {repo_id} does not hold what it was meant to publish.",
            f"Read its log at {self.job.url}, then run the same command again.",
        )


def follow(job: Job, progress: Progress, *, offer: Offer, log: bool = True) -> Ending:
    """Wait until a job is over, and delete what was handed over to it.

    Args:
        log: Show what it says.

    Raises:
        KeyboardInterrupt: Ctrl-C; the job goes on.
        NoMachineError: None became free; the job is cancelled.
        JobNotFoundError: The job is gone.
        HubUnavailableError: The Hub did not answer for long; the job goes on.
    """
    refused: dict[str, HuggingTweetsError] = {}

    def tell(line: str) -> None:
        if not _is_result(line, refused) and log:
            progress.note(f"  {line}")

    try:
        done = jobs.follow(
            job, tell=tell, changed=_noting(progress), longest_wait_seconds=_LONGEST_WAIT_SECONDS
        )
    except (JobNotFoundError, NoMachineError):
        clear(job, progress)
        raise
    except KeyboardInterrupt:
        progress.note(
            f"The job {job.id} is still running and costs money. Run the same command again to follow it, or "
            f"end it with 'hf jobs cancel {job.id}'."
        )
        raise KeyboardInterrupt("there") from None
    clear(done, progress)
    if done.running_seconds is not None and done.flavor == offer.flavor.name:
        cost = dollars(offer.flavor.usd(done.running_seconds))
        progress.note(f"The job {done.id} ran for {duration(done.running_seconds)}: about {cost}.")
    return Ending(job=done, refused=refused)


def _noting(progress: Progress) -> Callable[[Job], None]:
    def changed(job: Job) -> None:
        said = f": {job.message}" if job.message else ""
        progress.note(f"The job {job.id} ({job.url}) is {job.stage}{said}")

    return changed


def _is_result(line: str, refused: dict[str, HuggingTweetsError]) -> bool:
    """Whether a line is what the job says of a model at its end; a refusal is remembered."""
    try:
        said = json.loads(line) if line.startswith("{") else None
    except ValueError:
        return False
    if not isinstance(said, Mapping):
        return False
    if "kind" in said:
        kind = errors.KINDS.get(str(said["kind"]), JobFailedError)
        refused[str(said.get("handover"))] = kind(str(said.get("message")), str(said.get("next_step")))
    return bool({"kind", "commit"} & said.keys())


def clear(job: Job, progress: Progress) -> None:
    """Delete what was handed over to a job that is over."""
    try:
        buckets.remove(f"{job.namespace}/{buckets.NAME}", job.labels[PUBLICATION])
        begun.forget(job.namespace, job.labels[PUBLICATION])
    except HubError as error:
        progress.warn(f"The posts are still in the private bucket until the next job: {error.message}")


def listed() -> list[tuple[Job, float]]:
    """The jobs that wait or run, and what they have cost so far, of accounts that this machine knows.

    Where it has started none whose end it has not seen, the Hub is not asked.

    Raises:
        HubError: The Hub does not answer.
    """
    found: list[tuple[Job, float]] = []
    for place in sorted(begun.folder().glob("*")):
        if not any(place.iterdir()):
            continue
        now = running(place.name)
        for file in () if now else list(place.iterdir()):
            if begun.is_given_up(place.name, file.name):
                begun.forget(place.name, file.name)
        prices = jobs.flavors() if now else {}
        for job in now:
            flavor = prices.get(job.flavor)
            found.append((job, flavor.usd(job.running_seconds or 0) if flavor else 0.0))
    return found
