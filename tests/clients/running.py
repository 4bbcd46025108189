"""Other clients, each of a pinned version, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROMPTS = ["My dream is", "The sea in 1984 was", "Lamp 🌊 log", "I will never"]


def installed(folder: Path, *packages: str) -> Path:
    """A folder with these packages alone; torch and the like come from the tests' environment."""
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), *packages]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode:
        pytest.skip(f"{', '.join(packages)} cannot be installed here")
    return folder


def answered(packages: Path, script: str, *arguments: str) -> tuple[Any, str]:
    """What a script prints as JSON on its last line, and what it wrote to stderr."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    env |= {"PYTHONPATH": str(packages), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=env, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


def continued(folder: Path) -> list[list[list[int]]]:
    """For each of the prompts its tokens, and the twelve that transformers writes on without chance."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    answers = []
    for prompt in PROMPTS:
        ids = tokenizer(prompt, return_tensors="pt").input_ids
        with torch.inference_mode():
            written = model.generate(ids, do_sample=False, max_new_tokens=12, min_new_tokens=0)
        answers.append([ids[0].tolist(), written[0, ids.shape[1] :].tolist()])
    return answers
