"""A base model made ready to be trained: loaded, and what changes in it before."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from huggingtweets_hub.core.errors import BaseModelError
from huggingtweets_hub.core.progress import expect
from huggingtweets_hub.core.records import Corpus, Recipe
from huggingtweets_hub.model import compact, loading
from huggingtweets_hub.model import device as hardware
from huggingtweets_hub.model.base import Checkpoint
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.training import adapters, batches, suitability
from huggingtweets_hub.model.training.batches import Batch

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


class Prepared(NamedTuple):
    """A base model ready to be trained, and the steps to take.

    Attributes:
        device: The kind of device to train on; the model is not there yet.
        is_exact: Its weights are those of the base model, not rounded for the training.
        for_loading: The seconds that it took to load.
    """

    device: str
    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    is_exact: bool
    for_loading: float
    steps: list[Batch]


def prepare(checkpoint: Checkpoint, corpus: Corpus, recipe: Recipe, context: Context) -> Prepared:
    """Load the base model, choose which of its weights are trained, and tokenize the texts.

    Raises:
        BaseModelError: The base model could not be loaded, or cannot become a bot.
    """
    progress, clock = context.progress, context.clock
    expect(progress, {"Training": None})
    progress.advance("Preparing", 0, 3, "steps")
    with clock("loading"):
        device = hardware.pick(context.device)
        began = time.perf_counter()
        model, tokenizer, has_new_separator = _loaded(checkpoint, corpus, recipe, context)
        is_exact = recipe.lora_rank is None or compact.keep(model, rounded=True)
        for_loading = time.perf_counter() - began
        suitability.require(model, tokenizer, checkpoint.model)
    progress.advance("Preparing", 1, 3, "steps")
    fuse_activations(model)
    if recipe.lora_rank is not None:
        adapters.add(model, recipe.lora_rank, seed=recipe.seed)
    elif recipe.freeze_embeddings and not has_new_separator:
        freeze_embeddings(model)
    with clock("tokenizing"):
        steps = batches.made(corpus.train, tokenizer, recipe, loading.context_length(model))
    progress.advance("Preparing", 2, 3, "steps")
    return Prepared(device, model, tokenizer, is_exact, for_loading, steps)


def _loaded(checkpoint: Checkpoint, corpus: Corpus, recipe: Recipe, context: Context) -> loading.Loaded:
    """The base model. For adapters it stays in half precision, and nobody needs a copy that may change."""
    if recipe.lora_rank is None:
        return context.shelf.take(checkpoint, corpus.train, seed=recipe.seed)
    loaded = loading.load(checkpoint, corpus.train, seed=recipe.seed, as_stored=True)
    if loaded.has_new_separator:
        raise BaseModelError(
            f"The base model {checkpoint.model.name!r} has no end-of-text token, which --lora cannot teach.",
            "Leave out --lora, or use another --base-model.",
        )
    return loaded


@contextmanager
def dropout(model: "PreTrainedModel", rate: float | None) -> Iterator[None]:
    """Replace the model's own dropout meanwhile, if a rate is given."""
    own = list(_dropout(model)) if rate is not None else []
    for holder, name, _ in own:
        setattr(holder, name, rate)
    try:
        yield
    finally:
        for holder, name, value in own:
            setattr(holder, name, value)


def _dropout(model: "PreTrainedModel") -> Iterator[tuple[Any, str, float]]:
    """What holds a rate, by what name, and the rate: modules for dropout, others that call it, configs."""
    from torch.nn import Dropout

    for module in model.modules():
        for holder in (module, getattr(module, "config", module)):
            for name, value in vars(holder).items():
                if isinstance(value, float) and ("drop" in name or isinstance(holder, Dropout)):
                    yield holder, name, value


def freeze_embeddings(model: "PreTrainedModel") -> None:
    """Leave the token embeddings, and the head, as they are."""
    for embeddings in (model.get_input_embeddings(), model.get_output_embeddings()):  # type: ignore[no-untyped-call]
        embeddings.weight.requires_grad_(False)


def fuse_activations(model: "PreTrainedModel") -> None:
    """Compute GPT-2's activation in one go.

    transformers computes it in eight, of which five keep what they need for the gradient: 0.2 GB in a step of
    256 tokens.
    """
    from torch.nn import GELU
    from transformers.activations import NewGELUActivation

    for module in list(model.modules()):
        for name, activation in module.named_children():
            if isinstance(activation, NewGELUActivation):
                setattr(module, name, GELU(approximate="tanh"))
