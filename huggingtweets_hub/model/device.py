"""Which device to compute on, and how it computes fastest."""

import ctypes
import functools
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Literal

from huggingtweets_hub.core.errors import InvalidInputError

if TYPE_CHECKING:
    import torch

_EXACT = 1e-5
"""A product of float32 is off by some 3e-7 of its size, one of bf16 by 3e-3."""
_settings: list[str] = []  # for products of float32, before each context that is open, in whatever thread
_lock = threading.RLock()
Device = Literal["auto", "cpu", "cuda", "mps"]

# glibc's numbers for these mallopt() options, and the limits of its own adaptation to large blocks.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4
_AFTERWARDS = {_TRIM_THRESHOLD: 64 * 2**20, _MMAP_THRESHOLD: 32 * 2**20, _MMAP_MAX: 65_536}


def pick(device: str) -> str:
    """The device to compute on: the one named, or for `auto` the fastest available."""
    import torch

    if device != "auto":
        return device
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def require_there(device: str) -> None:
    """Make sure that a device that was named is there.

    Raises:
        InvalidInputError: It is not.
    """
    if device in ("auto", "cpu"):
        return
    import torch

    is_there = torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()
    if not is_there:
        raise InvalidInputError(
            f"This installation of torch finds no {device} device.", "Use --device auto, or --device cpu."
        )


def half_precision(device: str) -> str:
    """The short number format in which a device is fastest: `bf16`, `float16`, or `float32` if none is.

    A device that only emulates bf16 is slower with it than with float32: a CUDA card like that (a T4) uses
    float16 instead, a CPU float32.
    """
    import torch

    if device.startswith("cuda"):
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
    if device == "cpu":
        able = torch.cpu.get_capabilities()
        return "bf16" if able.get("avx512_bf16") or able.get("amx_bf16") else "float32"
    return "float32"


def autocast(device: str, precision: str) -> "torch.autocast":
    """A context in which products are computed in a `half_precision` format; weights are unchanged."""
    import torch

    kind = torch.float16 if precision == "float16" else torch.bfloat16
    return torch.autocast(torch.device(device).type, kind, enabled=precision != "float32")


@contextmanager
def faster_products() -> Iterator[None]:
    """Let oneDNN compute products of float32 on a CPU, where that is as exact as torch's own way.

    On AMD's processors with AVX-512, MKL reaches half of what oneDNN does. The setting that makes torch take
    oneDNN allows it less precision, too, which a trial product would show.
    """
    with _products("bf16" if _is_exact() else "none"):
        yield


@contextmanager
def usual_products() -> Iterator[None]:
    """Let torch choose who computes products of float32.

    Attention to one token consists of many products too small for oneDNN, which takes seven times as long.
    """
    with _products("none"):
        yield


@contextmanager
def _products(precision: str) -> Iterator[None]:
    """What is allowed for products of float32 meanwhile, if torch can be told.

    It is one setting for all threads: whichever closes last leaves it as it was before the first.
    """
    import torch

    setting: Any = getattr(torch.backends.mkldnn, "matmul", None)
    if not hasattr(setting, "fp32_precision"):  # before torch 2.9
        yield
        return
    with _lock:
        before = setting.fp32_precision
        _settings.append(before)
        setting.fp32_precision = precision
    try:
        yield
    finally:
        with _lock:
            setting.fp32_precision = before if len(_settings) > 1 else _settings[0]
            _settings.pop()


@functools.cache
def _is_exact() -> bool:
    """Whether products are those of float32 where less is allowed."""
    import torch

    generator = torch.Generator().manual_seed(0)
    rows, columns = (torch.randn(64, 512, generator=generator) for _ in range(2))
    exact = rows.double() @ columns.double().T
    with _lock, _products("bf16"):
        return bool((rows @ columns.T - exact).norm() / exact.norm() < _EXACT)


def attention_of_short_texts(device: str) -> AbstractContextManager[None]:
    """A context with the fastest attention for texts of a few dozen tokens.

    On a CPU, the backward pass of fused attention takes longer for them than plain products.
    """
    from torch.nn.attention import SDPBackend, sdpa_kernel

    if device != "cpu":
        return nullcontext()
    plain: AbstractContextManager[None] = sdpa_kernel(SDPBackend.MATH)
    return plain


def name(device: str) -> str:
    """The name of the device as a reader of a card would call it."""
    import platform

    import torch

    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    return device if device != "cpu" else f"CPU ({platform.machine()}, {torch.get_num_threads()} threads)"


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether memory ran out; each device says so in its own words, only CUDA with its own class."""
    said = str(error)
    return any(words in said for words in ("out of memory", "can't allocate memory", "ALLOC_FAILED"))


@contextmanager
def memory_kept(device: str) -> Iterator[None]:
    """Let the process keep the memory that it frees, and return it at the end.

    Every training step frees and allocates the same gigabytes. glibc returns such large blocks to the
    system at once and gets them back page by page, which takes a fifth of the time on a CPU.
    """
    libc = ctypes.CDLL(None) if device == "cpu" and sys.platform == "linux" else None
    mallopt = getattr(libc, "mallopt", None)
    if mallopt is None:  # another device, system or C library
        yield
        return
    mallopt(_MMAP_MAX, 0)
    mallopt(_TRIM_THRESHOLD, 2**31 - 1)
    try:
        yield
    finally:
        for option, value in _AFTERWARDS.items():
            mallopt(option, value)
        return_memory(device)


def return_memory(device: str) -> None:
    """Give the system back what the process has freed."""
    if device == "cpu" and sys.platform == "linux":
        getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None)(0)
