"""Whether an account is to be trained again, or the published weights stay."""

import dataclasses
from collections.abc import Sequence

from huggingtweets_hub.core import serialization
from huggingtweets_hub.core.errors import InvalidFactsError
from huggingtweets_hub.core.names import stays_inside
from huggingtweets_hub.core.records import CardFacts, Newest, Timeline, TrainedModel
from huggingtweets_hub.hub.repo import Published
from huggingtweets_hub.pipeline.options import Order
from huggingtweets_hub.posts import corpus


def trained(published: Published) -> TrainedModel | None:
    """The published model as its facts describe it; None if they do not."""
    try:
        model = serialization.from_json(TrainedModel, published.facts)
    except InvalidFactsError:
        return None
    is_known = model.evaluation and model.tracked and isinstance(published.facts.get("fingerprint"), str)
    is_sound = is_known and all(map(stays_inside, model.files))
    return dataclasses.replace(model, is_new=False) if is_sound else None


def on_the_hub(published: Published, fingerprint: str) -> TrainedModel | None:
    """The published model, if it is whole and was trained as this fingerprint says."""
    is_it = published.facts.get("fingerprint") == fingerprint and published.is_whole
    return trained(published) if is_it else None


def is_due(
    whole: Sequence[Timeline], timelines: Sequence[Timeline], published: Published, order: Order
) -> bool:
    """Whether enough kept posts have come since the publication, or the published weights cannot stay.

    Args:
        whole: The timelines without the limit of `max_tweets`.
    """
    model = trained(published)
    if not order.min_new or not published.is_whole or model is None:
        return True
    try:
        facts = serialization.from_json(CardFacts, published.facts)
    except InvalidFactsError:
        return True
    looked_at = model.evaluation and model.evaluation.tuned_samples
    if not looked_at or looked_at.texts != order.samples:  # its own held-out posts are not known any more
        return True
    before = {account.handle.lower(): account for account in facts.accounts}
    if set(before) != {timeline.account.handle.lower() for timeline in timelines}:
        return True
    new = 0
    for all_of_it, timeline in zip(whole, timelines, strict=True):
        account = before[timeline.account.handle.lower()]
        if account.newest is not None:
            new += corpus.newer(all_of_it, account.newest)
        else:  # published when only the day was recorded, and the number up to the limit
            time = f"{account.last_day}T23:59:59.999999+00:00" if account.last_day else None
            new += corpus.newer(timeline, Newest(time=time, kept=account.statistics.kept))
    return new >= order.min_new
