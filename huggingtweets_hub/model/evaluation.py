"""What a model has learned: how well it predicts unseen tweets, and what it writes."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.core.progress import Forecast, Parts, expect
from huggingtweets_hub.core.records import Corpus, Evaluation, Samples, TextMeasures
from huggingtweets_hub.model import device as hardware
from huggingtweets_hub.model import generation, masking, scoring, text_measures
from huggingtweets_hub.model.base import Checkpoint
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.generation import Drawn
from huggingtweets_hub.model.scoring import spread

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
    is_foretold: bool = False,
    context: Context | None = None,
) -> Measured:
    """Measure the base model and the one in `folder`, on held-out tweets and on what they write.

    Args:
        corpus: Its held-out part is scored; a base model that is built on the spot takes its tokenizer
            from the training part.
        is_foretold: It was said before how long each stage takes (`expected`).
        context: Where to compute and how to show it; its clock takes the time of loading, evaluation and
            samples.
    """
    context = context or Context()
    progress, clock, shelf = context.progress, context.clock, context.shelf
    device = hardware.pick(context.device)
    if not is_foretold:
        expect(progress, {"Sampling": None})
    progress.advance("Loading", 0, 2, "models")
    with clock("loading"):
        began = time.perf_counter()
        model, tokenizer, _ = shelf.take(checkpoint, corpus.train, seed=seed)
        for_loading = time.perf_counter() - began
        model.to(device)  # type: ignore[arg-type]  # its stub knows no device names
    progress.advance("Loading", 1, 2, "models")
    if not is_foretold and isinstance(progress, Forecast):
        a_token = scoring.rehearse(model, tokenizer, corpus.held_out)
        expect(progress, expected(model, tokenizer, corpus, wanted, for_loading, a_token))
    tokens = [scoring.length(tokenizer, corpus.held_out)] * 2
    scores = Parts(progress, "Scoring", "tokens", tokens)
    samples = Parts(progress, "Sampling", "tokens", _sampled(model, tokenizer, corpus, wanted))
    with clock("samples"), samples.next() as told:
        base_drawn = shelf.made(
            checkpoint,
            seed,
            ("samples", wanted.samples, device),
            lambda: list(generation.draw(model, tokenizer, wanted.samples, seed=seed, told=told)),
        )
        base_prompted = shelf.made(
            checkpoint,
            seed,
            ("prompted", wanted.prompt, device),
            lambda: _prompted(model, tokenizer, wanted.prompt, seed, told),
        )
    with clock("evaluation"), scores.next() as told:
        base_score = scoring.score(model, tokenizer, corpus.held_out, told=told)
    del model  # before the next one is loaded
    with clock("loading"):
        model, tokenizer = tuned(folder, device)
    progress.advance("Loading", 2, 2, "models")
    with clock("samples"), samples.next() as told:
        tuned_drawn = list(generation.draw(model, tokenizer, wanted.samples, seed=seed, told=told))
    with clock("evaluation"), scores.next() as told:
        tuned_score = scoring.score(model, tokenizer, corpus.held_out, told=told)
    with clock("samples"), samples.next() as told:
        free, replaced = _shown(tuned_drawn, _SHOWN, corpus, wanted)
        shown = Samples(prompt="", seed=seed, free=free, replaced=replaced)
        shown = _with_prompt(shown, model, tokenizer, corpus, wanted, told, base_prompted)
    return Measured(
        evaluation=Evaluation(
            base=base_score,
            tuned=tuned_score,
            base_samples=_describe(base_drawn, corpus.train),
            tuned_samples=_describe(tuned_drawn, corpus.train),
            tweets=text_measures.describe(spread(corpus.held_out, wanted.samples), corpus.train),
        ),
        samples=shown,
    )


def expected(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    corpus: Corpus,
    wanted: Wanted,
    for_loading: float,
    for_scoring: float,
) -> dict[str, float]:
    """About how many seconds the stages of an evaluation take, from a few tokens of each.

    Args:
        for_loading: The seconds that it takes to load a model.
        for_scoring: The seconds that it takes to score a token.
    """
    sampling = 0.0
    try:
        sampling = generation.rehearse(model, tokenizer, wanted.samples)
    except RuntimeError as error:
        if not hardware.is_out_of_memory(error):  # there may be enough when the training is over
            raise
    return {
        "Loading": 2 * for_loading,
        "Sampling": sampling * sum(_sampled(model, tokenizer, corpus, wanted)),
        "Scoring": for_scoring * 2 * scoring.length(tokenizer, corpus.held_out),
    }


def _sampled(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", corpus: Corpus, wanted: Wanted
) -> list[int]:
    """About how many tokens the base model (without and with a prompt), the tuned one, and that one with a
    prompt will write.

    All texts of a batch take as long as its longest. Base models rarely come to an end. Of a tuned one, the
    longest is as long as those it has learned from, or does not end either: half-way is least wrong.
    """
    most = generation.longest(model)
    texts = spread(corpus.train, generation.BATCH)
    ids = tokenizer(list(texts), add_special_tokens=False).input_ids if texts else []
    usual = (most + min(most, 1 + max(map(len, ids), default=most))) // 2
    return [(wanted.samples + _DRAWN_WITH_PROMPT) * most, wanted.samples * usual, _DRAWN_WITH_PROMPT * usual]


def prompt_again(
    measured: Measured, folder: Path, corpus: Corpus, wanted: Wanted, *, context: Context
) -> Measured:
    """The same measures, with samples for a different prompt; the base model is not asked again."""
    model, tokenizer = tuned(folder, hardware.pick(context.device))
    usual = _sampled(model, tokenizer, corpus, wanted)[-1]
    with Parts(context.progress, "Sampling", "tokens", [usual]).next() as told:
        samples = _with_prompt(measured.samples, model, tokenizer, corpus, wanted, told)
    return Measured(evaluation=measured.evaluation, samples=samples)


def tuned(folder: Path, device: str) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    """The model and tokenizer that training left in `folder`."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, use_safetensors=True)
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
    told: Callable[[int], None],
    of_base: Sequence[Drawn] = (),
) -> Samples:
    drawn = _prompted(model, tokenizer, wanted.prompt, samples.seed, told)
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
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    prompt: str,
    seed: int,
    told: Callable[[int], None],
) -> list[Drawn]:
    number = _DRAWN_WITH_PROMPT
    return list(generation.draw(model, tokenizer, number, prompt=prompt, seed=seed, told=told))


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
