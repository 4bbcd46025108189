"""A model as one GGUF file, as llama.cpp, Ollama and all that is built on them read it.

The converters of others take a folder as it stands, and no folder suits both them and the other clients: they
want a tokenizer that puts no separator in front, and some decide by the size of the vocabulary whether there
is one. Here the file says what the folder means.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core.model_files import TOKENIZER
from huggingtweets_hub.core.serialization import mapping
from huggingtweets_hub.model import loading
from huggingtweets_hub.model.forms.architectures import (
    ARCHITECTURES,
    Architecture,
    configuration,
    in_full,
    renamed,
    separator,
    unsupported,
)
from huggingtweets_hub.model.forms.fidelity import Fidelity, Original

if TYPE_CHECKING:
    import numpy as np
    from gguf import GGMLQuantizationType, GGUFWriter

    Array = np.ndarray[Any, Any]

LIBRARIES = ("gguf",)
KINDS = {"f16": 0.02, "q8_0": 0.02, "q4_0": 0.05}
"""How the matrices are stored (halves, or blocks of 8 or 4 bits), and what each may add to the loss."""
BESIDE: tuple[str, ...] = ()
"""A GGUF file needs no other file of the model."""
_NORMAL, _CONTROL, _USER_DEFINED, _UNUSED = 1, 3, 4, 5
_BLOCK = 32
"""Numbers that share a scale; a row that is no multiple of it stays in half precision."""


def file(name: str, kind: str) -> str:
    """Where the file of a model of this name stands, as its clients look for it."""
    return f"{name}-{kind}.gguf"


def write(folder: Path, path: Path, kind: str, *, title: str) -> None:
    """Write the model in a folder as a GGUF file.

    Args:
        kind: One of `KINDS`.
        title: The model's name, as a client shows it.

    Raises:
        InvalidInputError: GGUF does not support a model of this architecture, or its tokenizer.
    """
    from gguf import GGUFWriter

    config, tokenizer = require_supported(folder)
    with closing(GGUFWriter(path, ARCHITECTURES[config["model_type"]].name)) as writer:
        _fill(writer, folder, kind, title, config, tokenizer)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()


def _fill(
    writer: "GGUFWriter",
    folder: Path,
    kind: str,
    title: str,
    config: Mapping[str, Any],
    tokenizer: Mapping[str, Any],
) -> None:
    from gguf import LlamaFileType

    architecture = ARCHITECTURES[config["model_type"]]
    types = {"f16": "MOSTLY_F16", "q8_0": "MOSTLY_Q8_0", "q4_0": "MOSTLY_Q4_0"}
    writer.add_name(title)
    writer.add_file_type(LlamaFileType[types[kind]])
    for setting, value in architecture.numbers(config).items():
        getattr(writer, f"add_{setting}")(value)
    sampling = folder / "generation_config.json"  # which models of 2021 do not have
    _add_sampling(writer, mapping(sampling.read_bytes()) if sampling.is_file() else {})
    _add_tokenizer(writer, tokenizer, config)
    for name, array in _weights(folder, architecture, config):
        numbers, stored = _stored(name, array, kind)
        writer.add_tensor(name, numbers, raw_dtype=stored)


def read(path: Path, folder: Path) -> dict[str, "Array"]:
    """The weights that a GGUF file holds, by their names in the model that it was made from.

    They are what a client computes with: matrices that were put into few bits are taken out of them again.
    """
    from gguf import GGUFReader, quants

    config, _ = require_supported(folder)
    architecture = ARCHITECTURES[config["model_type"]]
    names = {renamed(name, architecture): in_full(name, architecture) for name in _names(folder)}
    found = {}
    for tensor in GGUFReader(path).tensors:
        name = names[tensor.name]
        array = quants.dequantize(tensor.data, tensor.tensor_type)
        found[name] = architecture.unchanged(name, array, config)
    return found


def compared(path: Path, folder: Path, original: Original) -> Fidelity:
    """How close the weights in a file are to the model's own."""
    with original.having(read(path, folder)) as predict:
        return original.compared(predict)


def require_supported(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The configuration and the tokenizer of a folder, if GGUF has a form for them.

    Raises:
        InvalidInputError: It has none.
    """
    config, tokenizer = configuration(folder, "GGUF"), _tokenizer(folder)
    if _cutting(tokenizer) is None:
        raise unsupported("The tokenizer of this model splits texts in a way that GGUF cannot describe.")
    return config, tokenizer


def _tokenizer(folder: Path) -> dict[str, Any]:
    """The tokenizer as one file; that of a model without one is made from its vocabulary and merges."""
    path = folder / TOKENIZER
    if path.is_file():
        return mapping(path.read_bytes())
    with loading.explained(folder):
        tokenizer = loading.load_tokenizer(folder)
        return mapping(tokenizer.backend_tokenizer.to_str().encode())


def _add_sampling(writer: "GGUFWriter", settings: Mapping[str, Any]) -> None:
    """The settings that the card promises; without min_p at 0, llama.cpp would add one of its own."""
    writer.add_sampling_temp(float(settings.get("temperature", 1.0)))
    writer.add_sampling_top_k(int(settings.get("top_k", 0)))
    writer.add_sampling_top_p(float(settings.get("top_p", 1.0)))
    writer.add_sampling_min_p(0.0)


def _add_tokenizer(writer: "GGUFWriter", tokenizer: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """The vocabulary, with the separator in front of every text."""
    vocabulary = {number: piece for piece, number in tokenizer["model"]["vocab"].items()}
    added = {token["id"]: token for token in tokenizer.get("added_tokens", ())}
    vocabulary |= {number: token["content"] for number, token in added.items()}
    size = int(config["vocab_size"])
    pieces = [vocabulary.get(number, f"[PAD{number}]") for number in range(size)]
    kinds = [
        (_CONTROL if added[number]["special"] else _USER_DEFINED)
        if number in added
        else (_NORMAL if number in vocabulary else _UNUSED)
        for number in range(size)
    ]
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in tokenizer["model"]["merges"]]
    first = separator(config) or 0
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(str(_cutting(tokenizer)))
    writer.add_token_list(pieces)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(first)
    writer.add_eos_token_id(first)
    writer.add_pad_token_id(first)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)


def _cutting(tokenizer: Mapping[str, Any]) -> str | None:
    """GGUF's name for how a byte-level BPE cuts texts into words; None if it has none."""
    model = tokenizer.get("model") or {}
    if tokenizer.get("normalizer") is not None or model.get("type") != "BPE" or model.get("ignore_merges"):
        return None
    cuts = tokenizer.get("pre_tokenizer") or {}
    parts = cuts.get("pretokenizers") or [cuts]
    said = [(part.get("type"), part.get("individual_digits")) for part in parts]
    last = parts[-1]
    if last.get("add_prefix_space") or not last.get("use_regex", True):
        return None
    names = {(("ByteLevel", None),): "gpt-2", (("Digits", True), ("ByteLevel", None)): "smollm"}
    return names.get(tuple(said))


def _names(folder: Path) -> Iterator[str]:
    """The names of a folder's weights."""
    from safetensors import safe_open

    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, "pt") as opened:
            yield from opened.keys()


def _weights(
    folder: Path, architecture: Architecture, config: Mapping[str, Any]
) -> Iterator[tuple[str, "Array"]]:
    """The weights by their names in GGUF; a head that is tied to the embeddings is left to the reader."""
    from safetensors import safe_open

    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, "pt") as opened:
            for name in sorted(opened.keys()):
                new = renamed(name, architecture)
                if new is None or (new == "output.weight" and config["tie_word_embeddings"]):
                    continue
                array = opened.get_tensor(name).float().numpy()  # which knows no bfloat16
                yield new, architecture.changed(name, array, config)


def _stored(name: str, array: "Array", kind: str) -> tuple["Array", "GGMLQuantizationType"]:
    """The numbers as they stand in the file: norms, biases and positions whole, matrices as asked for."""
    import numpy as np
    from gguf import GGMLQuantizationType, quants

    if array.ndim < 2 or name == "position_embd.weight":
        return array.astype(np.float32), GGMLQuantizationType.F32
    if kind == "f16" or array.shape[-1] % _BLOCK:
        return array.astype(np.float16), GGMLQuantizationType.F16
    # Four bits are too few for the embeddings, which are also what the next word is chosen by.
    stored = GGMLQuantizationType["Q8_0" if name == "token_embd.weight" else kind.upper()]
    return quants.quantize(np.ascontiguousarray(array, np.float32), stored), stored
