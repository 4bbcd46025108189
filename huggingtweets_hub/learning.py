"""From texts to a measured model, each step taken from disk or from the Hub where it is done already."""

import dataclasses
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from huggingtweets_hub import evaluation, training
from huggingtweets_hub.base_model import Checkpoint
from huggingtweets_hub.errors import InvalidFactsError
from huggingtweets_hub.hub import Published
from huggingtweets_hub.progress import Progress
from huggingtweets_hub.records import (
    Corpus,
    Evaluation,
    Learned,
    Recipe,
    Stages,
    Timeline,
    Tracked,
    TrainedModel,
    model_name,
)
from huggingtweets_hub.serialization import from_json, to_json
from huggingtweets_hub.tracking import Run, Tracker
from huggingtweets_hub.workspace import Workspace


def learned_before(published: Published, fingerprint: str) -> Learned | None:
    """The model on the Hub, where it is the one that this run would train."""
    if published.facts.get("fingerprint") != fingerprint or not published.is_whole:
        return None
    try:
        return from_json(Learned, published.facts)
    except InvalidFactsError:
        return None


@contextmanager
def recorded(
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


def learn(
    texts: Corpus,
    checkpoint: Checkpoint,
    recipe: Recipe,
    work: Workspace,
    run: Run,
    tracked: Tracked,
    clock: "Clock",
    device: str,
    progress: Progress,
) -> Learned:
    """Train and measure, or take from disk what an earlier run has finished and is undamaged."""
    model, measured = work.load("training", TrainedModel), work.load("evaluation", Evaluation)
    if model is None or not model.files.items() <= training.file_digests(work.model).items():
        progress.note(f"Training {checkpoint.model.name} on {len(texts.train):,} tweets.")
        with clock("training"):
            trained = training.train(
                texts, checkpoint, recipe, work.model, device=device, log=run.log, progress=progress
            )
            model, measured = work.save("training", trained), None
    else:
        progress.note("The model is trained already; going on from there.")
    stages = work.load("stages", Stages)
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


class Clock:
    """How long each stage took, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Measure the stage."""
        began = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - began, 2)
