"""What the page stands on: in name from a registry in memory, in earnest from the real one; and a browser."""

import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub import publish
from huggingtweets_hub.app.page import vendor
from tests.conftest import HUB
from tests.servers.npm import NpmServer

ROOT = Path(__file__).parents[2]
NAMESPACE = "lights"
RUNTIME = tuple(
    f"package/dist/ort-wasm-simd-threaded{build}.{kind}"
    for build in ("", ".asyncify")
    for kind in ("mjs", "wasm")
)


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NpmServer]:
    """The registry that is asked, with packages that are pinned."""
    with NpmServer() as server:
        monkeypatch.setenv("npm_config_registry", server.url)
        script = {"package/dist/transformers.min.js": b"export {};", "package/src/other.js": b"other"}
        pins = server.publish("@huggingface/transformers", "4.0.0", script)
        pins["files"].pop()  # not needed
        NpmServer.pin(
            tmp_path / "pins.json",
            pins,
            server.publish("onnxruntime-web", "1.0.0", {path: path.encode() * 9 for path in RUNTIME}),
        )
        monkeypatch.setattr(vendor, "_PINS", tmp_path / "pins.json")
        yield server


# --- in a real browser ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Site:
    """A page that is served on this machine, and the files of a bot for it."""

    url: str
    bot: dict[str, bytes]
    folder: Path

    def files(
        self, handle: str = "lighthouse_ada", name: str | None = None, **facts: Any
    ) -> dict[str, bytes]:
        """The files of a bot of this account, with some of its facts replaced."""
        found = json.loads(self.bot["huggingtweets.json"])
        found["accounts"][0] |= {"handle": handle, "name": name or handle}
        return {**self.bot, "huggingtweets.json": json.dumps(found | facts).encode()}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page with what it really stands on, and a bot as `publish` makes it, with its ONNX file."""
    folder = tmp_path_factory.mktemp("site")
    made = subprocess.run(  # in a process of its own, which may ask the real registry
        [sys.executable, "-m", "huggingtweets_hub", "page", NAMESPACE, "-o", str(folder / "page"), "-q"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "HUGGINGTWEETS_HOME": str(folder / "home")},
        capture_output=True, text=True, timeout=280,
    )  # fmt: skip
    if "could not be fetched" in made.stderr:
        pytest.skip("there is no npm registry")
    assert made.returncode == 0, made.stderr
    bot = folder / "bot"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HUGGINGTWEETS_HOME", str(folder / "home"))
        publish(
            source="sample", base_model="tiny", epochs=1, max_tweets=150, samples=2, namespace=NAMESPACE,
            tracker="none", consent="fictional", formats="onnx", dry_run=True, output=bot,
        )  # fmt: skip
    files = {
        file.relative_to(bot).as_posix(): file.read_bytes()
        for file in bot.rglob("*")
        if file.is_file() and file.name not in ("card.html", "model.safetensors")
    }
    handler = functools.partial(_Quiet, directory=str(folder / "page"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Site(f"http://127.0.0.1:{server.server_address[1]}/", files, folder / "page")
        server.shutdown()
        thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium")
    options = (
        "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync"
    )
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program, args=options.split())
        yield browser
        browser.close()


@dataclass
class Visit:
    """A visitor of the page: a tab of its own, what it asked for, and what it complained of."""

    page: Any
    url: str
    asked: list[str]
    complaints: list[str]

    def open(self, hash: str = "") -> Any:
        """Go to the page."""
        self.page.goto(self.url + hash)
        return self.page

    def write(self, prompt: str | None = None) -> list[str]:
        """Let the bot on the page write, and return its five texts."""
        if prompt is not None:
            self.page.fill("#prompt", prompt)
        self.page.click("button.main")
        self.page.wait_for_selector("button.main:text-is('Again')", timeout=120_000)
        return self.posts()

    def posts(self) -> list[str]:
        """The new posts on the page."""
        found: list[str] = self.page.locator("ol[aria-label='New posts'] .text").all_text_contents()
        return found

    def asked_for(self, ending: str) -> int:
        """How many requests ended like this."""
        return sum(url.endswith(ending) for url in self.asked)


@pytest.fixture
def visit(chromium: Any, site: Site, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A visitor at a desk, or as the parameter says; asks nobody but the page and the Hub."""
    desk = {"viewport": {"width": 1200, "height": 900}}
    context = chromium.new_context(**desk | getattr(request, "param", {}))
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url.rstrip("/"))
    context.set_default_timeout(30_000)
    page = context.new_page()
    visitor = Visit(page, site.url, [], [])
    context.on("request", lambda sent: visitor.asked.append(sent.url))
    page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    page.on("console", lambda said: said.type == "error" and visitor.complaints.append(said.text))
    yield visitor
    context.close()
    ours = (site.url, f"{HUB.url}/", f"blob:{site.url}")
    assert [url for url in visitor.asked if not url.startswith(ours)] == []
