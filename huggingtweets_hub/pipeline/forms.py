"""The forms for other clients that a publication holds: made, measured, or left out with the reason."""

import dataclasses
import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from huggingtweets_hub.core.errors import HuggingTweetsError, InvalidInputError, UnwritableError
from huggingtweets_hub.core.files import file_digests
from huggingtweets_hub.core.names import form_files
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import FormFile, LeftOut, TrainedModel
from huggingtweets_hub.hub import client
from huggingtweets_hub.hub.repo import Published
from huggingtweets_hub.model import evaluation, loading
from huggingtweets_hub.model.base import Checkpoint
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.forms import form as model_forms
from huggingtweets_hub.model.forms.fidelity import Original
from huggingtweets_hub.model.forms.form import FORMS, Name
from huggingtweets_hub.model.scoring import spread
from huggingtweets_hub.pipeline.export import SETTINGS, write_form
from huggingtweets_hub.pipeline.workspace import Workspace

if TYPE_CHECKING:
    from huggingtweets_hub.pipeline.gather import Gathered

Format = Literal["gguf", "onnx"]
_TEXTS = 32
_STAGE = "forms"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What came of forms that were asked for; `files` are their digests by path."""

    asked: tuple[str, ...]
    files: dict[str, str]
    forms: tuple[FormFile, ...]
    left_out: tuple[LeftOut, ...]


def require_installed(formats: Collection[str]) -> None:
    """Make sure that the libraries for these forms are there.

    Raises:
        InvalidInputError: One is not installed.
    """
    for name in formats:
        model_forms.require_installed(cast(Name, name))


def wanted(formats: Sequence[str] | str | None, published: Published) -> tuple[str, ...]:
    """The forms that an order asks for; where it leaves that open, those that are published already."""
    return listed(published.facts) if formats is None else tuple(formats)


def listed(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The forms that were asked for of a publication, also those that could not be made."""
    parts = (facts.get(key) for key in ("forms", "forms_left_out"))
    entries: list[Any] = [entry for part in parts if isinstance(part, list) for entry in part]
    there = {entry.get("form") for entry in entries if isinstance(entry, dict)}
    return tuple(name for name in FORMS if name in there)


def foretell(names: Sequence[str], checkpoint: Checkpoint, progress: Progress) -> None:
    """Say before the training which forms a model from this base cannot have."""
    if checkpoint.model.kind in ("hub", "folder"):
        for name in names:
            if reason := _unsupported(name, checkpoint):
                progress.warn(f"The {name} files will be left out: {reason}")


@functools.cache
def _unsupported(name: str, checkpoint: Checkpoint) -> str | None:
    """Why no model from a base can have a form; None if it can."""
    folder = Path(checkpoint.location)
    if checkpoint.model.kind == "hub":
        from huggingface_hub import snapshot_download

        client.bound()
        with loading.explained(checkpoint.model.name, what="base model"):
            folder = Path(
                snapshot_download(
                    checkpoint.location, revision=checkpoint.model.revision, allow_patterns=SETTINGS
                )
            )
    try:
        FORMS[cast(Name, name)].require_supported(folder)
    except InvalidInputError as error:
        return error.message
    return None


def missing(gathered: "Gathered", model: TrainedModel) -> tuple[str, ...]:
    """The forms that are wanted, and that neither the model has nor a reason why not."""
    there = {form.form for form in model.forms} | {form.form for form in model.forms_left_out}
    gone = {
        form.form for form in model.forms if not model.is_new and form.file not in gathered.published.files
    }
    return tuple(name for name in gathered.formats if name not in there - gone)


def are_as_wanted(gathered: "Gathered", model: TrainedModel) -> bool:
    """Whether a published model has just the forms that are wanted."""
    return not missing(gathered, model) and kept(gathered, model) == model


def kept(gathered: "Gathered", model: TrainedModel) -> TrainedModel:
    """The model with those of its forms alone that are wanted and still there."""
    names = set(gathered.formats) - set(missing(gathered, model))
    forms = tuple(form for form in model.forms if form.form in names)
    paths = {form.file for form in forms}
    return dataclasses.replace(
        model,
        forms=forms,
        forms_left_out=tuple(form for form in model.forms_left_out if form.form in names),
        files={
            path: digest
            for path, digest in model.files.items()
            if path in paths or path not in form_files(model.files)
        },
    )


def made(
    names: Sequence[str], gathered: "Gathered", model: TrainedModel, work: Workspace, context: Context
) -> TrainedModel:
    """The model with these forms, too, each measured on held-out posts, or taken from disk if made already.

    Args:
        work: Holds the model's files.

    Raises:
        UnwritableError: The disk takes no more.
    """
    earlier = work.load(_STAGE, _Made)
    if earlier is None or earlier.asked != tuple(names) or not _is_there(earlier, work):
        with context.clock(_STAGE):
            earlier = _make(names, gathered, work, context.progress)
        work.save(_STAGE, earlier)
    return dataclasses.replace(
        model,
        forms=(*model.forms, *earlier.forms),
        forms_left_out=(*model.forms_left_out, *earlier.left_out),
        files={**model.files, **earlier.files},
        stages={**model.stages, **context.clock.seconds},
    )


def _make(names: Sequence[str], gathered: "Gathered", work: Workspace, progress: Progress) -> _Made:
    texts = spread(gathered.texts.held_out or gathered.texts.train, _TEXTS)
    with loading.explained(work.model):
        original = Original(*evaluation.tuned(work.model, "cpu"), texts)
    forms: list[FormFile] = []
    left_out: list[LeftOut] = []
    for name in names:
        try:
            FORMS[cast(Name, name)].require_supported(work.model)
            found, missed = write_form(
                work.model,
                cast(Name, name),
                work.model,
                name=gathered.name,
                original=original,
                progress=progress,
            )
        except UnwritableError:
            raise
        except HuggingTweetsError as error:
            progress.warn(f"The {name} files are left out: {error.message}")
            found, missed = [], [LeftOut(form=name, kind=None, reason=error.message.rstrip("."))]
        forms += found
        left_out += missed
    digests = file_digests(work.model, {form.file for form in forms})
    return _Made(asked=tuple(names), files=digests, forms=tuple(forms), left_out=tuple(left_out))


def _is_there(made: _Made, work: Workspace) -> bool:
    return made.files == file_digests(work.model, made.files)
