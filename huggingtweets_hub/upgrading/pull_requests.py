"""Pull requests of ours: find an open one before another is made, and close it again."""

import re
from collections.abc import Mapping

from huggingtweets_hub import hub, hub_client
from huggingtweets_hub.errors import EditedByHandError, HubError


def earlier(repo_id: str, title: str, author: str, files: Mapping[str, bytes]) -> str | None:
    """The address of the author's open pull request that proposes these files already, if there is one.

    Raises:
        EditedByHandError: One of theirs is open and proposes something else.
    """
    with hub_client.explained(f"list the pull requests of {repo_id}"):
        found = hub_client.api().get_repo_discussions(
            repo_id, author=author, discussion_type="pull_request", discussion_status="open"
        )
        ours = [request for request in found if (request.title, request.author) == (title, author)]
    for request in ours:
        if hub.holds(repo_id, str(request.git_reference), files):
            return request.url
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
    with hub_client.explained(f"close {url}"):
        request = hub_client.api().get_discussion_details(repo_id, int(number[1]))
        if request.status == "merged":
            return f"{url} was merged."
        if request.status != "closed":
            hub_client.api().change_discussion_status(repo_id, int(number[1]), "closed")
    return None
