"""Measure what a model has learned: how well it predicts unseen posts, and what it writes."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from huggingtweets_hub.core.progress import Forecast, Parts, expect
from huggingtweets_hub.core.records import Corpus
from huggingtweets_hub.model import compact, drawing, loading, results, scoring
from huggingtweets_hub.model import device as hardware
from huggingtweets_hub.model.base import Checkpoint
from huggingtweets_hub.model.base_samples import BaseSamples
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.results import Measured, OfBase, Wanted
from huggingtweets_hub.model.scoring import spread

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

SCORED = 2000
"""How many held-out posts are scored, spread evenly: more would cost minutes and change little."""
_DRAWN_WITH_PROMPT = 5  # a few extra, to replace those that repeat a post


def measure_base(
    checkpoint: Checkpoint,
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    corpus: Corpus,
    wanted: Wanted,
    *,
    seed: int,
    context: Context,
) -> OfBase:
    """Measure a base model that is loaded, on held-out posts and on what it writes.

    Args:
        context: Its clock takes the time of evaluation and samples.
    """
    kept = _kept_samples(checkpoint, model, seed)
    free, prompted = _prompts(wanted)
    drawn = {prompts: kept.load(prompts) for prompts in (free, prompted)}
    missing = [prompt for prompts, there in drawn.items() if there is None for prompt in prompts]
    units = [scoring.length(tokenizer, _held_out(corpus)), len(missing) * drawing.longest(model)]
    parts = Parts(context.progress, "Base model", "tokens", units)
    with context.clock("evaluation"), parts.next() as told:
        score = scoring.score(model, tokenizer, _held_out(corpus), told=told)
    with context.clock("samples"), parts.next() as told:
        new = drawing.draw(model, tokenizer, missing, seed=seed, told=told)
    for prompts in [prompts for prompts, there in drawn.items() if there is None]:
        drawn[prompts], new = new[: len(prompts)], new[len(prompts) :]
        kept.keep(prompts, drawn[prompts] or ())
    return OfBase(
        score=score,
        free=tuple(drawn[free] or ()),
        prompted=tuple(drawn[prompted] or ()),
        prompt=wanted.prompt,
    )


def evaluate(
    checkpoint: Checkpoint,
    folder: Path,
    corpus: Corpus,
    wanted: Wanted,
    *,
    seed: int,
    of_base: OfBase | None = None,
    is_foretold: bool = False,
    context: Context | None = None,
) -> Measured:
    """Measure the base model and the one in `folder`, on held-out posts and on what they write.

    Args:
        corpus: Its held-out part is scored; a base model that is built on the spot takes its tokenizer
            from the training part.
        of_base: The base model's results, where it was measured already.
        is_foretold: It was said before how long each stage takes (`expected`).
        context: Where to compute and how to show it; its clock takes the time of loading, evaluation and
            samples.
    """
    context = context or Context()
    progress, clock = context.progress, context.clock
    device = hardware.pick(context.device)
    if not is_foretold:
        expect(progress, {"Sampling": None})
    progress.advance("Loading", 0, 1, "models")
    if of_base is None:
        with clock("loading"):
            began = time.perf_counter()
            model, tokenizer, _ = context.shelf.take(checkpoint, corpus.train, seed=seed, as_stored=True)
            compact.keep(model)
            model.to(device)  # type: ignore[arg-type]  # its stub knows no device names
            if not is_foretold:
                expect(progress, {"Loading": time.perf_counter() - began})  # of the tuned one
        of_base = measure_base(checkpoint, model, tokenizer, corpus, wanted, seed=seed, context=context)
        del model  # before the next one is loaded
    with clock("loading"):
        model, tokenizer = tuned(folder, device)
    progress.advance("Loading", 1, 1, "models")
    if not is_foretold and isinstance(progress, Forecast):
        foretold = expected(
            checkpoint, model, tokenizer, corpus, wanted, seed=seed, for_loading=0.0,
            for_scoring=scoring.rehearse(model, tokenizer, corpus.held_out),
            for_drawing=drawing.rehearse(model, tokenizer),
        )  # fmt: skip
        expect(progress, {stage: foretold[stage] for stage in ("Sampling", "Scoring")})
    scores = Parts(progress, "Scoring", "tokens", [scoring.length(tokenizer, _held_out(corpus))])
    samples = Parts(progress, "Sampling", "tokens", [_sampled(model, tokenizer, corpus, wanted)])
    free, prompted = _prompts(wanted)
    with clock("samples"), samples.next() as told:
        drawn = drawing.draw(model, tokenizer, free + prompted, seed=seed, told=told)
    with clock("evaluation"), scores.next() as told:
        score = scoring.score(model, tokenizer, _held_out(corpus), told=told)
    del model
    return results.compared(score, drawn[: len(free)], drawn[len(free) :], of_base, corpus, wanted, seed=seed)


def expected(
    checkpoint: Checkpoint,
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    corpus: Corpus,
    wanted: Wanted,
    *,
    seed: int,
    for_loading: float,
    for_scoring: float,
    for_drawing: float,
) -> dict[str, float]:
    """About how many seconds the stages of an evaluation take.

    Args:
        for_loading: The seconds that it takes to load a model.
        for_scoring, for_drawing: The seconds that a token takes.
    """
    kept = _kept_samples(checkpoint, model, seed)
    missing = sum(len(prompts) for prompts in _prompts(wanted) if kept.load(prompts) is None)
    scoring_all = for_scoring * scoring.length(tokenizer, _held_out(corpus))
    return {
        "Base model": scoring_all + for_drawing * missing * drawing.longest(model),
        "Loading": for_loading,
        "Sampling": for_drawing * _sampled(model, tokenizer, corpus, wanted),
        "Scoring": scoring_all,
    }


def _held_out(corpus: Corpus) -> Sequence[str]:
    return spread(corpus.held_out, SCORED)


def _kept_samples(checkpoint: Checkpoint, model: "PreTrainedModel", seed: int) -> BaseSamples:
    precision = hardware.half_precision(model.device.type)
    return BaseSamples(checkpoint=checkpoint, seed=seed, precision=precision)


def _prompts(wanted: Wanted) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the texts begin with that each model is to write: nothing, and the prompt."""
    return ("",) * wanted.samples, (wanted.prompt,) * _DRAWN_WITH_PROMPT


def _sampled(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", corpus: Corpus, wanted: Wanted
) -> int:
    """About how many tokens the tuned model will write: as many a text as the posts have."""
    most = drawing.longest(model)
    texts = spread(corpus.train, drawing.BATCH)
    ids = tokenizer(list(texts), add_special_tokens=False).input_ids if texts else []
    usual = sum(map(len, ids)) / len(ids) if ids else most
    return sum(map(len, _prompts(wanted))) * min(most, 1 + round(usual))


def prompt_again(
    measured: Measured, folder: Path, corpus: Corpus, wanted: Wanted, *, context: Context
) -> Measured:
    """The same measures, with samples for a different prompt; the base model is not asked again."""
    model, tokenizer = tuned(folder, hardware.pick(context.device))
    _, prompts = _prompts(wanted)
    units = [len(prompts) * drawing.longest(model)]
    with Parts(context.progress, "Sampling", "tokens", units).next() as told:
        drawn = drawing.draw(model, tokenizer, prompts, seed=measured.samples.seed, told=told)
    return results.prompted_again(measured, drawn, corpus, wanted)


def tuned(folder: Path, device: str) -> tuple["PreTrainedModel", "PreTrainedTokenizerBase"]:
    """The model and tokenizer that training left in `folder`."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype="auto", use_safetensors=True)
    compact.keep(model)
    model.to(device)  # type: ignore[arg-type]  # its stub knows no device names
    return model, loading.load_tokenizer(folder)
