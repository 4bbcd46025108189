"""huggingface_hub's client with a limit on every wait, and its many exceptions explained to users."""

import functools
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from huggingtweets_hub.core import logs, settings
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
from huggingtweets_hub.hub.retries import attempts

if TYPE_CHECKING:
    import httpx2
    from huggingface_hub import HfApi

T = TypeVar("T")
_WHO_SECONDS = 60.0  # the Hub allows few of these calls
_ANSWER_SECONDS = 120.0  # the Hub gives a commit a minute
LONGEST_WAIT_SECONDS = 3600.0
"""Whoever is to wait for longer is told so, and the run ends."""
_QUOTA = re.compile(
    r"quota|storage|limit (was |is )?(reached|exceeded)|exceed|billing|payment", re.IGNORECASE
)
_PASSING = (408, 425, 429, 500, 502, 503, 504)
_ANOTHERS = (404, 409, 412)  # somebody else is at work, or the Hub has not heard of it everywhere
_BOUNDING = threading.Lock()
_AGAIN = "Run the same command again. It continues from here."


def ask(task: str, call: "Callable[[HfApi], T]") -> T:
    """The result of a call to the Hub, which is tried again if that may help.

    Args:
        task: What the call does, worded to follow "The Hub could not".
        call: Must be safe to make twice.

    Raises:
        HubError: The Hub refuses the request, or does not answer.
    """
    for attempt in attempts():
        with attempt, explained(task):
            answer = call(api())
    return answer


def api() -> "HfApi":
    """The client; it reads the token and the address from its own settings."""
    from huggingface_hub import HfApi

    bound()
    return HfApi(library_name="huggingtweets_hub")


def whoami() -> dict[str, Any]:
    """The account of the token, its organisations, and its permissions; asked for once a minute.

    Raises:
        NotLoggedInError: No token is set, or the Hub refuses it.
    """
    return _whoami(token(), time.monotonic() // _WHO_SECONDS)


def token() -> str:
    """The token, without asking the Hub about it.

    Raises:
        NotLoggedInError: None is set, or what is set cannot be one.
    """
    found = _sound_token()
    if found is None:
        raise _no_valid_token(found)
    return found


def _sound_token() -> str | None:
    """The token, if one is set."""
    from huggingface_hub import get_token

    found = get_token()
    if found and not settings.TOKEN.fullmatch(found):
        raise NotLoggedInError(
            "The Hugging Face token that is set has a blank or a character that is not ASCII in it.",
            "Copy it again from https://huggingface.co/settings/tokens, then run 'hf auth login' or set "
            "HF_TOKEN.",
        )
    return found


@functools.lru_cache(maxsize=4)
def _whoami(token: str, _: float) -> dict[str, Any]:
    try:
        return ask("say who you are", lambda api: api.whoami())
    except NotLoggedInError as error:
        raise _no_valid_token(token) from error


def _no_valid_token(token: str | None) -> NotLoggedInError:
    """The error for no token, or for one that is set but that the Hub refuses."""
    return NotLoggedInError(
        "No Hugging Face token is set." if not token else "The Hub refuses the token that is set.",
        "Run 'hf auth login' or set HF_TOKEN to a valid token with write access "
        "(https://huggingface.co/settings/tokens).",
    )


def require_accepted(error: BaseException) -> None:
    """Make sure that it is not the token that led to this error.

    The Hub then refuses everything, and its client may take that for a repository that is not there.

    Raises:
        NotLoggedInError: It is.
    """
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError

    for cause in _causes(error):
        is_known = isinstance(cause, HfHubHTTPError) and not isinstance(cause, GatedRepoError)
        answer: Any = getattr(cause, "response", None) if is_known else None
        sent = answer is not None and answer.request.headers.get("authorization")
        # Of a repository that is missing or hidden, a 401 tells those alone who send no token.
        if sent and answer.status_code == 401:
            raise _no_valid_token(sent) from error


def is_of_missing_repo(error: BaseException) -> bool:
    """Whether a repository that is not there, or hidden from the token, led to this error."""
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    return any(
        isinstance(cause, RepositoryNotFoundError) and not isinstance(cause, GatedRepoError)
        for cause in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def found(look: "Callable[[], T]") -> T | None:
    """What the Hub says about a repository; None if it is not there, or hidden from the token.

    Raises:
        NotLoggedInError: The Hub refuses the token.
    """
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        return look()
    except RepositoryNotFoundError as error:
        require_accepted(error)
        return None


def forget_who() -> None:
    """Ask for the account again next time."""
    _whoami.cache_clear()


class Bounded:
    """A factory of clients with a time limit on every call; `huggingface_hub` sets none on most.

    Args:
        factory: Makes a client; a factory that the user has set (`set_client_factory`) stays in use.
        before, after: Also called with each request and each response.
    """

    def __init__(
        self,
        factory: "Callable[[], httpx2.Client]",
        before: "Sequence[Callable[[httpx2.Request], None]]" = (),
        after: "Sequence[Callable[[httpx2.Response], None]]" = (),
    ) -> None:
        self._factory, self._before, self._after = factory, before, after

    def __call__(self) -> "httpx2.Client":
        client = self._factory()
        hooks = client.event_hooks
        client.event_hooks = {
            "request": [*hooks["request"], _limit, *self._before],
            "response": [*hooks["response"], _break_loop, *self._after],
        }
        return client


def bound() -> None:
    """From now on, give every call of `huggingface_hub` in this process a time limit.

    Raises:
        InvalidInputError: `HF_ENDPOINT` must not be sent a token.
        NotLoggedInError: What is set cannot be a token.
    """
    from huggingface_hub import constants, set_client_factory

    _sound_token()
    settings.require_safe_address("HF_ENDPOINT", constants.ENDPOINT, "the real Hub")
    logs.keep_content_out()
    with _BOUNDING:  # setting a factory closes the client that is in use
        if not isinstance(factory(), Bounded):
            set_client_factory(Bounded(factory()))


def factory() -> "Callable[[], httpx2.Client]":
    """The current client factory of `huggingface_hub`, which has a setter but no getter."""
    from huggingface_hub.utils import _http

    return _http._GLOBAL_CLIENT_FACTORY


def _limit(request: "httpx2.Request") -> None:
    if not any((request.extensions.get("timeout") or {}).values()):
        limits = dict.fromkeys(("connect", "read", "write", "pool"), _ANSWER_SECONDS)
        request.extensions = {**request.extensions, "timeout": limits}


def _break_loop(response: "httpx2.Response") -> None:
    """While another repository is being created, the client asks again endlessly, without a pause."""
    if response.status_code == 409 and response.request.url.path.endswith("/api/repos/create"):
        response.read()
        if "another conflicting operation is in progress" in response.text:
            raise ConnectionError("another repository is being created")


@contextmanager
def explained(task: str) -> Iterator[None]:
    """Turn the client's exceptions into our errors: what failed, why, and what to do."""
    import httpx2
    from huggingface_hub.errors import (
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
        raise _unanswered(task, error) from error  # an incomplete download
    except ValueError as error:
        if isinstance(error, HuggingTweetsError):
            raise
        raise HubRefusedError(
            f"The Hub refused to {task}: {_sentence(error)}", "Fix what it names, then try again."
        ) from error


def _unanswered(task: str, error: Exception) -> HubUnavailableError:
    import httpx2

    said, first = "did not answer properly", ""
    if isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout)):
        said, first = "could not be reached", "Check the network connection. "
    return HubUnavailableError(
        f"The Hub {said} when asked to {task} ({type(error).__name__}).", f"{first}{_AGAIN}"
    )


def _refused(task: str, error: Any) -> HubError:
    from huggingface_hub.errors import GatedRepoError

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
    if status not in _PASSING:
        return HubRefusedError(message, "Fix what it names, then run the same command again.")
    unavailable = HubUnavailableError(message, _AGAIN)
    unavailable.wait = wait
    return unavailable


def _sentence(said: object) -> str:
    """What the Hub said, ending in punctuation, so that another sentence can follow it."""
    text = one_line(said)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def asked_to_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds until the Hub answers again, from `Retry-After` or `RateLimit`; None if neither is sent."""
    from huggingface_hub.utils._http import parse_ratelimit_headers

    try:
        return max(0.0, float(headers["retry-after"]))
    except (KeyError, ValueError):
        told = parse_ratelimit_headers(headers)
        # One second more, because the header is rounded down.
        return told.reset_in_seconds + 1.0 if told else None
