#!/usr/bin/env bash
# @huggingface/transformers 4.3.2 (transformers.js) in Node 20, with a model made by onnx 1.19.1; 28 November 2026.
#
# generate() of transformers.js takes the options of transformers and documents `top_p` and `num_return_sequences`
# as it does. A good guess would be that it follows them, or says that it does not.
#
# Seen: both are passed over in silence. The model below gives three tokens 50, 30 and 20 percent at every step;
# with top_p 0.4 only the first may be drawn, and all three are; top_k 1 draws the first alone, so sampling itself
# follows its settings. Five sequences are asked for, and one comes. Output:
#   top_p 0.4: 3 different tokens
#   top_k 1: 1 different tokens
#   num_return_sequences 5: 1 sequence
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q onnx==1.19.1
mkdir -p "$work/model/onnx"
"$work/venv/bin/python" - "$work/model" <<'PYTHON'
import json, pathlib, sys
import numpy as np, onnx
from onnx import TensorProto, helper, numpy_helper

folder = pathlib.Path(sys.argv[1])
logits = np.log(np.array([[[0.5, 0.3, 0.2]]], np.float32))
whole = lambda name, *values: numpy_helper.from_array(np.array(values, np.int64), name)
tensors = [numpy_helper.from_array(logits, "row"), whole("words", 3), whole("one", 1), whole("zero", 0), whole("second", 1)]
past = ["past_key_values.0.key", "past_key_values.0.value"]
nodes = [
    helper.make_node("Shape", ["input_ids"], ["shape"]),
    helper.make_node("Concat", ["shape", "words"], ["wide"], axis=0),
    helper.make_node("Expand", ["row", "wide"], ["logits"]),
    helper.make_node("Gather", ["shape", "zero"], ["batch"]),
    helper.make_node("Gather", ["shape", "second"], ["length"]),
    helper.make_node("Concat", ["batch", "one", "length", "one"], ["new"], axis=0),
    helper.make_node("ConstantOfShape", ["new"], ["nothing"]),
    *(helper.make_node("Concat", [name, "nothing"], [name.replace("past_key_values", "present")], axis=2) for name in past),
]
cache = ["batch", 1, "past", 1]
inputs = [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"])]
inputs += [helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["batch", "all"])]
inputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, cache) for name in past]
outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "length", 3])]
outputs += [helper.make_tensor_value_info(name.replace("past_key_values", "present"), TensorProto.FLOAT, ["batch", 1, "all", 1]) for name in past]
graph = helper.make_graph(nodes, "three", inputs, outputs, tensors)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
onnx.checker.check_model(model)
onnx.save(model, folder / "onnx" / "model.onnx")
config = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 3, "n_layer": 1, "n_head": 1, "n_embd": 1}
(folder / "config.json").write_text(json.dumps(config))
(folder / "generation_config.json").write_text("{}")
PYTHON

cd "$work"
export ONNXRUNTIME_NODE_INSTALL=skip
npm install --silent --no-fund --no-audit --prefix "$work" @huggingface/transformers@4.3.2
cat > ask.mjs <<'JS'
import { AutoModelForCausalLM, Tensor, env } from '@huggingface/transformers';
env.allowRemoteModels = false;
env.localModelPath = process.argv[2];
const model = await AutoModelForCausalLM.from_pretrained('model', { dtype: 'fp32', device: 'cpu' });
const one = () => new Tensor('int64', [0n], [1, 1]);
const ask = async (options) => await model.generate({
  inputs: one(), attention_mask: new Tensor('int64', [1n], [1, 1]),
  do_sample: true, temperature: 1, top_k: 0, max_new_tokens: 60, ...options });
const different = (found) => new Set([...found.data].slice(1).map(Number)).size;
console.log(`top_p 0.4: ${different(await ask({ top_p: 0.4 }))} different tokens`);
console.log(`top_k 1: ${different(await ask({ top_k: 1 }))} different tokens`);
const [sequences] = (await ask({ num_return_sequences: 5 })).dims;
console.log(`num_return_sequences 5: ${sequences} sequence${sequences === 1 ? '' : 's'}`);
JS
node ask.mjs "$work" 2> stderr > seen || { cat stderr; exit 1; }
cat seen
diff seen - <<'SEEN'
top_p 0.4: 3 different tokens
top_k 1: 1 different tokens
num_return_sequences 5: 1 sequence
SEEN
