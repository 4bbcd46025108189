"""Fine-tune a base model on a corpus."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub import base_model, loss, machine
from huggingtweets_hub.base_model import Checkpoint
from huggingtweets_hub.clock import Clock
from huggingtweets_hub.errors import TrainingError
from huggingtweets_hub.progress import Progress, Silent
from huggingtweets_hub.records import Corpus, Recipe, TrainedModel, Training
from huggingtweets_hub.training import batches, saving
from huggingtweets_hub.training.batches import Batch
from huggingtweets_hub.training.curve import Curve

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_CURVE_POINTS = 10
_REHEARSED_TOKENS = 256
_SOME_TOKENS = range(8)


def train(
    corpus: Corpus,
    checkpoint: Checkpoint,
    recipe: Recipe,
    folder: Path,
    *,
    device: str = "auto",
    log: Callable[[dict[str, float], int], None] | None = None,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> TrainedModel:
    """Fine-tune on `corpus.train` and leave weights, tokenizer and settings in `folder`.

    Args:
        folder: Replaced; nothing else is written.
        log: Receives metrics and the step they belong to, while the training runs.
        clock: Takes the time of loading, tokenizing, rehearsal, training and saving.

    Raises:
        BaseModelError: The base model does not load.
        TrainingError: The loss is no number, the memory does not do for one tweet, or the saved model
            does not keep its promise.
    """
    progress, clock = progress or Silent(), clock or Clock()
    with clock("loading"):
        from transformers import get_scheduler, set_seed

        device = machine.pick(device)
        precision = machine.half_precision(device) if recipe.bf16 else "float32"
        model, tokenizer = base_model.load(checkpoint, corpus.train, seed=recipe.seed)
        model.to(device)  # type: ignore[arg-type]  # its stub knows no device names
    _set_dropout(model, recipe.dropout)
    if recipe.freeze_embeddings:
        _freeze_embeddings(model)
    with clock("tokenizing"):
        steps = batches.made(corpus.train, tokenizer, recipe, base_model.context_length(model))
    scratch = folder.with_name(f"{folder.name}.best.safetensors")
    with machine.memory_kept(device), _removed(scratch):
        with clock("rehearsal"):
            stepper = _Stepper(model, recipe, precision, tokenizer.eos_token_id)
            seconds = stepper.rehearse(steps)
        progress.note(f"{len(steps):,} steps, {_duration(seconds)} of training.")
        with clock("training"):
            schedule = get_scheduler(
                recipe.schedule,
                stepper.optimizer,
                num_warmup_steps=round(recipe.warmup * len(steps)),
                num_training_steps=len(steps),
            )
            set_seed(recipe.seed)
            curve = Curve(
                model,
                tokenizer,
                corpus.validation,
                precision=precision,
                steps=len(steps),
                keep_best=recipe.keep_best,
                scratch=scratch if device == "cpu" else None,
                log=log,
            )
            curve.measure(0, None)
            every = max(1, len(steps) // _CURVE_POINTS)
            for step, batch in enumerate(steps, start=1):
                stepper.take(batch)
                schedule.step()
                progress.advance("Training", step, len(steps), "steps")
                if step % every == 0 or step == len(steps):
                    curve.measure(step, stepper.mean_loss())
                    if curve.is_over:
                        progress.advance("Training", len(steps), len(steps), "steps")
                        break
            best_step = curve.restore()
        del stepper, schedule
    with clock("saving"):
        model.to("cpu")  # type: ignore[arg-type]
        saving.save(model, tokenizer, folder)
        files = saving.file_digests(folder)
    last = curve.points[-1]
    return TrainedModel(
        training=Training(
            seconds=last.seconds,
            steps=last.step,
            tokens=sum(len(ids) for batch in steps[: last.step] for ids in batch),
            device=machine.name(device),
            parameters=model.num_parameters(),
            curve=tuple(curve.points),
            precision=precision,
            best_step=best_step,
        ),
        files=files,
        versions=saving.versions(),
    )


class _Stepper:
    """A model and its optimizer: takes one step a batch, in as many parts as the memory needs."""

    def __init__(self, model: "PreTrainedModel", recipe: Recipe, precision: str, separator: int) -> None:
        import torch

        self._model, self._recipe, self._separator = model, recipe, separator
        self._device = model.device.type
        self._trained = [weight for weight in model.parameters() if weight.requires_grad]
        self.optimizer = torch.optim.AdamW(
            self._trained, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
        )
        self._autocast = machine.autocast(self._device, precision)
        self._scaler = torch.amp.GradScaler(self._device, enabled=precision == "float16")
        self._parts = 1
        self._nats = loss.of(model, _SOME_TOKENS)
        self._losses: list[torch.Tensor] = []

    def rehearse(self, steps: list[Batch]) -> float:
        """How many seconds these steps will take, foretold from gradients of a few tweets."""
        import torch

        tried = _up_to(sorted(steps, key=_padded)[len(steps) // 2], _REHEARSED_TOKENS)
        self._model.train()
        for _ in range(2):  # what is slow the first time, is left out
            began = time.perf_counter()
            self._add_gradients(tried)
            self._wait()
            for_gradients = time.perf_counter() - began
        # An optimizer moves seven times what its weights take: them, their gradients and two averages,
        # all but the gradients back again. Clipping moves three times that.
        began = time.perf_counter()
        torch.nn.utils.clip_grad_norm_(self._trained, math.inf)
        self._wait()
        for_optimizer = (time.perf_counter() - began) * (7 + 3) / 3
        self.optimizer.zero_grad()
        return for_gradients * sum(map(_padded, steps)) / _padded(tried) + for_optimizer * len(steps)

    def take(self, batch: Batch) -> None:
        """One step down, in smaller parts from the one on that did not find room.

        Raises:
            TrainingError: There is no room even for one tweet.
        """
        import torch

        self._model.train()
        while True:
            try:
                self._losses.append(self._add_gradients(batch))
                break
            except RuntimeError as error:
                if "out of memory" not in str(error):
                    raise
                self.optimizer.zero_grad()
                if self._parts >= len(batch):
                    raise _no_room(self._device) from error
                self._parts *= 2
            if self._device == "cuda":
                torch.cuda.empty_cache()
        self._scaler.unscale_(self.optimizer)
        torch.nn.utils.clip_grad_norm_(self._trained, self._recipe.max_grad_norm)
        self._scaler.step(self.optimizer)
        self._scaler.update()
        self.optimizer.zero_grad()

    def mean_loss(self) -> float:
        """The mean loss of the steps since the last call, in nats a token."""
        import torch

        mean = torch.stack(self._losses).mean().item()
        self._losses.clear()
        return mean

    def _add_gradients(self, batch: Batch) -> "torch.Tensor":
        """The loss of the batch in nats a token, its gradients added to those of the weights."""
        import torch

        total = torch.zeros((), device=self._model.device)
        predicted = sum(len(ids) - 1 for ids in batch)
        size = -(-len(batch) // self._parts)
        for first in range(0, len(batch), size):
            tensors = loss.tensors(batch[first : first + size], self._separator, self._model.device)
            with self._autocast:
                part = self._nats(*tensors) / predicted
            self._scaler.scale(part).backward()  # type: ignore[no-untyped-call]
            total += part.detach()
        return total

    def _wait(self) -> None:
        import torch

        if self._device != "cpu":
            torch.accelerator.synchronize()


@contextmanager
def _removed(path: Path) -> Iterator[None]:
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _set_dropout(model: "PreTrainedModel", dropout: float | None) -> None:
    from torch.nn import Dropout

    for module in model.modules():
        if dropout is not None and isinstance(module, Dropout):
            module.p = dropout


def _freeze_embeddings(model: "PreTrainedModel") -> None:
    for embeddings in (model.get_input_embeddings(), model.get_output_embeddings()):  # type: ignore[no-untyped-call]
        embeddings.weight.requires_grad_(False)


def _padded(batch: Batch) -> int:
    return len(batch) * max(map(len, batch))


def _up_to(batch: Batch, tokens: int) -> Batch:
    """So much of a batch, at least a part of its first sequence."""
    width = min(max(map(len, batch)), tokens)
    return [ids[:width] for ids in batch[: max(1, tokens // width)]]


def _duration(seconds: float) -> str:
    return f"about {seconds / 60:.0f} min" if seconds >= 90 else f"about {max(seconds, 1):.0f} s"


def _no_room(device: str) -> TrainingError:
    return TrainingError(
        f"The memory of the {device} device does not do for this base model, one tweet at a time.",
        "Take a smaller --base-model, or --device cpu.",
    )
