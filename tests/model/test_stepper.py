"""A step is the same in however many parts, and in any precision nearly."""

import dataclasses
import gc
import math
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from huggingtweets_hub.core.records import Recipe
from huggingtweets_hub.model import scoring
from huggingtweets_hub.model.training import states
from huggingtweets_hub.model.training.stepper import Stepper

BATCH = [[0, *range(10, 20 + i), 0] for i in range(7)]


def recipe(learning_rate: float = 1e-3) -> Recipe:
    return Recipe(name="test", epochs=1, learning_rate=learning_rate, seed=1)


def loaded(tiny_gpt2: Path) -> PreTrainedModel:
    """The tiny model without dropout, so that two runs of it can be compared."""
    return AutoModelForCausalLM.from_pretrained(tiny_gpt2, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)


def stepper(tiny_gpt2: Path, *, room_for: int) -> tuple[Stepper, PreTrainedModel, list[int]]:
    """A stepper on a device with room for so many sequences at once, and how many were tried each time."""
    model = loaded(tiny_gpt2)
    tried = []

    def full(module: Any, args: Any, kwargs: Any) -> None:
        tried.append(len(kwargs["input_ids"]))
        if len(kwargs["input_ids"]) > room_for:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")

    made = Stepper(model, recipe(), "float32", model.config.eos_token_id)
    model.base_model.register_forward_pre_hook(full, with_kwargs=True)
    return made, model, tried


def test_a_step_that_finds_no_room_is_taken_in_smaller_parts(tiny_gpt2: Path) -> None:
    roomy, whole, _ = stepper(tiny_gpt2, room_for=99)
    narrow, parts, tried = stepper(tiny_gpt2, room_for=2)
    for taker in (roomy, narrow):
        taker.take(BATCH)
        taker.take(BATCH)
    assert tried == [7, 4, 2, 2, 2, 1, 2, 2, 2, 1]  # the second step knows
    assert narrow.mean_loss() == pytest.approx(roomy.mean_loss(), rel=1e-5)
    for one, other in zip(whole.parameters(), parts.parameters(), strict=True):
        # Adam divides by a gradient's size: where that is next to nothing, rounding shows.
        assert (one - other).abs().max() < 1e-4


def test_no_room_for_one_text_is_an_error(tiny_gpt2: Path) -> None:
    narrow, _, tried = stepper(tiny_gpt2, room_for=0)
    with pytest.raises(torch.OutOfMemoryError):
        narrow.take(BATCH)
    assert tried[-1] == 1


def test_a_stepper_goes_on_in_as_many_parts_as_the_one_before(tiny_gpt2: Path, tmp_path: Path) -> None:
    first, one, _ = stepper(tiny_gpt2, room_for=2)
    again, other, tried = stepper(tiny_gpt2, room_for=2)
    first.take(BATCH)
    states.write(tmp_path / "state", first.state())
    kept = states.read(tmp_path / "state")
    assert kept is not None
    again.restore(kept, computing=True)
    first.take(BATCH)
    again.take(BATCH)
    assert tried == [2, 2, 2, 1]
    assert first.mean_loss() == again.mean_loss()  # of both steps
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_numbers_that_outgrow_float16_are_computed_in_float32(tiny_gpt2: Path) -> None:
    model = loaded(tiny_gpt2)
    with torch.no_grad():
        model.transformer.h[0].mlp.c_fc.weight *= 1e6
    taker = Stepper(model, recipe(), "float16", model.config.eos_token_id)
    taker.settle_precision([BATCH])
    taker.take(BATCH)
    assert taker.precision == "float32"
    assert math.isfinite(taker.mean_loss())


@pytest.mark.parametrize(("enough", "times"), [(0.0, 1), (math.inf, 2)])
def test_what_takes_long_is_rehearsed_once(
    tiny_gpt2: Path, monkeypatch: pytest.MonkeyPatch, enough: float, times: int
) -> None:
    for place in ("training.stepper", "scoring"):
        monkeypatch.setattr(f"huggingtweets_hub.model.{place}.ENOUGH_SECONDS", enough)
    taker, model, tried = stepper(tiny_gpt2, room_for=99)
    assert min(taker.rehearse([BATCH])) > 0
    scored: list[Any] = []
    monkeypatch.setattr(scoring, "score", lambda *given: scored.append(given) or SimpleNamespace(tokens=4))
    assert scoring.rehearse(model, AutoTokenizer.from_pretrained(tiny_gpt2), ["A line of words"]) > 0
    assert len(tried) == len(scored) == times


def test_float16_scales_its_gradients_and_learns_the_same(tiny_gpt2: Path) -> None:
    """As on a T4; on a CPU it is only slow."""
    losses = []
    for precision in ("float32", "float16"):
        model = loaded(tiny_gpt2)
        model.transformer.ln_f.bias.data.zero_()  # what ends its texts: the scaler would skip its first step
        taker = Stepper(model, recipe(learning_rate=1e-2), precision, model.config.eos_token_id)
        for _ in range(8):
            taker.take(BATCH)
        losses.append(taker.mean_loss())
    assert losses[1] == pytest.approx(losses[0], rel=0.02)


def test_gradients_are_clipped_as_torch_clips_them(tiny_gpt2: Path) -> None:
    model, other = loaded(tiny_gpt2), loaded(tiny_gpt2)
    clipped = dataclasses.replace(recipe(), max_grad_norm=0.05)
    taker = Stepper(model, clipped, "float32", model.config.eos_token_id)
    optimizer = torch.optim.AdamW(other.parameters(), lr=1e-3, weight_decay=0.0)
    ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(text) for text in BATCH], True, -100)
    for _ in range(3):
        taker.take(BATCH)
        other(input_ids=ids.clamp(min=0), labels=ids).loss.backward()
        assert torch.nn.utils.clip_grad_norm_(other.parameters(), 0.05) > 0.05
        optimizer.step()
        optimizer.zero_grad()
    for one, second in zip(model.parameters(), other.parameters(), strict=True):
        assert (one - second).abs().max() < 1e-4


def test_the_mean_of_the_gradients_takes_half_the_memory_also_after_a_pause(
    tiny_gpt2: Path, tmp_path: Path
) -> None:
    taker, model, _ = stepper(tiny_gpt2, room_for=99)
    again, _, _ = stepper(tiny_gpt2, room_for=99)
    taker.take(BATCH)
    states.write(tmp_path / "state", taker.state())
    kept = states.read(tmp_path / "state")
    assert kept is not None
    again.restore(kept, computing=True)
    for one in (taker, again):
        averages = one.optimizer.state.values()
        assert {state["exp_avg"].dtype for state in averages} == {torch.bfloat16}
        assert {state["exp_avg_sq"].dtype for state in averages} == {torch.float32}
        assert len(averages) == len(list(model.parameters()))


def test_at_the_end_averages_and_weights_are_freed_before_garbage_is_looked_for(tiny_gpt2: Path) -> None:
    model = loaded(tiny_gpt2)
    made = Stepper(model, recipe(), "bf16", model.config.eos_token_id)
    made.take(BATCH)
    averages = [weakref.ref(average) for kept in made.optimizer.state.values() for average in kept.values()]
    spaces = [weakref.ref(space) for space in made.optimizer._spaces.values()]
    still_held = made.optimizer  # as a schedule does
    gc.disable()
    try:
        made.end()
        assert averages and spaces and not [one for one in averages + spaces if one() is not None]
    finally:
        gc.enable()
    assert not still_held.param_groups  # which would keep the model's weights
