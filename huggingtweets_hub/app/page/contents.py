"""All files of a namespace's page, whether they go to a Space or into a folder."""

import html
import json
import string
from importlib.metadata import version
from pathlib import Path

from huggingtweets_hub.app import updating
from huggingtweets_hub.app.page import vendor
from huggingtweets_hub.card.variables import HUB
from huggingtweets_hub.core.accounts import NETWORKS
from huggingtweets_hub.core.names import CARD, TAG
from huggingtweets_hub.core.progress import Progress

STATIC = Path(__file__).with_name("static")
MARKER = "page.json"
"""Which files of the Space are ours, so that those of an older version can be deleted."""
VENDORED = "vendor"
# The Hub redirects large files to these hosts of its own.
_STORAGE = ("https://*.huggingface.co", "https://*.hf.co")
_WASM = "ort-wasm-simd-threaded.wasm"
_WEBGPU = "ort-wasm-simd-threaded.asyncify.wasm"
_EMOJI = "🤖"
_LONGEST_DESCRIPTION = 60  # of what the Hub shows on a Space's card


def default_title(namespace: str) -> str:
    """What a page is called if nobody says so."""
    return f"The bots of {namespace}"


def build(space: str, *, title: str, hub: str, progress: Progress) -> dict[str, Path | bytes]:
    """The files of a page, by their paths in it.

    Args:
        space: The repo id of its Space; the bots are those of its namespace.
        hub: The address of the Hub.

    Raises:
        PackageError: What it stands on could not be fetched.
        UnwritableError: The disk takes no more.
    """
    vendored = vendor.collect(progress)
    built: dict[str, Path | bytes] = {
        path.name: path for path in sorted(STATIC.iterdir()) if path.suffix != ".html"
    }
    built["index.html"] = _index(space, title, hub, vendored)
    built |= {f"{VENDORED}/{name}": path for name, path in vendored.items()}
    built[f"{VENDORED}/LICENSES.txt"] = _licenses().encode()
    built[CARD] = _readme(space, title).encode()
    return updating.marked(built, MARKER)


def _index(space: str, title: str, hub: str, vendored: dict[str, Path]) -> bytes:
    values = {
        "namespace": space.split("/")[0],
        "space": space,
        "title": title,
        "hub": hub,
        "mentions": json.dumps({name: network.mention for name, network in NETWORKS.items()}),
        "policy": policy(hub),
        "wasm_bytes": str(vendored[_WASM].stat().st_size),
        "webgpu_bytes": str(vendored[_WEBGPU].stat().st_size),
    }
    page = string.Template((STATIC / "index.html").read_text("utf-8"))
    return page.substitute({name: html.escape(value) for name, value in values.items()}).encode()


def policy(hub: str) -> str:
    """The page's Content-Security-Policy: itself and the Hub, nobody else."""
    hosts = " ".join((hub, *(_STORAGE if hub == HUB else ())))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
            f"img-src 'self' {hosts}",
            f"connect-src 'self' {hosts}",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _readme(space: str, title: str) -> str:
    """The Space's card; JSON strings are YAML strings, whatever stands in a title."""
    namespace = space.split("/")[0]
    about = f"AI bots of {namespace}, right in your browser"[:_LONGEST_DESCRIPTION]
    front = {
        "title": title,
        "emoji": _EMOJI,
        "colorFrom": "pink",
        "colorTo": "purple",
        "sdk": "static",
        "app_file": "index.html",
        "pinned": False,
        "short_description": about,
        "tags": [TAG],
    }
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items())
    return "\n".join(
        (
            "---",
            *lines,
            "---",
            "",
            f"A page to try the AI bots of {namespace} that carry the tag `{TAG}`. They run in the visitor's "
            "browser: nothing you type leaves it.",
            "",
            f"Made by huggingtweets_hub {version('huggingtweets_hub')}; `huggingtweets page {namespace}` "
            "updates it. `vendor/LICENSES.txt` lists what it is built on.",
            "",
        )
    )


def _licenses() -> str:
    parts = ["What this page is built on, unchanged from these versions of the npm packages.\n"]
    for package in vendor.pinned():
        names = ", ".join(file.name for file in package.files)
        about = f"{package.name} {package.version}, {package.license} license"
        parts.append(f"{about}\n{names}\n{package.integrity}\n")
    return "\n".join((*parts, Path(__file__).with_name("licenses.txt").read_text("utf-8")))
