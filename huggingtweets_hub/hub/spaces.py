"""What a Space on the Hub holds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from huggingtweets_hub.core.errors import QuotaExceededError
from huggingtweets_hub.core.names import PAGE_SPACE, TAG
from huggingtweets_hub.core.serialization import mapping
from huggingtweets_hub.core.text import one_line
from huggingtweets_hub.hub import client, repo
from huggingtweets_hub.hub import files as hub_files
from huggingtweets_hub.hub.repo import Published

if TYPE_CHECKING:
    from huggingface_hub import HfApi, SpaceInfo

_UNITS = {"minute": 60.0, "hour": 1.0}
FREE = (
    "An account that is older than 30 days and has confirmed its email address may host two gradio Spaces on "
    "ZeroGPU for free; any other account needs a paid plan (https://huggingface.co/pricing)."
)


def read(space: str, marker: str) -> Published:
    """What the Space holds now; its facts are the content of the file `marker`.

    Raises:
        HubRefusedError: It has another name by now.
        HubError: The Hub does not answer.
    """
    info = client.ask(f"read the Space {space}", lambda api: _info(api, space))
    if info is None:
        return Published()
    hub_files.require_name(space, info)
    head, there = info.sha or "", hub_files.listed(info)
    content = b""
    if marker in there:
        content = hub_files.download_file(space, marker, head, kind="space", expected=there[marker])
    return Published(
        head=head,
        files=repo.digests(info),
        facts=mapping(content),
        tagged=TAG in (info.tags or ()),
        private=bool(info.private),
    )


def create_on_zero_gpu(space: str, *, private: bool) -> None:
    """Make a Space for a gradio app, on the hardware that costs nobody anything; it may be there already.

    Raises:
        QuotaExceededError: The Hub hosts no further one for this account.
        HubError: The Hub refuses, or does not answer.
    """
    from huggingface_hub import SpaceHardware
    from huggingface_hub.errors import HfHubHTTPError

    def once(api: "HfApi") -> None:
        try:
            api.create_repo(
                space, repo_type="space", private=private, exist_ok=True, space_sdk="gradio",
                space_hardware=SpaceHardware.ZERO_A10G,
            )  # fmt: skip
        except HfHubHTTPError as error:
            if error.response is None or error.response.status_code != 402:
                raise
            said = one_line(error.server_message or "A paid plan is needed.")
            raise QuotaExceededError(
                f"The Hub does not host the Space {space} for free: {said}",
                f"{FREE} Delete one that is no longer needed, or run the app on your own machine.",
            ) from error

    client.ask(f"create the Space {space}", once)


@dataclass(frozen=True, slots=True)
class Hardware:
    """What a Space runs on, as the Hub calls it, and its price; None if the Hub lists none."""

    name: str
    usd_per_hour: float | None


def hardware(space: str) -> Hardware | None:
    """What the Space runs on; None before it has started for the first time.

    Raises:
        HubError: The Hub refuses, or does not answer.
    """

    def look(api: "HfApi") -> Hardware | None:
        name = api.get_space_runtime(space).hardware
        if name is None:
            return None
        listed = {kind.name: kind for kind in api.list_spaces_hardware()}
        kind = listed.get(name)
        if kind is None or kind.unit_label not in _UNITS:
            return Hardware(name, None)
        return Hardware(kind.pretty_name, kind.unit_cost_usd * _UNITS[kind.unit_label])

    return client.ask(f"say what {space} runs on", look)


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
    return client.found(lambda: api.space_info(space, files_metadata=True))
