"""Bluesky in memory: its public API, the directory of accounts, and a server that keeps repositories.

All three are on one port of loopback, told apart by the path. A call that is not served is a 404 and an entry
of `AtServer.unhandled`. Faults are those of `tests.servers.x_api`; a reply has further ways to go wrong here:

    with AtServer() as at:
        at.add_account("ann.example.test", "did:plc:…", car)
        at.faults.add(Fault("getRepo", lambda at, request: replace(at.answer(request), how="short"), times=1))
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import socket
import struct
import threading
import time
from base64 import b32encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.servers.listener import Listener
from tests.servers.x_api import Faults, Request

if TYPE_CHECKING:
    from typing import Self

JSON = dict[str, Any]
How = Literal["whole", "chunked", "packed", "cut", "cut chunk", "short", "reset", "never", "slowly", "flood"]
STATES = {
    "RepoNotFound": "Could not find repo for DID: {did}",
    "RepoTakendown": "Repo has been takendown: {did}",
    "RepoSuspended": "Repo has been suspended: {did}",
    "RepoDeactivated": "Repo has been deactivated: {did}",
}


@dataclass(frozen=True)
class Reply:
    """What to send, and how.

    `chunked` announces no length; `packed` is gzipped; `cut` announces the whole and sends half; `cut chunk`
    sends half in chunks and no end; `short` announces half and sends the whole; `reset` sends nothing and
    breaks the connection off; `never` sends nothing; `slowly` sends a byte now and then; `flood` sends the
    body again and again without end.
    """

    status: int
    body: JSON | list[Any] | str | bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    how: How = "whole"

    def encoded(self) -> tuple[bytes, str]:
        """The body and its content type."""
        if isinstance(self.body, bytes):
            return self.body, "application/octet-stream"
        if isinstance(self.body, str):
            kind = "html" if self.body.startswith("<") else "plain"
            return self.body.encode(), f"text/{kind}; charset=utf-8"
        return json.dumps(self.body).encode(), "application/json; charset=utf-8"


@dataclass
class Account:
    """An account: what it is called, what it holds, and what the servers say of it."""

    handle: str
    did: str
    repo: bytes
    document: JSON
    state: str = ""
    blobs: dict[str, bytes] = field(default_factory=dict)


class AtServer:
    """Bluesky on 127.0.0.1, in a thread of its own between `with` and the end of the block.

    Attributes:
        url: Where it listens: the public API, the directory and the repositories.
        faults: What goes wrong.
        accounts: By their DIDs.
        resolves: The DIDs of the handles that the public API knows.
        well_known: What each host says at `/.well-known/atproto-did`.
        clock: What time it is, in `Date`.
        log: Every request, in the order answered.
        headers: Those of each request, by lower-cased names.
        unhandled: "METHOD path" of every request that is not served.
    """

    def __init__(self) -> None:
        self.faults = Faults()
        self.accounts: dict[str, Account] = {}
        self.resolves: dict[str, str] = {}
        self.well_known = ""
        self.clock: Callable[[], float] = time.time
        self.log: list[Request] = []
        self.headers: list[dict[str, str]] = []
        self.unhandled: list[str] = []
        self._lock = threading.Lock()
        self._listener = Listener(_Handler, self)
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._listener.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._listener.connections)

    def add_account(self, handle: str, did: str, repo: bytes = b"") -> Account:
        """Opens an account, or moves it to another handle."""
        document = {
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": did,
            "alsoKnownAs": [f"at://{handle}"],
            "service": [
                {
                    "id": "#atproto_pds",
                    "type": "AtprotoPersonalDataServer",
                    "serviceEndpoint": self.url,
                }
            ],
        }
        self.accounts[did] = Account(handle, did, repo, document)
        self.resolves[handle] = did
        return self.accounts[did]

    def add_blob(self, did: str, content: bytes) -> str:
        """Keeps a file of an account; its CID."""
        cid = "b" + b32encode(b"\x01\x55\x12\x20" + hashlib.sha256(content).digest()).decode().lower().rstrip(
            "="
        )
        self.accounts[did].blobs[cid] = content
        return cid

    def handle(self, request: Request) -> Reply | None:
        """Replies by a fault or else honestly, and logs it; `None` closes the connection."""
        with self._lock:
            fault = self.faults.take(request.path)
            reply: Any = fault.reply(self, request) if fault else self.answer(request)  # type: ignore[arg-type]
            self.log.append(replace(request, status=reply.status if reply else None))
            return reply

    def asked(self, path: str) -> int:
        """How many requests there were to paths that match."""
        return sum(bool(re.search(path, request.path)) for request in self.log)

    def answer(self, request: Request) -> Reply:
        """The honest reply."""
        for pattern, serve in _ENDPOINTS.items():
            if found := re.fullmatch(pattern, request.path):
                return serve(self, request, *found.groups())
        self.unhandled.append(f"{request.method} {request.path}")
        return _error(404, "NotFound", "Not Found")

    def _resolve(self, request: Request) -> Reply:
        did = self.resolves.get(request.query.get("handle", ""))
        return Reply(200, {"did": did}) if did else _error(400, "InvalidRequest", "Unable to resolve handle")

    def _document(self, request: Request, did: str) -> Reply:
        account = self.accounts.get(did)
        if account is None:
            return Reply(404, {"message": f"DID not registered: {did}"})
        return Reply(200, account.document)

    def _web_document(self, request: Request) -> Reply:
        found = [account for account in self.accounts.values() if account.did.startswith("did:web:")]
        return Reply(200, found[0].document) if found else _error(404, "NotFound", "Not Found")

    def _well_known(self, request: Request) -> Reply:
        return Reply(200, self.well_known) if self.well_known else Reply(404, "User not found")

    def _repo(self, request: Request) -> Reply:
        account = self._hosted(request)
        if isinstance(account, Reply):
            return account
        return Reply(200, account.repo, {"content-type": "application/vnd.ipld.car"}, how="chunked")

    def _blob(self, request: Request) -> Reply:
        account = self._hosted(request)
        if isinstance(account, Reply):
            return account
        content = account.blobs.get(request.query.get("cid", ""))
        return Reply(200, content) if content else _error(400, "InvalidRequest", "Blob not found")

    def _hosted(self, request: Request) -> Account | Reply:
        did = request.query.get("did", "")
        account = self.accounts.get(did)
        state = account.state if account else "RepoNotFound"
        if account is None or state:
            return _error(400, state, STATES.get(state, state).format(did=did))
        return account


_ENDPOINTS: dict[str, Callable[..., Reply]] = {
    "/xrpc/com.atproto.identity.resolveHandle": AtServer._resolve,
    "/xrpc/com.atproto.sync.getRepo": AtServer._repo,
    "/xrpc/com.atproto.sync.getBlob": AtServer._blob,
    "/.well-known/atproto-did": AtServer._well_known,
    "/.well-known/did.json": AtServer._web_document,
    "/(did:[^/]+)": AtServer._document,
}


def _error(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"error": code, "message": message})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        service: AtServer = self.server.service
        service.headers.append({name.lower(): value for name, value in self.headers.items()})
        reply = service.handle(Request(self.command, unquote(address.path), query))
        if reply is None or reply.how in ("reset", "never"):
            self._end("close" if reply is None else reply.how)
            return
        body, content_type = reply.encoded()
        if reply.how == "packed":
            body = gzip.compress(body)
        self.send_response_only(reply.status)
        date = self.date_time_string(int(service.clock()))
        headers = {"date": date, "content-type": content_type, **reply.headers}
        chunks = reply.how in ("chunked", "cut chunk", "flood")
        headers |= {"content-encoding": "gzip"} if reply.how == "packed" else {}
        length = len(body) // 2 if reply.how == "short" else len(body)
        headers |= {"transfer-encoding": "chunked"} if chunks else {"content-length": str(length)}
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        if chunks:
            self._send_chunks(body, reply.how)
        elif reply.how == "slowly":
            for byte in body:
                self.wfile.write(bytes([byte]))
                time.sleep(0.05)
        else:
            self.wfile.write(body[: len(body) // 2] if reply.how == "cut" else body)
        self.close_connection = self.close_connection or reply.how not in ("whole", "chunked", "packed")

    def _send_chunks(self, body: bytes, how: str) -> None:
        pieces = [body[start : start + 4096] for start in range(0, len(body), 4096)]
        if how == "cut chunk":
            pieces = [body[: len(body) // 2]]
        while True:
            for piece in filter(None, pieces):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            if how != "flood":
                break
        if how == "chunked":
            self.wfile.write(b"0\r\n\r\n")

    def _end(self, how: str) -> None:
        self.close_connection = True
        if how == "never":
            self.rfile.read(1)  # until the client or the server goes
        if how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())  # at once, with no FIN before

    def log_message(self, format: str, *args: object) -> None:
        """Leaves stderr to the tests."""
