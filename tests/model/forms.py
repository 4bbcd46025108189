"""Small models with random weights, as they are published, to be told in other forms."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huggingtweets_hub.core.settings import SEPARATOR
from huggingtweets_hub.model.forms.fidelity import Original
from huggingtweets_hub.model.loading import set_separator
from huggingtweets_hub.model.training import saving

TEXTS = ["My dream is the sea", "Tonight the lamp is lit", "It rains on the harbour again"]


def gpt2() -> Any:
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(
        GPT2Config(vocab_size=300, n_positions=64, n_embd=64, n_layer=2, n_head=2, eos_token_id=0)
    )


def llama() -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=300, max_position_embeddings=64, hidden_size=64, intermediate_size=96,
            num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True,
            rope_parameters={"rope_type": "default", "rope_theta": 100000.0}, eos_token_id=0,
        )
    )  # fmt: skip


def published(make: Callable[[], Any], folder: Path, *, spare: bool = True) -> Path:
    """The folder of such a model, with a tokenizer of its own, and perhaps with embeddings to spare."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Tokenizer

    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(TEXTS, vocab_size=290, special_tokens=[SEPARATOR], show_progress=False)
    trained = json.loads(bpe.to_str())["model"]
    tokenizer = GPT2Tokenizer(
        vocab=trained["vocab"], merges=[tuple(m) for m in trained["merges"]], model_max_length=64
    )
    set_separator(tokenizer)
    torch.manual_seed(1)
    model = make()
    if not spare:
        model.resize_token_embeddings(len(tokenizer))
    saving.save(model, tokenizer, folder)
    return folder


def original(folder: Path) -> Original:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder)
    return Original(model, AutoTokenizer.from_pretrained(folder), TEXTS)
