"""What a model remembers of the texts that it has read, in memory that has room for more."""

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_ROOM = 32  # tokens


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
