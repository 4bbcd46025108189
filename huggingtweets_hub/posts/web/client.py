"""Asks servers that anyone may have set up: with patience, and within limits of bytes and time."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import urlsplit

import requests
import stamina
from urllib3.exceptions import HTTPError

from huggingtweets_hub.core import files, settings
from huggingtweets_hub.core.errors import SourceError, UnsafeAddressError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.posts.deadline import within
from huggingtweets_hub.posts.web import answers
from huggingtweets_hub.posts.web.guard import Origin, PublicOnly
from huggingtweets_hub.posts.web.patience import Passing, Patience

T = TypeVar("T")
Query = Mapping[str, str]
_LARGEST_JSON = 16 << 20
_TIMEOUT_SECONDS = 60.0
_ABOUT = "https://huggingface.co/huggingtweets"


class Web:
    """Reads over https from public addresses; follows no redirects, and uses no proxy, login or cookie.

    Args:
        progress: Is told of each wait.
        stand_ins: Addresses from the settings. Those on this machine are asked as they are, for tests.
        instead: What else a user can do to have the posts, for each error.
        seconds: How long the tries of one small request may take together.
    """

    def __init__(
        self,
        progress: Progress,
        stand_ins: Collection[str] = (),
        *,
        instead: str = "Use a file that the account's owner has exported.",
        seconds: float = 180.0,
    ) -> None:
        self._progress, self._instead, self._seconds = progress, instead, seconds
        here = {origin for origin in map(_origin, stand_ins) if origin[1] in settings.LOOPBACK_HOSTS}
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy would hide from us whom we are connected to
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self._session.headers["User-Agent"] = f"huggingtweets_hub/{version('huggingtweets_hub')} (+{_ABOUT})"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, PublicOnly(here, instead))

    def get_json(self, url: str, params: Query | None = None, *, largest: int = _LARGEST_JSON) -> Any:
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
                self._require_no_page(url, content)
                raise Passing("an answer that is not JSON") from error

        return self._read(url, params, largest, read)

    def get_text(self, url: str, *, largest: int) -> str:
        """The few words at an address, without the white space around them.

        Raises:
            SourceError: As of `get_json`.
        """

        def read(content: bytes) -> str:
            self._require_no_page(url, content)
            return content.decode("utf-8", "replace").strip()

        return self._read(url, None, largest, read)

    def get_bytes(self, url: str, params: Query | None = None, *, largest: int) -> bytes:
        """What is at an address, such as a picture.

        Raises:
            SourceError: As of `get_json`.
        """
        return self._read(url, params, largest, bytes)

    def download(
        self, url: str, path: Path, params: Query | None = None, *, largest: int, seconds: float
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

    def _read(self, url: str, params: Query | None, largest: int, read: Callable[[bytes], T]) -> T:
        def ask() -> T:
            with self._reply(url, params) as reply:
                return read(b"".join(self._pieces(reply, largest)))

        return self._patiently(url, self._seconds, lambda left: within(min(left, _TIMEOUT_SECONDS), ask))

    def _save(self, url: str, params: Query | None, largest: int, file: BinaryIO) -> None:
        with self._reply(url, params) as reply:
            if "text/html" in reply.headers.get("content-type", "").lower():
                raise answers.blocked(url, reply.status_code, self._instead)
            for piece in self._pieces(reply, largest):
                if not file.tell():
                    self._require_no_page(url, piece)
                file.write(piece)

    def _patiently(self, url: str, seconds: float, attempt: Callable[[float], T]) -> T:
        """Make attempts, each of which is told how many seconds it has left."""
        if not settings.is_safe_address(url):
            raise UnsafeAddressError(
                f"{settings.masked(url)!r:.300} is not an https address.",
                f"Nothing was sent there. {self._instead}",
            )
        patience = Patience(answers.host(url), seconds, self._instead, self._progress)
        try:
            for one in stamina.retry_context(on=patience, attempts=None, timeout=None):
                with one:
                    try:
                        result = attempt(patience.left)
                    except (requests.RequestException, HTTPError) as error:
                        raise answers.failure(error) from error
        except Passing as error:
            raise patience.gave_up(error) from error
        return result

    @contextmanager
    def _reply(self, url: str, params: Query | None) -> Iterator[requests.Response]:
        with self._session.get(
            url, params=params, stream=True, allow_redirects=False, timeout=_TIMEOUT_SECONDS
        ) as reply:
            if reply.status_code != 200:
                raise answers.refusal(url, reply, self._instead)
            yield reply

    def _pieces(self, reply: requests.Response, largest: int) -> Iterator[bytes]:
        size = 0
        for piece in reply.iter_content(answers.PIECE):
            size += len(piece)
            if size > largest:
                limit = f"{largest / (1 << 20):,.3g} MiB"
                raise SourceError(
                    f"{answers.host(reply.url)} sends more than {limit}, the most that is read.",
                    self._instead,
                )
            yield piece

    def _require_no_page(self, url: str, content: bytes) -> None:
        if answers.is_page(content):
            raise answers.blocked(url, 200, self._instead)


def _origin(url: str) -> Origin:
    parts = urlsplit(url)
    return parts.scheme, str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
