"""The small English base model that comes with the package: GPT-2's architecture, weights of eight bits.

`tools/pretrain_tiny.py` makes its files; `tiny/README.md` says of what, and how well it writes.
"""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.core.errors import BaseModelError
from huggingtweets_hub.core.model_files import CONFIG, TOKENIZER

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import GPT2LMHeadModel

FOLDER = Path(__file__).with_name("tiny")
_WEIGHTS = "model.safetensors"
FILES = (CONFIG, TOKENIZER, _WEIGHTS)
_SCALES = ".scales"


def is_there() -> bool:
    """Whether this installation has its files."""
    return all((FOLDER / name).is_file() for name in FILES)


def revision() -> str:
    """A digest of its files.

    Raises:
        BaseModelError: This installation has no such files.
    """
    if not is_there():
        raise BaseModelError(
            "The base model 'tiny' is not in this installation.",
            "Install huggingtweets_hub again, or use 'scratch' or a Hub id.",
        )
    digest = hashlib.sha256()
    for name in FILES:
        digest.update(hashlib.sha256((FOLDER / name).read_bytes()).digest())
    return digest.hexdigest()


def load() -> tuple["GPT2LMHeadModel", str]:
    """The model in float32, and the JSON of its byte-level BPE.

    Raises:
        OSError, ValueError, KeyError, RuntimeError: The files are damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file
    from transformers import GPT2Config, GPT2LMHeadModel

    config = json.loads((FOLDER / CONFIG).read_text("utf-8"))
    try:
        weights = unpacked(load_file(FOLDER / _WEIGHTS))
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    model = GPT2LMHeadModel(GPT2Config(**config))
    weights["lm_head.weight"] = weights["transformer.wte.weight"]
    model.load_state_dict(weights)
    return model, (FOLDER / TOKENIZER).read_text("utf-8")


def save(model: "GPT2LMHeadModel", bpe: str, folder: Path) -> None:
    """Write a model and its tokenizer as `load` reads them."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: weight for name, weight in model.state_dict().items() if name != "lm_head.weight"}
    save_file(packed(weights), folder / _WEIGHTS)
    (folder / _WEIGHTS).chmod(0o644)  # it is made private
    (folder / CONFIG).write_text(model.config.to_json_string(), "utf-8")
    (folder / TOKENIZER).write_text(json.dumps(json.loads(bpe), ensure_ascii=False), "utf-8")


def packed(weights: dict[str, "Tensor"]) -> dict[str, "Tensor"]:
    """Each matrix as signed bytes with a scale for each row; vectors in float16."""
    import torch

    small: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if weight.dim() < 2:
            small[name] = weight.half()
            continue
        scales = (weight.abs().amax(1, keepdim=True) / 127).clamp(min=1e-12)  # of a row of zeros, too
        small[name] = (weight / scales).round().to(torch.int8)
        small[name + _SCALES] = scales
    return small


def unpacked(small: dict[str, "Tensor"]) -> dict[str, "Tensor"]:
    """The weights in float32, as exactly as `packed` kept them."""
    return {
        name: weight.float() * small[name + _SCALES] if weight.dim() == 2 else weight.float()
        for name, weight in small.items()
        if not name.endswith(_SCALES)
    }
