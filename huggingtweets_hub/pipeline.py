"""The whole story: from the tweets of an account to its published model."""

import dataclasses
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from huggingtweets_hub import base_model as base_models
from huggingtweets_hub import (
    card,
    corpus,
    documents,
    evaluation,
    hub,
    opt_outs,
    plan,
    settings,
    tracking,
    training,
    workspace,
)
from huggingtweets_hub.base_model import Checkpoint
from huggingtweets_hub.errors import InvalidFactsError, InvalidInputError
from huggingtweets_hub.hub import Published
from huggingtweets_hub.progress import Progress, Terminal
from huggingtweets_hub.records import (
    Corpus,
    Evaluation,
    Learned,
    Publication,
    Recipe,
    Stages,
    Timeline,
    Tracked,
    TrainedModel,
    model_name,
)
from huggingtweets_hub.serialization import from_json, to_json
from huggingtweets_hub.tracking import Nowhere, Run, Tracker
from huggingtweets_hub.workspace import Workspace


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
        recipe, epochs, learning_rate, seed, device: How to train (`training.recipe`).
        template: `default`, `classic`, or a Jinja file.
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
    clock = _Clock()
    plan.require_known(consent, device)
    card.rehearse(template)
    output = plan.require_free(output)
    readers = plan.readers(handles, source, max_cost)
    opt_outs.require_absent(readers)
    checkpoint = base_models.resolve(base_model)
    if template == "classic":
        card.require_gpt2(checkpoint.model)
    chosen = training.recipe(
        recipe, base=checkpoint.model.kind, epochs=epochs, learning_rate=learning_rate, seed=seed
    )
    records = tracking.open(tracker)
    target = hub.destination(readers, namespace=namespace, repo_id=repo_id)
    published = (
        Published()
        if dry_run
        else _published(target, create_pr=create_pr, overwrite=overwrite, private=private)
    )

    with clock("fetch"):
        timelines = [
            corpus.select(
                reader.fetch(
                    handle,
                    # Only where nothing else is selected are the newest N the N newest that X has.
                    max_tweets=max_tweets if until is None and replies else None,
                    since=since,
                    progress=progress,
                ),
                max_tweets=max_tweets,
                since=since,
                until=until,
                replies=replies,
            )
            for handle, reader in readers.items()
        ]
    with clock("corpus"):
        texts = corpus.build(timelines)
    _note_corpus(timelines, texts, progress)
    fingerprint = workspace.digest(texts.kept, chosen, checkpoint.model.name, checkpoint.model.revision)

    with workspace.opened(model_name(readers), fingerprint) as work:
        learned = _learned_before(published, fingerprint)
        is_new = learned is None
        with _recorded(records if is_new else Nowhere(), timelines, texts, checkpoint, chosen, work,
                       track_texts) as (run, tracked):  # fmt: skip
            if learned is None:
                learned = _learn(texts, checkpoint, chosen, work, run, tracked, clock, device, progress)
            facts = documents.facts(
                timelines, texts, checkpoint, chosen, learned, target, prompt, consent, fingerprint
            )
            digest = card.publication_digest(facts, template)
            files = documents.written(facts, template, digest, learned, clock.seconds, forced=force)
            if dry_run:
                publication = Publication(
                    repo_id=target,
                    url=hub.address(target),
                    commit=None,
                    changed=False,
                    fingerprint=fingerprint,
                )
            elif published.facts.get("publication") == digest and not (
                is_new or published.is_edited or force
            ):
                publication = _unchanged(target, published, fingerprint, progress)
            else:
                weights = {path: work.model / path for path in learned.files} if is_new else {}
                progress.note(f"Sending {'the model' if is_new else 'the card'} to {target}.")
                with clock("push"):
                    commit = hub.push(
                        target, {**weights, **files}, whole=is_new, published=published,
                        private=private, create_pr=create_pr,
                    )  # fmt: skip
                publication = Publication(
                    repo_id=target,
                    url=commit.url,
                    commit=commit.oid,
                    changed=commit.oid != published.head,
                    fingerprint=fingerprint,
                )
                run.record_model(f"{hub.address(target)}/resolve/{commit.oid}", learned.files)
        kept = documents.keep(files, is_new, work, output, publication)
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
    hint = max_tweets if until is None and replies else None
    timeline = reader.fetch(name, max_tweets=hint, since=since, progress=progress or Terminal())
    return corpus.select(timeline, max_tweets=max_tweets, since=since, until=until, replies=replies)


def _published(repo_id: str, *, create_pr: bool, overwrite: bool, private: bool) -> Published:
    """What the repository holds, once it is clear that it may be written."""
    hub.require_login()
    published = hub.read(repo_id)
    if not create_pr or published.head is None:
        hub.require_write_access(repo_id)
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


def _learned_before(published: Published, fingerprint: str) -> Learned | None:
    """The model on the Hub, where it is the one that this run would train."""
    if published.facts.get("fingerprint") != fingerprint or not published.is_whole:
        return None
    try:
        return from_json(Learned, published.facts)
    except InvalidFactsError:
        return None


@contextmanager
def _recorded(
    tracker: Tracker,
    timelines: Sequence[Timeline],
    texts: Corpus,
    checkpoint: Checkpoint,
    recipe: Recipe,
    work: Workspace,
    track_texts: bool,
) -> Iterator[tuple[Run, Tracked]]:
    """The tracker's run of this training, the earlier one where a kill cut it short."""
    name = model_name(timeline.account.handle for timeline in timelines)
    earlier = work.load("tracking", Tracked)
    if earlier is None or earlier.tracker != tracker.name:
        data = tracker.record_data(name, timelines, texts, texts=track_texts)
        earlier = work.save("tracking", Tracked(tracker=tracker.name, data=data))
    config = {**to_json(recipe), "base_model": to_json(checkpoint.model), "kept_sha256": texts.kept_sha256}
    run = tracker.start_training(name, config, checkpoint.model, resumed=earlier.training)
    try:
        yield run, work.save("tracking", dataclasses.replace(earlier, training=run.link))
    except BaseException:
        run.finish(failed=True)
        raise
    run.finish()


def _learn(
    texts: Corpus,
    checkpoint: Checkpoint,
    recipe: Recipe,
    work: Workspace,
    run: Run,
    tracked: Tracked,
    clock: "_Clock",
    device: str,
    progress: Progress,
) -> Learned:
    """Train and measure, or take from disk what an earlier run has finished and is undamaged."""
    model = work.load("training", TrainedModel)
    if model is None or not model.files.items() <= training.file_digests(work.model).items():
        progress.note(f"Training {checkpoint.model.name} on {len(texts.train):,} tweets.")
        with clock("training"):
            trained = training.train(
                texts, checkpoint, recipe, work.model, device=device, log=run.log, progress=progress
            )
            model = work.save("training", trained)
    else:
        progress.note("The model is trained already; going on from there.")
    measured, stages = work.load("evaluation", Evaluation), work.load("stages", Stages)
    if measured is None or stages is None:
        with clock("evaluation"):
            measured = evaluation.evaluate(
                checkpoint,
                work.model,
                texts.held_out,
                train=texts.train,
                seed=recipe.seed,
                device=device,
                progress=progress,
            )
        work.save("evaluation", measured)
        stages = work.save("stages", Stages(seconds=dict(clock.seconds)))
    run.summarize({"evaluation": to_json(measured)})
    progress.note(
        f"Perplexity on {measured.tuned.tweets:,} held-out tweets: "
        f"{measured.base.perplexity:.1f} before, {measured.tuned.perplexity:.1f} after."
    )
    return Learned(
        training=model.training,
        evaluation=measured,
        tracked=tracked,
        files=model.files,
        versions=model.versions,
        stages=stages.seconds,
    )


def _unchanged(repo_id: str, published: Published, fingerprint: str, progress: Progress) -> Publication:
    progress.note(f"{repo_id} already holds this publication; nothing was sent.")
    return Publication(
        repo_id=repo_id,
        url=hub.address(repo_id),
        commit=published.head,
        changed=False,
        fingerprint=fingerprint,
    )


class _Clock:
    """How long each stage took, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Measure the stage."""
        began = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - began, 2)
