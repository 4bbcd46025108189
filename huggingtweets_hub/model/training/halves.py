"""The trained matrices once more in bf16: layers compute with these, and their gradients stay in bf16.

Autocast makes such copies anew in every step, and turns their gradients into float32: together that moves
more memory than the optimizer does, and pieces of many sizes that come and go tear it up. Here everything has
its place, and what is computed is the same.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module, Parameter
    from transformers import PreTrainedModel


class Half:
    """A matrix in bf16, and its gradient."""

    def __init__(self, weight: "Tensor") -> None:
        import torch

        self.copy = weight.detach().to(torch.bfloat16).requires_grad_()
        self.has_gradient = False
        self._gradient: Tensor | None = None

    @property
    def gradient(self) -> "Tensor | None":
        """The gradient, if there is one."""
        return self._gradient if self.has_gradient else None

    def add_product(self, first: "Tensor", second: "Tensor") -> None:
        """Add a product of two matrices to the gradient."""
        import torch

        if self._gradient is None:
            self._gradient = torch.empty_like(self.copy)
        if self.has_gradient:  # a layer that is used twice
            self._gradient += first @ second
        else:
            torch.mm(first, second, out=self._gradient)
        self.has_gradient = True


class Halves:
    """The copies of a model's trained matrices, as far as its linear layers alone compute with them.

    Args:
        precision: What the model computes in; there are copies for `bf16` alone, since gradients in
            float16 have to be scaled.
    """

    def __init__(self, model: "PreTrainedModel", precision: str) -> None:
        self._layers: list[tuple[Any, type[Module]]] = []
        self._of: dict[Parameter, Half] = {}
        embeddings = (model.get_input_embeddings(), model.get_output_embeddings())  # type: ignore[no-untyped-call]
        shared = {id(layer.weight) for layer in embeddings if layer is not None}
        for layer in model.modules() if precision == "bf16" else ():
            kind = type(layer)
            if kind in _classes():
                linear: Any = layer
                weight = linear.weight
                if weight.requires_grad and id(weight) not in shared:
                    linear.half_weight = self._of[weight] = self._of.get(weight) or Half(weight)
                    linear.__class__ = _classes()[kind]
                    self._layers.append((linear, kind))

    def gradient(self, weight: "Parameter") -> "Tensor | None":
        """That of a weight; in bf16, if only its copy was computed with."""
        half = self._of.get(weight)
        if half is None or half.gradient is None:
            return weight.grad
        return half.gradient if weight.grad is None else weight.grad + half.gradient

    def add_up(self) -> None:
        """Add the gradients in bf16 to those in float32: a sum of several is not rounded again."""
        for weight, half in self._of.items():
            if half.gradient is not None:
                weight.grad = half.gradient.float() if weight.grad is None else weight.grad + half.gradient
        self.zero_grad()

    def zero_grad(self) -> None:
        """Forget the gradients in bf16."""
        for half in self._of.values():
            half.has_gradient = False

    def renew(self, weight: "Parameter") -> None:
        """Copy a weight that has changed."""
        half = self._of.get(weight)
        if half is not None:
            half.copy.detach().copy_(weight.detach())

    def remove(self) -> None:
        """Let the layers be as they were."""
        for layer, kind in self._layers:
            layer.__class__ = kind
            del layer.half_weight
        self._layers.clear()
        self._of.clear()


@cache
def _classes() -> "dict[type[Module], type[Module]]":
    """The kinds of linear layers, and what they become; subclasses may use their weights otherwise."""
    import torch
    from transformers.pytorch_utils import Conv1D

    class Product(torch.autograd.Function):
        """A linear layer's answer (rows, outputs) from its inputs (rows, inputs), as autocast computes it."""

        @staticmethod
        def forward(ctx: Any, inputs: Any, copy: Any, bias: Any, half: Half, is_transposed: bool) -> Any:
            ctx.half, ctx.given, ctx.is_transposed = half, inputs.dtype, is_transposed
            inputs, bias = inputs.to(copy.dtype), None if bias is None else bias.to(copy.dtype)
            ctx.save_for_backward(inputs)
            with torch.autocast(inputs.device.type, enabled=False):
                if is_transposed:
                    return torch.addmm(bias, inputs, copy)
                return torch.nn.functional.linear(inputs, copy, bias)

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            (inputs,), (gradient,), copy = ctx.saved_tensors, gradients, ctx.half.copy.detach()
            for_inputs = None
            if ctx.needs_input_grad[0]:
                for_inputs = (gradient @ (copy.T if ctx.is_transposed else copy)).to(ctx.given)
            if ctx.is_transposed:
                ctx.half.add_product(inputs.T, gradient)
            else:
                ctx.half.add_product(gradient.T, inputs)
            for_bias = gradient.sum(0).float() if ctx.needs_input_grad[2] else None
            return for_inputs, None, for_bias, None, None

    def answer(layer: Any, inputs: Any, *, is_transposed: bool) -> Any:
        rows = inputs.reshape(-1, inputs.shape[-1])
        product: Any = Product.apply(
            rows, layer.half_weight.copy, layer.bias, layer.half_weight, is_transposed
        )  # type: ignore[no-untyped-call]
        return product.view(*inputs.shape[:-1], product.shape[-1])

    def is_autocast(inputs: Any) -> bool:
        device = inputs.device.type
        return torch.is_autocast_enabled(device) and torch.get_autocast_dtype(device) == torch.bfloat16

    class HalfLinear(torch.nn.Linear):
        is_product = True

        def forward(self, input: Any) -> Any:
            return answer(self, input, is_transposed=False) if is_autocast(input) else super().forward(input)

    class HalfConv1D(Conv1D):
        is_product = True

        def forward(self, x: Any) -> Any:
            return answer(self, x, is_transposed=True) if is_autocast(x) else super().forward(x)  # type: ignore[no-untyped-call]

    return {torch.nn.Linear: HalfLinear, Conv1D: HalfConv1D}
