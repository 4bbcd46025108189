"""Fine-tune a base model on a corpus and save it so that the card's snippet works as it stands."""

import hashlib
import math
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingtweets_hub import base_model, batches, evaluation
from huggingtweets_hub.base_model import Checkpoint
from huggingtweets_hub.batches import Batch
from huggingtweets_hub.errors import InvalidFactsError, TrainingError
from huggingtweets_hub.generation import SAMPLING
from huggingtweets_hub.progress import Progress, Silent
from huggingtweets_hub.records import Corpus, CurvePoint, Recipe, TrainedModel, Training

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase, TrainerCallback

DEVICES = ("auto", "cpu", "cuda", "mps")

_CURVE_POINTS = 10
_PATIENCE = 3  # points of the curve without a smaller validation loss, before a training stops
_NO_TARGET = -100  # what transformers leaves out of the loss


def train(
    corpus: Corpus,
    checkpoint: Checkpoint,
    recipe: Recipe,
    folder: Path,
    *,
    device: str = "auto",
    log: Callable[[dict[str, float], int], None] | None = None,
    progress: Progress | None = None,
) -> TrainedModel:
    """Fine-tune on `corpus.train` and leave weights, tokenizer and settings in `folder`.

    Args:
        folder: Replaced; nothing else is written.
        log: Receives metrics and the step they belong to, while the training runs.

    Raises:
        BaseModelError: The base model does not load.
        TrainingError: The loss is no number, or the saved model does not keep its promise.
    """
    from transformers import PrinterCallback, Trainer, TrainingArguments, set_seed

    progress = progress or Silent()
    target = evaluation.pick_device(device)
    in_bf16 = recipe.bf16 and _computes_bf16(target)
    model, tokenizer = base_model.load(checkpoint, corpus.train, seed=recipe.seed)
    set_seed(recipe.seed)
    _set_dropout(model, recipe.dropout)
    steps = batches.made(corpus.train, tokenizer, recipe, base_model.context_length(model))
    scratch_space = folder.with_name(f"{folder.name}.trainer")
    best = scratch_space / "best.safetensors" if recipe.keep_best and corpus.validation else None
    recorder = _recorder(corpus.validation, tokenizer, len(steps), best, log, progress)
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(scratch_space),
            num_train_epochs=1,  # the epochs are in the steps, each in an order of its own
            per_device_train_batch_size=1,
            learning_rate=recipe.learning_rate,
            lr_scheduler_type=recipe.schedule,
            warmup_steps=recipe.warmup,
            weight_decay=recipe.weight_decay,
            max_grad_norm=recipe.max_grad_norm,
            seed=recipe.seed,
            bf16=in_bf16,
            use_cpu=target == "cpu",
            dataloader_pin_memory=target.startswith("cuda"),
            logging_steps=max(1, len(steps) // _CURVE_POINTS),
            logging_nan_inf_filter=False,  # a loss that is no number must show
            train_sampling_strategy="sequential",
            remove_unused_columns=False,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        ),
        train_dataset=_dataset(steps),
        data_collator=lambda rows: _collated(rows[0]["sequences"], tokenizer.eos_token_id),
        callbacks=[recorder],
    )
    trainer.remove_callback(PrinterCallback)  # stdout is for the result
    trainer.train()
    curve: tuple[CurvePoint, ...] = tuple(recorder.curve)  # type: ignore[attr-defined]
    if not all(math.isfinite(point.loss) for point in curve if point.loss is not None):
        raise _diverged()
    best_step: int | None = recorder.restore(model)  # type: ignore[attr-defined]
    shutil.rmtree(scratch_space, ignore_errors=True)
    model.to("cpu")  # type: ignore[arg-type]  # transformers' stub knows no device names
    save(model, tokenizer, folder)
    return TrainedModel(
        training=Training(
            seconds=curve[-1].seconds,
            steps=curve[-1].step,
            tokens=sum(len(ids) for batch in steps[: curve[-1].step] for ids in batch),
            device=_device_name(target),
            parameters=model.num_parameters(),
            curve=curve,
            precision="bf16" if in_bf16 else "float32",
            best_step=best_step,
        ),
        files=file_digests(folder),
        versions=_versions(),
    )


def save(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", folder: Path) -> None:
    """Write a model whose bare `pipeline('text-generation')` gives finished, varied tweets.

    Raises:
        TrainingError: The saved tokenizer does not put the separator in front of a prompt.
    """
    from transformers import AutoTokenizer, GenerationConfig

    separator = tokenizer.eos_token_id
    special = {"bos_token_id": separator, "eos_token_id": separator, "pad_token_id": separator}
    model.generation_config = GenerationConfig.from_dict({**SAMPLING, **special})
    # Padding stands in generation_config.json alone: in config.json it would make GPT-2 warn, at every
    # use, that the separator in front of the prompt may be padding.
    model.config.update({**special, "pad_token_id": None, "use_cache": True})
    # Only transformers 4 reads these; today's take generation_config.json.
    model.config.task_specific_params = {"text-generation": {**SAMPLING, "max_length": 160}}
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    if AutoTokenizer.from_pretrained(folder)("My dream is").input_ids[:1] != [separator]:
        raise TrainingError(
            f"The tokenizer of this base model ({type(tokenizer).__name__}) does not keep a separator "
            "in front of the prompt, so the model would not know where a tweet begins.",
            "Take another --base-model, such as 'openai-community/gpt2'.",
        )


def file_digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file in the folder, by its path inside it."""
    digests = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                digests[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


def _versions() -> dict[str, str]:
    """The versions of Python and of the libraries that the weights depend on."""
    import platform
    from importlib.metadata import version

    libraries = ("transformers", "torch", "datasets", "tokenizers")
    return {"python": platform.python_version()} | {name: version(name) for name in libraries}


def _computes_bf16(device: str) -> bool:
    """Whether the machine computes in bf16 itself; where it only imitates it, that is slower."""
    import torch

    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    able = torch.cpu.get_capabilities() if device == "cpu" else {}
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def _set_dropout(model: "PreTrainedModel", dropout: float | None) -> None:
    from torch.nn import Dropout

    for module in model.modules():
        if dropout is not None and isinstance(module, Dropout):
            module.p = dropout


def _dataset(steps: list[Batch]) -> Any:
    from datasets import Dataset

    return Dataset.from_dict({"sequences": steps})


def _collated(sequences: Batch, separator: int) -> dict[str, Any]:
    """Tensors (sequences, longest); what is behind a sequence's end is no target.

    There is no attention mask: what stands behind is never looked at, and without one the fastest
    attention can be taken.
    """
    import torch

    width = max(map(len, sequences))
    return {
        "input_ids": torch.tensor([ids + [separator] * (width - len(ids)) for ids in sequences]),
        "labels": torch.tensor([ids + [_NO_TARGET] * (width - len(ids)) for ids in sequences]),
    }


def _recorder(
    validation: Sequence[str],
    tokenizer: "PreTrainedTokenizerBase",
    steps: int,
    best: Path | None,
    log: Callable[[dict[str, float], int], None] | None,
    progress: Progress,
) -> "TrainerCallback":
    """A callback that keeps the curve, with the clock stopped while it measures.

    Args:
        best: Where the weights with the smallest validation loss are kept; None keeps the last.
    """
    from safetensors.torch import load_model, save_model
    from transformers import TrainerCallback

    class Recorder(TrainerCallback):
        def __init__(self) -> None:
            self.curve: list[CurvePoint] = []
            self.started = self.paused = 0.0
            self.best_step: int | None = None

        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.started = time.perf_counter()
            self._record(0, None, kwargs["model"])

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            progress.advance("Training", state.global_step, steps, "steps")

        def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if "loss" in kwargs["logs"]:
                self._record(state.global_step, kwargs["logs"]["loss"], kwargs["model"])
                if best is not None and self._points_since_best() >= _PATIENCE:
                    control.should_training_stop = True

        def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if self.curve[-1].step < state.global_step:
                self._record(state.global_step, None, kwargs["model"])

        def restore(self, model: "PreTrainedModel") -> int | None:
            """Put the best weights back, and answer with their step; None where the last are the best."""
            if self.best_step is None or self._points_since_best() == 0:
                return None
            load_model(model, str(best))
            return self.best_step

        def _points_since_best(self) -> int:
            losses = [p.validation_loss for p in self.curve if p.validation_loss is not None]
            return len(losses) - 1 - losses.index(min(losses)) if losses else 0

        def _record(self, step: int, loss: float | None, model: "PreTrainedModel") -> None:
            began = time.perf_counter()
            seconds = began - self.started - self.paused
            try:
                seen = evaluation.score(model, tokenizer, validation).loss if validation else None
            except InvalidFactsError as error:  # a score that is no number
                raise _diverged() from error
            self.paused += time.perf_counter() - began
            point = CurvePoint(seconds=round(seconds, 3), step=step, loss=loss, validation_loss=seen)
            self.curve.append(point)
            if best is not None and self._points_since_best() == 0 and 0 < step < steps:
                began = time.perf_counter()
                best.parent.mkdir(parents=True, exist_ok=True)
                save_model(model, str(best))
                self.best_step = step
                self.paused += time.perf_counter() - began
            if log is not None:
                measured = {"loss": loss, "validation_loss": seen}
                log({name: value for name, value in measured.items() if value is not None}, step)

    return Recorder()


def _diverged() -> TrainingError:
    return TrainingError(
        "The training loss is no number any more.", "Try a smaller --learning-rate, or another seed."
    )


def _device_name(device: str) -> str:
    import platform

    import torch

    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    return device if device != "cpu" else f"CPU ({platform.machine()}, {torch.get_num_threads()} threads)"
