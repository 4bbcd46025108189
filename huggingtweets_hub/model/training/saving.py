"""Save a model so that the snippet on its card works as is."""

from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import TrainingError
from huggingtweets_hub.core.settings import SAMPLING

_BYTES_A_SECOND = 200e6

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def save(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", folder: Path) -> None:
    """Write a model that gives finished, varied tweets in a plain `pipeline('text-generation')`.

    Raises:
        TrainingError: The saved tokenizer does not put the separator in front of a prompt.
    """
    from transformers import AutoTokenizer, GenerationConfig

    separator = tokenizer.eos_token_id
    special = {"bos_token_id": separator, "eos_token_id": separator, "pad_token_id": separator}
    model.generation_config = GenerationConfig.from_dict({**SAMPLING, **special})
    # Padding is only set in generation_config.json: in config.json it would make GPT-2 warn, at every use,
    # that the separator in front of the prompt may be padding.
    model.config.update({**special, "pad_token_id": None, "use_cache": True})
    # Only transformers 4 reads these; current versions use generation_config.json.
    model.config.task_specific_params = {"text-generation": {**SAMPLING, "max_length": 160}}
    files.remove(folder)
    files.folder(folder)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    files.close_off(folder)
    if AutoTokenizer.from_pretrained(folder)("My dream is").input_ids[:1] != [separator]:
        raise TrainingError(
            f"The tokenizer of this base model ({type(tokenizer).__name__}) does not keep a separator "
            "in front of the prompt, so the model would not know where a tweet begins.",
            "Use another --base-model, such as 'openai-community/gpt2'.",
        )


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
