#!/usr/bin/env bash
# transformers 5.24.0, torch 2.13.0 (CPU), float32; 29 November 2026.
#
# A Llama is built from a config to be trained from scratch. Its separator is also its padding, as with GPT-2's
# tokenizer, and each text begins with it. A good guess would be that `pad_token_id` says which token to leave out, and
# that a model with normalised layers trains at any depth.
#
# Seen: `pad_token_id` makes the initialisation zero that token's row of the embeddings. At the first position the hidden
# state is then exactly 0 in every layer (the attention sees itself alone, no layer has a bias), so each RMSNorm there
# divides by sqrt(eps) and multiplies the gradient by 1,000. With 24 layers all is finite; with 30, the depth of
# SmolLM2-135M, the loss is as it should be and the gradients are NaN. Without `pad_token_id` they are finite. Output:
#   24 layers, no padding token: loss finite, gradients finite
#   24 layers, padding is token 0: loss finite, gradients finite
#   30 layers, no padding token: loss finite, gradients finite
#   30 layers, padding is token 0: loss finite, gradients not finite
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q torch==2.13.0 transformers==5.24.0
HF_HOME=$work/hf "$work/venv/bin/python" - <<'PYTHON'
import torch
from transformers import LlamaConfig, LlamaForCausalLM

SEPARATOR = 0


def gradients(layers, padding):
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=100, hidden_size=64, intermediate_size=128, num_hidden_layers=layers, num_attention_heads=4,
        num_key_value_heads=4, bos_token_id=SEPARATOR, eos_token_id=SEPARATOR, pad_token_id=padding,
        tie_word_embeddings=True,
    )
    model = LlamaForCausalLM(config)
    ids = torch.tensor([[SEPARATOR, 5, 6, 7]])
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    return bool(loss.isfinite()), all(bool(weight.grad.isfinite().all()) for weight in model.parameters())


seen = {}
for layers in (24, 30):
    for padding in (None, SEPARATOR):
        said = "no padding token" if padding is None else f"padding is token {padding}"
        seen[layers, padding] = finite = gradients(layers, padding)
        words = ["finite" if one else "not finite" for one in finite]
        print(f"{layers} layers, {said}: loss {words[0]}, gradients {words[1]}")
assert [gradients for _, gradients in seen.values()] == [True, True, True, False]
assert all(loss for loss, _ in seen.values())
PYTHON
