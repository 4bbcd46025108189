#!/usr/bin/env bash
# torch 2.13.0 (CPU); 1 December 2026, Python 3.11 on Linux.
#
# A model is trained in bf16 on a CPU. Its products, sums and means are known to add up in float32 and to round the
# result once. A good guess would be that gradients that are summed over all tokens of a batch do so, too.
#
# Seen: those of a Linear's bias and of RMSNorm's weight do. Those of LayerNorm's bias and weight, and of the rows of
# nn.Embedding, are added up in bf16, which has eight bits: 256 + 1 is 256. Each of 4,096 tokens gives 1 here, and the
# gradient is 256. LayerNorm's are added up by each thread alone first, so that they grow with the threads; a word's row
# of the embeddings (a separator's, say, that stands in front of each text) stays at 256 with any number. `weight[ids]`
# fares as nn.Embedding does, and `index_select` does not. LayerNorm's weights in float32, as with autocast, do not help
# where its inputs are in bf16: the gradient is a float32 then, and still 256. Output:
#   1 thread: Linear bias 4096, RMSNorm weight 4096, LayerNorm bias 256, LayerNorm weight 256, Embedding weight 256
#   2 threads: Linear bias 4096, RMSNorm weight 4096, LayerNorm bias 512, LayerNorm weight 512, Embedding weight 256
#   4 threads: Linear bias 4096, RMSNorm weight 4096, LayerNorm bias 1024, LayerNorm weight 1024, Embedding weight 256
#   1 thread, float32 weights, bf16 inputs: LayerNorm bias 256, LayerNorm weight 256
#   1 thread, float32 weights, float32 inputs: LayerNorm bias 4096, LayerNorm weight 4096
#   weight[ids] 256, index_select 4096
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q torch==2.13.0 numpy 2> /dev/null

cat > "$work/ask.py" <<'PYTHON'
import torch
from torch import nn

TOKENS, WIDTH = 4096, 64
BF16, FLOAT32 = torch.bfloat16, torch.float32
LAYERS = {"Linear": nn.Linear, "RMSNorm": nn.RMSNorm, "LayerNorm": nn.LayerNorm, "Embedding": nn.Embedding}
normalized = torch.tensor([1.0, -1.0]).repeat(WIDTH // 2).expand(TOKENS, WIDTH)  # of mean 0 and variance 1
same_word = torch.zeros(TOKENS, dtype=torch.long)


def show(title, names, weights=BF16, inputs=BF16):
    found = []
    for name in names:
        layer, part = name.split()
        module = LAYERS[layer](*([WIDTH] * (2 if layer in ("Linear", "Embedding") else 1))).to(weights)
        answer = module(same_word if layer == "Embedding" else normalized.to(inputs))
        # The gradient of a normalizing layer's weight is the sum of upstream times the normalized inputs.
        upstream = normalized if part == "weight" and layer != "Embedding" else torch.ones_like(normalized)
        answer.backward(upstream.to(answer.dtype))
        found.append(f"{name} {getattr(module, part).grad.flatten()[0].item():.0f}")
    print(f"{title}: {', '.join(found)}")


NORM = ("LayerNorm bias", "LayerNorm weight")
for threads in (1, 2, 4):
    torch.set_num_threads(threads)
    show(f"{threads} thread{'s'[: threads - 1]}", ("Linear bias", "RMSNorm weight", *NORM, "Embedding weight"))
torch.set_num_threads(1)
show("1 thread, float32 weights, bf16 inputs", NORM, FLOAT32, BF16)
show("1 thread, float32 weights, float32 inputs", NORM, FLOAT32, FLOAT32)
ways = {
    "weight[ids]": lambda weight: weight[same_word],
    "index_select": lambda weight: weight.index_select(0, same_word),
}
found = []
for name, way in ways.items():
    weight = torch.ones(10, WIDTH, dtype=BF16, requires_grad=True)
    way(weight).sum().backward()
    found.append(f"{name} {weight.grad[0, 0].item():.0f}")
print(", ".join(found))
PYTHON

"$work/venv/bin/python" "$work/ask.py" 2> "$work/stderr" > "$work/seen" || { cat "$work/stderr"; exit 1; }
cat "$work/seen"
diff "$work/seen" - <<'SEEN'
1 thread: Linear bias 4096, RMSNorm weight 4096, LayerNorm bias 256, LayerNorm weight 256, Embedding weight 256
2 threads: Linear bias 4096, RMSNorm weight 4096, LayerNorm bias 512, LayerNorm weight 512, Embedding weight 256
4 threads: Linear bias 4096, RMSNorm weight 4096, LayerNorm bias 1024, LayerNorm weight 1024, Embedding weight 256
1 thread, float32 weights, bf16 inputs: LayerNorm bias 256, LayerNorm weight 256
1 thread, float32 weights, float32 inputs: LayerNorm bias 4096, LayerNorm weight 4096
weight[ids] 256, index_select 4096
SEEN
