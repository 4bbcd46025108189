"""Forms for other clients, published in the same commit, measured, or left out with the reason."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi

import huggingtweets_hub
from huggingtweets_hub import Publication, Silent
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.model.forms import gguf
from tests.servers.hub import HubServer

ADA = "huggingtweets/lighthouse_ada"
GGUFS = {f"lighthouse_ada-{kind}.gguf" for kind in ("f16", "q8_0", "q4_0")}


@pytest.fixture
def publish(trained: None, tiny_gpt2: Path) -> Callable[..., Publication]:
    """`publish` of the sample timeline on a tiny model, one epoch of short blocks."""

    def run(**options: Any) -> Publication:
        defaults = {
            "source": "sample", "base_model": tiny_gpt2, "epochs": 1, "samples": 4, "max_tweets": 120,
            "progress": Silent(),
        }  # fmt: skip
        return huggingtweets_hub.publish(**{**defaults, **options})

    return run


class Told(Silent):
    """Remembers what a run tells."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.warnings: list[str] = []

    def note(self, text: str) -> None:
        self.lines.append(text)

    def warn(self, text: str) -> None:
        self.lines.append(text)
        self.warnings.append(text)


def facts_on(hub: HubServer) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(hub.repos[ADA].files["huggingtweets.json"])
    return content


def ggufs_on(hub: HubServer) -> set[str]:
    return {path for path in hub.repos[ADA].files if path.endswith(".gguf")}


def test_the_forms_come_in_the_same_commit_measured_and_listed(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    publication = publish(formats="gguf", max_tweets=None)
    assert publication.changed and len(hub.repos[ADA].commits) == 2
    assert ggufs_on(hub) == GGUFS
    facts = facts_on(hub)
    assert facts["forms_left_out"] == [] and "forms" in facts["stages"]
    for form in facts["forms"]:
        content = hub.repos[ADA].files[form["file"]]
        assert content.startswith(b"GGUF") and len(content) == form["bytes"]
        assert abs(form["loss"] - form["model_loss"]) <= 0.05 and form["prompts"] == 20
        assert facts["files"][form["file"]] == sha256(content).hexdigest()
    readme = hub.repos[ADA].files["README.md"].decode()
    assert f'ollama run hf.co/{ADA}:Q8_0 "My dream is"' in readme
    assert "lighthouse_ada-q4_0.gguf" in readme
    assert huggingtweets_hub.parse_card(readme).repo_id == ADA


def test_the_same_again_makes_no_commit_also_where_the_forms_are_not_named(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    first = publish(formats="gguf")
    for options in ({"formats": "gguf"}, {"formats": ("gguf",)}, {}):
        again = publish(**options)
        assert not again.changed and again.commit == first.commit


def test_forms_are_added_and_taken_away_without_training(
    hub: HubServer, publish: Callable[..., Publication], home: Path
) -> None:
    told = Told()
    publish(progress=told)
    weights, training = hub.repos[ADA].files["model.safetensors"], facts_on(hub)["training"]
    assert publish(formats="gguf", progress=told).changed
    assert ggufs_on(hub) == GGUFS
    assert publish(formats="none", progress=told).changed
    assert [line for line in told.lines if line.startswith("Sending ")] == [
        f"Sending {what} to {ADA}." for what in ("the model", "the card and the gguf files", "the card")
    ]
    assert ggufs_on(hub) == set() and facts_on(hub)["forms"] == []
    assert "ollama" not in hub.repos[ADA].files["README.md"].decode()
    assert hub.repos[ADA].files["model.safetensors"] == weights
    assert facts_on(hub)["training"] == training
    assert not list((home / "work").rglob("*.gguf"))


def test_a_form_that_is_gone_comes_back_without_training(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    publish(formats="gguf")
    training = facts_on(hub)["training"]
    HfApi().delete_file("lighthouse_ada-q8_0.gguf", ADA)
    assert publish().changed
    assert ggufs_on(hub) == GGUFS and facts_on(hub)["training"] == training


def test_a_model_that_is_trained_again_gets_its_forms_again(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    publish(formats="gguf")
    before = hub.repos[ADA].files["lighthouse_ada-q8_0.gguf"]
    HfApi().upload_file(path_or_fileobj=b"GGUF", path_in_repo="of-older-weights.gguf", repo_id=ADA)
    assert publish(seed=7).changed
    assert ggufs_on(hub) == GGUFS
    assert hub.repos[ADA].files["lighthouse_ada-q8_0.gguf"] != before


def test_a_form_that_misses_its_bound_is_left_out_with_the_reason(
    hub: HubServer, publish: Callable[..., Publication], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(gguf.KINDS, "q4_0", -1.0)
    told = Told()
    assert publish(formats="gguf", progress=told).changed
    assert ggufs_on(hub) == GGUFS - {"lighthouse_ada-q4_0.gguf"}
    (left_out,) = facts_on(hub)["forms_left_out"]
    assert (left_out["form"], left_out["kind"]) == ("gguf", "q4_0") and "nats per token" in left_out["reason"]
    assert any("lighthouse_ada-q4_0.gguf is left out" in warning for warning in told.warnings)
    assert not publish().changed  # it is not tried again and again


def test_a_base_without_a_form_is_named_before_the_training_and_published_all_the_same(
    hub: HubServer, publish: Callable[..., Publication], tiny_gpt2: Path, tmp_path: Path
) -> None:
    base = tmp_path / "odd"
    shutil.copytree(tiny_gpt2, base)
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "activation_function": "relu"}))
    told = Told()
    assert publish(formats="gguf", base_model=base, progress=told).changed
    assert ggufs_on(hub) == set()
    warned = next(i for i, line in enumerate(told.lines) if "gguf files will be left out" in line)
    assert warned < next(i for i, line in enumerate(told.lines) if line.startswith("Training"))
    (left_out,) = facts_on(hub)["forms_left_out"]
    assert left_out["kind"] is None and "relu" in left_out["reason"]
    assert not publish(base_model=base).changed


def test_a_dry_run_leaves_the_forms_beside_the_model_and_a_later_run_sends_them(
    hub: HubServer, publish: Callable[..., Publication], tmp_path: Path
) -> None:
    publish(formats="gguf", dry_run=True, output=tmp_path / "bot")
    local = {path.name: path.read_bytes() for path in (tmp_path / "bot").glob("*.gguf")}
    assert set(local) == GGUFS
    publish(formats="gguf")
    assert {name: hub.repos[ADA].files[name] for name in GGUFS} == local
    publish(formats="none", dry_run=True, output=tmp_path / "bot")
    assert not list((tmp_path / "bot").glob("*.gguf"))


def test_a_word_that_is_not_a_form_is_refused_before_anything_is_read(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    with pytest.raises(InvalidInputError, match=r"formats cannot be 'pdf'.*gguf or onnx"):
        publish(formats="gguf,pdf")


def test_the_card_links_the_page_where_a_bot_runs_in_the_browser(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    publish(formats="onnx")
    assert "onnx/model_quantized.onnx" in hub.repos[ADA].files
    assert "in your browser" not in hub.repos[ADA].files["README.md"].decode()
    hub.add_repo(
        "huggingtweets/huggingtweets", {"README.md": b"---\ntags:\n- huggingtweets\n---\n"}, kind="spaces"
    )
    assert publish().changed and not publish().changed
    link = f"[Try it in your browser]({hub.url}/spaces/huggingtweets/huggingtweets#/lighthouse_ada)"
    assert link in hub.repos[ADA].files["README.md"].decode()
    HfApi().delete_repo("huggingtweets/huggingtweets", repo_type="space")
    (outcome,) = huggingtweets_hub.upgrade_cards([ADA], mode="push")
    assert outcome.state == "upgraded" and link not in hub.repos[ADA].files["README.md"].decode()
    assert not publish().changed
