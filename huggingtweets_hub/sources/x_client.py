"""tweepy, pointed where the settings say, and what X's refusals mean for a user."""

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from huggingtweets_hub import settings
from huggingtweets_hub.errors import (
    AccountNotFoundError,
    AccountProtectedError,
    AccountSuspendedError,
    MissingXTokenError,
    NoXCreditsError,
    RateLimitedError,
    RejectedXTokenError,
    SourceError,
    XUnavailableError,
)
from huggingtweets_hub.progress import Progress

if TYPE_CHECKING:
    import tweepy

ASK_FOR_ARCHIVE = (
    "Or use your own posts without a token: ask X for your archive (Settings > Your account > Download "
    "an archive of your data; it comes within about a day), then --from archive.zip."
)
_TIMEOUT_SECONDS = 60
_TRIES = 5
_LONGEST_WAIT_SECONDS = 16 * 60  # X's windows are a quarter of an hour


def client() -> "tweepy.Client":
    """A tweepy client that gives plain dictionaries and whose every request has a time limit."""
    import requests
    import tweepy
    from requests.adapters import HTTPAdapter

    token = settings.x_bearer_token()
    if token is None:
        raise MissingXTokenError(
            "No X API token is set, and the X API gives posts only for credits.",
            f"Set X_BEARER_TOKEN to read through the API. {ASK_FOR_ARCHIVE}",
        )
    api_url = settings.x_api_url()

    class Adapter(HTTPAdapter):
        """Sends tweepy's requests, whose host is a literal, where the settings say."""

        def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
            request.url = api_url + request.url.removeprefix(f"https://{_host(request.url)}")
            return super().send(request, **{**kwargs, "timeout": _TIMEOUT_SECONDS})

    session = requests.Session()
    session.max_redirects = 0  # the token goes to the address in the settings and nowhere else
    if not api_url.startswith("https:"):
        session.trust_env = False  # a proxy must not see what is meant for this machine
    session.mount("https://api.twitter.com/", Adapter())
    session.mount("https://api.x.com/", Adapter())
    client = tweepy.Client(bearer_token=token, return_type=dict, wait_on_rate_limit=False)
    client.session = session
    return client


def ask(request: Callable[[], Any], progress: Progress) -> dict[str, Any]:
    """The answer to a request, after waiting out what passes by itself.

    tweepy's own waiting loops without end when X names no time, so the waiting is done here: until
    the time that X names, else a few seconds.
    """
    import requests
    import stamina
    import tweepy

    passing = (tweepy.TooManyRequests, tweepy.TwitterServerError, requests.RequestException, ValueError)

    def pause(error: Exception) -> bool | float:
        if isinstance(error, tweepy.TooManyRequests) and error.reset_time is not None:
            seconds: float = max(1.0, error.reset_time - time.time() + 1)
            if seconds <= _LONGEST_WAIT_SECONDS:
                progress.note(f"X asks to wait for {math.ceil(seconds)} s.")
                return seconds
            return False
        return isinstance(error, passing)

    try:
        for attempt in stamina.retry_context(
            on=pause, attempts=_TRIES, timeout=None, wait_initial=1.0, wait_max=8.0
        ):
            with attempt:
                answer: dict[str, Any] = request()
                if not isinstance(answer, dict):
                    raise ValueError("the answer is no object")
    except tweepy.TooManyRequests as error:
        raise RateLimitedError(
            "X asks to wait: too many requests.", "Run the same command later: it goes on from here."
        ) from error
    except passing as error:
        raise XUnavailableError(
            f"The X API does not answer as it should ({type(error).__name__}).",
            "Run the same command later: it goes on from here.",
        ) from error
    except tweepy.HTTPException as error:
        raise _refusal(error) from error
    return answer


def account_error(handle: str, answer: dict[str, Any]) -> SourceError:
    """X says with status 200 and `errors` that an account cannot be read."""
    problem: dict[str, Any] = next(iter(answer.get("errors") or ()), {})
    said = f"{problem.get('title', '')} {problem.get('detail', '')}".lower()
    if "suspended" in said:
        return AccountSuspendedError(f"@{handle} is suspended on X.", "Use its owner's archive with --from.")
    if "authorization" in said or "not authorized" in said:
        return protected(handle)
    return AccountNotFoundError(f"There is no account @{handle} on X.", "Check the spelling of the handle.")


def protected(handle: str) -> AccountProtectedError:
    return AccountProtectedError(
        f"The posts of @{handle} are protected.", "Only their owner can use them: --from archive.zip."
    )


def _refusal(error: "tweepy.HTTPException") -> SourceError:
    """What an error answer that will not pass by itself means for the user."""
    status = error.response.status_code
    if status == 401:
        return RejectedXTokenError(
            "X does not know the token in X_BEARER_TOKEN (401).",
            f"Take the Bearer Token of your app from the X developer console. {ASK_FOR_ARCHIVE}",
        )
    if status == 402:
        return NoXCreditsError(
            "The X account of this token has no credits left (402).",
            "Buy credits in the X developer console, then run the same command: it goes on from here. "
            f"{ASK_FOR_ARCHIVE}",
        )
    if status == 403:
        return RejectedXTokenError(
            "X does not let this token read timelines (403).",
            f"Enrol the app in a project with access to API v2. {ASK_FOR_ARCHIVE}",
        )
    detail = "; ".join(getattr(error, "api_messages", []) or []) or f"status {status}"
    return SourceError(f"The X API refuses the request: {detail}.", "Check the handle and the options.")


def _host(url: str) -> str:
    return url.split("/")[2]
