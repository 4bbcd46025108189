"""huggingface_hub's client, and what its many exceptions mean for a user."""

import functools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.errors import HubError, HuggingTweetsError, NotLoggedInError, NoWriteAccessError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_WHO_SECONDS = 60.0  # the Hub allows few of these calls


def api() -> "HfApi":
    """The client, which reads its token and address from its own settings."""
    from huggingface_hub import HfApi

    return HfApi(library_name="huggingtweets_hub")


def whoami() -> dict[str, Any]:
    """The account of the token, its organisations, and what the token may do; asked once a minute.

    Raises:
        NotLoggedInError: No token, or one that the Hub does not know.
    """
    from huggingface_hub import get_token

    return _whoami(get_token(), time.monotonic() // _WHO_SECONDS)


@functools.lru_cache(maxsize=4)
def _whoami(token: str | None, _: float) -> dict[str, Any]:
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

    with explained("ask who you are"):
        try:
            return api().whoami()
        except (LocalTokenNotFoundError, HfHubHTTPError) as error:
            status = getattr(getattr(error, "response", None), "status_code", 401)
            if status != 401:
                raise
            raise NotLoggedInError(
                "No valid Hugging Face token is set.",
                "Run 'hf auth login' or set HF_TOKEN to a token that may write "
                "(https://huggingface.co/settings/tokens).",
            ) from error


def forget_who() -> None:
    """Ask again who we are at the next occasion."""
    _whoami.cache_clear()


@contextmanager
def explained(task: str) -> Iterator[None]:
    """Turn what the client raises into our errors: what could not be done, why, and what to do."""
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError

    try:
        yield
    except HfHubHTTPError as error:
        raise _refused(task, error) from error
    except RuntimeError as error:  # an upload that failed carries the Hub's answer as its cause
        if not isinstance(error.__cause__, HfHubHTTPError):
            raise
        raise _refused(task, error.__cause__) from error
    except (httpx2.HTTPError, ConnectionError, TimeoutError, json.JSONDecodeError) as error:
        raise HubError(
            f"The Hub did not answer when asked to {task} ({type(error).__name__}).",
            "Run the same command again: it goes on from here.",
        ) from error
    except ValueError as error:
        if isinstance(error, HuggingTweetsError):
            raise
        raise HubError(f"The Hub refused to {task}: {error}", "Mend what it names.") from error


def _refused(task: str, error: Any) -> HubError:
    status = error.response.status_code if error.response is not None else 0
    said = str(getattr(error, "server_message", "") or error).strip().splitlines()[0]
    if status == 401:
        return NotLoggedInError(f"The Hub does not know the token ({task}).", "Run 'hf auth login'.")
    if status == 403:
        return NoWriteAccessError(
            f"The Hub does not allow the token to {task}: {said}", "Use a token that may write there."
        )
    if status == 412:
        return HubError(
            f"The repository changed while we were to {task}; nothing was written.",
            "Run the same command again.",
        )
    return HubError(f"The Hub could not {task} (status {status}): {said}", "Run the same command again.")
