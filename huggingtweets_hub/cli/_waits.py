"""Say on stderr why a run waits before it asks the Hub again, for how long, and how often it has asked."""

import logging
import math
import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from huggingtweets_hub.core.errors import HubUnavailableError, MovedError
from huggingtweets_hub.core.text import one_line
from huggingtweets_hub.hub import retries

if TYPE_CHECKING:
    from stamina.instrumentation import RetryDetails

# What the Hub's client logs: why it asks again, and when. The former names addresses that are signed.
_WHY = re.compile(r"(?:HTTP Error (?P<status>\d+)|'.*') thrown while requesting \w+ (?P<url>\S+)", re.DOTALL)
_WHEN = re.compile(r"(Retrying in|Rate limited\. Waiting) ([\d.]+)s.*\[Retry (\d+)/(\d+)\]")
_FILE = re.compile(r"://[^/]+/(?:datasets/|spaces/)?((?:[^/?#]+/)?[^/?#]+)/resolve/[^/]+/([^?#]+)")
_ENDS = (".", "!", "?")


class _Waits:
    """Says each wait on one line, and what it waits for in full only once."""

    def __init__(self) -> None:
        self.say: Callable[[str], None] = lambda line: click.echo(line, err=True)
        self._told: set[str] = set()
        self._client = threading.local()

    def ours(self, details: "RetryDetails") -> None:
        """A call that this package makes again."""
        error = details.caused_by
        if not isinstance(error, HubUnavailableError | MovedError):
            return  # who asks X says so itself
        again = "still does not answer" if isinstance(error, HubUnavailableError) else "has changed once more"
        self._say(error.message, again, details.wait_for, details.retry_num + 1, retries.TRIES)

    def of_client(self, record: logging.LogRecord) -> bool:
        """A request that the Hub's client makes again by itself; nothing of its log is shown."""
        message = record.getMessage()
        if why := _WHY.match(message):
            status = why["status"]
            said = f"answers with an error (status {status})" if status else "does not answer"
            file = _FILE.search(why["url"])
            self._client.said = said, f" when asked for {file[2]} of {file[1]}" if file else ""
        elif when := _WHEN.match(message):
            said, asked = getattr(self._client, "said", ("does not answer", ""))
            if when[1] != "Retrying in":
                said = "asks to wait"
            seconds, tries = float(when[2]), (int(when[3]) + 1, int(when[4]) + 1)
            self._say(f"The Hub {one_line(said + asked)}.", f"still {said}", seconds, *tries)
        return False

    def _say(self, cause: str, again: str, seconds: float, attempt: int, attempts: int) -> None:
        if cause in self._told:
            cause = f"The Hub {again}" if again.startswith("still") else f"It {again}"
        else:
            self._told.add(cause)
        stop = "" if cause.endswith(_ENDS) else "."
        wait = f"Trying again in {math.ceil(seconds)} s (attempt {attempt} of {attempts})."
        self.say(f"{cause}{stop} {wait}")


_WAITS = _Waits()


def show() -> None:
    """From now on, in this process."""
    from stamina import instrumentation

    instrumentation.set_on_retry_hooks([_WAITS.ours])
    client = logging.getLogger("huggingface_hub.utils._http")
    client.setLevel(logging.WARNING)
    client.addFilter(_WAITS.of_client)  # adding it twice changes nothing


def say_by(say: Callable[[str], None]) -> None:
    """Say them like all else that a command says."""
    _WAITS.say = say
