"""From a measured model to its one commit on the Hub, or to none where nothing changed."""

import dataclasses
from datetime import UTC, datetime

from huggingtweets_hub import card
from huggingtweets_hub.card import files as card_files
from huggingtweets_hub.core.errors import HubError
from huggingtweets_hub.core.names import expanded, form_files
from huggingtweets_hub.core.progress import Progress, expect
from huggingtweets_hub.core.records import CardFacts, Publication, TrainedModel
from huggingtweets_hub.hub import namespace_opt_outs, opt_outs, publications, push, refusals, repo
from huggingtweets_hub.hub.repo import Published
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.results import Measured
from huggingtweets_hub.pipeline import avatars, forms, takedown, workspace
from huggingtweets_hub.pipeline import facts as pipeline_facts
from huggingtweets_hub.pipeline import output as pipeline_output
from huggingtweets_hub.pipeline.due import on_the_hub
from huggingtweets_hub.pipeline.gather import Gathered, people
from huggingtweets_hub.pipeline.workspace import Workspace

_CARD, _SENDING = "Writing the card", "Sending"
_CARD_SECONDS = _SENDING_SECONDS = 5.0
_BYTES_A_SECOND = 10e6  # nobody can know


def expected(gathered: Gathered) -> dict[str, float]:
    """About how many seconds the stages of `send` take."""
    return {_CARD: _CARD_SECONDS} | ({} if gathered.order.dry_run else {_SENDING: _SENDING_SECONDS})


def send(gathered: Gathered, model: TrainedModel, context: Context) -> Publication:
    """Render the card, commit what the repository lacks, and read it back.

    Args:
        context: Its clock takes the time of the card and of the push; what it has measured before stands in
            the facts.

    Raises:
        OptedOutError: An account's model was taken down meanwhile.
        TrainingError: The model's files were deleted meanwhile.
        HubError: The Hub refuses or does not answer; nothing is visible then.
    """
    _require_absent(gathered)  # since it was begun, somebody may have unpublished it
    work = workspace.of(gathered.name, gathered.fingerprint)
    with takedown.noticed(gathered, work):
        return _published(gathered, model, work, context)


def _published(gathered: Gathered, model: TrainedModel, work: Workspace, context: Context) -> Publication:
    """The publication as it is in the end, on the Hub and in the folder of `--output`."""
    order, target, published = gathered.order, gathered.repo_id, gathered.published
    facts = pipeline_facts.facts(gathered, model)
    digest = card.publication_digest(facts, order.template)
    publication = unchanged(gathered)
    files: dict[str, bytes] = {}
    if _is_current(published, digest) and not (model.is_new or order.force):
        context.progress.note(f"{target} already holds this publication; nothing was sent.")
    else:
        files = _written(gathered, model, facts, digest, context)
    if files and not order.dry_run:
        publication = _sent(gathered, model, files, work, context)
    output = expanded(order.output) if order.output is not None else None
    kept = pipeline_output.keep(files, model.files, model.is_new, work, output, publication)
    if not order.dry_run and not order.create_pr:
        work.remove()  # the Hub has it
    return dataclasses.replace(
        publication,
        output=kept,
        kept=sum(account.statistics.kept for account in facts.accounts),
        samples=facts.samples.free if facts.samples else (),
    )


def _written(
    gathered: Gathered, model: TrainedModel, facts: CardFacts, digest: str, context: Context
) -> dict[str, bytes]:
    """The card, its pictures and `huggingtweets.json`, by their names.

    Args:
        digest: Of the publication.
    """
    order, clock = gathered.order, context.clock
    context.progress.advance(_CARD, 0, 1, "cards")
    with clock("card"):
        faces = avatars.loaded(gathered.pictures, gathered.repo_id, gathered.published)
        files = card_files.written(
            facts, order.template, digest, model, faces, clock.seconds, forced=order.force
        )
    context.progress.advance(_CARD, 1, 1, "cards")
    return files


def _sent(
    gathered: Gathered, model: TrainedModel, files: dict[str, bytes], work: Workspace, context: Context
) -> Publication:
    """The publication, once its one commit is on the Hub.

    Args:
        files: What goes with the model, by name.
        work: Holds the model's files.
    """
    order, target, published = gathered.order, gathered.repo_id, gathered.published
    progress, is_new = context.progress, model.is_new
    paths = list(model.files) if is_new else _new_forms(published, model)
    progress.note(f"Sending {_named(paths, model)} to {target}.")
    progress.advance(_SENDING, 0, 1, "commits")
    weights = {path: work.model / path for path in paths}
    size = sum(path.stat().st_size for path in weights.values())
    expect(progress, {_SENDING: _SENDING_SECONDS + size / _BYTES_A_SECOND})
    _require_absent(gathered, anew=True)
    with context.clock("push"):
        commit = push.push(
            target,
            {**weights, **files},
            whole=is_new,
            published=published,
            private=order.private,
            create_pr=order.create_pr,
            delete=_stale_forms(published, model),
            when_moved=lambda before: _moved(gathered, before, whole=is_new),
            last_check=lambda: _require_absent(gathered, anew=True),  # the upload may have taken long
        )
    if commit.was_there:
        progress.note(f"{commit.url} already proposes this publication; nothing was sent.")
    is_changed = commit.oid != published.head and not commit.was_there
    publication = dataclasses.replace(
        unchanged(gathered), url=commit.url, commit=commit.oid, changed=is_changed
    )
    if not order.create_pr:
        publications.remember({target: gathered.handles})
        if is_new:
            _tag(publication, progress)
    progress.advance(_SENDING, 1, 1, "commits")
    return publication


def nothing_to_send(gathered: Gathered) -> bool:
    """Whether a model that is not due is published just as it was asked for, so that no worker need look."""
    return not (gathered.is_due or gathered.order.force) and is_published(gathered)


def is_published(gathered: Gathered) -> bool:
    """Whether the repository holds just this publication."""
    model = made(gathered)
    if model is None:
        return False
    facts = pipeline_facts.facts(gathered, model)
    return _is_current(gathered.published, card.publication_digest(facts, gathered.order.template))


def made(gathered: Gathered) -> TrainedModel | None:
    """The published model, if it is the very one that is asked for, so that at most a card is due."""
    model = on_the_hub(gathered.published, gathered.fingerprint)
    if model is None or not forms.are_as_wanted(gathered, model):
        return None
    measured = Measured.of(model)
    return model if measured is not None and measured.answers(gathered.wanted) else None


def _new_forms(published: Published, model: TrainedModel) -> list[str]:
    """The files for other clients that the repository does not hold yet."""
    return [
        path
        for path, digest in form_files(model.files).items()
        if path not in published.files or published.recorded.get(path) != digest
    ]


def _named(sent: list[str], model: TrainedModel) -> str:
    """What is sent with the card, in the words of a user."""
    if model.is_new:
        return "the model"
    forms = dict.fromkeys(form.form for form in model.forms if form.file in sent)
    return f"the card and the {' and '.join(forms)} files" if forms else "the card"


def _stale_forms(published: Published, model: TrainedModel) -> list[str]:
    """The files for other clients that were published before and are not wanted any more."""
    recorded = form_files(published.recorded)
    return [path for path in recorded if path in published.files and path not in model.files]


def _is_current(published: Published, digest: str) -> bool:
    return published.facts.get("publication") == digest and published.is_complete


def _require_absent(gathered: Gathered, *, anew: bool = False) -> None:
    if anew:  # not as the Hub said within the last minute
        namespace_opt_outs.look_again()
    repo_id = None if gathered.order.dry_run else gathered.repo_id
    opt_outs.require_absent(people(gathered.timelines, gathered.texts), repo_id)


def _moved(gathered: Gathered, before: Published, *, whole: bool) -> Published:
    """What the repository holds since somebody else has committed, if this may still be committed on top.

    Raises:
        OptedOutError, NotOursError, EditedByHandError, HubError: It may not.
    """
    _require_absent(gathered, anew=True)  # it may be an opt-out that has moved the head
    published = repo.read(gathered.repo_id)
    repo.require_ours(gathered.repo_id, published, before=before, overwrite=gathered.order.overwrite)
    if not whole and published.facts.get("fingerprint") != before.facts.get("fingerprint"):
        raise refusals.replaced_meanwhile(gathered.repo_id)
    return published


def unchanged(gathered: Gathered) -> Publication:
    """What is published, as it stands."""
    return Publication(
        repo_id=gathered.repo_id,
        url=repo.address(gathered.repo_id),
        commit=gathered.published.head,
        changed=False,
        fingerprint=gathered.fingerprint,
        tweets_bought=gathered.tweets_bought,
        cost_usd=gathered.cost_usd,
        recognised={
            timeline.account.handle: timeline.recognised
            for timeline in gathered.timelines
            if timeline.recognised
        },
    )


def _tag(publication: Publication, progress: Progress) -> None:
    """Name the revision by the day, so that who relies on it can go on with it after the next training."""
    try:
        push.tag(publication.repo_id, str(publication.commit), datetime.now(UTC).date().isoformat())
    except HubError as error:
        progress.warn(f"The model is published, but not tagged: {error.message}")
