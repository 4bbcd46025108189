"""tweepy, using the address from the settings, with retries if they may help."""

import math
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core import logs, settings
from huggingtweets_hub.core.errors import MissingXTokenError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.posts.deadline import within
from huggingtweets_hub.posts.x_api import refusals

if TYPE_CHECKING:
    import tweepy

_TIMEOUT_SECONDS = 60
_TRIES = 5
_GIVEN_UP_SECONDS = 180.0  # plus an attempt that has begun by then
_LONGEST_PAUSE_SECONDS = 8.0
_RESETS = 3  # waits that X asks for, in a row, for one request
_LONGEST_WAIT_SECONDS = 16 * 60  # X's windows are a quarter of an hour
# tweepy raises the last three if the body of an error does not have the shape that it expects.
_UNREADABLE = (ValueError, RecursionError, AttributeError, KeyError, TypeError)


def require_token() -> str:
    """The token of the X API.

    Raises:
        MissingXTokenError: None is set.
        RejectedXTokenError: What is set cannot be one.
    """
    token = settings.x_bearer_token()
    if token is None:
        raise MissingXTokenError(
            "No X API token is set, and reading posts through the X API costs credits.",
            f"Set X_BEARER_TOKEN to read through the API. {refusals.ASK_FOR_ARCHIVE}",
        )
    return token


def client() -> "tweepy.Client":
    """A tweepy client that returns plain dictionaries and has a time limit on every request."""
    import requests
    import tweepy
    from requests.adapters import HTTPAdapter

    token = require_token()
    api_url = settings.x_api_url()
    logs.keep_content_out()

    class Adapter(HTTPAdapter):
        """Sends tweepy's requests, whose host is hard-coded, to the address in the settings."""

        def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
            request.url = api_url + request.url.removeprefix(f"https://{_host(request.url)}")
            return super().send(request, **{**kwargs, "timeout": _TIMEOUT_SECONDS})

    session = requests.Session()
    session.max_redirects = 0  # the token goes to the address in the settings and nowhere else
    if not api_url.startswith("https:"):
        session.trust_env = False  # a proxy must not see requests to this machine
    session.mount("https://api.twitter.com/", Adapter())
    session.mount("https://api.x.com/", Adapter())
    client = tweepy.Client(bearer_token=token, return_type=dict, wait_on_rate_limit=False)
    client.session = session
    return client


def ask(
    request: Callable[[], Any], is_answer: Callable[[dict[str, Any]], bool], progress: Progress
) -> dict[str, Any]:
    """The answer to a request, after waiting for problems that go away by themselves.

    tweepy's own waiting loops forever if X gives no time, so the waiting is done here: until the time that
    X gives, else for a few seconds. `_Patience` decides how often and how long; stamina asks it after each
    failure. A wait that X asks for does not count as a try, which stamina's own limits cannot express.

    Args:
        is_answer: Whether an object is the answer that was asked for; if not, the request is repeated.

    Raises:
        SourceError: X refuses the request.
        RateLimitedError, XUnavailableError: X keeps failing for longer than a run should wait.
    """
    import requests
    import stamina
    import tweepy

    try:
        for attempt in stamina.retry_context(on=_Patience(progress), attempts=None, timeout=None):
            with attempt:
                answer: dict[str, Any] = within(_TIMEOUT_SECONDS, request)
                if not isinstance(answer, dict) or not is_answer(answer):
                    raise ValueError("the answer is not what was asked for")
    except tweepy.HTTPException as error:
        raise refusals.refusal(error) from error
    except (requests.RequestException, *_UNREADABLE) as error:
        raise refusals.unavailable(error) from error
    return answer


class _Patience:
    """Whether to try a request again, and after how many seconds; shows the wait."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tries = self._resets = 0
        self._said = ""
        self._give_up = time.monotonic() + _GIVEN_UP_SECONDS

    def __call__(self, error: Exception) -> bool | float:
        """False to give up."""
        import requests
        import tweepy

        if isinstance(error, tweepy.TooManyRequests):
            seconds = refusals.until_reset(error)
            if refusals.cap(error) or seconds > _LONGEST_WAIT_SECONDS:
                return False
            if seconds > 0:
                self._resets += 1
                self._give_up += seconds
                return self._resets <= _RESETS and self._wait("X asks to wait for {} s.", seconds)
        elif isinstance(error, tweepy.HTTPException):
            if not refusals.is_passing(error):
                return False
        elif not isinstance(error, (requests.RequestException, *_UNREADABLE)):
            return False
        self._tries += 1
        seconds = min(_LONGEST_PAUSE_SECONDS, 2.0 ** (self._tries - 1)) + random.random()
        if self._tries == _TRIES or time.monotonic() + seconds > self._give_up:
            return False
        count = f"(attempt {self._tries + 1} of {_TRIES})"
        return self._wait(f"{self._why(error)}. Trying again in {{}} s {count}.", seconds)

    def _why(self, error: Exception) -> str:
        """Why it waits: in full once, then that nothing has changed."""
        why = f"The X API: {refusals.said(error)}".replace("{", "{{").replace("}", "}}")
        is_new, self._said = why != self._said, why
        return why if is_new else "The X API: the same again"

    def _wait(self, said: str, seconds: float) -> float:
        self._progress.note(said.format(math.ceil(seconds)))
        return seconds


def _host(url: str) -> str:
    return url.split("/")[2]
