"""Models that are built otherwise than GPT-2 and Llama, small and with random weights."""

import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from huggingtweets_hub.model import compact, device, drawing
from huggingtweets_hub.model.memory import Reader

SMALL = {"num_hidden_layers": 2, "intermediate_size": 96, "max_position_embeddings": 128}
HEADS = {"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16}
EXPERTS = {"num_local_experts": 2, "num_experts_per_tok": 1}
KINDS: dict[str, dict[str, Any]] = {
    "gemma": {**SMALL, **HEADS},
    "gemma3_text": {**SMALL, **HEADS, "sliding_window": 8, "query_pre_attn_scalar": 16},
    "llama": {**SMALL, **HEADS},
    "mamba": {"num_hidden_layers": 2, "state_size": 8},
    "minimax": {**SMALL, **HEADS, **EXPERTS, "layer_types": ["linear_attention", "full_attention"]},
    "phimoe": {**SMALL, **HEADS, **EXPERTS},
}
IDS = torch.arange(1, 13).reshape(2, 6)


def made(kind: str) -> Any:
    tokens = dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"), 0)
    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, vocab_size=300, hidden_size=64, **KINDS[kind], **tokens)
    return AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()


@pytest.fixture
def tokenizer(tiny_gpt2: Path) -> Any:
    """One whose separator and prompts these models know."""
    found: Any = AutoTokenizer.from_pretrained(tiny_gpt2)
    found.eos_token = found.convert_ids_to_tokens(0)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_texts_that_leave_change_nothing_for_the_others(kind: str) -> None:
    model, rest = made(kind), torch.tensor([[7, 8, 9], [4, 5, 6]])
    reader = Reader(model)
    with torch.inference_mode():
        reader([[1, 2, 3], [4, 5, 6], [1, 3, 2]])
        reader.keep([0, 2])
        for column in rest.T:
            logits = reader([[int(token)] for token in column])
        whole = torch.cat([torch.tensor([[1, 2, 3], [1, 3, 2]]), rest], dim=1)
        torch.testing.assert_close(logits, model(input_ids=whole).logits[:, -1], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_half_precision_of_its_layers_disturbs_nothing(kind: str, tokenizer: Any) -> None:
    model = made(kind)
    drawn = drawing.draw(model, tokenizer, [""] * 2, seed=1, most=8)
    assert all(text.text for text in drawn)
    assert all("forward" not in vars(module) for module in model.modules())


@pytest.mark.parametrize("kind", KINDS)
def test_stored_in_half_precision_it_computes_in_float32(kind: str) -> None:
    model = made(kind).to(torch.bfloat16)
    exact = made(kind)
    exact.load_state_dict(model.state_dict())
    for name, buffer in model.named_buffers():  # some are in no state
        exact.get_buffer(name).copy_(buffer)
    assert compact.keep(model)
    with torch.inference_mode():
        torch.testing.assert_close(model(input_ids=IDS).logits, exact(input_ids=IDS).logits)
    halves = sum(weight.nbytes for weight in model.parameters() if weight.dtype == torch.bfloat16)
    assert (halves == 0) == (kind == "mamba")  # which computes with a layer's weights by itself


def test_numbers_too_large_for_float16_are_computed_in_float32(
    tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = made("llama")
    for layer in model.model.layers:
        layer.mlp.up_proj.weight.data *= 1e6
    texts = []
    for precision in ("float16", "float32"):
        monkeypatch.setattr(device, "half_precision", lambda _, precision=precision: precision)
        texts.append(drawing.draw(model, tokenizer, [""] * 3, seed=1, most=8))
    assert texts[0] == texts[1]


def test_two_threads_leave_torchs_setting_as_it_was() -> None:
    matmul = torch.backends.mkldnn.matmul
    before, first, second = matmul.fp32_precision, threading.Event(), threading.Event()

    def other() -> None:
        with device.faster_products():
            first.set()
            second.wait(60)

    thread = threading.Thread(target=other)
    with device.faster_products():
        thread.start()
        assert first.wait(60)
    second.set()
    thread.join()
    assert matmul.fp32_precision == before
