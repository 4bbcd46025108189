"""A published folder in transformers from 4.46 to 5.0: the snippet on its card does what the card says."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.running import answered, installed

VERSIONS = {  # transformers, and what it asks for
    "4.46.3": ("tokenizers==0.20.3", "huggingface_hub==0.26.5"),
    "4.51.3": ("tokenizers==0.21.1", "huggingface_hub==0.30.2"),
    "4.57.6": ("tokenizers==0.22.1", "huggingface_hub==0.36.0"),
    "5.0.0": ("tokenizers==0.22.1", "huggingface_hub==1.3.4"),
}
SNIPPET = """
import json, sys, torch
from transformers import AutoModelForCausalLM, pipeline
generator = pipeline('text-generation', model=sys.argv[1])
asked, usual = [], generator.model.generate
def listening(*given, **options):
    asked.append({**generator.model.generation_config.to_dict(), **{
        name: value for name, value in options.items() if name != "generation_config"
    }, **(options["generation_config"].to_dict() if options.get("generation_config") else {})})
    asked[-1]["prompt"] = options["input_ids"][0].tolist()
    return usual(*given, **options)
generator.model.generate = listening
torch.manual_seed(5)
texts = [text["generated_text"] for text in generator("My dream is", num_return_sequences=5)]
names = ("temperature", "top_k", "top_p", "max_new_tokens", "prompt")
print(json.dumps({"texts": texts, **{name: asked[0].get(name) for name in names}}))
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


@pytest.fixture(scope="module", params=VERSIONS)
def packages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    version = request.param
    folder = tmp_path_factory.mktemp(version)
    return installed(folder, f"transformers=={version}", *VERSIONS[version])


def ours(folder: Path) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    ids = tokenizer("The lamp was lit, and in 1984 it went out again.", return_tensors="pt").input_ids
    with torch.inference_mode():
        return ids.tolist(), model.eval()(ids, labels=ids).loss.item()


@pytest.mark.slow
def test_the_snippet_writes_five_texts_by_the_published_settings(packages: Path, bot: Path) -> None:
    said, stderr = answered(packages, SNIPPET, str(bot))
    assert len(set(said["texts"])) == 5 and all(text.startswith("My dream is") for text in said["texts"])
    told = {name: said[name] for name in ("temperature", "top_k", "top_p", "max_new_tokens")}
    assert told == {"temperature": 1.0, "top_k": 50, "top_p": 0.95, "max_new_tokens": 160}
    separator = json.loads((bot / "config.json").read_text())["eos_token_id"]
    assert said["prompt"][0] == separator and said["prompt"].count(separator) == 1
    for warning in ("padding", "not be initialized", "were not used"):
        assert warning not in stderr, stderr


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
