"""Who is named on a list is not published, in whatever words; an unclear line stops the batch."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.batch.run import Batch
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.hub import opt_outs
from tests.batch import accounts
from tests.batch.support import states
from tests.servers.hub import HubServer


@pytest.fixture
def entries(tmp_path: Path) -> list[Any]:
    """Models of ada, of bob, of both."""
    ada, bob = (str(accounts.write(tmp_path, handle, n)) for n, handle in enumerate(["ada", "bob"]))
    return [
        {"handle": "ada", "from": ada},
        {"handle": "bob", "from": bob},
        {"handles": ["ada", "bob"], "from": {"ada": ada, "bob": bob}},
    ]


def listed(folder: Path, content: str | bytes) -> str:
    path = folder / "no.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def left_out(done: Batch) -> set[str]:
    return {name for name, state in states(done).items() if state == "excluded"}


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("@Ada", {"ada", "ada-bob"}),
        ("https://x.com/Ada", {"ada", "ada-bob"}),
        ("bob-ada", {"ada-bob"}),
        ("huggingtweets/ada", {"ada"}),
        ("https://huggingface.co/huggingtweets/ada-bob", {"ada-bob"}),
        ("somebody_else", set()),
    ],
)
def test_a_list_names_accounts_models_and_repositories(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path, entries: list[Any],
    line: str, names: set[str],
) -> None:  # fmt: skip
    done = batch(entries, exclude=[listed(tmp_path, f"# who asked\n{line}\n")], dry_run=True, epochs=1)
    assert left_out(done) == names and len(states(done)) == 3


def test_the_first_name_counts_where_an_editor_has_put_a_mark_before_it(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], tmp_path: Path, entries: list[Any]
) -> None:
    exclude = [listed(tmp_path, "ada\r\nbob\r\n".encode("utf-8-sig"))]
    assert left_out(batch(entries, exclude=exclude)) == {"ada", "bob", "ada-bob"}


@pytest.mark.parametrize(
    "given", ["ada", "@ada", ["https://x.com/ada"], ["huggingtweets/ada-bob", "ada-bob"]]
)
def test_a_name_may_be_given_itself(
    hub: HubServer, near: list[str], batch: Callable[..., Batch], entries: list[Any], given: str | list[str]
) -> None:
    if given[0] == "huggingtweets/ada-bob":  # such a name is that of a dataset
        hub.add_repo(given[0], {"opt-outs.txt": b"https://x.com/bob"}, kind="datasets")
        assert left_out(batch(entries[1:], exclude=given)) == {"bob", "ada-bob"}
    else:
        assert left_out(batch([entries[0], entries[2]], exclude=given)) == {"ada", "ada-bob"}


@pytest.mark.parametrize("line", ["zoe, ada   asked us on 2 May", "ada;bob", "- ada", "@@ada"])
def test_a_line_that_is_not_understood_stops_the_batch_before_it_begins(
    hub: HubServer,
    near: list[str],
    batch: Callable[..., Batch],
    tmp_path: Path,
    home: Path,
    entries: list[Any],
    line: str,
) -> None:
    with pytest.raises(InvalidInputError, match=r"no\.txt, line 2: "):
        batch(entries, exclude=[listed(tmp_path, f"eve\n{line}\n")])
    home.mkdir(exist_ok=True)
    (home / opt_outs.FILE).write_text(f"eve\n{line}\n")
    with pytest.raises(InvalidInputError, match=r"opt-outs\.txt, line 2: "):
        batch(entries)
    assert near == [] and hub.repos == {}


@pytest.mark.parametrize(
    "given", ["{folder}", "no-such-list.txt", "", "#ada", "ada;bob", "https://a.example/b"]
)
def test_what_is_neither_a_list_nor_a_name_is_refused(
    hub: HubServer,
    near: list[str],
    batch: Callable[..., Batch],
    tmp_path: Path,
    entries: list[Any],
    given: str,
) -> None:
    with pytest.raises(InvalidInputError):
        batch(entries, exclude=[given.format(folder=tmp_path)])
    assert near == [] and hub.repos == {}


def test_a_folder_that_is_called_like_an_account_does_not_hide_it(
    hub: HubServer,
    near: list[str],
    batch: Callable[..., Batch],
    entries: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ada").mkdir()
    assert left_out(batch([entries[0], entries[2]], exclude="ada")) == {"ada", "ada-bob"}


def test_a_word_that_may_be_an_account_or_a_list_is_asked_about(
    hub: HubServer,
    near: list[str],
    batch: Callable[..., Batch],
    entries: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ada").write_text("bob\n")
    with pytest.raises(InvalidInputError, match=r"\./ada for the file, @ada for the account"):
        batch(entries, exclude="ada")
    for given, names in (("./ada", {"bob", "ada-bob"}), (Path("ada"), {"bob", "ada-bob"}), ("@ada", {"ada"})):
        assert names <= left_out(batch(entries, exclude=[given], dry_run=True))
