"""A finished bot to talk to."""

import json
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(scope="session")
def bot(tiny_gpt2: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model of @keeper, saved as a training saves it."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from huggingtweets_hub.model import loading
    from huggingtweets_hub.model.training import saving

    folder = tmp_path_factory.mktemp("bots") / "my-bot"
    tokenizer = AutoTokenizer.from_pretrained(tiny_gpt2)
    loading.set_separator(tokenizer)
    saving.save(AutoModelForCausalLM.from_pretrained(tiny_gpt2), tokenizer, folder)
    facts = json.loads((GOLDEN / "seed_facts.json").read_text("utf-8"))
    facts["accounts"][0]["handle"] = "keeper"
    (folder / "huggingtweets.json").write_text(json.dumps(facts), "utf-8")
    return folder
