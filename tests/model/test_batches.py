"""What a model sees, step by step."""

from collections import Counter
from pathlib import Path

import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from huggingtweets_hub.core.records import Recipe
from huggingtweets_hub.model.training import batches

TEXTS = [f"the sea and the lamp {'turns ' * (i % 9)}{i}" for i in range(200)]


@pytest.fixture(scope="module")
def tokenizer(tiny_gpt2: Path) -> PreTrainedTokenizerBase:
    return AutoTokenizer.from_pretrained(tiny_gpt2)


def recipe(**changes: object) -> Recipe:
    return Recipe(**{"name": "test", "epochs": 1, "learning_rate": 1e-3, "seed": 1, **changes})  # type: ignore[arg-type]


def encoded(tokenizer: PreTrainedTokenizerBase, text: str) -> tuple[int, ...]:
    separator = tokenizer.eos_token_id
    return (separator, *tokenizer(text, add_special_tokens=False).input_ids, separator)


def test_apart_each_tweet_is_a_sequence_once_an_epoch(tokenizer: PreTrainedTokenizerBase) -> None:
    made = batches.made(TEXTS, tokenizer, recipe(layout="apart", block_size=128, epochs=2), 256)
    seen = Counter(tuple(ids) for batch in made for ids in batch)
    assert seen == Counter(encoded(tokenizer, text) for text in TEXTS for _ in range(2))


def test_apart_a_step_holds_no_more_than_its_tokens_and_little_padding(
    tokenizer: PreTrainedTokenizerBase,
) -> None:
    made = batches.made(TEXTS, tokenizer, recipe(layout="apart", block_size=128), 256)
    padded = [len(batch) * max(map(len, batch)) for batch in made]
    assert max(padded) <= 128
    assert sum(padded) < 1.15 * sum(len(ids) for batch in made for ids in batch)


def test_apart_a_tweet_longer_than_the_context_is_cut_and_stands_alone(
    tokenizer: PreTrainedTokenizerBase,
) -> None:
    made = batches.made(["lamp " * 500, *TEXTS], tokenizer, recipe(layout="apart", block_size=128), 256)
    (alone,) = [batch for batch in made if max(map(len, batch)) > 128]
    assert [len(ids) for ids in alone] == [256]


def test_blocks_are_cut_from_all_tweets_one_after_another(tokenizer: PreTrainedTokenizerBase) -> None:
    made = batches.made(TEXTS, tokenizer, recipe(block_size=64, batch_size=3), 256)
    assert {len(ids) for batch in made for ids in batch} == {64}
    assert {len(batch) for batch in made[:-1]} == {3}
    whole = sum(len(encoded(tokenizer, text)) - 1 for text in TEXTS) + 1
    assert sum(len(batch) for batch in made) == whole // 64


def test_blocks_hold_every_tweet_between_separators_in_each_epoch(tokenizer: PreTrainedTokenizerBase) -> None:
    ((block,),) = batches.made(TEXTS, tokenizer, recipe(block_size=10**9, epochs=2), 10**9)
    texts = tokenizer.decode(block).split(tokenizer.eos_token)
    assert texts[0] == texts[-1] == ""
    assert sorted(texts[1:-1]) == sorted(TEXTS * 2)
    assert texts[1:100] != texts[1 + len(TEXTS) : 100 + len(TEXTS)]


@pytest.mark.parametrize("layout", ["apart", "blocks"])
def test_the_seed_decides_the_order(tokenizer: PreTrainedTokenizerBase, layout: str) -> None:
    once, again, other = (
        batches.made(TEXTS, tokenizer, recipe(layout=layout, block_size=64, seed=seed), 256)
        for seed in (1, 1, 2)
    )
    assert once == again
    assert once != other
