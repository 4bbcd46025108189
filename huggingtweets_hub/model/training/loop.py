"""Fine-tune a base model on a corpus."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core.errors import TrainingError
from huggingtweets_hub.core.progress import Forecast, Parts, Progress, expect
from huggingtweets_hub.core.records import Corpus, Recipe, TrainedModel, Training
from huggingtweets_hub.model import device as hardware
from huggingtweets_hub.model import evaluation, loading, scoring
from huggingtweets_hub.model.base import Checkpoint
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.evaluation import Wanted
from huggingtweets_hub.model.training import batches, curve, saving
from huggingtweets_hub.model.training.batches import Batch
from huggingtweets_hub.model.training.curve import Curve
from huggingtweets_hub.model.training.stepper import Stepper

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_CURVE_POINTS = 10


def train(
    corpus: Corpus,
    checkpoint: Checkpoint,
    recipe: Recipe,
    folder: Path,
    *,
    log: Callable[[dict[str, float], int], None] | None = None,
    wanted: Wanted | None = None,
    context: Context | None = None,
) -> TrainedModel:
    """Fine-tune on `corpus.train` and leave weights, tokenizer and settings in `folder`.

    Args:
        folder: Replaced; nothing else is written.
        log: Receives metrics and the step they belong to, while the training runs.
        wanted: What will be measured after it, so that it can be said how long all of it takes.
        context: Where to train and how to show it; its clock takes the time of loading, tokenizing,
            rehearsal, training and saving.

    Raises:
        BaseModelError: The base model could not be loaded.
        UnwritableError: The disk has no room for the weights.
        TrainingError: The loss is not a number, there is not enough memory for one tweet, or the saved
            model does not work as the card promises.
    """
    context = context or Context()
    progress, clock = context.progress, context.clock
    expect(progress, {"Training": None})
    progress.advance("Preparing", 0, 3, "steps")
    with clock("loading"):
        from transformers import set_seed

        device = hardware.pick(context.device)
        precision = hardware.half_precision(device) if recipe.bf16 else "float32"
        began = time.perf_counter()
        model, tokenizer, has_new_separator = context.shelf.take(checkpoint, corpus.train, seed=recipe.seed)
        for_loading = time.perf_counter() - began
    progress.advance("Preparing", 1, 3, "steps")
    _set_dropout(model, recipe.dropout)
    if recipe.freeze_embeddings and not has_new_separator:
        _freeze_embeddings(model)
    with clock("tokenizing"):
        steps = batches.made(corpus.train, tokenizer, recipe, loading.context_length(model))
    progress.advance("Preparing", 2, 3, "steps")
    scratch = folder.with_name(f"{folder.name}.best.safetensors")
    scratch.parent.mkdir(parents=True, exist_ok=True)
    core_files.require_room(scratch.parent, saving.size(model))
    with hardware.memory_kept(device), _enough_memory(device), _removed(scratch):
        with clock("rehearsal"):
            model.to(device)  # type: ignore[arg-type]  # its stub knows no device names
            stepper = Stepper(model, recipe, precision, tokenizer.eos_token_id)
            points = 1 + math.ceil(len(steps) / math.ceil(len(steps) / _CURVE_POINTS))
            scored = scoring.length(tokenizer, scoring.spread(corpus.validation, curve.SCORED))
            expect(progress, {"Training": stepper.rehearse(steps), "Saving": saving.expected(model)})
            if isinstance(progress, Forecast):
                a_token = scoring.rehearse(model, tokenizer, corpus.held_out or corpus.validation)
                expect(progress, {"Validating": points * scored * a_token})
                if wanted is not None:
                    expect(
                        progress, evaluation.expected(model, tokenizer, corpus, wanted, for_loading, a_token)
                    )
        progress.advance("Preparing", 3, 3, "steps")
        with clock("training"):
            set_seed(recipe.seed)
            watched = Curve(
                model,
                tokenizer,
                corpus.validation,
                precision=stepper.precision,
                steps=len(steps),
                keep_best=recipe.keep_best,
                scratch=scratch if device == "cpu" else None,
                log=log,
                shown=(validating := Parts(progress, "Validating", "tokens", [scored] * points)),
            )
            _descend(stepper, steps, recipe, watched, progress)
            validating.finish()
            best_step = watched.restore()
        precision = stepper.precision
        del stepper
    progress.advance("Saving", 0, 1, "models")
    with clock("saving"):
        model.to("cpu")  # type: ignore[arg-type]
        saving.save(model, tokenizer, folder)
        files = core_files.file_digests(folder)
    progress.advance("Saving", 1, 1, "models")
    last = watched.points[-1]
    return TrainedModel(
        training=Training(
            seconds=last.seconds,
            steps=last.step,
            tokens=sum(len(ids) for batch in steps[: last.step] for ids in batch),
            device=hardware.name(device),
            parameters=model.num_parameters(),
            curve=tuple(watched.points),
            precision=precision,
            best_step=best_step,
        ),
        files=files,
        versions=saving.versions(),
    )


def _descend(
    stepper: Stepper, steps: list[Batch], recipe: Recipe, watched: Curve, progress: Progress
) -> None:
    """Take the steps, until the last one or until they no longer help."""
    from transformers import get_scheduler

    schedule = get_scheduler(
        recipe.schedule,
        stepper.optimizer,
        num_warmup_steps=round(recipe.warmup * len(steps)),
        num_training_steps=len(steps),
    )
    watched.measure(0, None)
    every = math.ceil(len(steps) / _CURVE_POINTS)
    for step, batch in enumerate(steps, start=1):
        stepper.take(batch)
        schedule.step()
        progress.advance("Training", step, len(steps), "steps")
        if step % every == 0 or step == len(steps):
            watched.measure(step, stepper.mean_loss())
            if watched.is_over:
                progress.advance("Training", len(steps), len(steps), "steps")
                return


@contextmanager
def _enough_memory(device: str) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        if not hardware.is_out_of_memory(error):
            raise
        raise TrainingError(
            f"The {device} device does not have enough memory for this base model, even one text at a time.",
            f"Use a smaller --base-model{'' if device == 'cpu' else ', or --device cpu'}.",
        ) from error


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
