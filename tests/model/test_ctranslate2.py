"""A model as a folder of CTranslate2, which its own generator loads; by itself in tests/clients."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.model.forms import ctranslate2
from tests.model.forms import TEXTS, gpt2, llama, original, published
from tests.model.test_gguf import changed, rewritten


@pytest.fixture(params=[gpt2, llama], ids=["gpt2", "llama"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return published(request.param, tmp_path / "bot", spare=False)


def test_it_says_what_the_model_says_and_stands_alone(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = original(folder)
    for kind, bound, same in (("float16", 0.001, len(TEXTS)), ("int8", 0.02, 0)):
        path = tmp_path / f".{ctranslate2.file('bot', kind)}.partial"
        ctranslate2.write(folder, path, kind, title="bot")
        found = ctranslate2.compared(path, folder, whole)
        assert abs(found.lost) < bound and found.lost != 0
        assert found.same >= same and found.prompts == len(TEXTS)
        assert (path / "tokenizer.json").read_bytes() == (folder / "tokenizer.json").read_bytes()
        assert {"model.bin", "config.json", "vocabulary.json"} < {file.name for file in path.iterdir()}
    assert "[ctranslate2]" not in capfd.readouterr().err


def test_a_folder_that_is_wrong_is_noticed(folder: Path, tmp_path: Path) -> None:
    whole = original(folder)
    rewritten(folder, lambda name, weight: (name, 40 * weight if "mlp" in name and "0" in name else weight))
    ctranslate2.write(folder, tmp_path / "form", "float16", title="bot")
    assert ctranslate2.compared(tmp_path / "form", folder, whole).same < len(TEXTS)


def test_a_tokenizer_in_two_files_becomes_one(tmp_path: Path) -> None:
    folder = published(gpt2, tmp_path / "bot", spare=False)
    content = json.loads((folder / "tokenizer.json").read_text())["model"]
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.json").write_text(json.dumps(content["vocab"]))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *content["merges"]]))
    ctranslate2.write(folder, tmp_path / "form", "float16", title="bot")
    written = json.loads((tmp_path / "form" / "tokenizer.json").read_text())
    assert written["model"]["vocab"] == content["vocab"]


@pytest.mark.parametrize(
    ("make", "changes", "said"),
    [
        (gpt2, {"model_type": "mamba"}, "not for 'mamba'"),
        (gpt2, {"model_type": ["gpt2"]}, "not for"),
        (gpt2, {"vocab_size": 300}, "300 embeddings for"),
        (gpt2, {"activation_function": "tanh"}, "activation_function 'tanh'"),
        (gpt2, {"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx True"),
        (llama, {"hidden_act": "relu"}, "hidden_act 'relu'"),
        (llama, {"head_dim": 64}, "head_dim 64"),
        (
            llama,
            {"rope_parameters": {"rope_type": "yarn", "factor": 2.0, "rope_theta": 1e4}},
            "rope_type 'yarn'",
        ),
    ],
)
def test_what_has_no_form_is_refused(tmp_path: Path, make: Any, changes: dict[str, Any], said: str) -> None:
    folder = changed(published(make, tmp_path / "bot", spare=False), tmp_path, **changes)
    with pytest.raises(InvalidInputError, match=re.escape(said)):
        ctranslate2.require_supported(folder)
    with pytest.raises(InvalidInputError, match=re.escape(said)):
        ctranslate2.write(folder, tmp_path / "form", "int8", title="bot")
    assert not (tmp_path / "form").exists()
