"""A model as an ONNX file, run by onnxruntime; by transformers.js in tests/clients."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from huggingtweets_hub.core.errors import BaseModelError, InvalidInputError
from huggingtweets_hub.model.forms import form, onnx
from tests.model.forms import TEXTS, gpt2, llama, original, published

IDS = [0, 17, 200, 33, 7, 9, 250, 5]


def untied() -> Any:
    """A Llama with biases and a head of its own."""
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=300, max_position_embeddings=64, hidden_size=64, intermediate_size=96, head_dim=24,
            num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2, tie_word_embeddings=False,
            attention_bias=True, mlp_bias=True, eos_token_id=0, initializer_range=0.2,
        )
    )  # fmt: skip


@pytest.fixture(scope="module", params=[gpt2, llama, untied], ids=["gpt2", "llama", "untied"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(request.param, tmp_path_factory.mktemp("onnx") / "bot")


@pytest.fixture(scope="module")
def logits(folder: Path) -> Any:
    """What the model itself says after each token."""
    import torch
    from transformers import AutoModelForCausalLM

    with torch.inference_mode():
        return AutoModelForCausalLM.from_pretrained(folder)(torch.tensor([IDS])).logits[0].numpy()


def written(folder: Path, kind: str = "fp32") -> Path:
    path = folder / f"{kind}.onnx"
    if not path.exists():
        onnx.write(folder, path, kind, title="my-bot")
    return path


def fed(path: Path, past: list[Any] | None = None, **inputs: Any) -> list[Any]:
    """What onnxruntime makes of these inputs, given as transformers.js gives them."""
    from onnxruntime import InferenceSession

    session = InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    assert names[:4] == ["input_ids", "attention_mask", "position_ids", "num_logits_to_keep"]
    if past is None:
        shapes = [value.shape for value in session.get_inputs()[4:]]
        past = [np.zeros((len(inputs["input_ids"]), s[1], 0, s[3]), np.float32) for s in shapes]
    given = {name: np.array(value) for name, value in inputs.items()}
    said: list[Any] = session.run(None, {**given, **dict(zip(names[4:], past, strict=True))})
    return said


def test_the_graph_computes_what_the_model_computes(folder: Path, logits: Any) -> None:
    said = onnx.Running(written(folder))(IDS)
    assert np.abs(said - logits).max() < 1e-5


def test_a_text_that_goes_on_is_computed_as_a_whole_one(folder: Path, logits: Any) -> None:
    running = onnx.Running(written(folder))
    for length in (3, 4, 7, 8):
        said = running(IDS[:length])
    assert said.shape == logits.shape and np.abs(said - logits).max() < 1e-5
    assert np.abs(running(IDS[:5]) - logits[:5]).max() < 1e-5, "a text that does not go on begins anew"


def test_padding_in_front_changes_nothing_and_only_the_logits_that_are_asked_for_come(
    folder: Path, logits: Any
) -> None:
    """Two texts at once, a short and a long one, and a token more for each."""
    said, *past = fed(
        written(folder),
        input_ids=[IDS[:7], [0, 0, 0, *IDS[:4]]],
        attention_mask=[[1] * 7, [0, 0, 0, 1, 1, 1, 1]],
        position_ids=[[*range(7)], [1, 1, 1, 0, 1, 2, 3]],
        num_logits_to_keep=1,
    )
    assert said.shape[:2] == (2, 1)
    assert np.abs(said[:, 0] - logits[[6, 3]]).max() < 1e-5
    said, *_ = fed(
        written(folder), past,
        input_ids=[[IDS[7]], [IDS[4]]], attention_mask=[[1] * 8, [0, 0, 0, 1, 1, 1, 1, 1]],
        position_ids=[[7], [4]], num_logits_to_keep=0,
    )  # fmt: skip
    assert np.abs(said[:, 0] - logits[[7, 4]]).max() < 1e-5


def test_a_file_is_measured_as_it_runs(folder: Path) -> None:
    for kind, bound in onnx.KINDS.items():
        found = onnx.compared(written(folder, kind), folder, original(folder))
        assert 0 < abs(found.lost) < bound and found.prompts == len(TEXTS)


def test_matrices_take_a_byte_a_number_and_tied_ones_stand_there_once(folder: Path) -> None:
    import onnx as library
    from safetensors import safe_open

    (kind,) = onnx.KINDS
    stored = {t.name: t for t in library.load(written(folder, kind)).graph.initializer}
    largest = [t for t in stored.values() if 300 in t.dims and len(t.dims) == 2]
    tied = json.loads((folder / "config.json").read_text())["tie_word_embeddings"]
    assert len(largest) == (1 if tied else 2)
    assert all(t.data_type == library.TensorProto.UINT8 for t in largest)
    with safe_open(folder / "model.safetensors", "np") as opened:
        shapes = [opened.get_slice(name).get_shape() for name in opened.keys()]  # noqa: SIM118
    matrices = sum(int(np.prod(shape)) for shape in shapes if len(shape) == 2)
    held = sum(len(t.raw_data) for t in stored.values() if t.data_type == library.TensorProto.UINT8)
    places = 64 * 64 if "wpe" in stored else 0
    assert held == matrices - places + 1, "and the one zero"


def test_a_file_that_is_wrong_is_noticed(folder: Path, tmp_path: Path) -> None:
    import onnx as library
    from onnx import numpy_helper

    model = library.load(written(folder))
    matrix = next(t for t in model.graph.initializer if t.name.startswith(("h.1.mlp.c_fc", "layers.1.mlp")))
    matrix.CopyFrom(numpy_helper.from_array(40 * numpy_helper.to_array(matrix), matrix.name))
    library.save(model, tmp_path / "wrong.onnx")
    whole = original(folder)
    assert whole.compared(onnx.Running(written(folder))).same == len(TEXTS)
    assert whole.compared(onnx.Running(tmp_path / "wrong.onnx")).same < len(TEXTS)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model_type": "mamba"}, "ONNX files are written for gpt2 and llama, not for 'mamba'"),
        ({"activation_function": "relu", "hidden_act": "relu"}, "with (activation|hidden).* 'relu'"),
        ({"eos_token_id": None}, "no token that ends a text"),
    ],
)
def test_what_has_no_form_is_refused(folder: Path, tmp_path: Path, changes: Any, said: str) -> None:
    content = json.loads((folder / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**content, **changes}))
    with pytest.raises(InvalidInputError, match=said):
        onnx.write(tmp_path, tmp_path / "bot.onnx", next(iter(onnx.KINDS)), title="my-bot")
    assert not (tmp_path / "bot.onnx").exists()


def test_weights_that_are_not_there_are_named(folder: Path, tmp_path: Path) -> None:
    content = json.loads((folder / "config.json").read_text())
    changes = {"n_layer": 3, "num_hidden_layers": 3}
    (tmp_path / "config.json").write_text(json.dumps({**content, **changes}))
    shutil.copy(folder / "model.safetensors", tmp_path)
    with pytest.raises(BaseModelError, match="do not contain (h|layers).2."):
        written(tmp_path)


def test_a_model_too_large_for_one_file_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx, "_LARGEST", 10_000)
    with pytest.raises(InvalidInputError, match="two gigabytes"):
        onnx.require_supported(folder)


def test_weights_are_found_however_they_were_saved(folder: Path, tmp_path: Path) -> None:
    """In half precision, and from the model below the head, as GPT-2 itself stands on the Hub."""
    from safetensors.torch import load_file, save_file

    for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json"):
        shutil.copy(folder / name, tmp_path)
    weights = {
        name.removeprefix("transformer.").removeprefix("model."): weight.bfloat16()
        for name, weight in load_file(folder / "model.safetensors").items()
    }
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    found = onnx.compared(written(tmp_path), tmp_path, original(tmp_path))
    assert abs(found.lost) < 1e-5 and found.same == len(TEXTS)


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_a_missing_package_is_named_with_its_extra(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    form.require_installed("onnx")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InvalidInputError, match=f"The {package} library") as caught:
        form.require_installed("onnx")
    assert "huggingtweets_hub[onnx]" in caught.value.next_step
