"""What there is to compute on, and how it computes fastest."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

DEVICES = ("auto", "cpu", "cuda", "mps")

# What glibc's mallopt() calls these, and its defaults.
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_DEFAULTS = {_TRIM_THRESHOLD: 128 * 1024, _MMAP_MAX: 65_536}


def pick(device: str) -> str:
    """The device to compute on: the one named, or for `auto` the fastest that is there."""
    import torch

    if device != "auto":
        return device
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def half_precision(device: str) -> str:
    """The shorter numbers in which a device multiplies fastest: `bf16`, `float16`, or `float32` for none.

    Where a device only imitates bf16 it is slower than in float32: such a CUDA card (a T4) has float16
    instead, such a CPU nothing.
    """
    import torch

    if device.startswith("cuda"):
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
    if device == "cpu":
        able = torch.cpu.get_capabilities()
        return "bf16" if able.get("avx512_bf16") or able.get("amx_bf16") else "float32"
    return "float32"


def autocast(device: str, precision: str) -> "torch.autocast":
    """Where products are computed in one of `half_precision`, the weights staying as they are."""
    import torch

    kind = torch.float16 if precision == "float16" else torch.bfloat16
    return torch.autocast(torch.device(device).type, kind, enabled=precision != "float32")


def name(device: str) -> str:
    """What a reader of a card would call the device."""
    import platform

    import torch

    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    return device if device != "cpu" else f"CPU ({platform.machine()}, {torch.get_num_threads()} threads)"


@contextmanager
def memory_kept(device: str) -> Iterator[None]:
    """Let the process keep the memory that it frees, and give it back at the end.

    Every step of a training frees and takes the same gigabytes. glibc returns such large pieces to the
    system at once and gets them back page by page; on a CPU that is a fifth of the time.
    """
    libc = ctypes.CDLL(None) if device == "cpu" else None
    mallopt = getattr(libc, "mallopt", None)
    if mallopt is None:  # another device, or another C library
        yield
        return
    mallopt(_MMAP_MAX, 0)
    mallopt(_TRIM_THRESHOLD, 2**31 - 1)
    try:
        yield
    finally:
        for option, value in _DEFAULTS.items():
            mallopt(option, value)
        getattr(libc, "malloc_trim", lambda _: None)(0)
