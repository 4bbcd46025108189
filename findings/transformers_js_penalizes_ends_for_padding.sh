#!/usr/bin/env bash
# @huggingface/transformers 4.3.2 (transformers.js) in Node 20, with a model made by onnx 1.23.2; 1 December 2026.
#
# generate() takes prompts of different lengths at once, with padding on the left and an attention mask that leaves it
# out. The padding is the token that ends a text, as usual with GPT-2. A good guess would be that each prompt is
# continued as it is alone, also with `repetition_penalty`: transformers 5.24 leaves the padding out of it (not checked
# here).
#
# Seen: transformers.js does not look at the mask. For the shorter prompt of two the end is a token that it has had
# already, and so its text goes on where it ends at once alone: to the last of `max_new_tokens`, unless all other words
# have been used. The model below gives the end 50 percent and 62 words less than one each, by logits around -31;
# its likeliest token is written. The longer prompt is not concerned. Output:
#   no penalty: alone 0 words, beside a longer prompt 0 words
#   repetition_penalty 1.3: alone 0 words, beside a longer prompt 20 words
#   repetition_penalty 1.3, the longer prompt: alone 0 words, beside a shorter prompt 0 words
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export ONNXRUNTIME_NODE_INSTALL=skip
python3 -m venv venv
venv/bin/python -m pip install -q onnx==1.23.2 numpy 2> /dev/null
npm install --silent --no-fund --no-audit --prefix "$work" @huggingface/transformers@4.3.2
mkdir -p model/onnx
cat > save.py <<'PYTHON'
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TOKENS = 63
folder = Path("model")
chances = np.array([0.5] + [0.5 / (TOKENS - 1)] * (TOKENS - 1), np.float32)
past = ["past_key_values.0.key", "past_key_values.0.value"]
present = [name.replace("past_key_values", "present") for name in past]


def whole(name, *values):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def tensor(name, kind, *shape):
    return helper.make_tensor_value_info(name, kind, shape)


stored = [
    numpy_helper.from_array(np.log(chances)[None, None] - 30, "row"), whole("words", TOKENS), whole("one", 1),
    whole("zero", 0), whole("second", 1),
]
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
    tensor("logits", TensorProto.FLOAT, "batch", "length", TOKENS),
    *(tensor(name, TensorProto.FLOAT, "batch", 1, "all", 1) for name in present),
]
graph = helper.make_graph(nodes, "half_ends", inputs, outputs, stored)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
onnx.checker.check_model(model)
onnx.save(model, folder / "onnx" / "model.onnx")
config = {"model_type": "gpt2", "vocab_size": TOKENS, "n_layer": 1, "n_head": 1, "n_embd": 1}
(folder / "config.json").write_text(json.dumps({**config, "architectures": ["GPT2LMHeadModel"]}))
(folder / "generation_config.json").write_text(json.dumps({"eos_token_id": 0, "pad_token_id": 0}))
PYTHON

cat > ask.mjs <<'JS'
import { AutoModelForCausalLM, Tensor, env } from '@huggingface/transformers';
env.allowRemoteModels = false;
env.localModelPath = '.';
const model = await AutoModelForCausalLM.from_pretrained('model', { dtype: 'fp32', device: 'cpu' });
const short = [1, 2], long = [1, 2, 3, 4, 3, 4];
const words = async (prompts, options) => {  // of the first prompt, before the end
  const longest = Math.max(...prompts.map(({ length }) => length));
  const filled = (value) => (prompt) => [...Array(longest - prompt.length).fill(0), ...prompt.map(value)];
  const tensor = (value) =>
    new Tensor('int64', prompts.flatMap(filled(value)).map(BigInt), [prompts.length, longest]);
  const found = await model.generate({
    inputs: tensor((id) => id), attention_mask: tensor(() => 1), do_sample: false, max_new_tokens: 20, ...options,
  });
  const made = found.tolist()[0].slice(longest).map(Number);
  return `${made.includes(0) ? made.indexOf(0) : made.length} words`;
};
const ask = async (title, first, second, which, options) =>
  console.log(`${title}: alone ${await words([first], options)}, ` +
    `beside a ${which} prompt ${await words([first, second], options)}`);
await ask('no penalty', short, long, 'longer', {});
await ask('repetition_penalty 1.3', short, long, 'longer', { repetition_penalty: 1.3 });
await ask('repetition_penalty 1.3, the longer prompt', long, short, 'shorter', { repetition_penalty: 1.3 });
JS
{ venv/bin/python save.py && node ask.mjs > seen; } 2> stderr || { cat stderr; exit 1; }
cat seen
diff seen - <<'SEEN'
no penalty: alone 0 words, beside a longer prompt 0 words
repetition_penalty 1.3: alone 0 words, beside a longer prompt 20 words
repetition_penalty 1.3, the longer prompt: alone 0 words, beside a shorter prompt 0 words
SEEN
