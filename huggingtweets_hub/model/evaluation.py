"""What a model has learned: how well it predicts unseen tweets, and what it writes."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.core.records import Corpus, Evaluation, Samples, TextMeasures
from huggingtweets_hub.model import device as hardware
from huggingtweets_hub.model import generation, masking, text_measures
from huggingtweets_hub.model.base import Checkpoint
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.generation import Drawn
from huggingtweets_hub.model.scoring import score, spread

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_SHOWN = 5
_SHOWN_WITH_PROMPT = 3
_DRAWN_WITH_PROMPT = 5  # a few extra, to replace those that repeat a tweet


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an evaluation should look at, besides the held-out tweets.

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

    def answers(self, wanted: Wanted) -> bool:
        """Whether it was made with this number of samples and this prompt."""
        return self.has_samples(wanted) and self.samples.prompt == wanted.prompt

    def has_samples(self, wanted: Wanted) -> bool:
        """Whether it was made with this number of samples, whatever the prompt."""
        looked_at = self.evaluation.tuned_samples
        return looked_at is not None and looked_at.texts == wanted.samples


def evaluate(
    checkpoint: Checkpoint,
    folder: Path,
    corpus: Corpus,
    wanted: Wanted,
    *,
    seed: int,
    context: Context | None = None,
) -> Measured:
    """Measure the base model and the one in `folder`, on held-out tweets and on what they write.

    Args:
        corpus: Its held-out part is scored; a base model that is built on the spot takes its tokenizer
            from the training part.
        context: Where to compute and how to show it; its clock takes the time of loading, evaluation and
            samples.
    """
    context = context or Context()
    progress, clock, shelf = context.progress, context.clock, context.shelf
    device = hardware.pick(context.device)
    progress.advance("Evaluating", 0, 3, "steps")
    with clock("loading"):
        model, tokenizer, _ = shelf.take(checkpoint, corpus.train, seed=seed)
        model.to(device)  # type: ignore[arg-type]  # its stub knows no device names
    with clock("samples"):
        base_drawn = shelf.made(
            checkpoint,
            seed,
            ("samples", wanted.samples, device),
            lambda: list(generation.draw(model, tokenizer, wanted.samples, seed=seed)),
        )
        base_prompted = shelf.made(
            checkpoint,
            seed,
            ("prompted", wanted.prompt, device),
            lambda: _prompted(model, tokenizer, wanted.prompt, seed),
        )
    with clock("evaluation"):
        base_score = score(model, tokenizer, corpus.held_out)
    del model  # before the next one is loaded
    progress.advance("Evaluating", 1, 3, "steps")
    with clock("loading"):
        model, tokenizer = tuned(folder, device)
    with clock("samples"):
        tuned_drawn = list(generation.draw(model, tokenizer, wanted.samples, seed=seed))
    with clock("evaluation"):
        tuned_score = score(model, tokenizer, corpus.held_out)
    progress.advance("Evaluating", 2, 3, "steps")
    with clock("samples"):
        free, replaced = _shown(tuned_drawn, _SHOWN, corpus, wanted)
        samples = Samples(prompt="", seed=seed, free=free, replaced=replaced)
        samples = _with_prompt(samples, model, tokenizer, corpus, wanted, base_prompted)
    progress.advance("Evaluating", 3, 3, "steps")
    return Measured(
        evaluation=Evaluation(
            base=base_score,
            tuned=tuned_score,
            base_samples=_describe(base_drawn, corpus.train),
            tuned_samples=_describe(tuned_drawn, corpus.train),
            tweets=text_measures.describe(spread(corpus.held_out, wanted.samples), corpus.train),
        ),
        samples=samples,
    )


def prompt_again(
    measured: Measured, folder: Path, corpus: Corpus, wanted: Wanted, *, device: str = "auto"
) -> Measured:
    """The same measures, with samples for a different prompt; the base model is not asked again."""
    samples = _with_prompt(measured.samples, *tuned(folder, hardware.pick(device)), corpus, wanted)
    return Measured(evaluation=measured.evaluation, samples=samples)


def tuned(folder: Path, device: str) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    """The model and tokenizer that training left in `folder`."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    model.to(device)  # type: ignore[arg-type]  # its stub knows no device names
    return model, AutoTokenizer.from_pretrained(folder)


def _describe(drawn: Sequence[Drawn], train: Sequence[str]) -> TextMeasures:
    ended = sum(sample.ended for sample in drawn) / max(len(drawn), 1)
    return text_measures.describe([sample.text for sample in drawn], train, ended)


def _with_prompt(
    samples: Samples,
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    corpus: Corpus,
    wanted: Wanted,
    of_base: Sequence[Drawn] = (),
) -> Samples:
    drawn = _prompted(model, tokenizer, wanted.prompt, samples.seed)
    prompted, replaced = _shown(drawn, _SHOWN_WITH_PROMPT, corpus, wanted)
    before, replaced_before = _shown(of_base, _SHOWN_WITH_PROMPT, corpus, wanted)
    return dataclasses.replace(
        samples,
        prompt=wanted.prompt,
        prompted=prompted,
        prompted_base=before,
        prompted_replaced=replaced + replaced_before,
    )


def _prompted(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", prompt: str, seed: int
) -> list[Drawn]:
    return list(generation.draw(model, tokenizer, _DRAWN_WITH_PROMPT, prompt=prompt, seed=seed))


def _shown(
    drawn: Sequence[Drawn], number: int, corpus: Corpus, wanted: Wanted
) -> tuple[tuple[str, ...], int]:
    """The first ones in the order they were drawn, masked; any that repeat a tweet are replaced by the next.

    Returns:
        The texts, and how many were replaced.
    """
    texts = [sample.text for sample in drawn if sample.text]
    known = {*corpus.kept, *corpus.train, *corpus.validation, *corpus.held_out}
    shown: list[str] = []
    replaced = 0
    for text, repeats in zip(texts, text_measures.overlapping(texts, known), strict=True):
        if len(shown) == number:
            break
        replaced += repeats
        if not repeats:
            shown.append(masking.mask(text, wanted.handles))
    return tuple(shown), replaced
