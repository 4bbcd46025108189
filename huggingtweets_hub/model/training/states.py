"""The state of a training in a file that is written whole, and read only if it is undamaged.

It is a safetensors file with JSON in its metadata: nothing that runs when it is loaded. The library's
`save_file` does not write it, since that neither computes a digest nor ends at a Ctrl-C.
"""

import hashlib
import json
import os
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from huggingtweets_hub.core import files

if TYPE_CHECKING:
    from torch import Tensor

_NO_DIGEST = "0" * 64  # stands in the place of the digest while that is computed
_BYTES_AT_ONCE = 32 << 20
_LONGEST_HEADER = 100 << 20  # as in safetensors
_CPU, _DEVICE = "random.cpu", "random.device"


class State(NamedTuple):
    """What a training, or a part of it, needs to go on: JSON values, and tensors by name."""

    values: dict[str, Any]
    tensors: "dict[str, Tensor]"

    def joined(self, *others: "State") -> "State":
        """One state of several that have no names in common."""
        values, tensors = dict(self.values), dict(self.tensors)
        for other in others:
            values |= other.values
            tensors |= other.tensors
        return State(values, tensors)

    @property
    def bytes(self) -> int:
        """How large it is, but for its values."""
        return sum(tensor.nbytes for tensor in self.tensors.values())


def write(path: Path, state: State) -> None:
    """Write a state, so that a kill leaves the old file or the new one.

    Raises:
        OSError: It cannot be written.
    """
    header = _header(state)
    digest = hashlib.sha256(header)
    with files.whole(path) as file:
        file.write(header)
        for tensor in state.tensors.values():
            content = raw(tensor)
            for first in range(0, len(content), _BYTES_AT_ONCE):
                piece = content[first : first + _BYTES_AT_ONCE]
                digest.update(piece)
                file.write(piece)
                if len(piece) == _BYTES_AT_ONCE:  # so that a Ctrl-C waits for one piece, not for all
                    file.flush()
                    os.fsync(file.fileno())
        file.seek(header.index(_NO_DIGEST.encode()))
        file.write(digest.hexdigest().encode())


def read(path: Path) -> State | None:
    """The state in a file; None where it is damaged, or something else."""
    from safetensors import SafetensorError, safe_open

    try:
        if not _is_undamaged(path):
            return None
        with safe_open(path, "pt") as file:
            values = json.loads(file.metadata()["values"])
            # Copies: the file's own memory goes with it, and lies at addresses that others would not have.
            return State(values, {name: file.get_tensor(name).clone() for name in file.keys()})  # noqa: SIM118
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, SafetensorError):
        return None


def bytes_a_second(path: Path) -> float:
    """How fast a large state would be written, tried with a small one in a file that is removed again.

    Raises:
        OSError: It cannot be written.
    """
    import torch

    tried = torch.frombuffer(bytearray(os.urandom(_BYTES_AT_ONCE)), dtype=torch.uint8)
    began = time.perf_counter()
    write(path, State({}, {"tried": tried}))
    seconds = time.perf_counter() - began
    files.remove(path)
    return _BYTES_AT_ONCE / seconds


def randomness(device: str) -> State:
    """The state of all random numbers that a model may draw."""
    import numpy as np
    import torch

    numpy: Any = np.random.get_state(legacy=True)
    kind, keys, *rest = numpy
    values = {"python": random.getstate(), "numpy": [kind, keys.tolist(), *rest]}
    tensors = {_CPU: torch.get_rng_state()}
    if device != "cpu":
        tensors[_DEVICE] = torch.get_device_module(device).get_rng_state()
    return State(values, tensors)


def restore_randomness(state: State, device: str | None) -> None:
    """Go on with the random numbers of a state.

    Args:
        device: The device whose own are restored, too; None where it is another than that of the state.
    """
    import numpy as np
    import torch

    version, words, gauss = state.values["python"]
    random.setstate((version, tuple(words), gauss))
    np.random.set_state(tuple(state.values["numpy"]))
    torch.set_rng_state(state.tensors[_CPU])
    if device is not None and _DEVICE in state.tensors:
        torch.get_device_module(device).set_rng_state(state.tensors[_DEVICE])


def raw(tensor: "Tensor") -> memoryview:
    """Its bytes, the tensor's own where it lies in one piece in the CPU's memory, and a copy elsewhere."""
    import torch

    raw: Any = tensor.detach().contiguous().cpu().reshape(-1).view(torch.uint8).numpy()
    return memoryview(raw)


def _header(state: State) -> bytes:
    import torch

    kinds = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.uint8: "U8"}
    described: dict[str, Any] = {
        "__metadata__": {"sha256": _NO_DIGEST, "values": json.dumps(state.values)},  # in this order
    }
    end = 0
    for name, tensor in state.tensors.items():
        begin, end = end, end + tensor.nbytes
        described[name] = {
            "dtype": kinds[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [begin, end],
        }
    header = json.dumps(described).encode()
    header += b" " * (-len(header) % 8)  # so that what follows is aligned
    return len(header).to_bytes(8, "little") + header


def _is_undamaged(path: Path) -> bool:
    with open(path, "rb", opener=files.regular) as file:
        length = file.read(8)
        if int.from_bytes(length, "little") > _LONGEST_HEADER:
            return False
        header = file.read(int.from_bytes(length, "little"))
        said = str(json.loads(header)["__metadata__"]["sha256"])
        return said == _digest(length + header.replace(said.encode(), _NO_DIGEST.encode(), 1), file)


def _digest(begin: bytes, rest: BinaryIO) -> str:
    digest = hashlib.sha256(begin)
    while piece := rest.read(_BYTES_AT_ONCE):
        digest.update(piece)
    return digest.hexdigest()
