"""The results of an evaluation: what a model learned beside what its base knew, and texts to show."""

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from huggingtweets_hub.core.records import Corpus, Evaluation, Samples, Score, TextMeasures, TrainedModel
from huggingtweets_hub.model import masking, text_measures
from huggingtweets_hub.model.drawing import Drawn
from huggingtweets_hub.model.scoring import spread
from huggingtweets_hub.model.text_measures import Copies

_SHOWN = 5
_SHOWN_WITH_PROMPT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an evaluation should look at, besides the held-out posts.

    Attributes:
        handles: The accounts; their own names are not masked in samples.
        prompt: What the prompted samples begin with.
        samples: How many texts each model writes without a prompt, for the measures.
    """

    handles: tuple[str, ...]
    prompt: str
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The results of an evaluation, and texts to show."""

    evaluation: Evaluation
    samples: Samples

    @classmethod
    def of(cls, model: TrainedModel) -> "Measured | None":
        """What a model was measured with; None if it was not."""
        if model.evaluation is None or model.samples is None:
            return None
        return cls(evaluation=model.evaluation, samples=model.samples)

    def answers(self, wanted: Wanted) -> bool:
        """Whether it was made with this number of samples and this prompt."""
        return self.has_samples(wanted) and self.samples.prompt == wanted.prompt

    def has_samples(self, wanted: Wanted) -> bool:
        """Whether it was made with this number of samples, whatever the prompt."""
        looked_at = self.evaluation.tuned_samples
        return looked_at is not None and looked_at.texts == wanted.samples


@dataclass(frozen=True, slots=True, kw_only=True)
class OfBase:
    """The results of a base model, and what it wrote without a prompt and with one."""

    score: Score
    free: tuple[Drawn, ...]
    prompted: tuple[Drawn, ...]
    prompt: str

    def answers(self, wanted: Wanted) -> bool:
        """Whether it was made with this number of samples and this prompt."""
        return len(self.free) == wanted.samples and self.prompt == wanted.prompt


def compared(
    score: Score,
    free: Sequence[Drawn],
    prompted: Sequence[Drawn],
    of_base: OfBase,
    corpus: Corpus,
    wanted: Wanted,
    *,
    seed: int,
) -> Measured:
    """What was measured of the tuned model beside what was of the base model, and texts of both to show."""
    tweets = spread(corpus.held_out, wanted.samples)
    written = [sample.text for sample in (*of_base.free, *of_base.prompted, *free, *prompted)]
    copied = text_measures.copies({*written, *tweets}, corpus.train)
    copied_elsewhere = text_measures.copies(written, _known(corpus).difference(corpus.train))
    repeating = copied.overlapping | copied_elsewhere.overlapping
    shown, replaced = _shown(free, _SHOWN, repeating, wanted)
    samples_shown = Samples(prompt="", seed=seed, free=shown, replaced=replaced)
    return Measured(
        evaluation=Evaluation(
            base=of_base.score,
            tuned=score,
            base_samples=_describe(of_base.free, copied),
            tuned_samples=_describe(free, copied),
            tweets=text_measures.describe(tweets, copied),
        ),
        samples=_with_prompt(samples_shown, prompted, repeating, wanted, of_base.prompted),
    )


def prompted_again(measured: Measured, drawn: Sequence[Drawn], corpus: Corpus, wanted: Wanted) -> Measured:
    """The same measures, with other texts that begin with a prompt."""
    repeating = text_measures.copies([sample.text for sample in drawn], _known(corpus)).overlapping
    samples = _with_prompt(measured.samples, drawn, repeating, wanted)
    return Measured(evaluation=measured.evaluation, samples=samples)


def _known(corpus: Corpus) -> set[str]:
    """All that no sample may repeat."""
    return {*corpus.kept, *corpus.train, *corpus.validation, *corpus.held_out}


def _describe(drawn: Sequence[Drawn], copied: Copies) -> TextMeasures:
    ended = sum(sample.ended for sample in drawn) / max(len(drawn), 1)
    return text_measures.describe([sample.text for sample in drawn], copied, ended)


def _with_prompt(
    samples: Samples,
    drawn: Sequence[Drawn],
    repeating: Collection[str],
    wanted: Wanted,
    of_base: Sequence[Drawn] = (),
) -> Samples:
    prompted, replaced = _shown(drawn, _SHOWN_WITH_PROMPT, repeating, wanted)
    before, replaced_before = _shown(of_base, _SHOWN_WITH_PROMPT, repeating, wanted)
    return dataclasses.replace(
        samples,
        prompt=wanted.prompt,
        prompted=prompted,
        prompted_base=before,
        prompted_replaced=replaced + replaced_before,
    )


def _shown(
    drawn: Sequence[Drawn], number: int, repeating: Collection[str], wanted: Wanted
) -> tuple[tuple[str, ...], int]:
    """The first ones in the order they were drawn, masked; what repeats a post is replaced by the next.

    Returns:
        The texts, and how many were replaced.
    """
    texts = [sample.text for sample in drawn if sample.text]
    shown: list[str] = []
    replaced = 0
    for text in texts:
        if len(shown) == number:
            break
        if text in repeating:
            replaced += 1
        else:
            shown.append(masking.mask(text, wanted.handles))
    return tuple(shown), replaced
