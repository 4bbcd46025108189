"""What is computed on, and in what."""

import sys

import pytest
import torch

from huggingtweets_hub.model import device


@pytest.mark.parametrize(("has_bf16", "precision"), [(True, "bf16"), (False, "float16")])
def test_a_cuda_card_without_bf16_of_its_own_computes_in_float16(
    has_bf16: bool, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(
        torch.cuda,
        "is_bf16_supported",
        lambda including_emulation: asked.append(including_emulation) or has_bf16,
    )
    assert device.half_precision("cuda:1") == precision
    assert asked == [False]  # what is only imitated is slower than float32


@pytest.mark.parametrize(
    ("able", "precision"),
    [({}, "float32"), ({"avx512_bf16": True}, "bf16"), ({"amx_bf16": True}, "bf16")],
)
def test_a_cpu_computes_in_bf16_only_where_it_says_that_it_can(
    able: dict[str, bool], precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert device.half_precision("cpu") == precision


def test_products_are_shortened_only_where_a_short_precision_is_asked_for() -> None:
    matrix = torch.ones(4, 4)
    kinds = []
    for precision in ("float32", "bf16"):
        with device.autocast("cpu", precision):
            kinds.append((matrix @ matrix).dtype)
    assert kinds == [torch.float32, torch.bfloat16]


@pytest.mark.parametrize(
    ("said", "is_it"),
    [
        ("CUDA out of memory. Tried to allocate 20.00 MiB.", True),
        ("MPS backend out of memory (MPS allocated: 8 GB)", True),
        ("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.", True),
        ("mat1 and mat2 shapes cannot be multiplied", False),
    ],
)
def test_each_device_says_in_its_own_words_that_there_is_no_room(said: str, is_it: bool) -> None:
    assert device.is_out_of_memory(RuntimeError(said)) is is_it


def test_memory_is_kept_on_a_cpu_until_the_end_also_by_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    class Libc:
        def mallopt(self, option: int, value: int) -> int:
            calls.append((option, value))
            return 1

        def malloc_trim(self, pad: int) -> int:
            calls.append(("trim", pad))
            return 1

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(device.ctypes, "CDLL", lambda name: Libc())
    with device.memory_kept("cuda"):
        assert not calls
    with pytest.raises(ZeroDivisionError), device.memory_kept("cpu"):
        assert (device._MMAP_MAX, 0) in calls
        1 / 0  # noqa: B018
    assert calls[-1] == ("trim", 0)
    assert dict(calls[:-1])[device._MMAP_MAX] > 0


def test_products_of_float32_stay_exact_whatever_library_computes_them() -> None:
    rows, columns = torch.randn(300, 700), torch.randn(700, 500)
    exact = rows.double() @ columns.double()
    before = torch.backends.mkldnn.matmul.fp32_precision
    with device.faster_products():
        found = rows @ columns
    assert ((found - exact).norm() / exact.norm()).item() < 1e-5
    assert torch.backends.mkldnn.matmul.fp32_precision == before


def test_a_library_that_is_not_exact_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    device._is_exact.cache_clear()
    monkeypatch.setattr(device, "_EXACT", 1e-12)
    before = torch.backends.mkldnn.matmul.fp32_precision
    with device.faster_products():
        assert torch.backends.mkldnn.matmul.fp32_precision == before
    device._is_exact.cache_clear()
