"""huggingface_hub's client with a limit on every wait, and the token that it sends."""

import functools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from huggingtweets_hub.core import logs, server_time, settings
from huggingtweets_hub.core.errors import HubError, NotLoggedInError
from huggingtweets_hub.hub.refusals import explained
from huggingtweets_hub.hub.retries import attempts

if TYPE_CHECKING:
    import httpx2
    from huggingface_hub import HfApi

T = TypeVar("T")
_WHO_SECONDS = 60.0  # the Hub allows few of these calls
_ANSWER_SECONDS = 120.0  # the Hub gives a commit a minute
_BOUNDING = threading.Lock()
_TOLD = deque[float](maxlen=1)  # the Hub's time, less that of a clock here which nobody sets


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
            "The Hugging Face token that is set contains a space or a non-ASCII character.",
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


def seen() -> str:
    """Which repositories can be seen from here, in words: "on the Hub that your token can see"."""
    from huggingface_hub import get_token

    by = "that your token can see" if get_token() else "that everybody can see, and no token is set"
    return f"on the Hub {by}"


def unseen(repository: str) -> HubError:
    """The error for a repository that is not there, or hidden from the token."""
    return HubError(
        f"There is no {repository} {seen()}.",
        "Check its name. If it is private, log in with a token that can read it: hf auth login",
    )


def is_of(kind: type[BaseException], error: BaseException) -> bool:
    """Whether an error of this kind led to this error."""
    return any(isinstance(cause, kind) for cause in _causes(error))


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
            "response": [*hooks["response"], _note_time, _break_loop, *self._after],
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


def now() -> float:
    """Seconds since 1970 by the Hub's clock, as its last answer told it; by our own before that."""
    return _TOLD[0] + time.monotonic() if _TOLD else time.time()


def _note_time(response: "httpx2.Response") -> None:
    from huggingface_hub import constants

    is_of_hub = str(response.request.url).startswith(f"{constants.ENDPOINT}/")
    if is_of_hub and (told := server_time.moment(response.headers.get("date", ""))):
        _TOLD.append(told - time.monotonic())


def _break_loop(response: "httpx2.Response") -> None:
    """While another repository is being created, the client asks again endlessly, without a pause."""
    if response.status_code == 409 and response.request.url.path.endswith("/api/repos/create"):
        response.read()
        if "another conflicting operation is in progress" in response.text:
            raise ConnectionError("another repository is being created")
