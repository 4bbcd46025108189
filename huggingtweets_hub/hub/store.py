"""Sync fetched pages and opt-outs with a dataset on the Hub, for machines that do not keep their disks.

With `HUGGINGTWEETS_STORE=hf://datasets/NAMESPACE/NAME`, everything is still kept in `HUGGINGTWEETS_HOME`.
An account's pages are pulled from the dataset before the account is read, and pushed afterwards.
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
    """The dataset used as the store; None if there is none, or the store is a folder.

    Raises:
        InvalidInputError: `HUGGINGTWEETS_STORE` is not a valid store.
    """
    repo_id = settings.dataset()
    return None if repo_id is None else _known(repo_id, settings.home())


def look_again() -> None:
    """Look again at what the dataset holds next time, as a new process does."""
    _known.cache_clear()


@contextmanager
def synced(handle: str, progress: Progress, *, anew: bool) -> Iterator[None]:
    """Pull an account's pages before it is read, and push them afterwards, even if reading failed.

    A failed push is only a warning: everything is on disk, and the next run pushes it.

    Args:
        anew: Everything is read again, so what was kept before must be deleted.

    Raises:
        HubError: The dataset could not be read or written; nothing was bought.
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
def batched(progress: Progress, *, machines: int) -> Iterator[None]:
    """Push new pages only once a minute, and the rest at the end, however it ends.

    Args:
        machines: How many share the dataset, and so the commits that the Hub allows.
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
        progress.warn(f"{error} What was read is safe in {settings.timelines()}. The next run uploads it.")


@functools.lru_cache(maxsize=4)
def _known(repo_id: str, _: Path) -> Dataset:
    return Dataset(repo_id)
