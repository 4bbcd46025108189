"""A published folder in MLX on a CPU. It reads Llamas as they are; its GPT-2 has other names than ours."""

import json
from pathlib import Path

import pytest

from tests.clients.running import PROMPTS, answered, continued, installed

WRITE = """
import json, sys, mlx.core as mx, mlx_lm
from mlx_lm.generate import generate_step
from mlx_lm.sample_utils import make_sampler
model, tokenizer = mlx_lm.load(sys.argv[1])
greedy = []
for prompt in json.loads(sys.argv[2]):
    start, written = tokenizer.encode(prompt), []
    for token, _ in generate_step(mx.array(start), model, max_tokens=12):
        written.append(int(token))
        if written[-1] in tokenizer.eos_token_ids:
            break
    greedy.append([start, written])
mx.random.seed(5)
sampler, five = make_sampler(temp=1.0, top_p=0.95, top_k=50), []
for _ in range(5):
    parts = list(mlx_lm.stream_generate(model, tokenizer, "My dream is", max_tokens=160, sampler=sampler))
    five.append(["".join(part.text for part in parts), parts[-1].finish_reason])
print(json.dumps([greedy, five]))
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("mlx"), "mlx==0.32.4", "mlx-cpu==0.32.4", "mlx-lm==0.32.2")


@pytest.mark.slow
def test_mlx_writes_what_transformers_writes(packages: Path, llama: Path) -> None:
    (greedy, five), stderr = answered(packages, WRITE, str(llama), json.dumps(PROMPTS))
    assert greedy == continued(llama) and not stderr
    assert len({text for text, _ in five}) == 5 and {reason for _, reason in five} == {"stop"}
