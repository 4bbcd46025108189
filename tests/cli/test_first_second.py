"""What can fail fails in the first second, and is named by what the user typed."""

import json
import os
import sys
from pathlib import Path

import pytest

from huggingtweets_hub import cli
from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import UnwritableError

SCRATCH = ["--from", "sample", "--base-model", "scratch", "--dry-run"]


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, str]:
    """What a command that fails says, as JSON; a traceback would be an error of another kind."""
    with pytest.raises(SystemExit) as ended:
        cli.main([*words, "--json"])
    assert ended.value.code == 1
    said: dict[str, str] = json.loads(capsys.readouterr().out)
    return said


@pytest.fixture
def nowhere(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A place that can hold neither a file nor a folder."""
    if request.param == "kernel":
        if not sys.platform.startswith("linux"):
            pytest.skip("this system has no /proc")
        return Path("/proc/huggingtweets")
    if request.param == "link":
        (tmp_path / "link").symlink_to(tmp_path / "gone")
        return tmp_path / "link"
    if request.param == "name":
        return tmp_path / ("n" * 300)
    (tmp_path / "file").write_text("mine")
    return tmp_path / "file" / "below"


PLACES = pytest.mark.parametrize("nowhere", ["kernel", "link", "name", "file"], indirect=True)


@PLACES
@pytest.mark.parametrize("verb", [["publish", *SCRATCH], ["demo"]])
def test_an_output_that_can_hold_no_folder_is_refused_first(
    nowhere: Path, verb: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, *verb, "--output", str(nowhere / "model"))
    assert said["kind"] == "unwritable" and str(nowhere) in said["message"]
    assert "--output" in said["next_step"] and "HUGGINGTWEETS_HOME" not in said["next_step"]
    assert not home.exists()


@PLACES
def test_so_is_a_work_folder_that_cannot_be_made(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUGGINGTWEETS_HOME", str(nowhere / "home"))
    said = refused(capsys, "publish", *SCRATCH)
    assert said["kind"] == "unwritable" and "HUGGINGTWEETS_HOME" in said["next_step"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="this system has no /proc")
def test_a_file_of_fetch_is_named_as_it_was_typed(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "fetch", "--from", "sample", "-o", "/proc/ada.jsonl")
    assert said["message"].startswith("'/proc/ada.jsonl' cannot be written")
    assert said["next_step"] == "Give --output another file."


def test_a_home_of_nobody_is_a_folder_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        cli.main(["publish", "--from", "~nobody-of-that-name/a.zip"])


def test_trying_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "there.txt").write_text("mine")
    for name in ("new/folder", "there.txt", "new.txt", "."):
        files.require_writable(tmp_path / name)
    assert os.listdir(tmp_path) == ["there.txt"] and (tmp_path / "there.txt").read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="this system has no files without a name")
def test_nor_does_trying_that_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for clean_up in ("unlink", "rmdir"):
        monkeypatch.setattr(os, clean_up, lambda *_, **__: None)  # what a kill leaves undone
    files.require_writable(tmp_path / "new")
    assert os.listdir(tmp_path) == []


def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnwritableError, match="cannot be written"):
        files.require_writable(tmp_path / "a\0b")


# --- sources, tokens and the base model, before the network ------------------------------------------


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever asks the Hub or X in this process breaks the test, and no token is set."""

    def broken(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr("socket.socket.connect", broken)


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        (["nasa"], "missing_x_token", "No X API token is set"),
        (["--from", "sample"], "not_logged_in", "No Hugging Face token is set."),
        (["--from", "sample", "--namespace", "@me"], "not_logged_in", "No Hugging Face token is set."),
        (["nasa", "--from", "sample", "--dry-run"], "wrong_account", "not of @nasa"),
        (["ada", "--from", "bob.jsonl", "--dry-run"], "wrong_account", "none of @ada"),
        (["ada", "--from", "cut.zip", "--dry-run"], "unreadable_file", "cut.zip"),
        (["ada", "--from", "none.jsonl", "--dry-run"], "unreadable_file", "none.jsonl"),
        (["--from", "sample", "--since", "2100-01-01", "--dry-run"], "empty_timeline", "match the selection"),
        ([*SCRATCH, "--base-model", "./none"], "base_model", "model folder: there is no such folder."),
        ([*SCRATCH, "--template", "classic"], "template", "based on 'scratch'"),
        ([*SCRATCH, "--device", "mps" if sys.platform != "darwin" else "cuda"], "invalid_input", "finds no"),
        ([*SCRATCH, "--tracker", "wandb"], "tracking", "W&B has no API key"),
    ],
)
def test_what_this_machine_can_tell_is_said_before_the_network_is_used(
    words: list[str],
    kind: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bob.jsonl").write_text('{"text": "Hello there", "username": "bob"}\n')
    (tmp_path / "cut.zip").write_bytes(b"PK\3\4 and nothing more")
    error = refused(capsys, "publish", *words)
    assert error["kind"] == kind and said in error["message"] and error["next_step"]


@pytest.mark.usefixtures("offline")
def test_a_token_that_cannot_be_one_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_sécret")
    said = refused(capsys, "publish", "--from", "sample")
    assert said["kind"] == "not_logged_in" and "cret" not in json.dumps(said)
