"""What every form is asked for, and which forms there are."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Protocol

from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.model.forms import ctranslate2, gguf, onnx
from huggingtweets_hub.model.forms.fidelity import Fidelity, Original

Name = Literal["gguf", "onnx", "ctranslate2"]


class Form(Protocol):
    """One form, as a module."""

    @property
    def LIBRARIES(self) -> tuple[str, ...]:
        """What has to be installed, as the extra of the form's name does."""

    @property
    def KINDS(self) -> Mapping[str, float]:
        """The kinds of its files, and the loss in nats a token that each may add."""

    @property
    def BESIDE(self) -> tuple[str, ...]:
        """The files of the model that a client needs beside its own."""

    def require_supported(self, folder: Path) -> object:
        """Make sure that a model has this form.

        Raises:
            InvalidInputError: It has none.
        """

    def file(self, name: str, kind: str) -> str:
        """Where the file (or folder) of a model of this name stands, from the model's folder."""

    def write(self, folder: Path, path: Path, kind: str, *, title: str) -> None:
        """Write the model in a folder as a file, or a folder, at the path."""

    def compared(self, path: Path, folder: Path, original: Original) -> Fidelity:
        """How close what was written is to the model in the folder."""


FORMS: Mapping[Name, Form] = {"gguf": gguf, "onnx": onnx, "ctranslate2": ctranslate2}


def require_installed(name: Name) -> None:
    """Make sure that the libraries for a form are there.

    Raises:
        InvalidInputError: One is not installed.
    """
    for library in FORMS[name].LIBRARIES:
        try:
            importlib.import_module(library)
        except ImportError as error:
            raise InvalidInputError(
                f"The {library} library is not installed.", f"Run: pip install 'huggingtweets_hub[{name}]'"
            ) from error
