"""What changes in a base model before it is trained."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedModel


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
