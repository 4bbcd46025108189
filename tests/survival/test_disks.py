"""A disk that is full, read-only or closed: an error says so, and the same command goes on afterwards."""

import errno
import json
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub import cli, publish
from huggingtweets_hub.batch.ledger import Attempt, Ledger
from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import BaseModelError, UnwritableError
from huggingtweets_hub.core.progress import Silent
from huggingtweets_hub.hub import opt_outs
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.pipeline import learn, opening, workspace
from huggingtweets_hub.pipeline.gather import gather
from huggingtweets_hub.pipeline.options import Order
from tests.batch import accounts
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer
from tests.survival.forking import Forks
from tests.survival.support import leftovers, quick_options, sound_weights

Mount = Callable[[str], Path]


def fill(folder: Path, left: int) -> Path:
    """A file that leaves so many bytes free, and some of them for what is written before the model."""
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        file.truncate(0)
        file.write(bytes(max(0, shutil.disk_usage(folder).free - left)))
    return ballast


def command(x: XServer, base: Path) -> list[str]:
    accounts.add(x, "ada", 1)
    return ["publish", "ada", *quick_options(base), "--json"]


@pytest.mark.slow
@pytest.mark.parametrize("left", [0, 4_000, 20_000, 60_000, 120_000, 300_000])
def test_a_full_disk_is_named_and_with_room_the_same_command_goes_on(
    hub: HubServer, x: XServer, tiny_gpt2: Path, small_disk: Mount, forks: Forks, left: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    home = small_disk("size=4m") / "home"
    monkeypatch.setenv("HUGGINGTWEETS_HOME", str(home))
    words = command(x, tiny_gpt2)
    # What is read comes first; then the disk is filled up to what the model will not fit in.
    forks.run("fetch", "ada", "-o", str(home.parent.parent / "ada.jsonl"))
    bought = sum(x.reads.values())
    ballast = fill(home.parent, left)
    full = forks.run(*words)
    assert full["status"] == 1, full["said"]
    said = json.loads(full["said"].splitlines()[-1])
    assert said["kind"] == "unwritable" and "the disk is full" in said["message"], said
    assert "Free some space" in said["next_step"] and "Traceback" not in full["said"]
    assert not any(repo.files.get("model.safetensors") for repo in hub.repos.values())
    ballast.unlink()
    small_disk("size=200m")
    again = forks.run(*words)
    assert again["status"] == 0, again["said"]
    sound_weights(hub, "huggingtweets/ada", "ada")
    assert sum(x.reads.values()) == bought == 120
    assert leftovers(home) == []


@pytest.mark.slow
def test_a_read_only_home_is_named_and_made_writable_the_same_command_goes_on(
    hub: HubServer, x: XServer, tiny_gpt2: Path, small_disk: Mount, forks: Forks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    home = small_disk("size=50m") / "home"
    monkeypatch.setenv("HUGGINGTWEETS_HOME", str(home))
    words = command(x, tiny_gpt2)
    small_disk("ro")
    closed = forks.run(*words)
    said = json.loads(closed["said"].splitlines()[-1])
    assert closed["status"] == 1 and said["kind"] == "unwritable"
    assert "read-only" in said["message"] and "HUGGINGTWEETS_HOME" in said["next_step"]
    assert "Traceback" in forks.run(*words, HF_DEBUG="1")["said"]
    assert not x.reads
    small_disk("rw")
    assert forks.run(*words)["status"] == 0
    sound_weights(hub, "huggingtweets/ada", "ada")
    small_disk("ro")
    for verb in (
        "status",
        "unpublish huggingtweets/ada --yes",
        "cache prune ada --pages --older-than 0 --yes",
    ):
        refused = forks.run(*verb.split())
        assert refused["status"] == 1 and "Traceback" not in refused["said"], refused["said"]
    assert "huggingtweets/ada" in hub.repos
    assert forks.run("cache")["status"] == 0


@pytest.mark.parametrize("place", ["HF_HOME", "--output", "fetch -o"])
def test_other_places_that_are_read_only_are_named_before_anything_is_bought_or_trained(
    hub: HubServer, x: XServer, tiny_gpt2: Path, small_disk: Mount, tmp_path: Path, place: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from huggingface_hub import constants

    disk = small_disk("size=1m")
    small_disk("ro")
    words = command(x, tiny_gpt2)
    if place == "HF_HOME":
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(disk / "hf" / "hub"))
        told = "HF_HOME"
    elif place == "--output":
        words, told = [*words, "--output", str(disk / "out")], "give --output another folder"
    else:
        words, told = ["fetch", "ada", "-o", str(disk / "a.jsonl"), "--json"], "give --output another file"
    with pytest.raises(SystemExit):
        cli.main(words)
    said = json.loads(capsys.readouterr().out)
    assert said["kind"] == "unwritable" and told in said["next_step"]
    assert str(disk) in said["message"] and "read-only" in said["message"]
    assert not x.log and "huggingtweets/ada" not in hub.repos


def test_a_ledger_that_cannot_be_written_is_not_said_to_lack_room(
    home: Path, small_disk: Mount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUGGINGTWEETS_HOME", str(small_disk("size=1m,mode=755")))
    small_disk("ro")
    with pytest.raises(UnwritableError, match="read-only") as refused:
        Ledger()
    assert "HUGGINGTWEETS_HOME" in refused.value.next_step


def test_permission_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", denied)  # root is allowed everything
    with pytest.raises(UnwritableError, match="permission denied"):
        files.require_writable(tmp_path / "out" / "model")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded", "/data/x"), "quota"),
        (OSError(errno.EROFS, "Read-only file system", "/data/x"), "read-only"),
        (PermissionError(errno.EACCES, "Permission denied", "/data/x"), "permission denied"),
        (OSError(errno.EFBIG, "File too large"), "such a large file"),
        (RuntimeError("I/O error: File too large (os error 27)"), "such a large file"),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "the disk is full"),
    ],
)
def test_what_a_disk_refuses_is_understood_through_every_library(error: Exception, reason: str) -> None:
    with pytest.raises(UnwritableError, match=reason), files.explained():
        raise error


def test_a_full_disk_behind_another_error_of_ours_is_the_one_that_is_told() -> None:
    with pytest.raises(UnwritableError, match="the disk is full"), files.explained():
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            raise BaseModelError("The base model cannot be loaded.") from error


def test_sqlite_s_own_words_for_a_full_disk_are_understood(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "small.sqlite")
    connection.execute("CREATE TABLE t (x)")
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(UnwritableError, match="the disk is full"), files.explained():
        connection.execute("INSERT INTO t VALUES (?)", [bytes(100_000)])


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EIO, "Input/output error", "/data/x"),
        FileNotFoundError(errno.ENOENT, "No such file or directory", "/data/x"),
        PermissionError(errno.EACCES, "Permission denied"),  # a connection that a firewall refuses
        BaseModelError("No space left on device"),  # the words of somebody else
    ],
)
def test_other_errors_are_not_explained_by_the_disk(error: Exception) -> None:
    with pytest.raises(type(error)), files.explained():
        raise error


def test_the_command_line_explains_a_disk_that_is_full_wherever_it_is_met(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/data/x")

    monkeypatch.setattr("huggingtweets_hub.pipeline.publish.publish", full)
    with pytest.raises(SystemExit) as end:
        cli.main(["publish", "--from", "sample"])
    assert end.value.code == 1
    said = capsys.readouterr().err.splitlines()
    assert (
        said[-2] == "Error: '/data/x' could not be written: the disk is full."
        and "Free some space" in said[-1]
    )


@pytest.mark.parametrize(("debug", "words"), [("", []), ("", ["--json"]), ("1", [])])
def test_the_command_line_shows_the_traceback_of_an_error_that_it_does_not_know_only_for_debugging(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], debug: str, words: list[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("huggingtweets_hub.pipeline.publish.publish", broken)
    monkeypatch.setenv("HF_DEBUG", debug)
    with pytest.raises(SystemExit) as end:
        cli.main(["publish", "--from", "sample", *words])
    said = capsys.readouterr()
    assert end.value.code == 1 and ("Traceback" in said.err) == bool(debug)
    if words:
        error = json.loads(said.out)
        assert error["kind"] == "unexpected" and "set HF_DEBUG=1" in error["next_step"]
    assert "OSError: [Errno 5] Input/output error" in said.out + said.err


def test_a_write_that_fails_leaves_the_old_file_and_no_partial_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "record.json"
    files.write_whole(path, "old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.write_whole(path, "new")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refused)


@pytest.mark.usefixtures("full")
def test_publish_called_from_python_raises_the_same_error_also_while_it_reads(
    hub: HubServer, x: XServer, tiny_gpt2: Path
) -> None:
    accounts.add(x, "ada", 1)
    with pytest.raises(UnwritableError, match="the disk is full"):
        publish("ada", base_model=tiny_gpt2, tracker="none", progress=Silent())


@pytest.mark.usefixtures("full")
def test_a_training_raises_the_same_error_as_in_the_worker_of_a_batch(tiny_gpt2: Path) -> None:
    order = Order(handles=(), source="sample", base_model=tiny_gpt2, tracker="none", dry_run=True)
    gathered = gather(order, opening.ready(order), Silent())
    with pytest.raises(UnwritableError, match="the disk is full"), learn.recorded(gathered) as recording:
        learn.learn(gathered, recording, Context())


def test_what_an_account_that_opts_out_has_left_is_deleted_or_it_is_said_that_it_is_not(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [home / "work" / "ada", home / "work" / "ada-bob" / "0", home / "timelines" / "ada-12"]
    other = home / "work" / "bob"
    for folder in (*kept, other):
        folder.mkdir(parents=True)

    def closed(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    with monkeypatch.context() as patched, pytest.raises(UnwritableError, match="read-only"):
        patched.setattr(shutil, "rmtree", closed)
        workspace.forget(["Ada"])
    workspace.forget(["Ada"])
    assert not any(folder.exists() for folder in kept) and other.exists()


def test_a_list_of_opt_outs_is_never_lost_by_a_disk_that_is_full(
    hub: HubServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opt_outs.add(["ada"])
    opt_outs.add(["bob"])

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        for change in (lambda: opt_outs.add(["eve"]), lambda: opt_outs.remove("bob", "huggingtweets")):
            with pytest.raises(UnwritableError, match="opt-outs.txt"):
                change()
    assert opt_outs.listed() == {"ada", "bob"}
    assert opt_outs.remove("bob", "huggingtweets")
    assert opt_outs.listed() == {"ada"}


def test_a_home_that_is_a_file_is_named(home: Path) -> None:
    home.write_text("not a folder")
    with pytest.raises(UnwritableError, match="home' is not a folder"), workspace.claimed("ada"):
        pass


@pytest.mark.slow
def test_a_batch_on_a_full_disk_ends_with_the_reason_and_is_finished_when_there_is_room(
    hub: HubServer, x: XServer, tiny_gpt2: Path, tmp_path: Path, small_disk: Mount, forks: Forks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    home = small_disk("size=4m") / "home"
    monkeypatch.setenv("HUGGINGTWEETS_HOME", str(home))
    accounts.add(x, "ada", 1)
    forks.run("fetch", "ada", "-o", str(tmp_path / "ada.jsonl"))
    path = accounts.write(tmp_path, "bob", 2, 60)
    users = tmp_path / "users.json"
    users.write_text(json.dumps(["ada", {"handle": "bob", "from": str(path)}]))
    Ledger().close()
    ballast = fill(home.parent, 200_000)
    words = ["batch", str(users), *quick_options(tiny_gpt2)]
    full = forks.run(*words)
    assert full["status"] in (1, 3) and "Traceback" not in full["said"], full["said"]
    assert "the disk is full" in full["said"]
    ballast.unlink()
    small_disk("size=200m")
    again = forks.run(*words)
    assert again["status"] == 0, again["said"]
    for name in ("ada", "bob"):
        sound_weights(hub, f"huggingtweets/{name}", name)
    assert sum(x.reads.values()) == 120 and leftovers(home) == []


# --- modes ----------------------------------------------------------------------------------------


def too_open(folder: Path) -> list[str]:
    """What is not for its user alone."""
    return [
        f"{path.relative_to(folder.parent)} {stat.S_IMODE(path.stat().st_mode):o}"
        for path in (folder, *folder.rglob("*"))
        if stat.S_IMODE(path.stat().st_mode) != (0o700 if path.is_dir() else 0o600)
    ]


def test_nothing_in_the_home_is_for_others_whatever_the_umask(
    hub: HubServer, x: XServer, tiny_gpt2: Path, home: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    accounts.add(x, "ada", 1)
    seen: list[str] = []
    measure = learn._Learner._measure

    def looked(learner: learn._Learner, *arguments: Any, **named: Any) -> object:
        seen.extend(too_open(home))  # while it is at work
        return measure(learner, *arguments, **named)

    monkeypatch.setattr(learn._Learner, "_measure", looked)
    given = {"base_model": tiny_gpt2, "epochs": 1, "samples": 2, "tracker": "none", "progress": Silent()}
    before = os.umask(0)
    try:
        output = tmp_path / "deep" / "home" / "output"
        publish("ada", output=output, dry_run=True, **given)
        opt_outs.add(["bob"])
        assert seen + too_open(home) == []
        assert stat.S_IMODE(output.stat().st_mode) == 0o777  # the user's, by the umask
        assert {stat.S_IMODE(path.stat().st_mode) for path in output.iterdir()} == {0o666}
        publish("ada", **given)
        assert too_open(home) == []
    finally:
        os.umask(before)


def test_the_ledger_and_what_sqlite_puts_beside_it_are_for_the_user_alone(home: Path) -> None:
    before = os.umask(0)
    try:
        ledger = Ledger()
        ledger.add([Attempt(repo_id="huggingtweets/ada", number=1)])
        names = {path.name for path in home.iterdir()}
        assert {"ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"} <= names
        assert too_open(home) == []
        ledger.close()
    finally:
        os.umask(before)
