"""A model as a folder of CTranslate2, which writes fast on ordinary processors.

Its own converter makes it and its own generator measures it: settings that the converter does not know are
skipped without a word, and what comes out then loads, and says something else.
"""

import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core.model_files import CONFIG, TOKENIZER
from huggingtweets_hub.core.serialization import mapping
from huggingtweets_hub.model import loading
from huggingtweets_hub.model.forms.architectures import unsupported
from huggingtweets_hub.model.forms.fidelity import Fidelity, Original

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LIBRARIES = ("ctranslate2",)
KINDS = {"float16": 0.02, "int8": 0.02}
"""How the matrices are stored, and what each may add to the loss."""
BESIDE: tuple[str, ...] = ()
"""What a client needs stands in the folder itself."""
_LLAMA: Mapping[str, tuple[object, ...]] = {
    "hidden_act": ("silu",),
    "rope_type": (None, "default", "linear"),
}
_ASSUMED: Mapping[str, Mapping[str, tuple[object, ...]]] = {
    "gpt2": {
        "activation_function": ("gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu"),
        "add_cross_attention": (False,),
        "scale_attn_weights": (True,),
        "scale_attn_by_inverse_layer_idx": (False,),
    },
    "llama": _LLAMA,
    "mistral": _LLAMA,
    "qwen2": _LLAMA,
}
"""The kinds of models that were tried, and the settings that the converter reads no others of."""


def file(name: str, kind: str) -> str:
    """Where the folder of a model of this name stands."""
    return f"{name}-ctranslate2-{kind}"


def write(folder: Path, path: Path, kind: str, *, title: str) -> None:
    """Write the model in a folder as a folder of CTranslate2, with the tokenizer.

    Args:
        kind: One of `KINDS`.
        title: Stands nowhere in it.

    Raises:
        InvalidInputError: CTranslate2 has no form for this model.
        BaseModelError: The model cannot be loaded.
    """
    from ctranslate2.converters import TransformersConverter

    del title
    require_supported(folder)
    with loading.explained(folder):
        TransformersConverter(str(folder)).convert(str(path), quantization=kind)
        if (folder / TOKENIZER).is_file():
            shutil.copyfile(folder / TOKENIZER, path / TOKENIZER)
        else:
            _tokenizer(folder).backend_tokenizer.save(str(path / TOKENIZER))


def compared(path: Path, folder: Path, original: Original) -> Fidelity:
    """How close what a folder predicts is to what the model predicts."""
    import ctranslate2
    import numpy as np

    del folder
    with _quiet():
        generator = ctranslate2.Generator(str(path))

    def predict(ids: Sequence[int]) -> "Array":
        logits: Array = np.asarray(generator.forward_batch([list(ids)]))[0]
        return logits

    return original.compared(predict)


def require_supported(folder: Path) -> None:
    """Make sure that CTranslate2 has a form for a model.

    Raises:
        InvalidInputError: It has none.
    """
    model_type = mapping((folder / CONFIG).read_bytes()).get("model_type")
    assumed = _ASSUMED.get(model_type) if isinstance(model_type, str) else None
    if assumed is None:
        raise unsupported(
            f"CTranslate2 folders are written for {', '.join(_ASSUMED)}, not for {model_type!r:.60}."
        )
    from transformers import AutoConfig

    with loading.explained(folder):
        config: dict[str, Any] = AutoConfig.from_pretrained(folder).to_dict()
    config |= config.get("rope_parameters") or {}
    for name, meant in assumed.items():
        if (value := config.get(name)) not in meant:
            raise unsupported(f"CTranslate2 does not support a {model_type} with {name} {value!r:.60}.")
    if model_type == "gpt2":
        if (words := len(_tokenizer(folder))) != config["vocab_size"]:
            raise unsupported(
                f"CTranslate2 does not support a gpt2 with {config['vocab_size']} embeddings for {words} "
                "tokens."
            )
    elif (config.get("head_dim") or 0) * config["num_attention_heads"] not in (0, config["hidden_size"]):
        raise unsupported(
            f"CTranslate2 does not support a {model_type} with head_dim {config['head_dim']!r:.60}."
        )


def _tokenizer(folder: Path) -> Any:
    with loading.explained(folder):
        return loading.load_tokenizer(folder)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warning that a processor computes in whole numbers what is stored in halves."""
    import ctranslate2

    level = ctranslate2.get_log_level()
    ctranslate2.set_log_level(logging.ERROR)
    try:
        yield
    finally:
        ctranslate2.set_log_level(level)
