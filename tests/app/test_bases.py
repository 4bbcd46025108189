"""What a base model is said to cost."""

from pathlib import Path

import pytest
from huggingface_hub import constants

from huggingtweets_hub.app import bases


def test_the_seconds_follow_the_epochs_of_the_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bases, "_speed", lambda: (1e11, 0.0))
    monkeypatch.setattr(bases, "_POSTS_DRAWN", 0)
    twice, once = (
        {base.id: base.seconds for base in bases.choices(characters)} for characters in (25_500, 26_000)
    )
    large = "HuggingFaceTB/SmolLM2-135M"
    assert twice[large] == pytest.approx(2 * once[large], rel=0.05)
    assert twice["tiny"] == pytest.approx(once["tiny"], abs=1)


def test_what_is_not_on_this_machine_has_to_be_downloaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bases, "_speed", lambda: (1e11, 0.0))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    tiny, *others = bases.choices(10_000)
    assert tiny.bytes == 0 and all(base.bytes > 10**8 for base in others)
    here = tmp_path / "models--openai-community--gpt2"
    for path, content in {"refs/main": "a" * 40, f"snapshots/{'a' * 40}/model.safetensors": ""}.items():
        (here / path).parent.mkdir(parents=True)
        (here / path).write_text(content)
    assert {base.id: base.bytes == 0 for base in bases.choices(10_000)} == {
        "tiny": True, "HuggingFaceTB/SmolLM2-135M": False, "openai-community/gpt2": True,
    }  # fmt: skip
