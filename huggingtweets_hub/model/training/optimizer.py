"""AdamW that keeps its running mean of the gradients in bf16.

The mean moves by a tenth at every step, far more than bf16 rounds by. That of their squares moves by a
thousandth and would stand still: it stays in float32.
"""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_MEAN = "exp_avg"


def adamw(weights: Iterable["torch.Tensor"], *, rate: float, decay: float) -> "torch.optim.Optimizer":
    """The optimizer of some weights; `grad_scale`, where it is set, divides their gradients first."""
    made: torch.optim.Optimizer = _kind()(weights, lr=rate, weight_decay=decay, fused=True)
    return made


@cache
def _kind() -> type:
    import torch
    from torch.optim.adamw import adamw as step

    class SlimAdamW(torch.optim.AdamW):
        """One weight at a time, so that only its mean is there in float32."""

        @torch.no_grad()
        def step(self, closure: Any = None) -> None:  # type: ignore[override]  # it has overloads
            for group in self.param_groups:
                for weight in group["params"]:
                    if weight.grad is not None:
                        self._step(weight, group)

        def _step(self, weight: Any, group: dict[str, Any]) -> None:
            state = self.state[weight]
            if not state:
                state["step"] = torch.zeros((), dtype=torch.float32, device=weight.device)
                state[_MEAN] = torch.zeros_like(weight, dtype=torch.bfloat16)
                state["exp_avg_sq"] = torch.zeros_like(weight)
            mean = state[_MEAN].float()
            step(
                [weight], [weight.grad], [mean], [state["exp_avg_sq"]], [], [state["step"]],
                fused=True, amsgrad=False, maximize=False,
                beta1=group["betas"][0], beta2=group["betas"][1], lr=group["lr"], eps=group["eps"],
                weight_decay=group["weight_decay"],
                grad_scale=getattr(self, "grad_scale", None), found_inf=getattr(self, "found_inf", None),
            )  # fmt: skip
            state[_MEAN].copy_(mean)

        def load_state_dict(self, state_dict: dict[str, Any]) -> None:
            super().load_state_dict(state_dict)
            for state in self.state.values():  # torch has given them the number format of their weights
                state[_MEAN] = state[_MEAN].bfloat16()

    return SlimAdamW
