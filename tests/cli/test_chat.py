"""`chat` and `generate`: a bot at the prompt, in processes of their own."""

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import interrupt, interruptible


def run(*arguments: str, typed: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "huggingtweets_hub", *arguments],
        env={**os.environ, **environment},
        input=typed,
        capture_output=True,
        timeout=300,
    )


SHORT = ("--max-new-tokens", "5", "--seed", "1")


def test_a_pipe_gives_beginnings_and_gets_tweets(bot: Path) -> None:
    done = run("chat", str(bot), "-n", "2", *SHORT, typed="Tonight\n\nthe séa\r\nquit\nnever\n".encode())
    assert done.returncode == 0 and not done.stderr, done.stderr.decode()
    said = done.stdout.decode()
    assert said.count("1. ") == said.count("2. ") == 3
    assert said.startswith(" 1. Tonight") and "\n 1. the séa" in said
    assert "never" not in said and "\x1b" not in said


@pytest.mark.usefixtures("warm")
def test_names_are_masked_as_on_the_card_unless_raw_is_asked_for(bot: Path) -> None:
    typed = b"@keeper asks @stranger at https://example.org\n"
    masked, raw = (
        json.loads(run("chat", str(bot), "-n", "1", "--json", *SHORT, *more, typed=typed).stdout)
        for more in ([], ["--raw"])
    )
    assert masked["text"].startswith("@keeper asks [name] at [link]")
    assert raw["text"].startswith("@keeper asks @stranger at https://example.org")
    assert masked["prompt"] == "@keeper asks @stranger at https://example.org"
    said = run("generate", str(bot), "--prompt", "@keeper and @stranger", "-n", "1", "-q", *SHORT)
    assert said.stdout.startswith(b"@keeper and [name]") and not said.stderr


@pytest.mark.usefixtures("warm")
def test_a_line_that_is_not_utf_8_is_named(bot: Path) -> None:
    done = run("chat", str(bot), *SHORT, typed=b"caf\xe9\n")
    assert done.returncode == 1
    assert b"not valid Unicode" in done.stderr and b"Traceback" not in done.stderr


@pytest.mark.usefixtures("warm")
def test_generate_numbers_its_texts_and_takes_a_beginning_longer_than_the_context(bot: Path) -> None:
    done = run("generate", str(bot), "--prompt", "the sea " * 300, "--number", "3", "--seed", "1")
    assert done.returncode == 0 and not done.stderr, done.stderr.decode()
    numbers = [line[:3] for line in done.stdout.decode().splitlines() if line[:3].strip()]
    assert numbers == [" 1.", " 2.", " 3."]


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("--temperature", "0", "temperature cannot be 0.0. Give a number from 0.05 to 10."),
        ("--temperature", "nan", "temperature cannot be nan."),
        ("--top-p", "0", "top-p cannot be 0.0. Give a number above 0 and at most 1."),
        ("--top-p", "1.5", "top-p cannot be 1.5."),
        ("--max-new-tokens", "0", "max-new-tokens cannot be 0."),
        ("--seed", "-1", "seed cannot be -1."),
    ],
)
@pytest.mark.parametrize("verb", ["chat", "generate"])
def test_settings_are_refused_before_a_model_is_loaded(
    verb: str, option: str, value: str, wanted: str
) -> None:
    done = run(verb, "nowhere", option, value)
    assert done.returncode == 2
    assert wanted in " ".join(done.stderr.decode().split())


@pytest.mark.usefixtures("warm")
def test_ctrl_c_stops_an_answer_and_quit_ends(bot: Path) -> None:
    ours, theirs = pty.openpty()
    process = interruptible(
        "chat", str(bot), "-n", "1000000", stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    os.close(theirs)
    assert process.stdout is not None
    os.write(ours, b"the lamp\n")
    while "1. the lamp" not in process.stdout.readline():
        assert process.poll() is None
    interrupt(process)
    os.write(ours, b"quit\n")
    _, said = process.communicate(timeout=300)
    os.close(ours)
    assert process.returncode == 0, said
    assert "Traceback" not in said and "Stopped" not in said


@pytest.mark.usefixtures("warm")
def test_no_color_leaves_colours_out_of_a_terminal(bot: Path) -> None:
    texts = []
    for no_color in ("", "1"):
        ours, theirs = pty.openpty()
        done = subprocess.run(
            [sys.executable, "-m", "huggingtweets_hub", "generate", str(bot), "-n", "1", *SHORT],
            env={**os.environ, "NO_COLOR": no_color},
            stdout=theirs,
            stderr=subprocess.PIPE,
            timeout=300,
        )
        os.close(theirs)
        assert done.returncode == 0, done.stderr
        texts.append(os.read(ours, 10_000))
        os.close(ours)
    assert b"\x1b[" in texts[0] and b"\x1b[" not in texts[1]


@pytest.mark.usefixtures("warm")
def test_a_model_of_somebody_else_has_nobodys_names(bot: Path, tmp_path: Path) -> None:
    other = shutil.copytree(bot, tmp_path / "other")
    (other / "huggingtweets.json").unlink()
    done = run("chat", str(other), "-n", "1", *SHORT, typed=b"@keeper\n")
    assert done.stdout.startswith(b" 1. [name]")


@pytest.mark.usefixtures("warm")
def test_what_is_typed_is_asked_for_beside_the_answers(bot: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "huggingtweets_hub", "chat", str(bot), "-n", "1", "--json", *SHORT],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    os.write(ours, b"caf\xe9\nthe lamp\nquit\n")
    said, asked = process.communicate(timeout=300)
    os.close(ours)
    assert process.returncode == 0, asked
    assert [json.loads(line)["prompt"] for line in said.splitlines()] == ["the lamp"]
    assert asked.count(b"> ") == 3 and b"not valid Unicode" in asked


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_empty(bot: Path, closed: str) -> None:
    command = [sys.executable, "-m", "huggingtweets_hub", "chat", str(bot), "-n", "1", *SHORT]
    done = subprocess.run(
        ["sh", "-c", f'"$@" {closed}', "sh", *command],
        input=b"the lamp\n",
        capture_output=True,
        timeout=300,
    )
    assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stderr
    assert (b"the lamp" in done.stdout) is (closed == "2>&-")


@pytest.mark.usefixtures("warm")
def test_a_model_that_cannot_begin_by_itself_says_so(bot: Path, tmp_path: Path) -> None:
    other = shutil.copytree(bot, tmp_path / "other")
    (other / "generation_config.json").unlink()
    for name, changes in (
        ("config.json", {"bos_token_id": None, "eos_token_id": None}),
        ("tokenizer.json", {"post_processor": None}),
    ):
        content = json.loads((other / name).read_text("utf-8"))
        (other / name).write_text(json.dumps({**content, **changes}), "utf-8")
    (other / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"}))
    done = run("chat", str(other), "-n", "1", *SHORT, typed=b"\n")
    assert done.returncode == 1 and b"Give it a prompt" in done.stderr, done.stderr


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("damage", [{"model.safetensors": b"abc"}, {"config.json": b"[]"}])
def test_a_damaged_model_is_named(bot: Path, tmp_path: Path, damage: dict[str, bytes]) -> None:
    other = shutil.copytree(bot, tmp_path / "other")
    for name, content in damage.items():
        (other / name).write_bytes(content)
    done = run("generate", str(other), *SHORT)
    assert done.returncode == 1 and b"other' could not be loaded" in done.stderr, done.stderr
    assert b"Traceback" not in done.stderr
