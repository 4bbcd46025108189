"""Whether a publication is what an order asks for, by what its facts say; for where no ledger knows."""

from collections.abc import Mapping
from typing import Any

from huggingtweets_hub import card
from huggingtweets_hub.core.serialization import as_object
from huggingtweets_hub.pipeline import forms
from huggingtweets_hub.pipeline.options import Order


def is_as_asked(order: Order, facts: Mapping[str, Any]) -> bool:
    """Whether a publication's facts agree with an order, as far as they say what was asked for."""
    recipe, base = as_object(facts.get("recipe")), as_object(facts.get("base"))
    samples = as_object(as_object(facts.get("evaluation")).get("tuned_samples"))
    listed = facts.get("accounts")
    accounts = [as_object(account) for account in (listed if isinstance(listed, list) else ())]
    pairs = [
        (set(map(str.lower, order.names)), {str(account.get("handle")).lower() for account in accounts}),
        (order.prompt, facts.get("prompt")),
        (order.consent, facts.get("consent")),
        (card.template_name(order.template), facts.get("template")),
        (order.recipe, recipe.get("name")),
        (order.seed, recipe.get("seed")),
        (order.epochs, recipe.get("epochs") if order.epochs is not None else None),
        (order.lora, recipe.get("lora_rank") is not None),
        (order.learning_rate, recipe.get("learning_rate") if order.learning_rate is not None else None),
        (order.samples, samples.get("texts", order.samples)),  # not in older files
    ]
    if base.get("kind") in ("hub", "tiny", "scratch"):
        name = str(base.get("name")).split("/")[-1]  # `gpt2` is `openai-community/gpt2`
        pairs.append((str(order.base_model).split("/")[-1], name))
    if order.formats is not None:
        pairs.append((set(order.formats), set(forms.listed(facts))))
    return all(wanted == found for wanted, found in pairs) and all(
        _may_be_selected(order, account) for account in accounts
    )


def _may_be_selected(order: Order, account: Mapping[str, Any]) -> bool:
    """Whether the posts of an account that a publication was made of may be those that an order selects."""
    first, last = account.get("first_day"), account.get("last_day")
    downloaded = as_object(account.get("statistics")).get("downloaded")
    return (
        (order.include_private or not account.get("private"))
        and (order.first_day is None or (isinstance(first, str) and first >= order.first_day.isoformat()))
        and (order.last_day is None or (isinstance(last, str) and last <= order.last_day.isoformat()))
        and (order.max_tweets is None or (isinstance(downloaded, int) and downloaded <= order.max_tweets))
    )
