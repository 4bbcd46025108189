"""What the processes of a batch get from this one: where modules come from, and no secret without need."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from huggingtweets_hub.hub import access
from huggingtweets_hub.pipeline.gather import Gathered

X_TOKENS = ("X_BEARER_TOKEN", "TWITTER_BEARER_TOKEN")
"""Only this process reads from X."""
_SECRET = re.compile(r"(^|_)(TOKEN|SECRET|PASSWORD|PASSWD|KEY|CREDENTIALS)\Z", re.IGNORECASE)


def of_worker() -> dict[str, str]:
    """The variables of this process, without those named like secrets, and where its modules come from."""
    kept = {name: value for name, value in os.environ.items() if not _SECRET.search(name)}
    return {**kept, **module_path()}


def module_path() -> dict[str, str]:
    """Variables that make Python look for modules where this package lies, never in the working directory.

    Of the user's own `PYTHONPATH`, folders that are given in full stay.
    """
    root, here = Path(__file__).resolve().parents[2], Path.cwd()
    given = map(Path, filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))
    folders = [root, *(path for path in given if path.is_absolute() and path.resolve() != here)]
    return {"PYTHONPATH": os.pathsep.join(dict.fromkeys(map(str, folders))), "PYTHONSAFEPATH": "1"}


def secrets_for(gathered: Gathered) -> Mapping[str, str]:
    """The secrets that a worker needs for this model: for a tracker, or to read what is not public."""
    from huggingface_hub import get_token

    tracker, found = gathered.order.tracker, os.environ
    if not isinstance(tracker, str):  # an object of the user's own may need any but those
        return {name: found[name] for name in found if _SECRET.search(name) and name not in X_TOKENS}
    wanted = ["WANDB_API_KEY"] if tracker in ("auto", "wandb") else []
    secrets = {name: found[name] for name in wanted if name in found}
    token = get_token()
    if token is not None and _reads_what_is_closed(gathered):
        secrets["HF_TOKEN"] = token
    return secrets


def _reads_what_is_closed(gathered: Gathered) -> bool:
    base, published = gathered.checkpoint.model, gathered.published
    if published.private and published.facts.get("fingerprint") == gathered.fingerprint:
        return True  # to sample again from the model that is there
    if gathered.order.tracker == "trackio" and "TRACKIO_SPACE_ID" in os.environ:
        return True
    return base.kind == "hub" and not access.is_open(base.name)
