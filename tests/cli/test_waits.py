"""Why the Hub is asked again, when, and how often: one line a wait, and no cause twice at full length."""

import logging
import threading

import pytest
from stamina.instrumentation import RetryDetails

from huggingtweets_hub.cli._waits import _Waits
from huggingtweets_hub.core.errors import HubUnavailableError, MovedError

URL = "http://127.0.0.1:1/openai-community/gpt2/resolve/main/config.json?signed=secret"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def waits(said: list[str]) -> _Waits:
    made = _Waits()
    made.say = said.append
    return made


def again(error: Exception, number: int, seconds: float) -> RetryDetails:
    return RetryDetails("ask", (), {}, number, seconds, 0.0, error)


def logged(waits: _Waits, *messages: str) -> None:
    for message in messages:
        record = logging.LogRecord("client", logging.WARNING, "", 1, message, None, None)
        assert waits.of_client(record) is False  # what it writes itself is not shown


@pytest.mark.parametrize(
    ("path", "told"),
    [("gpt2", "of gpt2."), ("ann/bot", "of ann/bot."), ("datasets/ann/posts", "of ann/posts.")],
)
def test_a_file_is_named_with_its_repository(waits: _Waits, said: list[str], path: str, told: str) -> None:
    url = f"https://huggingface.co/{path}/resolve/main/config.json"
    logged(waits, f"'timed out' thrown while requesting HEAD {url}", "Retrying in 1s [Retry 1/5].")
    assert told in said[0]


def test_our_own_tries_are_counted(waits: _Waits, said: list[str]) -> None:
    error = HubUnavailableError("The Hub could not read ada/x (status 500): injected 500", "")
    for number in (1, 2):
        waits.ours(again(error, number, 0.4 + number))
    waits.ours(again(MovedError("It changed.", ""), 1, 1.0))
    waits.ours(again(MovedError("It changed.", ""), 2, 1.0))
    waits.ours(again(ValueError("of somebody else"), 1, 1.0))
    assert said == [
        "The Hub could not read ada/x (status 500): injected 500. Trying again in 2 s (attempt 2 of 5).",
        "The Hub still does not answer. Trying again in 3 s (attempt 3 of 5).",
        "It changed. Trying again in 1 s (attempt 2 of 5).",
        "It has changed once more. Trying again in 1 s (attempt 3 of 5).",
    ]


def test_so_are_those_of_the_client_and_what_it_asks_for(waits: _Waits, said: list[str]) -> None:
    logged(
        waits,
        f"'[Errno 111] Connection refused\nwith a line' thrown while requesting HEAD {URL}",
        "Retrying in 1s [Retry 1/5].",
        f"'[Errno 111] Connection refused' thrown while requesting HEAD {URL}",
        "Retrying in 2s [Retry 2/5].",
        f"HTTP Error 503 thrown while requesting GET {URL.replace('config.json', 'sub/a.bin')}",
        "Retrying in 4s [Retry 3/5].",
        "HTTP Error 429 thrown while requesting PUT https://store.example/key?signed=secret",
        "Rate limited. Waiting 31.0s before retry [Retry 1/5].",
        "something else that it warns of",
    )
    assert said == [
        "The Hub does not answer when asked for config.json of openai-community/gpt2. "
        "Trying again in 1 s (attempt 2 of 6).",
        "The Hub still does not answer. Trying again in 2 s (attempt 3 of 6).",
        "The Hub answers with an error (status 503) when asked for sub/a.bin of openai-community/gpt2. "
        "Trying again in 4 s (attempt 4 of 6).",
        "The Hub asks to wait. Trying again in 31 s (attempt 2 of 6).",
    ]


def test_threads_do_not_mix_up_what_they_ask_for(waits: _Waits, said: list[str]) -> None:
    logged(waits, f"'refused' thrown while requesting HEAD {URL}")
    other = threading.Thread(target=logged, args=(waits, "Retrying in 8s [Retry 5/5]."))
    other.start()
    other.join()
    assert said == ["The Hub does not answer. Trying again in 8 s (attempt 6 of 6)."]
