#!/usr/bin/env bash
# onnxruntime-web 1.31.0-dev.20260914-8d85527a0 (what transformers.js 4.3.2 asks for), its plain wasm build on one
# thread in Node 20, with models made by onnx 1.19.1; 28 November 2026.
#
# The usual recommendation for language models in browsers is four bits (MatMulNBits, "q4"). A good guess would be
# that fewer bits are also less work: a token's time is that of reading the weights.
#
# Seen: on wasm each call of MatMulNBits first unpacks the whole matrix, so that a row of 768 numbers times a matrix
# of 768 x 12,288 takes seven times the CPU time of the same in eight bits by DynamicQuantizeLinear and
# MatMulInteger, and fourteen times that of float32. Four bits save download, not time. The bounds that are checked
# are less than half of that. Output, with somewhat other numbers elsewhere:
#   four bits take 7.4 times as long as eight bits
#   four bits take 14.6 times as long as float32
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q onnx==1.19.1
"$work/venv/bin/python" - "$work" <<'PYTHON'
import pathlib, sys
import numpy as np, onnx
from onnx import TensorProto, helper, numpy_helper

folder, rows, columns, block = pathlib.Path(sys.argv[1]), 768, 12_288, 32
random = np.random.default_rng(0)

def save(name, nodes, **weights):
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, rows])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, columns])
    stored = [numpy_helper.from_array(array, key) for key, array in weights.items()]
    sets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    graph = helper.make_graph(nodes, name, [x], [y], stored)
    onnx.save(helper.make_model(graph, opset_imports=sets, ir_version=10), folder / f"{name}.onnx")

scales = random.random(columns, np.float32)
save("float32", [helper.make_node("MatMul", ["x", "w"], ["y"])], w=random.random((rows, columns), np.float32))
save(
    "four",
    [helper.make_node("MatMulNBits", ["x", "w", "s"], ["y"], domain="com.microsoft", K=rows, N=columns, bits=4, block_size=block)],
    w=random.integers(0, 256, (columns, rows // block, block // 2), np.uint8),
    s=random.random(columns * rows // block, np.float32),
)
save(
    "eight",
    [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"]),
        helper.make_node("MatMulInteger", ["q", "w", "zero"], ["whole"]),
        helper.make_node("Cast", ["whole"], ["sum"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["scale", "s"], ["both"]),
        helper.make_node("Mul", ["sum", "both"], ["y"]),
    ],
    w=random.integers(-63, 64, (rows, columns)).astype(np.int8),
    s=scales,
)
PYTHON

cd "$work"
npm install --silent --no-fund --no-audit --prefix "$work" onnxruntime-web@1.31.0-dev.20260914-8d85527a0
cat > time.mjs <<'JS'
import fs from 'fs';
import * as ort from 'onnxruntime-web/wasm';
ort.env.wasm.numThreads = 1;
const names = ['four', 'eight', 'float32'], least = {};
const x = new ort.Tensor('float32', new Float32Array(768).map(() => Math.random() - 0.5), [1, 768]);
const sessions = {};
for (const name of names) sessions[name] = await ort.InferenceSession.create(fs.readFileSync(`${name}.onnx`), { executionProviders: ['wasm'] });
for (let round = 0; round < 8; round++) {  // by turns, and the least of each, so that other work does not count
  for (const name of names) {
    const before = process.cpuUsage();
    for (let call = 0; call < 10; call++) await sessions[name].run({ x });
    const { user, system } = process.cpuUsage(before);
    least[name] = Math.min(least[name] ?? Infinity, user + system);
  }
}
const [eight, whole] = [least.four / least.eight, least.four / least.float32];
console.log(`four bits take ${eight.toFixed(1)} times as long as eight bits`);
console.log(`four bits take ${whole.toFixed(1)} times as long as float32`);
process.exit(eight > 3 && whole > 5 ? 0 : 1);
JS
node time.mjs
