"""The files of a publication that are made from its facts: the card, its pictures, `huggingtweets.json`."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from huggingtweets_hub import card
from huggingtweets_hub.card import pictures as card_pictures
from huggingtweets_hub.card import variables
from huggingtweets_hub.card.pictures import Face
from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core import names
from huggingtweets_hub.core.names import CARD, CURVE, FACTS, PREVIEW
from huggingtweets_hub.core.records import (
    CardFacts,
    TrainedModel,
)
from huggingtweets_hub.core.serialization import to_json

SCHEMA = 1


def written(
    facts: CardFacts,
    template: str | Path,
    digest: str,
    model: TrainedModel,
    pictures: Mapping[str, bytes],
    stages: Mapping[str, float],
    *,
    forced: bool = False,
) -> dict[str, bytes]:
    """The card, its pictures and `huggingtweets.json`, checked, by name.

    Args:
        pictures: The accounts' own pictures, by file name.
    """
    text = card.render(facts, template)
    card.check(text)
    files = {CARD: text.encode("utf-8"), **pictures, **_drawn(facts, pictures)}
    content = {
        "schema": SCHEMA,
        **to_json(facts),
        "publication": digest,
        "template": card.template_name(template),
        "stages": {**stages, **model.stages},
        "files": {
            **names.model_files(model.files),
            **{name: core_files.sha256(content) for name, content in files.items()},
        },
    }
    if forced:  # a commit with the same content would be empty
        content["forced_at"] = datetime.now(UTC).isoformat()
    files[FACTS] = facts_file(content)
    return files


def facts_file(content: Mapping[str, Any]) -> bytes:
    """The bytes of a `huggingtweets.json`."""
    # Half a surrogate pair, as in a damaged export, is written as its JSON escape.
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")


def _drawn(facts: CardFacts, pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """The pictures that are made from the facts."""
    faces = [
        Face(
            name=variables.shown_name(account),
            handle=account.handle,
            avatar=pictures.get(account.avatar_file or ""),
        )
        for account in facts.accounts
    ]
    drawn = {PREVIEW: card_pictures.social_preview(faces, facts.samples.free if facts.samples else ())}
    curve = card_pictures.training_curve(facts.training) if facts.training else None
    return drawn | ({CURVE: curve} if curve else {})
