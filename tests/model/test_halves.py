"""With copies of its matrices in bf16, a model learns what it learns by autocast alone, bit by bit."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedModel

from huggingtweets_hub.core.records import Recipe
from huggingtweets_hub.model import device, loss
from huggingtweets_hub.model.training import optimizer, stepper
from huggingtweets_hub.model.training.halves import Halves
from huggingtweets_hub.model.training.stepper import Stepper

BATCHES = [[[0, *range(10, 20 + i), 0] for i in range(n)] for n in (7, 3, 5)]
RECIPE = Recipe(name="test", epochs=1, learning_rate=1e-3, seed=1, max_grad_norm=0.1)


def loaded(kind: str, tiny_gpt2: Path) -> PreTrainedModel:
    if kind == "GPT-2":
        return AutoModelForCausalLM.from_pretrained(tiny_gpt2, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0)
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    return LlamaForCausalLM(LlamaConfig(vocab_size=64, tie_word_embeddings=False, eos_token_id=0, **sizes))


@pytest.mark.parametrize("kind", ["GPT-2", "Llama"])
@pytest.mark.parametrize("parts", [1, 2])
def test_the_same_is_learned_as_by_autocast_alone(
    kind: str, parts: int, tiny_gpt2: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def learned() -> list[torch.Tensor]:
        model = loaded(kind, tiny_gpt2)
        taker = Stepper(model, RECIPE, "bf16", 0)
        taker._parts = parts
        for batch in BATCHES:
            taker.take(batch)
        taker.end()
        return [weight.detach() for weight in model.parameters()]

    by_copies = learned()
    monkeypatch.setattr(stepper, "Halves", lambda model, _: Halves(model, "float32"))  # there are none
    for one, other in zip(by_copies, learned(), strict=True):
        assert torch.equal(one, other)


def test_a_layer_that_is_used_twice_gets_the_sum(tiny_gpt2: Path) -> None:
    gradients = []
    for precision in ("bf16", "float32"):
        model = loaded("GPT-2", tiny_gpt2)
        model.transformer.h[1] = model.transformer.h[0]
        halves = Halves(model, precision)
        model.train()
        with device.autocast("cpu", "bf16"):
            loss.by_text(model)(*loss.tensors(BATCHES[0], 0, model.device)).sum().backward()
        gradients.append(halves.gradient(model.transformer.h[0].mlp.c_fc.weight))
    copied, usual = gradients
    assert copied is not None and usual is not None
    assert copied.dtype == torch.bfloat16 and usual.dtype == torch.float32
    torch.testing.assert_close(copied.float(), usual, rtol=0.02, atol=0.02 * usual.abs().max().item())


def test_a_weight_that_is_also_used_outside_its_layer_gets_both_gradients(tiny_gpt2: Path) -> None:
    model = loaded("GPT-2", tiny_gpt2)
    weight = model.transformer.h[0].mlp.c_fc.weight
    halves = Halves(model, "bf16")
    found = []
    for outside in (0.0, 2.0):
        model.zero_grad()
        halves.zero_grad()
        with device.autocast("cpu", "bf16"):
            nats = loss.by_text(model)(*loss.tensors(BATCHES[0], 0, model.device)).sum()
            (nats + outside * weight.sum() if outside else nats).backward()
        gradient = halves.gradient(weight)
        assert gradient is not None
        found.append(gradient.float().clone())
    torch.testing.assert_close(found[1] - found[0], torch.full_like(weight, 2.0))


def test_what_is_measured_in_float32_knows_nothing_of_the_copies(tiny_gpt2: Path) -> None:
    model = loaded("GPT-2", tiny_gpt2).eval()
    ids = torch.tensor([BATCHES[0][0]])
    before, kinds = model(ids).logits, [type(layer) for layer in model.modules()]
    halves = Halves(model, "bf16")
    assert torch.equal(model(ids).logits, before)
    halves.remove()
    assert [type(layer) for layer in model.modules()] == kinds
    assert not any(hasattr(layer, "half_weight") for layer in model.modules())


def test_frozen_and_shared_matrices_have_no_copy(tiny_gpt2: Path) -> None:
    model = loaded("GPT-2", tiny_gpt2)
    frozen = model.transformer.h[0].attn.c_attn.weight.requires_grad_(False)
    halves = Halves(model, "bf16")
    copied = set(halves._of)
    assert frozen not in copied and model.lm_head.weight not in copied
    assert len(copied) == 7  # four in each of two layers, but for one


def test_a_class_made_of_a_linear_layer_is_left_alone(tiny_gpt2: Path) -> None:
    class Router(torch.nn.Linear):
        """As in mixtures of experts: it computes in float32 on purpose."""

        def forward(self, input: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.linear(input.float(), self.weight.float())

    model = loaded("Llama", tiny_gpt2)
    model.model.layers[0].self_attn.o_proj = Router(32, 32)
    Halves(model, "bf16")
    assert type(model.model.layers[0].self_attn.o_proj) is Router


def test_the_optimizer_takes_gradients_from_wherever_they_are(tiny_gpt2: Path) -> None:
    model = loaded("GPT-2", tiny_gpt2)
    weights = [w for w in model.parameters() if w.requires_grad]
    halves = Halves(model, "bf16")
    made = optimizer.adamw(weights, rate=1e-3, decay=0.0, halves=halves)
    with device.autocast("cpu", "bf16"):
        loss.by_text(model)(*loss.tensors(BATCHES[0], 0, model.device)).sum().backward()
    gradients = [gradient.float() for w in weights if (gradient := halves.gradient(w)) is not None]
    assert len(gradients) == len(weights)
    expected = torch.nn.utils.get_total_norm(gradients)
    assert made.gradient_norm().item() == pytest.approx(expected.item(), rel=1e-6)
    before = [w.detach().clone() for w in weights]
    made.step()
    assert not any(torch.equal(w, old) for w, old in zip(weights, before, strict=True))
    layer = model.transformer.h[0].mlp.c_fc
    assert torch.equal(layer.half_weight.copy, layer.weight.bfloat16())
    made.zero_grad()
    assert all(halves.gradient(w) is None for w in weights)


class Steps(TorchDispatchMode):
    """How many weights take each step of the optimizer."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func.overloadpacket is torch.ops.aten._fused_adamw_:
            self.sizes.append(len(args[0]))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_small_weights_take_a_step_together_and_become_what_they_would_alone(
    tiny_gpt2: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    learned, sizes = [], []
    for together in (0, 10_000):
        monkeypatch.setattr(optimizer, "_TOGETHER", together)
        model = loaded("GPT-2", tiny_gpt2)
        taker = Stepper(model, RECIPE, precision, 0)
        with Steps() as steps:
            for batch in BATCHES:
                taker.take(batch)
        learned.append([w.detach() for w in model.parameters()])
        sizes.append(steps.sizes)
    assert all(torch.equal(one, other) for one, other in zip(*learned, strict=True))
    assert set(sizes[0]) == {1}
    assert sum(sizes[1]) == sum(sizes[0]) and len(sizes[1]) < len(sizes[0]) / 2
