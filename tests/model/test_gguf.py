"""A model as a GGUF file: read back with the library's own reader, and by llama.cpp in tests/clients."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.core.errors import BaseModelError, InvalidInputError
from huggingtweets_hub.core.settings import SEPARATOR
from huggingtweets_hub.model.forms import gguf
from huggingtweets_hub.model.forms.fidelity import Fidelity, Original
from tests.model.forms import TEXTS, gpt2, llama, original, published


@pytest.fixture(params=[gpt2, llama], ids=["gpt2", "llama"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A model as it is published, with random weights."""
    return published(request.param, tmp_path / "bot")


def having(whole: Original, weights: dict[str, Any]) -> Fidelity:
    with whole.having(weights) as predict:
        return whole.compared(predict)


def test_the_file_holds_the_weights_the_vocabulary_and_how_to_sample(folder: Path, tmp_path: Path) -> None:
    from gguf import GGUFReader

    path = tmp_path / "bot.gguf"
    gguf.write(folder, path, "f16", title="my-bot")
    fields = {name: field.contents() for name, field in GGUFReader(path).fields.items()}
    assert fields["general.name"] == "my-bot"
    assert fields["tokenizer.ggml.add_bos_token"] is True
    assert fields["tokenizer.ggml.bos_token_id"] == fields["tokenizer.ggml.eos_token_id"] == 0
    assert fields["tokenizer.ggml.pre"] == "gpt-2"
    tokens = fields["tokenizer.ggml.tokens"]
    assert len(tokens) == 300 and tokens[0] == SEPARATOR and tokens[-1] == "[PAD299]"
    assert fields["tokenizer.ggml.token_type"][0] == 3
    assert fields["general.sampling.top_k"] == 50 and fields["general.sampling.min_p"] == 0.0
    assert fields["general.sampling.top_p"] == pytest.approx(0.95)
    architecture = fields["general.architecture"]
    assert fields[f"{architecture}.context_length"] == 64
    if architecture == "llama":
        assert fields["llama.rope.freq_base"] == 100000.0


@pytest.mark.parametrize(("kind", "bound"), [("f16", 0.001), ("q8_0", 0.01), ("q4_0", 0.1)])
def test_the_weights_come_back(folder: Path, tmp_path: Path, kind: str, bound: float) -> None:
    path = tmp_path / "bot.gguf"
    gguf.write(folder, path, kind, title="my-bot")
    found = gguf.compared(path, folder, original(folder))
    assert abs(found.lost) < bound
    assert found.prompts == len(TEXTS)
    if kind == "f16":
        assert found.same == len(TEXTS) and found.lost != 0


def test_a_file_that_is_wrong_is_noticed(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "bot.gguf"
    gguf.write(folder, path, "f16", title="my-bot")
    weights = gguf.read(path, folder)
    name = next(name for name in weights if name.endswith(("c_fc.weight", "up_proj.weight")))
    whole = original(folder)
    assert having(whole, {**weights, name: 40 * weights[name]}).same < len(TEXTS)
    assert abs(having(whole, weights).lost) < 0.001, "the model has its own weights again"


@pytest.mark.parametrize(
    ("file", "changes", "said"),
    [
        ("config.json", {"model_type": "mamba"}, "not for 'mamba'"),
        ("config.json", {"model_type": ["gpt2"]}, "not for"),
        (
            "config.json",
            {"activation_function": "relu", "hidden_act": "relu"},
            "with (activation|hidden).* 'relu'",
        ),
        ("config.json", {"eos_token_id": None}, "no token that ends a text"),
        (
            "config.json",
            {
                "model_type": "llama",
                "rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 1e4},
            },
            "with rope_type 'linear'",
        ),
        ("tokenizer.json", {"model": None}, "splits texts"),
        ("tokenizer.json", {"model": {"type": "BPE", "ignore_merges": True}}, "splits texts"),
        ("tokenizer.json", {"pre_tokenizer": {"type": "Sequence", "pretokenizers": []}}, "splits texts"),
        ("tokenizer.json", {"normalizer": {"type": "NFC"}}, "splits texts"),
        ("tokenizer.json", {"pre_tokenizer": {"type": "Whitespace"}}, "splits texts"),
    ],
)
def test_what_has_no_form_is_refused(
    folder: Path, tmp_path: Path, file: str, changes: dict[str, Any], said: str
) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(folder, changed)
    content = json.loads((changed / file).read_text())
    (changed / file).write_text(json.dumps({**content, **changes}))
    with pytest.raises(InvalidInputError, match=said):
        gguf.write(changed, tmp_path / "bot.gguf", "f16", title="my-bot")
    assert not (tmp_path / "bot.gguf").exists()


def changed(folder: Path, tmp_path: Path, **config: Any) -> Path:
    """A copy of a model with other settings."""
    copy = shutil.copytree(folder, tmp_path / "changed")
    content = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**content, **config}))
    return copy


def rewritten(folder: Path, change: Callable[[str, Any], tuple[str, Any]]) -> None:
    from safetensors.torch import load_file, save_file

    file = folder / "model.safetensors"
    weights = dict(change(name, weight) for name, weight in load_file(file).items())
    save_file(weights, file, metadata={"format": "pt"})


def in_half(name: str, weight: Any) -> tuple[str, Any]:
    return name, weight.bfloat16()


def without_the_head(name: str, weight: Any) -> tuple[str, Any]:
    """As GPT-2 itself stands on the Hub: saved from the model below the head."""
    return name.removeprefix("transformer.").removeprefix("model."), weight


@pytest.mark.parametrize("change", [in_half, without_the_head])
def test_weights_are_found_however_they_were_saved(folder: Path, tmp_path: Path, change: Any) -> None:
    copy = changed(folder, tmp_path)
    rewritten(copy, change)
    whole = original(copy)
    gguf.write(copy, tmp_path / "bot.gguf", "f16", title="my-bot")
    weights = gguf.read(tmp_path / "bot.gguf", copy)
    assert abs(having(whole, weights).lost) < 0.001
    name = next(name for name in weights if name.endswith(("c_fc.weight", "up_proj.weight")))
    assert having(whole, {**weights, name: 40 * weights[name]}).lost != having(whole, weights).lost


def test_a_form_without_all_weights_is_not_measured(folder: Path, tmp_path: Path) -> None:
    copy = changed(folder, tmp_path, n_layer=3, num_hidden_layers=3)
    gguf.write(copy, tmp_path / "bot.gguf", "f16", title="my-bot")
    with pytest.raises(BaseModelError, match="do not contain .*2"):
        gguf.compared(tmp_path / "bot.gguf", copy, original(copy))


def test_a_folder_of_2021_is_told_whole(folder: Path, tmp_path: Path) -> None:
    """No sampling settings, the tokenizer in two files, few settings, and a list of separators."""
    from gguf import GGUFReader

    copy = changed(folder, tmp_path, eos_token_id=[0, 5])
    content = json.loads((copy / "tokenizer.json").read_text())["model"]
    for name in ("tokenizer.json", "generation_config.json"):
        (copy / name).unlink()
    (copy / "vocab.json").write_text(json.dumps(content["vocab"]))
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in content["merges"]]
    (copy / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]))
    config = json.loads((copy / "config.json").read_text())
    for name in ("layer_norm_epsilon", "n_inner", "rms_norm_eps", "num_key_value_heads", "head_dim"):
        config.pop(name, None)
    (copy / "config.json").write_text(json.dumps({**config, "num_key_value_heads": 2}))
    gguf.write(copy, tmp_path / "bot.gguf", "q8_0", title="my-bot")
    fields = {name: field.contents() for name, field in GGUFReader(tmp_path / "bot.gguf").fields.items()}
    assert fields["tokenizer.ggml.eos_token_id"] == 0
    assert fields["tokenizer.ggml.merges"] == merges


def test_biases_of_queries_and_keys_are_turned_with_their_weights(tmp_path: Path) -> None:
    import numpy as np

    from huggingtweets_hub.model.forms.architectures import ARCHITECTURES

    turned = ARCHITECTURES["llama"].changed
    config = {"num_attention_heads": 2, "num_key_value_heads": 1}
    rows = np.arange(8.0)
    for kind, order in (("q", [0, 2, 1, 3, 4, 6, 5, 7]), ("k", [0, 4, 1, 5, 2, 6, 3, 7]), ("v", range(8))):
        bias = turned(f"model.layers.0.self_attn.{kind}_proj.bias", rows, config)
        weight = turned(f"model.layers.0.self_attn.{kind}_proj.weight", np.stack([rows, rows], 1), config)
        assert bias.tolist() == weight[:, 0].tolist() == list(order)
