"""When fetched pages and opt-outs go to and from a dataset on the Hub, for machines that forget.

With `HUGGINGTWEETS_STORE=hf://datasets/NAMESPACE/NAME` all lies in `HUGGINGTWEETS_HOME` as it does without.
What the dataset holds of an account is pulled before the account is read, and pushed afterwards.
"""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import HuggingTweetsError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.hub.store_dataset import Dataset

_PUSHED_SECONDS = 60.0  # the Hub takes about 128 commits an hour to one repository


def dataset() -> Dataset | None:
    """The dataset that is the store; None where there is none, or it is a folder.

    Raises:
        InvalidInputError: `HUGGINGTWEETS_STORE` is no store.
    """
    repo_id = settings.dataset()
    return None if repo_id is None else _known(repo_id, settings.home())


def look_again() -> None:
    """Ask at the next occasion what the dataset holds, as a new process does."""
    _known.cache_clear()


@contextmanager
def synced(handle: str, progress: Progress, *, anew: bool = False) -> Iterator[None]:
    """Pull an account's pages before it is read, and push them afterwards, also where reading failed.

    A push that fails is a warning: everything lies on disk, and the next run pushes it.

    Args:
        anew: All is read anew, so that what was kept before is to be gone.

    Raises:
        HubError: The dataset cannot be read or not be written; nothing was bought.
        InvalidInputError: It is public.
    """
    kept = dataset()
    if kept is None:
        yield
        return
    kept.pull(handle.lower())
    try:
        yield
    finally:
        if anew:
            kept.replaced(handle.lower())
        if not kept.is_in_batch:
            _push(kept, progress)


@contextmanager
def batched(progress: Progress, *, machines: int = 1) -> Iterator[None]:
    """Push what accounts bring once a minute only, and the rest at the end, whatever ends it.

    Args:
        machines: How many share the dataset, and the commits that the Hub allows.
    """
    kept = dataset()
    if kept is None:
        yield
        return
    is_over = threading.Event()

    def push() -> None:
        while not is_over.wait(_PUSHED_SECONDS * machines):
            _push(kept, progress, squash=False)

    pushing = threading.Thread(target=push, daemon=True)
    kept.is_in_batch = True
    pushing.start()
    try:
        yield
    finally:
        is_over.set()
        pushing.join()
        kept.is_in_batch = False
        _push(kept, progress)


def _push(kept: Dataset, progress: Progress, *, squash: bool = True) -> None:
    try:
        kept.push(squash=squash)
    except (HuggingTweetsError, OSError, RuntimeError) as error:
        progress.warn(f"{error} What was read lies in {settings.timelines()}; the next run sends it.")


@functools.lru_cache(maxsize=4)
def _known(repo_id: str, _: Path) -> Dataset:
    return Dataset(repo_id)
