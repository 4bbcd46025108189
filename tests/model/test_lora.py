"""Adapters: small matrices are trained, and what they have learned is in the published weights."""

import copy
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, LlamaConfig, PreTrainedModel

from huggingtweets_hub.core.errors import BaseModelError, InvalidInputError
from huggingtweets_hub.core.progress import Silent
from huggingtweets_hub.core.records import Corpus, Recipe, TrainedModel
from huggingtweets_hub.model import base as base_models
from huggingtweets_hub.model import compact, evaluation, scoring, training
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.training import adapters, recipes
from huggingtweets_hub.pipeline.opening import ready
from huggingtweets_hub.pipeline.options import Order
from huggingtweets_hub.posts import corpus
from huggingtweets_hub.posts.sample import Sample

RANK = 4
GPT2, LLAMA = "GPT-2, its linear layers transposed", "Llama in bf16"


@pytest.fixture(scope="module")
def sample() -> Corpus:
    whole = corpus.build([Sample().fetch("lighthouse_ada", max_tweets=None, since=None, progress=Silent())])
    return dataclasses.replace(whole, train=whole.train[:90])


@pytest.fixture(scope="module")
def tiny_llama(tiny_gpt2: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama in half precision, whose head shares no weights."""
    folder = tmp_path_factory.mktemp("bases") / "tiny-llama"
    tokenizer = AutoTokenizer.from_pretrained(tiny_gpt2)
    ids = dict.fromkeys(("bos_token_id", "eos_token_id"), tokenizer.eos_token_id)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=128, **ids,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(params=[GPT2, LLAMA])
def base(request: pytest.FixtureRequest, tiny_gpt2: Path, tiny_llama: Path) -> Path:
    return tiny_gpt2 if request.param == GPT2 else tiny_llama


def train(sample: Corpus, base: Path, folder: Path, untrained: Any = None, **changes: Any) -> TrainedModel:
    asked = {"name": "test", "epochs": 1, "learning_rate": 1e-2, "seed": 1, "lora_rank": RANK, **changes}
    recipe = Recipe(block_size=256, layout="apart", dropout=0.0, bf16=True, **asked)
    context = Context(device="cpu")
    return training.train(
        sample, base_models.resolve(base), recipe, folder, untrained=untrained, context=context
    )


def test_only_the_linear_layers_change_and_by_no_more_than_the_rank(
    sample: Corpus, base: Path, tmp_path: Path
) -> None:
    trained = train(sample, base, tmp_path / "model")
    before, after = (load_file(folder / "model.safetensors") for folder in (base, tmp_path / "model"))
    assert before.keys() == after.keys()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert len(changed) in (8, 14)  # four in each of two layers of GPT-2, seven of Llama
    assert not any("norm" in name or "wte" in name or "embed" in name or "head" in name for name in changed)
    for name in changed:
        assert before[name].dtype == after[name].dtype
        if before[name].dtype == torch.float32:
            sizes = torch.linalg.svdvals(after[name] - before[name])
            assert sizes[RANK:].max() < 1e-4 < sizes[RANK - 1]
    first, last = trained.training.curve[0], trained.training.curve[-1]
    assert first.validation_loss and last.validation_loss
    assert last.validation_loss < first.validation_loss - 0.03


def test_what_is_published_needs_no_library_for_adapters(
    sample: Corpus, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = train(sample, base, tmp_path / "model")
    assert not [name for name in trained.files if "adapter" in name]
    monkeypatch.setattr("transformers.utils.is_peft_available", lambda: False)
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "model", dtype=torch.float32)
    assert trained.training.parameters == model.num_parameters()
    seen = scoring.score(model, AutoTokenizer.from_pretrained(tmp_path / "model"), sample.validation)
    assert seen.loss == pytest.approx(trained.training.curve[-1].validation_loss, rel=0.02)
    stored = json.loads((base / "config.json").read_text())["dtype"]
    assert json.loads((tmp_path / "model" / "config.json").read_text())["dtype"] == stored


def test_weights_in_half_precision_give_what_they_give_in_float32(tiny_llama: Path, sample: Corpus) -> None:
    half, _ = evaluation.tuned(tiny_llama, "cpu")
    whole = AutoModelForCausalLM.from_pretrained(tiny_llama, dtype=torch.float32)
    ids = torch.arange(40).reshape(2, 20)
    with torch.no_grad():
        assert torch.equal(half(input_ids=ids).logits, whole(input_ids=ids).logits)
    assert bytes_of(half) < 0.55 * bytes_of(whole)
    tokenizer = AutoTokenizer.from_pretrained(tiny_llama)
    scores = [scoring.score(model, tokenizer, sample.held_out).loss for model in (half, whole)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-5)


def test_gradients_flow_through_weights_in_half_precision(tiny_llama: Path) -> None:
    half, _ = evaluation.tuned(tiny_llama, "cpu")
    whole = AutoModelForCausalLM.from_pretrained(tiny_llama, dtype=torch.float32)
    ids, gradients = torch.arange(40).reshape(2, 20), []
    for model in (half, whole):
        adapters.add(model, RANK, seed=1)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if "lora_B" in name:
                    weight.fill_(0.01)
        model(input_ids=ids, labels=ids).loss.backward()
        gradients.append([weight.grad for weight in model.parameters() if weight.requires_grad])
    for one, other in zip(*gradients, strict=True):
        assert one is not None and torch.allclose(one, other, rtol=0.02, atol=1e-4)


def test_a_model_in_float32_is_left_alone_unless_it_is_to_be_rounded(tiny_gpt2: Path) -> None:
    model, _ = evaluation.tuned(tiny_gpt2, "cpu")
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert not compact.keep(model, rounded=True)
    kinds = {name: weight.dtype for name, weight in model.named_parameters()}
    assert kinds["transformer.h.0.mlp.c_fc.weight"] == torch.bfloat16
    assert kinds["transformer.wte.weight"] == kinds["transformer.ln_f.bias"] == torch.float32


def test_the_base_is_measured_before_it_is_trained_unless_it_had_to_be_rounded(
    sample: Corpus, base: Path, tmp_path: Path
) -> None:
    measured: list[float] = []

    def untrained(model: PreTrainedModel, tokenizer: Any) -> None:
        measured.append(scoring.score(model, tokenizer, sample.held_out).loss)

    train(dataclasses.replace(sample, train=sample.train[:3]), base, tmp_path / "model", untrained=untrained)
    if "gpt2" in base.name:
        assert measured == []
    else:
        whole = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
        exact = scoring.score(whole, AutoTokenizer.from_pretrained(base), sample.held_out).loss
        assert measured == [pytest.approx(exact, abs=1e-5)]


EXPERTS = {"num_experts": 4, "num_local_experts": 4, "num_experts_per_tok": 1}
MAMBA = {"mamba_d_state": 16, "mamba_n_heads": 8, "mamba_d_head": 8, "mamba_n_groups": 1, "mamba_d_ssm": 64}
SHARED = {
    "num_hidden_layers": 4, "layers_block_type": ["mamba", "hybrid"] * 2, "num_mem_blocks": 1,
    "num_key_value_heads": 4, "attention_head_dim": 16, "mamba_d_state": 16, "mamba_ngroups": 1,
    "n_mamba_heads": 8, "mamba_headdim": 8,
}  # fmt: skip
ATTENTION = {"q_proj", "k_proj", "v_proj", "o_proj"}
DENSE = {"gate_proj", "up_proj", "down_proj"}


def random_model(kind: str, **settings: Any) -> PreTrainedModel:
    usual = {
        "vocab_size": 100, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2,
    }  # fmt: skip
    torch.manual_seed(0)
    model: PreTrainedModel = AutoModelForCausalLM.from_config(
        AutoConfig.for_model(kind, **usual | settings)
    ).eval()
    return model


@pytest.mark.parametrize(
    ("kind", "settings", "adapted"),
    [
        ("mixtral", EXPERTS, ATTENTION),
        ("qwen2_moe", EXPERTS | {"shared_expert_intermediate_size": 16},
         ATTENTION | DENSE | {"shared_expert_gate"}),
        ("phimoe", EXPERTS, ATTENTION),
        ("llama4_text", EXPERTS, ATTENTION | DENSE),
        ("falcon", {}, {"query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"}),
        ("falcon_h1", MAMBA, ATTENTION | DENSE | {"in_proj"}),
        ("zamba2", SHARED, ATTENTION | {"in_proj", "gate_up_proj", "down_proj", "linear", "0", "1"}),
    ],
)  # fmt: skip
def test_what_is_merged_gives_what_the_adapters_gave(
    kind: str, settings: dict[str, Any], adapted: set[str]
) -> None:
    model = random_model(kind, **settings)
    merged, ids = copy.deepcopy(model), torch.arange(40).reshape(2, 20)
    with torch.no_grad():
        before = model(input_ids=ids).logits
        adapters.add(model, RANK, seed=1)
        assert torch.equal(model(input_ids=ids).logits, before)
        for name, weight in model.named_parameters():
            assert weight.requires_grad == ("lora_" in name)
            if "lora_B" in name:
                weight.normal_(std=0.1)
        learned = adapters.learned(model)
        assert {name.rpartition(".")[2] for name in learned} == adapted
        adapters.merge(learned, merged)
        after = merged(input_ids=ids).logits
        torch.testing.assert_close(after, model(input_ids=ids).logits, rtol=1e-4, atol=1e-4)
    assert (after - before).abs().max() > 1e-2


def test_a_base_without_linear_layers_is_refused() -> None:
    with pytest.raises(BaseModelError, match="no linear layers"):
        adapters.add(random_model("llama", num_hidden_layers=0), RANK, seed=1)


def test_a_base_without_an_end_of_text_token_is_refused(
    sample: Corpus, tiny_gpt2: Path, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    AutoModelForCausalLM.from_pretrained(tiny_gpt2).save_pretrained(base)
    tokenizer = AutoTokenizer.from_pretrained(tiny_gpt2)
    tokenizer.eos_token = None
    tokenizer.save_pretrained(base)
    with pytest.raises(BaseModelError, match="no end-of-text token.*Leave out --lora"):
        train(sample, base, tmp_path / "model")


def test_nothing_to_adapt_is_refused_before_anything_is_read() -> None:
    with pytest.raises(InvalidInputError, match="'scratch' knows nothing"):
        Order("ada", base_model="scratch", lora=True)


def test_a_missing_library_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "find_spec", lambda name: None)
    with pytest.raises(InvalidInputError, match=r"pip install 'huggingtweets_hub\[lora\]'"):
        ready(Order("lighthouse_ada", source="sample", base_model="tiny", lora=True, dry_run=True))


@pytest.mark.parametrize("name", ["default", "original"])
def test_the_recipe_says_that_adapters_were_trained(name: recipes.RecipeName) -> None:
    full = recipes.choose(name, base="hub", characters=100_000)
    lora = recipes.choose(name, base="hub", characters=100_000, lora=True)
    assert (full.lora_rank, lora.lora_rank) == (None, 16)
    assert lora.learning_rate > full.learning_rate and lora.freeze_embeddings
    assert recipes.choose(name, base="hub", characters=1, lora=True, learning_rate=1e-4).learning_rate == 1e-4
    assert "lora_rank" not in full.identity and lora.identity["lora_rank"] == 16


def bytes_of(model: PreTrainedModel) -> int:
    return sum(weight.nbytes for weight in model.parameters())
