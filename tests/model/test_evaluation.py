"""Scores are what they say: nats a token, each text alone after the separator."""

import dataclasses
import math
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from huggingtweets_hub.core.records import Corpus
from huggingtweets_hub.model import base, evaluation, generation, loading, masking, scoring
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.evaluation import Wanted

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


def test_a_sample_that_repeats_a_tweet_is_measured_and_replaced_by_the_next(tiny_gpt2: Path) -> None:
    checkpoint = base.resolve(tiny_gpt2)
    model, tokenizer, _ = loading.load(checkpoint, (), seed=0)
    written = [drawn.text for drawn in generation.draw(model, tokenizer, 8, seed=5)]
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
    before = generation.draw(model, tokenizer, 5, prompt="the sea", seed=5)  # type: ignore[arg-type]
    assert measured.samples.prompted_base[0] == masking.mask(next(before).text)
    other = dataclasses.replace(wanted, prompt="the lamp")
    assert (
        evaluation.prompt_again(measured, folder, corpus, other, context=Context()).samples.prompted_base
        == ()
    )
    assert all(text.startswith("the sea") for text in measured.samples.prompted)
