"""Matrices in half precision, all that is computed with them in float32 or as autocast says.

So stored, a model needs half the memory, and what flows through it is not rounded from layer to layer:
weights that are stored in half precision anyway give what they give in float32.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


def keep(model: "PreTrainedModel", *, rounded: bool = False) -> bool:
    """Leave the matrices that are in half precision as they are, and make all else float32.

    Args:
        rounded: Round the linear layers to bf16 that are not in half precision. The embeddings, and a head
            that shares their weights, stay as they are.

    Returns:
        Whether none had to be rounded.
    """
    import torch

    classes = _classes()
    shared = model.get_input_embeddings().weight
    kept: set[int] = set()
    is_exact = True
    for module in model.modules():
        stored = classes.get(type(module))
        if stored is None:
            continue
        weight: Any = module.weight
        if rounded and weight is not shared and type(module) is not torch.nn.Embedding:
            is_exact = is_exact and _is_half(weight)
            weight.data = weight.data if _is_half(weight) else weight.data.bfloat16()
        if _is_half(weight):
            kept.add(id(weight))
            module.__class__ = stored  # its own `forward` would want its inputs in half precision, too
    for parameter in model.parameters():
        if id(parameter) not in kept:
            parameter.data = parameter.data.float()
    for buffer in model.buffers():
        if _is_half(buffer):
            buffer.data = buffer.data.float()
    model.config.dtype = torch.float32  # what it computes in
    return is_exact


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
            device = inputs.device.type
            ctx.kind = (
                torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else torch.float32
            )
            ctx.given = inputs.dtype
            ctx.save_for_backward(weight)
            with torch.autocast(device, enabled=False):
                return torch.nn.functional.linear(inputs.to(ctx.kind), weight.to(ctx.kind)).to(ctx.given)

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            (weight,) = ctx.saved_tensors
            return (gradients[0].to(ctx.kind) @ weight.to(ctx.kind)).to(ctx.given), None

    def product(inputs: Any, weight: Any, bias: Any) -> Any:
        answer = Product.apply(inputs, weight)  # type: ignore[no-untyped-call]
        return answer if bias is None else answer + bias

    class StoredLinear(torch.nn.Linear):
        def forward(self, input: Any) -> Any:
            return product(input, self.weight, self.bias)

    class StoredConv1D(Conv1D):
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
