"""From texts to a measured model, each step taken from disk or from the Hub where it is done already."""

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core import names
from huggingtweets_hub.core.errors import InvalidFactsError
from huggingtweets_hub.core.progress import Clock, Progress
from huggingtweets_hub.core.records import Learned, Stages, Tracked, TrainedModel
from huggingtweets_hub.core.serialization import from_json, to_json
from huggingtweets_hub.hub import files as hub_files
from huggingtweets_hub.hub.repo import Published
from huggingtweets_hub.model import evaluation, text_measures, training
from huggingtweets_hub.model.evaluation import Measured, Wanted
from huggingtweets_hub.model.loading import Shelf
from huggingtweets_hub.model.tracking import tracker as tracking_tracker
from huggingtweets_hub.model.tracking.tracker import Nowhere, Run, Tracker
from huggingtweets_hub.pipeline import workspace
from huggingtweets_hub.pipeline.gather import Gathered
from huggingtweets_hub.pipeline.workspace import Workspace


def learned_before(published: Published, fingerprint: str) -> Learned | None:
    """The model on the Hub, where it is the one that this run would train."""
    if published.facts.get("fingerprint") != fingerprint or not published.is_whole:
        return None
    try:
        return from_json(Learned, published.facts)
    except InvalidFactsError:
        return None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A measured model.

    Attributes:
        is_new: It was trained here; else it is the one on the Hub.
    """

    learned: Learned
    is_new: bool


@contextmanager
def learn(gathered: Gathered, progress: Progress, shelf: Shelf | None = None) -> Iterator[tuple[Model, Run]]:
    """Train and measure what was gathered, as far as the Hub or an earlier run has not done it already.

    Args:
        shelf: Keeps the base model for the next one; else it is loaded from disk as often as it is needed.

    Returns:
        The model, and the run of the tracker that records it, which ends with the context.

    Raises:
        HuggingTweetsError: What stands in the way; a disk that takes no more is an `UnwritableError`.
    """
    order = gathered.order
    wanted = Wanted(handles=gathered.handles, prompt=order.prompt, samples=order.samples)
    with core_files.explained(), workspace.opened(gathered.name, gathered.fingerprint) as work:
        learner = Learner(
            gathered=gathered,
            wanted=wanted,
            work=work,
            clock=Clock(gathered.stages),
            shelf=shelf or Shelf(keeps=False),
            progress=progress,
        )
        learned = learned_before(gathered.published, gathered.fingerprint)
        is_new = learned is None
        tracker = tracking_tracker.open(order.tracker) if is_new else Nowhere()
        with _recorded(gathered, work, tracker) as (run, tracked):
            learned = learner.measured_as_wanted(learned) if learned else learner.learn(run, tracked)
            yield Model(learned=learned, is_new=is_new), run


@contextmanager
def _recorded(gathered: Gathered, work: Workspace, tracker: Tracker) -> Iterator[tuple[Run, Tracked]]:
    """The tracker's run of this training, the earlier one where a kill cut it short."""
    name, texts, base = gathered.name, gathered.texts, gathered.checkpoint.model
    earlier = work.load("tracking", Tracked)
    if earlier is None or earlier.tracker != tracker.name:
        data = tracker.record_data(name, gathered.timelines, texts, texts=gathered.order.track_texts)
        earlier = work.save("tracking", Tracked(tracker=tracker.name, data=data))
    config = {**to_json(gathered.recipe), "base_model": to_json(base), "kept_sha256": texts.kept_sha256}
    run = tracker.start_training(name, config, base, resumed=earlier.training)
    try:
        yield run, work.save("tracking", dataclasses.replace(earlier, training=run.link))
    except BaseException:
        run.finish(failed=True)
        raise
    run.finish()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Learner:
    """One model in the making: what it learns from, how, and where."""

    gathered: Gathered
    wanted: Wanted
    work: Workspace
    clock: Clock
    shelf: Shelf
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

    def measured_as_wanted(self, learned: Learned) -> Learned:
        """The model on the Hub, measured again where another prompt or number of samples is asked for."""
        measured = None
        if learned.samples is not None:
            measured = Measured(evaluation=learned.evaluation, samples=learned.samples)
            if measured.answers(self.wanted):
                return learned
        if not self._has(names.model_files(learned.files)):
            repo_id, head = self.gathered.repo_id, self.gathered.published.head
            self.progress.note(f"Loading {repo_id} to sample from it.")
            with self.clock("download"):
                hub_files.download(repo_id, str(head), self.work.model)
        measured = self._measure(measured)
        return dataclasses.replace(learned, evaluation=measured.evaluation, samples=measured.samples)

    def _train(self, run: Run) -> TrainedModel:
        texts, checkpoint = self.gathered.texts, self.gathered.checkpoint
        self.progress.note(f"Training {checkpoint.model.name} on {len(texts.train):,} tweets.")
        trained = training.train(
            texts,
            checkpoint,
            self.gathered.recipe,
            self.work.model,
            device=self.gathered.order.device,
            log=run.log,
            progress=self.progress,
            clock=self.clock,
            shelf=self.shelf,
        )
        self._stages()
        return self.work.save("training", trained)

    def _measure(self, earlier: Measured | None) -> Measured:
        if earlier is not None and earlier.has_samples(self.wanted):
            self.progress.note(f"Sampling with the prompt {self.wanted.prompt!r}.")
            with self.clock("samples"):
                again = evaluation.prompt_again(
                    earlier,
                    self.work.model,
                    self.gathered.texts,
                    self.wanted,
                    device=self.gathered.order.device,
                )
            self._stages()
            return self.work.save("evaluation", again)
        measured = evaluation.evaluate(
            self.gathered.checkpoint,
            self.work.model,
            self.gathered.texts,
            self.wanted,
            seed=self.gathered.recipe.seed,
            device=self.gathered.order.device,
            progress=self.progress,
            clock=self.clock,
            shelf=self.shelf,
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
                f"{text_measures.RUN} words in a row with a training tweet, or repeat it; the card says so."
            )
        return self.work.save("evaluation", measured)

    def _stages(self) -> dict[str, float]:
        """The seconds of all stages until now, kept for a run that goes on from here."""
        return self.work.save("stages", Stages(seconds=dict(self.clock.seconds))).seconds

    def _has(self, files: Mapping[str, str]) -> bool:
        """Whether these files lie in the workspace, undamaged."""
        return bool(files) and files.items() <= core_files.file_digests(self.work.model).items()
