"""What a Space on the Hub holds."""

import json
from typing import TYPE_CHECKING

from huggingtweets_hub.core.names import PAGE_SPACE, TAG
from huggingtweets_hub.hub import client, repo
from huggingtweets_hub.hub import files as hub_files
from huggingtweets_hub.hub.repo import Published

if TYPE_CHECKING:
    from huggingface_hub import HfApi, SpaceInfo


def read(space: str, marker: str) -> Published:
    """What the Space holds now; its facts are the content of the file `marker`.

    Raises:
        HubError: The Hub does not answer.
    """
    info = client.ask(f"read the Space {space}", lambda api: _info(api, space))
    if info is None:
        return Published()
    head, there = info.sha or "", hub_files.listed(info)
    facts: object = None
    if marker in there:
        content = hub_files.download_file(space, marker, head, kind="space", expected=there[marker])
        try:
            facts = json.loads(content)
        except (ValueError, RecursionError):
            facts = None
    return Published(
        head=head,
        files=repo.digests(info),
        facts=facts if isinstance(facts, dict) else {},
        tagged=TAG in (info.tags or ()),
        private=bool(info.private),
    )


def page_of(repo_id: str) -> str | None:
    """Where a model can be tried in a browser; None if its namespace has no page for that.

    Raises:
        HubError: The Hub does not answer.
    """
    namespace, name = repo_id.split("/")
    space = f"{namespace}/{PAGE_SPACE}"
    info = client.ask(f"look for the page of {namespace}", lambda api: _info(api, space))
    is_public = info is not None and TAG in (info.tags or ()) and not info.private
    return f"{repo.address(space, 'space')}#/{name}" if is_public else None


def _info(api: "HfApi", space: str) -> "SpaceInfo | None":
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        return api.space_info(space, files_metadata=True)
    except RepositoryNotFoundError:
        return None
