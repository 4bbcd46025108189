"""Our ONNX files in transformers.js, on the WebAssembly that browsers run: one thread, in Node."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.model.forms import onnx

VERSION = "4.3.2"
PROMPTS = ["My dream is", "The sea in 1984 was", "Lamp 🌊 log", "I will never"]
SCRIPT = """
import fs from "fs";
import path from "path";
import * as ort from "onnxruntime-web/wasm";
const dist = new URL("./node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded", import.meta.url).href;
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = { mjs: dist + ".mjs", wasm: dist + ".wasm" };
const bytes = (file) => (typeof file === "string" ? new Uint8Array(fs.readFileSync(file)) : file);
const create = (file, options) => ort.InferenceSession.create(bytes(file), options);
globalThis[Symbol.for("onnxruntime")] = { ...ort, InferenceSession: { create } };
const { pipeline, env } = await import("@huggingface/transformers");
const [folder, prompts, sampled] = process.argv.slice(2);
env.allowRemoteModels = false;
env.useWasmCache = false;
env.localModelPath = path.dirname(folder) + "/";
const write = await pipeline("text-generation", path.basename(folder), {
  device: "auto", dtype: "q8", session_options: { executionProviders: ["wasm"] },
});
const ids = (tensor) => tensor.tolist()[0].map(Number);
const greedy = [];
for (const prompt of JSON.parse(prompts)) {
  const given = write.tokenizer(prompt);
  const settings = { do_sample: false, max_new_tokens: 12, min_new_tokens: 0 };
  const made = await write.model.generate({ ...given, ...settings });
  greedy.push([ids(given.input_ids), ids(made).slice(given.input_ids.dims[1])]);
}
const texts = [];
const batch = write.model.generate.bind(write.model);
let last;
write.model.generate = async (options) => (last = await batch(options));
for (let number = 0; number < Number(sampled); number++) {
  const said = await write(JSON.parse(prompts)[0]);
  texts.push([said[0].generated_text, ids(last)]);
}
console.log(JSON.stringify({ greedy, texts }));
process.exit(0);
"""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with transformers.js alone, and the script."""
    folder = tmp_path_factory.mktemp("node")
    if not shutil.which("npm"):
        pytest.skip("there is no npm here")
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"]
    command.append(f"@huggingface/transformers@{VERSION}")
    if subprocess.run(command, cwd=folder, capture_output=True, timeout=600).returncode:
        pytest.skip("transformers.js cannot be installed here")
    (folder / "write.mjs").write_text(SCRIPT)
    return folder


def written(node: Path, folder: Path, sampled: int) -> dict[str, Any]:
    """Of each prompt its tokens and, without chance, those after it; texts of the first and their tokens."""
    command = ["node", "write.mjs", str(folder), json.dumps(PROMPTS), str(sampled)]
    done = subprocess.run(command, cwd=node, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def exported(model: Path, folder: Path) -> Path:
    """What a browser asks for."""
    (kind,) = onnx.KINDS
    path = folder / onnx.file("bot", kind)
    path.parent.mkdir(parents=True)
    onnx.write(model, path, kind, title="bot")
    for name in onnx.BESIDE:
        shutil.copy(model / name, folder / name)
    return folder


def expected(folder: Path) -> list[list[list[int]]]:
    """The same without chance from onnxruntime on this machine, and the tokenizer of transformers."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    running = onnx.Running(folder / onnx.file("", next(iter(onnx.KINDS))))
    answers = []
    for prompt in PROMPTS:
        given = tokenizer(prompt).input_ids
        ids = list(given)
        while len(ids) < len(given) + 12 and (len(ids) == len(given) or ids[-1] != tokenizer.eos_token_id):
            ids.append(int(running(ids)[-1].argmax()))
        answers.append([given, ids[len(given) :]])
    return answers


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bot", "llama"])
def test_a_browser_writes_what_was_measured(
    node: Path, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder: Path = request.getfixturevalue(kind)
    copy = exported(folder, tmp_path / "out")
    said = written(node, copy, sampled=5 if kind == "bot" else 0)
    assert said["greedy"] == expected(copy)
    separator = json.loads((folder / "config.json").read_text())["eos_token_id"]
    for ids, _ in said["greedy"]:
        assert ids[0] == separator and ids.count(separator) == 1, "one separator in front"
    if kind == "bot":
        assert len({text for text, _ in said["texts"]}) == 5
        for text, ids in said["texts"]:
            assert text.startswith(PROMPTS[0]) and len(ids) < 160 and ids[-1] == separator, "each ends"


@pytest.mark.slow
def test_a_browser_obeys_the_settings_of_the_folder(node: Path, bot: Path, tmp_path: Path) -> None:
    """As far as it obeys any: its pipeline has a max_new_tokens of its own, and passes over top_p."""
    copy = exported(bot, tmp_path / "out")
    settings = json.loads((copy / "generation_config.json").read_text())
    settings |= {"top_k": 1, "min_new_tokens": 60, "max_new_tokens": 50}
    (copy / "generation_config.json").write_text(json.dumps(settings))
    said = written(node, copy, sampled=2)
    given, after = said["greedy"][0]
    (_, once), (_, again) = said["texts"]
    assert once == again and once[: len(given) + len(after)] == [*given, *after]
    assert len(once) - len(given) >= 60
