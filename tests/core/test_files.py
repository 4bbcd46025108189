"""Files are written whole, under names that nobody can foresee, where nobody else can change them."""

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import UnwritableError

NEEDS_OWNERS = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system has no owners")


class Interrupted(BaseException):
    pass


def partials(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix == ".partial"]


def test_no_link_is_followed_to_a_file_of_somebody_else(tmp_path: Path) -> None:
    theirs, output = tmp_path / "theirs", tmp_path / "out.jsonl"
    theirs.write_text("untouched")
    (tmp_path / "out.jsonl.partial").symlink_to(theirs)
    output.symlink_to(theirs)
    files.write_whole(output, "posts")
    assert theirs.read_text() == "untouched"
    assert output.read_text() == "posts" and not output.is_symlink()
    with (
        pytest.raises(OSError, match=r"symbolic|links"),
        open(tmp_path / "out.jsonl.partial", "ab", opener=files.as_private),
    ):
        pass


def test_a_temporary_name_is_never_used_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda _: names.extend(partials(tmp_path)))
    for _ in range(3):
        files.write_whole(tmp_path / "a", "content")
    assert len(set(names)) == 3 and partials(tmp_path) == []


def test_a_temporary_file_is_private_where_its_folder_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    modes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda _: modes.extend(p.stat().st_mode for p in partials(tmp_path)))
    files.write_whole(tmp_path / "a", "content")
    assert [stat.S_IMODE(mode) for mode in modes] == [0o600]


def test_an_interruption_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: int) -> None:
        raise Interrupted

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(Interrupted):
        files.write_whole(tmp_path / "a", "content")
    assert list(tmp_path.iterdir()) == []


def test_what_a_kill_has_left_is_cleared_up_and_what_another_run_writes_is_not(tmp_path: Path) -> None:
    old, new = (tmp_path / f".a.{name}.partial" for name in ("old", "new"))
    other = tmp_path / ".b.old.partial"
    for path in (old, new, other):
        path.write_text("half")
    for path in (old, other):
        os.utime(path, (0, 0))
    files.write_whole(tmp_path / "a", "content")
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "a", new, other])


def test_only_a_regular_file_is_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="regular"):
        files.write_whole(pipe, "content")
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_many_may_write_the_same_file_at_once(tmp_path: Path) -> None:
    writers = [threading.Thread(target=files.write_whole, args=(tmp_path / "a", "x" * 9)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [path.read_text() for path in tmp_path.iterdir()] == ["x" * 9]


@NEEDS_OWNERS
@pytest.mark.parametrize("variable", ["HUGGINGTWEETS_HOME", "HUGGINGTWEETS_STORE"])
@pytest.mark.parametrize(("mode", "is_safe"), [(0o700, True), (0o755, True), (0o777, False), (0o1777, False)])
def test_a_home_that_others_can_change_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, mode: int, is_safe: bool
) -> None:
    home = tmp_path / "shared"
    home.mkdir()
    home.chmod(mode)
    monkeypatch.setenv(variable, str(home))
    if is_safe:
        assert files.folder(home / "work").is_dir()
        return
    with pytest.raises(UnwritableError, match="can be changed by other users") as refused:
        files.folder(home / "work")
    assert "chmod go-w" in refused.value.next_step and list(home.iterdir()) == []


@NEEDS_OWNERS
def test_a_group_may_write_to_a_home_if_it_is_the_user_s_own(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir()
    home.chmod(0o775)
    own = home.stat().st_gid
    monkeypatch.setattr(os, "getegid", lambda: own)
    files.folder(home / "work")
    monkeypatch.setattr(os, "getegid", lambda: own + 1)
    with pytest.raises(UnwritableError, match="can be changed by other users"):
        files.folder(home / "work")


@NEEDS_OWNERS
def test_a_home_of_another_user_is_refused_but_by_root(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    if os.geteuid() == 0:
        os.chown(home, 1234, -1)
    owner = home.stat().st_uid
    for user in (owner, 0):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        files.folder(home / "work")
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(UnwritableError, match="belongs to another user") as refused:
        files.folder(home / "work")
    assert "HUGGINGTWEETS_HOME" in refused.value.next_step


@NEEDS_OWNERS
def test_a_new_home_below_a_folder_of_all_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o1777)
    monkeypatch.setenv("HUGGINGTWEETS_HOME", str(tmp_path / "mine"))
    assert stat.S_IMODE(files.folder(tmp_path / "mine").stat().st_mode) == 0o700


def test_of_a_copy_that_finds_no_room_the_new_file_is_named() -> None:
    error = files.unwritable(OSError(errno.ENOSPC, "No space left on device", "home/old", None, "out/new"))
    assert error is not None and error.message.startswith("'out/new' could not be written")
