"""Sample tweets from a model, as anyone who uses it would: through the transformers pipeline."""

from pathlib import Path

from huggingtweets_hub.errors import BaseModelError, InvalidInputError
from huggingtweets_hub.settings import DEFAULT_PROMPT


def generate(
    model: str | Path, prompt: str = DEFAULT_PROMPT, n: int = 5, *, seed: int | None = None
) -> list[str]:
    """`n` tweets that begin with `prompt`, from a folder or a Hub repo.

    Args:
        seed: The same seed gives the same tweets on the same machine.

    Raises:
        InvalidInputError: `n` is below 1.
        BaseModelError: The model cannot be loaded.
    """
    if n < 1:
        raise InvalidInputError(f"{n} tweets cannot be generated.", "Ask for one or more with -n.")
    from transformers import pipeline, set_seed

    try:
        generator = pipeline("text-generation", model=str(model), model_kwargs={"use_safetensors": True})
    except (OSError, ValueError) as error:
        raise BaseModelError(
            f"The model {str(model)!r} cannot be loaded: {error}",
            "Give a folder that 'publish --output' wrote, or a repo id on the Hub.",
        ) from error
    if seed is not None:
        set_seed(seed)
    return [sample["generated_text"] for sample in generator(prompt, num_return_sequences=n)]
