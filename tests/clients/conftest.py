"""A bot of each architecture, published as anybody's, and one of 2021."""

import json
import shutil
from pathlib import Path

import pytest

from huggingtweets_hub import publish, upgrade_cards
from huggingtweets_hub.core.settings import SEPARATOR
from tests.servers.hub import HubServer


@pytest.fixture(scope="session")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GPT-2 that writes English and has learned to end."""
    folder = tmp_path_factory.mktemp("clients")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HUGGINGTWEETS_HOME", str(folder / "home"))
        publish(
            source="sample", base_model="tiny", epochs=1, samples=2, namespace="ann", tracker="none",
            consent="fictional", dry_run=True, output=folder / "bot",
        )  # fmt: skip
    return folder / "bot"


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory, bot: Path) -> Path:
    """A Llama with random weights whose texts end, and a rotary base that is not the default one."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    from huggingtweets_hub.model.training import saving

    torch.manual_seed(1)
    tokenizer = AutoTokenizer.from_pretrained(bot)
    config = LlamaConfig(
        vocab_size=len(tokenizer), max_position_embeddings=256, hidden_size=96, intermediate_size=192,
        num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=2, tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 100.0}, initializer_range=0.5,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    with torch.no_grad():  # one direction that is always there, and that speaks for the end
        directions = model.get_input_embeddings().weight
        directions[:, 0] = 1.0
        directions[tokenizer.eos_token_id, 0] = 17.0
    folder = tmp_path_factory.mktemp("clients") / "llama"
    saving.save(model, tokenizer, folder)
    return folder


@pytest.fixture
def of_2021(bot: Path, tmp_path: Path) -> Path:
    """The same bot as it was saved in 2021, but for its safetensors."""
    folder = tmp_path / "2021"
    folder.mkdir()
    shutil.copyfile(bot / "model.safetensors", folder / "model.safetensors")
    tokenizer, config = (
        json.loads((bot / name).read_text("utf-8")) for name in ("tokenizer.json", "config.json")
    )
    for name in ("pad_token_id", "dtype", "add_cross_attention", "tie_word_embeddings"):
        config.pop(name, None)
    told = {"do_sample": True, "max_length": 160, "min_length": 10, "prefix": SEPARATOR}
    config["task_specific_params"] = {"text-generation": {**told, "temperature": 1.0, "top_p": 0.95}}
    tokens = dict.fromkeys(("unk_token", "bos_token", "eos_token"), SEPARATOR)
    used = {**tokens, "add_prefix_space": False, "model_max_length": 1024, "name_or_path": "gpt2"}
    in_words = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False}
    for name, content in (
        ("config", config),
        ("special_tokens_map", tokens),
        ("tokenizer_config", used),
        ("tokenizer", {**tokenizer, "post_processor": in_words}),
        ("vocab", tokenizer["model"]["vocab"]),
    ):
        (folder / f"{name}.json").write_text(json.dumps(content), "utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *tokenizer["model"]["merges"]]), "utf-8")
    return folder


@pytest.fixture
def repaired(of_2021: Path, hub: HubServer, tmp_path: Path) -> Path:
    """What `card upgrade --repair` makes of it on the Hub."""
    facts = json.loads((Path(__file__).parents[1] / "golden" / "seed_facts.json").read_text("utf-8"))
    readme = (Path(__file__).parents[1] / "golden" / "seed_card.md").read_bytes()
    files = {path.name: path.read_bytes() for path in of_2021.iterdir()}
    repo = hub.add_repo(facts["repo_id"], {**files, "README.md": readme})
    (outcome,) = upgrade_cards([facts["repo_id"]], mode="push", repair=True)
    assert outcome.state == "upgraded" and repo.files["model.safetensors"] == files["model.safetensors"]
    folder = tmp_path / "repaired"
    folder.mkdir()
    for name, content in repo.files.items():
        (folder / name).write_bytes(content)
    return folder
