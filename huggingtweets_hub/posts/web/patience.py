"""Whether and when a request is tried again: shown, and never for longer than a run should wait."""

import math
import random
import re
import time
from collections.abc import Mapping

from huggingtweets_hub.core import server_time
from huggingtweets_hub.core.errors import RateLimitedError, ServerUnavailableError, SourceError
from huggingtweets_hub.core.progress import Progress

_TRIES = 5
_LONGEST_PAUSE_SECONDS = 8.0
_LONGEST_WAIT_SECONDS = 15 * 60
"""Of the waits that a server asks for, all those for one request together."""
_RESETS = ("retry-after", "ratelimit-reset", "x-ratelimit-reset")
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?", re.ASCII)
_EPOCH = 10**8
"""Numbers from here on are a moment, smaller ones a span: `ratelimit-reset` is used for both."""


class Passing(Exception):
    """A failure that may go away by itself.

    Attributes:
        why: What happened, in a few words.
        is_limit: There were too many requests.
        wait: For how many seconds the server asks us to wait; 0 if it does not say.
        is_hopeless: It does not go away within a run.
    """

    def __init__(
        self, why: str, *, is_limit: bool = False, wait: float = 0.0, is_hopeless: bool = False
    ) -> None:
        self.why, self.is_limit, self.wait, self.is_hopeless = why, is_limit, wait, is_hopeless
        super().__init__(why)


class Patience:
    """Decides after each failure of one request, as stamina asks for it.

    Args:
        host: Who is asked, for the lines that are shown.
        seconds: How long all tries may take together, without the waits that the server asks for.
        instead: What else a user can do to have the posts.
    """

    def __init__(self, host: str, seconds: float, instead: str, progress: Progress) -> None:
        self._host, self._progress = host, progress
        self._next_step = f"Run the same command again later. {instead}"
        self._tries, self._limits, self._asked, self._said = 0, 0, 0.0, ""
        self._give_up = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """How many seconds the next try may take."""
        return max(0.001, self._give_up - time.monotonic())

    def __call__(self, error: Exception) -> bool | float:
        """The seconds until the next try; False to give up."""
        if not isinstance(error, Passing) or error.is_hopeless:
            return False
        if error.wait > 0:
            self._limits += 1
            seconds = max(error.wait, _pause(self._limits))
            self._asked += seconds
            if self._asked > _LONGEST_WAIT_SECONDS:
                return False
            self._give_up += seconds
            return self._wait(f"{self._host} asks to wait for {{}} s.", seconds)
        self._tries += 1
        seconds = _pause(self._tries) + random.random()
        if self._tries == _TRIES or time.monotonic() + seconds > self._give_up:
            return False
        is_new, self._said = error.why != self._said, error.why
        why = (error.why if is_new else "the same again").replace("{", "{{").replace("}", "}}")
        count = f"(attempt {self._tries + 1} of {_TRIES})"
        return self._wait(f"{self._host}: {why}. Trying again in {{}} s {count}.", seconds)

    def gave_up(self, error: Passing) -> SourceError:
        """What a run ends with after the last failure."""
        if not error.is_limit:
            return ServerUnavailableError(
                f"{self._host} is not responding properly: {error.why}.", self._next_step
            )
        minutes = math.ceil(error.wait / 60)
        span = f" for {minutes:,} min" if minutes else ""
        return RateLimitedError(f"{self._host} asks to wait{span}: too many requests.", self._next_step)

    def _wait(self, said: str, seconds: float) -> float:
        self._progress.note(said.format(math.ceil(seconds)))
        return seconds


def _pause(number: int) -> float:
    """How many seconds to wait at least after so many failures."""
    return min(_LONGEST_PAUSE_SECONDS, 2.0 ** (number - 1))


def asked_to_wait(headers: Mapping[str, str]) -> float:
    """How many seconds a server asks us to wait; 0 if it does not say, or the time has passed.

    A moment is by the server's clock, so it is compared with that clock if the reply gives it.
    """
    for name in _RESETS:
        value = headers.get(name, "").strip()
        if _NUMBER.fullmatch(value):
            number = float(value)
            return number if number < _EPOCH else max(0.0, number - server_time.now(headers) + 1)
        if seconds := server_time.until(value, headers):
            return seconds
    return 0.0
