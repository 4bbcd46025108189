"""Nothing that a server or a card says can steer a terminal or hide from a reader."""

import json
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner

from huggingtweets_hub import Silent, fetch_timeline
from huggingtweets_hub.batch.ledger import Ledger
from huggingtweets_hub.cli import main
from huggingtweets_hub.core.errors import HuggingTweetsError, SourceError
from huggingtweets_hub.core.text import one_line, visible
from huggingtweets_hub.hub import client
from tests.batch import accounts
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer

NASTY = "no\x1b]0;title\x07 \x9b31m\u202egpj.\u200b\u2066\ufeff\x08"


def unseen(text: str) -> list[str]:
    return [c for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


def test_every_character_that_cannot_be_seen_is_written_out() -> None:
    numbers = {n for n in range(0x110000) if unseen(chr(n))} - set(range(0x600, 0x606))
    shown = {
        0x6DD,
        0x70F,
        0x890,
        0x891,
        0x8E2,
        0x110BD,
        0x110CD,
        *range(0x13430, 0x13440),
    }  # signs with a look
    assert unseen(visible("".join(map(chr, numbers - shown)))) == []
    assert visible("\x1b[1m Zoë 日本 👍\n") == "\\x1b[1m Zoë 日本 👍\n"


def test_joiners_stay_where_they_are_spelling() -> None:
    for text in ("👩\u200d👩\u200d👧", "🏳\ufe0f\u200d🌈", "👩🏽\u200d🚀", "می\u200cخواهم", "ක්\u200dෂ"):
        assert visible(text) == text
    for text in (
        "a\u200db",
        "а\u200cб",
        "日\u200d本",
        "👩\u200d",
        "\u200d👩",
        "می\u200c",
        "می\u200c\u200dخ",
        "é\u200dم",
    ):
        assert "\\u200" in visible(text)


def test_what_a_server_says_is_one_line_of_bearable_length() -> None:
    assert one_line(" a\r\nb \x1b") == "a b \\x1b"
    assert len(one_line("a" * 10**6)) < 400


def test_errors_quote_nothing_that_cannot_be_seen() -> None:
    error = HuggingTweetsError(NASTY, NASTY)
    assert unseen(f"{error} {error.message} {error.next_step} {error.args}") == []


@pytest.mark.usefixtures("warm")
def test_the_hub_steers_no_terminal_report_or_ledger(hub: HubServer, tiny_gpt2: Path, tmp_path: Path) -> None:
    accounts.write(tmp_path, "ada", 1)
    users = tmp_path / "users.yaml"
    users.write_text("- {handle: ada, from: ada.jsonl}\n")
    made = ["--base-model", str(tiny_gpt2), "--epochs", "1", "--samples", "2", "--retries", "0"]
    for status in (400, 403, 404, 409, 503):  # the model is made once, and to be sent each time
        hub.faults.pending.clear()
        hub.faults.answer("POST", "/repos/create", status, {"error": f"{NASTY}\nForged: {status}"}, times=99)
        report = tmp_path / f"{status}.jsonl"
        batch = ["batch", str(users), *made, "--report", str(report)]
        done = CliRunner().invoke(main.command, [*batch, "--only-failed"] if status > 400 else batch)
        shown = CliRunner().invoke(main.command, ["status"])
        (kept,) = Ledger().latest().values()
        told = json.loads(report.read_text("utf-8"))
        assert kept.state == "failed" and kept.message
        for text in (done.output, shown.output, kept.message, told["message"]):
            assert unseen(text) == [] and "\nForged" not in text


def test_x_steers_no_terminal(x: XServer) -> None:
    x.faults.answer("/by/username", 200, {"errors": [{"title": NASTY, "detail": NASTY}]}, times=9)
    with pytest.raises(SourceError) as raised:
        fetch_timeline("ada", progress=Silent())
    assert "no" in raised.value.message and unseen(str(raised.value)) == []


def test_names_from_the_hub_are_written_out(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingtweets_hub.hub import access

    hub.add_user(NASTY, token="hf_nasty")
    monkeypatch.setenv("HF_TOKEN", "hf_nasty")
    client.forget_who()
    with pytest.raises(HuggingTweetsError) as raised:
        access.require_write_access("huggingtweets/ada")
    assert unseen(str(raised.value)) == []
