"""A published model to talk to: what it writes is masked as its card masks it."""

from collections.abc import Iterator
from pathlib import Path

from huggingtweets_hub import card
from huggingtweets_hub.core.errors import HuggingTweetsError
from huggingtweets_hub.core.names import FACTS, REPO_ID
from huggingtweets_hub.hub import client
from huggingtweets_hub.model import masking
from huggingtweets_hub.model.generation import Sampling, Writer


class Bot:
    """A model that is loaded once and then writes as often as it is asked.

    Args:
        model: A folder or a Hub repo.
        raw: Show texts as the model writes them, with the links, numbers and names that a card masks.

    Raises:
        BaseModelError: The model cannot be loaded.
        NotLoggedInError: The Hub refuses the token.
    """

    def __init__(self, model: str | Path, sampling: Sampling | None = None, *, raw: bool = False) -> None:
        self._writer = Writer(model, sampling)
        self._is_raw = raw
        self._handles = () if raw else _handles(self._writer.location)

    def write(self, prompt: str = "", n: int = 1) -> Iterator[str]:
        """`n` texts that begin with `prompt`.

        Raises:
            InvalidInputError: The prompt is not valid Unicode.
        """
        for text in self._writer.write(prompt, n):
            yield text if self._is_raw else masking.mask(text, self._handles)


def _handles(model: str | Path) -> tuple[str, ...]:
    """The accounts of a model of ours, whose own names may be shown; none of any other model."""
    path = Path(model) / FACTS if Path(model).is_dir() else _fetched(str(model))
    try:
        return tuple(account.handle for account in card.read_facts(path).accounts) if path else ()
    except HuggingTweetsError:
        return ()


def _fetched(repo_id: str) -> Path | None:
    """Its facts, by the client that the model came by: where there is no network, from the same cache."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError

    if not REPO_ID.fullmatch(repo_id):
        return None
    client.bound()
    try:
        return Path(hf_hub_download(repo_id, FACTS))
    except (EntryNotFoundError, HfHubHTTPError, OSError) as error:
        client.require_accepted(error)
        return None
