"""Whether a form of a model says what the model says: its loss, and what it writes without chance."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core.errors import BaseModelError
from huggingtweets_hub.model import loading

if TYPE_CHECKING:
    import numpy as np
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    Array = np.ndarray[Any, Any]

Predict = Callable[[Sequence[int]], "Array"]
"""From the tokens of one text to the logits after each: a row a token. May be another array's view."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What has been computed of a text, to go on from."""

    ids: list[int] = field(default_factory=list)
    past: Any = None
    logits: "Array | None" = None


class Original:
    """A model to compare its forms with.

    Args:
        texts: What the loss is measured on; their beginnings are the prompts.
    """

    def __init__(
        self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", texts: Sequence[str]
    ) -> None:
        self._model, self._separator = model, int(tokenizer.eos_token_id)
        limit = loading.context_length(model)
        encoded = tokenizer(list(texts), add_special_tokens=False, verbose=False).input_ids
        self._texts = [[self._separator, *ids][:limit] for ids in encoded if ids]
        self._room = limit - _WRITTEN
        model.train(False)
        self._known = _Known()
        self._past = loading.cache_name(model)
        self._loss, self._written = self._measured(self._predict)

    def compared(self, predict: Predict) -> Fidelity:
        """How close a form is, which says what it predicts."""
        loss, written = self._measured(predict)
        same = sum(one == other for one, other in zip(written, self._written, strict=True))
        return Fidelity(loss=loss, model_loss=self._loss, same=same, prompts=len(written))

    @contextmanager
    def having(self, weights: Mapping[str, "Array"]) -> Iterator[Predict]:
        """The model with other weights, for a form that is no more than these; later it has its own again.

        Raises:
            BaseModelError: Some of the model's weights are not among them, so nothing can be said of those.
        """
        import torch

        lacking = sorted({name for name, _ in self._model.named_parameters()} - set(weights))
        if lacking:
            raise BaseModelError(
                f"This model's files do not contain {lacking[0]}, which its config.json calls for.",
                "Use a folder that 'publish --output' wrote, or a repo id on the Hub.",
            )
        own = {name: value.clone() for name, value in self._model.state_dict().items()}
        others = {name: torch.tensor(weights[name]) for name in own if name in weights}
        self._known = _Known()
        try:
            self._model.load_state_dict(others, strict=False)
            self._model.tie_weights()
            yield self._predict
        finally:
            self._model.load_state_dict(own)
            self._known = _Known()

    def _predict(self, ids: Sequence[int]) -> "Array":
        """What the model predicts; of a text that only goes on, the beginning is not computed again."""
        import numpy as np
        import torch

        known = self._known
        if not 0 < len(known.ids) < len(ids) or list(ids[: len(known.ids)]) != known.ids:
            known = _Known()
        with torch.inference_mode():
            said = self._model(
                input_ids=torch.tensor([list(ids[len(known.ids) :])]),
                use_cache=True,
                **({self._past: known.past} if known.past is not None else {}),
            )
        rows = said.logits[0].float().numpy()
        rows = np.concatenate([known.logits, rows]) if known.logits is not None else rows
        self._known = _Known(ids=list(ids), past=said[self._past], logits=rows)
        return rows

    def _measured(self, predict: Predict) -> tuple[float, list[list[int]]]:
        nats = sum(_nats(predict(ids[:-1]), ids[1:]) for ids in self._texts)
        tokens = sum(len(ids) - 1 for ids in self._texts)
        return nats / max(tokens, 1), [self._continued(predict, ids) for ids in self._texts[:PROMPTS]]

    def _continued(self, predict: Predict, text: Sequence[int]) -> list[int]:
        """A text's beginning and the likeliest tokens after it, without padding, which would change them."""
        ids = list(text[: 1 + min(_BEGUN, self._room)])
        for _ in range(_WRITTEN):
            ids.append(int(predict(ids)[-1].argmax()))
            if ids[-1] == self._separator:
                break
        return ids


def _nats(logits: "Array", expected: Sequence[int]) -> float:
    """How unlikely the tokens are that follow."""
    import numpy as np

    logits = logits.astype(np.float64)
    highest = logits.max(axis=-1)
    total = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=-1))
    return float((total - logits[np.arange(len(expected)), list(expected)]).sum())
