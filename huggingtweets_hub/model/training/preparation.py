"""What changes in a base model before it is trained."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def set_dropout(model: "PreTrainedModel", dropout: float | None) -> None:
    """Replace the model's own dropout, if one is given."""
    from torch.nn import Dropout

    for module in model.modules():
        if dropout is not None and isinstance(module, Dropout):
            module.p = dropout


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
