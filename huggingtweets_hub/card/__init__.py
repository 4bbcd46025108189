"""The model card: from facts to a card, and back. Pure and offline."""

from huggingtweets_hub.card import escaping, variables
from huggingtweets_hub.card.checking import contradictions, findings
from huggingtweets_hub.card.metadata_rules import Finding
from huggingtweets_hub.card.page import PICTURES, page
from huggingtweets_hub.card.parsing import contract_facts, normalised, parse
from huggingtweets_hub.card.reading import place, read_card, read_facts, read_recorded
from huggingtweets_hub.card.rendering import (
    check,
    publication_digest,
    read_by,
    rehearse,
    render,
    require_gpt2,
    require_x,
    template_name,
)
from huggingtweets_hub.card.templates import TEMPLATES, Template

__all__ = [
    "PICTURES",
    "TEMPLATES",
    "Finding",
    "Template",
    "check",
    "contract_facts",
    "contradictions",
    "escaping",
    "findings",
    "normalised",
    "page",
    "parse",
    "place",
    "publication_digest",
    "read_by",
    "read_card",
    "read_facts",
    "read_recorded",
    "rehearse",
    "render",
    "require_gpt2",
    "require_x",
    "template_name",
    "variables",
]
