#!/usr/bin/env bash
# torch 2.13.0 (CPU); 1 December 2026, Python 3.11 on Linux.
#
# `linear_cross_entropy` is new: with LinearCrossEntropyOptions it computes the loss of a language model's head piece by
# piece, so that the logits are never held at once. By itself it keeps its sums for bf16 in float32 (`acc_dtype`). A
# good guess would be that its loss is at least as close as that of the plain way.
#
# Seen: float32 is for the sums of the gradients alone, and those are right. The loss itself is added up in bf16, one
# piece after the other, and there are about as many pieces as the vocabulary is larger than the width of the model.
# With 64 pieces, as for GPT-2, the loss is off by a few percent; with 256, as for Gemma 3 270M, it stands still at 8.0
# in place of 10.6: the further pieces are rounded away. `acc_policy="accurate"` with `acc_dtype=float32` does not
# help, `reduction="none"` and a mean of one's own do. Output:
#   vocabulary of 65 widths, plain: within 1%, gradients alike
#   vocabulary of 65 widths, in pieces: off by more than 2%, gradients alike
#   vocabulary of 65 widths, in pieces, accurate: off by more than 2%, gradients alike
#   vocabulary of 65 widths, in pieces, none: within 1%, gradients alike
#   vocabulary of 410 widths, plain: within 1%, gradients alike
#   vocabulary of 410 widths, in pieces: off by more than 20%, gradients alike
#   vocabulary of 410 widths, in pieces, accurate: off by more than 20%, gradients alike
#   vocabulary of 410 widths, in pieces, none: within 1%, gradients alike
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q torch==2.13.0 numpy 2> /dev/null

cat > "$work/ask.py" <<'PYTHON'
import sys

import torch
from torch.nn import LinearCrossEntropyOptions
from torch.nn.functional import cross_entropy, linear_cross_entropy

torch.set_num_threads(1)
TOKENS, WIDTH = 1024, 64
accurate = LinearCrossEntropyOptions(acc_policy="accurate", acc_dtype=torch.float32, chunking_method="aspect_ratio")
ways = {
    "plain": {},
    "in pieces": {"options": LinearCrossEntropyOptions()},
    "in pieces, accurate": {"options": accurate},
    "in pieces, none": {"options": LinearCrossEntropyOptions(), "reduction": "none"},
}


def near(gradients, right):
    return all(float((one.float() - two).norm() / two.norm()) < 0.02 for one, two in zip(gradients, right))


for ratio in (65, 410):
    torch.manual_seed(0)
    hidden = torch.randn(TOKENS, WIDTH).bfloat16().requires_grad_()
    head = (torch.randn(ratio * WIDTH, WIDTH) / 8).bfloat16().requires_grad_()
    targets = torch.randint(0, len(head), (TOKENS,))
    whole = [weight.detach().float().requires_grad_() for weight in (hidden, head)]
    loss = cross_entropy(whole[0] @ whole[1].T, targets)
    right = torch.autograd.grad(loss, whole)
    for name, options in ways.items():
        found = linear_cross_entropy(hidden, head, targets, **options).float().mean()
        gradients = torch.autograd.grad(found, (hidden, head))
        off = abs(float(found.detach() / loss.detach()) - 1)
        print(f"{ratio}, {name}: {float(found.detach()):.3f} for {float(loss.detach()):.3f}", file=sys.stderr)
        bounds = [f"off by more than {bound}%" for bound in (20, 2) if off > bound / 100]
        said = "within 1%" if off < 0.01 else bounds[0] if bounds else f"off by {off:.3f}"
        alike = "gradients alike" if near(gradients, right) else "other gradients"
        print(f"vocabulary of {ratio} widths, {name}: {said}, {alike}")
PYTHON

"$work/venv/bin/python" "$work/ask.py" 2> "$work/stderr" > "$work/seen" || { cat "$work/stderr"; exit 1; }
cat "$work/stderr" "$work/seen"
diff "$work/seen" - <<'SEEN'
vocabulary of 65 widths, plain: within 1%, gradients alike
vocabulary of 65 widths, in pieces: off by more than 2%, gradients alike
vocabulary of 65 widths, in pieces, accurate: off by more than 2%, gradients alike
vocabulary of 65 widths, in pieces, none: within 1%, gradients alike
vocabulary of 410 widths, plain: within 1%, gradients alike
vocabulary of 410 widths, in pieces: off by more than 20%, gradients alike
vocabulary of 410 widths, in pieces, accurate: off by more than 20%, gradients alike
vocabulary of 410 widths, in pieces, none: within 1%, gradients alike
SEEN
