"""The part of HTTP that both servers share: a loopback port, and connections that end with it."""

import socket
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Listener(ThreadingHTTPServer):
    """Listens on a loopback port of its own choice.

    Attributes:
        service: What the handler asks for replies.
    """

    daemon_threads = False  # so that `server_close` waits for the threads that serve connections

    def __init__(self, handler: type[BaseHTTPRequestHandler], service: Any) -> None:
        self.service = service
        self.connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self.connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        for connection in list(self.connections):  # kept alive by clients
            with suppress(OSError):  # its thread or its client may be closing it right now
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away."""
