"""Save a model so that the snippet on its card works as is."""

from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.core import files, model_files
from huggingtweets_hub.core.errors import BaseModelError
from huggingtweets_hub.core.settings import SAMPLING

_BYTES_A_SECOND = 200e6

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_PROBE = "My dream is 12345 of 🌊\n  we'll see"


def save(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", folder: Path) -> None:
    """Write a model that gives finished, varied posts in a plain `pipeline('text-generation')`.

    Raises:
        BaseModelError: The saved tokenizer does not put the separator in front of a prompt.
    """
    from transformers import GenerationConfig

    separator = tokenizer.eos_token_id
    special = {"bos_token_id": separator, "eos_token_id": separator, "pad_token_id": separator}
    model.generation_config = GenerationConfig.from_dict({**SAMPLING, **special})
    # Padding is only set in generation_config.json: in config.json it would make GPT-2 warn, at every use,
    # that the separator in front of the prompt may be padding.
    model.config.update({**special, "pad_token_id": None, "use_cache": True})
    # transformers 4.57 and 5.0 obey nothing else; the others read generation_config.json.
    model.config.task_specific_params = {"text-generation": SAMPLING}
    files.remove(folder)
    files.folder(folder)
    model.save_pretrained(folder)
    save_tokenizer(tokenizer, folder)
    files.close_off(folder)


def save_tokenizer(tokenizer: "PreTrainedTokenizerBase", folder: Path) -> None:
    """Write a tokenizer that puts the separator in front of every prompt once it is loaded again.

    Raises:
        BaseModelError: It does not.
    """
    tokenizer.save_pretrained(folder)
    for name, content in model_files.portable(_small(folder)).items():
        (folder / name).write_bytes(content)
    if _is_kept(tokenizer, folder):
        return
    if tokenizer.is_fast:  # some classes, such as GPTNeoXTokenizer, do not obey `tokenizer.json` in this
        settings = folder / model_files.TOKENIZER_CONFIG
        settings.write_bytes(model_files.of_plain_class(settings.read_bytes()))
        if _is_kept(tokenizer, folder):
            return
    raise BaseModelError(
        f"The tokenizer of this base model ({type(tokenizer).__name__}) does not keep a separator "
        "in front of the prompt, so the model would not know where a tweet begins.",
        "Use another --base-model, such as 'openai-community/gpt2'.",
    )


def _is_kept(tokenizer: "PreTrainedTokenizerBase", folder: Path) -> bool:
    """Whether the tokenizer in the folder encodes a prompt as this one does, the separator in front."""
    from transformers import AutoTokenizer

    ids = AutoTokenizer.from_pretrained(folder)(_PROBE).input_ids
    return bool(ids == tokenizer(_PROBE).input_ids and ids[0] == tokenizer.eos_token_id)


def _small(folder: Path) -> dict[str, bytes]:
    """The JSON files of a folder."""
    return {path.name: path.read_bytes() for path in folder.glob("*.json")}


def size(model: "PreTrainedModel") -> int:
    """The bytes of a model's weights on disk."""
    return sum(weights.numel() * weights.element_size() for weights in model.parameters())


def expected(model: "PreTrainedModel") -> float:
    """About how many seconds it takes to save a model and to read it again for its digests."""
    return 0.5 + size(model) / _BYTES_A_SECOND


def versions() -> dict[str, str]:
    """The versions of Python and the libraries that affect the weights."""
    import platform
    from importlib.metadata import version

    libraries = ("transformers", "torch", "datasets", "tokenizers")
    return {"python": platform.python_version()} | {name: version(name) for name in libraries}
