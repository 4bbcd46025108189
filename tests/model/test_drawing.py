"""Texts drawn in batches are what the published pipeline would give, whatever is drawn beside them."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig
from transformers.cache_utils import DynamicSlidingWindowLayer
from transformers.generation import TopKLogitsWarper, TopPLogitsWarper
from transformers.pytorch_utils import Conv1D

from huggingtweets_hub.core import settings
from huggingtweets_hub.model import device, drawing, linear, loading, memory
from huggingtweets_hub.model.drawing import Drawn
from huggingtweets_hub.model.linear import linear_layers


@pytest.fixture
def loaded(tiny_gpt2: Path) -> tuple[object, object]:
    tokenizer = AutoTokenizer.from_pretrained(tiny_gpt2)
    loading.set_separator(tokenizer)
    return AutoModelForCausalLM.from_pretrained(tiny_gpt2), tokenizer


Loaded = tuple[object, object]


def draw(loaded: Loaded, *prompts: str, seed: int = 1) -> list[Drawn]:
    return drawing.draw(*loaded, prompts, seed=seed)  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_texts(loaded: Loaded) -> None:
    first = draw(loaded, *[""] * 3, seed=7)
    assert first == draw(loaded, *[""] * 3, seed=7)
    assert first != draw(loaded, *[""] * 3, seed=8)
    assert len(set(first)) == 3


def test_a_text_is_the_same_whatever_is_drawn_beside_it(loaded: Loaded) -> None:
    free = draw(loaded, *[""] * 3)
    prompted = draw(loaded, "the sea", "the sea")
    assert draw(loaded, "", "the sea", "", "lamp", "the sea", "") == [
        free[0], prompted[0], free[1], *draw(loaded, "lamp"), prompted[1], free[2],
    ]  # fmt: skip


def test_the_settings_of_a_base_model_do_not_act_on_the_drawing(loaded: Loaded) -> None:
    model, _ = loaded
    plain = draw(loaded, "", "")
    own = GenerationConfig(do_sample=True, top_p=0.95, typical_p=0.5, repetition_penalty=9.0, max_length=9)
    model.generation_config = own  # type: ignore[attr-defined]
    assert draw(loaded, "", "") == plain


def test_as_many_texts_as_asked_for_whatever_the_batches(loaded: Loaded) -> None:
    drawn = draw(loaded, *[""] * (drawing.BATCH + 2))
    assert drawn[:3] == draw(loaded, *[""] * 3)
    assert len(drawn) == drawing.BATCH + 2


def test_a_large_model_writes_fewer_texts_at_once(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = draw(loaded, *[""] * 5)
    monkeypatch.setattr(drawing, "_REMEMBERED", 200_000)
    sizes: list[int] = []
    write = drawing._write
    monkeypatch.setattr(drawing, "_write", lambda *args: (sizes.append(len(args[1])), write(*args)))
    assert draw(loaded, *[""] * 5) == texts
    assert sizes == [2, 2, 1]


def test_a_text_begins_with_the_prompt(loaded: Loaded) -> None:
    assert all(drawn.text.startswith("the sea") for drawn in draw(loaded, *["the sea"] * 3))


def test_a_prompt_longer_than_the_context_is_gone_on_from_at_its_end(loaded: Loaded) -> None:
    (drawn,) = draw(loaded, "the sea " * 300 + "lamp")
    assert "sea lamp" in drawn.text


def test_a_text_that_meets_the_separator_has_ended_and_has_three_tokens_before(loaded: Loaded) -> None:
    model, tokenizer = loaded
    with torch.no_grad():
        # The output layer is the embedding: what points the separator's way is then always next.
        model.transformer.ln_f.weight.zero_()  # type: ignore[attr-defined]
        bias = model.transformer.ln_f.bias  # type: ignore[attr-defined]
        bias.copy_(1e3 * model.transformer.wte.weight[tokenizer.eos_token_id])  # type: ignore[attr-defined]
    told: list[int] = []
    drawn = drawing.draw(model, tokenizer, [""] * 4 + ["the sea"], seed=1, told=told.append)  # type: ignore[arg-type]
    assert all(sample.ended for sample in drawn)
    assert sum(told) == 5 * (settings.SAMPLING["min_new_tokens"] + 1)
    bias.data.mul_(-1)
    assert not any(sample.ended for sample in draw(loaded, *[""] * 4))


def test_texts_that_end_leave_the_others_as_they_are(loaded: Loaded) -> None:
    """With the separator likely, texts end at all times; each is what it is alone."""
    model, tokenizer = loaded
    with torch.no_grad():
        separator = model.transformer.wte.weight[tokenizer.eos_token_id]  # type: ignore[attr-defined]
        model.transformer.ln_f.bias.add_(0.6 * separator / separator.norm())  # type: ignore[attr-defined]
    drawn = draw(loaded, *[""] * 12)
    assert len({len(sample.text) for sample in drawn}) > 5 and any(sample.ended for sample in drawn)
    assert drawn[:1] == draw(loaded, "") and drawn[:5] == draw(loaded, *[""] * 5)


def test_a_model_that_remembers_nothing_writes_the_same(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, tokenizer = loaded
    monkeypatch.setattr(device, "half_precision", lambda _: "float32")  # it shows no layers

    class Forgetful:
        device, dtype, training, config = model.device, model.dtype, False, model.config  # type: ignore[attr-defined]

        def forward(self) -> None: ...

        def __call__(self, input_ids: torch.Tensor, use_cache: bool) -> SimpleNamespace:
            return SimpleNamespace(logits=model(input_ids=input_ids).logits)  # type: ignore[operator]

        def train(self, mode: bool) -> None: ...

        def modules(self) -> tuple[()]:
            return ()

    assert draw((Forgetful(), tokenizer), "", "the sea") == draw(loaded, "", "the sea")


def test_memory_with_room_holds_what_transformers_holds(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = [*[""] * 12, "the sea", "the sea and the lamp"]
    with_room = draw(loaded, *prompts)
    kinds: set[str] = set()
    add = memory.with_room
    monkeypatch.setattr(memory, "with_room", lambda given: (kinds.update(map(name, given.layers)), given)[1])
    assert draw(loaded, *prompts) == with_room
    assert kinds == {"DynamicLayer"}
    monkeypatch.setattr(memory, "with_room", add)
    given = loaded[0](torch.tensor([[1, 2]]), use_cache=True).past_key_values  # type: ignore[operator]
    assert {name(layer) for layer in add(given).layers} == {"RoomyLayer"}


def name(layer: object) -> str:
    return type(layer).__name__


def test_a_layer_that_forgets_is_left_alone() -> None:
    forgetful = DynamicSlidingWindowLayer(sliding_window=8)
    given = memory.with_room(SimpleNamespace(layers=[forgetful]))
    assert type(given.layers[0]) is DynamicSlidingWindowLayer


@pytest.mark.parametrize("is_offered", [True, False])
@pytest.mark.parametrize("kind", [torch.nn.Linear, Conv1D])
def test_packed_matrices_give_the_same_product(
    is_offered: bool, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    layer = kind(24, 40)
    if not is_offered:
        monkeypatch.setattr(linear, "_packed", lambda _: None)
    inputs = torch.randn(2, 3, layer.weight.shape[1 if kind is torch.nn.Linear else 0])
    exact = layer(inputs)
    model = torch.nn.Sequential(layer)
    with linear_layers(model, "bf16"), torch.no_grad():  # type: ignore[arg-type]
        found = layer(inputs)
    assert found.dtype == torch.float32
    assert 0 < (found - exact).norm() / exact.norm() < 0.01
    assert torch.equal(layer(inputs), exact)


@pytest.mark.parametrize("is_offered", [True, False])
def test_in_float32_only_a_large_matrix_is_packed(is_offered: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    monkeypatch.setattr(linear, "_LARGE", 1_000)
    if not is_offered:
        monkeypatch.setattr(linear, "_packed", lambda _: None)
    small, large, half = torch.nn.Linear(24, 40), torch.nn.Linear(24, 80), torch.nn.Linear(24, 80).bfloat16()
    inputs = torch.randn(2, 3, 24)
    exact = large(inputs)
    model = torch.nn.Sequential(small, large, half)
    with linear_layers(model, "float32"), torch.no_grad():  # type: ignore[arg-type]
        found = large(inputs)
        changed = [layer for layer in (small, large, half) if "forward" in vars(layer)]
    assert changed == ([large] if is_offered else [])
    assert torch.allclose(found, exact, atol=1e-6)


@pytest.mark.parametrize(
    ("texts", "threads", "room", "packed"),
    [(40, 2, 10**9, 2), (40, 1, 10**9, 1), (2, 2, 10**9, 1), (40, 2, 4_000, 1)],
)
def test_all_are_packed_where_many_texts_would_wait_and_there_is_room(
    texts: int, threads: int, room: int, packed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linear, "_LARGE", 1_000)
    monkeypatch.setattr(linear, "_ROOM", room)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    small, large = torch.nn.Linear(24, 40), torch.nn.Linear(24, 80)
    inputs = torch.randn(texts, 24)
    exact = small(inputs)
    with linear_layers(torch.nn.Sequential(small, large), "float32", texts=texts), torch.no_grad():  # type: ignore[arg-type]
        assert sum("forward" in vars(layer) for layer in (small, large)) == packed
        assert torch.allclose(small(inputs), exact, atol=1e-6)


def test_a_matrix_in_half_precision_is_not_stored_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[torch.Tensor] = []
    monkeypatch.setattr(linear, "_packed", packed.append)
    half = torch.nn.Linear(24, 40).to(torch.bfloat16)
    with linear_layers(torch.nn.Sequential(half, torch.nn.Linear(40, 8)), "bf16"):  # type: ignore[arg-type]
        pass
    assert [matrix.shape for matrix in packed] == [(8, 40)]


def test_attention_to_one_token_is_not_left_to_a_library_for_large_products(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[str] = set()
    chosen = drawing.chosen

    def looked_at(*args: torch.Tensor) -> torch.Tensor:
        seen.add(torch.backends.mkldnn.matmul.fp32_precision)
        return chosen(*args)

    monkeypatch.setattr(drawing, "chosen", looked_at)
    with device.faster_products():
        allowed = torch.backends.mkldnn.matmul.fp32_precision
        draw(loaded, "")
        assert torch.backends.mkldnn.matmul.fp32_precision == allowed
    assert seen == {"none"}


def test_half_precision_in_linear_layers_hardly_changes_what_is_drawn_from(loaded: Loaded) -> None:
    model, tokenizer = loaded
    inputs = tokenizer(" ".join(["the sea and the lamp, bread and fog"] * 8), return_tensors="pt").input_ids  # type: ignore[operator]

    def shares() -> torch.Tensor:
        with torch.no_grad():
            likeliest, tokens = drawing.nucleus(model(input_ids=inputs).logits[0])  # type: ignore[operator]
        return torch.zeros(len(tokens), len(tokenizer)).scatter(-1, tokens, likeliest.softmax(-1))  # type: ignore[arg-type]

    exact = shares()
    with linear_layers(model, "bf16"):  # type: ignore[arg-type]
        rounded = shares()
    variation = (exact - rounded).abs().sum(-1).mean().item() / 2
    assert 0 < variation < 0.03
    assert torch.equal(shares(), exact)


def test_a_token_is_drawn_from_those_that_transformers_would_draw_from() -> None:
    logits = 3 * torch.randn(20, 500, generator=torch.Generator().manual_seed(1))
    warp_k, warp_p = (
        TopKLogitsWarper(settings.SAMPLING["top_k"]),
        TopPLogitsWarper(settings.SAMPLING["top_p"]),
    )
    expected = warp_p(None, warp_k(None, logits))
    likeliest, tokens = drawing.nucleus(logits)
    found = torch.full_like(logits, -torch.inf).scatter(-1, tokens, likeliest)
    assert torch.equal(found, expected)
    chances = torch.rand(200, 20, generator=torch.Generator().manual_seed(1))
    drawn = torch.stack([drawing.chosen(logits, row) for row in chances], dim=1)
    assert bool(expected.gather(-1, drawn).isfinite().all())
    often = (drawn == expected.argmax(-1, keepdim=True)).float().mean()
    assert often.item() == pytest.approx(expected.softmax(-1).max(-1).values.mean().item(), abs=0.03)
    first = drawing.chosen(logits, torch.zeros(20))
    assert torch.equal(first, logits.argmax(-1))
    assert bool(
        expected.gather(-1, drawing.chosen(logits, torch.full((20,), 1 - 2**-24))[:, None]).isfinite().all()
    )
