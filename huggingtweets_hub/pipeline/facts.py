"""From a measured model to the facts that its card states."""

import dataclasses

from huggingtweets_hub import card
from huggingtweets_hub.card import files as card_files
from huggingtweets_hub.card import variables
from huggingtweets_hub.core import serialization
from huggingtweets_hub.core.names import PREVIEW
from huggingtweets_hub.core.records import CardFacts, Tracked, TrainedModel
from huggingtweets_hub.pipeline.gather import Gathered


def rehearse(gathered: Gathered) -> None:
    """Render and check the card before the training, with all that is known by then.

    Raises:
        TemplateError: The template does not render, or the Hub would refuse the card.
    """
    card.rehearse(gathered.order.template, known(gathered) if gathered.is_due else _before(gathered))


def facts(gathered: Gathered, model: TrainedModel) -> CardFacts:
    """All that the card says, from what each stage has answered."""
    if not gathered.is_due:
        before = card_files.with_faces(_before(gathered))
        return dataclasses.replace(
            before,
            evaluation=model.evaluation,
            samples=model.samples,
            forms=model.forms,
            forms_left_out=model.forms_left_out,
        )
    tracked = model.tracked or Tracked(tracker="none")
    return dataclasses.replace(
        card_files.with_faces(known(gathered)),
        data_run_url=tracked.data.url if tracked.data else None,
        training_run_url=tracked.training.url if tracked.training else None,
        training=model.training,
        evaluation=model.evaluation,
        samples=model.samples,
        tracked=tracked,
        versions=model.versions,
        forms=model.forms,
        forms_left_out=model.forms_left_out,
    )


def known(gathered: Gathered) -> CardFacts:
    """What the card can say before the training."""
    texts, repo_id = gathered.texts, gathered.repo_id
    base = gathered.checkpoint.model
    return CardFacts(
        accounts=gathered.accounts,
        repo_id=repo_id,
        thumbnail=f"{variables.files_url(repo_id)}{PREVIEW}",
        prompt=gathered.order.prompt,
        base_model=None if base.kind == "folder" else base.name,
        language=texts.language or None,
        base=base,
        counted_by_letters=texts.counted_by_letters,
        near_copies=texts.near_copies,
        held_out_near_copies=texts.held_out_near_copies,
        kept_sha256=texts.kept_sha256,
        fingerprint=gathered.fingerprint,
        recipe=gathered.recipe,
        source=gathered.source,
        consent=gathered.order.consent,
        page_url=gathered.page_url,
    )


def _before(gathered: Gathered) -> CardFacts:
    """What was published, with what this order says of the card: its weights stay as they are."""
    return dataclasses.replace(
        serialization.from_json(CardFacts, gathered.published.facts),
        repo_id=gathered.repo_id,
        thumbnail=f"{variables.files_url(gathered.repo_id)}{PREVIEW}",
        prompt=gathered.order.prompt,
        consent=gathered.order.consent,
        page_url=gathered.page_url,
    )
