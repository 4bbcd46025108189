"""How well a model predicts tweets that it has not seen."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub import base_model
from huggingtweets_hub.base_model import Checkpoint
from huggingtweets_hub.progress import Progress, Silent
from huggingtweets_hub.records import Evaluation, Score

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_TOKENS_A_BATCH = 1024


def evaluate(
    checkpoint: Checkpoint,
    folder: Path,
    held_out: Sequence[str],
    *,
    train: Sequence[str],
    seed: int,
    device: str = "auto",
    progress: Progress | None = None,
) -> Evaluation:
    """Score the base model and the one in `folder` on the held-out tweets.

    Args:
        train: The training texts, from which a base model built on the spot takes its tokenizer.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    progress = progress or Silent()
    scores = []
    for done, stage in enumerate(("base", "tuned")):
        progress.advance("Evaluating", done, 2, "models")
        if stage == "base":
            model, tokenizer = base_model.load(checkpoint, train, seed=seed)
        else:
            model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
            tokenizer = AutoTokenizer.from_pretrained(folder)
        model.to(pick_device(device))  # type: ignore[arg-type]  # its stub knows no device names
        scores.append(score(model, tokenizer, held_out))
        del model
    progress.advance("Evaluating", 2, 2, "models")
    return Evaluation(base=scores[0], tuned=scores[1])


def score(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", texts: Sequence[str]) -> Score:
    """How well the model predicts each text, alone after the separator.

    A text longer than the model's context is scored up to there. The separator itself is given,
    not predicted, so that the base model, which knows nothing of tweets, is not blamed for it.
    """
    import torch
    from torch.nn.functional import cross_entropy

    limit = base_model.context_length(model) - 1
    encoded = [ids[:limit] for ids in tokenizer(list(texts), add_special_tokens=False).input_ids]
    size = sum(len(str(tokenizer.decode(ids)).encode()) for ids in encoded)
    nats, tokens = 0.0, 0
    was_training = bool(model.training)
    model.train(False)
    with torch.inference_mode():
        for batch in _batches([ids for ids in encoded if ids]):
            width = max(map(len, batch))
            padded = [ids + [tokenizer.eos_token_id] * (width - len(ids)) for ids in batch]
            targets = torch.tensor(padded, device=model.device)
            lengths = torch.tensor([[len(ids)] for ids in batch], device=model.device)
            inside = torch.arange(width, device=model.device) < lengths
            separator = torch.full_like(targets[:, :1], tokenizer.eos_token_id)
            inputs = torch.cat([separator, targets[:, :-1]], dim=1)
            logits = model(input_ids=inputs, attention_mask=inside.long()).logits.float()
            nats += cross_entropy(logits[inside], targets[inside], reduction="sum").item()
            tokens += int(inside.sum())
    model.train(was_training)
    loss = nats / max(tokens, 1)
    return Score(
        tweets=len(texts),
        tokens=tokens,
        loss=loss,
        perplexity=math.exp(min(loss, 700.0)),
        bits_per_byte=nats / math.log(2) / max(size, 1),
    )


def pick_device(device: str) -> str:
    """The device to compute on: the one named, or for `auto` the fastest that is there."""
    import torch

    if device != "auto":
        return device
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _batches(encoded: list[list[int]]) -> Iterator[list[list[int]]]:
    """Texts of similar length together, at most about a thousand tokens a batch with padding."""
    batch: list[list[int]] = []
    for ids in sorted(encoded, key=len):
        if batch and (len(batch) + 1) * len(ids) > _TOKENS_A_BATCH:
            yield batch
            batch = []
        batch.append(ids)
    if batch:
        yield batch
