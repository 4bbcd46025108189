"""The base models that the app offers, and what each costs on this machine."""

import time
from dataclasses import dataclass
from functools import cache

from huggingtweets_hub.core import settings
from huggingtweets_hub.core.settings import SAMPLING
from huggingtweets_hub.model.training import recipes

_CHARACTERS_A_TOKEN = 4
_SIDE, _TRIALS = 768, 8  # of the matrices whose product is timed
_REACHED = 0.4
"""The share of that speed which a training reaches (tests/benchmarks/README.md)."""
_A_WEIGHT = 6
"""Operations that a token takes for each weight: there, and back for two gradients."""
_POSTS_DRAWN, _TOKENS_A_POST = 40, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseChoice:
    """A base model to choose.

    Attributes:
        id: What `publish` calls it.
        name, says: For the visitor.
        seconds: About how long the whole run takes on this machine.
        bytes: What has to be downloaded first.
    """

    id: str
    name: str
    says: str
    seconds: float
    bytes: int


_ALL = (
    ("tiny", "Tiny", "Comes with the package. It picks up the style, not the meaning.", 5_000_000, 0),
    (
        "HuggingFaceTB/SmolLM2-135M",
        "SmolLM2",
        "A small modern model that writes whole sentences.",
        135_000_000,
        269_000_000,
    ),
    (
        settings.DEFAULT_BASE_MODEL,
        "GPT-2",
        "The model behind the original 2020 bots.",
        124_000_000,
        548_000_000,
    ),
)


def choices(characters: int) -> list[BaseChoice]:
    """The base models, with what they cost for so much text to learn from."""
    tokens = characters / _CHARACTERS_A_TOKEN
    operations, fixed = _speed()
    found = []
    for id, name, says, parameters, download in _ALL:
        kind = "tiny" if id == "tiny" else "hub"
        epochs = recipes.choose("default", base=kind, characters=characters).epochs
        learned = epochs * tokens * _A_WEIGHT * parameters
        drawn = _POSTS_DRAWN * (SAMPLING["max_new_tokens"] + _TOKENS_A_POST) * 2 * parameters
        seconds = fixed + (learned + drawn) / (_REACHED * operations)
        bytes_ = 0 if _is_here(id) else download
        found.append(BaseChoice(id=id, name=name, says=says, seconds=round(seconds), bytes=bytes_))
    return found


@cache
def _speed() -> tuple[float, float]:
    """Operations a second of a product of matrices here, and the seconds that any run takes."""
    import torch

    from huggingtweets_hub.model import device

    kinds = {"bf16": torch.bfloat16, "float16": torch.float16}
    where = device.pick("auto")
    kind = kinds.get(device.half_precision(where), torch.float32)
    rows = torch.randn(_SIDE, _SIDE, device=where).to(kind)
    best = float("inf")
    for _ in range(_TRIALS):
        began = time.perf_counter()
        (rows @ rows).sum().item()
        best = min(best, time.perf_counter() - began)
    return 2 * _SIDE**3 / best, 15.0


def _is_here(id: str) -> bool:
    """Whether the weights are on this machine."""
    from huggingface_hub import try_to_load_from_cache

    return "/" not in id or isinstance(try_to_load_from_cache(id, "model.safetensors"), str)
