"""The kinds of models that have other forms: what these take for granted, and how GGUF tells them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.model_files import CONFIG
from huggingtweets_hub.core.serialization import mapping
from huggingtweets_hub.model import loading

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """How one kind of model is told in GGUF.

    Attributes:
        name: What GGUF calls it.
        layer: The parts of a layer: their names in GGUF, by those in transformers.
        others: The same for what stands outside the layers.
        numbers: The settings, by the names of the writer's methods.
        body: What stands in front of all but the head in transformers; some files leave it out.
        prefix: What stands behind it, in front of a layer's number.
        assumed: The settings that the forms take for granted, and the values that they can mean.
        changed: What a weight has to become, given its name in transformers and the configuration.
        unchanged: The way back.
    """

    name: str
    body: str
    prefix: str
    assumed: Mapping[str, tuple[object, ...]]
    layer: Mapping[str, str]
    others: Mapping[str, str]
    numbers: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    changed: Callable[[str, "Array", Mapping[str, Any]], "Array"]
    unchanged: Callable[[str, "Array", Mapping[str, Any]], "Array"]


def renamed(name: str, architecture: Architecture) -> str | None:
    """A weight's name in GGUF; None for what is no weight."""
    plain = name.removeprefix(architecture.body)
    if not plain.startswith(architecture.prefix):
        return architecture.others.get(plain)
    number, _, part = plain.removeprefix(architecture.prefix).partition(".")
    new = architecture.layer.get(part)
    return f"blk.{number}.{new}" if new else None


def in_full(name: str, architecture: Architecture) -> str:
    """A weight's name in the model, also where the file was saved without the head."""
    plain = name.removeprefix(architecture.body)
    return plain if plain.startswith("lm_head.") else architecture.body + plain


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
    width = config.get("head_dim") or config["hidden_size"] // heads
    return {
        "context_length": config["max_position_embeddings"],
        "embedding_length": config["hidden_size"],
        "feed_forward_length": config["intermediate_size"],
        "block_count": config["num_hidden_layers"],
        "head_count": heads,
        "head_count_kv": config.get("num_key_value_heads") or heads,
        "layer_norm_rms_eps": config["rms_norm_eps"],
        "rope_freq_base": config["rope_theta"],
        "rope_dimension_count": width,
        "key_length": width,
        "value_length": width,
        "vocab_size": config["vocab_size"],
    }


def _llama_changed(name: str, array: "Array", config: Mapping[str, Any]) -> "Array":
    """llama.cpp turns neighbours where transformers turns halves: queries and keys are put in that order."""
    return _turned(name, array, config, parts=(2, -1))


def _llama_unchanged(name: str, array: "Array", config: Mapping[str, Any]) -> "Array":
    return _turned(name, array, config, parts=(-1, 2))


def _turned(name: str, array: "Array", config: Mapping[str, Any], *, parts: tuple[int, int]) -> "Array":
    """The rows of queries and keys in another order; their biases have no more than the rows."""
    if ".q_proj." not in name and ".k_proj." not in name:
        return array
    heads = config["num_attention_heads"]
    if ".k_proj." in name:
        heads = config.get("num_key_value_heads") or heads
    return array.reshape(heads, *parts, *array.shape[1:]).swapaxes(1, 2).reshape(array.shape)


def _both(names: Mapping[str, str]) -> dict[str, str]:
    """The names of weights and biases."""
    return {f"{old}.{kind}": f"{new}.{kind}" for old, new in names.items() for kind in ("weight", "bias")}


ARCHITECTURES = {
    "gpt2": Architecture(
        name="gpt2",
        body="transformer.",
        prefix="h.",
        assumed={
            "activation_function": ("gelu_new", "gelu_pytorch_tanh", "gelu"),
            "scale_attn_weights": (True,),
            "scale_attn_by_inverse_layer_idx": (False,),
        },
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
    "llama": Architecture(
        name="llama",
        body="model.",
        prefix="layers.",
        assumed={"hidden_act": ("silu",)},
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


def configuration(folder: Path, form: str) -> dict[str, Any]:
    """The configuration of a model with all that it leaves to its class, if the model has other forms.

    The numbers of rotary positions stand by their old names.

    Args:
        form: What an error calls the form.

    Raises:
        InvalidInputError: It has none.
    """
    model_type = mapping((folder / CONFIG).read_bytes()).get("model_type")
    architecture = ARCHITECTURES.get(model_type) if isinstance(model_type, str) else None
    if architecture is None:
        raise unsupported(
            f"{form} files are written for {' and '.join(ARCHITECTURES)}, not for {model_type!r:.60}."
        )
    from transformers import AutoConfig

    with loading.explained(folder):
        config: dict[str, Any] = AutoConfig.from_pretrained(folder).to_dict()
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    config = {"rope_theta": 10_000.0, "rope_type": None, **config, **rope}
    for name, meant in {**architecture.assumed, "rope_type": (None, "default")}.items():
        if (value := config.get(name)) not in meant:
            raise unsupported(f"{form} does not support a {model_type} with {name} {value!r:.60}.")
    if separator(config) is None:
        raise unsupported("This model has no token that ends a text, so its texts would never end.")
    return config


def separator(config: Mapping[str, Any]) -> int | None:
    """The token that ends a text: the first, where there are several."""
    found = config.get("eos_token_id")
    found = found[0] if isinstance(found, list) and found else found
    return found if isinstance(found, int) else None


def unsupported(message: str) -> InvalidInputError:
    """The error for a model that a form cannot tell."""
    return InvalidInputError(message, "Use the model as it is, or one of another --base-model.")
