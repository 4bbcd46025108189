"""A server of this machine answers its own page only, not one of another site that is open in the browser."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from huggingtweets_hub.core.settings import LOOPBACK_HOSTS

Scope = MutableMapping[str, Any]
Call = Callable[..., Awaitable[None]]


class OwnPageOnly:
    """An ASGI layer that refuses what names another host, or comes from a page of another origin."""

    def __init__(self, app: Call) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Call, send: Call) -> None:
        """Answer, or refuse with 403."""
        if scope["type"] == "http" and not _is_own(dict(scope["headers"])):
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b"Only this app's own page may ask this."})
            return
        await self._app(scope, receive, send)


def _is_own(headers: dict[bytes, bytes]) -> bool:
    host = headers.get(b"host", b"").decode("latin-1")
    origin = headers.get(b"origin")
    if urlsplit(f"//{host}").hostname not in LOOPBACK_HOSTS:
        return False  # a name of another site that leads to this machine
    return origin is None or urlsplit(origin.decode("latin-1")).netloc == host
