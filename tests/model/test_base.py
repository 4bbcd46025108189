"""Base models from the Hub, through the real client."""

import json
import pickle
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers import (
    AutoTokenizer,
    BloomConfig,
    GPT2Config,
    LlamaConfig,
    MptConfig,
    PreTrainedConfig,
)

from huggingtweets_hub import generate
from huggingtweets_hub.core.errors import BaseModelError, NotLoggedInError
from huggingtweets_hub.core.names import FACTS
from huggingtweets_hub.core.records import BaseModel
from huggingtweets_hub.hub import repo
from huggingtweets_hub.model import base as base_models
from huggingtweets_hub.model import loading
from huggingtweets_hub.model.base import Checkpoint
from huggingtweets_hub.pipeline.bot import Bot
from huggingtweets_hub.pipeline.export import export_model
from tests.servers.hub import HubServer

CARD = b"---\nlicense: mit\n---\n# A model\n"


def test_a_hub_id_is_resolved_to_its_commit_and_license(hub: HubServer) -> None:
    repo = hub.add_repo("lab/small", {"config.json": b"{}", "README.md": CARD})
    model = base_models.resolve("lab/small").model
    assert (model.name, model.kind, model.license) == ("lab/small", "hub", "mit")
    assert model.revision == repo.head.oid


def test_gpt2_is_openai_communitys(hub: HubServer) -> None:
    hub.add_repo("openai-community/gpt2", {"config.json": b"{}"})
    assert base_models.resolve("gpt2").model == base_models.resolve("openai-community/gpt2").model


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("lab/missing", "no model 'lab/missing' on the Hub"),
        ("lab/data", "no config.json"),
        ("lab/gated", "is gated"),
        ("lab/shut", "The Hub has disabled"),
        ("a b", "not a model folder"),
    ],
)
def test_a_base_that_cannot_be_had_is_named(hub: HubServer, spec: str, said: str) -> None:
    hub.add_repo("lab/data", {"notes.txt": b"no model"})
    hub.add_repo("lab/gated", {"config.json": b"{}"}, gated="manual")
    hub.add_repo("lab/shut", {"config.json": b"{}"}).disabled = True
    with pytest.raises(BaseModelError, match=said) as refused:
        base_models.resolve(spec)
    assert refused.value.next_step


@pytest.mark.parametrize(
    ("name", "said"), [("gated", "is gated, and your account"), ("shut", "has disabled")]
)
def test_a_model_that_nobody_may_read_is_said_to_be_so(hub: HubServer, name: str, said: str) -> None:
    hub.add_repo("lab/gated", {"config.json": b"{}"}, gated="manual")
    hub.add_repo("lab/shut", {"config.json": b"{}"}).disabled = True
    with pytest.raises(BaseModelError, match=said) as refused:
        generate(f"lab/{name}")
    assert "page" in refused.value.next_step


@pytest.mark.parametrize("code", ["", "RepoNotFound"])  # as the client takes it over http and over https
def test_a_token_that_is_refused_is_not_taken_for_a_damaged_or_missing_model(
    hub: HubServer, tiny_gpt2: Path, tmp_path: Path, code: str
) -> None:
    hub.add_repo("lab/base", {path.name: path.read_bytes() for path in tiny_gpt2.iterdir()})
    refused = {"X-Error-Code": code, "X-Error-Message": "User Access Token is expired"}
    for method in ("GET", "HEAD"):
        hub.faults.answer(method, "/lab/base", 401, headers=refused, times=99)
    works: list[Callable[[], object]] = [
        lambda: base_models.resolve("lab/base"),
        lambda: loading.load(
            Checkpoint(model=BaseModel(name="lab/base", kind="hub", revision="main"), location="lab/base"),
            [],
            seed=0,
        ),
        lambda: generate("lab/base"),
        lambda: export_model("lab/base", "gguf", tmp_path),
        lambda: repo.read("lab/base"),
    ]
    for work in works:
        with pytest.raises(NotLoggedInError, match="refuses the token"):
            work()


@pytest.mark.parametrize("code", [None, "RepoNotFound"])
@pytest.mark.parametrize(
    "file", ["model.safetensors.index.json", "adapter_config.json", "huggingtweets.json"]
)
def test_a_token_that_is_refused_for_one_file_is_not_taken_for_a_missing_file(
    hub: HubServer, tiny_gpt2: Path, file: str, code: str | None
) -> None:
    repo_id = f"lab/{file[:3]}-{code}"  # of which nothing is kept
    hub.add_repo(repo_id, {path.name: path.read_bytes() for path in tiny_gpt2.iterdir()})
    hub.faults.answer("HEAD", file, 401, headers={"X-Error-Code": code} if code else {}, times=9)
    with pytest.raises(NotLoggedInError, match="refuses the token"):
        if file == FACTS:
            Bot(repo_id)
        else:
            loading.load(base_models.resolve(repo_id), [], seed=0)


class _Trap:
    """A pickle of this makes a file where it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def test_a_pickle_is_never_loaded(tiny_gpt2: Path, tmp_path: Path) -> None:
    base, sprung = tmp_path / "base", tmp_path / "sprung"
    shutil.copytree(tiny_gpt2, base)
    (base / "model.safetensors").unlink()
    (base / "pytorch_model.bin").write_bytes(pickle.dumps(_Trap(sprung)))
    with pytest.raises(BaseModelError, match="base"):
        loading.load(base_models.resolve(str(base)), ["a text"], seed=0)
    with pytest.raises(BaseModelError):
        generate(base)
    assert not sprung.exists()
    pickle.loads((base / "pytorch_model.bin").read_bytes())
    assert sprung.exists()  # it is a trap indeed


@pytest.mark.parametrize("damaged", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_base_is_named(tiny_gpt2: Path, tmp_path: Path, damaged: str) -> None:
    base = shutil.copytree(tiny_gpt2, tmp_path / "base")
    (base / damaged).write_bytes(b"[]")
    with pytest.raises(BaseModelError, match="base model 'base' could not be loaded"):
        loading.load(base_models.resolve(str(base)), ["a text"], seed=0)


@pytest.mark.parametrize("lacking", ["files", "words"])
def test_a_base_whose_tokenizer_knows_no_words_is_refused(
    tiny_gpt2: Path, tmp_path: Path, lacking: str
) -> None:
    base = shutil.copytree(tiny_gpt2, tmp_path / "base")
    for name in ("tokenizer.json", "vocab.json", "merges.txt"):
        (base / name).unlink(missing_ok=True)
    if lacking == "words":
        said = json.loads((tiny_gpt2 / "tokenizer.json").read_text())
        said["model"] |= {"vocab": {}, "merges": []}
        (base / "tokenizer.json").write_text(json.dumps(said))
    with pytest.raises(BaseModelError, match="base model 'base' .* has an empty vocabulary"):
        loading.load(base_models.resolve(str(base)), ["a text"], seed=0)
    with pytest.raises(BaseModelError, match="has an empty vocabulary"):
        generate(base)


def test_a_tokenizer_all_of_whose_words_are_added_tokens_too_is_none_without_words(
    tiny_gpt2: Path, tmp_path: Path
) -> None:
    base = shutil.copytree(tiny_gpt2, tmp_path / "base")
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.add_tokens(list(tokenizer.get_vocab()))
    tokenizer.save_pretrained(base)
    loaded = loading.load(base_models.resolve(str(base)), ["a text"], seed=0)
    assert len(loaded.tokenizer.get_added_vocab()) == len(loaded.tokenizer)


@pytest.mark.parametrize("kind", ["gpt2", "unheard-of"])
def test_code_that_a_model_brings_is_never_run(tiny_gpt2: Path, tmp_path: Path, kind: str) -> None:
    base, sprung = tmp_path / "base", tmp_path / "sprung"
    shutil.copytree(tiny_gpt2, base)
    (base / "evil.py").write_text(f"import pathlib\npathlib.Path({str(sprung)!r}).touch()\n")
    for name in ("config.json", "tokenizer_config.json"):
        content = json.loads((base / name).read_text())
        mapped = {f"Auto{part}": "evil.Evil" for part in ("Config", "Model", "ModelForCausalLM")}
        content |= {"model_type": kind, "auto_map": {**mapped, "AutoTokenizer": ["evil.Evil", None]}}
        (base / name).write_text(json.dumps(content))
    with suppress(BaseModelError):
        loading.load(base_models.resolve(str(base)), ["a text"], seed=0)
    with suppress(BaseModelError, IndexError):  # the latter where the tiny model writes beyond its context
        generate(base, n=1)
    assert not sprung.exists()


@pytest.mark.parametrize("place", ["folder", "hub"])
@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("model.safetensors.index.json", {"weight_map": {"a": "../elsewhere.safetensors"}}),
        ("model.safetensors.index.json", {"weight_map": {"a": "{elsewhere}"}}),
        ("adapter_config.json", {"base_model_name_or_path": "{elsewhere}"}),
        ("tokenizer_config.json", {"notes": "{elsewhere}"}),
        ("special_tokens_map.json", {"notes": [{"of": "{elsewhere}"}]}),
    ],
)
def test_a_base_reads_its_own_files_alone(
    hub: HubServer, tiny_gpt2: Path, tmp_path: Path, place: str, file: str, content: dict[str, Any]
) -> None:
    base, elsewhere = tmp_path / "base", tmp_path / "elsewhere.safetensors"
    elsewhere.write_text("a diary")
    shutil.copytree(tiny_gpt2, base)
    (base / file).write_text(json.dumps(content).replace("{elsewhere}", str(elsewhere)))
    hub.add_repo("lab/base", {path.name: path.read_bytes() for path in base.iterdir()})
    with pytest.raises(BaseModelError, match="not a file of its own"):
        loading.load(base_models.resolve("lab/base" if place == "hub" else base), ["a text"], seed=0)


def test_where_a_tokenizer_was_saved_does_not_matter(tiny_gpt2: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(tiny_gpt2, base)
    said = json.loads((base / "tokenizer_config.json").read_text())
    said |= {"name_or_path": str(base), "special_tokens_map_file": str(base / "config.json")}
    (base / "tokenizer_config.json").write_text(json.dumps(said))
    assert loading.load(base_models.resolve(base), ["a text"], seed=0)


@pytest.mark.parametrize("as_stored", [False, True])
def test_tokens_that_the_model_does_not_know_begin_the_same_with_the_same_seed(
    tiny_gpt2: Path, tmp_path: Path, as_stored: bool
) -> None:
    base = shutil.copytree(tiny_gpt2, tmp_path / "base")
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.add_tokens(["lighthouse", "harbour"])
    tokenizer.save_pretrained(base)

    def embeddings(seed: int) -> torch.Tensor:
        loaded = loading.load(base_models.resolve(base), (), seed=seed, as_stored=as_stored)
        assert not loaded.has_new_separator
        weight: torch.Tensor = loaded.model.get_input_embeddings().weight
        return weight

    assert len(embeddings(1)) == len(tokenizer)
    assert torch.equal(embeddings(1), embeddings(1))
    assert not torch.equal(embeddings(1), embeddings(2))


@pytest.mark.parametrize(
    ("config", "length"),
    [
        (GPT2Config(n_positions=64), 64),
        (LlamaConfig(max_position_embeddings=96), 96),
        (MptConfig(max_seq_len=128), 128),
        (BloomConfig(), 1024),
    ],
)
def test_a_models_context_is_known_by_any_name(config: PreTrainedConfig, length: int) -> None:
    model: Any = SimpleNamespace(config=config)
    assert loading.context_length(model) == length
