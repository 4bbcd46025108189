"""Texts drawn in batches are what the published pipeline would give."""

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig
from transformers.generation import TopKLogitsWarper, TopPLogitsWarper, configuration_utils

from huggingtweets_hub.core import settings
from huggingtweets_hub.model import generation, loading


@pytest.fixture
def loaded(tiny_gpt2: Path) -> tuple[object, object]:
    tokenizer = AutoTokenizer.from_pretrained(tiny_gpt2)
    loading.set_separator(tokenizer)
    return AutoModelForCausalLM.from_pretrained(tiny_gpt2), tokenizer


def test_the_same_seed_gives_the_same_texts(loaded: tuple) -> None:  # type: ignore[type-arg]
    first, again = (list(generation.draw(*loaded, 3, seed=7)) for _ in range(2))
    assert first == again
    assert first != list(generation.draw(*loaded, 3, seed=8))


def test_the_settings_of_a_base_model_neither_act_on_the_drawing_nor_make_transformers_warn(
    loaded: tuple,  # type: ignore[type-arg]
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, _ = loaded
    plain = list(generation.draw(*loaded, 2, seed=7))
    own = GenerationConfig(do_sample=True, top_p=0.95, typical_p=0.5, repetition_penalty=9.0, max_length=9)
    model.generation_config = own
    said: list[str] = []
    monkeypatch.setattr(configuration_utils.logger, "warning_once", lambda text, *_: said.append(text))
    assert list(generation.draw(*loaded, 2, seed=7)) == plain
    assert said == []
    assert model.generation_config is own


def test_as_many_texts_as_asked_for_whatever_the_batches(loaded: tuple) -> None:  # type: ignore[type-arg]
    assert len(list(generation.draw(*loaded, generation.BATCH + 2, seed=1))) == generation.BATCH + 2


def test_a_text_begins_with_the_prompt(loaded: tuple) -> None:  # type: ignore[type-arg]
    assert all(
        drawn.text.startswith("the sea") for drawn in generation.draw(*loaded, 3, prompt="the sea", seed=1)
    )


def test_a_prompt_longer_than_the_context_is_gone_on_from_at_its_end(loaded: tuple) -> None:  # type: ignore[type-arg]
    (drawn,) = generation.draw(*loaded, 1, prompt="the sea " * 300 + "lamp", seed=1)
    assert "sea lamp" in drawn.text


def test_a_text_that_meets_the_separator_has_ended(loaded: tuple) -> None:  # type: ignore[type-arg]
    model, tokenizer = loaded
    with torch.no_grad():
        # The output layer is the embedding: what points the separator's way is then always next.
        model.transformer.ln_f.weight.zero_()
        model.transformer.ln_f.bias.copy_(1e3 * model.transformer.wte.weight[tokenizer.eos_token_id])
    drawn = list(generation.draw(model, tokenizer, 4, seed=1))
    assert all(sample.ended for sample in drawn)
    model.transformer.ln_f.bias.data.mul_(-1)
    assert not any(sample.ended for sample in generation.draw(model, tokenizer, 4, seed=1))


def test_a_token_is_drawn_from_those_that_transformers_would_draw_from() -> None:
    logits = 3 * torch.randn(20, 500, generator=torch.Generator().manual_seed(1))
    warp_k, warp_p = (
        TopKLogitsWarper(settings.SAMPLING["top_k"]),
        TopPLogitsWarper(settings.SAMPLING["top_p"]),
    )
    expected = warp_p(None, warp_k(None, logits))
    likeliest, tokens = generation._nucleus(logits)
    found = torch.full_like(logits, -torch.inf).scatter(-1, tokens, likeliest)
    assert torch.equal(found, expected)
    torch.manual_seed(1)
    drawn = torch.stack([generation._drawn(None, logits).argmax(-1) for _ in range(200)], dim=1)  # type: ignore[arg-type]
    assert bool(expected.gather(-1, drawn).isfinite().all())
    often = (drawn == expected.argmax(-1, keepdim=True)).float().mean()
    assert often.item() == pytest.approx(expected.softmax(-1).max(-1).values.mean().item(), abs=0.03)
