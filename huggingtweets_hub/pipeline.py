"""The whole story: from the tweets of an account to its published model."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from huggingtweets_hub import (
    access,
    avatars,
    card,
    corpus,
    documents,
    hub,
    learning,
    opt_outs,
    plan,
    settings,
    tracking,
    workspace,
)
from huggingtweets_hub import base_model as base_models
from huggingtweets_hub.clock import Clock
from huggingtweets_hub.errors import InvalidInputError, TrackingError
from huggingtweets_hub.evaluation import Wanted
from huggingtweets_hub.hub import Published
from huggingtweets_hub.learning import Learner
from huggingtweets_hub.progress import Progress, Terminal
from huggingtweets_hub.records import Corpus, Publication, Timeline
from huggingtweets_hub.records.names import model_name
from huggingtweets_hub.sources import TimelineSource
from huggingtweets_hub.tracking import Nowhere, Tracker
from huggingtweets_hub.training import recipes


def publish(
    handles: str | Sequence[str] = (),
    *,
    source: plan.Source | Mapping[str, plan.Source] = "x",
    max_tweets: int | None = None,
    since: date | None = None,
    until: date | None = None,
    replies: bool = True,
    max_cost: float = settings.DEFAULT_MAX_COST_USD,
    base_model: str | Path = settings.DEFAULT_BASE_MODEL,
    recipe: str = "default",
    epochs: int | None = None,
    learning_rate: float | None = None,
    seed: int = settings.DEFAULT_SEED,
    device: str = "auto",
    template: str | Path = "default",
    prompt: str = settings.DEFAULT_PROMPT,
    samples: int = settings.DEFAULT_SAMPLES,
    consent: str | None = None,
    tracker: str | Tracker = "auto",
    track_texts: bool = False,
    namespace: str | None = None,
    repo_id: str | None = None,
    private: bool = False,
    create_pr: bool = False,
    output: str | Path | None = None,
    dry_run: bool = False,
    force: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Publication:
    """Turn the tweets of one to three accounts into one published model.

    Every stage that is finished stays on disk, so the same call after a kill goes on from there; the
    same publication again makes no commit.

    Args:
        handles: The accounts; may be left out where the source names its account.
        source: `x` (the X API), `sample`, a path, or an object of your own; for several accounts
            also a mapping from handle to source.
        max_tweets, since, until, replies: Which tweets to take, before anything is counted.
        max_cost: US dollars that reading from the X API may cost.
        base_model: A Hub id, a folder, or `scratch`.
        recipe, epochs, learning_rate, seed, device: How to train (`recipes.choose`).
        template: `default`, `classic`, or a Jinja file.
        prompt: What the card's example begins with.
        samples: How many texts the model writes to be measured; the card shows the first five.
        consent: `self`, `written` or `fictional`: on what grounds the tweets are used.
        tracker: `auto`, `wandb`, `trackio`, `none`, or an object of your own.
        track_texts: Put the tweets' texts into the tracker, not only their digests.
        namespace, repo_id: Where to publish; the namespace `@me` is the account of the Hub token.
        output: Keep the finished folder here.
        dry_run: Do everything but the push; a later call without it pushes that very result.
        force: Commit although nothing changed.
        overwrite: Replace a repository that is not ours, or a card that was edited by hand.
        progress: Where to show progress; by default lines and bars on stderr.

    Raises:
        HuggingTweetsError: Its message says what, which value, and the next step.
    """
    progress = progress or Terminal()
    clock = Clock()
    plan.require_known(consent, device, samples)
    plan.require_prompt(prompt)
    recipes.require_known(recipe, epochs=epochs, learning_rate=learning_rate)
    card.rehearse(template)
    output = plan.require_free(output)
    readers = plan.readers(handles, source, max_cost)
    opt_outs.require_absent(readers)
    checkpoint = base_models.resolve(base_model)
    if template == "classic":
        card.require_gpt2(checkpoint.model)
    records = tracking.open(tracker)
    target = access.destination(readers, namespace=namespace, repo_id=repo_id)
    published = (
        Published()
        if dry_run
        else _published(target, create_pr=create_pr, overwrite=overwrite, private=private)
    )

    with clock("fetch"):
        timelines = [
            _read(reader, handle, max_tweets, since, until, replies, progress)
            for handle, reader in readers.items()
        ]
    with clock("corpus"):
        texts = corpus.build(timelines)
    _note_corpus(timelines, texts, progress)
    chosen = recipes.choose(
        recipe, base=checkpoint.model.kind, characters=sum(map(len, texts.train)), epochs=epochs,
        learning_rate=learning_rate, seed=seed,
    )  # fmt: skip
    fingerprint = workspace.digest(texts.kept, chosen, checkpoint.model.name, checkpoint.model.revision)

    wanted = Wanted(handles=tuple(readers), prompt=prompt, samples=samples)
    with workspace.opened(model_name(readers), fingerprint) as work:
        learner = Learner(
            texts=texts, checkpoint=checkpoint, recipe=chosen, wanted=wanted, work=work, clock=clock,
            device=device, progress=progress,
        )  # fmt: skip
        learned = learning.learned_before(published, fingerprint)
        is_new = learned is None
        with learning.recorded(records if is_new else Nowhere(), timelines, texts, checkpoint, chosen, work,
                               track_texts) as (run, tracked):  # fmt: skip
            if learned is None:
                learned = learner.learn(run, tracked)
            else:
                learned = learner.measured_as_wanted(learned, published, target)
            pictures = avatars.collect([timeline.account for timeline in timelines], published)
            facts = documents.facts(
                timelines, texts, checkpoint, chosen, learned, target, prompt, consent, fingerprint, pictures
            )
            digest = card.publication_digest(facts, template)
            publication = Publication(
                repo_id=target,
                url=hub.address(target),
                commit=published.head,
                changed=False,
                fingerprint=fingerprint,
            )
            is_current = published.facts.get("publication") == digest and published.is_complete
            if is_current and not (is_new or force):
                progress.note(f"{target} already holds this publication; nothing was sent.")
                files: dict[str, bytes] = {}
            else:
                with clock("card"):
                    faces = avatars.loaded(pictures, target, published)
                    files = documents.written(
                        facts, template, digest, learned, faces, clock.seconds, forced=force
                    )
            if files and not dry_run:
                progress.note(f"Sending {'the model' if is_new else 'the card'} to {target}.")
                weights = {path: work.model / path for path in learned.files} if is_new else {}
                with clock("push"):
                    commit = hub.push(
                        target, {**weights, **files}, whole=is_new, published=published,
                        private=private, create_pr=create_pr,
                    )  # fmt: skip
                publication = dataclasses.replace(
                    publication, url=commit.url, commit=commit.oid, changed=commit.oid != published.head
                )
                try:
                    run.record_model(f"{hub.address(target)}/resolve/{commit.oid}", learned.files)
                except TrackingError as error:
                    progress.warn(str(error))
        kept = documents.keep(files, learned.files, is_new, work, output, publication)
        if not dry_run and not create_pr:
            work.remove()  # the Hub has it
    return dataclasses.replace(
        publication,
        output=kept,
        tweets_bought=sum(timeline.tweets_bought for timeline in timelines),
        cost_usd=round(sum(timeline.cost_usd for timeline in timelines), 4),
    )


def fetch_timeline(
    handle: str = "",
    *,
    source: plan.Source = "x",
    max_tweets: int | None = None,
    since: date | None = None,
    until: date | None = None,
    replies: bool = True,
    max_cost: float = settings.DEFAULT_MAX_COST_USD,
    progress: Progress | None = None,
) -> Timeline:
    """The tweets of one account, newest first; the arguments are those of `publish`.

    Raises:
        SourceError: The tweets cannot be had.
    """
    ((name, reader),) = plan.readers([handle] if handle else [], source, max_cost).items()
    return _read(reader, name, max_tweets, since, until, replies, progress or Terminal())


def _read(
    reader: TimelineSource,
    handle: str,
    max_tweets: int | None,
    since: date | None,
    until: date | None,
    replies: bool,
    progress: Progress,
) -> Timeline:
    # Only where nothing else is selected are the N tweets to take the newest N that there are.
    hint = max_tweets if until is None and replies else None
    timeline = reader.fetch(handle, max_tweets=hint, since=since, progress=progress)
    return corpus.select(timeline, max_tweets=max_tweets, since=since, until=until, replies=replies)


def _published(repo_id: str, *, create_pr: bool, overwrite: bool, private: bool) -> Published:
    """What the repository holds, once it is clear that it may be written."""
    access.require_login()
    published = hub.read(repo_id)
    if not create_pr or published.head is None:
        access.require_write_access(repo_id)
    if private and published.head and not published.private and not published.is_empty:
        raise InvalidInputError(
            f"{repo_id} is public already.",
            "Make it private in its settings on the Hub, or leave --private out.",
        )
    hub.require_ours(repo_id, published, overwrite=overwrite)
    return published


def _note_corpus(timelines: Sequence[Timeline], texts: Corpus, progress: Progress) -> None:
    for timeline, counts in zip(timelines, texts.statistics, strict=True):
        progress.note(
            f"@{timeline.account.handle}: {counts.downloaded:,} tweets read, {counts.retweets:,} retweets, "
            f"{counts.short:,} short, {counts.kept:,} kept."
        )
    if corpus.is_little(texts):
        progress.warn("There is little text to learn from; expect a weaker bot.")
