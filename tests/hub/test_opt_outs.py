"""The lists of opt-outs: nobody on one is forgotten, and whoever is on one can be taken off it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import OptedOutError, TakenDownError
from huggingtweets_hub.hub import opt_outs, publications
from huggingtweets_hub.pipeline import workspace
from tests.servers.hub import HubServer

ADA, NAMESPACE = "huggingtweets/ada", "huggingtweets"


def write(folder: Path, content: str) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / opt_outs.FILE
    path.write_text(content, "utf-8")
    return path


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\f", "\v"])
def test_what_is_in_a_comment_never_becomes_a_name(hub: HubServer, home: Path, separator: str) -> None:
    line = f"ada  # asked us on 2 May,{separator}eve"
    path = write(home, f"{line}\n")
    opt_outs.add(["nasa"])
    assert path.read_text("utf-8").split("\n")[0] == line
    assert opt_outs.remove("nasa", NAMESPACE)
    assert path.read_text("utf-8") == f"{line}\n" and opt_outs.listed() == {"ada"}


# --- a store that is a folder ---------------------------------------------------------------------


@pytest.fixture
def folder_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], Path]:
    """Set a folder as the store, or unset it."""

    def use(is_used: bool) -> Path:
        folder = tmp_path / "store"
        monkeypatch.setenv("HUGGINGTWEETS_STORE", str(folder) if is_used else "")
        return folder

    return use


@pytest.mark.parametrize("is_used_first", [False, True])
def test_who_opted_out_stays_out_where_the_store_changes(
    hub: HubServer, folder_store: Callable[[bool], Path], is_used_first: bool
) -> None:
    folder_store(is_used_first)
    opt_outs.add(["ada"])
    folder_store(not is_used_first)
    with pytest.raises(OptedOutError):
        opt_outs.require_absent(["ada"])
    folder_store(True)
    assert opt_outs.remove("ada", NAMESPACE)
    folder_store(False)
    assert opt_outs.listed() == frozenset()


def test_the_error_names_both_lists(hub: HubServer, home: Path, folder_store: Callable[[bool], Path]) -> None:
    store = folder_store(True)
    opt_outs.add(["ada"])
    with pytest.raises(OptedOutError) as refused:
        opt_outs.require_absent(["ada"])
    assert f"{store / opt_outs.FILE} and {home / opt_outs.FILE}." in refused.value.next_step


@pytest.mark.parametrize("is_used_first", [False, True])
def test_so_does_what_was_taken_down(folder_store: Callable[[bool], Path], is_used_first: bool) -> None:
    folder_store(is_used_first)
    publications.remember({ADA: ["ada"]})
    folder_store(not is_used_first)
    with pytest.raises(TakenDownError):
        publications.require_not_gone(ADA)
    folder_store(True)
    publications.forget(ADA)
    folder_store(False)
    publications.require_not_gone(ADA)


def test_pages_from_before_there_was_a_store_are_deleted_too(
    home: Path, folder_store: Callable[[bool], Path]
) -> None:
    folders = [folder / "timelines" / "ada-501" for folder in (home, folder_store(True))]
    for folder in folders:
        files.folder(folder)
    workspace.forget(["ada"])
    assert not any(map(Path.exists, folders))
