"""The part of the Hub that signs visitors of a Space in: OpenID Connect, as far as `gradio` asks it."""

import base64
import hashlib
import hmac
import http.server
import json
import secrets
import threading
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit


class OpenIdServer:
    """Signs everyone in as one user, without a question.

    Attributes:
        scopes: What was asked for, by each visitor who came.
    """

    def __init__(self, user: str, access_token: str) -> None:
        self.user, self.access_token = user, access_token
        self.scopes: list[str] = []
        self._key = secrets.token_bytes(32)
        self._nonces: dict[str, str] = {}

    def __enter__(self) -> "OpenIdServer":
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                split = urlsplit(self.path)
                given = {name: values[0] for name, values in parse_qs(split.query).items()}
                if split.path == "/oauth/authorize":
                    self.send_response(302)
                    self.send_header("Location", server._back(given))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                else:
                    self._answer(server._described(split.path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                given = {name: values[0] for name, values in parse_qs(body).items()}
                self._answer(server._token(given))

            def _answer(self, body: Any) -> None:
                content = json.dumps(body).encode()
                self.send_response(200)
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

    def environment(self) -> dict[str, str]:
        """What the Hub puts into the environment of a Space whose card says `hf_oauth`."""
        return {
            "OAUTH_CLIENT_ID": "the-space", "OAUTH_CLIENT_SECRET": "the-secret-of-the-space",
            "OAUTH_SCOPES": "openid profile contribute-repos", "OPENID_PROVIDER_URL": self.url,
        }  # fmt: skip

    def _described(self, path: str) -> Any:
        if path == "/jwks":
            return {"keys": [{"kty": "oct", "kid": "1", "alg": "HS256", "k": _encoded(self._key)}]}
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/oauth/authorize",
            "token_endpoint": f"{self.url}/oauth/token",
            "jwks_uri": f"{self.url}/jwks",
            "id_token_signing_alg_values_supported": ["HS256"],
        }

    def _back(self, given: dict[str, str]) -> str:
        self.scopes.append(given["scope"])
        code = secrets.token_urlsafe(8)
        self._nonces[code] = given["nonce"]
        back = given["redirect_uri"]
        return f"{back}{'&' if '?' in back else '?'}{urlencode({'code': code, 'state': given['state']})}"

    def _token(self, given: dict[str, str]) -> Any:
        now = int(time.time())
        claims = {
            "iss": self.url, "sub": "1", "aud": "the-space", "iat": now, "exp": now + 3600,
            "nonce": self._nonces.pop(given["code"]), "name": self.user, "preferred_username": self.user,
            "profile": self.url, "picture": "", "website": "",
        }  # fmt: skip
        signed = f"{_encoded({'alg': 'HS256', 'kid': '1'})}.{_encoded(claims)}"
        signature = hmac.new(self._key, signed.encode(), hashlib.sha256).digest()
        return {
            "access_token": self.access_token, "token_type": "bearer", "expires_in": 3600,
            "scope": self.scopes[-1], "id_token": f"{signed}.{_encoded(signature)}",
        }  # fmt: skip


def _encoded(content: Any) -> str:
    if not isinstance(content, bytes):
        content = json.dumps(content).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
