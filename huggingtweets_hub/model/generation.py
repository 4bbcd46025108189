"""Write with a model as its users would."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingtweets_hub.core import arguments, options
from huggingtweets_hub.core.bars import without_library_bars
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.options import LARGEST_SEED, option
from huggingtweets_hub.core.settings import DEFAULT_PROMPT, SAMPLING
from huggingtweets_hub.model import base, loading

BATCH = 32
"""Texts that are drawn at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the next word is drawn; what is None is as the model's own settings say."""

    temperature: float | None = option(
        None, "Low is safe, high is wild; models are published with 1.", least=0.05, most=10, metavar="NUMBER"
    )
    top_p: float | None = option(
        None, "Choose among the likeliest words up to this share; published as 0.95.", above=0, most=1,
        metavar="SHARE",
    )  # fmt: skip
    max_new_tokens: int | None = option(
        None,
        "The most tokens a text may have; published as 160.",
        least=1,
        most=1_000_000,
        metavar="N",
    )
    seed: int | None = option(
        None, "The same seed gives the same texts on the same machine.", least=0, most=LARGEST_SEED,
        metavar="N",
    )  # fmt: skip

    def __post_init__(self) -> None:
        options.checked(self)


class Writer:
    """A model that is loaded once and then writes as often as it is asked.

    Args:
        model: A folder or a Hub repo.

    Attributes:
        location: Where it was loaded from.

    Raises:
        BaseModelError: The model cannot be loaded.
    """

    def __init__(self, model: str | Path, sampling: Sampling | None = None) -> None:
        base.require_named(model)
        from transformers import pipeline, set_seed

        self._sampling = sampling or Sampling()
        self.location = loading.located(model)
        with loading.explained(model):
            self._pipeline: Any = pipeline(
                "text-generation",
                model=self.location,
                model_kwargs={"use_safetensors": True},
                trust_remote_code=False,
            )
            loading.require_words(self._pipeline.tokenizer)
        # Models of 2021 limit the length with the beginning; a limit of the text takes its place.
        self._pipeline.model.generation_config.max_length = None
        if self._sampling.seed is not None:
            set_seed(self._sampling.seed)

    def write(self, prompt: str = "", n: int = 1) -> Iterator[str]:
        """`n` texts that begin with `prompt`, as far as the model's context has room for it.

        Raises:
            InvalidInputError: The prompt is not valid Unicode, or empty where the model needs one.
        """
        arguments.require_prompt(prompt)
        start, settings = self._begin(prompt)
        for first in range(0, n, BATCH):
            number = min(BATCH, n - first)
            for sample in self._pipeline(
                start, return_full_text=False, num_return_sequences=number, **settings
            ):
                # Bytes that do not form a character are unreadable, such as one that was cut in half.
                yield (prompt + sample["generated_text"]).replace("\ufffd", "").strip()

    def _begin(self, prompt: str) -> tuple[str, dict[str, Any]]:
        """What the model is given of the prompt, and the settings that leave room for the text."""
        tokenizer, own, asked = (
            self._pipeline.tokenizer,
            self._pipeline.model.generation_config,
            self._sampling,
        )
        longest = loading.context_length(self._pipeline.model)
        ids = tokenizer(prompt).input_ids
        if len(ids) > longest // 2:
            prompt = str(tokenizer.decode(ids[-(longest // 2) :], skip_special_tokens=True))
            ids = tokenizer(prompt).input_ids
        if not ids and own.bos_token_id is None:
            raise InvalidInputError(
                "This model does not say how a text begins, so it cannot begin one by itself.",
                'Give it a prompt, for instance "My dream is".',
            )
        wanted = asked.max_new_tokens or own.max_new_tokens or SAMPLING["max_new_tokens"]
        most = min(int(wanted), max(longest - len(ids), 1))
        settings = {"max_new_tokens": most, "min_new_tokens": min(own.min_new_tokens or 0, most)}
        drawing = {"temperature": asked.temperature, "top_p": asked.top_p}
        chosen = {name: value for name, value in drawing.items() if value is not None}
        return prompt, settings | chosen | ({"do_sample": True} if chosen else {})


@arguments.checked
def generate(
    model: str | Path,
    prompt: str = DEFAULT_PROMPT,
    n: int = 5,
    *,
    seed: int | None = None,
    temperature: float | None = None,
    top_p: float | None = None,
    max_new_tokens: int | None = None,
) -> list[str]:
    """`n` posts that begin with `prompt`, from a folder or a Hub repo.

    Args:
        seed: The same seed gives the same posts on the same machine.
        temperature: Low is safe, high is wild; by default as the model's own settings say.
        top_p: The share of the likeliest words to draw from.
        max_new_tokens: The longest text, in tokens.

    Raises:
        InvalidInputError: `n` is below 1, the prompt is not valid Unicode, or a setting is out of bounds.
        BaseModelError: The model cannot be loaded.
    """
    if n < 1:
        raise InvalidInputError(f"{n} is not a number of tweets to generate.", "Use -n with 1 or more.")
    sampling = Sampling(seed=seed, temperature=temperature, top_p=top_p, max_new_tokens=max_new_tokens)
    with without_library_bars():
        return list(Writer(model, sampling).write(prompt, n))
