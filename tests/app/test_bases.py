"""What a base model is said to cost."""

import pytest

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
