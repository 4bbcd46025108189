"""Linear layers in half precision, everything else in float32; in float32 matrices that are packed.

Autocast also takes attention, and what adds up along the layers, down to half precision: errors add up, too.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_LARGE = 10_000_000
"""So many numbers of float32 are worth a second copy, packed: those of a head, not of a layer."""
_MANY_TEXTS, _ROOM = 8, 1_000_000_000
"""With several threads, all of which wait while one packs a matrix anew, every layer is worth it for so many
texts, as long as the copies take no more than so many bytes."""


@contextmanager
def linear_layers(model: "PreTrainedModel", precision: str, *, texts: int = 1) -> Iterator[None]:
    """Compute the model's linear layers in a number format meanwhile, with copies of their weights.

    Args:
        precision: As `device.half_precision` names it; with `float32` copies are packed: a large head's, or,
            where that is worth it, all.
        texts: How many will be drawn at once.
    """
    import torch

    kind = {"float16": torch.float16, "bf16": torch.bfloat16, "float32": torch.float32}[precision]
    layers: list[Any] = [each for each in model.modules() if is_linear(each) and "forward" not in vars(each)]
    numbers = sum(layer.weight.numel() for layer in layers)
    packs_all = texts >= _MANY_TEXTS and torch.get_num_threads() > 1 and 4 * numbers <= _ROOM
    changed: list[torch.nn.Module] = []
    try:
        for module in layers:
            if (product := _product(module, kind, smallest=0 if packs_all else _LARGE)) is not None:
                module.forward = product
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


def _product(
    layer: Any, kind: "torch.dtype", smallest: int
) -> "Callable[[torch.Tensor], torch.Tensor] | None":
    """What takes the place of a layer's `forward`; None if nothing would be won.

    Args:
        smallest: The numbers of a matrix that is worth packing in float32.
    """
    import torch

    weight, bias = layer.weight.detach(), layer.bias
    is_whole = kind == torch.float32
    if is_whole and (weight.dtype != kind or weight.numel() < smallest or weight.device.type != "cpu"):
        return None
    columns = (weight if isinstance(layer, torch.nn.Linear) else weight.T).to(kind).contiguous()
    # What is in half precision already is large, and gets no second copy.
    packed = _packed(columns) if is_whole or columns.data_ptr() != weight.data_ptr() else None
    if is_whole and packed is None:
        return None
    multiplied = packed or functools.partial(torch.nn.functional.linear, weight=columns)

    def product(inputs: "torch.Tensor") -> "torch.Tensor":
        answer = multiplied(inputs.to(kind)).to(inputs.dtype)
        return answer if bias is None else answer + bias

    return product


def _packed(columns: "torch.Tensor") -> "Callable[[torch.Tensor], torch.Tensor] | None":
    """The product with a matrix that lies as oneDNN wants it; None where torch does not offer that.

    Otherwise a matrix is packed anew for each product, which takes half of its time for a few rows.
    """
    import torch

    if columns.device.type != "cpu" or columns.dtype == torch.float16:
        return None
    tolerance = 1e-4 if columns.dtype == torch.float32 else 0.02
    try:
        packed = torch.ops.mkldnn._reorder_linear_weight(columns)

        def product(inputs: "torch.Tensor") -> "torch.Tensor":
            answer: torch.Tensor = torch.ops.mkldnn._linear_pointwise(inputs, packed, None, "none", [], "")
            return answer

        tried = torch.linspace(-1, 1, columns.shape[1], dtype=columns.dtype)[None]
        exact = torch.nn.functional.linear(tried, columns)
        largest = float(exact.abs().max())
        is_the_same = torch.allclose(product(tried), exact, rtol=tolerance, atol=tolerance * largest)
    except (AttributeError, RuntimeError):  # torch promises none of this
        return None
    return product if is_the_same else None
