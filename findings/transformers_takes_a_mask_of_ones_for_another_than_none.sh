#!/usr/bin/env bash
# transformers 5.24.0, torch 2.13.0 (CPU), float32; 1 December 2026, Python 3.11 on Linux.
#
# Two posts stand behind each other in one row, and `position_ids` count each from 0: so DataCollatorWithFlattening
# packs them. A good guess would be that a mask of ones, which leaves nothing out, is the same as none, and that a cache
# which nobody asks for changes no number.
#
# Seen: whether the second post sees the first depends on both. Only without a mask, and only with `use_cache=False`, do
# the positions keep the posts apart, in GPT-2 and in Llama, with "eager" and with "sdpa". A mask of ones, or the cache
# that a forward pass makes by default, also where `labels` are given, lets the second post attend to the first; the
# logits are then off by more than a tenth of the largest, and so is the loss. Nothing says so. Output:
#   GPT2, eager: no mask, no cache: as alone
#   GPT2, eager: ones, no cache: sees the other post
#   GPT2, eager: no mask, cache by default: sees the other post
#   GPT2, sdpa: no mask, no cache: as alone
#   GPT2, sdpa: ones, no cache: sees the other post
#   GPT2, sdpa: no mask, cache by default: sees the other post
#   Llama, eager: no mask, no cache: as alone
#   Llama, eager: ones, no cache: sees the other post
#   Llama, eager: no mask, cache by default: sees the other post
#   Llama, sdpa: no mask, no cache: as alone
#   Llama, sdpa: ones, no cache: sees the other post
#   Llama, sdpa: no mask, cache by default: sees the other post
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q torch==2.13.0 numpy transformers==5.24.0 2> /dev/null

cat > "$work/ask.py" <<'PYTHON'
import torch
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig

SAME = {"vocab_size": 50, "initializer_range": 0.3, "bos_token_id": 0, "eos_token_id": 0}
CONFIGS = {
    "GPT2": lambda: GPT2Config(n_embd=32, n_layer=2, n_head=2, n_positions=64, **SAME),
    "Llama": lambda: LlamaConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2, **SAME
    ),
}
first, second = torch.tensor([[5, 6, 7, 8]]), torch.tensor([[9, 10, 11, 12]])
both, positions = torch.cat([first, second], 1), torch.tensor([[0, 1, 2, 3] * 2])
ways = {
    "no mask, no cache": {"use_cache": False},
    "ones, no cache": {"use_cache": False, "attention_mask": torch.ones_like(both)},
    "no mask, cache by default": {"labels": both},
}
for name, config in CONFIGS.items():
    for attention in ("eager", "sdpa"):
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(config(), attn_implementation=attention).eval()
        with torch.no_grad():
            alone = model(second).logits
            for way, options in ways.items():
                packed = model(both, position_ids=positions, **options).logits[:, 4:]
                off = float((packed - alone).abs().max() / alone.abs().max())
                said = "as alone" if off < 1e-5 else "sees the other post" if off > 0.1 else f"off by {off:.1e}"
                print(f"{name}, {attention}: {way}: {said}")
PYTHON

export HF_HOME=$work/hf HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error
"$work/venv/bin/python" "$work/ask.py" 2> "$work/stderr" > "$work/seen" || { cat "$work/stderr"; exit 1; }
cat "$work/seen"
diff "$work/seen" - <<'SEEN'
GPT2, eager: no mask, no cache: as alone
GPT2, eager: ones, no cache: sees the other post
GPT2, eager: no mask, cache by default: sees the other post
GPT2, sdpa: no mask, no cache: as alone
GPT2, sdpa: ones, no cache: sees the other post
GPT2, sdpa: no mask, cache by default: sees the other post
Llama, eager: no mask, no cache: as alone
Llama, eager: ones, no cache: sees the other post
Llama, eager: no mask, cache by default: sees the other post
Llama, sdpa: no mask, no cache: as alone
Llama, sdpa: ones, no cache: sees the other post
Llama, sdpa: no mask, cache by default: sees the other post
SEEN
