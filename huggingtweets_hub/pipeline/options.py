"""What a publication is to be made of, checked before anything is read or paid for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from huggingtweets_hub import card
from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.names import MAX_ACCOUNTS, parse_handle
from huggingtweets_hub.hub import opt_outs
from huggingtweets_hub.model import device as hardware
from huggingtweets_hub.model.tracking.tracker import Tracker
from huggingtweets_hub.model.training import recipes
from huggingtweets_hub.pipeline.output import require_free
from huggingtweets_hub.posts import source as posts_source
from huggingtweets_hub.posts.budget import Budget
from huggingtweets_hub.posts.source import TimelineSource

MAX_PROMPT = 280
CONSENTS = ("self", "written", "fictional")

Source = str | Path | TimelineSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to publish, of which tweets, how trained, and where to; `publish` explains each.

    Attributes:
        refresh: It is published already, and only what is new is to be bought (`batch`).
    """

    handles: tuple[str, ...] = ()
    source: Source | Mapping[str, Source] = "x"
    max_tweets: int | None = None
    since: date | None = None
    until: date | None = None
    replies: bool = True
    max_cost: float = settings.DEFAULT_MAX_COST_USD
    base_model: str | Path = settings.DEFAULT_BASE_MODEL
    recipe: str = "default"
    epochs: int | None = None
    learning_rate: float | None = None
    seed: int = settings.DEFAULT_SEED
    device: str = "auto"
    template: str | Path = "default"
    prompt: str = settings.DEFAULT_PROMPT
    samples: int = settings.DEFAULT_SAMPLES
    consent: str | None = None
    tracker: str | Tracker = "auto"
    track_texts: bool = False
    namespace: str | None = None
    repo_id: str | None = None
    private: bool = False
    create_pr: bool = False
    output: str | Path | None = None
    dry_run: bool = False
    force: bool = False
    min_new: int = 0
    refresh: bool = False
    rebuy: bool = False
    overwrite: bool = False

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the tweets come from, once or for each account."""
        return tuple(self.source.values()) if isinstance(self.source, Mapping) else (self.source,)

    @property
    def reads_x(self) -> bool:
        """Whether some of them come from the X API."""
        return "x" in map(str, self.sources)


def checked(order: Order, budget: Budget | None = None) -> dict[str, TimelineSource]:
    """The source of each account of an order that nothing is wrong with, as far as this machine knows.

    Args:
        budget: What may be spent on all orders that share it; else what this one's `max_cost` says.

    Raises:
        InvalidInputError, TemplateError, UnreadableFileError: What cannot be used as it stands.
        OptedOutError: An account's model was taken down.
    """
    require_known(order.consent, order.device, order.samples)
    require_prompt(order.prompt)
    if order.min_new < 0:
        raise InvalidInputError(f"{order.min_new} new tweets make no sense.", "Give --min-new of 0 or more.")
    recipes.require_known(order.recipe, epochs=order.epochs, learning_rate=order.learning_rate)
    card.rehearse(order.template)
    require_free(order.output)
    asked = readers(order.handles, order.source, budget or Budget(order.max_cost), rebuy=order.rebuy)
    opt_outs.require_absent(asked)
    return asked


def require_known(consent: str | None, device: str, samples: int) -> None:
    """Name an option whose value is not one of its choices.

    Raises:
        InvalidInputError: The value, and the choices.
    """
    if consent is not None and consent not in CONSENTS:
        raise InvalidInputError(f"There is no consent {consent!r}.", f"Choose from: {', '.join(CONSENTS)}.")
    if device not in hardware.DEVICES:
        raise InvalidInputError(
            f"There is no device {device!r}.", f"Choose from: {', '.join(hardware.DEVICES)}."
        )
    if samples < 1:
        raise InvalidInputError(f"{samples} samples cannot be measured.", "Ask for one or more.")


def require_prompt(prompt: str) -> None:
    """Make sure that the prompt can be encoded and stands in a line of the card.

    Raises:
        InvalidInputError: Half a surrogate pair in it, or longer than a post.
    """
    try:
        prompt.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInputError(
            f"The prompt {prompt!r:.60} is no valid text.", 'Give it as UTF-8, for instance "My dream is".'
        ) from error
    if len(prompt) > MAX_PROMPT:
        raise InvalidInputError(
            f"The prompt has {len(prompt):,} characters.", f"Give one of at most {MAX_PROMPT}."
        )


def readers(
    handles: str | Sequence[str],
    source: Source | Mapping[str, Source],
    budget: Budget,
    *,
    rebuy: bool = False,
) -> dict[str, TimelineSource]:
    """The source of each account, in the order of their handles."""
    named = [parse_handle(handle) for handle in ([handles] if isinstance(handles, str) else handles)]
    if isinstance(source, Mapping):
        specs = {parse_handle(handle): spec for handle, spec in source.items()}
        if named and sorted(map(str.lower, named)) != sorted(map(str.lower, specs)):
            raise InvalidInputError(
                f"The accounts {', '.join(named)} do not match the sources of {', '.join(specs)}.",
                "Give one --from HANDLE=SOURCE for each account, or leave the handles out.",
            )
        readers = {handle: posts_source.open(spec, budget, rebuy=rebuy) for handle, spec in specs.items()}
    else:
        reader = posts_source.open(source, budget, rebuy=rebuy)
        if not named:
            account = reader.account()
            if account is None:
                raise InvalidInputError(
                    f"The source {source!s} does not say whose tweets it holds.", "Give the handle too."
                )
            named = [account.handle]
        readers = dict.fromkeys(named, reader)
    asked = named or list(readers)
    if not 1 <= len(readers) <= MAX_ACCOUNTS or len(set(map(str.lower, readers))) < len(asked):
        raise InvalidInputError(
            f"One model is made from 1 to {MAX_ACCOUNTS} different accounts, not from {', '.join(asked)}.",
            "Publish the others as models of their own.",
        )
    return dict(sorted(readers.items(), key=lambda item: item[0].lower()))
