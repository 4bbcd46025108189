"""Our own pull requests: find an open one before making another, and close it again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.core import names
from huggingtweets_hub.core.errors import EditedByHandError, HubError
from huggingtweets_hub.core.serialization import mapping
from huggingtweets_hub.hub import client, repo
from huggingtweets_hub.hub import files as hub_files

if TYPE_CHECKING:
    from huggingface_hub import HfApi


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request, and the git reference of what it proposes."""

    url: str
    reference: str


def earlier(
    repo_id: str, title: str, files: Mapping[str, Path | bytes], *, alone: bool = False
) -> PullRequest | None:
    """Our own open pull request with this title that already proposes these files or this publication.

    Args:
        alone: Raise an error if another one of ours with this title is open.

    Raises:
        EditedByHandError: `alone` is set, and one of ours that proposes something else is open.
    """
    author = str(client.whoami()["name"])
    found = client.ask(
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
        if _is_same(repo_id, reference, files):
            return PullRequest(url=request.url, reference=reference)
    if ours and alone:
        raise EditedByHandError(
            f"An earlier pull request with other files is still open: {ours[0].url}.",
            "Merge or close it first.",
        )
    return None


def _is_same(repo_id: str, reference: str, files: Mapping[str, Path | bytes]) -> bool:
    """Whether a reference holds these files; for a publication, whether it is the same apart from timings."""
    publication = _publication(files.get(names.FACTS))
    if publication is None or names.FACTS not in repo.files_at(repo_id, reference).files:
        return hub_files.holds(repo_id, reference, files)
    return publication == _publication(hub_files.download_file(repo_id, names.FACTS, reference))


def _publication(facts: Path | bytes | None) -> object:
    """The digest of a publication, from its facts; None if there is none."""
    return mapping(facts).get("publication") if isinstance(facts, bytes) else None


def close(repo_id: str, url: str) -> str | None:
    """Close it, or return why not if it was merged.

    Raises:
        HubError: The Hub refuses.
    """
    number = re.search(r"/discussions/(\d+)\Z", url)
    if number is None:
        raise HubError(f"{url!r} is not a pull request.", "Close it by hand on the Hub.")

    def once(api: "HfApi") -> str | None:
        request = api.get_discussion_details(repo_id, int(number[1]))
        if request.status == "merged":
            return f"{url} was merged."
        if request.status != "closed":
            api.change_discussion_status(repo_id, int(number[1]), "closed")
        return None

    return client.ask(f"close {url}", once)
