"""A finished model in a form for another client, measured against the model before it is kept."""

import dataclasses
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from huggingtweets_hub.core import files, settings
from huggingtweets_hub.core.errors import InvalidInputError, TrainingError
from huggingtweets_hub.core.names import expanded
from huggingtweets_hub.core.progress import Progress, Silent
from huggingtweets_hub.hub import client
from huggingtweets_hub.model import base, evaluation, generation, loading
from huggingtweets_hub.model.forms import gguf
from huggingtweets_hub.model.forms.fidelity import Fidelity, Original

Form = Literal["gguf"]
_GGUF: dict[gguf.Kind, float] = {"f16": 0.02, "q8_0": 0.02, "q4_0": 0.05}
"""The kinds of GGUF files, and the loss in nats a token that each may add."""
_TEXTS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A file that another client takes.

    Attributes:
        kind: How its numbers are stored.
        bytes: Its size.
        seconds: What making it took.
        fidelity: How close it is to the model, on texts that the model itself wrote.
    """

    path: Path
    kind: str
    bytes: int
    seconds: float
    fidelity: Fidelity


def export_model(
    model: str | Path, to: Form, output: str | Path, *, progress: Progress | None = None
) -> list[Exported]:
    """Write a model in another form, each file measured before it is kept.

    Args:
        model: A folder or a Hub repo.
        to: `gguf`, for llama.cpp, Ollama and what is built on them.
        output: The folder for the files; files of other names in it stay.
        progress: Where to show progress; by default nowhere.

    Raises:
        InvalidInputError: There is no such form, or none for a model of this architecture.
        BaseModelError: The model cannot be loaded.
        UnwritableError: The folder takes no files.
        TrainingError: No file came close enough to the model.
    """
    if to not in get_args(Form):
        raise InvalidInputError(f"There is no form {to!r}.", f"Choose from: {', '.join(get_args(Form))}.")
    progress = progress or Silent()
    gguf.require_installed()
    base.require_named(model)
    files.require_writable(expanded(output))
    folder, name = _found(model)
    gguf.require_supported(folder)
    original = _original(folder)
    made = []
    with files.explained(expanded(output)):
        expanded(output).mkdir(parents=True, exist_ok=True)
        for number, (kind, bound) in enumerate(_GGUF.items()):
            progress.advance("Writing", number, len(_GGUF), "files")
            path = expanded(output) / f"{name}-{kind}.gguf"
            partial = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.partial")  # of this run alone
            try:
                file = _written(folder, partial, kind, original, title=path.stem)
                if abs(file.fidelity.lost) <= bound:
                    made.append(dataclasses.replace(file, path=partial.replace(path)))
                else:
                    progress.warn(
                        f"{path.name} is left out: its loss differs by {file.fidelity.lost:+.3f} nats a "
                        f"token, and {bound:g} are allowed."
                    )
            finally:
                partial.unlink(missing_ok=True)
        progress.advance("Writing", len(_GGUF), len(_GGUF), "files")
    if not made:
        raise TrainingError(
            f"No form of {str(model)!r} came close enough to the model.", "Use the model as it is."
        )
    return made


def _found(model: str | Path) -> tuple[Path, str]:
    """The folder of a model, and its name."""
    if expanded(model).is_dir():
        folder = expanded(model).resolve()
        return folder, folder.name
    from huggingface_hub import snapshot_download

    client.bound()
    wanted = ["*.json", "*.safetensors", "merges.txt"]
    with loading.explained(model):
        return Path(snapshot_download(str(model), allow_patterns=wanted)), str(model).split("/")[-1]


def _original(folder: Path) -> Original:
    """The model, with texts that it writes itself to measure its forms on."""
    with loading.explained(folder):
        model, tokenizer = evaluation.tuned(folder, "cpu")
    drawn = generation.draw(model, tokenizer, _TEXTS, seed=settings.DEFAULT_SEED)
    return Original(model, tokenizer, [text.text for text in drawn if text.text])


def _written(folder: Path, path: Path, kind: gguf.Kind, original: Original, *, title: str) -> Exported:
    began = time.perf_counter()
    gguf.write(folder, path, kind, title=title)
    seconds = round(time.perf_counter() - began, 2)
    fidelity = original.compared(gguf.read(path, folder))
    return Exported(path=path, kind=kind, bytes=path.stat().st_size, seconds=seconds, fidelity=fidelity)
