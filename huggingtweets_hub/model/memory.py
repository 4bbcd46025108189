"""What a model remembers of the texts that it has read, in memory that has room for more."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.model import device, loading

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_ROOM = 32  # tokens


class Reader:
    """Gives the logits (texts, vocabulary) of what comes next, and remembers what it has read.

    A model that does not say what it remembers, in a form from which texts can leave, reads all anew.
    """

    def __init__(self, model: "PreTrainedModel") -> None:
        self._model = model
        self._all: torch.Tensor | None = None
        self._name = loading.cache_name(model)
        self._memory: Any = None

    def __call__(self, ids: Sequence[Sequence[int]]) -> "torch.Tensor":
        import torch

        new = torch.tensor(ids, device=self._model.device)
        self._all = new if self._all is None else torch.cat([self._all, new], dim=1)
        answer = self._go_on(new) or self._model(input_ids=self._all, use_cache=True)
        remembered = getattr(answer, self._name, None)
        self._memory = with_room(remembered) if hasattr(remembered, "reorder_cache") else None
        return torch.as_tensor(answer.logits[:, -1].float())

    def keep(self, texts: Sequence[int]) -> None:
        """Forget all texts but these."""
        import torch

        kept = torch.tensor(texts, device=self._model.device)
        if self._all is not None:
            self._all = self._all[kept]
        if self._memory is not None:
            self._memory.reorder_cache(kept)

    def _go_on(self, new: "torch.Tensor") -> Any:
        """What the model answers to new tokens behind those that it remembers; None if that does not work."""
        if self._memory is None:
            return None
        try:
            return self._model(input_ids=new, **{self._name: self._memory}, use_cache=True)
        except RuntimeError as error:
            if device.is_out_of_memory(error):
                raise
            return None  # a part of its memory still has texts that have left


def with_room(memory: Any) -> Any:
    """The same, so changed that a token is added in place.

    transformers copies all that is remembered for each new token, into new memory. Its other kinds of layers,
    such as those that forget what lies far back, stay as they are.
    """
    kind, roomy = _classes()
    for layer in getattr(memory, "layers", ()):
        if type(layer) is kind:
            layer.__class__ = roomy
    return memory


@cache
def _classes() -> tuple[type, type]:
    """The usual layer of transformers, and what it becomes."""
    import torch
    from transformers.cache_utils import DynamicLayer

    class RoomyLayer(DynamicLayer):  # type: ignore[no-untyped-call]
        """Its `keys` and `values` (texts, heads, tokens, numbers) are the beginnings of larger tensors."""

        def update(self, key_states: Any, value_states: Any, *_: Any, **__: Any) -> Any:
            if not self.is_initialized:
                self.lazy_initialization(key_states, value_states)
            self.keys = self._longer("keys", key_states)
            self.values = self._longer("values", value_states)
            return self.keys, self.values

        def _longer(self, name: str, new: "torch.Tensor") -> "torch.Tensor":
            known: torch.Tensor = getattr(self, name)
            if not known.numel():
                return new
            length = known.shape[-2] + new.shape[-2]
            spaces: dict[str, torch.Tensor] = vars(self).setdefault("spaces", {})
            space = spaces.get(name)
            if space is None or space.data_ptr() != known.data_ptr() or space.shape[-2] < length:
                spaces.pop(name, None)
                shape = [*known.shape[:-2], length + _ROOM, known.shape[-1]]
                space = spaces[name] = known.new_empty(shape)
                space[..., : known.shape[-2], :] = known
            space[..., known.shape[-2] : length, :] = new
            return space[..., :length, :]

    return DynamicLayer, RoomyLayer
