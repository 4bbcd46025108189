#!/usr/bin/env bash
# onnxruntime 1.32.0 (CPU, onnx 1.23.2); 1 December 2026, Python 3.11 on Linux, an AMD EPYC with AVX-512.
#
# A model keeps its weights in 4 or 8 bits in blocks of 32: a DequantizeLinear in front of a MatMul, which the ONNX
# standard defines as float32. A good guess would be that only the weights are rounded, that the optimizer keeps the
# meaning to the last digits, as it does elsewhere, and that an operator which it puts there computes as in a file.
#
# Seen: from the level "extended" on, which is below the default, the pair becomes one MatMulNBits with
# `accuracy_level` 4, which rounds each block of the activations to 8 bits, too: the answers are off by half a percent
# of the largest, ten thousand times as much as without. A MatMulNBits that stands in the file computes in float32
# unless it says otherwise. Only the option "session.qdq_matmulnbits_accuracy_level" of the session turns it off; who
# looks for the reason with optimizations off finds none. Output:
#   4 bits, optimizations disabled: off by less than 1e-5
#   4 bits, basic: off by less than 1e-5
#   4 bits, extended: off by more than 1e-3
#   4 bits, default: off by more than 1e-3
#   4 bits, default, accuracy level 0: off by less than 1e-5
#   4 bits, default, MatMulNBits in the file: off by less than 1e-5
#   8 bits, optimizations disabled: off by less than 1e-5
#   8 bits, basic: off by less than 1e-5
#   8 bits, extended: off by more than 1e-3
#   8 bits, default: off by more than 1e-3
#   8 bits, default, accuracy level 0: off by less than 1e-5
#   8 bits, default, MatMulNBits in the file: off by less than 1e-5
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q onnxruntime==1.32.0 onnx==1.23.2 numpy 2> /dev/null

cat > "$work/ask.py" <<'PYTHON'
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import GraphOptimizationLevel, InferenceSession, SessionOptions

ROWS, COLUMNS, BLOCK = 256, 512, 32
chance = np.random.default_rng(0)
inputs = chance.standard_normal((4, ROWS)).astype(np.float32)
scales = chance.random((ROWS // BLOCK, COLUMNS)).astype(np.float32)


def file(nodes, *stored, domains=()):
    sizes = {"x": ROWS, "y": COLUMNS}
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", size]) for name, size in sizes.items())
    graph = helper.make_graph(nodes, "product", [x], [y], stored)
    sets = [helper.make_opsetid("", 21), *(helper.make_opsetid(domain, 1) for domain in domains)]
    return helper.make_model(graph, opset_imports=sets, ir_version=10).SerializeToString()


def pair(bits, whole):
    kind = {4: TensorProto.INT4, 8: TensorProto.INT8}[bits]
    weights = helper.make_tensor("q", kind, whole.shape, whole.flatten().tolist())
    nodes = [
        helper.make_node("DequantizeLinear", ["q", "s"], ["w"], axis=0, block_size=BLOCK),
        helper.make_node("MatMul", ["x", "w"], ["y"]),
    ]
    return file(nodes, weights, numpy_helper.from_array(scales, "s"))


def one(bits, whole):
    shifted = (whole + 2 ** (bits - 1)).astype(np.uint8).T.reshape(COLUMNS, ROWS // BLOCK, BLOCK)
    packed = shifted if bits == 8 else shifted[..., ::2] | shifted[..., 1::2] << 4
    options = {"K": ROWS, "N": COLUMNS, "bits": bits, "block_size": BLOCK, "domain": "com.microsoft"}
    node = helper.make_node("MatMulNBits", ["x", "q", "s"], ["y"], **options)
    stored = numpy_helper.from_array(packed, "q"), numpy_helper.from_array(scales.T.flatten(), "s")
    return file([node], *stored, domains=["com.microsoft"])


def off(model, right, level, accuracy=None):
    options = SessionOptions()
    options.graph_optimization_level = level
    options.intra_op_num_threads = 1
    if accuracy is not None:
        options.add_session_config_entry("session.qdq_matmulnbits_accuracy_level", accuracy)
    (found,) = InferenceSession(model, options, providers=["CPUExecutionProvider"]).run(None, {"x": inputs})
    return float(np.abs(found - right).max() / np.abs(right).max())


LEVEL = GraphOptimizationLevel
for bits in (4, 8):
    whole = chance.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (ROWS, COLUMNS))
    right = inputs.astype(np.float64) @ (whole * np.repeat(scales, BLOCK, axis=0).astype(np.float64))
    model = pair(bits, whole)
    found = {
        "optimizations disabled": off(model, right, LEVEL.ORT_DISABLE_ALL),
        "basic": off(model, right, LEVEL.ORT_ENABLE_BASIC),
        "extended": off(model, right, LEVEL.ORT_ENABLE_EXTENDED),
        "default": off(model, right, LEVEL.ORT_ENABLE_ALL),
        "default, accuracy level 0": off(model, right, LEVEL.ORT_ENABLE_ALL, "0"),
        "default, MatMulNBits in the file": off(one(bits, whole), right, LEVEL.ORT_ENABLE_ALL),
    }
    for name, value in found.items():
        print(f"{bits} bits, {name}: {value:.1e}", file=sys.stderr)
        said = "less than 1e-5" if value < 1e-5 else "more than 1e-3" if value > 1e-3 else f"{value:.1e}"
        print(f"{bits} bits, {name}: off by {said}")
PYTHON

"$work/venv/bin/python" "$work/ask.py" 2> "$work/stderr" > "$work/seen" || { cat "$work/stderr"; exit 1; }
cat "$work/stderr" "$work/seen"
diff "$work/seen" - <<'SEEN'
4 bits, optimizations disabled: off by less than 1e-5
4 bits, basic: off by less than 1e-5
4 bits, extended: off by more than 1e-3
4 bits, default: off by more than 1e-3
4 bits, default, accuracy level 0: off by less than 1e-5
4 bits, default, MatMulNBits in the file: off by less than 1e-5
8 bits, optimizations disabled: off by less than 1e-5
8 bits, basic: off by less than 1e-5
8 bits, extended: off by more than 1e-3
8 bits, default: off by more than 1e-3
8 bits, default, accuracy level 0: off by less than 1e-5
8 bits, default, MatMulNBits in the file: off by less than 1e-5
SEEN
