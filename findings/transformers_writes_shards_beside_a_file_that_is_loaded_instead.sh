#!/usr/bin/env bash
# transformers 5.24.0 (torch 2.13.0, safetensors 0.8.0); 1 December 2026, Python 3.11 on Linux.
#
# `save_pretrained` into a folder that holds an earlier model replaces its weights, and removes shards that the new
# ones do not need. A good guess would be that the folder then loads as what was saved last.
#
# Seen: it removes old shards, but no file named as one that is whole. Where the first model was saved in one file and
# the second in shards, because it is larger or because `max_shard_size` is smaller, model.safetensors stays beside the
# shards and their index, and from_pretrained looks for it first: it loads the weights of the first model with the
# config of the second. Nothing is said at either end. Output:
#   one file, then one file: loads the second; kept: model.safetensors
#   shards, then fewer shards: loads the second; kept: 3 shards, index
#   shards, then one file: loads the second; kept: index, model.safetensors
#   one file, then shards: loads the first; kept: 8 shards, index, model.safetensors
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q torch==2.13.0 numpy transformers==5.24.0 safetensors==0.8.0 2> /dev/null

cat > "$work/ask.py" <<'PYTHON'
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

config = LlamaConfig(
    vocab_size=100, hidden_size=64, intermediate_size=128, num_hidden_layers=4, num_attention_heads=4,
    num_key_value_heads=4,
)
models = {name: LlamaForCausalLM(config) for name in ("first", "second")}
ways = {"one file": "1GB", "shards": "100KB", "fewer shards": "300KB"}


def layer(model):
    return model.model.layers[0].mlp.up_proj.weight


for before, after in (("one file",) * 2, ("shards", "fewer shards"), ("shards", "one file"), ("one file", "shards")):
    folder = Path(sys.argv[1]) / f"{before}, then {after}"
    models["first"].save_pretrained(folder, max_shard_size=ways[before])
    models["second"].save_pretrained(folder, max_shard_size=ways[after])
    loaded = layer(AutoModelForCausalLM.from_pretrained(folder))
    which = [name for name, model in models.items() if torch.equal(layer(model), loaded)]
    shards = len(list(folder.glob("model-*.safetensors")))
    kept = [f"{shards} shards"] if shards else []
    kept += ["index"] if (folder / "model.safetensors.index.json").exists() else []
    kept += ["model.safetensors"] if (folder / "model.safetensors").exists() else []
    print(f"{folder.name}: loads the {' and the '.join(which)}; kept: {', '.join(kept)}")
PYTHON

export HF_HOME=$work/hf HF_HUB_OFFLINE=1 HF_HUB_DISABLE_PROGRESS_BARS=1
"$work/venv/bin/python" "$work/ask.py" "$work" 2> "$work/stderr" > "$work/seen" || { cat "$work/stderr"; exit 1; }
cat "$work/seen"
diff "$work/seen" - <<'SEEN'
one file, then one file: loads the second; kept: model.safetensors
shards, then fewer shards: loads the second; kept: 3 shards, index
shards, then one file: loads the second; kept: index, model.safetensors
one file, then shards: loads the first; kept: 8 shards, index, model.safetensors
SEEN
