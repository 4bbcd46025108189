#!/usr/bin/env bash
# onnxruntime-genai 0.18.0 (onnxruntime 1.32.0, onnx 1.23.2); 1 December 2026, Python 3.11 on Linux.
#
# In transformers `top_k=0` turns that limit off, and what is left out, `top_p` here, limits nothing: one draws from all
# tokens. genai_config.json has the same names. A good guess would be that `do_sample=True` with `top_k=0` draws from
# all tokens here, too, or is refused.
#
# Seen: it writes the likeliest token every time. `top_p` is 0 where nobody sets it, which counts as "off" as long as
# there is a `top_k`; without one it is taken for a limit that only the first token is within, whatever the
# temperature. With `top_p=1.0` all are drawn. The model below gives three tokens 50, 30 and 20 percent at each of 200
# steps. It is the same whether a call says so or genai_config.json. Output:
#   top_k 2: 2 different tokens
#   top_k 0: 1 different tokens
#   top_k 0, temperature 5.0: 1 different tokens
#   top_k 0, top_p 1.0: 3 different tokens
#   top_k 0 in genai_config.json: 1 different tokens
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q onnxruntime-genai==0.18.0 onnxruntime==1.32.0 onnx==1.23.2 2> /dev/null

cat > "$work/ask.py" <<'PYTHON'
import json, sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime_genai as genai
from onnx import TensorProto, helper, numpy_helper

END = 3  # a token that is never drawn
row = np.log(np.array([[[0.5, 0.3, 0.2, 1e-30]]], np.float32))


def whole(name, *values):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def tensor(name, kind, *shape):
    return helper.make_tensor_value_info(name, kind, shape)


stored = [
    numpy_helper.from_array(row, "row"), whole("words", 4), whole("one", 1), whole("zero", 0), whole("second", 1),
]
past = ["past_key_values.0.key", "past_key_values.0.value"]
present = [name.replace("past_key_values", "present") for name in past]
nodes = [
    helper.make_node("Shape", ["input_ids"], ["shape"]),
    helper.make_node("Concat", ["shape", "words"], ["wide"], axis=0),
    helper.make_node("Expand", ["row", "wide"], ["logits"]),
    helper.make_node("Gather", ["shape", "zero"], ["batch"]),
    helper.make_node("Gather", ["shape", "second"], ["length"]),
    helper.make_node("Concat", ["batch", "one", "length", "one"], ["new"], axis=0),
    helper.make_node("ConstantOfShape", ["new"], ["nothing"]),
    *(helper.make_node("Concat", [old, "nothing"], [new], axis=2) for old, new in zip(past, present)),
]
inputs = [
    tensor("input_ids", TensorProto.INT64, "batch", "length"),
    tensor("attention_mask", TensorProto.INT64, "batch", "all"),
    *(tensor(name, TensorProto.FLOAT, "batch", 1, "past", 1) for name in past),
]
outputs = [
    tensor("logits", TensorProto.FLOAT, "batch", "length", 4),
    *(tensor(name, TensorProto.FLOAT, "batch", 1, "all", 1) for name in present),
]
graph = helper.make_graph(nodes, "three", inputs, outputs, stored)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
onnx.checker.check_model(model)
decoder = {
    "filename": "model.onnx", "hidden_size": 1, "head_size": 1, "num_attention_heads": 1, "num_key_value_heads": 1,
    "num_hidden_layers": 1, "session_options": {"provider_options": []},
    "inputs": {
        "input_ids": "input_ids", "attention_mask": "attention_mask", "past_key_names": "past_key_values.%d.key",
        "past_value_names": "past_key_values.%d.value",
    },
    "outputs": {
        "logits": "logits", "present_key_names": "present.%d.key", "present_value_names": "present.%d.value",
    },
}
about = {
    "type": "llama", "vocab_size": 4, "context_length": 256, "bos_token_id": 0, "eos_token_id": [END],
    "pad_token_id": END, "decoder": decoder,
}


def ask(title, options, **said):
    folder = Path(sys.argv[1]) / title
    folder.mkdir()
    onnx.save(model, folder / "model.onnx")
    search = {"max_length": 201, **said}
    (folder / "genai_config.json").write_text(json.dumps({"model": about, "search": search}))
    loaded = genai.Model(str(folder))
    settings = genai.GeneratorParams(loaded)
    if options:
        settings.set_search_options(do_sample=True, **options)
    generator = genai.Generator(loaded, settings)
    generator.append_tokens(np.array([[0]], np.int32))
    while not generator.is_done():
        generator.generate_next_token()
    tokens = generator.get_sequence(0)[1:]
    assert len(tokens) == 200
    print(f"{title}: {len(set(tokens.tolist()))} different tokens")


ask("top_k 2", {"top_k": 2})
ask("top_k 0", {"top_k": 0})
ask("top_k 0, temperature 5.0", {"top_k": 0, "temperature": 5.0})
ask("top_k 0, top_p 1.0", {"top_k": 0, "top_p": 1.0})
ask("top_k 0 in genai_config.json", {}, do_sample=True, top_k=0)
PYTHON

"$work/venv/bin/python" "$work/ask.py" "$work" 2> "$work/stderr" > "$work/seen" || { cat "$work/stderr"; exit 1; }
cat "$work/seen"
diff "$work/seen" - <<'SEEN'
top_k 2: 2 different tokens
top_k 0: 1 different tokens
top_k 0, temperature 5.0: 1 different tokens
top_k 0, top_p 1.0: 3 different tokens
top_k 0 in genai_config.json: 1 different tokens
SEEN
