"""A small npm registry with all that the page stands on, in name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from huggingtweets_hub.app.page import vendor
from tests.servers.npm import NpmServer

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
