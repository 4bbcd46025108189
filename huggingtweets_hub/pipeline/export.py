"""A finished model in a form for another client, measured against the model before it is kept."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from huggingtweets_hub.core import files, settings
from huggingtweets_hub.core.errors import InvalidInputError, TrainingError
from huggingtweets_hub.core.model_files import CONFIG
from huggingtweets_hub.core.names import expanded
from huggingtweets_hub.core.progress import Progress, Silent
from huggingtweets_hub.core.records import FormFile, LeftOut
from huggingtweets_hub.hub import client
from huggingtweets_hub.model import base, drawing, evaluation, loading
from huggingtweets_hub.model.forms import form as forms
from huggingtweets_hub.model.forms.fidelity import Original

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

SETTINGS = ["*.json", "merges.txt"]
"""The files of a model that tell whether it has a form."""
_TEXTS = 32


def export_model(
    model: str | Path, to: forms.Name, output: str | Path, *, progress: Progress | None = None
) -> list[FormFile]:
    """Write a model in another form, each file measured before it is kept.

    Args:
        model: A folder or a Hub repo.
        to: `gguf`, for llama.cpp, Ollama and what is built on them; `onnx`, for browsers; `ctranslate2`, for
            processors.
        output: The folder for the files; files of other names in it stay.
        progress: Where to show progress; by default nowhere.

    Raises:
        InvalidInputError: There is no such form, or none for a model of this architecture.
        BaseModelError: The model cannot be loaded.
        UnwritableError: The folder takes no files.
        TrainingError: No file came close enough to the model.
    """
    names = get_args(forms.Name)
    if to not in names:
        raise InvalidInputError(f"There is no form {to!r}.", f"Choose from: {', '.join(names)}.")
    progress = progress or Silent()
    form = forms.FORMS[to]
    forms.require_installed(to)
    base.require_named(model)
    into = expanded(output)
    files.require_writable(into, "give --output another folder")
    folder, name = _found(model, form)
    with loading.explained(folder):
        loaded, tokenizer = evaluation.tuned(folder, "cpu")
    original = Original(loaded, tokenizer, _texts(loaded, tokenizer))
    with files.explained(into):
        into.mkdir(parents=True, exist_ok=True)
        made, _ = write_form(folder, to, into, name=name, original=original, progress=progress)
        for beside in form.BESIDE if made else ():
            if (folder / beside).is_file():
                files.write_whole(into / beside, (folder / beside).read_bytes())
    if not made:
        raise TrainingError(
            f"No form of {str(model)!r} came close enough to the model.", "Use the model as it is."
        )
    return made


def write_form(
    folder: Path, to: forms.Name, into: Path, *, name: str, original: Original, progress: Progress
) -> tuple[list[FormFile], list[LeftOut]]:
    """Write every kind of a form; what differs too much from the model is left out with a warning.

    Args:
        folder: A model that has this form.
        into: Where the files go, by their `file`.
        name: The model's name, as a client shows it.
        original: The same model, to measure with.
    """
    made, left_out = [], []
    kinds = forms.FORMS[to].KINDS
    for number, (kind, bound) in enumerate(kinds.items()):
        progress.advance("Writing", number, len(kinds), "files")
        path = into / forms.FORMS[to].file(name, kind)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = files.partial_of(path)
        try:
            found = _written(folder, to, partial, kind, name, original)
            if abs(found.lost) <= bound:
                files.remove(path)
                partial.replace(path)
                made.append(found)
            else:
                reason = f"its loss differs by {found.lost:+.3f} nats per token; {bound:g} is allowed"
                left_out.append(LeftOut(form=to, kind=kind, reason=reason))
                progress.warn(f"{path.name} is left out: {reason}.")
        finally:
            files.remove(partial)
    progress.advance("Writing", len(kinds), len(kinds), "files")
    return made, left_out


def _written(folder: Path, to: forms.Name, path: Path, kind: str, name: str, original: Original) -> FormFile:
    form, began = forms.FORMS[to], time.perf_counter()
    form.write(folder, path, kind, title=f"{name}-{kind}")
    seconds = round(time.perf_counter() - began, 2)
    fidelity = form.compared(path, folder, original)
    parts = [path, *path.rglob("*")] if path.is_dir() else [path]
    return FormFile(
        form=to,
        kind=kind,
        file=form.file(name, kind),
        bytes=sum(part.stat().st_size for part in parts if part.is_file()),
        seconds=seconds,
        loss=fidelity.loss,
        model_loss=fidelity.model_loss,
        same=fidelity.same,
        prompts=fidelity.prompts,
    )


def _found(model: str | Path, form: forms.Form) -> tuple[Path, str]:
    """The folder of a model that has a form, and its name."""
    if expanded(model).is_dir():
        folder = expanded(model).resolve()
        _require_supported(folder, form)
        return folder, folder.name
    from huggingface_hub import snapshot_download

    client.bound()
    with loading.explained(model):
        folder = Path(snapshot_download(str(model), allow_patterns=SETTINGS))
        if not (folder / CONFIG).is_file():
            raise ValueError(f"it has no {CONFIG}.")
    _require_supported(folder, form)  # before the weights, which are large
    with loading.explained(model):
        snapshot_download(str(model), revision=folder.name, allow_patterns="*.safetensors")
        form.require_supported(folder)  # of that size, too
    return folder, str(model).split("/")[-1]


def _require_supported(folder: Path, form: forms.Form) -> None:
    with loading.explained(folder):
        loading.load_tokenizer(folder)  # a damaged one is not to be taken for one of another kind
        form.require_supported(folder)


def _texts(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> list[str]:
    """What the model writes itself, to measure its forms on."""
    drawn = drawing.draw(model, tokenizer, [""] * _TEXTS, seed=settings.DEFAULT_SEED)
    return [text.text for text in drawn if text.text]
