"""The model card: from facts to a card, and back. Pure and offline."""

from huggingtweets_hub.card import escaping, variables
from huggingtweets_hub.card.parsing import contract_facts, normalised, parse
from huggingtweets_hub.card.rendering import (
    TEMPLATES,
    check,
    publication_digest,
    read_facts,
    rehearse,
    render,
    require_gpt2,
)

__all__ = [
    "TEMPLATES",
    "check",
    "contract_facts",
    "escaping",
    "normalised",
    "parse",
    "publication_digest",
    "read_facts",
    "rehearse",
    "render",
    "require_gpt2",
    "variables",
]
