"""Linear layers in half precision, everything else in float32.

Autocast also takes attention, and what adds up along the layers, down to half precision: errors add up, too.
"""

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
            if _is_linear(module) and "forward" not in vars(module):
                kind = torch.float16 if precision == "float16" else torch.bfloat16
                module.forward = _product(module, kind)
                changed.append(module)
        yield
    finally:
        for module in changed:
            del module.forward


def _is_linear(module: "torch.nn.Module") -> bool:
    import torch
    from transformers.pytorch_utils import Conv1D

    return isinstance(module, torch.nn.Linear | Conv1D)


def _product(layer: Any, kind: "torch.dtype") -> "Callable[[torch.Tensor], torch.Tensor]":
    import torch

    weight, bias = layer.weight.detach(), layer.bias
    columns = (weight if isinstance(layer, torch.nn.Linear) else weight.T).to(kind).contiguous()

    def product(inputs: "torch.Tensor") -> "torch.Tensor":
        answer = torch.nn.functional.linear(inputs.to(kind), columns).to(inputs.dtype)
        return answer if bias is None else answer + bias

    return product
