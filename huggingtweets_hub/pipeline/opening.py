"""The sources of an order opened, once all is checked that this machine can check."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huggingtweets_hub import card
from huggingtweets_hub.core import files, settings
from huggingtweets_hub.core.accounts import MAX_ACCOUNTS, parse_handle
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.hub import access, opt_outs
from huggingtweets_hub.model import base
from huggingtweets_hub.model.device import require_there
from huggingtweets_hub.model.tracking import tracker
from huggingtweets_hub.model.training import adapters
from huggingtweets_hub.pipeline import forms
from huggingtweets_hub.pipeline.options import Order, Source
from huggingtweets_hub.pipeline.output import require_free
from huggingtweets_hub.pipeline.remote import terms
from huggingtweets_hub.posts import source as sources
from huggingtweets_hub.posts.budget import Budget
from huggingtweets_hub.posts.reading import Reading
from huggingtweets_hub.posts.source import TimelineSource


def ready(order: Order, budget: Budget | None = None) -> dict[str, TimelineSource]:
    """The source of each account of an order, once all is checked that this machine can check.

    Args:
        budget: What may be spent on all orders that share it; by default what this one's `max_cost` says.

    Raises:
        InvalidInputError, TemplateError, UnreadableFileError: Something that cannot be used as it stands.
        UnwritableError: The work folder or the output.
        OptedOutError: An account's model was taken down.
        TrackingError: The tracker cannot be used.
        SourceError: An account cannot be read, or a token for that is missing.
        NotLoggedInError: No Hub token is set.
    """
    files.require_writable(settings.home())
    require_free(order.output)
    card.rehearse(order.template)
    base.require_possible(order.base_model)
    if order.template == "classic":
        card.require_gpt2(str(order.base_model), base.hub_id(order.base_model))
    if order.remote is None:
        require_there(order.device)
        forms.require_installed(order.formats or ())
        if order.lora:
            adapters.require_installed()
    else:
        terms.require_possible(order)
    tracker.open(order.tracker)
    budget = budget or Budget(order.max_cost)
    asked = readers(order.names, order.source, budget, order.reading)
    opt_outs.require_absent(asked, namespace=(order.repo_id or order.namespace or "").split("/")[0] or None)
    if order.template == "classic":
        card.require_x(asked)
    for handle, reader in asked.items():
        sources.require_usable(reader, handle)
    if not order.dry_run:
        access.require_token()
    return asked


def readers(
    handles: Sequence[str],
    source: Source | Mapping[str, Source],
    budget: Budget,
    reading: Reading,
    *,
    opened: Mapping[str, TimelineSource] | None = None,
) -> dict[str, TimelineSource]:
    """The source of each account, in the order of their handles.

    Args:
        opened: Sources that are open already, by their words.
    """
    there: dict[Any, TimelineSource] = dict(opened or {})

    def reader(spec: Source, handle: str = "") -> TimelineSource:
        if handle:
            spec = sources.chosen(spec, handle)
            sources.require_fits(spec, handle)
        if not isinstance(spec, str | Path):
            return sources.open(spec, budget, reading)
        if spec not in there:
            there[spec] = sources.open(spec, budget, reading)
        return there[spec]

    named = [parse_handle(handle) for handle in handles]
    if isinstance(source, Mapping):
        specs = {parse_handle(handle): spec for handle, spec in source.items()}
        if named and sorted(map(str.lower, named)) != sorted(map(str.lower, specs)):
            raise InvalidInputError(
                f"The accounts {', '.join(named)} do not match the sources of {', '.join(specs)}.",
                "Give one --from HANDLE=SOURCE for each account, or leave the handles out.",
            )
        readers = {handle: reader(spec, handle) for handle, spec in specs.items()}
    else:
        if not named:
            account = reader(source).account()
            if account is None:
                raise InvalidInputError(*_unnamed(source))
            named = [account.handle]
        readers = {handle: reader(source, handle) for handle in named}
    asked = named or list(readers)
    if not 1 <= len(readers) <= MAX_ACCOUNTS or len(set(map(str.lower, readers))) < len(asked):
        raise InvalidInputError(
            f"A model is made from 1 to {MAX_ACCOUNTS} different accounts, not from {', '.join(asked)}.",
            "Publish the others as separate models.",
        )
    return dict(sorted(readers.items(), key=lambda item: item[0].lower()))


def _unnamed(source: Source) -> tuple[str, str]:
    if isinstance(source, str) and source in sources.WORDS:
        return "No account was given.", "Give a handle, or your archive with --from archive.zip."
    return f"The source {source!s} does not say whose posts it holds.", "Give the handle too."
