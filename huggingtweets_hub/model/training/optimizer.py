"""AdamW that keeps its running mean of the gradients in bf16.

The mean moves by a tenth at every step, far more than bf16 rounds by. That of their squares moves by a
thousandth and would stand still: it stays in float32.
"""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.model.training.halves import Halves

if TYPE_CHECKING:
    import torch

_MEAN = "exp_avg"
_TOGETHER = 1 << 16
"""So many numbers take a step together: to start one for each small weight takes longer than the step."""


def adamw(weights: "Iterable[torch.nn.Parameter]", *, rate: float, decay: float, halves: Halves) -> Any:
    """The `torch.optim.Optimizer` of some weights.

    `gradient_norm()` is that of all gradients together; `grad_scale`, where it is set, divides them first;
    `forget()` frees what it has gathered.

    Args:
        halves: Has some of the gradients, and is told of what changes.
    """
    return _kind()(weights, halves=halves, lr=rate, weight_decay=decay, fused=True)


@cache
def _kind() -> type:
    import torch
    from torch.optim.adamw import adamw as step

    class SlimAdamW(torch.optim.AdamW):
        """A few small weights or a large one at a time: only their means and gradients are in float32."""

        def __init__(self, weights: Any, *, halves: Halves, **options: Any) -> None:
            super().__init__(weights, **options)
            self.halves = halves
            self._spaces: dict[str, torch.Tensor] = {}

        @torch.no_grad()
        def step(self, closure: Any = None) -> None:  # type: ignore[override]  # it has overloads
            for group in self.param_groups:
                weights: list[torch.nn.Parameter] = []
                numbers = 0
                for weight in group["params"]:
                    if numbers + weight.numel() > _TOGETHER:
                        self._step(weights, group)
                        weights, numbers = [], 0
                    weights.append(weight)
                    numbers += weight.numel()
                self._step(weights, group)

        def zero_grad(self, set_to_none: bool = True) -> None:
            super().zero_grad(set_to_none)
            self.halves.zero_grad()

        def gradient_norm(self) -> torch.Tensor:
            weights = [weight for group in self.param_groups for weight in group["params"]]
            gradients = [g for weight in weights if (g := self.halves.gradient(weight)) is not None]
            norms = [torch.linalg.vector_norm(*self._in_float32([g], "gradient")) for g in gradients]
            norm: torch.Tensor = torch.linalg.vector_norm(torch.stack(norms))
            return norm

        def _step(self, weights: list[Any], group: dict[str, Any]) -> None:
            found = [(weight, self.halves.gradient(weight)) for weight in weights]
            weights = [weight for weight, gradient in found if gradient is not None]
            if not weights:
                return
            states = [self.state[weight] for weight in weights]
            for weight, state in zip(weights, states, strict=True):
                if not state:
                    state["step"] = torch.zeros((), dtype=torch.float32, device=weight.device)
                    state[_MEAN] = torch.zeros_like(weight, dtype=torch.bfloat16)
                    state["exp_avg_sq"] = torch.zeros_like(weight)
            means = self._in_float32([state[_MEAN] for state in states], "mean")
            gradients = self._in_float32([g for _, g in found if g is not None], "gradient")
            scale = getattr(self, "grad_scale", None)
            on_mps = weights[0].device.type == "mps"
            if scale is not None and on_mps:  # where torch before 2.13 passes over it
                gradients, scale = [gradient / scale for gradient in gradients], None
            step(
                weights, gradients, means, [state["exp_avg_sq"] for state in states], [],
                [state["step"] for state in states],
                fused=True, amsgrad=False, maximize=False,
                beta1=group["betas"][0], beta2=group["betas"][1], lr=group["lr"], eps=group["eps"],
                weight_decay=group["weight_decay"],
                grad_scale=scale, found_inf=getattr(self, "found_inf", None),
            )  # fmt: skip
            for weight, state, mean in zip(weights, states, means, strict=True):
                state[_MEAN].copy_(mean)
                self.halves.renew(weight)

        def _in_float32(self, tensors: list[Any], use: str) -> list[Any]:
            """In the same memory at each step: what is allocated anew has to be mapped page by page."""
            sizes = [0 if tensor.dtype == torch.float32 else tensor.numel() for tensor in tensors]
            if not any(sizes):
                return tensors
            if use not in self._spaces or self._spaces[use].numel() < sum(sizes):
                self._spaces[use] = torch.empty(sum(sizes), device=tensors[0].device)
            parts = torch.split(self._spaces[use][: sum(sizes)], sizes)
            return [
                part.view(tensor.shape).copy_(tensor) if size else tensor
                for tensor, part, size in zip(tensors, parts, sizes, strict=True)
            ]

        def forget(self) -> None:
            """Let go of all averages and weights, also where a schedule still holds the optimizer."""
            self.state.clear()
            self.param_groups.clear()
            self._spaces.clear()

        def load_state_dict(self, state_dict: dict[str, Any]) -> None:
            super().load_state_dict(state_dict)
            for state in self.state.values():  # torch has given them the number format of their weights
                state[_MEAN] = state[_MEAN].bfloat16()

    return SlimAdamW
