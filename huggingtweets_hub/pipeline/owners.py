"""Whether a handle still belongs to the account that its published model was made of."""

import functools
from collections.abc import Callable, Mapping

from huggingtweets_hub.core.accounts import NetworkName, mention, network_of
from huggingtweets_hub.core.errors import WrongAccountError
from huggingtweets_hub.core.records import Timeline
from huggingtweets_hub.hub.repo import Published
from huggingtweets_hub.posts import source as sources
from huggingtweets_hub.posts.source import TimelineSource

_IDS: Mapping[NetworkName, Callable[[str], str | None]] = {
    "x": lambda id: id if id.isdecimal() else None,
    "bluesky": lambda id: id.lower() if id.startswith("did:") else None,
    "fediverse": lambda id: id if "://" in id else None,
}
_TABLE = "file"
"""The source whose ids may be anybody's numbers, and may have lost digits in a spreadsheet."""


def look_out(repo_id: str, published: Published, readers: Mapping[str, TimelineSource]) -> None:
    """Have sources that cost money stop before they buy the posts of somebody else."""
    for handle, reader in readers.items():
        sources.check_id(reader, handle, functools.partial(require_same, repo_id, published, handle))


def require_same_owners(repo_id: str, published: Published, timelines: tuple[Timeline, ...]) -> None:
    """Stop where one of the accounts has the handle of a published one, but is another.

    Raises:
        WrongAccountError: It is.
    """
    for timeline in timelines:
        if timeline.source != _TABLE:
            require_same(repo_id, published, timeline.account.handle, timeline.account.id)


def require_same(repo_id: str, published: Published, handle: str, id: str | None) -> None:
    """Stop if the published model was made of an account with the same handle and another id.

    Raises:
        WrongAccountError: It was.
    """
    accounts, source = published.facts.get("accounts"), published.facts.get("source")
    if isinstance(source, dict) and _TABLE in str(source.get("kind")).split(" + "):
        return
    for before in accounts if isinstance(accounts, list) else ():
        if not isinstance(before, dict) or str(before.get("handle")).lower() != handle.lower():
            continue
        known, new = _id(handle, before.get("id")), _id(handle, id)
        if known and new and known != new:
            raise WrongAccountError(
                f"{mention(handle)} belongs to another account now ({id}). {repo_id} was made from the "
                f"account that had it before ({before['id']}), whose consent does not cover the new owner.",
                "Ask the new owner; if they agree, publish their model with another --repo-id. If the former "
                f"owner has a new handle, publish that with --repo-id {repo_id}; or take the model down with "
                f"'huggingtweets unpublish {repo_id}'.",
            )


def _id(handle: str, id: object) -> str | None:
    comparable = _IDS.get(network_of(handle))
    return comparable(id) if comparable is not None and isinstance(id, str) else None
