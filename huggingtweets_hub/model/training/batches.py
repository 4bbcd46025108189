"""What a model sees in each step of its training: token ids, in the order of the steps."""

import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from huggingtweets_hub.core.records import Recipe

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Batch = list[list[int]]
"""Sequences of token ids; if each is a post, their lengths differ."""
# Posts of similar length are grouped within this many steps' worth of posts, so that there is little
# padding but the steps still vary.
_STEPS_SORTED = 64


def made(
    texts: Sequence[str], tokenizer: "PreTrainedTokenizerBase", recipe: Recipe, context: int
) -> list[Batch]:
    """The batches of all epochs, one per step.

    Args:
        context: How many tokens the model can read at once.
    """
    separator = tokenizer.eos_token_id
    encoded = tokenizer(list(texts), add_special_tokens=False).input_ids
    order = random.Random(recipe.seed)
    if recipe.layout == "apart":
        tweets = [[separator, *ids[: context - 2], separator] for ids in encoded]
        return [batch for _ in range(recipe.epochs) for batch in _apart(tweets, recipe.block_size, order)]
    return list(_blocks(encoded, separator, recipe, context, order))


def padded(batch: Batch) -> int:
    """The tokens of a batch, with what fills its sequences up to the longest."""
    return len(batch) * max(map(len, batch))


def _apart(tweets: list[list[int]], size: int, order: random.Random) -> list[Batch]:
    """Each post as its own sequence, at most `size` tokens per step with padding, or one longer post."""
    shuffled = order.sample(tweets, len(tweets))
    batches: list[Batch] = []
    for pool in _pools(shuffled, size * _STEPS_SORTED):
        batch: Batch = []
        for ids in sorted(pool, key=len):
            if batch and (len(batch) + 1) * len(ids) > size:
                batches.append(batch)
                batch = []
            batch.append(ids)
        batches.append(batch)
    order.shuffle(batches)
    return batches


def _pools(tweets: list[list[int]], size: int) -> Iterator[list[list[int]]]:
    """The posts in groups of about `size` tokens."""
    pool: list[list[int]] = []
    tokens = 0
    for ids in tweets:
        pool.append(ids)
        tokens += len(ids)
        if tokens >= size:
            yield pool
            pool, tokens = [], 0
    if pool:
        yield pool


def _blocks(
    encoded: list[list[int]], separator: int, recipe: Recipe, context: int, order: random.Random
) -> Iterator[Batch]:
    """Blocks of equal length, cut from all posts in sequence with the separator between them."""
    stream = [separator]
    for _ in range(recipe.epochs):
        for ids in order.sample(encoded, len(encoded)):
            stream += [*ids, separator]
    size = min(recipe.block_size, context, len(stream))
    # As in the original, the tokens after the last full block are left out.
    blocks = [stream[start : start + size] for start in range(0, len(stream) - size + 1, size)]
    order.shuffle(blocks)
    for first in range(0, len(blocks), recipe.batch_size):
        yield blocks[first : first + recipe.batch_size]
