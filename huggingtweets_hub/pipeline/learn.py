"""From texts to a measured model, each step taken from disk or from the Hub if it is done already."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core.accounts import nouns
from huggingtweets_hub.core.names import model_files
from huggingtweets_hub.core.records import Stages, Tracked, TrainedModel
from huggingtweets_hub.core.serialization import to_json
from huggingtweets_hub.hub import files as hub_files
from huggingtweets_hub.model import evaluation, text_measures, training
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.results import Measured, OfBase, Wanted
from huggingtweets_hub.model.tracking import tracker as trackers
from huggingtweets_hub.model.tracking.tracker import Nowhere, Run
from huggingtweets_hub.pipeline import forms, takedown, workspace
from huggingtweets_hub.pipeline.due import on_the_hub
from huggingtweets_hub.pipeline.gather import Gathered
from huggingtweets_hub.pipeline.workspace import Workspace

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def learn(gathered: Gathered, recording: "Recording", context: Context) -> TrainedModel:
    """Train and measure what was gathered, as far as the Hub or an earlier run has not done it already.

    Args:
        recording: Where the training is recorded (`recorded`).

    Raises:
        HuggingTweetsError: What stands in the way; a disk that takes no more is an `UnwritableError`, an
            account that is taken down meanwhile an `OptedOutError`.
    """
    context = dataclasses.replace(context, device=gathered.order.device)
    with core_files.explained(), _opened(gathered) as work:
        learner = _Learner(gathered=gathered, wanted=gathered.wanted, work=work, context=context)
        published = on_the_hub(gathered.published, gathered.fingerprint)
        model = learner.measured_as_wanted(published) if published else learner.learn(recording)
        missing, model = forms.missing(gathered, model), forms.kept(gathered, model)
        if missing:
            learner.have(model, f"make its {' and '.join(missing)} files")
            model = forms.made(missing, gathered, model, work, context)
        return model


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The tracker's run of a training, and where it can be found."""

    run: Run
    tracked: Tracked


@contextmanager
def recorded(gathered: Gathered) -> Iterator[Recording]:
    """The tracker's run of this training, the earlier one if a kill cut it short; it ends with the context.

    A model that the Hub holds already is not recorded again.

    Raises:
        TrackingError: The tracker cannot be used.
    """
    if on_the_hub(gathered.published, gathered.fingerprint) is not None:
        yield Recording(run=Nowhere(), tracked=Tracked(tracker=Nowhere.name))
        return
    name, texts, base = gathered.name, gathered.texts, gathered.checkpoint.model
    tracker = trackers.open(gathered.order.tracker)
    with ExitStack() as running:
        with core_files.explained(), _opened(gathered) as work:
            tracked = work.load("tracking", Tracked)
            if tracked is None or tracked.tracker != tracker.name:
                is_whole = gathered.order.track_texts
                data = tracker.record_data(name, gathered.timelines, texts, texts=is_whole)
                tracked = work.save("tracking", Tracked(tracker=tracker.name, data=data))
            known = {"base_model": to_json(base), "kept_sha256": texts.kept_sha256}
            config = {**to_json(gathered.recipe), **known}
            run = tracker.start_training(name, config, base, resumed=tracked.training)
            running.enter_context(_finished(run))
            tracked = work.save("tracking", dataclasses.replace(tracked, training=run.link))
        yield Recording(run=run, tracked=tracked)


@contextmanager
def _finished(run: Run) -> Iterator[None]:
    """End the tracker's run with the context, as a failure if that fails."""
    try:
        yield
    except BaseException:
        run.finish(failed=True)
        raise
    run.finish()


@contextmanager
def _opened(gathered: Gathered) -> Iterator[Workspace]:
    """The workspace of what was gathered.

    Raises:
        OptedOutError, TrainingError: It was deleted meanwhile (`takedown`).
    """
    with workspace.opened(gathered.name, gathered.fingerprint) as work, takedown.noticed(gathered, work):
        yield work


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Logged:
    """The last step of a training that its tracker's run was told of."""

    run: str
    step: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Learner:
    """One model in the making: what it learns from, how, and where."""

    gathered: Gathered
    wanted: Wanted
    work: Workspace
    context: Context

    def learn(self, recording: Recording) -> TrainedModel:
        """Train and measure, or take from disk what an earlier run has finished and is undamaged."""
        work, clock = self.work, self.context.clock
        model, is_foretold = work.load("training", TrainedModel), False
        if model is None or not self._has(model.files):
            work.discard("evaluation")
            model, is_foretold = self._train(recording.run), True
        else:
            self.context.progress.note("The model is already trained; continuing from there.")
            earlier = work.load("stages", Stages)
            clock.seconds = {**(earlier.seconds if earlier else {}), **clock.seconds}
        core_files.remove(work.checkpoint)  # not before the record is there
        measured = work.load("evaluation", Measured)
        if measured is None or not measured.answers(self.wanted):
            measured = self._measure(measured, is_foretold=is_foretold)
        recording.run.summarize({"evaluation": to_json(measured.evaluation)})
        return dataclasses.replace(
            model,
            evaluation=measured.evaluation,
            samples=measured.samples,
            tracked=recording.tracked,
            stages=self._stages(),
            is_new=True,
        )

    def measured_as_wanted(self, model: TrainedModel) -> TrainedModel:
        """The model on the Hub, measured again if another prompt or number of samples is asked for."""
        measured = Measured.of(model)
        if measured is not None and measured.answers(self.wanted):
            return model
        self.have(model, "sample from it")
        measured = self._measure(measured)
        return dataclasses.replace(model, evaluation=measured.evaluation, samples=measured.samples)

    def have(self, model: TrainedModel, why: str) -> None:
        """Make sure that the model's files are in the workspace."""
        if not self._has(model_files(model.files)):
            repo_id, published = self.gathered.repo_id, self.gathered.published
            self.context.progress.note(f"Loading {repo_id} to {why}.")
            with self.context.clock("download"):
                wanted = model_files(published.files)
                hub_files.download(repo_id, str(published.head), self.work.model, only=wanted)

    def _train(self, run: Run) -> TrainedModel:
        texts, checkpoint = self.gathered.texts, self.gathered.checkpoint
        post, _ = nouns(self.gathered.handles)
        self.context.progress.note(f"Training {checkpoint.model.name} on {len(texts.train):,} {post}s.")
        trained = training.train(
            texts,
            checkpoint,
            self.gathered.recipe,
            self.work.model,
            log=self._watched(self._logged_once(run)),
            wanted=self.wanted,
            untrained=self._measure_base,
            context=self.context,
            unfinished=self.work.checkpoint,
        )
        self._stages()
        return self.work.save("training", trained)

    def _measure_base(self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> None:
        """Measure the base model while it is loaded, unless an earlier run has."""
        if self._of_base() is None:
            found = evaluation.measure_base(
                self.gathered.checkpoint,
                model,
                tokenizer,
                self.gathered.texts,
                self.wanted,
                seed=self.gathered.recipe.seed,
                context=self.context,
            )
            self.work.save("base", found)

    def _of_base(self) -> OfBase | None:
        found = self.work.load("base", OfBase)
        return found if found is not None and found.answers(self.wanted) else None

    def _watched(
        self, log: Callable[[dict[str, float], int], None]
    ) -> Callable[[dict[str, float], int], None]:
        """A `log` that ends the training of a model that is taken down: on a GPU nothing else would."""

        def watched(metrics: dict[str, float], step: int) -> None:
            self.work.require_there()
            log(metrics, step)

        return watched

    def _logged_once(self, run: Run) -> Callable[[dict[str, float], int], None]:
        """The run's `log`, which gets no step again after a kill: what has been logged is remembered."""
        if run.link is None:  # it is never gone on with
            return run.log
        link, earlier = run.link, self.work.load("logged", _Logged)
        logged = earlier.step if earlier is not None and earlier.run == link.id else -1

        def log(metrics: dict[str, float], step: int) -> None:
            if step > logged:
                self.work.save("logged", _Logged(run=link.id, step=step))  # first: at most once, not twice
                run.log(metrics, step)

        return log

    def _measure(self, earlier: Measured | None, *, is_foretold: bool = False) -> Measured:
        if earlier is not None and earlier.has_samples(self.wanted):
            self.context.progress.note(f"Sampling with the prompt {self.wanted.prompt!r}.")
            with self.context.clock("samples"):
                again = evaluation.prompt_again(
                    earlier,
                    self.work.model,
                    self.gathered.texts,
                    self.wanted,
                    context=self.context,
                )
            self._stages()
            return self.work.save("evaluation", again)
        measured = evaluation.evaluate(
            self.gathered.checkpoint,
            self.work.model,
            self.gathered.texts,
            self.wanted,
            seed=self.gathered.recipe.seed,
            of_base=self._of_base(),
            is_foretold=is_foretold,
            context=self.context,
        )
        self._stages()
        found, post = measured.evaluation, nouns(self.gathered.handles)[0]
        self.context.progress.note(
            f"Perplexity on {found.tuned.tweets:,} held-out {post}s: "
            f"{found.base.perplexity:.1f} before, {found.tuned.perplexity:.1f} after."
        )
        if found.tuned_samples and found.tuned_samples.overlapping:
            self.context.progress.note(
                f"{found.tuned_samples.overlapping:.0%} of {self.wanted.samples} samples share "
                f"{text_measures.RUN} words in a row with a training {post}, or repeat it; the card says so."
            )
        return self.work.save("evaluation", measured)

    def _stages(self) -> dict[str, float]:
        """The seconds of all stages until now, kept for a run that goes on from here."""
        return self.work.save("stages", Stages(seconds=dict(self.context.clock.seconds))).seconds

    def _has(self, files: Mapping[str, str]) -> bool:
        """Whether these files lie in the workspace, undamaged."""
        return bool(files) and files.items() <= core_files.file_digests(self.work.model).items()
