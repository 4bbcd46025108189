"""What is kept on disk, and what of it `cache prune` removes."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from huggingtweets_hub import cli, fetch_timeline
from huggingtweets_hub.batch.ledger import Ledger
from huggingtweets_hub.core import files
from huggingtweets_hub.core.progress import Silent
from huggingtweets_hub.hub import opt_outs, publications
from huggingtweets_hub.model import base_cache
from huggingtweets_hub.pipeline import home as pipeline_home
from huggingtweets_hub.pipeline import workspace
from tests.batch import accounts
from tests.servers.mastodon import MastodonServer, status
from tests.servers.x_api import XServer

DAY = 86_400.0


def begun(home: Path, name: str, days: float = 0.0) -> Path:
    """An unfinished model that nobody has touched for so many days."""
    folder = files.folder(home / "work" / name / "0123456789abcdef" / "model")
    (folder / "model.safetensors").write_bytes(bytes(2_000_000))
    age(home / "work" / name, days)
    return home / "work" / name


def age(folder: Path, days: float) -> None:
    moment = time.time() - days * DAY
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (moment, moment))


@pytest.fixture(autouse=True)
def _nothing_of_base_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests of this run may have left something."""
    monkeypatch.setattr(constants, "HF_ASSETS_CACHE", str(tmp_path / "assets"))


def test_what_was_found_out_about_base_models_is_shown_too(home: Path) -> None:
    folder = base_cache.folder()
    folder.mkdir(parents=True)
    (folder / "some.json").write_bytes(bytes(20_000))
    (item,) = [item for item in pipeline_home.kept() if item.kind == "base models"]
    assert (item.path, item.bytes) == (folder, 20_000)


@pytest.fixture
def filled(home: Path, x: XServer) -> Path:
    """A home with all that there can be."""
    accounts.add(x, "ada", 1)
    fetch_timeline("ada", progress=Silent())
    begun(home, "ada")
    begun(home, "bob-eve", days=40)
    Ledger().close()
    opt_outs.add(["zoe"])
    publications.remember({"huggingtweets/ada": ["ada"]})
    return home


def run(*arguments: str) -> int:
    try:
        cli.main(["cache", *arguments])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_all_that_is_kept_is_shown_with_its_size_age_and_price(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (filled / "wandb").mkdir()
    (filled / "wandb" / "run").write_bytes(bytes(5_000))
    assert run() == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert ["work", "ada", "2", "MB", "0", "d"] in rows
    assert ["work", "bob-eve", "2", "MB", "40", "d"] in rows
    (pages,) = (row for row in rows if row[0] == "pages")
    assert " ".join(pages).endswith("120 posts, $0.61 to buy again")
    assert {row[0] for row in rows} == {
        "work", "pages", "ledger", "opt-outs", "published", "locks", "other",
    }  # fmt: skip


def test_what_is_kept_as_json_adds_up(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["home"] == str(filled)
    sizes = sum(path.stat().st_size for path in filled.rglob("*") if path.is_file())
    assert found["bytes"] == sum(item["bytes"] for item in found["kept"]) == sizes
    (pages,) = (item for item in found["kept"] if item["kind"] == "pages")
    assert (pages["name"], pages["posts"], pages["cost_usd"]) == ("ada", 120, 0.61)


def test_pages_of_other_networks_have_no_price(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with MastodonServer() as fediverse:
        fediverse.add_account("ann@m.example", [status(1, "Rain on the mill again.")])
        monkeypatch.setenv("HUGGINGTWEETS_FEDIVERSE_URL", fediverse.url)
        fetch_timeline("ann@m.example", source="mastodon", progress=Silent())
    assert run() == 0
    (pages,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("pages"))
    assert pages.split()[1] == "ann_m.example" and pages.endswith(" d")


def test_an_empty_home_is_no_error(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == run("prune", "--yes") == 0
    assert not capsys.readouterr().out and not home.exists()


def test_what_is_deleted_while_it_is_looked_at_is_no_error(filled: Path) -> None:
    gone = [filled / "work" / "ada" / "0123456789abcdef", filled / "work" / "bob-eve", filled / ".a.partial"]
    gone[-1].touch()

    def strike(event: str, arguments: tuple[Any, ...]) -> None:  # a run beside this one
        if gone and event == "os.scandir" and str(arguments[0]) == str(gone[0]):
            there = [*gone]
            gone.clear()
            for path in there:
                files.remove(path)

    sys.addaudithook(strike)
    assert {item.kind for item in pipeline_home.kept()} >= {"pages", "ledger", "opt-outs", "published"}
    assert not gone and not (filled / "work" / "bob-eve").exists()


def test_what_earlier_versions_have_left_is_shown_and_goes(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = tmp_path / "assets" / "huggingtweets" / "base-samples" / "0.json"
    samples.parent.mkdir(parents=True)
    samples.write_text("[]")
    assert run() == 0 and "left over" in capsys.readouterr().out
    assert run("prune", "ada", "--older-than", "0", "--yes") == 0 and samples.exists()
    assert run("prune", "--older-than", "0", "--yes") == 0
    assert not samples.parent.exists() and not home.joinpath("timelines").exists()


@pytest.mark.parametrize("kind", ["packages", "base models"])
def test_what_is_fetched_or_found_out_again_for_nothing_goes_too(
    home: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    used = home / "npm" / "onnxruntime-web-1.0.0" if kind == "packages" else base_cache.folder()
    files.folder(used)
    (used / "file").write_bytes(bytes(2_000_000))
    assert run() == 0 and kind in capsys.readouterr().out
    assert run("prune", "--yes") == run("prune", "onnxruntime", "--older-than", "0", "--yes") == 0
    assert used.exists()
    age(used, 31)
    assert run("prune", "--yes") == 0 and not used.exists()


def test_what_is_used_while_prune_asks_stays(home: Path) -> None:
    used = home / "npm" / "onnxruntime-web-1.0.0"
    files.folder(used)
    (used / "file").write_bytes(b"x")
    age(used, 31)
    folder = begun(home, "ann", days=31)
    found = pipeline_home.to_prune()
    assert {item.path for item in found} == {used, folder}
    age(used, 30)
    age(folder, 30)
    assert pipeline_home.prune(found) == [] and used.exists() and folder.exists()
    found = pipeline_home.to_prune()
    assert pipeline_home.prune(found) == found and not used.exists() and not folder.exists()


def test_packages_that_a_page_may_be_made_of_now_stay(home: Path) -> None:
    files.folder(used := home / "npm" / "onnxruntime-web-1.0.0")
    assert pipeline_home.prune(pipeline_home.to_prune(older_than=0)) == [] and used.exists()
    age(used, 0.1)
    assert pipeline_home.prune(pipeline_home.to_prune(older_than=0)) and not used.exists()


def test_prune_removes_old_unfinished_work_and_nothing_else(filled: Path) -> None:
    others = {path for path in filled.rglob("*") if "bob-eve" not in str(path)}
    assert run("prune", "--yes") == 0
    assert not (filled / "work" / "bob-eve").exists()
    assert others <= set(filled.rglob("*"))


@pytest.mark.parametrize("answer", ["--dry-run", ""])
def test_prune_removes_nothing_that_nobody_has_agreed_to(
    filled: Path, answer: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(filled.rglob("*"))
    monkeypatch.setattr("sys.stdin.readline", lambda *_: "")
    assert run("prune", *filter(None, [answer])) == (0 if answer else 1)
    assert "bob-eve" in capsys.readouterr().out
    assert set(filled.rglob("*")) == before


def test_pages_go_only_when_asked_for_and_with_their_price(
    filled: Path, x: XServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("prune", "--older-than", "0d", "--yes") == 0
    assert list(filled.glob("timelines/ada-*/pages.jsonl"))
    monkeypatch.setattr("sys.stdin.readline", lambda *_: "")
    assert run("prune", "ada", "--pages", "--older-than", "0") == 1
    assert "Buying the pages again would cost $0.61." in capsys.readouterr().err
    assert run("prune", "ada", "--pages", "--older-than", "0", "--yes") == 0
    assert not list(filled.glob("timelines/ada-*"))
    assert len(fetch_timeline("ada", progress=Silent()).tweets) == 120
    assert set(x.reads.values()) == {2}


def test_prune_of_some_accounts_leaves_the_others(filled: Path) -> None:
    assert run("prune", "eve", "--older-than", "0", "--yes") == 0
    assert [path.name for path in (filled / "work").iterdir() if path.is_dir()] == ["ada"]
    assert run("prune", "no handle", "--yes") == 1


def test_what_is_kept_of_whoever_opted_out_goes_however_young(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opt_outs.add(["ada"])  # while a run was reading the posts
    begun(filled, "eve-zoe")
    assert run("prune", "--yes", "--json") == 0
    removed = [Path(path).name for path in json.loads(capsys.readouterr().out)["removed"]]
    assert removed == ["bob-eve", "ada", "eve-zoe", "ada-501"]


@pytest.mark.parametrize(
    "holding",
    [
        lambda home: workspace.claimed("ada"),
        lambda home: files.lock(home / "work" / "ada" / workspace.LOCK),
        lambda home: files.lock(home / "timelines" / "ada.lock"),
    ],
)
def test_what_a_run_has_in_hand_stays(
    filled: Path, holding: Callable[[Path], object], capsys: pytest.CaptureFixture[str]
) -> None:
    with holding(filled):  # type: ignore[attr-defined]
        assert run("prune", "ada", "--pages", "--older-than", "0", "--yes", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    (stays,) = found["in_use"]
    (goes,) = found["removed"]
    assert Path(stays).exists() and not Path(goes).exists()
    assert run("prune", "ada", "--pages", "--older-than", "0", "--yes") == 0
    assert not Path(stays).exists()


def test_the_ledger_and_who_opted_out_and_what_was_published_are_never_pruned(filled: Path) -> None:
    age(filled, 5_000)
    assert run("prune", "--pages", "--yes") == 0
    assert opt_outs.listed() == {"zoe"} and (filled / "ledger.sqlite").exists()
    assert {item.kind for item in pipeline_home.kept()} == {"ledger", "opt-outs", "published", "locks"}


def test_prune_tells_of_a_number_that_is_none() -> None:
    assert run("prune", "--older-than", "a while") == 2


def test_the_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--help"], ["prune", "--help"]):
        assert run(*words) == 0
        assert "Examples:" in capsys.readouterr().out
