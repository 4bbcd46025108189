"""The files of a publication that are made from its facts: the card, its pictures, `huggingtweets.json`."""

import dataclasses
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
from huggingtweets_hub.core.accounts import MAX_ACCOUNTS
from huggingtweets_hub.core.names import CARD, CURVE, FACTS, PREVIEW
from huggingtweets_hub.core.records import CardFacts, TrainedModel
from huggingtweets_hub.core.serialization import to_json

SCHEMA = 1
DRAWN_FACES = ("avatar.png", *(f"avatar.{number}.png" for number in range(1, MAX_ACCOUNTS + 1)))
"""What a drawn face is called; an account's own picture is a JPEG."""


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
    files = {CARD: text.encode("utf-8"), **pictures, **drawn(facts, pictures)}
    content = {
        "schema": SCHEMA,
        **to_json(facts),
        "publication": digest,
        "template": card.template_name(template),
        "stages": {**stages, **model.stages},
        "files": {
            **names.model_files(model.files),
            **names.form_files(model.files),
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


def with_faces(facts: CardFacts) -> CardFacts:
    """The facts with a picture for each account: where none is kept, the name of the one that is drawn."""
    several = len(facts.accounts) > 1
    accounts = tuple(
        account
        if account.avatar_file
        else dataclasses.replace(account, avatar_file=f"avatar.{number}.png" if several else "avatar.png")
        for number, account in enumerate(facts.accounts, start=1)
    )
    return dataclasses.replace(facts, accounts=accounts)


def drawn(facts: CardFacts, pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """The pictures that are made from the facts: preview, curve, and a face for each account without one.

    Args:
        pictures: The accounts' own pictures, by file name.
    """
    faces = [
        Face(
            name=variables.shown_name(account),
            handle=account.handle,
            avatar=pictures.get(account.avatar_file or ""),
        )
        for account in facts.accounts
    ]
    made = {PREVIEW: card_pictures.social_preview(faces, facts.samples.free if facts.samples else ())}
    curve = card_pictures.training_curve(facts.training) if facts.training else None
    letters = {
        account.avatar_file: card_pictures.drawn_face(faces, index)
        for index, account in enumerate(facts.accounts)
        if account.avatar_file in DRAWN_FACES and account.avatar_file not in pictures
    }
    return made | letters | ({CURVE: curve} if curve else {})
