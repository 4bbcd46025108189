"""Matrices in half precision, all that is computed with them in float32 or as autocast says.

So stored, a model needs half the memory, and what flows through it is not rounded from layer to layer:
weights that are stored in half precision anyway give what they give in float32.
"""

from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.model import device

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_TRIED = 4  # tokens


def keep(model: "PreTrainedModel", *, rounded: bool = False) -> bool:
    """Leave the matrices that are in half precision as they are, and make all else float32.

    So is a matrix that also a module of another kind has, and all of a model that computes with the matrices
    of its layers by itself.

    Args:
        rounded: Round the linear layers to bf16 that are not in half precision. The embeddings, and a head
            that shares their weights, stay as they are.

    Returns:
        Whether none had to be rounded.
    """
    import torch

    classes = _classes()
    shared = model.get_input_embeddings().weight
    others = {id(w) for m in model.modules() if type(m) not in classes for w in m.parameters(recurse=False)}
    changed: list[tuple[torch.nn.Module, type[torch.nn.Module]]] = []
    is_exact = True
    for module in model.modules():
        kind = type(module)
        if kind not in classes:
            continue
        weight: Any = module.weight
        if rounded and weight is not shared and kind is not torch.nn.Embedding:
            is_exact = is_exact and _is_half(weight)
            weight.data = weight.data if _is_half(weight) else weight.data.bfloat16()
        if _is_half(weight) and id(weight) not in others:
            # Its own `forward` would want its inputs in half precision, too.
            module.__class__ = classes[kind]
            changed.append((module, kind))
    _make_float32(model, {id(module.weight) for module, _ in changed})
    if changed and not _computes(model):
        for module, kind in changed:
            module.__class__ = kind
        _make_float32(model, set())
    model.config.dtype = torch.float32  # what it computes in
    return is_exact


def _make_float32(model: "PreTrainedModel", kept: Collection[int]) -> None:
    """All of the model, but the parameters with these identities."""
    for parameter in model.parameters():
        if id(parameter) not in kept:
            parameter.data = parameter.data.float()
    for buffer in model.buffers():
        if _is_half(buffer):
            buffer.data = buffer.data.float()


def _computes(model: "PreTrainedModel") -> bool:
    """Whether the model takes its matrices as they are."""
    import torch

    was_training = bool(model.training)
    model.train(False)
    try:
        with torch.inference_mode():
            model(input_ids=torch.zeros((1, _TRIED), dtype=torch.long, device=model.device), use_cache=False)
    except RuntimeError as error:
        if device.is_out_of_memory(error):
            raise
        return False
    finally:
        model.train(was_training)
    return True


def _is_half(weight: "torch.Tensor") -> bool:
    import torch

    return weight.dtype in (torch.bfloat16, torch.float16)


@cache
def _classes() -> dict[type, type]:
    """Those modules whose matrices may be in half precision, and what they become then."""
    import torch
    from transformers.pytorch_utils import Conv1D

    class Product(torch.autograd.Function):
        """`inputs @ weight.T`, without a copy of the weights that would wait for the gradient."""

        @staticmethod
        def forward(ctx: Any, inputs: Any, weight: Any) -> Any:
            place = inputs.device.type
            is_autocast = torch.is_autocast_enabled(place)
            ctx.kind = torch.get_autocast_dtype(place) if is_autocast else torch.float32
            ctx.given = inputs.dtype
            ctx.save_for_backward(weight)
            with torch.autocast(place, enabled=False):
                return torch.nn.functional.linear(inputs.to(ctx.kind), weight.to(ctx.kind)).to(ctx.given)

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            (weight,) = ctx.saved_tensors
            return (gradients[0].to(ctx.kind) @ weight.to(ctx.kind)).to(ctx.given), None

    def product(inputs: Any, weight: Any, bias: Any) -> Any:
        answer = Product.apply(inputs, weight)  # type: ignore[no-untyped-call]
        return answer if bias is None else answer + bias

    class StoredLinear(torch.nn.Linear):
        is_product = True

        def forward(self, input: Any) -> Any:
            return product(input, self.weight, self.bias)

    class StoredConv1D(Conv1D):
        is_product = True

        def forward(self, x: Any) -> Any:
            return product(x, self.weight.T, self.bias)

    class StoredEmbedding(torch.nn.Embedding):
        def forward(self, input: Any) -> Any:
            return super().forward(input).float()

    return {
        torch.nn.Linear: StoredLinear,
        Conv1D: StoredConv1D,
        torch.nn.Embedding: StoredEmbedding,
    }
