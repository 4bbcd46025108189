"""From texts to a measured model, each step taken from disk or from the Hub where it is done already."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from huggingtweets_hub import evaluation, hub, training, writing
from huggingtweets_hub.base_model import Checkpoint
from huggingtweets_hub.clock import Clock
from huggingtweets_hub.errors import InvalidFactsError
from huggingtweets_hub.evaluation import Measured, Wanted
from huggingtweets_hub.hub import Published
from huggingtweets_hub.progress import Progress
from huggingtweets_hub.records import Corpus, Learned, Recipe, Stages, Timeline, Tracked, TrainedModel
from huggingtweets_hub.records.names import model_name
from huggingtweets_hub.serialization import from_json, to_json
from huggingtweets_hub.tracking import Run, Tracker
from huggingtweets_hub.training import saving
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


@dataclasses.dataclass(frozen=True, kw_only=True)
class Learner:
    """One model in the making: what it learns from, how, and where."""

    texts: Corpus
    checkpoint: Checkpoint
    recipe: Recipe
    wanted: Wanted
    work: Workspace
    clock: Clock
    device: str
    progress: Progress

    def learn(self, run: Run, tracked: Tracked) -> Learned:
        """Train and measure, or take from disk what an earlier run has finished and is undamaged."""
        work = self.work
        model = work.load("training", TrainedModel)
        if model is None or not self._has(model.files):
            work.discard("evaluation")
            model = self._train(run)
        else:
            self.progress.note("The model is trained already; going on from there.")
            earlier = work.load("stages", Stages)
            self.clock.seconds = {**(earlier.seconds if earlier else {}), **self.clock.seconds}
        measured = work.load("evaluation", Measured)
        if measured is None or not measured.answers(self.wanted):
            measured = self._measure(measured)
        run.summarize({"evaluation": to_json(measured.evaluation)})
        return Learned(
            training=model.training,
            evaluation=measured.evaluation,
            samples=measured.samples,
            tracked=tracked,
            files=model.files,
            versions=model.versions,
            stages=self._stages(),
        )

    def measured_as_wanted(self, learned: Learned, published: Published, repo_id: str) -> Learned:
        """The model on the Hub, measured again where another prompt or number of samples is asked for."""
        measured = None
        if learned.samples is not None:
            measured = Measured(evaluation=learned.evaluation, samples=learned.samples)
            if measured.answers(self.wanted):
                return learned
        if not self._has(hub.model_files(learned.files)):
            self.progress.note(f"Loading {repo_id} to sample from it.")
            with self.clock("download"):
                hub.download(repo_id, str(published.head), self.work.model)
        measured = self._measure(measured)
        return dataclasses.replace(learned, evaluation=measured.evaluation, samples=measured.samples)

    def _train(self, run: Run) -> TrainedModel:
        self.progress.note(f"Training {self.checkpoint.model.name} on {len(self.texts.train):,} tweets.")
        trained = training.train(
            self.texts,
            self.checkpoint,
            self.recipe,
            self.work.model,
            device=self.device,
            log=run.log,
            progress=self.progress,
            clock=self.clock,
        )
        self._stages()
        return self.work.save("training", trained)

    def _measure(self, earlier: Measured | None) -> Measured:
        if earlier is not None and earlier.has_samples(self.wanted):
            self.progress.note(f"Sampling with the prompt {self.wanted.prompt!r}.")
            with self.clock("samples"):
                again = evaluation.prompt_again(
                    earlier, self.work.model, self.texts, self.wanted, device=self.device
                )
            self._stages()
            return self.work.save("evaluation", again)
        measured = evaluation.evaluate(
            self.checkpoint,
            self.work.model,
            self.texts,
            self.wanted,
            seed=self.recipe.seed,
            device=self.device,
            progress=self.progress,
            clock=self.clock,
        )
        self._stages()
        found = measured.evaluation
        self.progress.note(
            f"Perplexity on {found.tuned.tweets:,} held-out tweets: "
            f"{found.base.perplexity:.1f} before, {found.tuned.perplexity:.1f} after."
        )
        if found.tuned_samples and found.tuned_samples.overlapping:
            self.progress.note(
                f"{found.tuned_samples.overlapping:.0%} of {self.wanted.samples} samples share "
                f"{writing.RUN} words in a row with a training tweet, or repeat it; the card says so."
            )
        return self.work.save("evaluation", measured)

    def _stages(self) -> dict[str, float]:
        """The seconds of all stages until now, kept for a run that goes on from here."""
        return self.work.save("stages", Stages(seconds=dict(self.clock.seconds))).seconds

    def _has(self, files: Mapping[str, str]) -> bool:
        """Whether these files lie in the workspace, undamaged."""
        return bool(files) and files.items() <= saving.file_digests(self.work.model).items()
