#!/usr/bin/env bash
# peft 0.21.2, transformers 5.24.0 (torch 2.13.0); 30 November 2026, Python 3.11 on Linux.
#
# `LoraConfig(target_modules="all-linear")` stands for all linear layers but the head. transformers 5 keeps the experts
# of a mixture in two stacked tensors and computes the router's scores from a tensor, too: none of the three belongs to
# a linear layer. A good guess would be that only the attention's four layers get an adapter.
#
# Seen: peft knows such models by their config and adapts these three tensors as well, with wrappers that have no
# weight of their own kind, the two of the experts one inside the other: what goes over all adapted layers and adds
# each adapter to the weight of the layer with that name finds none. The same model inside something that has no config
# gets none of them, but then the head counts as a linear layer. Output:
#   with its config: k_proj Linear, o_proj Linear, q_proj Linear, v_proj Linear, mlp.experts ParamWrapper, mlp.experts.base_layer ParamWrapper, mlp.gate ParamWrapper
#   without: k_proj Linear, lm_head Linear, o_proj Linear, q_proj Linear, v_proj Linear
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q torch==2.13.0 numpy transformers==5.24.0 peft==0.21.2 2> /dev/null

cat > "$work/ask.py" <<'PYTHON'
import torch
from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.tuners_utils import BaseTunerLayer
from transformers import MixtralConfig, MixtralForCausalLM

config = MixtralConfig(
    vocab_size=50, hidden_size=32, intermediate_size=48, num_hidden_layers=1, num_attention_heads=2,
    num_key_value_heads=2, num_local_experts=4, num_experts_per_tok=2,
)
for said in ("with its config", "without"):
    model = MixtralForCausalLM(config)
    inject_adapter_in_model(
        LoraConfig(r=2, target_modules="all-linear"), torch.nn.Sequential(model) if said == "without" else model
    )
    adapted = {name: module for name, module in model.named_modules() if isinstance(module, BaseTunerLayer)}
    short = {name.removeprefix("model.layers.0.").removeprefix("self_attn."): m for name, m in adapted.items()}
    kinds = sorted((type(module).__name__, name) for name, module in short.items())
    print(f"{said}: {', '.join(f'{name} {kind}' for kind, name in kinds)}")
PYTHON

found=$("$work/venv/bin/python" "$work/ask.py" 2> /dev/null)
echo "$found"
expected="with its config: k_proj Linear, o_proj Linear, q_proj Linear, v_proj Linear, mlp.experts ParamWrapper, mlp.experts.base_layer ParamWrapper, mlp.gate ParamWrapper
without: k_proj Linear, lm_head Linear, o_proj Linear, q_proj Linear, v_proj Linear"
[ "$found" = "$expected" ]
