#!/usr/bin/env bash
# peft 0.21.2, torch 2.13.0; 30 November 2026, Python 3.11 on Linux.
#
# peft's manual says that adapters beside a base in bf16 or float16 are made in float32 since 0.11, because training
# in half precision is not stable. `inject_adapter_in_model` is described as `get_peft_model` without the PeftModel
# around it. A good guess would be that both make the same adapter.
#
# Seen: only `get_peft_model` makes it in float32. An injected one has the base's number format, AdamW's averages
# with it, and nothing says so. As bf16 keeps eight bits of a number, steps of a usual rate are lost in rounding:
# after 40 steps of the same training at 2e-5 most numbers of A are where they were. Output:
#   get_peft_model: adapter torch.float32, averages torch.float32, moved: most
#   inject_adapter_in_model: adapter torch.bfloat16, averages torch.bfloat16, moved: few
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
python="$work/venv/bin/python"
"$python" -m pip install -q peft==0.21.2 torch==2.13.0 numpy

cat > "$work/ask.py" <<'PYTHON'
import sys, warnings
import torch
from peft import LoraConfig, get_peft_model, inject_adapter_in_model

warnings.simplefilter("ignore")
make = {"get_peft_model": lambda c, m: get_peft_model(m, c), "inject_adapter_in_model": inject_adapter_in_model}
torch.manual_seed(0)
base = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 8)).to(torch.bfloat16)
model = make[sys.argv[1]](LoraConfig(r=8, target_modules=["0", "2"]), base)
adapter = {name: weight for name, weight in model.named_parameters() if "lora_" in name}
before = {name: weight.detach().float().clone() for name, weight in adapter.items()}
optimizer = torch.optim.AdamW(adapter.values(), lr=2e-5, weight_decay=0.0)
inputs, wanted = torch.randn(64, 64, dtype=torch.bfloat16), torch.randn(64, 8, dtype=torch.bfloat16)
for _ in range(40):
    torch.nn.functional.mse_loss(model(inputs), wanted).backward()
    optimizer.step()
    optimizer.zero_grad()
firsts = [name for name in adapter if "lora_A" in name]
moved = sum(int((adapter[name].detach().float() != before[name]).sum()) for name in firsts)
share = moved / sum(before[name].numel() for name in firsts)
print(f"{share:.2f} of A moved", file=sys.stderr)
formats = {str(weight.dtype) for weight in adapter.values()}
averages = {str(state["exp_avg"].dtype) for state in optimizer.state.values()}
said = "most" if share > 0.8 else "few" if share < 0.4 else "some"
print(f"{sys.argv[1]}: adapter {', '.join(formats)}, averages {', '.join(averages)}, moved: {said}")
PYTHON

found=$("$python" "$work/ask.py" get_peft_model; "$python" "$work/ask.py" inject_adapter_in_model)
echo "$found"
expected="get_peft_model: adapter torch.float32, averages torch.float32, moved: most
inject_adapter_in_model: adapter torch.bfloat16, averages torch.bfloat16, moved: few"
[ "$found" = "$expected" ]
