"""Asks servers that anyone may have set up: with patience, and within limits of bytes and time."""

import json
import re
import socket
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import urlsplit

import requests
import stamina
from urllib3.exceptions import HTTPError, NameResolutionError

from huggingtweets_hub.core import files, settings
from huggingtweets_hub.core.errors import BlockedError, ServerRefusedError, SourceError, UnsafeAddressError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.text import one_line
from huggingtweets_hub.posts.deadline import within
from huggingtweets_hub.posts.web.guard import Origin, PublicOnly
from huggingtweets_hub.posts.web.patience import Passing, Patience, asked_to_wait

T = TypeVar("T")
_LARGEST_JSON = 16 << 20
_LARGEST_REFUSAL = 64 << 10
_PIECE = 1 << 16
_TIMEOUT_SECONDS = 60.0
_GIVEN_UP_SECONDS = 180.0
_ABOUT = "https://huggingface.co/huggingtweets"
_PASSING = (408, 425)
_FRONT = (200, 401, 403, 405, 406, 451)
"""A web page with one of these comes from what stands in front of a server."""
_PAGE = re.compile(rb"\s*<(?:!doctype|html|head|!--)", re.IGNORECASE)


class Web:
    """Reads over https from public addresses; follows no redirects, and uses no proxy, login or cookie.

    Args:
        progress: Is told of each wait.
        stand_ins: Addresses from the settings. Those on this machine are asked as they are, for tests.
    """

    def __init__(self, progress: Progress, stand_ins: Collection[str] = ()) -> None:
        self._progress = progress
        found = (_origin(address) for address in stand_ins)
        self._here = {one for one in found if one and one[1] in settings.LOOPBACK_HOSTS}
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy would hide from us whom we are connected to
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self._session.headers["User-Agent"] = f"huggingtweets_hub/{version('huggingtweets_hub')} (+{_ABOUT})"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, PublicOnly(self._here))

    def get_json(
        self, url: str, params: Mapping[str, str] | None = None, *, largest: int = _LARGEST_JSON
    ) -> Any:
        """The JSON at an address.

        Args:
            params: The query.
            largest: Bytes.

        Raises:
            ServerRefusedError: The server refuses, with its status and word for why.
            BlockedError: A web page came instead.
            RateLimitedError, ServerUnavailableError: It still fails after several tries.
            UnsafeAddressError: The address must not be asked.
            SourceError: The answer is too large.
        """

        def read(content: bytes) -> Any:
            try:
                return json.loads(content)
            except (ValueError, RecursionError) as error:
                if _PAGE.match(content):
                    raise _blocked(url, 200) from error
                raise Passing("an answer that is not JSON") from error

        return self._read(url, params, largest, read)

    def get_text(self, url: str, *, largest: int) -> str:
        """The few words at an address.

        Raises:
            SourceError: As of `get_json`.
        """

        def read(content: bytes) -> str:
            if _PAGE.match(content):
                raise _blocked(url, 200)
            return content.decode("utf-8", "replace").strip()

        return self._read(url, None, largest, read)

    def download(
        self,
        url: str,
        path: Path,
        params: Mapping[str, str] | None = None,
        *,
        largest: int,
        seconds: float,
    ) -> None:
        """Save what is at an address. The file appears when all of it is there; else nothing is changed.

        Args:
            largest: Bytes.
            seconds: How long it may take, with all tries.

        Raises:
            SourceError: As of `get_json`.
            OSError: The file cannot be written.
        """

        def save(left: float) -> None:
            with files.whole(path) as file:
                within(left, lambda: self._save(url, params, largest, file))

        self._patiently(url, seconds, save)

    def _read(
        self, url: str, params: Mapping[str, str] | None, largest: int, read: Callable[[bytes], T]
    ) -> T:
        def ask() -> T:
            with self._reply(url, params) as reply:
                return read(b"".join(_pieces(reply, largest)))

        return self._patiently(url, _GIVEN_UP_SECONDS, lambda left: within(min(left, _TIMEOUT_SECONDS), ask))

    def _save(self, url: str, params: Mapping[str, str] | None, largest: int, file: BinaryIO) -> None:
        with self._reply(url, params) as reply:
            is_page = "text/html" in reply.headers.get("content-type", "").lower()
            for piece in _pieces(reply, largest):
                if is_page or (not file.tell() and _PAGE.match(piece)):
                    raise _blocked(url, 200)
                file.write(piece)

    def _patiently(self, url: str, seconds: float, attempt: Callable[[float], T]) -> T:
        """Make attempts, each of which is told how many seconds it has left."""
        self._require_safe(url)
        patience = Patience(_host(url), seconds, self._progress)
        try:
            for one in stamina.retry_context(on=patience, attempts=None, timeout=None):
                with one:
                    try:
                        result = attempt(patience.left)
                    except (requests.RequestException, HTTPError) as error:
                        raise _failure(error) from error
        except Passing as error:
            raise patience.gave_up(error) from error
        return result

    def _require_safe(self, url: str) -> None:
        origin = _origin(url)
        if origin is None or (origin[0] != "https" and origin not in self._here):
            raise UnsafeAddressError(
                f"{settings.masked(url)!r:.300} is not an https address.",
                "Nothing was sent there. Use a file that the account's owner has exported.",
            )

    @contextmanager
    def _reply(self, url: str, params: Mapping[str, str] | None) -> Iterator[requests.Response]:
        """The reply, if it is one that brings what was asked for."""
        with self._session.get(
            url, params=params, stream=True, allow_redirects=False, timeout=_TIMEOUT_SECONDS
        ) as reply:
            if reply.status_code != 200:
                raise _refusal(url, reply)
            yield reply


def _pieces(reply: requests.Response, largest: int) -> Iterator[bytes]:
    size = 0
    for piece in reply.iter_content(_PIECE):
        size += len(piece)
        if size > largest:
            raise SourceError(
                f"{_host(reply.url)} sends more than {largest / (1 << 20):,.3g} MiB, which is not read.",
                "Use a file that the account's owner has exported.",
            )
        yield piece


def _refusal(url: str, reply: requests.Response) -> Exception:
    status, host = reply.status_code, _host(url)
    if status == 429 or status >= 500 or status in _PASSING:
        wait = asked_to_wait(reply.headers)
        return Passing(f"status {status}", is_limit=status == 429, wait=wait)
    body = b""
    for piece in reply.iter_content(_PIECE):
        body += piece
        if len(body) > _LARGEST_REFUSAL:
            break
    if status in _FRONT and _PAGE.match(body):
        return _blocked(url, status)
    code, said = _said(body)
    if 300 <= status < 400:
        said = f"it redirects to {reply.headers.get('location', 'nowhere')}"
    words = ", ".join(filter(None, (code, said)))
    error = ServerRefusedError(
        f"{host} refuses the request ({status}{f': {one_line(words)}' if words else ''}).",
        "Check the account, or use a file that its owner has exported.",
    )
    error.status, error.code = status, code
    return error


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


def _blocked(url: str, status: int) -> BlockedError:
    error = BlockedError(
        f"{_host(url)} answers with a web page instead of data ({status}): something in front of it keeps "
        "programs out.",
        "Try again from another network, or use a file that the account's owner has exported.",
    )
    error.status = status
    return error


def _failure(error: requests.RequestException | HTTPError) -> Passing:
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
    return Passing("the connection broke", is_hopeless=not isinstance(error, requests.ConnectionError))


def _origin(url: str) -> Origin | None:
    """Scheme, host and port of an address; None if it is not a safe one."""
    if not settings.is_safe_address(url):
        return None
    parts = urlsplit(url)
    return parts.scheme, str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)


def _host(url: str) -> str:
    return one_line(urlsplit(url).hostname)
