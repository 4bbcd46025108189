"""Whether a form of a model says what the model says: its loss, and what it writes without chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core.errors import BaseModelError
from huggingtweets_hub.model import loading
from huggingtweets_hub.model.scoring import score

if TYPE_CHECKING:
    import numpy as np
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

PROMPTS = 20
_BEGUN, _WRITTEN = 4, 16  # tokens of a prompt, and of what is written on


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity:
    """How close a form is to the model that it was made from.

    Attributes:
        loss, model_loss: In nats a token, on the same texts.
        same: How many of `prompts` are continued by the same tokens, the likeliest each time.
    """

    loss: float
    model_loss: float
    same: int
    prompts: int

    @property
    def lost(self) -> float:
        """What the form has lost, in nats a token."""
        return self.loss - self.model_loss


class Original:
    """A model to compare its forms with.

    Args:
        texts: What the loss is measured on; their beginnings are the prompts.
    """

    def __init__(
        self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", texts: Sequence[str]
    ) -> None:
        self._model, self._tokenizer, self._texts = model, tokenizer, texts
        self._loss = score(model, tokenizer, texts).loss
        self._written = self._write()

    def compared(self, weights: Mapping[str, "np.ndarray[Any, Any]"]) -> Fidelity:
        """How close other weights are; the model has its own again afterwards.

        Raises:
            BaseModelError: Some of the model's weights are not among them, so nothing can be said of those.
        """
        import torch

        lacking = sorted({name for name, _ in self._model.named_parameters()} - set(weights))
        if lacking:
            raise BaseModelError(
                f"The files of this model hold no {lacking[0]}, which its config.json promises.",
                "Use a folder that 'publish --output' wrote, or a repo id on the Hub.",
            )
        own = {name: value.clone() for name, value in self._model.state_dict().items()}
        others = {name: torch.tensor(weights[name]) for name in own if name in weights}
        try:
            self._model.load_state_dict(others, strict=False)
            self._model.tie_weights()
            loss, written = score(self._model, self._tokenizer, self._texts).loss, self._write()
        finally:
            self._model.load_state_dict(own)
        same = sum(one == other for one, other in zip(written, self._written, strict=True))
        return Fidelity(loss=loss, model_loss=self._loss, same=same, prompts=len(written))

    def _write(self) -> list[list[int]]:
        """The likeliest tokens after each prompt, one text at a time: padding would change them."""
        import torch

        separator = self._tokenizer.eos_token_id
        room = loading.context_length(self._model) - _WRITTEN
        written = []
        for text in self._texts[:PROMPTS]:
            ids = self._tokenizer(text, add_special_tokens=False).input_ids[: min(_BEGUN, room)]
            ids = [separator, *ids]
            with torch.inference_mode():
                for _ in range(_WRITTEN):
                    logits = self._model(input_ids=torch.tensor([ids])).logits[0, -1]
                    ids.append(int(logits.argmax()))
                    if ids[-1] == separator:
                        break
            written.append(ids)
        return written
