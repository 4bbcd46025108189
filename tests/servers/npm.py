"""An npm registry in memory: the archives of packages, and what can go wrong with them."""

import base64
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Self

from tests.servers.listener import Listener


def archive(files: Mapping[str, bytes]) -> bytes:
    """A package's archive, as npm packs it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


class NpmServer:
    """The server: a context manager, answering on a loopback port between enter and exit.

    Attributes:
        archives: Content by path.
        asked: The paths of all requests so far.
        statuses: What to answer instead, first come, first served; 0 hangs up half-way through the archive.
    """

    def __init__(self) -> None:
        self.archives: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.statuses: list[int] = []
        self._http = Listener(_Handler, self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), name="npm")
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def publish(self, name: str, version: str, files: Mapping[str, bytes]) -> dict[str, Any]:
        """Add a package, and return what pins it: each file goes by the last part of its path."""
        packed = archive(files)
        self.archives[f"/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"] = packed
        return {
            "name": name, "version": version, "license": "MIT", "bytes": len(packed),
            "integrity": f"sha512-{base64.b64encode(hashlib.sha512(packed).digest()).decode()}",
            "files": [
                {
                    "path": path, "name": path.rpartition("/")[2], "bytes": len(content),
                    "sha256": hashlib.sha256(content).hexdigest(),
                }
                for path, content in files.items()
            ],
        }  # fmt: skip

    @staticmethod
    def pin(path: Path, *packages: dict[str, Any]) -> None:
        """Write pins to a file."""
        path.write_text(json.dumps(packages), "utf-8")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Listener

    def do_GET(self) -> None:
        server: NpmServer = self.server.service
        server.asked.append(self.path)
        status = server.statuses.pop(0) if server.statuses else None
        content = server.archives.get(self.path, b"")
        self.send_response(status or (200 if content else 404))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if status == 0 else content)
        self.close_connection = self.close_connection or status == 0

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
