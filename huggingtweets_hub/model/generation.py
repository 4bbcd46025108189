"""Sample tweets from a model: as its users would, and in batches for measuring."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.core.errors import BaseModelError, InvalidInputError
from huggingtweets_hub.core.names import expanded
from huggingtweets_hub.core.settings import DEFAULT_PROMPT, SAMPLING
from huggingtweets_hub.core.text import whole
from huggingtweets_hub.hub import client
from huggingtweets_hub.model import base, loading

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_BATCH = 32


@dataclass(frozen=True, slots=True)
class Drawn:
    """A text that a model wrote, and whether it ended by itself."""

    text: str
    ended: bool


def generate(
    model: str | Path, prompt: str = DEFAULT_PROMPT, n: int = 5, *, seed: int | None = None
) -> list[str]:
    """`n` tweets that begin with `prompt`, from a folder or a Hub repo.

    Args:
        seed: The same seed gives the same tweets on the same machine.

    Raises:
        InvalidInputError: `n` is below 1, or the prompt is not valid Unicode.
        BaseModelError: The model cannot be loaded.
    """
    if n < 1:
        raise InvalidInputError(f"{n} is not a number of tweets to generate.", "Use -n with 1 or more.")
    if whole(prompt) != prompt:
        raise InvalidInputError(
            f"The prompt {prompt!r:.60} is not valid Unicode.",
            'Give it as UTF-8, for instance "My dream is".',
        )
    base.require_named(model)
    from transformers import pipeline, set_seed

    client.bound()
    try:
        generator = pipeline(
            "text-generation",
            model=str(expanded(model)),
            model_kwargs={"use_safetensors": True},
            trust_remote_code=False,
        )
    except (OSError, ValueError) as error:
        raise BaseModelError(
            f"The model {str(model)!r} could not be loaded: {error}",
            "Use a folder that 'publish --output' wrote, or a repo id on the Hub.",
        ) from error
    if seed is not None:
        set_seed(seed)
    return [sample["generated_text"] for sample in generator(prompt, num_return_sequences=n)]


def draw(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", n: int, *, prompt: str = "", seed: int
) -> Iterator[Drawn]:
    """`n` texts from a loaded model, sampled in batches like in its published pipeline.

    Args:
        prompt: What they begin with, after the separator; it is included in the texts.
        seed: The same seed gives the same texts on the same machine.
    """
    import torch
    from transformers import GenerationConfig, LogitsProcessorList

    separator = tokenizer.eos_token_id
    special = {"bos_token_id": separator, "eos_token_id": separator, "pad_token_id": separator}
    longest = loading.context_length(model)
    # If a prompt fills the model's context, only its end is used.
    start = [separator, *tokenizer(prompt, add_special_tokens=False).input_ids[-(longest // 2) :]]
    lengths = {
        "min_new_tokens": SAMPLING["min_new_tokens"],
        "max_new_tokens": min(SAMPLING["max_new_tokens"], longest - len(start)),
    }
    drawing = GenerationConfig.from_dict({"do_sample": False, **lengths, **special})
    torch.manual_seed(seed)
    model.train(False)
    for first in range(0, n, _BATCH):
        inputs = torch.tensor([start] * min(_BATCH, n - first), device=model.device)
        written = model.generate(  # type: ignore[operator]  # its stub takes generate for a tensor
            inputs,
            attention_mask=torch.ones_like(inputs),
            generation_config=drawing,
            logits_processor=LogitsProcessorList([_drawn]),
        )
        for ids in written[:, len(start) :].tolist():
            ended = separator in ids
            kept = ids[: ids.index(separator)] if ended else ids
            text = str(tokenizer.decode(start[1:] + kept, skip_special_tokens=True))
            # Bytes that do not form a character are unreadable.
            yield Drawn(" ".join(text.replace("\ufffd", "").split()), ended)


def _drawn(ids: "torch.Tensor", logits: "torch.Tensor") -> "torch.Tensor":
    """The logits (texts, vocabulary) of the next tokens with only one kept per text, drawn by `SAMPLING`.

    transformers' own sampling sorts the whole vocabulary and draws from all of it for every token, which
    takes a fifth of the time on a CPU. The likeliest tokens alone give the same distribution.
    """
    import torch

    likeliest, tokens = _nucleus(logits)
    chosen = tokens.gather(-1, torch.multinomial(likeliest.softmax(-1), 1))
    return torch.full_like(logits, -torch.inf).scatter(-1, chosen, 0.0)


def _nucleus(logits: "torch.Tensor") -> tuple["torch.Tensor", "torch.Tensor"]:
    """The `top_k` likeliest logits, largest first, with those outside `top_p` excluded; and their tokens."""
    likeliest, tokens = logits.topk(min(int(SAMPLING["top_k"]), logits.shape[-1]))
    share = likeliest.softmax(-1)
    before = share.cumsum(-1) - share
    return likeliest.masked_fill(before >= SAMPLING["top_p"], float("-inf")), tokens
