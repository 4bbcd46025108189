"""Our GGUF files in llama.cpp: it writes, without chance, the very tokens that transformers writes."""

import json
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.model.forms import gguf
from tests.clients.running import PROMPTS, answered, continued, installed

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
    """For each prompt how many tokens it has, with the separator, and what is written on."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    return [
        [len(ids), tokenizer.decode(written, skip_special_tokens=True)] for ids, written in continued(folder)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bot", "llama", "repaired"])
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
