"""Whether a base model can become a bot, which is known before it is trained."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from huggingtweets_hub.core.errors import BaseModelError
from huggingtweets_hub.core.records import BaseModel
from huggingtweets_hub.model.training import saving

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_SUITABLE: set[BaseModel] = set()  # those that were tried in this process
_DIFFERENT = 1e-3  # of the difference that a token makes in its own place


def require(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", base: BaseModel) -> None:
    """Make sure that a model predicts what comes next, and that its tokenizer can be published.

    Raises:
        BaseModelError: It does not, or it cannot.
    """
    if base in _SUITABLE:
        return
    if _looks_ahead(model):
        raise BaseModelError(
            f"The base model {base.name!r} ({type(model).__name__}) reads in both directions: it sees the "
            "tokens that it would have to predict.",
            "Use a causal language model as --base-model, such as 'openai-community/gpt2'.",
        )
    with TemporaryDirectory() as folder:
        model.config.save_pretrained(folder)  # the class of a tokenizer may depend on it
        saving.save_tokenizer(tokenizer, Path(folder))
    _SUITABLE.add(base)


def _looks_ahead(model: "PreTrainedModel") -> bool:
    """Whether the logits of a token depend on the token that follows it."""
    import torch

    size = int(model.config.get_text_config().vocab_size)
    ids = torch.tensor([[size // 4, size // 2], [size // 4, size // 3]], device=model.device)
    was_training = bool(model.training)
    model.train(False)
    with torch.no_grad():
        one, other = model(input_ids=ids, use_cache=False).logits.float()
    model.train(was_training)
    before, there = (one - other).abs().amax(-1).tolist()
    return bool(before > _DIFFERENT * there)
