"""How many models train at once on this machine, and what each worker gets of it."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from huggingtweets_hub.core.errors import HuggingTweetsError
from huggingtweets_hub.core.names import expanded
from huggingtweets_hub.hub import client
from huggingtweets_hub.model import base
from huggingtweets_hub.model.base import OWN

_PROCESS, _A_PARAMETER = 700_000_000, 20
"""Bytes that a training takes: libraries and batches; weights, gradients, averages and copies."""
_OWN_PARAMETERS = 5_000_000
_WEIGHT = 2
"""Bytes of a weight on disk, at least."""


def environments(workers: int | None, bases: Iterable[str | Path], models: int) -> list[dict[str, str]]:
    """The variables of each worker: a CUDA card of its own, or its part of the processors.

    Two models of one thread each are made sooner than two in turn with two threads, as threads wait for each
    other; so there are as many workers as processors, if the memory is enough for that.

    Args:
        workers: How many were asked for; None for as many as are of use.
        bases: The base models to be trained from.
        models: How many models are to be made.
    """
    seen = os.environ.get("CUDA_VISIBLE_DEVICES")
    cards = seen.split(",") if seen is not None else [str(number) for number in range(_nvidia_cards())]
    cards = [card for card in cards if card not in ("", "-1")]
    if cards:
        return [{"CUDA_VISIBLE_DEVICES": cards[i % len(cards)]} for i in range(workers or len(cards))]
    workers = workers or max(1, min(models, *_room(bases)))
    threads = os.environ.get("OMP_NUM_THREADS") or str(max(1, _processors() // workers))
    return [{"OMP_NUM_THREADS": threads} for _ in range(workers)]


def _room(bases: Iterable[str | Path]) -> tuple[int, int]:
    """How many trainings the processors and the memory have room for."""
    parameters = [_parameters(spec) for spec in set(map(str, bases))]
    free = _free_memory()
    if free is None or None in parameters:
        return 1, 1
    largest = max((number for number in parameters if number is not None), default=_OWN_PARAMETERS)
    return _processors(), free // (_PROCESS + _A_PARAMETER * largest)


def _parameters(spec: str) -> int | None:
    """About how many parameters a base model has; None where nobody says."""
    if spec.lower() in OWN:
        return _OWN_PARAMETERS
    folder = expanded(spec)
    if folder.is_dir():
        return sum(path.stat().st_size for path in folder.glob("*.safetensors")) // _WEIGHT or None
    repo_id = base.hub_id(spec)
    if repo_id is None:
        return None
    with suppress(HuggingTweetsError):
        info = client.ask(f"look at {repo_id}", lambda api: api.model_info(repo_id, expand=["safetensors"]))
        return info.safetensors.total if info.safetensors else None
    return None


def _processors() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _free_memory() -> int | None:
    """Bytes that are free on Linux, of the machine or of the container that this runs in; else None."""
    free: list[int] = []
    with suppress(OSError, ValueError, LookupError):
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text("ascii").splitlines())
        free.append(int(lines["MemAvailable"].split()[0]) * 1024)
    with suppress(OSError, ValueError):  # no limit is `max`
        group = Path("/sys/fs/cgroup")
        limit, used = (int((group / f"memory.{name}").read_text("ascii")) for name in ("max", "current"))
        free.append(max(0, limit - used))
    return min(free) if free else None


def _nvidia_cards() -> int:
    """How many there are on Linux, found without loading torch into this process."""
    return len(list(Path("/proc/driver/nvidia/gpus").glob("*")))
