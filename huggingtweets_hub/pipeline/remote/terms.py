"""What a rented machine may cost, and what cannot be done on one."""

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.hub.flavors import Flavor, require_flavor
from huggingtweets_hub.model import base
from huggingtweets_hub.model.tracking import tracker as trackers
from huggingtweets_hub.model.tracking import wandb
from huggingtweets_hub.model.tracking.tracker import TrackerName

if TYPE_CHECKING:
    from huggingtweets_hub.pipeline.options import Options

ATTEMPTS = 2
"""How often the Hub runs a job in all, if its machine fails."""
_SHORTEST_SECONDS, _LONGEST_SECONDS = 60, 24 * 3600
DEFAULT_TIMEOUT = "30m"
_UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A kind of machine, and for how many seconds a job may have it."""

    flavor: Flavor
    seconds: int

    @property
    def usd(self) -> float:
        """What one job costs at most, all its attempts included."""
        return self.flavor.usd(self.seconds) * ATTEMPTS

    def price(self, jobs: int = 1) -> str:
        """What so many jobs cost at most, as a sentence."""
        machine = f"{self.flavor.name}: {self.flavor.about}, ${self.flavor.usd_an_hour:.2f} an hour"
        time = f"at most {self.seconds / 60:,.0f} minutes, and once more if the machine fails"
        each = f"{jobs:,} jobs of {time}" if jobs > 1 else time
        return f"{machine}; {each}: {dollars(jobs * self.usd)} at most."

    def require_within(self, limit: float, jobs: int = 1) -> None:
        """Refuse what may cost more than a limit in US dollars.

        Raises:
            InvalidInputError: It may.
        """
        if jobs * self.usd > limit:
            raise InvalidInputError(
                f"{self.price(jobs)} That is more than --max-cost allows, ${limit:g}.",
                "Raise --max-cost, give less --remote-timeout, or choose a cheaper machine.",
            )


def dollars(usd: float) -> str:
    """An amount, rounded up to a cent."""
    return f"${math.ceil(round(usd * 100, 6)) / 100:.2f}"


def offer(order: "Options") -> Offer:
    """What `--remote` asks for; the Hub is asked for its price.

    Raises:
        InvalidInputError: There is no such machine, or it may cost more than `--max-cost`.
        HubError: The Hub does not answer.
    """
    found = Offer(flavor=require_flavor(str(order.remote)), seconds=seconds(order.remote_timeout))
    found.require_within(order.max_cost)
    return found


def seconds(text: str) -> int:
    """`90m` or `2h` in seconds.

    Raises:
        InvalidInputError: It is something else, or more than a day.
    """
    found = re.fullmatch(r"([0-9]{1,6})([smh])", text.strip().lower())
    length = int(found[1]) * _UNITS[found[2]] if found else 0
    if not _SHORTEST_SECONDS <= length <= _LONGEST_SECONDS:
        raise InvalidInputError(
            f"--remote-timeout cannot be {text!r:.80}.",
            "Give minutes or hours, such as 30m or 2h; 24h at most.",
        )
    return length


def check(asked: "Options") -> None:
    """Make sure that options go together with `--remote`.

    Raises:
        InvalidInputError: They do not.
    """
    seconds(asked.remote_timeout)
    if asked.remote is None:
        if asked.remote_timeout != DEFAULT_TIMEOUT:
            raise InvalidInputError(
                f"--remote-timeout {asked.remote_timeout} would not be used: no machine is rented.",
                "Add --remote with a flavor, or leave --remote-timeout out.",
            )
        return
    if asked.dry_run:
        raise InvalidInputError(
            "With --remote, the model of a dry run would be lost with the rented machine.",
            "Leave out --remote to look at it here, or use --private, which shows it only to you.",
        )
    if asked.create_pr:
        raise InvalidInputError(
            "A rented machine opens no pull requests.", "Leave out --create-pr, or --remote."
        )
    if asked.device != "auto":
        raise InvalidInputError(
            f"--device {asked.device} is about this machine, but --remote {asked.remote} trains on another.",
            "Leave --device out: the flavor says what there is to train on.",
        )


def require_possible(order: "Options") -> None:
    """Make sure that all that a rented machine needs can be handed over.

    Raises:
        InvalidInputError: The base model is a folder, or the tracker lives on this machine.
    """
    name = str(order.base_model)
    if name.lower() not in base.OWN and base.hub_id(name) is None:
        raise InvalidInputError(
            f"The base model {name!r} is a folder of this machine, which a rented one cannot read.",
            "Push it to the Hub, where it may be private, and give its id with --base-model.",
        )
    if not isinstance(order.tracker, str):
        raise InvalidInputError(
            "A tracker of your own cannot be handed over to a rented machine.", "Give the name of a tracker."
        )
    if order.tracker == "trackio":
        raise InvalidInputError(
            "trackio keeps its runs on the machine that trains, and a rented one does not last.",
            "Use --tracker wandb or none.",
        )
    if order.tracker == "wandb" and (wandb.mode_of() not in ("online", "disabled") or wandb.key() is None):
        raise InvalidInputError(
            "On a rented machine, W&B needs a key, and WANDB_MODE must not be offline.",
            "Set WANDB_API_KEY, or use --tracker none.",
        )


def tracker(order: "Options") -> TrackerName:
    """The tracker that records there: `auto` is W&B only where its key can be handed over."""
    is_wandb = trackers.open(order.tracker).name == "wandb"
    return "wandb" if is_wandb and wandb.mode_of() == "online" and wandb.key() else "none"
