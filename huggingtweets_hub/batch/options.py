"""What can be asked of a batch: the options of a publication, and its own."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from huggingtweets_hub.core import arguments, options, settings
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.options import option
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.pipeline.options import Options, Order, check

EngineName = Literal["local", "ray"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOptions(Options):
    """A batch as it is asked for; what an entry of the users file does not say itself holds for it, too.

    Attributes:
        users: The users file.
        exclude: Handles and repo ids not to publish; files of them, or a dataset on the Hub with an
            `opt-outs.txt`.
        progress: Where to show how it goes.
    """

    users: str | Path = field(kw_only=False)
    limit: int | None = option(None, "Do only the first N of those still to be done.", least=1, metavar="N")
    only_failed: bool = option(False, "Retry only what failed, even for good, or was cut short.")
    retries: int = option(
        settings.DEFAULT_RETRIES,
        "How many times to retry an account after an error that may go away.",
        least=0,
        metavar="N",
    )
    workers: int | None = option(
        None,
        "How many models to train at once (with --remote, how many jobs); by default one per CUDA card, or "
        "one per processor if memory allows.",
        least=1,
        metavar="N",
    )
    shard: str = option("1/1", "Do the k-th of n equal parts, for n machines.", metavar="K/N")
    engine: EngineName = option("local", "Where to train.")
    ray_address: str | None = option(
        None, "With Ray: the cluster; by default one is started here.", metavar="ADDRESS"
    )
    gpus_per_worker: float | None = option(
        None,
        "With Ray: how many GPUs each worker gets (default 1); fractions share one.",
        above=0,
        metavar="N",
    )
    report: str | Path | None = option(
        None, "Append a line of JSON for each finished account.", metavar="FILE.jsonl"
    )
    require_consent: bool = option(False, "Refuse entries that do not state a consent.")
    trust_users_file: bool = option(
        False, "Do whatever the users file asks, including reading outside its folder and overwriting."
    )
    refresh: bool = option(False, "Also look for new posts of published accounts.")
    exclude: str | Path | Collection[str | Path] = ()
    progress: Progress | None = None

    def __post_init__(self) -> None:
        check(self)
        arguments.one("users", self.users)
        if self.output is not None:
            raise InvalidInputError(
                "--output is for one model, not for a batch.", "Publish that model alone."
            )
        if self.remote is not None and self.engine != "local":
            raise InvalidInputError(
                f"--remote and --engine {self.engine} both say where to train.", "Leave one of them out."
            )
        of_ray = {"--ray-address": self.ray_address, "--gpus-per-worker": self.gpus_per_worker}
        for flag, value in of_ray.items():
            if value is not None and self.engine != "ray":
                raise InvalidInputError(
                    f"{flag} {value} would not be used: --engine is {self.engine}.",
                    f"Add --engine ray, or leave {flag} out.",
                )

    @property
    def defaults(self) -> Order:
        """What holds for an entry that does not say otherwise."""
        return Order(**{name: getattr(self, name) for name in options.specs(Options)})
