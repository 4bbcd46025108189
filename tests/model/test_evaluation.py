"""Scores are what they say: nats a token, each text alone after the separator."""

import dataclasses
import math
import statistics
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from transformers import AutoModelForCausalLM, AutoTokenizer

from huggingtweets_hub.core.records import Corpus
from huggingtweets_hub.model import (
    base,
    base_cache,
    drawing,
    evaluation,
    loading,
    masking,
    scoring,
    text_measures,
)
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.results import OfBase, Wanted

TEXTS = ["The lamp turns.", "Bread and fog, and a boat named Marigold.", "Gulls! 🐦", "a" * 400]


@pytest.fixture(scope="module")
def model(tiny_gpt2: Path) -> object:
    return AutoModelForCausalLM.from_pretrained(tiny_gpt2)


def test_batches_give_the_same_as_one_text_at_a_time(tiny_gpt2: Path, model: object) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_gpt2)
    nats, tokens, size = 0.0, 0, 0
    for text in TEXTS:
        ids = tokenizer(text).input_ids[:255]  # the context, less the separator
        size += len(tokenizer.decode(ids).encode())
        inputs = torch.tensor([[tokenizer.eos_token_id, *ids]])
        nats += model(input_ids=inputs, labels=inputs).loss.item() * len(ids)  # type: ignore[operator]
        tokens += len(ids)
    score = scoring.score(model, tokenizer, TEXTS)  # type: ignore[arg-type]
    assert score.tweets == len(TEXTS)
    assert score.tokens == tokens
    assert score.loss == pytest.approx(nats / tokens, rel=1e-4)
    assert score.perplexity == pytest.approx(math.exp(nats / tokens), rel=1e-3)
    assert score.bits_per_byte == pytest.approx(nats / math.log(2) / size, rel=1e-4)


def test_the_separator_in_front_of_a_prompt_changes_no_score(tiny_gpt2: Path, model: object) -> None:
    plain, ready = (AutoTokenizer.from_pretrained(tiny_gpt2) for _ in range(2))
    loading.set_separator(ready)
    assert ready("The").input_ids[0] == ready.eos_token_id
    scores = [scoring.score(model, tokenizer, TEXTS) for tokenizer in (plain, ready)]  # type: ignore[arg-type]
    assert scores[0] == scores[1]


def test_the_standard_error_is_that_of_texts_drawn_at_random(tiny_gpt2: Path, model: object) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_gpt2)
    texts = [
        f"{word} {number}" * (number % 5 + 1) for number in range(40) for word in ("lamp", "the sea", "!")
    ]
    score = scoring.score(model, tokenizer, texts)  # type: ignore[arg-type]
    each = [scoring.score(model, tokenizer, [text]) for text in texts]  # type: ignore[arg-type]
    generator = torch.Generator().manual_seed(1)
    means = []
    for _ in range(2000):
        drawn = [each[i] for i in torch.randint(len(each), (len(each),), generator=generator)]
        means.append(sum(one.loss * one.tokens for one in drawn) / sum(one.tokens for one in drawn))
    assert score.standard_error == pytest.approx(statistics.stdev(means), rel=0.1)
    assert each[0].standard_error is None


def test_of_many_held_out_posts_some_are_scored_spread_evenly(
    tiny_gpt2: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "SCORED", 4)
    checkpoint = base.resolve(tiny_gpt2)
    corpus = Corpus(kept=(), train=("a",), validation=(), held_out=tuple(map(str, range(12))), statistics=())
    wanted = Wanted(handles=("ada",), prompt="the sea", samples=2)
    measured = evaluation.evaluate(checkpoint, tiny_gpt2, corpus, wanted, seed=5).evaluation
    model, tokenizer, _ = loading.load(checkpoint, (), seed=0)
    assert measured.base == scoring.score(model, tokenizer, ["0", "3", "6", "9"])
    assert measured.tuned.tweets == 4


def test_what_a_base_model_writes_is_drawn_once_on_a_machine(
    tiny_gpt2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_ASSETS_CACHE", str(tmp_path / "assets"))
    checkpoint, corpus = base.resolve(tiny_gpt2), Corpus(
        kept=(), train=("a",), validation=(), held_out=("b",), statistics=()
    )  # fmt: skip
    model, tokenizer, _ = loading.load(checkpoint, (), seed=0)
    asked: list[str] = []

    def measured(prompt: str = "the sea", seed: int = 5) -> OfBase:
        wanted = Wanted(handles=("ada",), prompt=prompt, samples=3)
        return evaluation.measure_base(
            checkpoint, model, tokenizer, corpus, wanted, seed=seed, context=Context()
        )

    def draw(*arguments: object, **options: object) -> list[drawing.Drawn]:
        asked.extend(arguments[2])  # type: ignore[call-overload]
        return drawn(*arguments, **options)  # type: ignore[arg-type]

    drawn = drawing.draw
    monkeypatch.setattr(drawing, "draw", draw)
    first = measured()
    assert asked == [""] * 3 + ["the sea"] * 5
    assert measured() == first
    assert len(asked) == 8
    other = measured("the lamp")
    assert (other.free, asked[8:]) == (first.free, ["the lamp"] * 5)
    assert measured(seed=6).free != first.free
    (kept, *_) = sorted(base_cache.folder().iterdir())
    for damage in ("", "{}", kept.read_text("utf-8").replace("true", "false").replace("the", "teh")[:-1]):
        for path in base_cache.folder().iterdir():
            path.write_text(damage)
        assert measured() == first
    monkeypatch.setattr(base_cache, "_KEPT", 2)
    measured("the fog")
    assert len(list(base_cache.folder().iterdir())) == 2


def test_a_disk_that_keeps_nothing_costs_only_time(
    tiny_gpt2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "assets").write_text("a file where a folder should be")
    monkeypatch.setattr(constants, "HF_ASSETS_CACHE", str(tmp_path / "assets"))
    corpus = Corpus(kept=(), train=("a",), validation=(), held_out=("b",), statistics=())
    wanted = Wanted(handles=("ada",), prompt="the sea", samples=2)
    evaluation.evaluate(base.resolve(tiny_gpt2), tiny_gpt2, corpus, wanted, seed=5)


def test_each_post_is_compared_with_what_was_written_once(
    tiny_gpt2: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, others = tuple(f"The lamp turns {n}." for n in range(9)), tuple(f"Fog, {n}." for n in range(6))
    corpus = Corpus(
        kept=train + others, train=train, validation=others[:3], held_out=others[3:], statistics=()
    )
    compared: list[str] = []
    whole = text_measures._whole
    monkeypatch.setattr(text_measures, "_whole", lambda text: [compared.append(text), whole(text)][1])
    wanted = Wanted(handles=("ada",), prompt="the sea", samples=2)
    evaluation.evaluate(base.resolve(tiny_gpt2), tiny_gpt2, corpus, wanted, seed=5)
    assert [compared.count(post) for post in train + others[:3]] == [1] * 12


def test_a_sample_that_repeats_a_tweet_is_measured_and_replaced_by_the_next(tiny_gpt2: Path) -> None:
    checkpoint = base.resolve(tiny_gpt2)
    model, tokenizer, _ = loading.load(checkpoint, (), seed=0)
    written = [drawn.text for drawn in drawing.draw(model, tokenizer, [""] * 8, seed=5)]
    corpus = Corpus(
        kept=(written[0], *TEXTS), train=(written[0],), validation=(), held_out=tuple(TEXTS), statistics=()
    )
    wanted = Wanted(handles=("ada",), prompt="the sea", samples=8)
    loading.set_separator(tokenizer)
    model.save_pretrained(folder := tiny_gpt2.parent / "tuned")
    tokenizer.save_pretrained(folder)
    measured = evaluation.evaluate(checkpoint, folder, corpus, wanted, seed=5)
    assert measured.answers(wanted)
    assert not measured.answers(dataclasses.replace(wanted, prompt="the lamp"))
    found = measured.evaluation
    assert found.tuned_samples is not None and found.tuned_samples.repeated == 1 / 8
    assert found.tweets is not None and found.tweets.texts == len(TEXTS)
    assert measured.samples.replaced == 1
    assert [masking.mask(text) for text in written[1:6]] == list(measured.samples.free)
    assert len(measured.samples.prompted) == len(measured.samples.prompted_base) == 3
    (before,) = drawing.draw(model, tokenizer, ["the sea"], seed=5)
    assert measured.samples.prompted_base[0] == masking.mask(before.text)
    other = dataclasses.replace(wanted, prompt="the lamp")
    assert (
        evaluation.prompt_again(measured, folder, corpus, other, context=Context()).samples.prompted_base
        == ()
    )
    assert all(text.startswith("the sea") for text in measured.samples.prompted)
