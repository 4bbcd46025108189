"""Pull requests of ours: find an open one before another is made, and close it again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub import hub, hub_client
from huggingtweets_hub.errors import EditedByHandError, HubError

if TYPE_CHECKING:
    from huggingface_hub import HfApi


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request, and the git reference of what it proposes."""

    url: str
    reference: str


def earlier(repo_id: str, title: str, files: Mapping[str, Path | bytes]) -> PullRequest | None:
    """Our own open pull request with this title that proposes these files already, if there is one.

    Raises:
        EditedByHandError: One of ours is open and proposes something else.
    """
    author = str(hub_client.whoami()["name"])
    found = hub_client.ask(
        f"list the pull requests of {repo_id}",
        lambda api: list(
            api.get_repo_discussions(
                repo_id, author=author, discussion_type="pull_request", discussion_status="open"
            )
        ),
    )
    ours = [request for request in found if (request.title, request.author) == (title, author)]
    for request in ours:
        reference = str(request.git_reference)
        if hub.holds(repo_id, reference, files):
            return PullRequest(url=request.url, reference=reference)
    if ours:
        raise EditedByHandError(
            f"A pull request of ours with other files is open: {ours[0].url}.", "Merge or close it first."
        )
    return None


def close(repo_id: str, url: str) -> str | None:
    """Close it; why not, where it was merged.

    Raises:
        HubError: The Hub refuses.
    """
    number = re.search(r"/discussions/(\d+)\Z", url)
    if number is None:
        raise HubError(f"{url!r} is no pull request.", "Close it by hand.")

    def once(api: "HfApi") -> str | None:
        request = api.get_discussion_details(repo_id, int(number[1]))
        if request.status == "merged":
            return f"{url} was merged."
        if request.status != "closed":
            api.change_discussion_status(repo_id, int(number[1]), "closed")
        return None

    return hub_client.ask(f"close {url}", once)
