#!/usr/bin/env bash
# peft 0.21.2, transformers 5.24.0 (torch 2.13.0); 1 December 2026, Python 3.11 on Linux.
#
# In a model with a tied head the embeddings and the head are one matrix. peft warns of an adapter on either that this
# "can lead to complications, for example when merging", and that `ensure_weight_tying=True` was not set. A good guess
# would be that with it a merged model computes what the model with its adapter does, and that the warning is for all
# models.
#
# Seen: with it the head and the embeddings get the same adapter, and `merge_and_unload` adds it to their common matrix
# once for each: the matrix moves by twice the adapter. `safe_merge=True` sees nothing wrong. Without it the adapter of
# one becomes that of both. Either way the merged model's logits are off by more than a tenth of the largest. And only
# layers named embed_tokens or lm_head are known: an adapter on GPT-2's wte is merged like this without any warning, and
# who asks for `ensure_weight_tying` is told that nothing tied has an adapter. Output:
#   Llama, embed_tokens: merged once into both, other logits, warned
#   Llama, embed_tokens, ensure_weight_tying: merged twice into both, other logits, warned
#   Llama, lm_head, ensure_weight_tying: merged twice into both, other logits, warned
#   GPT2, wte: merged once into both, other logits, not warned
#   GPT2, wte, ensure_weight_tying: merged once into both, other logits, told that nothing is tied
#   GPT2, lm_head, ensure_weight_tying: merged twice into both, other logits, warned
#   Llama, q_proj: merged once, the same logits, not warned
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q torch==2.13.0 numpy transformers==5.24.0 peft==0.21.2 2> /dev/null

cat > "$work/ask.py" <<'PYTHON'
import warnings

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig

torch.set_num_threads(1)
SAME = {"vocab_size": 50, "initializer_range": 0.3, "tie_word_embeddings": True, "bos_token_id": 0, "eos_token_id": 0}
CONFIGS = {
    "GPT2": lambda: GPT2Config(n_embd=32, n_layer=1, n_head=2, n_positions=64, **SAME),
    "Llama": lambda: LlamaConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2, **SAME
    ),
}
ids = torch.tensor([[1, 2, 3, 4, 5]])


def ask(name, layer, **options):
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(CONFIGS[name]()).eval()
    target = next(module for path, module in model.named_modules() if path.endswith(layer))
    before = target.weight.detach().clone()
    with warnings.catch_warnings(record=True) as said, torch.no_grad():
        warnings.simplefilter("always")
        model = get_peft_model(model, LoraConfig(r=4, target_modules=[layer], **options)).eval()
        for path, weight in model.named_parameters():
            if "lora_" in path:
                weight.add_(torch.randn_like(weight) / 10)
        right = model(ids).logits
        adapter = next(m for path, m in model.named_modules() if path.endswith(layer)).get_delta_weight("default")
        merged = model.merge_and_unload(safe_merge=True)
        off = float((merged(ids).logits - right).abs().max() / right.abs().max())
    moved = target.weight.detach() - before
    times = [word for word, many in {"once": 1, "twice": 2}.items() if torch.allclose(moved, many * adapter, atol=1e-5)]
    both = " into both" if merged.get_output_embeddings().weight is target.weight else ""
    logits = "the same" if off < 1e-4 else "other" if off > 0.1 else f"{off:.1e} off"
    words = {"tie_word_embeddings=True": "warned", "no tied modules are added": "told that nothing is tied"}
    warned = {word for part, word in words.items() if any(part in str(one.message) for one in said)} or {"not warned"}
    title = ", ".join([name, layer, *options])
    print(f"{title}: merged {' or '.join(times) or 'otherwise'}{both}, {logits} logits, {', '.join(warned)}")


ask("Llama", "embed_tokens")
ask("Llama", "embed_tokens", ensure_weight_tying=True)
ask("Llama", "lm_head", ensure_weight_tying=True)
ask("GPT2", "wte")
ask("GPT2", "wte", ensure_weight_tying=True)
ask("GPT2", "lm_head", ensure_weight_tying=True)
ask("Llama", "q_proj")
PYTHON

HF_HOME=$work/hf "$work/venv/bin/python" "$work/ask.py" 2> "$work/stderr" > "$work/seen" ||
    { cat "$work/stderr"; exit 1; }
cat "$work/seen"
diff "$work/seen" - <<'SEEN'
Llama, embed_tokens: merged once into both, other logits, warned
Llama, embed_tokens, ensure_weight_tying: merged twice into both, other logits, warned
Llama, lm_head, ensure_weight_tying: merged twice into both, other logits, warned
GPT2, wte: merged once into both, other logits, not warned
GPT2, wte, ensure_weight_tying: merged once into both, other logits, told that nothing is tied
GPT2, lm_head, ensure_weight_tying: merged twice into both, other logits, warned
Llama, q_proj: merged once, the same logits, not warned
SEEN
