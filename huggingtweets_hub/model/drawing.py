"""Draw texts from a loaded model, many at once, as its published pipeline would."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from huggingtweets_hub.core.settings import SAMPLING
from huggingtweets_hub.model import device as hardware
from huggingtweets_hub.model import loading
from huggingtweets_hub.model.linear import linear_layers
from huggingtweets_hub.model.memory import Reader

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

BATCH = 40
"""The most texts that are drawn at once."""
_REMEMBERED = 1_000_000_000
"""Bytes that a model may remember of them; a large one writes fewer at once."""
_LEAVE = 1 / 8
"""The share of a batch that has to have ended before its memory is packed anew."""
_REHEARSED, _WARM_UP = 6, 1  # tokens


@dataclass(frozen=True, slots=True)
class Drawn:
    """A text that a model wrote, and whether it ended by itself."""

    text: str
    ended: bool


def draw(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    prompts: Sequence[str],
    *,
    seed: int,
    most: int | None = None,
    told: Callable[[int], None] | None = None,
) -> list[Drawn]:
    """A text for each prompt, drawn by the published settings.

    Linear layers compute in the number format in which the device is fastest (`device.half_precision`).

    Args:
        prompts: What the texts begin with, after the separator; it is included in them. A prompt may stand
            there several times.
        seed: With a prompt, and how often that has stood there before, it decides on the text, whatever else
            is drawn beside it.
        most: Tokens in a text; by default as in the published pipeline.
        told: Called with the number of tokens that were drawn since the last call.
    """
    import torch

    separator, room = tokenizer.eos_token_id, loading.context_length(model)
    most = most or int(SAMPLING["max_new_tokens"])
    rows = []
    for start, stream in zip(_starts(tokenizer, prompts, room // 2), _streams(prompts, seed), strict=True):
        chances = torch.rand(min(most, room - len(start)), generator=torch.Generator().manual_seed(stream))
        rows.append(_Row(ids=start, separator=separator, start=len(start), chances=chances.tolist()))
    was_training = bool(model.training)
    model.train(False)
    precision = hardware.half_precision(model.device.type)
    try:
        _write_all(model, rows, precision, told)
    except _OverflowError:
        for row in rows:
            row.begin_again()
        _write_all(model, rows, "float32", None)
    model.train(was_training)
    return [row.drawn(tokenizer) for row in rows]


def rehearse(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> float:
    """The seconds that each token takes, from the first ones; 0.0 where memory has no room for them now."""
    times: list[float] = []
    try:
        draw(
            model, tokenizer, [""] * BATCH, seed=0, most=_REHEARSED,
            told=lambda _: times.append(time.perf_counter()),
        )  # fmt: skip
    except RuntimeError as error:
        if not hardware.is_out_of_memory(error):  # there may be enough when the training is over
            raise
    timed = times[_WARM_UP:]
    return (timed[-1] - timed[0]) / (len(timed) - 1) / BATCH if len(timed) > 1 else 0.0


def longest(model: "PreTrainedModel") -> int:
    """The most tokens that a text without a prompt may have."""
    return min(int(SAMPLING["max_new_tokens"]), loading.context_length(model) - 1)


def _starts(tokenizer: "PreTrainedTokenizerBase", prompts: Sequence[str], most: int) -> list[list[int]]:
    """The tokens that the texts begin with; of a prompt that would fill the model's context, its end."""
    encoded = {
        prompt: tokenizer(prompt, add_special_tokens=False).input_ids[-most:] for prompt in set(prompts)
    }
    return [[tokenizer.eos_token_id, *encoded[prompt]] for prompt in prompts]


def _at_once(model: "PreTrainedModel", tokens: int) -> int:
    """How many texts of so many tokens to draw at once: a model keeps two vectors a token in each layer."""
    config = model.config.get_text_config()
    heads = getattr(config, "num_key_value_heads", None) or getattr(config, "num_attention_heads", 0)
    if not heads:  # it remembers no tokens one by one
        return BATCH
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    remembered = 2 * config.num_hidden_layers * heads * width * model.dtype.itemsize * tokens
    return max(1, min(BATCH, _REMEMBERED // max(1, int(remembered))))


def _streams(prompts: Sequence[str], seed: int) -> list[int]:
    """The seed of each text's own random numbers."""
    before: Counter[str] = Counter()
    streams = []
    for prompt in prompts:
        said = f"{seed} {before[prompt]} {prompt}".encode(errors="surrogatepass")
        streams.append(int.from_bytes(hashlib.sha256(said).digest()[:4]))
        before[prompt] += 1
    return streams


@dataclass(slots=True, kw_only=True)
class _Row:
    """A text that is being drawn.

    Attributes:
        ids: Its tokens so far, the separator first.
        start: How many of them it was given.
        chances: A number between 0 and 1 for each token that it may get.
    """

    ids: list[int]
    separator: int
    start: int
    chances: list[float]

    def begin_again(self) -> None:
        """Forget what was drawn."""
        del self.ids[self.start :]

    @property
    def length(self) -> int:
        """How many tokens were drawn."""
        return len(self.ids) - self.start

    @property
    def most(self) -> int:
        """How many tokens it may have in the end."""
        return self.start + len(self.chances)

    @property
    def ended(self) -> bool:
        return self.length > 0 and self.ids[-1] == self.separator

    @property
    def is_over(self) -> bool:
        return self.ended or self.length == len(self.chances)

    def is_due(self, read: int) -> bool:
        """Whether its next token is to be drawn, when the model has read so many."""
        return not self.is_over and read == len(self.ids)

    def chance(self) -> float:
        return 0.0 if self.is_over else self.chances[self.length]

    def token(self, position: int) -> int:
        return self.ids[position] if position < len(self.ids) else self.separator

    def drawn(self, tokenizer: "PreTrainedTokenizerBase") -> Drawn:
        """The text, without bytes that do not form a character."""
        kept = self.ids[1:-1] if self.ended else self.ids[1:]
        text = str(tokenizer.decode(kept, skip_special_tokens=True))
        return Drawn(" ".join(text.replace("\ufffd", "").split()), self.ended)


class _OverflowError(Exception):
    """A model's numbers are too large for float16."""


def _write_all(
    model: "PreTrainedModel", rows: list[_Row], precision: str, told: Callable[[int], None] | None
) -> None:
    """Draw all texts, with linear layers in a `half_precision` format.

    Raises:
        _OverflowError: That is too small for the model's numbers.
    """
    import torch

    at_once = _at_once(model, max((row.most for row in rows), default=0))
    products = linear_layers(model, precision, texts=min(at_once, len(rows)))
    with products, hardware.usual_products(), torch.inference_mode():
        for first in range(0, len(rows), at_once):
            _write(Reader(model), rows[first : first + at_once], precision, told)


def _write(reader: Reader, rows: list[_Row], precision: str, told: Callable[[int], None] | None) -> None:
    """Draw all tokens of some texts.

    All of them are as long as what the model has read, so none needs padding: one with a prompt gets that
    token by token, while the others are drawn. Those that have ended leave.
    """
    import torch

    read = _common([row.ids for row in rows])
    ids = [row.ids[:read] for row in rows]
    while True:
        logits = reader(ids)
        if precision == "float16" and not logits.amax(-1).isfinite().all():
            raise _OverflowError
        due = [row.is_due(read) for row in rows]
        short = [
            is_due and row.length < SAMPLING["min_new_tokens"] for row, is_due in zip(rows, due, strict=True)
        ]
        logits[torch.tensor(short, device=logits.device), rows[0].separator] = -torch.inf
        tokens = chosen(logits, torch.tensor([row.chance() for row in rows], device=logits.device)).tolist()
        for row, is_due, token in zip(rows, due, tokens, strict=True):
            if is_due:
                row.ids.append(token)
        if told is not None and any(due):
            told(sum(due))
        open_ = [number for number, row in enumerate(rows) if not row.is_over]
        if not open_:
            return
        if len(rows) - len(open_) >= _LEAVE * len(rows):
            reader.keep(open_)
            rows = [rows[number] for number in open_]
        ids = [[row.token(read)] for row in rows]
        read += 1


def _common(starts: Sequence[list[int]]) -> int:
    """How many tokens all of them begin with."""
    columns = enumerate(zip(*starts, strict=False))
    return next((number for number, ids in columns if len(set(ids)) > 1), min(map(len, starts)))


def chosen(logits: "torch.Tensor", chances: "torch.Tensor") -> "torch.Tensor":
    """The next tokens (texts) by `SAMPLING`.

    transformers' own sampling sorts the whole vocabulary and draws from all of it for every token, which
    takes a fifth of the time on a CPU. The likeliest tokens alone give the same distribution.

    Args:
        logits: Those of the next tokens (texts, vocabulary).
        chances: A number for each text, from 0 to below 1: the tokens before the chosen one, the likeliest
            first, have this share together.
    """
    likeliest, tokens = nucleus(logits)
    share = likeliest.softmax(-1).cumsum(-1)
    place = (share <= chances[:, None] * share[:, -1:]).sum(-1, keepdim=True)
    return tokens.gather(-1, place.clamp(max=tokens.shape[-1] - 1))[:, 0]


def nucleus(logits: "torch.Tensor") -> tuple["torch.Tensor", "torch.Tensor"]:
    """The `top_k` likeliest logits, largest first, with those outside `top_p` excluded; and their tokens."""
    likeliest, tokens = logits.topk(min(int(SAMPLING["top_k"]), logits.shape[-1]))
    share = likeliest.softmax(-1)
    before = share.cumsum(-1) - share
    return likeliest.masked_fill(before >= SAMPLING["top_p"], float("-inf")), tokens
