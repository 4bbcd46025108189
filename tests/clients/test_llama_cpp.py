"""Our GGUF files in llama.cpp: it writes, without chance, the very tokens that transformers writes."""

import json
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.model.forms import gguf
from tests.clients.running import answered, installed

PROMPTS = ["My dream is", "The sea in 1984 was", "Lamp 🌊 log", "I will never"]
WRITE = """
import json, sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.n_ctx, params.n_parallel, params.warmup = sys.argv[1], 256, 1, False
params.cpuparams.n_threads = 1
server, answers = xllamacpp.Server(params), []
for prompt in json.loads(sys.argv[2]):
    said = server.handle_completions({"prompt": prompt, "n_predict": 12, "temperature": 0.0, "top_k": 1})
    said = json.loads(said) if isinstance(said, (str, bytes)) else said
    answers.append([said["usage"]["prompt_tokens"], said["choices"][0]["text"]])
print()
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("llama.cpp"), "xllamacpp==2026.10.11549")


def ours(folder: Path) -> list[list[Any]]:
    """For each prompt its tokens, with the separator, and what is written on."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    answers: list[list[Any]] = []
    for prompt in PROMPTS:
        ids = tokenizer(prompt, return_tensors="pt").input_ids
        with torch.inference_mode():
            written = model.generate(ids, do_sample=False, max_new_tokens=12, min_new_tokens=0)
        text = tokenizer.decode(written[0, ids.shape[1] :], skip_special_tokens=True)
        answers.append([ids.shape[1], text])
    return answers


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bot", "llama"])
def test_llama_cpp_writes_what_transformers_writes(
    packages: Path, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder: Path = request.getfixturevalue(kind)
    path = tmp_path / "bot.gguf"
    gguf.write(folder, path, "f16", title="bot")
    said, _ = answered(packages, WRITE, str(path), json.dumps(PROMPTS))
    expected = ours(folder)
    assert [number for number, _ in said] == [number for number, _ in expected], "one separator in front"
    assert [text for _, text in said] == [text for _, text in expected]
