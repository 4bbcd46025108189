"""GPT-2 and Llama as ONNX graphs, with the inputs and outputs that transformers.js knows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.model.forms.onnx_graph import Graph

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def _fed(graph: Graph) -> dict[str, str]:
    """What transformers.js gives, and what every layer needs of it."""
    ids = graph.input("input_ids", "INT64", ["batch_size", "sequence_length"])
    mask = graph.input("attention_mask", "INT64", ["batch_size", "total_length"])
    positions = graph.input("position_ids", "INT64", ["batch_size", "sequence_length"])
    keep = graph.input("num_logits_to_keep", "INT64", [])
    total = graph.node("Shape", mask, start=1, end=2)
    batch = graph.node("Shape", mask, start=0, end=1)
    length = graph.node("Shape", ids, start=1, end=2)
    last = graph.node("Cast", graph.node("Sub", total, graph.numbers(1)), to=6)
    # Padding stands in front, so no length leaves it out; a bias does.
    hidden = graph.node("Cast", graph.node("Sub", graph.number(1, "int64"), mask), to=1)
    bias = graph.node("Mul", hidden, graph.number(-1e9))
    bias = graph.node("Unsqueeze", bias, graph.numbers(1, 2))
    shape = graph.node("Concat", batch, graph.numbers(1), length, total, axis=0)
    return {
        "ids": ids,
        "positions": positions,
        "keep": keep,
        "length": length,
        "lengths": graph.node("Expand", last, batch),
        "total": graph.node("Cast", graph.node("Squeeze", total), to=6),
        "bias": graph.node("Expand", bias, shape),
    }


def _say(graph: Graph, x: str, shared: Mapping[str, str], name: str, matrix: "Array") -> None:
    """The logits: of the last tokens alone, where only those are asked for."""
    keep = graph.node("Reshape", shared["keep"], graph.numbers(1))
    asked = graph.node("Equal", keep, graph.numbers(0))
    start = graph.node("Where", asked, graph.numbers(0), graph.node("Sub", shared["length"], keep))
    kept = graph.node("Slice", x, start, shared["length"], graph.numbers(1))
    logits = graph.linear(kept, name, matrix)
    graph.named(logits, "logits", "FLOAT", ["batch_size", "kept_length", matrix.shape[1]])


def _gpt2(graph: Graph, weights: Mapping[str, "Array"], config: Mapping[str, Any]) -> None:
    import numpy as np

    shared, words = _fed(graph), weights["wte.weight"]
    head = words if config["tie_word_embeddings"] else weights["lm_head.weight"]
    numbers = {"heads": config["n_head"], "kv_heads": config["n_head"]}
    numbers["width"] = config["n_embd"] // config["n_head"]
    exact = config["activation_function"] == "gelu"

    def norm(x: str, name: str) -> str:
        parts = [graph.stored(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias")]
        return graph.node(
            "LayerNormalization", x, *parts, axis=-1, epsilon=float(config["layer_norm_epsilon"])
        )

    def linear(x: str, name: str) -> str:
        return graph.linear(x, f"{name}.weight", weights[f"{name}.weight"], weights[f"{name}.bias"])

    x = graph.looked_up(shared["ids"], "wte", np.ascontiguousarray(words.T))
    places = graph.stored("wpe", weights["wpe.weight"].astype(np.float32))
    x = graph.node("Add", x, graph.node("Gather", places, shared["positions"]))
    for layer in range(config["n_layer"]):
        h = f"h.{layer}"
        heads = graph.attention(
            linear(norm(x, f"{h}.ln_1"), f"{h}.attn.c_attn"), layer, shared, numbers, rotary=False
        )
        x = graph.node("Add", x, linear(heads, f"{h}.attn.c_proj"))
        wide = linear(norm(x, f"{h}.ln_2"), f"{h}.mlp.c_fc")
        wide = graph.node("Gelu", wide, approximate="none" if exact else "tanh")
        x = graph.node("Add", x, linear(wide, f"{h}.mlp.c_proj"))
    tied = head is words
    _say(graph, norm(x, "ln_f"), shared, "wte" if tied else "lm_head", np.ascontiguousarray(head.T))


def _llama(graph: Graph, weights: Mapping[str, "Array"], config: Mapping[str, Any]) -> None:
    import numpy as np

    shared, words = _fed(graph), weights["embed_tokens.weight"]
    head = words if config["tie_word_embeddings"] else weights["lm_head.weight"]
    heads = config["num_attention_heads"]
    numbers = {"heads": heads, "kv_heads": config.get("num_key_value_heads") or heads}
    numbers["width"] = config.get("head_dim") or config["hidden_size"] // heads
    turns = _turns(config, numbers["width"])
    shared |= {name: graph.stored(name, turned) for name, turned in turns.items()}

    def norm(x: str, name: str) -> str:
        scale = graph.stored(name, weights[f"{name}.weight"])
        return graph.node(
            "SimplifiedLayerNormalization", x, scale, axis=-1, epsilon=float(config["rms_norm_eps"])
        )

    def linear(x: str, *names: str) -> str:
        matrix = np.concatenate([weights[f"{name}.weight"].T for name in names], axis=1)
        biases = [weights[f"{name}.bias"] for name in names if f"{name}.bias" in weights]
        return graph.linear(x, names[0], matrix, np.concatenate(biases) if biases else None)

    x = graph.looked_up(shared["ids"], "embed_tokens", np.ascontiguousarray(words.T))
    for layer in range(config["num_hidden_layers"]):
        h = f"layers.{layer}"
        packed = linear(norm(x, f"{h}.input_layernorm"), *(f"{h}.self_attn.{part}_proj" for part in "qkv"))
        said = graph.attention(packed, layer, shared, numbers, rotary=True)
        x = graph.node("Add", x, linear(said, f"{h}.self_attn.o_proj"))
        both = linear(norm(x, f"{h}.post_attention_layernorm"), f"{h}.mlp.gate_proj", f"{h}.mlp.up_proj")
        gate = graph.node("Split", both, outputs=2, axis=-1, num_outputs=2)
        opened = graph.node("Mul", gate, graph.node("Sigmoid", gate))
        x = graph.node("Add", x, linear(graph.node("Mul", opened, f"{gate}:1"), f"{h}.mlp.down_proj"))
    tied = head is words
    _say(graph, norm(x, "norm"), shared, "embed_tokens" if tied else "lm_head", np.ascontiguousarray(head.T))


def _turns(config: Mapping[str, Any], width: int) -> dict[str, "Array"]:
    """The cosines and sines by which a position turns queries and keys."""
    import numpy as np

    speeds = config["rope_theta"] ** -(np.arange(0, width, 2) / width)
    angles = np.arange(config["max_position_embeddings"])[:, None] * speeds
    return {"cos": np.cos(angles).astype(np.float32), "sin": np.sin(angles).astype(np.float32)}


WRITERS = {"gpt2": _gpt2, "llama": _llama}
"""What fills a graph with a model, given its weights without what stands in front of their names."""
