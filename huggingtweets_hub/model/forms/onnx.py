"""A model as an ONNX file, as transformers.js reads it in a browser."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core.errors import BaseModelError
from huggingtweets_hub.core.model_files import CONFIG, TOKENIZER, TOKENIZER_CONFIG
from huggingtweets_hub.model.forms import architectures
from huggingtweets_hub.model.forms.fidelity import Fidelity, Original
from huggingtweets_hub.model.forms.onnx_graph import Graph
from huggingtweets_hub.model.forms.onnx_models import WRITERS

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LIBRARIES = ("onnx", "onnxruntime")
KINDS = {"q8": 0.02}
"""How the matrices are stored, as transformers.js calls it (`dtype`), and what it may add to the loss."""
_NAMES = {"q8": "quantized"}
"""How transformers.js calls a kind in the name of the file, where that is another word."""
BESIDE = (CONFIG, "generation_config.json", TOKENIZER, TOKENIZER_CONFIG)
_PLAIN = "fp32"
"""A kind for the tests: everything in float32."""
_LARGEST = 2_000_000_000


def file(name: str, kind: str) -> str:
    """Where transformers.js looks for the file, whatever the model's name."""
    del name
    return f"onnx/model_{_NAMES.get(kind, kind)}.onnx"


def write(folder: Path, path: Path, kind: str, *, title: str) -> None:
    """Write the model in a folder as an ONNX file.

    Args:
        kind: One of `KINDS`.
        title: The model's name.

    Raises:
        InvalidInputError: There is no graph for a model of this architecture.
    """
    config = require_supported(folder)
    weights = _Weights(_weights(folder))
    graph = Graph(whole_numbers=kind != _PLAIN)
    WRITERS[config["model_type"]](graph, weights, config)
    path.write_bytes(graph.model(title).SerializeToString())


def compared(path: Path, folder: Path, original: Original) -> Fidelity:
    """How close a file is to the model, as onnxruntime runs it."""
    del folder
    return original.compared(Running(path))


class Running:
    """A file as onnxruntime runs it: a text that only goes on is continued from what is kept of it."""

    def __init__(self, path: Path) -> None:
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        options.log_severity_level = 3
        # Waiting threads would take the processor from a training beside this one.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._inputs = {value.name: value.shape for value in self._session.get_inputs()}
        self._ids: list[int] = []
        self._past: dict[str, Array] = {}
        self._logits: Array
        self._forget()

    def __call__(self, ids: Sequence[int]) -> "Array":
        """The logits after each token of a text."""
        import numpy as np

        if list(ids[: len(self._ids)]) != self._ids or len(ids) == len(self._ids):
            self._forget()
        known, total = len(self._ids), len(ids)
        fed = {
            "input_ids": np.array([ids[known:]]),
            "attention_mask": np.ones((1, total), np.int64),
            "position_ids": np.arange(known, total)[None],
            "num_logits_to_keep": np.array(0),
        }
        logits, *kept = self._session.run(None, {**self._past, **fed})
        self._past = dict(zip(self._past, kept, strict=True))
        self._ids, self._logits = list(ids), np.concatenate([self._logits, logits[0]])
        return self._logits

    def _forget(self) -> None:
        import numpy as np

        self._ids = []
        self._past = {
            name: np.zeros((1, shape[1], 0, shape[3]), np.float32)
            for name, shape in self._inputs.items()
            if name.startswith("past_key_values.")
        }
        self._logits = np.zeros((0, self._session.get_outputs()[0].shape[2]), np.float32)


def require_supported(folder: Path) -> dict[str, Any]:
    """The configuration of a folder, if there is a graph for its model.

    Raises:
        InvalidInputError: There is none.
    """
    config = architectures.configuration(folder, "ONNX")
    if _size(folder) > _LARGEST:
        raise architectures.unsupported("One ONNX file holds two gigabytes, and this model takes more.")
    return config


class _Weights(dict[str, "Array"]):
    def __missing__(self, name: str) -> "Array":
        raise BaseModelError(
            f"This model's files do not contain {name}, which its config.json calls for.",
            "Use a folder that 'publish --output' wrote, or a repo id on the Hub.",
        )


def _size(folder: Path) -> int:
    """How many numbers the weights are."""
    from safetensors import safe_open

    numbers = 0
    for path in folder.glob("*.safetensors"):
        with safe_open(path, "pt") as opened:
            numbers += sum(math.prod(opened.get_slice(name).get_shape()) for name in opened.keys())  # noqa: SIM118
    return numbers


def _weights(folder: Path) -> Iterator[tuple[str, "Array"]]:
    """The weights of the model, named without what stands in front of all but the head."""
    from safetensors import safe_open

    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, "pt") as opened:
            for name in opened.keys():  # noqa: SIM118
                plain = name.removeprefix("transformer.").removeprefix("model.")
                yield plain, opened.get_tensor(name).float().numpy()  # which knows no bfloat16
