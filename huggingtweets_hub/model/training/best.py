"""The weights that predicted unseen posts best so far."""

import errno
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.model.training import states

if TYPE_CHECKING:
    from torch import Tensor


class BestWeights:
    """A copy of some weights as they were at one time, none at first.

    Args:
        weights: Those that are trained.
        scratch: A file for the copy, written over again and again, one weight after the other: its memory is
            the system's. Without one the copy stays in the device's memory.
    """

    def __init__(self, weights: "Mapping[str, Tensor]", scratch: Path | None) -> None:
        self._weights, self._scratch = weights, scratch
        self._in_memory: dict[str, Tensor] = {}
        self._is_there = False

    def keep(self, weights: "Mapping[str, Tensor] | None" = None) -> None:
        """Copy the weights as they are now, or others that belong in their place."""
        weights = weights or self._weights
        self._in_memory.clear()  # before it is needed twice
        self._is_there = True
        if self._scratch is None:
            self._in_memory |= {name: weight.to(weight.device, copy=True) for name, weight in weights.items()}
            return
        with self._scratch.open("r+b" if self._scratch.exists() else "wb") as file:
            for name in self._weights:
                file.write(states.raw(weights[name]))

    def tensors(self) -> "dict[str, Tensor]":
        """The copy; empty if there is none."""
        return dict(self._kept())

    def restore(self) -> None:
        """Let the weights be as they were copied."""
        import torch

        with torch.no_grad():
            for name, copy in self._kept():
                self._weights[name].copy_(copy)

    def _kept(self) -> "Iterator[tuple[str, Tensor]]":
        import torch

        if self._scratch is None or not self._is_there:
            yield from self._in_memory.items()
            return
        with self._scratch.open("rb") as file:
            for name, weight in self._weights.items():
                copy = torch.empty(weight.shape, dtype=weight.dtype)
                if file.readinto(states.raw(copy)) != copy.nbytes:
                    raise OSError(errno.EIO, "The file has become shorter", str(self._scratch))
                yield name, copy
