#!/usr/bin/env bash
# safetensors 0.8.0 (numpy 2.4.6); 1 December 2026, Python 3.11 on Linux.
#
# A file of weights has a header, in which a few words about them may stand: `save(weights, metadata={...})`. Tensors
# are sorted, whatever order they are given in. A good guess would be that the same weights with the same metadata are
# the same file, so that a digest tells whether a model has changed, and that what the Hub has is not sent again.
#
# Seen: only with one word. Metadata are written in the order of a hash table that differs from call to call, also in
# one process: with two words the same model is two files by turns, with four words any of 24, all of them read alike.
# huggingface_hub 2.4.0 has two words for each model with a tied head: what its `save_torch_model` writes is one of two
# files, too (not checked here). Output:
#   tensors in two orders: 1 file
#   1 word of metadata, saved 400 times: 1 file
#   2 words of metadata, saved 400 times: several files
#   4 words of metadata, saved 400 times: several files
#   what they hold: 1 text, the same weights
#   files that differ in length: 0
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q safetensors==0.8.0 numpy==2.4.6

cat > "$work/ask.py" <<'PYTHON'
import json

import numpy as np
from safetensors.numpy import load, save

weights = {"first": np.arange(3, dtype=np.float32), "second": np.ones(2, np.float32)}
about = {"format": "pt", "base_model": "gpt2", "recipe": "default", "seed": "1"}


def count(files):
    return "1 file" if len(files) == 1 else "several files"


def said(file):
    length = int.from_bytes(file[:8], "little")
    return json.dumps(json.loads(file[8 : 8 + length]), sort_keys=True)


print(f"tensors in two orders: {count({save(weights), save(dict(reversed(weights.items())))})}")
for words in (1, 2, 4):
    metadata = dict(list(about.items())[:words])
    files = {save(weights, metadata=metadata) for _ in range(400)}
    print(f"{words} word{'s'[: words - 1]} of metadata, saved 400 times: {count(files)}")
same = all((load(file)[name] == weights[name]).all() for file in files for name in weights)
texts = {said(file) for file in files}
print(f"what they hold: {len(texts)} text, {'the same' if same else 'other'} weights")
print(f"files that differ in length: {len({len(file) for file in files}) - 1}")
PYTHON

"$work/venv/bin/python" "$work/ask.py" 2> "$work/stderr" > "$work/seen" || { cat "$work/stderr"; exit 1; }
cat "$work/seen"
diff "$work/seen" - <<'SEEN'
tensors in two orders: 1 file
1 word of metadata, saved 400 times: 1 file
2 words of metadata, saved 400 times: several files
4 words of metadata, saved 400 times: several files
what they hold: 1 text, the same weights
files that differ in length: 0
SEEN
