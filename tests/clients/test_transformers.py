"""A published folder in the versions of transformers that its card names: the snippet does what it says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.core import clients
from tests.clients.running import answered, installed

ASKED = {  # what a version of transformers asks for; nothing, where it is the one of the tests
    "4.46.3": ("tokenizers==0.20.3", "huggingface_hub==0.26.5"),
    "4.51.3": ("tokenizers==0.21.1", "huggingface_hub==0.30.2"),
    "4.57.6": ("tokenizers==0.22.1", "huggingface_hub==0.36.0"),
    "5.0.0": ("tokenizers==0.22.1", "huggingface_hub==1.3.4"),
    clients.TRANSFORMERS[-1]: (),
}
USUAL = re.compile(
    r"Device set to use|Loading weights:|You are offline and the cache for model files"
    # Version 5.0 says so of every model that has settings, and means defaults that nobody has set.
    r"|Passing `generation_config` together with .*\(\{'num_return_sequences'\}\)"
    r"|Both `max_new_tokens` \(=\d+\) and `max_length`\(=20\) seem"
    r"|Both `min_new_tokens` \(=\d+\) and `min_length`\(=0\) seem"
)
"""What the versions tell of themselves, whatever a folder holds."""
SNIPPET = """
import json, sys, torch, transformers
from transformers import pipeline
generator = pipeline('text-generation', model=sys.argv[1])
asked, usual = [], generator.model.generate
def listening(*given, **options):
    asked.append({**generator.model.generation_config.to_dict(), **{
        name: value for name, value in options.items() if name != "generation_config"
    }, **(options["generation_config"].to_dict() if options.get("generation_config") else {})})
    asked[-1]["prompt"] = options["input_ids"][0].tolist()
    written = usual(*given, **options)
    asked[-1]["ended"] = sum(int(text[-1]) == generator.tokenizer.eos_token_id for text in written)
    return written
generator.model.generate = listening
torch.manual_seed(5)
texts = [text["generated_text"] for text in generator("My dream is", num_return_sequences=5)]
names = ("temperature", "top_k", "top_p", "max_new_tokens", "prompt", "ended")
said = {name: asked[0].get(name) for name in names}
print(json.dumps({"version": transformers.__version__, "texts": texts, **said}))
"""
LOSS = """
import json, sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
model = AutoModelForCausalLM.from_pretrained(sys.argv[1])
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
ids = tokenizer("The lamp was lit, and in 1984 it went out again.", return_tensors="pt").input_ids
with torch.inference_mode():
    print(json.dumps([ids.tolist(), model.eval()(ids, labels=ids).loss.item()]))
"""


@pytest.fixture(scope="module", params=clients.TRANSFORMERS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def packages(version: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(version)
    return installed(folder, f"transformers=={version}", *ASKED[version]) if ASKED[version] else folder


def ours(folder: Path) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    ids = tokenizer("The lamp was lit, and in 1984 it went out again.", return_tensors="pt").input_ids
    with torch.inference_mode():
        return ids.tolist(), model.eval()(ids, labels=ids).loss.item()


@pytest.mark.slow
def test_the_snippet_writes_five_texts_by_the_published_settings(
    packages: Path, version: str, bot: Path
) -> None:
    said, stderr = answered(packages, SNIPPET, str(bot))
    assert said["version"] == version
    assert len(set(said["texts"])) == 5 and all(text.startswith("My dream is") for text in said["texts"])
    assert said["ended"] >= 3, "some may be cut off"
    told = {name: said[name] for name in ("temperature", "top_k", "top_p", "max_new_tokens")}
    assert told == {"temperature": 1.0, "top_k": 50, "top_p": 0.95, "max_new_tokens": 160}
    separator = json.loads((bot / "config.json").read_text())["eos_token_id"]
    assert said["prompt"][0] == separator and said["prompt"].count(separator) == 1
    assert unusual(stderr) == []


def unusual(stderr: str) -> list[str]:
    return [line for line in re.split(r"[\r\n]+", stderr) if line and not USUAL.match(line)]


@pytest.mark.slow
def test_a_bot_of_2021_that_was_repaired_writes_as_it_was_made_to(packages: Path, repaired: Path) -> None:
    said, stderr = answered(packages, SNIPPET, str(repaired))
    assert len(set(said["texts"])) == 5 and said["ended"] >= 3
    told = {name: said[name] for name in ("temperature", "top_k", "top_p", "max_new_tokens")}
    assert told == {"temperature": 1.0, "top_k": 50, "top_p": 0.95, "max_new_tokens": 128}
    separator = json.loads((repaired / "config.json").read_text())["eos_token_id"]
    assert said["prompt"][0] == separator and said["prompt"].count(separator) == 1
    assert unusual(stderr) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bot", "llama"])
def test_it_computes_what_today_s_version_computes(
    packages: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(kind)
    (ids, loss), _ = answered(packages, LOSS, str(folder))
    expected_ids, expected = ours(folder)
    assert ids == expected_ids
    assert loss == pytest.approx(expected, abs=1e-4)
