"""Take a model down, and remember not to publish it again."""

from contextlib import suppress
from dataclasses import dataclass

from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import HubError, HuggingTweetsError, InvalidInputError, NotOursError
from huggingtweets_hub.core.names import HANDLE, REPO_ID
from huggingtweets_hub.core.records import Account
from huggingtweets_hub.core.serialization import from_json
from huggingtweets_hub.hub import access, opt_outs, push, repo, store
from huggingtweets_hub.hub.repo import Published
from huggingtweets_hub.hub.retries import on_new_head
from huggingtweets_hub.hub.store_dataset import Dataset
from huggingtweets_hub.pipeline import workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The part of `huggingtweets.json` that says whose model it is."""

    accounts: tuple[Account, ...]


def unpublish(repo_id: str, *, keep_repo: bool = False) -> tuple[str, ...]:
    """Delete the repository and what is kept of its tweets, and remember not to publish it again.

    Args:
        keep_repo: Delete its files, tags and history only: for a token that may not delete repositories.

    Returns:
        The handles that are now on the list of opt-outs.

    Raises:
        NotOursError: The repository was not made by this toolkit.
        HubError: The Hub refuses; nothing is remembered where all of it is still there. Or the dataset that
            is the store still has tweets, as the message says.
    """
    if not REPO_ID.fullmatch(repo_id):
        raise InvalidInputError(f"{repo_id!r} is not a repo id.", "Give it as 'namespace/name'.")
    published = repo.read(repo_id)
    if published.head is None:
        raise HubError(
            f"There is no repository {repo_id} on the Hub that your token can see.", "Check its name."
        )
    access.require_write_access(repo_id)
    is_half_done = keep_repo and published.is_empty
    if not published.is_ours and not is_half_done:
        raise NotOursError(
            f"{repo_id} was not made by huggingtweets.", "Delete it in its settings on the Hub instead."
        )
    handles = _handles(published, repo_id)
    listed = opt_outs.listed()
    new = [handle for handle in handles if handle not in listed]
    try:
        opt_outs.add(new, repo_id)  # first: a kill in between must not lose it
        if keep_repo:
            on_new_head(lambda: push.empty_repo(repo_id, repo.read(repo_id)))
        else:
            push.delete_repo(repo_id)
    except HuggingTweetsError:
        with suppress(HuggingTweetsError):
            if repo.read(repo_id).files == published.files:  # else some of it is gone
                opt_outs.remove(new, repo_id)
        raise
    workspace.forget(handles)
    if kept := store.dataset():
        _forget(repo_id, kept)
    return handles


def _forget(repo_id: str, kept: Dataset) -> None:
    """Delete from a dataset, and from its history, the pages of those who have opted out."""
    try:
        kept.push()
    except HubError as error:
        raise HubError(
            f"{repo_id} is deleted, but {settings.store()} still has what was read for it: {error.message}",
            "The next run with this store deletes it; or delete it there by hand, and squash the history.",
        ) from error


def _handles(published: Published, repo_id: str) -> tuple[str, ...]:
    """The accounts of a publication, by its facts where they are sound, else by its name."""
    try:
        accounts = from_json(Accounts, published.facts).accounts
        return tuple(account.handle.lower() for account in accounts)
    except HuggingTweetsError:
        names = repo_id.split("/")[1].lower().split("-")
        return tuple(name for name in names if HANDLE.fullmatch(name))
