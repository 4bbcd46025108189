"""How well a model predicts texts, each on its own after the separator."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from huggingtweets_hub.core.progress import ENOUGH_SECONDS
from huggingtweets_hub.core.records import Score
from huggingtweets_hub.model import device as hardware
from huggingtweets_hub.model import loading, loss

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


_TOKENS_A_BATCH = 1024
_REHEARSED = 4  # texts


def spread(texts: Sequence[str], number: int) -> Sequence[str]:
    """Some of the texts, spread evenly from first to last, so that each account is represented."""
    number = min(number, len(texts))
    return [texts[i * len(texts) // number] for i in range(number)]


def score(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    texts: Sequence[str],
    *,
    precision: str = "float32",
    by_text: loss.Loss | None = None,
    told: Callable[[int], None] | None = None,
) -> Score:
    """How well the model predicts each text, on its own after the separator.

    A text longer than the model's context is scored only up to that length. The separator itself is given,
    not predicted, so that it does not count against the base model, which knows nothing about posts.

    Args:
        precision: The number format to compute in (`device.half_precision`); published scores use float32.
        by_text: The model's `loss.by_text`, if that is there: it remembers what it needs.
        told: Called with the number of tokens that were scored since the last call.
    """
    import torch

    limit = loading.context_length(model) - 1
    encoded = [ids[:limit] for ids in tokenizer(list(texts), add_special_tokens=False).input_ids]
    size = sum(len(str(tokenizer.decode(ids)).encode()) for ids in encoded)
    separator = tokenizer.eos_token_id
    sequences = [[separator, *ids] for ids in encoded if ids]
    nats: list[tuple[int, float]] = []  # and the tokens of each text
    tokens = sum(map(len, encoded))
    was_training = bool(model.training)
    model.train(False)
    with torch.inference_mode(), hardware.autocast(model.device.type, precision), hardware.faster_products():
        by_text = by_text or loss.by_text(model)
        for batch in _batches(sequences):
            each = by_text(*loss.tensors(batch, separator, model.device)).tolist()
            nats += [(len(ids) - 1, of_text) for ids, of_text in zip(batch, each, strict=True)]
            if told is not None:
                told(sum(map(len, batch)) - len(batch))
    model.train(was_training)
    summed = math.fsum(of_text for _, of_text in nats)
    mean = summed / max(tokens, 1)
    return Score(
        tweets=len(texts),
        tokens=tokens,
        loss=mean,
        perplexity=math.exp(min(mean, 700.0)),
        bits_per_byte=summed / math.log(2) / max(size, 1),
        standard_error=_standard_error(nats, mean),
    )


def _standard_error(nats: Sequence[tuple[int, float]], mean: float) -> float | None:
    """Of the mean loss of a token, as that of a ratio: texts, not tokens, are what is drawn at random."""
    if len(nats) < 2:
        return None
    squares = math.fsum((of_text - mean * tokens) ** 2 for tokens, of_text in nats)
    return math.sqrt(squares * len(nats) / (len(nats) - 1)) / sum(tokens for tokens, _ in nats)


def length(tokenizer: "PreTrainedTokenizerBase", texts: Sequence[str]) -> int:
    """How many tokens there are to score."""
    return sum(map(len, tokenizer(list(texts), add_special_tokens=False).input_ids)) if texts else 0


def rehearse(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", texts: Sequence[str]) -> float:
    """The seconds that scoring takes for each token, from a few of the texts."""
    tried, tokens, seconds = spread(texts, _REHEARSED), 0, 0.0
    for _ in range(2 if tried else 0):  # the first time is slower, which counts for little where it is long
        began = time.perf_counter()
        tokens = score(model, tokenizer, tried).tokens
        seconds = time.perf_counter() - began
        if seconds > ENOUGH_SECONDS:
            break
    return seconds / tokens if tokens else 0.0


def _batches(encoded: list[list[int]]) -> Iterator[list[list[int]]]:
    """Texts of similar length together, at most about a thousand tokens per batch including padding."""
    batch: list[list[int]] = []
    for ids in sorted(encoded, key=len):
        if batch and (len(batch) + 1) * len(ids) > _TOKENS_A_BATCH:
            yield batch
            batch = []
        batch.append(ids)
    if batch:
        yield batch
