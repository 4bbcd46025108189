"""`env`: what a bug report needs, and no secret."""

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version

import click

from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.core import settings, tokens

_LIBRARIES = (
    "huggingtweets_hub", "transformers", "torch", "huggingface_hub", "datasets", "tweepy",
    "jinja2", "wandb", "trackio", "gradio", "peft", "gguf", "onnx", "onnxruntime", "ctranslate2", "ray",
)  # fmt: skip
_SETTINGS = (
    "HUGGINGTWEETS_NAMESPACE",
    "HUGGINGTWEETS_STORE",
    "HUGGINGTWEETS_X_API_URL",
    "HUGGINGTWEETS_BLUESKY_URL",
    "HUGGINGTWEETS_PLC_URL",
    "HUGGINGTWEETS_FEDIVERSE_URL",
    "HF_HOME",
    "HF_ENDPOINT",
    "HF_HUB_OFFLINE",
    "WANDB_MODE",
    "WANDB_PROJECT",
)
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")  # in small letters, too
_SECRETS = ("X_BEARER_TOKEN", "TWITTER_BEARER_TOKEN", "HF_TOKEN", "WANDB_API_KEY")

_KEY = re.compile(r"[0-9a-f]{40}")
"""A key of W&B; a commit looks the same, so it is not one wherever it stands."""


@click.command()
@_options.output_format
def env(as_json: bool, quiet: bool) -> None:
    """Show versions and settings for a bug report; secrets only as set or not set."""
    from huggingface_hub import get_token

    shown = {"python": platform.python_version(), "platform": platform.platform()}
    for library in _LIBRARIES:
        try:
            shown[library] = version(library)
        except PackageNotFoundError:
            shown[library] = "not installed"
    home = os.environ.get("HUGGINGTWEETS_HOME") or str(settings.home())
    shown["HUGGINGTWEETS_HOME"] = _masked(home)
    names = (*_SETTINGS, *_PROXIES, *map(str.lower, _PROXIES))
    shown |= {name: _masked(os.environ[name]) for name in names if name in os.environ}
    shown |= {name: "set" if os.environ.get(name) else "not set" for name in _SECRETS}
    if not os.environ.get("HF_TOKEN") and get_token():
        shown["HF_TOKEN"] = "not set, but a login is stored ('hf auth login')"
    _output.emit(shown, as_json=as_json, quiet=quiet, main="huggingtweets_hub", lines=shown)


def _masked(value: str) -> str:
    """The value of a variable without a login, or a token that was put there by mistake."""
    shown = settings.bare(value) if "://" in value else settings.masked(value)
    return "[token]" if _KEY.fullmatch(value.strip()) else tokens.redacted(shown)
