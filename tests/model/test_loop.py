"""Training learns, is repeatable, and saves what the card promises."""

import dataclasses
import json
import shutil
import string
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    BertConfig,
    BertLMHeadModel,
    PreTrainedModel,
)

from huggingtweets_hub.core.errors import BaseModelError, TrainingError
from huggingtweets_hub.core.progress import Silent
from huggingtweets_hub.core.records import Corpus, Recipe, TrainedModel
from huggingtweets_hub.model import base as base_models
from huggingtweets_hub.model import base_cache, device, evaluation, loading, scoring, training
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.results import Wanted
from huggingtweets_hub.model.training import curve, preparation, suitability
from huggingtweets_hub.model.training.stepper import Stepper
from huggingtweets_hub.posts import corpus
from huggingtweets_hub.posts.sample import Sample


@pytest.fixture(scope="module")
def sample() -> Corpus:
    return corpus.build([Sample().fetch("lighthouse_ada", max_tweets=None, since=None, progress=Silent())])


@pytest.fixture(scope="module")
def little(sample: Corpus) -> Corpus:
    """What a training needs that is not to learn much."""
    return dataclasses.replace(sample, train=sample.train[:40], validation=sample.validation[:10])


def recipe(**changes: Any) -> Recipe:
    return Recipe(
        **{"name": "test", "epochs": 1, "learning_rate": 1e-3, "seed": 1, "block_size": 64, **changes}
    )


def train(sample: Corpus, base: Path, folder: Path, **changes: Any) -> TrainedModel:
    return training.train(
        sample, base_models.resolve(base), recipe(**changes), folder, context=Context(device="cpu")
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `trained` is; not to be changed."""
    return tmp_path_factory.mktemp("trained") / "model"


@pytest.fixture(scope="module")
def trained(little: Corpus, tiny_gpt2: Path, folder: Path) -> TrainedModel:
    return train(little, tiny_gpt2, folder)


def test_the_loss_on_unseen_tweets_falls(sample: Corpus, tiny_gpt2: Path, tmp_path: Path) -> None:
    trained = train(sample, tiny_gpt2, tmp_path / "model", learning_rate=3e-3)
    curve = trained.training.curve
    assert (curve[0].step, curve[0].loss) == (0, None) and 0 <= curve[0].seconds < curve[1].seconds
    assert curve[-1].step == trained.training.steps
    assert curve[-1].validation_loss is not None and curve[0].validation_loss is not None
    assert curve[-1].validation_loss < curve[0].validation_loss - 1
    assert [point.seconds for point in curve] == sorted(point.seconds for point in curve)
    wanted = Wanted(handles=("lighthouse_ada",), prompt="My dream is", samples=2)
    checkpoint = base_models.resolve(tiny_gpt2)
    measured = evaluation.evaluate(checkpoint, tmp_path / "model", sample, wanted, seed=1).evaluation
    assert measured.tuned.loss < measured.base.loss - 1


def test_the_same_seed_gives_the_same_weights(
    little: Corpus, trained: TrainedModel, tiny_gpt2: Path, tmp_path: Path
) -> None:
    again, other = (train(little, tiny_gpt2, tmp_path / str(seed), seed=seed) for seed in (1, 2))
    assert trained.files == again.files
    assert trained.files["model.safetensors"] != other.files["model.safetensors"]


def test_the_saved_model_begins_and_ends_tweets_by_itself(trained: TrainedModel, folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    separator = tokenizer.eos_token_id
    assert tokenizer("My dream is").input_ids.count(separator) == 1
    assert tokenizer("My dream is").input_ids[0] == separator
    settings = json.loads((folder / "generation_config.json").read_text())
    assert settings["do_sample"] is True and settings["temperature"] == 1.0
    assert {settings[f"{name}_token_id"] for name in ("bos", "eos", "pad")} == {separator}
    assert "prefix" not in json.loads((folder / "config.json").read_text())
    assert set(trained.files) == {path.name for path in folder.iterdir()}
    assert AutoModelForCausalLM.from_pretrained(folder).config.use_cache
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


@pytest.mark.parametrize("kind", ["GPTNeoXTokenizer", "RobertaTokenizer"])
def test_a_tokenizer_that_its_class_would_change_is_saved_without_that_class(
    sample: Corpus, tiny_gpt2: Path, tmp_path: Path, kind: str
) -> None:
    base = shutil.copytree(tiny_gpt2, tmp_path / "base")
    settings = json.loads((base / "tokenizer_config.json").read_text())
    (base / "tokenizer_config.json").write_text(json.dumps(settings | {"tokenizer_class": kind}))
    loaded = loading.load(base_models.resolve(base), (), seed=1).tokenizer
    assert type(loaded).__name__ == kind
    train(dataclasses.replace(sample, train=sample.train[:3]), base, tmp_path / "model")
    saved = AutoTokenizer.from_pretrained(tmp_path / "model")
    assert saved("My dream").input_ids == loaded("My dream").input_ids
    assert saved("My dream").input_ids[0] == saved.eos_token_id


def refused(sample: Corpus, base: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is said of a base model before the first step."""
    monkeypatch.setattr(Stepper, "take", None)
    with pytest.raises(BaseModelError) as error:
        train(sample, base, folder)
    assert not folder.exists()
    return str(error.value)


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_a_model_that_sees_what_it_is_to_predict_is_refused_before_the_training(
    sample: Corpus, tiny_gpt2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: torch.dtype
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_gpt2)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=256,
    )  # fmt: skip
    BertLMHeadModel(config).to(kind).save_pretrained(tmp_path / "reader")
    tokenizer.save_pretrained(tmp_path / "reader")
    said = refused(sample, tmp_path / "reader", tmp_path / "model", monkeypatch)
    assert "'reader' (BertLMHeadModel) reads in both directions" in said and "--base-model" in said


def test_a_tokenizer_without_a_separator_in_front_is_refused_before_the_training(
    sample: Corpus, tiny_gpt2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = shutil.copytree(tiny_gpt2, tmp_path / "base", ignore=shutil.ignore_patterns("tokenizer*"))
    pieces = [*string.ascii_letters, *(f"{letter}</w>" for letter in string.ascii_letters)]
    vocabulary = {piece: number for number, piece in enumerate(["<unk>", "<|endoftext|>", *pieces])}
    (base / "vocab.json").write_text(json.dumps(vocabulary))
    (base / "merges.txt").write_text("#version: 0.2\na b\n")
    settings = {"tokenizer_class": "CTRLTokenizer", "eos_token": "<|endoftext|>"}
    (base / "tokenizer_config.json").write_text(json.dumps(settings))
    said = refused(sample, base, tmp_path / "model", monkeypatch)
    assert "(CTRLTokenizer) does not keep a separator" in said


def test_a_look_at_a_base_changes_nothing(tiny_gpt2: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suitability, "_SUITABLE", set())
    base = base_models.resolve(tiny_gpt2)
    model, tokenizer, _ = loading.load(base, (), seed=1)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.train()
    chance = torch.get_rng_state()
    suitability.require(model, tokenizer, base.model)
    assert model.training and torch.equal(torch.get_rng_state(), chance)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_the_best_weights_are_kept_when_more_training_only_learns_by_heart(
    sample: Corpus, tiny_gpt2: Path, tmp_path: Path
) -> None:
    few = dataclasses.replace(sample, train=sample.train[:12])
    changes = {"layout": "apart", "block_size": 128, "epochs": 60, "learning_rate": 3e-3, "keep_best": True}
    trained = train(few, tiny_gpt2, tmp_path / "model", **changes).training
    seen = {p.step: p.validation_loss for p in trained.curve if p.validation_loss is not None}
    best = min(seen, key=seen.__getitem__)
    assert trained.best_step == best < trained.steps == max(seen)
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    kept = scoring.score(model, AutoTokenizer.from_pretrained(tmp_path / "model"), sample.validation)
    assert kept.loss == pytest.approx(seen[best], rel=0.02)


@pytest.mark.slow
def test_the_default_recipe_beats_the_original_on_unseen_tweets(sample: Corpus, tmp_path: Path) -> None:
    """As on a real base: small steps over tweets kept apart, in fewer tokens."""
    scratch = base_models.resolve("scratch")
    losses = {}
    for layout in ("apart", "blocks"):
        chosen = recipe(layout=layout, block_size=256, epochs=4, learning_rate=2e-3)
        trained = training.train(sample, scratch, chosen, tmp_path / layout, context=Context(device="cpu"))
        losses[layout] = trained.training.curve[-1].validation_loss
    assert losses["apart"] is not None and losses["blocks"] is not None
    assert losses["apart"] < losses["blocks"]


def test_bf16_is_computed_in_only_where_asked_for_and_the_weights_stay_float32(
    little: Corpus, trained: TrainedModel, tiny_gpt2: Path, tmp_path: Path
) -> None:
    asked = train(little, tiny_gpt2, tmp_path / "asked", bf16=True)
    able = torch.cpu.get_capabilities()
    has_it = able.get("avx512_bf16") or able.get("amx_bf16")
    assert (trained.training.precision, asked.training.precision) == (
        "float32",
        "bf16" if has_it else "float32",
    )
    saved = load_file(tmp_path / "asked" / "model.safetensors")
    assert {tensor.dtype for tensor in saved.values()} == {torch.float32}


def test_frozen_embeddings_stay_and_the_rest_learns(little: Corpus, tiny_gpt2: Path, tmp_path: Path) -> None:
    train(little, tiny_gpt2, tmp_path / "model", freeze_embeddings=True)
    before, after = (load_file(folder / "model.safetensors") for folder in (tiny_gpt2, tmp_path / "model"))
    assert torch.equal(before["transformer.wte.weight"], after["transformer.wte.weight"])
    inner = "transformer.h.0.mlp.c_fc.weight"
    assert not torch.equal(before[inner], after[inner])


def logits(model: PreTrainedModel, *, seed: int) -> torch.Tensor:
    torch.manual_seed(seed)
    answer: torch.Tensor = model(input_ids=torch.arange(40).reshape(2, 20)).logits
    return answer


SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 100}


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("gpt2", {}),
        ("gpt_bigcode", {}),
        ("opt", {"ffn_dim": 48, "word_embed_proj_dim": 32}),
        ("xglm", {"ffn_dim": 48, "layerdrop": 0.1}),
        ("bart", {"decoder_ffn_dim": 48, "decoder_layers": 2, "decoder_attention_heads": 4}),
        ("seed_oss", {"intermediate_size": 48, "num_key_value_heads": 4, "attention_dropout": 0.1}),
    ],
)
def test_dropout_is_replaced_wherever_a_model_keeps_it(kind: str, settings: dict[str, Any]) -> None:
    config = AutoConfig.for_model(kind, **SIZES | settings)
    model = AutoModelForCausalLM.from_config(config).train()
    own = config.to_dict()
    with preparation.dropout(model, None):
        assert not torch.equal(logits(model, seed=1), logits(model, seed=2))
    with preparation.dropout(model, 0.0):
        assert torch.equal(logits(model, seed=1), logits(model, seed=2))
    assert not torch.equal(logits(model, seed=1), logits(model, seed=2))
    assert model.config.to_dict() == own


def test_the_saved_settings_keep_the_dropout_of_the_base(
    sample: Corpus, tiny_gpt2: Path, tmp_path: Path
) -> None:
    few = dataclasses.replace(sample, train=sample.train[:3])
    train(few, tiny_gpt2, tmp_path / "model", dropout=0.0)
    paths = (tiny_gpt2 / "config.json", tmp_path / "model" / "config.json")
    before, after = (json.loads(path.read_text()) for path in paths)
    for name in ("attn_pdrop", "embd_pdrop", "resid_pdrop"):
        assert before[name] == after[name] == 0.1


def test_gpt2s_activation_in_one_go_is_the_same_function(tiny_gpt2: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_gpt2).eval()
    ids = torch.arange(40).reshape(2, 20)
    before = model(input_ids=ids).logits
    own = [module for module in model.modules() if "NewGELU" in type(module).__name__]
    preparation.fuse_activations(model)
    left = [module for module in model.modules() if "NewGELU" in type(module).__name__]
    assert len(own) == 2 and left == []
    torch.testing.assert_close(model(input_ids=ids).logits, before)


def test_a_separator_that_the_base_did_not_know_is_learned(
    little: Corpus, tiny_gpt2: Path, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    AutoModelForCausalLM.from_pretrained(tiny_gpt2).save_pretrained(base)
    tokenizer = AutoTokenizer.from_pretrained(tiny_gpt2)
    tokenizer.eos_token = None
    tokenizer.save_pretrained(base)
    assert loading.load(base_models.resolve(base), (), seed=1).has_new_separator
    train(little, base, tmp_path / "model", freeze_embeddings=True)
    row = AutoTokenizer.from_pretrained(tmp_path / "model").eos_token_id
    start = loading.load(base_models.resolve(base), (), seed=1).model.get_input_embeddings().weight[row]
    after = AutoModelForCausalLM.from_pretrained(tmp_path / "model").get_input_embeddings().weight[row]
    assert not torch.equal(start, after)


def test_no_room_for_a_model_is_an_error_with_a_way_out(
    little: Corpus, tiny_gpt2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(stepper: Stepper, batch: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(Stepper, "take", full)
    with pytest.raises(TrainingError, match="smaller --base-model"):
        train(little, tiny_gpt2, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_without_validation_tweets_the_last_weights_are_kept(
    sample: Corpus, tiny_gpt2: Path, tmp_path: Path
) -> None:
    few = dataclasses.replace(sample, train=sample.train[:1], validation=())
    trained = train(few, tiny_gpt2, tmp_path / "new" / "model", keep_best=True, layout="apart").training
    assert (trained.steps, trained.best_step) == (1, None)
    assert [point.validation_loss for point in trained.curve] == [None, None]


def test_the_time_is_foretold_before_it_begins(little: Corpus, tiny_gpt2: Path, tmp_path: Path) -> None:
    class Noted(Silent):
        lines: ClassVar[list[str]] = []

        def expect(self, stage: str, seconds: float | None) -> None:
            self.lines.append(f"{stage}: {'unknown' if seconds is None else 'known'}")

        def advance(self, stage: str, done: int, total: int, unit: str) -> None:
            self.lines.append(stage)

    training.train(
        little,
        base_models.resolve(tiny_gpt2),
        recipe(),
        tmp_path / "model",
        context=Context(device="cpu", progress=Noted()),
    )
    begun = Noted.lines.index("Validating")
    assert Noted.lines[0] == "Training: unknown"
    assert {"Training: known", "Validating: known", "Saving: known"} <= set(Noted.lines[:begun])


def test_what_was_tried_once_foretells_the_next_training_too(
    little: Corpus, tiny_gpt2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Noted(Silent):
        def __init__(self) -> None:
            self.expected: dict[str, float | None] = {}

        def expect(self, stage: str, seconds: float | None) -> None:
            self.expected[stage] = seconds

    def foretold(**changes: Any) -> dict[str, float | None]:
        seen = Noted()
        training.train(
            little,
            base_models.resolve(tiny_gpt2),
            recipe(**changes),
            tmp_path / "model",
            context=Context(device="cpu", progress=seen),
        )
        return seen.expected

    monkeypatch.setattr(constants, "HF_ASSETS_CACHE", str(tmp_path / "assets"))
    tried = []
    rehearse = Stepper.rehearse
    monkeypatch.setattr(Stepper, "rehearse", lambda self, steps: tried.append(1) or rehearse(self, steps))
    first = foretold()
    assert foretold() == first and len(tried) == 1
    assert foretold(seed=9)["Training"] and len(tried) == 1
    foretold(block_size=32)
    assert len(tried) == 2
    for path in base_cache.folder().iterdir():
        path.write_text(path.read_text("utf-8").replace("optimizer", "optimiser"))
    foretold()
    assert len(tried) == 3


def test_a_base_that_outgrows_float16_is_trained_in_float32_whether_watched_or_not(
    little: Corpus, tiny_gpt2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a T4; nothing is rehearsed for a display that foretells nothing."""
    model = AutoModelForCausalLM.from_pretrained(tiny_gpt2)
    with torch.no_grad():
        model.transformer.h[0].mlp.c_fc.weight *= 1e6
    model.save_pretrained(tmp_path / "base")
    AutoTokenizer.from_pretrained(tiny_gpt2).save_pretrained(tmp_path / "base")
    monkeypatch.setattr(device, "half_precision", lambda _: "float16")
    trained = train(
        little, tmp_path / "base", tmp_path / "model", bf16=True, learning_rate=1e-6, layout="apart"
    )
    assert trained.training.precision == "float32"


def test_half_of_the_points_are_scored_until_a_model_may_learn_by_heart() -> None:
    once, twice, often = (curve.points(96, epochs) for epochs in (1, 2, 4))
    assert once.steps == twice.steps == often.steps == (6, 12, 24, 36, 48, 60, 72, 84, 96)
    assert once.scored == {0, 6, 24, 48, 72, 96}
    assert twice.scored == once.scored | {60, 84} and twice.first == 48
    assert often.scored == {0, 6, *range(24, 97, 12)} and often.first == 24
    assert curve.points(1, 1).steps == (1,) and curve.points(1, 1).scored == {0, 1}


@pytest.mark.slow
def test_a_model_from_scratch_learns_the_sample(sample: Corpus, tmp_path: Path) -> None:
    scratch = base_models.resolve("scratch")
    trained = training.train(
        sample, scratch, recipe(batch_size=8, block_size=128, learning_rate=2e-3), tmp_path / "model"
    )
    first, last = trained.training.curve[0], trained.training.curve[-1]
    assert first.validation_loss and last.validation_loss
    assert last.validation_loss < first.validation_loss - 0.5


def test_a_learning_rate_that_explodes_is_an_error(sample: Corpus, tiny_gpt2: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no longer a number"):
        train(sample, tiny_gpt2, tmp_path / "model", learning_rate=1e30)


def test_a_folder_is_known_by_its_content_and_named_without_its_path(tiny_gpt2: Path) -> None:
    model = base_models.resolve(tiny_gpt2).model
    assert (model.name, model.kind) == ("tiny-gpt2", "folder")
    assert len(model.revision) == 64


def test_a_base_model_without_safetensors_is_refused(tmp_path: Path, tiny_gpt2: Path) -> None:
    folder = tmp_path / "pickled"
    folder.mkdir()
    for path in tiny_gpt2.iterdir():
        if path.suffix == ".json":
            (folder / path.name).write_bytes(path.read_bytes())
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(BaseModelError, match="could not be loaded"):
        loading.load(base_models.resolve(folder), [], seed=1)
