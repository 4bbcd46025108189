"""Half of an emoji (a lone surrogate), as cut texts have it, from a source of a user's own in Python."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import huggingtweets_hub
from huggingtweets_hub import Account, Post, Publication, Silent, Timeline
from huggingtweets_hub.core import text
from huggingtweets_hub.core.errors import HuggingTweetsError
from huggingtweets_hub.posts import corpus
from huggingtweets_hub.posts.source import TimelineSource
from tests.posts import templates

HALF = "\ud83d"


class Cut:
    """A source whose texts were cut in the middle of an emoji."""

    def __init__(self, **account: Any) -> None:
        self._account = Account(handle="ada", **account)

    def account(self) -> Account:
        return self._account

    def fetch(self, handle: str, **_: Any) -> Timeline:
        texts = templates.natural(150)
        posts = tuple(
            Post(text=f"{said} {HALF}" if i % 2 else said, id=f"{i}{HALF}", lang=f"en{HALF}")
            for i, said in enumerate(texts)
        )
        return Timeline(account=self._account, tweets=posts, source="file")


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., Publication]:
    def run(source: TimelineSource, **options: Any) -> Publication:
        return huggingtweets_hub.publish(
            source=source,
            epochs=1,
            samples=4,
            dry_run=True,
            output=tmp_path / "out",
            progress=Silent(),
            **options,
        )

    return run


@pytest.mark.parametrize("base", ["folder", "scratch"])
def test_half_characters_end_in_a_model_or_in_an_error_of_ours(
    publish: Callable[..., Publication], tiny_gpt2: Path, tmp_path: Path, base: str
) -> None:
    publish(
        Cut(name=f"Ada {HALF}", id=f"12{HALF}", avatar_url=f"https://pbs.twimg.com/{HALF}.jpg"),
        base_model=tiny_gpt2 if base == "folder" else "scratch",
    )
    facts = (tmp_path / "out" / "huggingtweets.json").read_text("utf-8")
    (tmp_path / "out" / "README.md").read_text("utf-8")
    assert json.loads(facts)["accounts"][0]["handle"] == "ada"


@pytest.mark.parametrize("option", ["prompt", "template", "namespace", "consent", "tracker", "repo_id"])
def test_options_with_half_characters_are_refused(
    publish: Callable[..., Publication], tiny_gpt2: Path, option: str
) -> None:
    with pytest.raises(HuggingTweetsError):
        publish(Cut(), base_model=tiny_gpt2, **{option: f"a{HALF}"})


def test_a_template_that_makes_one_is_refused_before_the_training(
    publish: Callable[..., Publication], tiny_gpt2: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.md.jinja"
    mine.write_text(
        '{% extends "model_card.md.jinja" %}{% block citation %}{{ "\\ud83d" }}{% endblock %}', "utf-8"
    )
    with pytest.raises(HuggingTweetsError, match="half a character"):
        publish(Cut(), base_model=tiny_gpt2, template=mine)


@pytest.mark.parametrize("place", ["base_model", "source", "output"])
def test_paths_with_half_characters_are_refused(tiny_gpt2: Path, tmp_path: Path, place: str) -> None:
    given = {
        "base_model": tiny_gpt2,
        "source": "sample",
        "output": tmp_path / "out",
        place: f"{tmp_path}/a{HALF}",
    }
    with pytest.raises(HuggingTweetsError):
        huggingtweets_hub.publish("ada", dry_run=True, progress=Silent(), **given)


def test_a_prompt_to_generate_from_is_refused(tiny_gpt2: Path) -> None:
    with pytest.raises(HuggingTweetsError, match="not valid Unicode"):
        huggingtweets_hub.generate(tiny_gpt2, f"My dream {HALF}", 1)


def test_two_halves_are_one_character() -> None:
    assert text.whole("a\ud83d\ude00b\ud83d") == "a😀b\ufffd"
    assert corpus.clean("fog \ud83d &amp; sea") == "fog \ufffd & sea"
