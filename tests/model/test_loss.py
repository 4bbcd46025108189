"""The loss without all logits at once is the loss."""

from pathlib import Path

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    GraniteConfig,
    GraniteForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
)

from huggingtweets_hub.model import device, loss

SEPARATOR = 0
# 8 texts of up to 60 tokens: several times what is looked at in one go.
TEXTS = [[SEPARATOR, *range(10 + i, 40 + 4 * i), SEPARATOR] for i in range(8)]


@pytest.fixture
def model(tiny_gpt2: Path) -> PreTrainedModel:
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_pretrained(tiny_gpt2).eval()


def by_the_model(model: PreTrainedModel, text: list[int]) -> torch.Tensor:
    """The sum that transformers gets for one text, all logits at once."""
    ids = torch.tensor([text])
    return model(input_ids=ids, labels=ids).loss * (len(text) - 1)


def test_value_and_gradients_are_those_of_transformers_text_by_text(
    model: PreTrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loss, "_TOKENS_AT_ONCE", 50)
    monkeypatch.setattr(loss, "_FASTEST_COLUMNS", 70)  # of a vocabulary of some hundreds
    expected = sum(by_the_model(model, text) for text in TEXTS)
    expected.backward()
    gradients = {name: weight.grad.clone() for name, weight in model.named_parameters()}
    model.zero_grad()
    nats, whole = loss.by_text(model), []
    model.get_output_embeddings().register_forward_hook(lambda *_: whole.append("all logits at once"))
    summed = nats(*loss.tensors(TEXTS, SEPARATOR, model.device)).sum()
    summed.backward()
    assert not whole
    assert summed.item() == pytest.approx(expected.item(), rel=1e-5)
    for name, weight in model.named_parameters():
        torch.testing.assert_close(weight.grad, gradients[name], rtol=1e-3, atol=1e-4)


def test_frozen_embeddings_get_no_gradient_and_the_rest_the_same(model: PreTrainedModel) -> None:
    inner = model.transformer.h[0].attn.c_attn.weight
    gradients = []
    for frozen in (False, True):
        model.zero_grad()
        model.get_input_embeddings().weight.requires_grad_(not frozen)
        loss.by_text(model)(*loss.tensors(TEXTS, SEPARATOR, model.device)).sum().backward()
        gradients.append(inner.grad.clone())
    assert model.get_output_embeddings().weight.grad is None
    torch.testing.assert_close(*gradients)


def test_in_bf16_value_and_gradients_are_nearly_the_same(model: PreTrainedModel) -> None:
    inner = model.transformer.h[0].attn.c_attn.weight
    nats = loss.by_text(model)
    found = []
    for precision in ("float32", "bf16"):
        model.zero_grad()
        with device.autocast("cpu", precision):
            summed = nats(*loss.tensors(TEXTS, SEPARATOR, model.device)).sum()
        summed.backward()
        found.append((summed.item(), inner.grad.clone()))
    (exact, exact_gradient), (short, short_gradient) = found
    assert short == pytest.approx(exact, rel=0.01)
    assert (short_gradient - exact_gradient).norm() < 0.05 * exact_gradient.norm()


def test_without_gradients_none_is_made(model: PreTrainedModel) -> None:
    with torch.no_grad():
        assert not loss.by_text(model)(*loss.tensors(TEXTS, SEPARATOR, model.device)).sum().requires_grad
    assert model.get_output_embeddings().weight.grad is None


def test_an_untied_head_gets_its_own_gradient() -> None:
    torch.manual_seed(0)
    untied = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=200,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=1,
            num_attention_heads=2,
            tie_word_embeddings=False,
        )
    ).eval()
    sum(by_the_model(untied, text) for text in TEXTS).backward()
    expected = untied.lm_head.weight.grad.clone()
    untied.zero_grad()
    loss.by_text(untied)(*loss.tensors(TEXTS, SEPARATOR, untied.device)).sum().backward()
    torch.testing.assert_close(untied.lm_head.weight.grad, expected, rtol=1e-3, atol=1e-4)


def test_a_model_that_scales_its_logits_makes_them_itself() -> None:
    torch.manual_seed(0)
    scaled = GraniteForCausalLM(
        GraniteConfig(
            vocab_size=200,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=2,
            logits_scaling=0.05,
        )
    ).eval()
    summed = loss.by_text(scaled)(*loss.tensors(TEXTS, SEPARATOR, scaled.device)).sum()
    expected = sum(by_the_model(scaled, text) for text in TEXTS)
    assert summed.item() == pytest.approx(expected.item(), rel=1e-4)
