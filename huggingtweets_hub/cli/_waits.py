"""Say on stderr why a run waits before it asks the Hub again, and for how long."""

import logging
import math
import sys
from typing import TYPE_CHECKING

import click

from huggingtweets_hub.core.errors import HubUnavailableError, MovedError

if TYPE_CHECKING:
    from stamina.instrumentation import RetryDetails


def show() -> None:
    """From now on, in this process."""
    from stamina import instrumentation

    instrumentation.set_on_retry_hooks([_said])
    # The Hub's client waits by itself, too. What else it says then names addresses that are signed.
    client = logging.getLogger("huggingface_hub.utils._http")
    client.setLevel(logging.WARNING)
    client.addFilter(lambda record: record.getMessage().startswith("Retrying in"))


def _said(details: "RetryDetails") -> None:
    error = details.caused_by
    if not isinstance(error, HubUnavailableError | MovedError):
        return  # who asks X says so itself
    from tqdm import tqdm

    with tqdm.external_write_mode(file=sys.stderr):  # not into the middle of a bar
        click.echo(f"{error.message} Trying again in {math.ceil(details.wait_for)} s.", err=True)
