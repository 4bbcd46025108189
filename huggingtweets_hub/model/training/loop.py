"""Fine-tune a base model on a corpus."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core.errors import BaseModelError, TrainingError
from huggingtweets_hub.core.progress import Forecast, Parts, Progress, expect
from huggingtweets_hub.core.records import Corpus, Recipe, TrainedModel, Training
from huggingtweets_hub.core.serialization import digest
from huggingtweets_hub.model import compact, evaluation, loading, scoring
from huggingtweets_hub.model import device as hardware
from huggingtweets_hub.model.base import Checkpoint
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.evaluation import Wanted
from huggingtweets_hub.model.training import (
    adapters,
    batches,
    curve,
    interrupts,
    pace,
    preparation,
    saving,
    schedule,
    states,
    suitability,
)
from huggingtweets_hub.model.training.batches import Batch
from huggingtweets_hub.model.training.checkpoints import Bound, Checkpoints
from huggingtweets_hub.model.training.curve import Curve
from huggingtweets_hub.model.training.states import State
from huggingtweets_hub.model.training.stepper import Stepper

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_COMPUTING = ("torch", "transformers")  # whose versions may change the last digits
_CHECKPOINT_FORMAT = 4  # of the values and tensors in it: increase it where they change


def train(
    corpus: Corpus,
    checkpoint: Checkpoint,
    recipe: Recipe,
    folder: Path,
    *,
    log: Callable[[dict[str, float], int], None] | None = None,
    wanted: Wanted | None = None,
    untrained: Callable[["PreTrainedModel", "PreTrainedTokenizerBase"], None] | None = None,
    context: Context | None = None,
    unfinished: Path | None = None,
) -> TrainedModel:
    """Fine-tune on `corpus.train` and leave weights, tokenizer and settings in `folder`.

    Args:
        folder: Replaced; nothing else is written.
        unfinished: A file for checkpoints, from which the same training goes on if it is stopped. It stays:
            whoever has recorded the result removes it.
        log: Receives metrics and the step they belong to, while the training runs.
        wanted: What will be measured, so that it can be said how long all of it takes.
        untrained: Called with the base model before it is trained, unless it is rounded for that.
        context: Where to train and how to show it; its clock takes the time of loading, tokenizing,
            rehearsal, training and saving.

    Raises:
        BaseModelError: The base model could not be loaded, or cannot become a bot.
        UnwritableError: The disk has no room for the weights.
        TrainingError: The loss is not a number, or there is not enough memory for one tweet.
    """
    context = context or Context()
    progress, clock = context.progress, context.clock
    device, model, tokenizer, is_exact, for_loading, steps = _prepared(checkpoint, corpus, recipe, context)
    points = curve.points(len(steps), recipe.epochs)
    scratch = folder.with_name(f"{folder.name}.best")
    scratch.parent.mkdir(parents=True, exist_ok=True)
    size = saving.size(model)
    core_files.require_room(scratch.parent, size)
    with (
        hardware.memory_kept(device),
        hardware.faster_products(),
        preparation.dropout(model, recipe.dropout),
        _enough_memory(device),
        _removed(scratch),
    ):
        with clock("loading"):
            model.to(device)  # type: ignore[arg-type]  # its stub knows no device names
            precision = hardware.half_precision(device) if recipe.bf16 else "float32"
            stepper = Stepper(model, recipe, precision, tokenizer.eos_token_id)
            kept = Checkpoints(
                unfinished,
                _bound(corpus, checkpoint, recipe, steps, stepper, device),
                room=2 * size,  # for the best weights, and for the model
                progress=progress,
                clock=clock,
            )
            found = kept.find()
        with clock("rehearsal"):
            is_same_device = found is not None and kept.is_of_this_device(found)
            if not is_same_device:
                stepper.settle_precision(steps)
            scored = scoring.length(tokenizer, scoring.spread(corpus.validation, curve.SCORED))
            scores = [scored] * (len(points.scored) - (curve.scores_of(found) if found else 0))
            if isinstance(progress, Forecast):
                texts = corpus.held_out or corpus.validation
                known = pace.of(checkpoint.model, stepper, tokenizer, steps, texts)
                expect(progress, {"Training": known.of_steps(steps), "Saving": saving.expected(model)})
                expect(progress, {"Validating": sum(scores) * known.scoring})
                if wanted is not None:
                    foretold = evaluation.expected(
                        checkpoint, model, tokenizer, corpus, wanted, seed=recipe.seed,
                        for_loading=for_loading, for_scoring=known.scoring, for_drawing=known.drawing,
                    )  # fmt: skip
                    expect(progress, foretold)
        if untrained is not None and is_exact:
            untrained(model, tokenizer)
        if found is not None:
            stepper.restore(found, computing=is_same_device)
            progress.note(f"Going on at step {found.values['step']:,} of {len(steps):,}.")
        copies = 4 if recipe.keep_best else 3  # weights, two averages, the best weights
        kept.begin(len(steps), size=copies * stepper.bytes, found=found)
        progress.advance("Preparing", 3, 3, "steps")
        with clock("training"), kept.told():
            import torch

            torch.manual_seed(recipe.seed)
            watched = Curve(
                model,
                tokenizer,
                corpus.validation,
                precision=stepper.precision,
                planned=points,
                keep_best=recipe.keep_best,
                scratch=scratch if device == "cpu" else None,
                log=log,
                shown=(validating := Parts(progress, "Validating", "tokens", scores)),
                by_text=stepper.by_text,
            )
            _descend(stepper, steps, recipe, watched, progress, kept, found)
            validating.finish()
            points_seen, precision = tuple(watched.points), stepper.precision
            stepper.end()
            del stepper, found
            hardware.return_memory(device)  # of the optimizer, before the best weights take as much
            best_step = watched.take_best()
            del watched
    progress.advance("Saving", 0, 1, "models")
    with clock("saving"):
        if recipe.lora_rank is not None:
            learned = adapters.learned(model)
            del model  # before the next one is loaded
            model = loading.load(checkpoint, corpus.train, seed=recipe.seed, as_stored=True).model
            adapters.merge(learned, model)
        model.to("cpu")  # type: ignore[arg-type]
        saving.save(model, tokenizer, folder)
        files = core_files.file_digests(folder)
    progress.advance("Saving", 1, 1, "models")
    last = points_seen[-1]
    return TrainedModel(
        training=Training(
            seconds=last.seconds,
            steps=last.step,
            tokens=sum(len(ids) for batch in steps[: last.step] for ids in batch),
            device=hardware.name(device),
            parameters=model.num_parameters(),
            curve=points_seen,
            precision=precision,
            best_step=best_step,
        ),
        files=files,
        versions=saving.versions(),
    )


class _Prepared(NamedTuple):
    """A base model ready to be trained, and the steps to take.

    Attributes:
        device: The kind of device to train on; the model is not there yet.
        is_exact: Its weights are those of the base model, not rounded for the training.
        for_loading: The seconds that it took to load.
    """

    device: str
    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    is_exact: bool
    for_loading: float
    steps: list[Batch]


def _prepared(checkpoint: Checkpoint, corpus: Corpus, recipe: Recipe, context: Context) -> _Prepared:
    """Load the base model, choose which of its weights are trained, and tokenize the texts."""
    progress, clock = context.progress, context.clock
    expect(progress, {"Training": None})
    progress.advance("Preparing", 0, 3, "steps")
    with clock("loading"):
        device = hardware.pick(context.device)
        began = time.perf_counter()
        model, tokenizer, has_new_separator = _loaded(checkpoint, corpus, recipe, context)
        is_exact = recipe.lora_rank is None or compact.keep(model, rounded=True)
        for_loading = time.perf_counter() - began
        suitability.require(model, tokenizer, checkpoint.model)
    progress.advance("Preparing", 1, 3, "steps")
    preparation.fuse_activations(model)
    if recipe.lora_rank is not None:
        adapters.add(model, recipe.lora_rank, seed=recipe.seed)
    elif recipe.freeze_embeddings and not has_new_separator:
        preparation.freeze_embeddings(model)
    with clock("tokenizing"):
        steps = batches.made(corpus.train, tokenizer, recipe, loading.context_length(model))
    progress.advance("Preparing", 2, 3, "steps")
    return _Prepared(device, model, tokenizer, is_exact, for_loading, steps)


def _loaded(checkpoint: Checkpoint, corpus: Corpus, recipe: Recipe, context: Context) -> loading.Loaded:
    """The base model. For adapters it stays in half precision, and nobody needs a copy that may change."""
    if recipe.lora_rank is None:
        return context.shelf.take(checkpoint, corpus.train, seed=recipe.seed)
    loaded = loading.load(checkpoint, corpus.train, seed=recipe.seed, as_stored=True)
    if loaded.has_new_separator:
        raise BaseModelError(
            f"The base model {checkpoint.model.name!r} has no end-of-text token, which --lora cannot teach.",
            "Leave out --lora, or use another --base-model.",
        )
    return loaded


def _descend(
    stepper: Stepper,
    steps: list[Batch],
    recipe: Recipe,
    watched: Curve,
    progress: Progress,
    kept: Checkpoints,
    found: State | None,
) -> None:
    """Take the steps that are left, until the last one or until they no longer help."""
    rate = schedule.of(recipe, stepper.optimizer, len(steps))
    done, device = 0, stepper.device

    def state() -> State:
        values: dict[str, Any] = {"schedule": rate.state_dict()}
        parts = [stepper.state(), watched.state(), states.randomness(device)]
        return State(values, {}).joined(*parts)

    if found is None:
        watched.measure(0, None)
    else:
        done = found.values["step"]
        watched.restore(found)
        rate.load_state_dict(found.values["schedule"])
        for group, last in zip(stepper.optimizer.param_groups, rate.get_last_lr(), strict=True):
            group["lr"] = last
        states.restore_randomness(found, device if kept.is_of_this_device(found) else None)
        progress.advance("Training", done, len(steps), "steps")
    with interrupts.held_back() as is_interrupted:
        for step, batch in enumerate(steps[done:], start=done + 1):
            if watched.is_over:
                progress.note(f"Stopped at step {step - 1:,}: unseen posts are no longer predicted better.")
                progress.advance("Training", len(steps), len(steps), "steps")
                return
            stepper.take(batch)
            rate.step()
            progress.advance("Training", step, len(steps), "steps")
            if step in watched.planned.steps:
                watched.measure(step, stepper.mean_loss())
            with watched.paused():
                if is_interrupted():
                    kept.stop(step, state)
                elif step < len(steps):
                    kept.keep_if_due(step, state)


def _bound(
    corpus: Corpus, checkpoint: Checkpoint, recipe: Recipe, steps: list[Batch], stepper: Stepper, device: str
) -> Bound:
    """All that decides on the weights, and what decides on their last digits."""
    versions = {name: version for name, version in saving.versions().items() if name in _COMPUTING}
    return Bound(
        identity=digest(
            _CHECKPOINT_FORMAT,
            recipe,
            checkpoint.model,
            core_files.sha256(json.dumps(steps).encode()),
            corpus.validation,
            stepper.form,
        ),
        device=device,
        made_by={**versions, "device": hardware.name(device)},
    )


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
