"""A model as one GGUF file, as llama.cpp, Ollama and all that is built on them read it.

The converters of others take a folder as it stands, and no folder suits both them and the other clients: they
want a tokenizer that puts no separator in front, and some decide by the size of the vocabulary whether there
is one. Here the file says what the folder means.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.model_files import CONFIG, TOKENIZER, mapping

if TYPE_CHECKING:
    import numpy as np
    from gguf import GGMLQuantizationType, GGUFWriter

    Array = np.ndarray[Any, Any]

Kind = Literal["f16", "q8_0", "q4_0"]
_NORMAL, _CONTROL, _USER_DEFINED, _UNUSED = 1, 3, 4, 5
_BLOCK = 32
"""Numbers that share a scale; a row that is no multiple of it stays in half precision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Architecture:
    """How one kind of model is told in GGUF.

    Attributes:
        name: What GGUF calls it.
        layer: The parts of a layer: their names in GGUF, by those in transformers.
        others: The same for what stands outside the layers.
        numbers: The settings, by the names of the writer's methods.
        prefix: What stands in front of a layer's number in transformers.
        changed: What a weight has to become, given its name in transformers and the configuration.
        unchanged: The way back.
    """

    name: str
    prefix: str
    layer: Mapping[str, str]
    others: Mapping[str, str]
    numbers: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    changed: Callable[[str, "Array", Mapping[str, Any]], "Array"]
    unchanged: Callable[[str, "Array", Mapping[str, Any]], "Array"]


def write(folder: Path, path: Path, kind: Kind, *, title: str) -> None:
    """Write the model in a folder as a GGUF file.

    Args:
        kind: How the matrices are stored: in half precision, or in blocks of 8 or 4 bits.
        title: The model's name, as a client shows it.

    Raises:
        InvalidInputError: GGUF has no form for a model of this architecture, or for its tokenizer.
    """
    from gguf import GGUFWriter, LlamaFileType

    config, tokenizer = require_supported(folder)
    architecture = _ARCHITECTURES[config["model_type"]]
    types = {"f16": "MOSTLY_F16", "q8_0": "MOSTLY_Q8_0", "q4_0": "MOSTLY_Q4_0"}
    writer = GGUFWriter(path, architecture.name)
    writer.add_name(title)
    writer.add_file_type(LlamaFileType[types[kind]])
    for setting, value in architecture.numbers(config).items():
        getattr(writer, f"add_{setting}")(value)
    _add_sampling(writer, mapping((folder / "generation_config.json").read_bytes()))
    _add_tokenizer(writer, tokenizer, config)
    for name, array in _weights(folder, architecture, config):
        numbers, stored = _stored(name, array, kind)
        writer.add_tensor(name, numbers, raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def read(path: Path, folder: Path) -> dict[str, "Array"]:
    """The weights that a GGUF file holds, by their names in the folder that it was made from.

    They are what a client computes with: matrices that were put into few bits are taken out of them again.
    """
    from gguf import GGUFReader, quants

    config = mapping((folder / CONFIG).read_bytes())
    architecture = _ARCHITECTURES[config["model_type"]]
    names = {_renamed(name, architecture): name for name in _names(folder)}
    found = {}
    for tensor in GGUFReader(path).tensors:
        name = names[tensor.name]
        array = quants.dequantize(tensor.data, tensor.tensor_type)
        found[name] = architecture.unchanged(name, array, config)
    return found


def require_installed() -> None:
    """Make sure that the library for GGUF files is there.

    Raises:
        InvalidInputError: It is not installed.
    """
    try:
        import gguf  # noqa: F401
    except ImportError as error:
        raise InvalidInputError(
            "The gguf library is not installed.", "Run: pip install 'huggingtweets_hub[gguf]'"
        ) from error


def require_supported(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The configuration and the tokenizer of a folder, if GGUF has a form for them.

    Raises:
        InvalidInputError: It has none.
    """
    config, tokenizer = (mapping((folder / name).read_bytes()) for name in (CONFIG, TOKENIZER))
    if config.get("model_type") not in _ARCHITECTURES:
        raise InvalidInputError(
            f"GGUF files are written for {' and '.join(_ARCHITECTURES)}, not for "
            f"{config.get('model_type')!r:.60}.",
            "Leave gguf out of --formats, or use another --base-model.",
        )
    if _cutting(tokenizer) is None:
        raise InvalidInputError(
            "The tokenizer of this model cuts texts in a way that GGUF has no name for.",
            "Leave gguf out of --formats, or use another --base-model.",
        )
    return config, tokenizer


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
    separator = int(config["eos_token_id"])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(str(_cutting(tokenizer)))
    writer.add_token_list(pieces)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(separator)
    writer.add_eos_token_id(separator)
    writer.add_pad_token_id(separator)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)


def _cutting(tokenizer: Mapping[str, Any]) -> str | None:
    """GGUF's name for how a byte-level BPE cuts texts into words; None if it has none."""
    if tokenizer.get("normalizer") is not None or tokenizer.get("model", {}).get("type") != "BPE":
        return None
    cuts = tokenizer.get("pre_tokenizer") or {}
    parts = cuts.get("pretokenizers", [cuts])
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
        with safe_open(path, "np") as opened:
            yield from opened.keys()


def _weights(
    folder: Path, architecture: _Architecture, config: Mapping[str, Any]
) -> Iterator[tuple[str, "Array"]]:
    """The weights by their names in GGUF; a head that is tied to the embeddings is left to the reader."""
    from safetensors import safe_open

    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, "np") as opened:
            for name in sorted(opened.keys()):
                new = _renamed(name, architecture)
                if new is None or (new == "output.weight" and config.get("tie_word_embeddings", True)):
                    continue
                array = opened.get_tensor(name)
                yield new, architecture.changed(name, array, config)


def _renamed(name: str, architecture: _Architecture) -> str | None:
    """A weight's name in GGUF; None for what is no weight."""
    plain = name.removeprefix("transformer.").removeprefix("model.")
    if not plain.startswith(architecture.prefix):
        return architecture.others.get(plain)
    number, _, part = plain.removeprefix(architecture.prefix).partition(".")
    new = architecture.layer.get(part)
    return f"blk.{number}.{new}" if new else None


def _stored(name: str, array: "Array", kind: Kind) -> tuple["Array", "GGMLQuantizationType"]:
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


def _gpt2_numbers(config: Mapping[str, Any]) -> dict[str, Any]:
    width = config["n_embd"]
    return {
        "context_length": config["n_positions"],
        "embedding_length": width,
        "feed_forward_length": config.get("n_inner") or 4 * width,
        "block_count": config["n_layer"],
        "head_count": config["n_head"],
        "layer_norm_eps": config["layer_norm_epsilon"],
    }


def _gpt2_changed(name: str, array: "Array", config: Mapping[str, Any]) -> "Array":
    """Its matrices are stored the other way round."""
    del config
    is_turned = name.endswith((".c_attn.weight", ".c_proj.weight", ".c_fc.weight"))
    return array.T if is_turned else array


def _llama_numbers(config: Mapping[str, Any]) -> dict[str, Any]:
    heads = config["num_attention_heads"]
    return {
        "context_length": config["max_position_embeddings"],
        "embedding_length": config["hidden_size"],
        "feed_forward_length": config["intermediate_size"],
        "block_count": config["num_hidden_layers"],
        "head_count": heads,
        "head_count_kv": config.get("num_key_value_heads") or heads,
        "layer_norm_rms_eps": config["rms_norm_eps"],
        "rope_freq_base": config["rope_theta"],
        "rope_dimension_count": config.get("head_dim") or config["hidden_size"] // heads,
        "vocab_size": config["vocab_size"],
    }


def _llama_changed(name: str, array: "Array", config: Mapping[str, Any]) -> "Array":
    """llama.cpp turns neighbours where transformers turns halves: queries and keys are put in that order."""
    return _turned(name, array, config, parts=(2, -1))


def _llama_unchanged(name: str, array: "Array", config: Mapping[str, Any]) -> "Array":
    return _turned(name, array, config, parts=(-1, 2))


def _turned(name: str, array: "Array", config: Mapping[str, Any], *, parts: tuple[int, int]) -> "Array":
    if not name.endswith(("q_proj.weight", "k_proj.weight")):
        return array
    heads = config["num_attention_heads"]
    if name.endswith("k_proj.weight"):
        heads = config.get("num_key_value_heads") or heads
    return array.reshape(heads, *parts, array.shape[-1]).swapaxes(1, 2).reshape(array.shape)


def _both(names: Mapping[str, str]) -> dict[str, str]:
    """The names of weights and biases."""
    return {f"{old}.{kind}": f"{new}.{kind}" for old, new in names.items() for kind in ("weight", "bias")}


_ARCHITECTURES = {
    "gpt2": _Architecture(
        name="gpt2",
        prefix="h.",
        layer=_both(
            {
                "ln_1": "attn_norm",
                "attn.c_attn": "attn_qkv",
                "attn.c_proj": "attn_output",
                "ln_2": "ffn_norm",
                "mlp.c_fc": "ffn_up",
                "mlp.c_proj": "ffn_down",
            }
        ),
        others={
            **_both({"ln_f": "output_norm"}),
            "wte.weight": "token_embd.weight",
            "wpe.weight": "position_embd.weight",
            "lm_head.weight": "output.weight",
        },
        numbers=_gpt2_numbers,
        changed=_gpt2_changed,
        unchanged=_gpt2_changed,
    ),
    "llama": _Architecture(
        name="llama",
        prefix="layers.",
        layer=_both(
            {
                "input_layernorm": "attn_norm",
                "self_attn.q_proj": "attn_q",
                "self_attn.k_proj": "attn_k",
                "self_attn.v_proj": "attn_v",
                "self_attn.o_proj": "attn_output",
                "post_attention_layernorm": "ffn_norm",
                "mlp.gate_proj": "ffn_gate",
                "mlp.up_proj": "ffn_up",
                "mlp.down_proj": "ffn_down",
            }
        ),
        others={
            "embed_tokens.weight": "token_embd.weight",
            "norm.weight": "output_norm.weight",
            "lm_head.weight": "output.weight",
        },
        numbers=_llama_numbers,
        changed=_llama_changed,
        unchanged=_llama_unchanged,
    ),
}
