"""The kinds of machines that Hugging Face Jobs rents out, and what they cost."""

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.hub import client

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavor:
    """A kind of machine.

    Attributes:
        about: Its processors, memory and accelerator in words, such as `8 vCPU, 32 GB`.
        usd_an_hour: Charged by the minute while a job starts and runs.
    """

    name: str
    about: str
    usd_an_hour: float
    has_gpu: bool

    def usd(self, seconds: float) -> float:
        """What so many seconds cost."""
        return self.usd_an_hour * seconds / 3600


def flavors() -> dict[str, Flavor]:
    """All kinds of machines by name, cheapest first.

    Raises:
        HubError: The Hub does not answer.
    """
    found = client.ask("list the machines", _flavors)
    return {flavor.name: flavor for flavor in sorted(found, key=lambda flavor: flavor.usd_an_hour)}


def _flavors(api: "HfApi") -> list[Flavor]:
    return [
        Flavor(
            name=machine.name,
            about=", ".join(
                [machine.cpu, machine.ram]
                + ([f"{gpu.quantity} × {gpu.model} {gpu.vram}"] if (gpu := machine.accelerator) else [])
            ),
            usd_an_hour=machine.unit_cost_usd * 3600 / _UNIT_SECONDS[machine.unit_label],
            has_gpu=machine.accelerator is not None,
        )
        for machine in api.list_jobs_hardware()
    ]


def require_flavor(name: str) -> Flavor:
    """The kind of machine of this name.

    Raises:
        InvalidInputError: There is none; the message lists those that there are, with their prices.
        HubError: The Hub does not answer.
    """
    there = flavors()
    if name in there:
        return there[name]
    near = difflib.get_close_matches(name.lower(), there, n=1)
    offered = ", ".join(f"{flavor.name} (${flavor.usd_an_hour:.2f} an hour)" for flavor in there.values())
    raise InvalidInputError(
        f"Hugging Face Jobs has no machine called {name!r}."
        + (f" Did you mean {near[0]!r}?" if near else ""),
        f"Choose one of these: {offered}.",
    )
