"""The whole story: from the tweets of an account to its published model."""

import dataclasses
import json
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from huggingtweets_hub import base_model as base_models
from huggingtweets_hub import (
    card,
    corpus,
    evaluation,
    hub,
    opt_outs,
    settings,
    sources,
    tracking,
    training,
    workspace,
)
from huggingtweets_hub.base_model import Checkpoint
from huggingtweets_hub.errors import InvalidFactsError, InvalidInputError, TemplateError
from huggingtweets_hub.hub import CARD, FACTS, Published
from huggingtweets_hub.progress import Progress, Terminal
from huggingtweets_hub.records import (
    MAX_ACCOUNTS,
    AccountFacts,
    CardFacts,
    Corpus,
    Evaluation,
    Learned,
    Publication,
    Recipe,
    SourceFacts,
    Stages,
    Timeline,
    Tracked,
    TrainedModel,
    from_json,
    model_name,
    parse_handle,
    to_json,
)
from huggingtweets_hub.sources import TimelineSource
from huggingtweets_hub.tracking import Nowhere, Run, Tracker
from huggingtweets_hub.workspace import Workspace

SCHEMA = 1
CONSENTS = ("self", "written", "fictional")

Source = str | Path | TimelineSource


def publish(
    handles: str | Sequence[str] = (),
    *,
    source: Source | Mapping[str, Source] = "x",
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
    _require_known(consent, device)
    card.rehearse(template)
    output = _require_free(output)
    readers = _readers(handles, source, max_cost)
    opt_outs.require_absent(readers)
    checkpoint = base_models.resolve(base_model)
    if template == "classic" and checkpoint.model.name != settings.DEFAULT_BASE_MODEL:
        raise TemplateError(
            f"The classic card says that the model is a GPT-2, not {checkpoint.model.name!r}.",
            "Use --template default, or leave --base-model out.",
        )
    chosen = training.recipe(
        recipe, base=checkpoint.model.kind, epochs=epochs, learning_rate=learning_rate, seed=seed
    )
    records = tracking.open(tracker)
    target = hub.destination(readers, namespace=namespace, repo_id=repo_id)
    published = Published() if dry_run else _published(target, create_pr, overwrite)

    with clock("fetch"):
        timelines = [
            corpus.select(
                reader.fetch(handle, max_tweets=max_tweets, since=since, progress=progress),
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
            facts = _facts(
                timelines, texts, checkpoint, chosen, learned, target, prompt, consent, fingerprint
            )
            digest = card.publication_digest(facts, template)
            documents = _documents(facts, template, digest, learned, clock)
            if dry_run:
                publication = _dry(target, fingerprint, progress)
            elif published.facts.get("publication") == digest and not force:
                publication = _unchanged(target, published, fingerprint, progress)
            else:
                weights = {path: work.model / path for path in learned.files} if is_new else {}
                progress.note(f"Sending {'the model' if is_new else 'the card'} to {target}.")
                with clock("push"):
                    commit = hub.push(
                        target, {**weights, **documents}, whole=is_new, published=published,
                        private=private, create_pr=create_pr,
                    )  # fmt: skip
                publication = Publication(
                    repo_id=target, url=commit.url, commit=commit.oid, changed=True, fingerprint=fingerprint
                )
                run.record_model(f"{hub.address(target)}/resolve/{commit.oid}", learned.files)
        kept = _keep(documents, is_new, work, output, publication)
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
    source: Source = "x",
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
    ((name, reader),) = _readers([handle] if handle else [], source, max_cost).items()
    timeline = reader.fetch(name, max_tweets=max_tweets, since=since, progress=progress or Terminal())
    return corpus.select(timeline, max_tweets=max_tweets, since=since, until=until, replies=replies)


# --- before anything is read ----------------------------------------------------------------------


def _require_known(consent: str | None, device: str) -> None:
    if consent is not None and consent not in CONSENTS:
        raise InvalidInputError(f"There is no consent {consent!r}.", f"Choose from: {', '.join(CONSENTS)}.")
    if device not in training.DEVICES:
        raise InvalidInputError(
            f"There is no device {device!r}.", f"Choose from: {', '.join(training.DEVICES)}."
        )


def _require_free(output: str | Path | None) -> Path | None:
    """The folder to keep the result in: absent, empty, or an earlier result."""
    if output is None:
        return None
    folder = Path(output).expanduser()
    is_ours = not folder.exists() or (folder / FACTS).is_file()
    if not is_ours and not (folder.is_dir() and not any(folder.iterdir())):
        raise InvalidInputError(
            f"{str(output)!r} exists and is no earlier result.", "Give --output another folder."
        )
    return folder


def _readers(
    handles: str | Sequence[str], source: Source | Mapping[str, Source], max_cost: float
) -> dict[str, TimelineSource]:
    """The source of each account, in the order of their handles."""
    named = [parse_handle(handle) for handle in ([handles] if isinstance(handles, str) else handles)]
    if isinstance(source, Mapping):
        specs = {parse_handle(handle): spec for handle, spec in source.items()}
        if named and sorted(map(str.lower, named)) != sorted(map(str.lower, specs)):
            raise InvalidInputError(
                f"The accounts {', '.join(named)} do not match the sources of {', '.join(specs)}.",
                "Give one --from HANDLE=SOURCE for each account, or leave the handles out.",
            )
        readers = {handle: sources.open(spec, max_cost=max_cost) for handle, spec in specs.items()}
    else:
        reader = sources.open(source, max_cost=max_cost)
        if not named:
            account = reader.account()
            if account is None:
                raise InvalidInputError(
                    f"The source {source!s} does not say whose tweets it holds.", "Give the handle too."
                )
            named = [account.handle]
        readers = dict.fromkeys(named, reader)
    if not 1 <= len(readers) <= MAX_ACCOUNTS or len(set(map(str.lower, readers))) < len(named):
        raise InvalidInputError(
            f"One model is made from 1 to {MAX_ACCOUNTS} different accounts, not from {', '.join(named)}.",
            "Publish the others as models of their own.",
        )
    return dict(sorted(readers.items(), key=lambda item: item[0].lower()))


def _published(repo_id: str, create_pr: bool, overwrite: bool) -> Published:
    """What the repository holds, once it is clear that it may be written."""
    if not create_pr:
        hub.require_write_access(repo_id)
    published = hub.read(repo_id)
    hub.require_ours(repo_id, published, overwrite=overwrite)
    return published


# --- from texts to a measured model ---------------------------------------------------------------


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


# --- from a model to its publication --------------------------------------------------------------


def _facts(
    timelines: Sequence[Timeline],
    texts: Corpus,
    checkpoint: Checkpoint,
    recipe: Recipe,
    learned: Learned,
    repo_id: str,
    prompt: str,
    consent: str | None,
    fingerprint: str,
) -> CardFacts:
    kinds = sorted({timeline.source for timeline in timelines})
    tracked = learned.tracked
    base = checkpoint.model
    return CardFacts(
        accounts=tuple(
            AccountFacts(
                handle=timeline.account.handle,
                name=timeline.account.name,
                avatar_url=timeline.account.avatar_url,
                statistics=counts,
            )
            for timeline, counts in zip(timelines, texts.statistics, strict=True)
        ),
        repo_id=repo_id,
        prompt=prompt,
        data_run_url=tracked.data.url if tracked.data else None,
        training_run_url=tracked.training.url if tracked.training else None,
        base_model=None if base.kind == "folder" else base.name,
        language=texts.language or None,
        base=base,
        counted_by_letters=texts.counted_by_letters,
        kept_sha256=texts.kept_sha256,
        fingerprint=fingerprint,
        recipe=recipe,
        training=learned.training,
        evaluation=learned.evaluation,
        tracked=tracked,
        source=SourceFacts(
            kind=" + ".join(kinds), digest=workspace.digest([timeline.digest for timeline in timelines])
        ),
        consent=consent,
        versions=learned.versions,
    )


def _documents(
    facts: CardFacts,
    template: str | Path,
    digest: str,
    learned: Learned,
    clock: "_Clock",
) -> dict[str, bytes]:
    """The card and `huggingtweets.json`, checked, by their names."""
    text = card.render(facts, template)
    card.check(text)
    readme = text.encode("utf-8")
    weights = {path: sha for path, sha in learned.files.items() if path != CARD}
    content = {
        "schema": SCHEMA,
        **to_json(facts),
        "publication": digest,
        "stages": {**learned.stages, **clock.seconds},
        "files": {**weights, CARD: hub.sha256(readme)},
    }
    return {CARD: readme, FACTS: (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8")}


def _dry(repo_id: str, fingerprint: str, progress: Progress) -> Publication:
    progress.note(f"Dry run: nothing was sent to {repo_id}. The same command without --dry-run sends this.")
    return Publication(
        repo_id=repo_id, url=hub.address(repo_id), commit=None, changed=False, fingerprint=fingerprint
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


def _keep(
    documents: Mapping[str, bytes],
    is_new: bool,
    work: Workspace,
    output: Path | None,
    publication: Publication,
) -> Path | None:
    """Leave the finished folder where the user wants it, or after a dry run where it was made."""
    if is_new:
        for name, content in documents.items():
            (work.model / name).write_bytes(content)
    if output is None:
        return work.model if publication.commit is None else None
    shutil.rmtree(output, ignore_errors=True)
    if is_new:
        shutil.copytree(work.model, output)
    elif publication.commit is not None:
        hub.download(publication.repo_id, publication.commit, output)
    return output


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
