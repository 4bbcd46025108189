"""The base model that comes with the package: its files, and how it is loaded and named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.core.errors import BaseModelError
from huggingtweets_hub.core.records import Corpus, Recipe
from huggingtweets_hub.model import base as base_models
from huggingtweets_hub.model import loading, scoring, tiny, training
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.posts import corpus
from huggingtweets_hub.posts.sample import Sample
from tools import pretrain_tiny

MEGABYTES = 12
SHIPPED = Path(tiny.__file__).with_name("tiny")
PROSE = [f'The lamp said {number} words to the sea, and "the sea" said nothing.' for number in range(300)]


@pytest.fixture
def sample() -> Corpus:
    source = Sample()
    read = source.fetch("lighthouse_ada", max_tweets=None, since=None, progress=Context().progress)
    return corpus.build([read])


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package whose model has random weights, as `tools/pretrain_tiny.py --export` writes it."""
    import torch
    from tokenizers import ByteLevelBPETokenizer

    folder = tmp_path / "tiny"
    monkeypatch.setattr(tiny, "FOLDER", folder)
    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(PROSE, 400, special_tokens=["<|endoftext|>"], show_progress=False)
    monkeypatch.setattr(pretrain_tiny, "VOCABULARY", 400)
    torch.manual_seed(1)
    tiny.save(pretrain_tiny.build(2, 64, 0), bpe.to_str(), folder)
    return folder


def test_it_is_one_of_the_base_models_and_its_files_are_its_revision(packaged: Path) -> None:
    found = base_models.resolve("tiny").model
    assert (found.name, found.kind, found.license) == ("tiny", "tiny", "mit")
    assert base_models.resolve("tiny").model == found
    assert base_models.hub_id("tiny") is None
    with (packaged / "model.safetensors").open("ab") as file:
        file.write(b"!")
    assert base_models.resolve("tiny").model.revision != found.revision


def test_what_was_packed_is_nearly_what_it_was() -> None:
    import torch

    torch.manual_seed(0)
    weights = {"m": torch.randn(50, 30) * torch.logspace(-3, 1, 50)[:, None], "v": torch.randn(30)}
    weights["m"][7] = 0.0
    small = tiny.packed(weights)
    assert small["m"].dtype == torch.int8
    assert small["v"].dtype == torch.float16
    again = tiny.unpacked(small)
    assert again.keys() == weights.keys()
    largest = weights["m"].abs().amax(1, keepdim=True)
    assert ((again["m"] - weights["m"]).abs() <= largest / 253).all()
    assert torch.allclose(again["v"], weights["v"], atol=2e-3)
    assert (again["m"][7] == 0).all()


def test_it_loads_in_float32_with_a_separator_and_learns(
    packaged: Path, sample: Corpus, tmp_path: Path
) -> None:
    import torch

    checkpoint = base_models.resolve("tiny")
    model, tokenizer, is_new = loading.load(checkpoint, (), seed=0)
    assert {weight.dtype for weight in model.parameters()} == {torch.float32} and not is_new
    assert tokenizer("A lamp").input_ids[0] == tokenizer.eos_token_id == model.config.eos_token_id
    assert model.get_input_embeddings().weight is model.get_output_embeddings().weight
    recipe = Recipe(name="default", epochs=1, learning_rate=1e-3, seed=1, layout="apart", block_size=256)
    training.train(sample, checkpoint, recipe, tmp_path / "model", context=Context(device="cpu"))
    before = scoring.score(model, tokenizer, sample.held_out).bits_per_byte
    from huggingtweets_hub.model.evaluation import tuned

    assert scoring.score(*tuned(tmp_path / "model", "cpu"), sample.held_out).bits_per_byte < before


def test_an_installation_without_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiny, "FOLDER", tmp_path / "nowhere")
    with pytest.raises(BaseModelError, match="'tiny' is not in this installation") as refused:
        base_models.resolve("tiny")
    assert "scratch" in refused.value.next_step


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "model.safetensors").write_bytes(b"nothing"),
        lambda folder: (folder / "tokenizer.json").write_text("{}"),
        lambda folder: (folder / "config.json").write_text("no JSON"),
        lambda folder: (folder / "config.json").write_text('{"n_embd": 32, "n_layer": 1, "n_head": 1}'),
    ],
)
def test_damaged_files_are_explained(packaged: Path, damage: Callable[[Path], Any]) -> None:
    damage(packaged)
    with pytest.raises(BaseModelError, match="'tiny' is damaged"):
        loading.load(base_models.resolve("tiny"), (), seed=0)


@pytest.mark.skipif(not tiny.is_there(), reason="The weights are not in this checkout.")
def test_the_one_that_is_shipped_is_small_and_knows_english(sample: Corpus) -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= MEGABYTES * 1_000_000
    model, tokenizer, _ = loading.load(base_models.resolve("tiny"), (), seed=0)
    assert len(tokenizer) == 8_192 and 9e6 < model.num_parameters() < 11e6
    english = "He looked at the door, and then he went up the stairs to see what was the matter."
    known = scoring.score(model, tokenizer, [english]).bits_per_byte
    reversed_words = scoring.score(model, tokenizer, [" ".join(english.split()[::-1])]).bits_per_byte
    assert known < 1.4 < reversed_words
    assert scoring.score(model, tokenizer, sample.held_out).bits_per_byte < 2.6


def test_pre_training_goes_on_after_a_kill_and_decays_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus_file, out = tmp_path / "prose.txt", tmp_path / "work"
    books = ["\n".join(PROSE[first : first + 60]) for first in range(0, 300, 60)]
    corpus_file.write_text("A HEADING IN CAPITALS\n" + "\n\n".join(books), "utf-8")
    monkeypatch.setattr(pretrain_tiny, "VOCABULARY", 400)
    monkeypatch.setattr(pretrain_tiny, "HELD_OUT", 5)
    monkeypatch.setattr(pretrain_tiny, "CHECKPOINT_SECONDS", 0)
    shape = ["--layers", "1", "--width", "64", "--tokens", "1024"]

    def run(*options: str) -> list[str]:
        pretrain_tiny.main([*shape, "--corpus", str(corpus_file), "--out", str(out), *options])
        return (out / "loss.csv").read_text().splitlines()[1:]

    assert [line.split(",")[1] for line in run("--steps", "2")] == ["1", "2"]
    run("--steps", "4")
    interrupted = (out / "stable.pt").read_bytes()
    lines = run("--decay-steps", "2")
    assert [line.split(",")[:2] for line in lines[-2:]] == [["stable", "4"], ["decayed", "6"]]
    assert (out / "stable.pt").read_bytes() == interrupted
    run("--export", str(tmp_path / "tiny"))
    assert {path.name for path in (tmp_path / "tiny").iterdir()} == {*tiny.FILES, "loss.csv"}
    monkeypatch.setattr(tiny, "FOLDER", tmp_path / "tiny")
    loading.load(base_models.resolve("tiny"), (), seed=0)


def test_texts_are_as_long_as_posts_and_without_typography() -> None:
    import random

    book = [
        "THE TITLE OF THE BOOK",
        "“I saw it _done_ .” [ He sits.] It’s late.",
        '"A whole line of speech."',
    ]
    assert list(pretrain_tiny.texts(book, random.Random(1))) == [
        '"I saw it done." It\'s late.',
        "A whole line of speech.",
    ]
    long = " ".join(f"This is sentence number {number} of Mr. Long." for number in range(100))
    parts = list(pretrain_tiny.texts([long], random.Random(1)))
    assert " ".join(parts) == long and max(map(len, parts)) <= pretrain_tiny.LONGEST
    assert all(part.endswith("Long.") for part in parts)
