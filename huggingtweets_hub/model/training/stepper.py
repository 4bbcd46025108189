"""One training step: as large as the recipe says, in as many parts as needed to fit in memory."""

import time
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from huggingtweets_hub.core.progress import ENOUGH_SECONDS
from huggingtweets_hub.core.records import Recipe
from huggingtweets_hub.model import device, loss
from huggingtweets_hub.model.training import batches, optimizer
from huggingtweets_hub.model.training.batches import Batch
from huggingtweets_hub.model.training.halves import Halves
from huggingtweets_hub.model.training.states import State

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_REHEARSED_TOKENS, _REHEARSED_WEIGHTS = 256, 10


class Stepper:
    """A model and its optimizer: takes one step per batch, in as many parts as needed to fit in memory.

    Args:
        precision: In what to compute (`device.half_precision`); the weights stay float32.
        separator: Token to fill up with.
    """

    def __init__(self, model: "PreTrainedModel", recipe: Recipe, precision: str, separator: int) -> None:
        import torch

        self.model, self.recipe, self._separator = model, recipe, separator
        self.device = model.device.type
        self._named = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
        self._trained = list(self._named.values())
        self._halves = Halves(model, precision)
        self.optimizer = optimizer.adamw(
            self._trained, rate=recipe.learning_rate, decay=recipe.weight_decay, halves=self._halves
        )
        self._compute_in(precision)
        self._parts = 1
        self.by_text = loss.by_text(model)
        self._losses: list[torch.Tensor] = []

    def _attention(self) -> AbstractContextManager[None]:
        if self.recipe.layout == "apart":
            return device.attention_of_short_texts(self.device)
        return nullcontext()

    def _compute_in(self, precision: str) -> None:
        import torch

        self.precision = precision
        self._autocast = device.autocast(self.device, precision)
        self._scaler = torch.amp.GradScaler(self.device, enabled=precision == "float16")

    def settle_precision(self, steps: list[Batch]) -> None:
        """Go on in float32 where the model's numbers are too large for float16."""
        if self.precision == "float16":
            if not self._gradients(_usual(steps)).isfinite():
                self._compute_in("float32")
            self.optimizer.zero_grad()

    def rehearse(self, steps: list[Batch]) -> tuple[float, float]:
        """About how many seconds a token takes for its gradients, and the optimizer for each step."""
        tried = _usual(steps)
        for _ in range(2):  # the first time is slower, which counts for little where it is long
            self.optimizer.zero_grad()
            began = time.perf_counter()
            self._gradients(tried)
            self._wait()
            for_gradients = time.perf_counter() - began
            if for_gradients > ENOUGH_SECONDS:
                break
        self.optimizer.zero_grad()
        return for_gradients / batches.padded(tried), self._rehearse_optimizer()

    def _rehearse_optimizer(self) -> float:
        """About how many seconds the optimizer takes for a step, from copies of a few weights."""
        import torch

        every = max(1, len(self._trained) // _REHEARSED_WEIGHTS)
        tried = [torch.nn.Parameter(weight.detach().clone()) for weight in self._trained[::every]]
        trial, seconds = optimizer.adamw(tried, rate=0.0, decay=0.0, halves=self._halves), 0.0
        for weight in tried:
            weight.grad = torch.ones_like(weight)
        for _ in range(2):  # the first time is slower, so it is not counted
            began = time.perf_counter()
            trial.gradient_norm()
            trial.step()
            self._wait()
            seconds = time.perf_counter() - began
        return seconds * sum(w.numel() for w in self._trained) / max(1, sum(w.numel() for w in tried))

    def take(self, batch: Batch) -> None:
        """Take one step, in smaller parts from the first one that did not fit in memory.

        Raises:
            RuntimeError: There is not enough memory even for one post (`device.is_out_of_memory`).
        """
        import torch

        self._losses.append(self._gradients(batch))
        if self._scaler.is_enabled():
            self._scaler.unscale_(self.optimizer)
            torch.nn.utils.clip_grad_norm_(self._trained, self.recipe.max_grad_norm)
        else:  # the fused optimizer clips along the way, which saves a pass over the memory
            norm = self.optimizer.gradient_norm()
            self.optimizer.grad_scale = (norm / self.recipe.max_grad_norm).clamp(min=1.0)
        self._scaler.step(self.optimizer)
        self._scaler.update()
        self.optimizer.zero_grad()

    def mean_loss(self) -> float:
        """The mean loss of the steps since the last call, in nats per token.

        Steps that overflowed float16 are left out; so were their gradients.
        """
        import torch

        losses = torch.stack(self._losses)
        if self.precision == "float16" and losses.isfinite().any():
            losses = losses[losses.isfinite()]
        mean = losses.mean().item()
        self._losses.clear()
        return mean

    @property
    def form(self) -> dict[str, list[int]]:
        """The shape of each trained weight."""
        return {name: list(weight.shape) for name, weight in self._named.items()}

    @property
    def bytes(self) -> int:
        """The size of the trained weights."""
        return sum(weight.nbytes for weight in self._trained)

    def state(self) -> State:
        """All that the next steps depend on."""
        import torch

        kept = self.optimizer.state_dict()
        tensors = {f"weight.{name}": weight.detach() for name, weight in self._named.items()}
        for number, averages in kept["state"].items():
            tensors |= {f"optimizer.{number}.{name}": tensor for name, tensor in averages.items()}
        if self._losses:
            tensors["losses"] = torch.stack(self._losses)
        values = {
            "groups": kept["param_groups"],
            "precision": self.precision,
            "parts": self._parts,
            "scaler": self._scaler.state_dict(),
        }
        return State(values, tensors)

    def restore(self, state: State, *, computing: bool) -> None:
        """Go on from a state.

        Args:
            computing: Also in its precision and in as many parts, as on the same kind of device.
        """
        import torch

        values, tensors = state
        if computing:
            self._compute_in(values["precision"])
            self._scaler.load_state_dict(values["scaler"])
            self._parts = values["parts"]
        with torch.no_grad():
            for name, weight in self._named.items():
                weight.copy_(tensors[f"weight.{name}"])
                self._halves.renew(weight)
        averages: dict[int, dict[str, torch.Tensor]] = {}
        for name, tensor in tensors.items():
            if name.startswith("optimizer."):
                _, number, kind = name.split(".")
                averages.setdefault(int(number), {})[kind] = tensor
        self.optimizer.load_state_dict({"state": averages, "param_groups": values["groups"]})
        if "losses" in tensors:
            self._losses = list(tensors["losses"].to(self.model.device).unbind())

    def end(self) -> None:
        """Take no more steps: let the model be as it was, but for what it has learned."""
        self._halves.remove()
        self.optimizer.forget()

    def _gradients(self, batch: Batch) -> "torch.Tensor":
        """The loss of the batch in nats per token; also computes the weights' gradients."""
        import torch

        self.model.train()
        while True:
            try:
                return self._added(batch)
            except RuntimeError as error:
                if not device.is_out_of_memory(error) or self._parts >= len(batch):
                    raise
                self.optimizer.zero_grad()
            self._parts *= 2
            if self.device == "cuda":
                torch.cuda.empty_cache()

    def _added(self, batch: Batch) -> "torch.Tensor":
        """The loss, adding the gradients part by part to those of the weights."""
        import torch

        total = torch.zeros((), device=self.model.device)
        predicted = sum(len(ids) - 1 for ids in batch)
        size = -(-len(batch) // self._parts)
        for first in range(0, len(batch), size):
            tensors = loss.tensors(batch[first : first + size], self._separator, self.model.device)
            with self._autocast, self._attention():
                part = self.by_text(*tensors).sum() / predicted
            self._scaler.scale(part).backward()  # type: ignore[no-untyped-call]
            if self._parts > 1:
                self._halves.add_up()
            total += part.detach()
        return total

    def _wait(self) -> None:
        import torch

        if self.device != "cpu":
            torch.accelerator.synchronize()


def _usual(steps: list[Batch]) -> Batch:
    """A batch of the usual size, as far as a trial needs it."""
    batch = sorted(steps, key=batches.padded)[len(steps) // 2]
    width = min(max(map(len, batch)), _REHEARSED_TOKENS)
    return [ids[:width] for ids in batch[: max(1, _REHEARSED_TOKENS // width)]]
