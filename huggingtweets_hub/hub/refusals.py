"""What goes wrong on the way to the Hub, and what the Hub refuses, explained to users."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from huggingtweets_hub.core import server_time
from huggingtweets_hub.core.errors import (
    GatedError,
    HubError,
    HubRefusedError,
    HubUnavailableError,
    HuggingTweetsError,
    MovedError,
    NotLoggedInError,
    NoWriteAccessError,
    QuotaExceededError,
)
from huggingtweets_hub.core.text import one_line

LONGEST_WAIT_SECONDS = 3600.0
"""If the Hub asks for a longer wait than this, the run says so and ends."""
_QUOTA = re.compile(
    r"quota|storage|limit (was |is )?(reached|exceeded)|exceed|billing|payment", re.IGNORECASE
)
PASSING = (408, 425, 429, 500, 502, 503, 504)
"""The status codes of errors that may go away by themselves."""
_ANOTHERS = (404, 409, 412)  # somebody else is at work, or the Hub has not heard of it everywhere
_AGAIN = "Run the same command again. It continues from here."


@contextmanager
def explained(task: str) -> Iterator[None]:
    """Turn the client's exceptions into our errors: what failed, why, and what to do."""
    import httpx2
    from huggingface_hub.errors import (
        DisabledRepoError,
        HfHubHTTPError,
        LocalTokenNotFoundError,
        OfflineModeIsEnabled,
    )

    try:
        yield
    except LocalTokenNotFoundError as error:
        raise NotLoggedInError(
            "No Hugging Face token is set.", "Run 'hf auth login', or set HF_TOKEN."
        ) from error
    except HfHubHTTPError as error:
        raise _refused(task, error) from error
    except OfflineModeIsEnabled as error:
        raise HubError(
            f"HF_HUB_OFFLINE is set, so the Hub cannot {task}.", "Unset HF_HUB_OFFLINE, then try again."
        ) from error
    except RuntimeError as error:  # an upload that failed carries the Hub's answer as its cause
        if isinstance(error.__cause__, HfHubHTTPError):
            raise _refused(task, error.__cause__) from error
        if isinstance(error.__cause__, (httpx2.HTTPError, OSError)):
            raise _unanswered(task, error.__cause__) from error
        raise HubError(f"The Hub could not {task}: {_sentence(error)}", _AGAIN) from error
    except (httpx2.HTTPError, ConnectionError, TimeoutError, json.JSONDecodeError) as error:
        raise _unanswered(task, error) from error
    except (KeyError, TypeError) as error:  # JSON, but not of the expected shape
        raise _unanswered(task, error) from error
    except OSError as error:
        if error.errno is not None:
            raise
        if isinstance(error.__cause__, DisabledRepoError):  # the client only says that it has no such file
            raise _refused(task, error.__cause__) from error
        raise _unanswered(task, error) from error  # an incomplete download
    except ValueError as error:
        if isinstance(error, HuggingTweetsError):
            raise
        raise HubRefusedError(
            f"The Hub refused to {task}: {_sentence(error)}", "Fix what it names, then try again."
        ) from error


def made_meanwhile(repo_id: str) -> MovedError:
    """The error for a repository that somebody else has made and filled since it was found missing."""
    return MovedError(f"{repo_id} was created by someone else just now.", "Run the same command again.")


def replaced_meanwhile(repo_id: str) -> HubError:
    """The error for a repository that holds another model since it was read."""
    return HubError(f"Another model was published to {repo_id} meanwhile.", "Run the same command again.")


def _unanswered(task: str, error: Exception) -> HubUnavailableError:
    import httpx2

    said, first = "did not answer properly", ""
    if isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout)):
        said, first = "could not be reached", "Check the network connection. "
    return HubUnavailableError(
        f"The Hub {said} when asked to {task} ({type(error).__name__}).", f"{first}{_AGAIN}"
    )


def _refused(task: str, error: Any) -> HubError:
    from huggingface_hub.errors import DisabledRepoError, GatedRepoError

    if error.response is None:
        return _unanswered(task, error)
    status = error.response.status_code
    reason = str(getattr(error, "server_message", "") or error).strip() or "no reason given"
    said = _sentence(reason.splitlines()[0])
    if status == 401:
        return NotLoggedInError(
            f"The Hub refuses the token that is set ({task}).", "Run 'hf auth login', or correct HF_TOKEN."
        )
    if isinstance(error, GatedRepoError):
        return GatedError(
            f"The Hub could not {task}: {said}",
            "Accept the terms on the page of the repository, with the account that the token belongs to.",
        )
    if isinstance(error, DisabledRepoError):
        return HubRefusedError(
            f"The Hub could not {task}: the Hub has disabled this repository.",
            "Its page says why, and how to appeal. Until it is enabled again, nothing can be read from it or "
            "written to it.",
        )
    wait = asked_to_wait(error.response.headers)
    if status in (402, 403) and _QUOTA.search(reason):
        return QuotaExceededError(
            f"The Hub could not {task}: {said}",
            "Make room: delete what is not needed, or get more storage (https://huggingface.co/settings/billing).",
        )
    if status == 429 and wait is not None and wait > LONGEST_WAIT_SECONDS:
        return QuotaExceededError(
            f"The Hub allows no more of this for {wait / 3600:.0f} hours ({task}): {said}",
            "Run the same command again after that time. It continues from here.",
        )
    if status == 403:
        return NoWriteAccessError(
            f"The Hub does not allow the token to {task}: {said}",
            "Use a token with write access there (https://huggingface.co/settings/tokens).",
        )
    if status == 412 and "/commit/" in error.response.request.url.path:
        return MovedError(
            f"The repository changed before we could {task}; nothing was written.",
            "Run the same command again.",
        )
    message = f"The Hub could not {task} (status {status}): {said}"
    if status in _ANOTHERS:
        return HubError(message, "Run the same command again.")
    if status not in PASSING:
        return HubRefusedError(message, "Fix what it names, then run the same command again.")
    unavailable = HubUnavailableError(message, _AGAIN)
    unavailable.wait = wait
    return unavailable


def _sentence(said: object) -> str:
    """What the Hub said, ending in punctuation, so that another sentence can follow it."""
    text = one_line(said)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def asked_to_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds until the Hub answers again, from `Retry-After` or `RateLimit`; None if neither says."""
    from huggingface_hub.utils._http import parse_ratelimit_headers

    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        seconds = server_time.until(value, headers)
    if seconds > 0:
        return seconds
    told = parse_ratelimit_headers(headers)
    # One second more, because the header is rounded down.
    return told.reset_in_seconds + 1.0 if told else None
