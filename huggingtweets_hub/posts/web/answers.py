"""What a reply means that does not bring what was asked for."""

import json
import re
import socket
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, NameResolutionError

from huggingtweets_hub.core.errors import BlockedError, ServerRefusedError
from huggingtweets_hub.core.text import one_line
from huggingtweets_hub.posts.web.patience import Passing, asked_to_wait

PIECE = 1 << 16
_LARGEST = 64 << 10
_PASSING = (408, 425, 429)
_FRONT = (200, 401, 403, 405, 406, 451)
"""A web page with one of these comes from what stands in front of a server."""
_PAGE = re.compile(rb"\s*<(?:!doctype|html|head|!--)", re.IGNORECASE)


def is_page(content: bytes) -> bool:
    """Whether this is the beginning of a web page."""
    return bool(_PAGE.match(content))


def refusal(url: str, reply: requests.Response, instead: str) -> Exception:
    """The error for a reply whose status is not 200.

    Args:
        instead: What else a user can do to have the posts.
    """
    status = reply.status_code
    if status >= 500 or status in _PASSING:
        return Passing(f"status {status}", is_limit=status == 429, wait=asked_to_wait(reply.headers))
    body = next(reply.iter_content(_LARGEST), b"")
    if status in _FRONT and is_page(body):
        return blocked(url, status, instead)
    code, said = _said(body)
    location = reply.headers.get("location", "") if 300 <= status < 400 else ""
    if 300 <= status < 400:
        said = f"it redirects to {location or 'nowhere'}"
    words = one_line(", ".join(filter(None, (code, said))))
    error = ServerRefusedError(
        f"{host(url)} refuses the request ({status}{f': {words}' if words else ''}).",
        f"Check the account. {instead}",
    )
    error.status, error.code, error.location = status, code, location
    return error


def blocked(url: str, status: int, instead: str) -> BlockedError:
    """The error for a web page in the place of data."""
    error = BlockedError(
        f"{host(url)} answers with a web page instead of data ({status}): something in front of it keeps "
        "programs out.",
        f"Try again from another network. {instead}",
    )
    error.status = status
    return error


def failure(error: requests.RequestException | HTTPError) -> Passing:
    """What went wrong with a connection, in a few words."""
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(cause, NameResolutionError):
        number = getattr(cause.__cause__, "errno", None)
        return Passing("its name cannot be found", is_hopeless=number == socket.EAI_NONAME)
    if isinstance(error, requests.exceptions.SSLError):
        return Passing("its certificate is not valid", is_hopeless=True)
    if isinstance(error, requests.Timeout):
        return Passing("no answer in time")
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return Passing("the answer was cut off")
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return Passing("an answer that cannot be unpacked")
    if isinstance(error, requests.ConnectionError):
        return Passing("the connection broke")
    return Passing(f"an answer that cannot be read ({type(error).__name__})", is_hopeless=True)


def host(url: str) -> str:
    """Who is asked, for a message."""
    return one_line(urlsplit(url).hostname)


def _said(body: bytes) -> tuple[str, str]:
    """The server's word for a refusal, and its explanation; empty where it gives none."""
    try:
        problem = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(problem, dict):
        return "", ""
    code, said = problem.get("error"), problem.get("message") or problem.get("error_description")
    return one_line(code) if isinstance(code, str) else "", said if isinstance(said, str) else ""
