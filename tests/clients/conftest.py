"""A bot of each architecture, published as anybody's."""

from pathlib import Path

import pytest

from huggingtweets_hub import publish


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
