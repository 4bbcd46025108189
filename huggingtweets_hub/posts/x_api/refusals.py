"""What X's refusals mean for the user, and whether to try again."""

import math
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core import server_time
from huggingtweets_hub.core.errors import (
    AccountNotFoundError,
    AccountProtectedError,
    AccountSuspendedError,
    NoXCreditsError,
    RateLimitedError,
    RejectedXTokenError,
    SourceError,
    XUnavailableError,
)
from huggingtweets_hub.core.text import one_line

if TYPE_CHECKING:
    import tweepy

ASK_FOR_ARCHIVE = (
    "Or use your own posts, without a token: request your archive from X (Settings > Your account > "
    "Download an archive of your data; it arrives within about a day), then use --from archive.zip."
)
LATER = "Run the same command again later. It continues from here."
_FAR = 10**12


class OldTokenError(XUnavailableError):
    """X does not accept its own token for the next page."""


def account_error(handle: str, answer: dict[str, Any]) -> SourceError:
    """X says, with status 200 and `errors`, that an account cannot be read."""
    problem: dict[str, Any] = next(iter(answer.get("errors") or ()), {})
    title = problem.get("title") or problem.get("message") or "an error"
    said = f"{title} {problem.get('detail', '')} {problem.get('type', '')}".lower()
    if "suspended" in said:
        return AccountSuspendedError(
            f"@{handle} is suspended on X.", "Its owner's archive can still be used: --from archive.zip."
        )
    if "authorization" in said or "not authorized" in said or "not-authorized" in said:
        return protected(handle)
    if "not found" in said or "not-found" in said:
        return AccountNotFoundError(
            f"There is no account @{handle} on X.", "Check the spelling of the handle."
        )
    return XUnavailableError(f"The X API could not return @{handle}: {one_line(title)}.", LATER)


def protected(handle: str) -> AccountProtectedError:
    return AccountProtectedError(
        f"The posts of @{handle} are protected.", "Only their owner can use them, with --from archive.zip."
    )


def unavailable(error: Exception) -> XUnavailableError:
    """X has repeatedly not answered, or sent answers that cannot be read."""
    return XUnavailableError(f"The X API is not responding properly: {said(error)}.", LATER)


def refusal(error: "tweepy.HTTPException") -> SourceError:
    """The error for a response that will not go away by itself."""
    import tweepy

    status = error.response.status_code
    if isinstance(error, tweepy.TooManyRequests):
        if period := cap(error):
            return NoXCreditsError(
                "This X account has used up the posts that it can read "
                f"({one_line(period).lower()} usage cap, 429).",
                "Waiting a few minutes does not help. Raise the cap in the X developer console or wait for "
                "the next period, then run the same command again. It continues from here. "
                f"{ASK_FOR_ARCHIVE}",
            )
        minutes = math.ceil(until_reset(error) / 60)
        span = f" for {minutes:,} min" if minutes else ""
        return RateLimitedError(f"X asks to wait{span}: too many requests.", LATER)
    if is_passing(error):
        return unavailable(error)
    if status == 401:
        return RejectedXTokenError(
            "X refuses the token in X_BEARER_TOKEN (401).",
            f"Copy the Bearer Token of your app from the X developer console. {ASK_FOR_ARCHIVE}",
        )
    if status == 402:
        return NoXCreditsError(
            "The X account of this token has no credits left (402).",
            "Buy credits in the X developer console, then run the same command again. It continues from "
            f"here. {ASK_FOR_ARCHIVE}",
        )
    if status == 403:
        return RejectedXTokenError(
            "X does not let this token read timelines (403).",
            f"Add the app to a project with access to API v2. {ASK_FOR_ARCHIVE}",
        )
    if status == 400 and "pagination_token" in error.response.text:
        return OldTokenError("X does not accept its own token for the next page (400).", LATER)
    detail = "; ".join(getattr(error, "api_messages", []) or []) or f"status {status}"
    return SourceError(
        f"The X API refuses the request: {one_line(detail)}.", "Check the handle and the options."
    )


def until_reset(error: "tweepy.TooManyRequests") -> float:
    """How many seconds X asks us to wait; 0 if it does not say, or the time has passed.

    The time is by X's clock, so it is compared with X's clock if the response gives it.
    """
    if error.reset_time is None:
        return 0.0
    return float(max(0.0, min(error.reset_time, _FAR) - server_time.now(error.response.headers) + 1))


def cap(error: "tweepy.HTTPException") -> str:
    """The period of the usage cap that was reached; empty if it is a different problem."""
    try:
        problem = error.response.json()
        is_cap = problem.get("title") == "UsageCapExceeded" or "usage-cap" in str(problem.get("type"))
    except (ValueError, AttributeError):
        return ""
    return str(problem.get("period") or "whole") if is_cap else ""


def is_passing(error: "tweepy.HTTPException") -> bool:
    return error.response.status_code in (408, 425) or error.response.status_code >= 500


def said(error: Exception) -> str:
    """What went wrong with a request, in a few words."""
    import requests
    import tweepy

    if isinstance(error, tweepy.HTTPException):
        return f"status {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "no answer within a minute"
    if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return "the connection broke"
    return f"an answer that cannot be read ({type(error).__name__})"
