"""Finished stages on disk: what is damaged is noticed by its digest and made again, not used."""

import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import huggingtweets_hub
from huggingtweets_hub import Publication, Silent
from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.pipeline import learn, workspace
from huggingtweets_hub.pipeline.workspace import Workspace
from tests.servers.hub import HubServer

ADA = "huggingtweets/lighthouse_ada"
STAGES = ("training", "evaluation", "stages", "tracking")
WEIGHTS, TOKENIZER = "model/model.safetensors", "model/tokenizer.json"


@dataclass(frozen=True)
class Record:
    name: str
    loss: float
    files: dict[str, str]


@pytest.fixture
def work(home: Path) -> Workspace:
    core_files.folder(home / "work" / "ada")
    return workspace.of("ada", "f" * 64)


def test_a_record_comes_back_as_it_was(work: Workspace) -> None:
    record = Record("half a pair \ud83d, 🌐", 0.1 + 0.2, {"model.safetensors": "ab"})
    work.save("training", record)
    assert work.load("training", Record) == record


def test_a_record_with_any_character_changed_is_none(work: Workspace) -> None:
    work.save("training", Record("ada", 3.25, {"model.safetensors": "ab"}))
    path = work.folder / "training.json"
    whole = path.read_bytes()
    for place in range(len(whole)):
        for bit in (1, 4):
            damaged = bytearray(whole)
            damaged[place] ^= bit
            path.write_bytes(damaged)
            found = work.load("training", Record)
            assert found is None or json.loads(damaged) == json.loads(whole), (place, bit)
        path.write_bytes(whole[:place])
        assert work.load("training", Record) is None, place


@pytest.mark.parametrize(
    "content", ["", "null", "[]", "{}", '"x"', "[" * 100_000, '{"sha256": 1, "record": 2}']
)
def test_a_record_that_is_something_else_is_none(work: Workspace, content: str) -> None:
    (work.folder / "training.json").write_text(content)
    assert work.load("training", Record) is None


def test_a_folder_in_the_place_of_a_record_is_none_and_makes_way(work: Workspace) -> None:
    (work.folder / "training.json" / "inside").mkdir(parents=True)
    assert work.load("training", Record) is None
    record = work.save("training", Record("ada", 1.0, {}))
    assert work.load("training", Record) == record


# --- through `publish` ----------------------------------------------------------------------------


@pytest.fixture
def publish(tiny_gpt2: Path) -> Callable[..., Publication]:
    def run(**options: Any) -> Publication:
        defaults = {"source": "sample", "base_model": tiny_gpt2, "epochs": 1, "max_tweets": 120, "samples": 2}
        return huggingtweets_hub.publish(**{**defaults, "progress": Silent(), "tracker": "none", **options})

    return run


@pytest.fixture(scope="module")
def dry_runs() -> dict[str, Path]:
    """What a dry run has left, made once."""
    return {}


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def a_folder(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


def gone(path: Path) -> None:
    path.unlink()


DAMAGES = [
    (WEIGHTS, flipped),
    (TOKENIZER, cut),
    ("evaluation.json", flipped),
    ("training.json", a_folder),
]
FURTHER_DAMAGES = [
    *((WEIGHTS, damage) for damage in (cut, emptied, a_folder, gone)),
    *((TOKENIZER, damage) for damage in (flipped, emptied, a_folder, gone)),
    *((f"{stage}.json", damage) for stage in STAGES for damage in (flipped, cut, emptied, a_folder, gone)),
    *((f"model/{name}", cut) for name in ("config.json", "README.md", "huggingtweets.json", "preview.png")),
]


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *DAMAGES,
        *(
            pytest.param(*damage, marks=pytest.mark.slow)
            for damage in FURTHER_DAMAGES
            if damage not in DAMAGES
        ),
    ],
)
def test_what_is_damaged_after_a_dry_run_is_made_again_and_the_right_thing_published(
    hub: HubServer, publish: Callable[..., Publication], home: Path, tmp_path_factory: pytest.TempPathFactory,
    dry_runs: dict[str, Path], name: str, damage: Callable[[Path], None],
) -> None:  # fmt: skip
    if not dry_runs:
        publish(dry_run=True)
        dry_runs["home"] = tmp_path_factory.mktemp("dry") / "home"
        shutil.copytree(home, dry_runs["home"])
        shutil.rmtree(home)
    shutil.copytree(dry_runs["home"], home)
    (model,) = home.glob("work/lighthouse_ada/*/model")
    good = {path.name: path.read_bytes() for path in model.iterdir()}
    facts = json.loads(good["huggingtweets.json"])
    damage(model.parent / name)
    publish()
    files = hub.repos[ADA].files
    for path in ("model.safetensors", "tokenizer.json", "config.json"):
        assert files[path] == good[path]
    published = json.loads(files["huggingtweets.json"])
    assert (published["evaluation"], published["samples"]) == (facts["evaluation"], facts["samples"])
    assert files["README.md"].startswith(b"---\n") and not list(home.rglob("*.safetensors"))


def test_what_is_sound_after_a_dry_run_is_not_made_again(
    hub: HubServer, publish: Callable[..., Publication], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(dry_run=True)
    monkeypatch.setattr(learn.training, "train", None)
    monkeypatch.setattr(learn.evaluation, "evaluate", None)
    assert publish().changed


@pytest.mark.parametrize(
    "killed_at", [2, *(pytest.param(at, marks=pytest.mark.slow) for at in (1, 3, 4, 5, 6, 7, 8))]
)
def test_an_output_folder_that_a_kill_left_half_full_is_taken_for_ours(
    hub: HubServer, publish: Callable[..., Publication], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    killed_at: int,
) -> None:  # fmt: skip
    """The kill is an exception at the so-maniest file; nothing cleans up after it."""
    output, calls, copy = tmp_path / "out", 0, shutil.copyfile

    def killed(source: Path, target: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == killed_at:
            Path(target).write_bytes(b"half")
            raise KeyboardInterrupt
        copy(source, target)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(shutil, "copyfile", killed)
        publish(dry_run=True, output=output)
    publish(dry_run=True, output=output)
    facts = json.loads((output / "huggingtweets.json").read_text())
    for name, digest in facts["files"].items():
        assert core_files.sha256(output / name) == digest


def test_an_output_folder_that_a_kill_left_half_full_is_filled_from_what_is_published(
    hub: HubServer, publish: Callable[..., Publication], tmp_path: Path
) -> None:
    publish(output=tmp_path / "whole")
    half = tmp_path / "half"
    half.mkdir()
    (half / "huggingtweets.json").write_bytes(b'{"schema"')
    (half / "model.safetensors").write_bytes(b"half")
    (half / "README.md").write_bytes(b"---")
    assert not publish(output=half).changed
    files = {path.name: path.read_bytes() for path in half.iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir()}


def test_who_waits_is_told_for_whom_since_when_and_how_to_stop(home: Path) -> None:
    with workspace.claimed("ada"):
        said = workspace.claimed_by("ada")
        with workspace.claimed("ada", waiting=False) as is_free:
            assert not is_free
        assert workspace.claimed_by("ada") == said  # whoever comes too late does not write over it
    assert re.fullmatch(
        rf"Another run is working on ada \(process {os.getpid()}, since \d\d:\d\d\); "
        r"waiting for it to end\. Ctrl-C stops waiting\.",
        said,
    )
    assert [path.name for path in (home / "work").iterdir()] == [".ada.claim"]


@pytest.mark.parametrize("holder", ["", "x y z", "1", "1 99999999999999999999 host", "\udcff"])
def test_a_holder_that_cannot_be_read_is_left_out(home: Path, holder: str) -> None:
    with workspace.claimed("ada"):
        (home / "work" / ".ada.holder").write_bytes(holder.encode("utf-8", "surrogateescape"))
        assert workspace.claimed_by("ada").startswith("Another run is working on ada; waiting")


def test_a_holder_on_another_machine_is_named_with_it(home: Path) -> None:
    with workspace.claimed("ada"):
        (home / "work" / ".ada.holder").write_text("12 86400 else\x1bwhere")
        assert "(process 12 on else\\x1bwhere, since 1970-01-0" in workspace.claimed_by("ada")
