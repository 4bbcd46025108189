"""Fine-tune a base model on a corpus."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core.errors import TrainingError
from huggingtweets_hub.core.progress import Parts
from huggingtweets_hub.core.records import Corpus, CurvePoint, Recipe, TrainedModel, Training
from huggingtweets_hub.model import device as hardware
from huggingtweets_hub.model import loading, scoring
from huggingtweets_hub.model.base import Checkpoint
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.results import Wanted
from huggingtweets_hub.model.training import adapters, curve, preparation, saving
from huggingtweets_hub.model.training.checkpoints import Bound, Checkpoints
from huggingtweets_hub.model.training.curve import Curve
from huggingtweets_hub.model.training.descent import descend
from huggingtweets_hub.model.training.forecast import foretell
from huggingtweets_hub.model.training.preparation import Prepared
from huggingtweets_hub.model.training.stepper import Stepper

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    Untrained = Callable[[PreTrainedModel, PreTrainedTokenizerBase], None]

Log = Callable[[dict[str, float], int], None]


def train(
    corpus: Corpus,
    checkpoint: Checkpoint,
    recipe: Recipe,
    folder: Path,
    *,
    log: Log | None = None,
    wanted: Wanted | None = None,
    untrained: "Untrained | None" = None,
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
        TrainingError: The loss is not a number, or there is not enough memory for one post.
    """
    context = context or Context()
    progress, clock = context.progress, context.clock
    prepared = preparation.prepare(checkpoint, corpus, recipe, context)
    device, model, steps = prepared.device, prepared.model, prepared.steps
    scratch = folder.with_name(f"{folder.name}.best")
    scratch.parent.mkdir(parents=True, exist_ok=True)
    core_files.require_room(scratch.parent, saving.size(model))
    with _surroundings(device, model, recipe), _removed(scratch):
        fitted = _fit(
            prepared, checkpoint, corpus, recipe, context,
            log=log, wanted=wanted, untrained=untrained, unfinished=unfinished, scratch=scratch,
        )  # fmt: skip
    progress.advance("Saving", 0, 1, "models")
    with clock("saving"):
        tokenizer = prepared.tokenizer
        if recipe.lora_rank is not None:
            learned = adapters.learned(model)
            del model, prepared  # before the next one is loaded
            model = loading.load(checkpoint, corpus.train, seed=recipe.seed, as_stored=True).model
            adapters.merge(learned, model)
        model.to("cpu")  # type: ignore[arg-type]
        saving.save(model, tokenizer, folder)
        files = core_files.file_digests(folder)
    progress.advance("Saving", 1, 1, "models")
    last = fitted.curve[-1]
    return TrainedModel(
        training=Training(
            seconds=last.seconds,
            steps=last.step,
            tokens=sum(len(ids) for batch in steps[: last.step] for ids in batch),
            device=hardware.name(device),
            parameters=model.num_parameters(),
            curve=fitted.curve,
            precision=fitted.precision,
            best_step=fitted.best_step,
        ),
        files=files,
        versions=saving.versions(),
    )


class _Fitted(NamedTuple):
    """How the weights came to be what they are (see `Training`)."""

    curve: tuple[CurvePoint, ...]
    precision: str
    best_step: int | None


def _fit(
    prepared: Prepared,
    checkpoint: Checkpoint,
    corpus: Corpus,
    recipe: Recipe,
    context: Context,
    *,
    log: Log | None,
    wanted: Wanted | None,
    untrained: "Untrained | None",
    unfinished: Path | None,
    scratch: Path,
) -> _Fitted:
    """Train the weights of the prepared model, and leave it with the best ones.

    Args:
        scratch: The file for the best weights, on a CPU.
    """
    import torch

    device, model, tokenizer, steps = prepared.device, prepared.model, prepared.tokenizer, prepared.steps
    progress, clock = context.progress, context.clock
    points = curve.points(len(steps), recipe.epochs)
    with clock("loading"):
        model.to(device)  # type: ignore[arg-type]  # its stub knows no device names
        precision = hardware.half_precision(device) if recipe.bf16 else "float32"
        stepper = Stepper(model, recipe, precision, tokenizer.eos_token_id)
        bound = Bound.to(checkpoint, corpus, steps, stepper)
        room = 2 * saving.size(model)  # for the best weights, and for the model
        kept = Checkpoints(unfinished, bound, room=room, progress=progress, clock=clock)
        found = kept.find()
    with clock("rehearsal"):
        is_same_device = found is not None and kept.is_of_this_device(found)
        if not is_same_device:
            stepper.settle_precision(steps)
        scored = scoring.length(tokenizer, scoring.spread(corpus.validation, curve.SCORED))
        scores = [scored] * (len(points.scored) - (curve.scores_of(found) if found else 0))
        foretell(progress, checkpoint, corpus, prepared, stepper, validated=sum(scores), wanted=wanted)
    if untrained is not None and prepared.is_exact:
        untrained(model, tokenizer)
    if found is not None:
        stepper.restore(found, computing=is_same_device)
        progress.note(f"Resuming at step {found.values['step']:,} of {len(steps):,}.")
    copies = 4 if recipe.keep_best else 3  # weights, two averages, the best weights
    kept.begin(len(steps), size=copies * stepper.bytes, found=found)
    progress.advance("Preparing", 3, 3, "steps")
    with clock("training"), kept.told():
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
        descend(stepper, steps, watched, progress, kept, found)
        validating.finish()
        precision = stepper.precision
        stepper.end()
        del stepper, found
        hardware.return_memory(device)  # of the optimizer, before the best weights take as much
        best_step = watched.take_best()
    return _Fitted(tuple(watched.points), precision, best_step)


@contextmanager
def _surroundings(device: str, model: "PreTrainedModel", recipe: Recipe) -> Iterator[None]:
    """Set up memory and processor for a training, and explain an error if memory runs out."""
    with (
        hardware.memory_kept(device),
        hardware.faster_products(),
        preparation.dropout(model, recipe.dropout),
        _enough_memory(device),
    ):
        yield


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
