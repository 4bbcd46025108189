"""`env`: what a bug report needs, and no secret."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

import click

from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.core import settings

_LIBRARIES = (
    "huggingtweets_hub", "transformers", "torch", "huggingface_hub", "datasets", "tweepy",
    "jinja2", "wandb", "trackio",
)  # fmt: skip
_SETTINGS = (
    "HUGGINGTWEETS_NAMESPACE",
    "HUGGINGTWEETS_STORE",
    "HF_HOME",
    "HF_ENDPOINT",
    "WANDB_MODE",
    "WANDB_PROJECT",
)
_SECRETS = ("X_BEARER_TOKEN", "TWITTER_BEARER_TOKEN", "HF_TOKEN", "WANDB_API_KEY")


@click.command()
@_options.output_format
def env(as_json: bool, quiet: bool) -> None:
    """Show versions and settings for a bug report; of secrets only whether they are set."""
    shown = {"python": platform.python_version(), "platform": platform.platform()}
    for library in _LIBRARIES:
        try:
            shown[library] = version(library)
        except PackageNotFoundError:
            shown[library] = "not installed"
    home = os.environ.get("HUGGINGTWEETS_HOME") or str(settings.home())
    shown["HUGGINGTWEETS_HOME"] = settings.masked(home)
    shown |= {name: settings.masked(os.environ[name]) for name in _SETTINGS if name in os.environ}
    shown |= {name: "set" if os.environ.get(name) else "not set" for name in _SECRETS}
    _output.emit(shown, as_json=as_json, quiet=quiet, main="huggingtweets_hub", lines=shown)
