"""Linear layers in half precision, everything else in float32.

Autocast also takes attention, and what adds up along the layers, down to half precision: errors add up, too.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


@contextmanager
def linear_layers(model: "PreTrainedModel", precision: str) -> Iterator[None]:
    """Compute the model's linear layers in a number format meanwhile, with copies of their weights.

    Args:
        precision: As `device.half_precision` names it; nothing changes with `float32`.
    """
    import torch

    changed: list[torch.nn.Module] = []
    try:
        for module in model.modules() if precision != "float32" else ():
            if is_linear(module) and "forward" not in vars(module):
                kind = torch.float16 if precision == "float16" else torch.bfloat16
                module.forward = _product(module, kind)
                changed.append(module)
        yield
    finally:
        for module in changed:
            del module.forward


def is_linear(module: "torch.nn.Module") -> bool:
    """Whether it gives a product and nothing else: a kind of linear layer may be the router of experts."""
    import torch
    from transformers.pytorch_utils import Conv1D

    kind = type(module)
    return kind in (torch.nn.Linear, Conv1D) or kind.__name__ == "FalconLinear" or hasattr(kind, "is_product")


def _product(layer: Any, kind: "torch.dtype") -> "Callable[[torch.Tensor], torch.Tensor]":
    import torch

    weight, bias = layer.weight.detach(), layer.bias
    columns = (weight if isinstance(layer, torch.nn.Linear) else weight.T).to(kind).contiguous()
    is_own = columns.data_ptr() == weight.data_ptr()  # in half precision already, and large: no second copy
    packed = None if is_own else _packed(columns)
    half = packed or functools.partial(torch.nn.functional.linear, weight=columns)

    def product(inputs: "torch.Tensor") -> "torch.Tensor":
        answer = half(inputs.to(kind)).to(inputs.dtype)
        return answer if bias is None else answer + bias

    return product


def _packed(columns: "torch.Tensor") -> "Callable[[torch.Tensor], torch.Tensor] | None":
    """The product with a matrix that lies as oneDNN wants it; None where torch does not offer that.

    oneDNN packs a matrix anew for each product otherwise, which takes half of its time for a few rows.
    """
    import torch

    if columns.device.type != "cpu" or columns.dtype != torch.bfloat16:
        return None
    try:
        packed = torch.ops.mkldnn._reorder_linear_weight(columns)

        def product(inputs: "torch.Tensor") -> "torch.Tensor":
            answer: torch.Tensor = torch.ops.mkldnn._linear_pointwise(inputs, packed, None, "none", [], "")
            return answer

        tried = torch.linspace(-1, 1, columns.shape[1], dtype=columns.dtype)[None]
        exact = torch.nn.functional.linear(tried, columns)
        is_the_same = torch.allclose(product(tried), exact, rtol=0.02, atol=0.02 * float(exact.abs().max()))
    except (AttributeError, RuntimeError):  # torch promises none of this
        return None
    return product if is_the_same else None
