"""The service that lends graphics cards to Spaces, as far as the library `spaces` asks it."""

import http.server
import json
import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit


class ZeroGpuServer:
    """Lends what nobody needs: there is no card.

    Attributes:
        asked: Each request: its path, and its parameters.
        quota: Seconds that the visitor has left; who asks for more is refused.
    """

    def __init__(self, quota: int = 300) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.quota = quota

    def __enter__(self) -> "ZeroGpuServer":
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                split = urlsplit(self.path)
                server.asked.append((split.path, {k: v[0] for k, v in parse_qs(split.query).items()}))
                status, body = server._answer(*server.asked[-1])
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, path: str, given: dict[str, str]) -> tuple[int, Any]:
        if path != "/schedule":
            return 200, {}
        if int(given["durationSeconds"]) > self.quota:
            return 429, {"left": self.quota, "wait": 3600}
        return 200, {"idle": False, "nvidiaIndex": 0, "nvidiaUUID": "none", "allowToken": "allowed"}
