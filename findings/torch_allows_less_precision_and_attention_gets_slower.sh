#!/usr/bin/env bash
# torch 2.13.0 (oneDNN 3.12); 29 November 2026, Python 3.11 on Linux, an AMD EPYC with AVX-512 but without AMX.
#
# `torch.backends.mkldnn.matmul.fp32_precision = "bf16"` allows products of float32 on a CPU to be rounded. A good
# guess would be that what allows less precision makes nothing slower, and that it is about `matmul`.
#
# Seen: on a CPU that has AVX-512 and no AMX nothing is rounded, but products go to oneDNN instead of MKL, which is
# faster on AMD's for large ones. scaled_dot_product_attention multiplies matrices, too, one pair a text and head, and
# from a few dozen keys on each of these small products becomes a call of oneDNN, which costs more than the product.
# One new token of 37 texts with 12 heads and 80 keys: no call before, 888 with the permission, and seven times as
# long (1.05 and 7.5 ms on two cores). Output:
#   none: 0 calls of oneDNN, off by less than 1e-05
#   bf16: 888 calls of oneDNN, off by less than 1e-05
#   bf16 takes more than twice as long
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
grep -q avx512f /proc/cpuinfo || { echo "This CPU has no AVX-512: nothing was checked."; exit 1; }
grep -q amx_bf16 /proc/cpuinfo && { echo "This CPU has AMX: nothing was checked."; exit 1; }
python3 -m venv "$work/venv"
python="$work/venv/bin/python"
"$python" -m pip install -q torch==2.13.0 numpy

cat > "$work/ask.py" <<'PYTHON'
import sys, time
import torch

torch.manual_seed(0)
query, keys, values = torch.randn(37, 12, 1, 64), torch.randn(37, 12, 80, 64), torch.randn(37, 12, 80, 64)
attend = torch.nn.functional.scaled_dot_product_attention
exact = attend(query.double(), keys.double(), values.double())
torch.backends.mkldnn.matmul.fp32_precision = sys.argv[1]
with torch.inference_mode():
    if sys.argv[2] == "calls":
        found = attend(query, keys, values)
        print(float((found - exact).abs().max() / exact.abs().max()), file=sys.stderr)
    else:
        seconds = []
        for _ in range(60):
            began = time.perf_counter()
            attend(query, keys, values)
            seconds.append(time.perf_counter() - began)
        print(sorted(seconds)[30])
PYTHON

calls() { # PRECISION
    ONEDNN_VERBOSE=1 "$python" "$work/ask.py" "$1" calls > "$work/said" 2> "$work/error"
    off=$("$python" -c 'import sys; print("less" if float(open(sys.argv[1]).read()) < 1e-5 else "more")' "$work/error")
    echo "$1: $(grep -c 'exec,cpu,matmul' "$work/said" || true) calls of oneDNN, off by $off than 1e-05"
}

found=$(calls none; calls bf16)
slower=$("$python" - "$("$python" "$work/ask.py" none time)" "$("$python" "$work/ask.py" bf16 time)" <<'PYTHON'
import sys
print("bf16 takes", "more" if float(sys.argv[2]) > 2 * float(sys.argv[1]) else "less", "than twice as long")
PYTHON
)
found="$found
$slower"
echo "$found"
expected="none: 0 calls of oneDNN, off by less than 1e-05
bf16: 888 calls of oneDNN, off by less than 1e-05
bf16 takes more than twice as long"
[ "$found" = "$expected" ]
