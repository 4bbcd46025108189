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
        """One weight at a time, so that only its own mean and gradient are there in float32."""

        def __init__(self, weights: Any, *, halves: Halves, **options: Any) -> None:
            super().__init__(weights, **options)
            self.halves = halves
            self._spaces: dict[str, torch.Tensor] = {}

        @torch.no_grad()
        def step(self, closure: Any = None) -> None:  # type: ignore[override]  # it has overloads
            for group in self.param_groups:
                for weight in group["params"]:
                    gradient = self.halves.gradient(weight)
                    if gradient is not None:
                        self._step(weight, gradient, group)
                        self.halves.renew(weight)

        def zero_grad(self, set_to_none: bool = True) -> None:
            super().zero_grad(set_to_none)
            self.halves.zero_grad()

        def gradient_norm(self) -> torch.Tensor:
            weights = [weight for group in self.param_groups for weight in group["params"]]
            gradients = [g for weight in weights if (g := self.halves.gradient(weight)) is not None]
            norms = [torch.linalg.vector_norm(self._in_float32(g, "gradient")) for g in gradients]
            norm: torch.Tensor = torch.linalg.vector_norm(torch.stack(norms))
            return norm

        def _step(self, weight: Any, gradient: Any, group: dict[str, Any]) -> None:
            state = self.state[weight]
            if not state:
                state["step"] = torch.zeros((), dtype=torch.float32, device=weight.device)
                state[_MEAN] = torch.zeros_like(weight, dtype=torch.bfloat16)
                state["exp_avg_sq"] = torch.zeros_like(weight)
            mean = self._in_float32(state[_MEAN], "mean")
            gradient, scale = self._in_float32(gradient, "gradient"), getattr(self, "grad_scale", None)
            if scale is not None and weight.device.type == "mps":  # where torch before 2.13 passes over it
                gradient, scale = gradient / scale, None
            step(
                [weight], [gradient], [mean], [state["exp_avg_sq"]], [], [state["step"]],
                fused=True, amsgrad=False, maximize=False,
                beta1=group["betas"][0], beta2=group["betas"][1], lr=group["lr"], eps=group["eps"],
                weight_decay=group["weight_decay"],
                grad_scale=scale, found_inf=getattr(self, "found_inf", None),
            )  # fmt: skip
            state[_MEAN].copy_(mean)

        def _in_float32(self, tensor: Any, use: str) -> Any:
            """In the same memory for all weights: what is allocated anew has to be mapped page by page."""
            if tensor.dtype == torch.float32:
                return tensor
            if use not in self._spaces or self._spaces[use].numel() < tensor.numel():
                self._spaces[use] = torch.empty(tensor.numel(), device=tensor.device)
            return self._spaces[use][: tensor.numel()].view(tensor.shape).copy_(tensor)

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
