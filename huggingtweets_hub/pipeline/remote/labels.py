"""What a job is found again by. Its labels can be read by all members of the account that pays for it."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from huggingtweets_hub.core import options, serialization
from huggingtweets_hub.hub.jobs import PUBLICATION, Job
from huggingtweets_hub.pipeline.gather import Gathered
from huggingtweets_hub.pipeline.options import BESIDE, Options, Order

APP = ("app", "huggingtweets")
FINGERPRINT, BEFORE = "fingerprint", "before"
_MODELS = "models"
_LONGEST = 100  # characters of [A-Za-z0-9_-]; the Hub allows no more
_SHORT = 10


def identity(order: Order, repo_id: str) -> str:
    """A digest of what is to be published, whatever posts are there by now: the same for the same command."""
    beside = {*BESIDE, "namespace", "repo_id"}
    asked = {name: str(getattr(order, name)) for name in options.specs(Options) if name not in beside}
    named = [str(source) for source in order.sources if isinstance(source, str | Path)]
    return serialization.digest(repo_id.lower(), asked, named)[:32]


def of(gathered: Sequence[Gathered]) -> dict[str, str]:
    """The labels of a job that publishes these, besides what `jobs.start` gives it."""
    first = gathered[0]
    name = first.repo_id if len(gathered) == 1 else f"{len(gathered)}-models"
    found = dict([APP, ("model", re.sub(r"[^A-Za-z0-9_-]", "-", name)[:_LONGEST])])
    if len(gathered) == 1:
        found |= {FINGERPRINT: first.fingerprint, BEFORE: first.published.head or "nothing"}
    parts = (_LONGEST + 1) // (_SHORT + 1)
    names = sorted(short(one.repo_id) for one in gathered)
    packed = ["-".join(names[i : i + parts]) for i in range(0, len(names), parts)]
    return found | {f"{_MODELS}-{number}": part for number, part in enumerate(packed, start=1)}


def short(repo_id: str) -> str:
    """A few letters that stand for a repository."""
    return hashlib.sha256(repo_id.lower().encode()).hexdigest()[:_SHORT]


def publishes(job: Job, repo_id: str) -> bool:
    """Whether a job publishes to a repository."""
    return short(repo_id) in _models(job.labels)


def _models(found: Mapping[str, str]) -> set[str]:
    return {name for key, part in found.items() if key.startswith(f"{_MODELS}-") for name in part.split("-")}


def is_of(job: Job, publication: str) -> bool:
    """Whether a job makes just this publication."""
    return job.labels.get(PUBLICATION) == publication
