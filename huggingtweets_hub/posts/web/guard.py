"""Connections that end on the public internet: an address that an account names may lead anywhere.

The address is checked when the connection stands, before anything is sent. So it does not matter how a name
is read, or whether it leads somewhere else the second time.
"""

import ipaddress
import socket
from collections.abc import Collection
from contextlib import closing
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from huggingtweets_hub.core.errors import UnsafeAddressError

Origin = tuple[str, str, int]
"""Scheme, host and port."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class PublicOnly(HTTPAdapter):
    """Connects over TLS to public addresses, and to nothing else.

    Args:
        but: Origins that are connected to wherever they are.
        instead: What else a user can do to have the posts.
    """

    def __init__(self, but: Collection[Origin], instead: str) -> None:
        self._but, self._instead = frozenset(but), instead
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the connections guarded ones."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._but, self._instead)


def is_public(address: str) -> bool:
    """Whether an IP address, also one in another's clothes, is one that the public internet leads to."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            ip = inner
    is_odd = ip.is_private or ip.is_multicast or ip.is_reserved or getattr(ip, "is_site_local", False)
    return ip.is_global and not is_odd


def _pools(but: Collection[Origin], instead: str) -> dict[str, type[HTTPConnectionPool]]:
    def checked(scheme: str, connection: HTTPConnection, line: socket.socket) -> socket.socket:
        if (scheme, connection.host, connection.port) in but:
            return line
        peer = line.getpeername()[0]
        if scheme == "https" and is_public(peer):
            return line
        with closing(line):
            raise UnsafeAddressError(
                f"{connection.host!r:.260} leads to {peer}, which is not on the public internet.",
                f"Nothing was sent there. {instead}",
            )

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return checked("http", self, super()._new_conn())

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return checked("https", self, super()._new_conn())

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
