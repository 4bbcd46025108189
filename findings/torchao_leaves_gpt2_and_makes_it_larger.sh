#!/usr/bin/env bash
# torchao 0.18.0, transformers 5.24.0 (torch 2.13.0); 1 December 2026, Python 3.11 on Linux.
#
# torchao stores a model's matrices in 8 bits, with its own `quantize_` or with transformers' TorchAoConfig. A good
# guess would be that a GPT-2 gets smaller by either, as a Llama does, or that one is told that it cannot be done.
#
# Seen: both look for nn.Linear, and GPT-2's blocks are made of transformers' Conv1D. TorchAoConfig changes nothing at
# all: the model says that it is quantized and weighs what it did, and its logits are the same bit for bit. `quantize_`
# finds one nn.Linear, the head, which shares its matrix with the embeddings: it gets a copy of its own in 8 bits, the
# embeddings stay, and so the model gets larger. Neither says a word. Output:
#   Llama, TorchAoConfig: 14 matrices in 8 bits, smaller, other logits, is_quantized True
#   Llama, quantize_: 15 matrices in 8 bits, smaller, other logits, is_quantized False
#   GPT2, TorchAoConfig: 0 matrices in 8 bits, as large, the same logits, is_quantized True
#   GPT2, quantize_: 1 matrices in 8 bits, larger, other logits, is_quantized False
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q torch==2.13.0 numpy transformers==5.24.0 torchao==0.18.0 \
    accelerate==1.15.0 2> /dev/null

cat > "$work/ask.py" <<'PYTHON'
import sys

import torch
from torchao.quantization import Int8WeightOnlyConfig, quantize_
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, TorchAoConfig


def parts(tensor):
    if not hasattr(tensor, "__tensor_flatten__"):
        return [tensor]
    return [getattr(tensor, name) for name in tensor.__tensor_flatten__()[0]]


def size(model):
    stored = [part for weight in model.parameters() for part in parts(weight.data)]
    return sum({part.data_ptr(): part.nbytes for part in stored}.values())


same = {"vocab_size": 1000, "bos_token_id": 0, "eos_token_id": 0}
configs = {
    LlamaForCausalLM: LlamaConfig(
        hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, **same
    ),
    GPT2LMHeadModel: GPT2Config(n_embd=64, n_layer=2, n_head=4, **same),
}
ids = torch.arange(10)[None]
for kind, config in configs.items():
    torch.manual_seed(0)
    plain = kind(config).eval()
    plain.save_pretrained(folder := f"{sys.argv[1]}/{kind.__name__}")
    loaded = kind.from_pretrained(folder, quantization_config=TorchAoConfig(Int8WeightOnlyConfig()))
    changed = kind.from_pretrained(folder)
    quantize_(changed, Int8WeightOnlyConfig())
    for way, model in {"TorchAoConfig": loaded, "quantize_": changed}.items():
        count = sum(any(part.dtype == torch.int8 for part in parts(weight.data)) for weight in model.parameters())
        difference = size(model) - size(plain)
        larger = "as large" if difference == 0 else "larger" if difference > 0 else "smaller"
        with torch.no_grad():
            logits = "the same" if torch.equal(model(ids).logits, plain(ids).logits) else "other"
        said = getattr(model, "is_quantized", False)
        name = kind.__name__.split("For")[0].removesuffix("LMHeadModel")
        print(f"{name}, {way}: {count} matrices in 8 bits, {larger}, {logits} logits, is_quantized {said}")
PYTHON

HF_HOME=$work/hf "$work/venv/bin/python" "$work/ask.py" "$work" 2> "$work/stderr" > "$work/seen" ||
    { cat "$work/stderr"; exit 1; }
cat "$work/seen"
diff "$work/seen" - <<'SEEN'
Llama, TorchAoConfig: 14 matrices in 8 bits, smaller, other logits, is_quantized True
Llama, quantize_: 15 matrices in 8 bits, smaller, other logits, is_quantized False
GPT2, TorchAoConfig: 0 matrices in 8 bits, as large, the same logits, is_quantized True
GPT2, quantize_: 1 matrices in 8 bits, larger, other logits, is_quantized False
SEEN
