"""The loss of a model, computed without holding the logits of all tokens at once.

For a vocabulary of 50,000, logits are the largest thing in training: 200 MB for 1,024 tokens in float32,
and as much again for each of softmax, gradient and copies. Here they are computed for a few tokens, used
and discarded; their gradient is computed along the way, since nothing else needs them.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_NO_TARGET = -100  # as in transformers
_TOKENS_AT_ONCE = 256
_COLUMNS_AT_ONCE = 8192
_FASTEST_COLUMNS = 1024
"""For products of float32 on a CPU: of a whole vocabulary they take up to 1.4 times as long."""
_TRIED = 8  # tokens
_DIFFERENT = 0.01  # nats, of all of them


Loss = Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]


def by_text(model: "PreTrainedModel") -> Loss:
    """The function from a batch (`tensors`) to the loss of each of its texts in nats.

    Its gradient is right where all texts weigh the same.

    Most models' logits are their last hidden states times their output embeddings. Some models scale or
    bound them, or add a bias: they compute them as usual, all at once. A trial shows which it is.
    """
    import torch

    space: dict[Any, torch.Tensor] = {}

    def by_parts(inputs: "torch.Tensor", targets: "torch.Tensor") -> "torch.Tensor":
        # There is no attention mask: what follows a text is never looked at, and without a mask the fastest
        # attention can be used.
        hidden = model.base_model(input_ids=inputs, use_cache=False)[0]
        weight = model.get_output_embeddings().weight  # type: ignore[no-untyped-call]
        weight = weight if torch.is_grad_enabled() else weight.detach()  # a function's forward cannot tell
        each: torch.Tensor = _product().apply(hidden.flatten(0, 1), weight, targets.flatten(), space)
        return each.view(targets.shape).sum(-1)

    def whole(inputs: "torch.Tensor", targets: "torch.Tensor") -> "torch.Tensor":
        logits = model(input_ids=inputs, use_cache=False).logits.float()
        each = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), ignore_index=_NO_TARGET, reduction="none"
        )
        return each.view(targets.shape).sum(-1)

    head = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    if model.base_model is model or not isinstance(head, torch.nn.Linear) or head.bias is not None:
        return whole
    if head.in_features != model.config.get_text_config().hidden_size:
        return whole
    was_training = bool(model.training)
    model.train(False)
    tried = tensors([list(range(_TRIED))], 0, model.device)
    kind = head.weight.dtype  # a head in half precision would be copied to float32
    is_half = kind != torch.float32
    autocast = torch.autocast(model.device.type, kind if is_half else torch.bfloat16, enabled=is_half)
    with torch.no_grad(), autocast:
        difference = (by_parts(*tried) - whole(*tried)).abs().sum()
    model.train(was_training)
    space.clear()
    return by_parts if difference < _DIFFERENT else whole


def tensors(
    sequences: Sequence[Sequence[int]], padding: int, device: "torch.device"
) -> tuple["torch.Tensor", "torch.Tensor"]:
    """The inputs and their next tokens, both (sequences, longest), padded after the end of a sequence."""
    import torch

    width = max(map(len, sequences)) - 1
    inputs = [[*ids[:-1], *[padding] * (width + 1 - len(ids))] for ids in sequences]
    targets = [[*ids[1:], *[_NO_TARGET] * (width + 1 - len(ids))] for ids in sequences]
    return torch.tensor(inputs, device=device), torch.tensor(targets, device=device)


@cache
def _product() -> Any:
    """The torch function from `hidden @ weight.T` to the loss of each target, which weigh the same."""
    import torch

    class Product(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, hidden: Any, weight: Any, targets: Any, space: dict[Any, Any]) -> Any:
            device = hidden.device.type
            kind = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else hidden.dtype
            parts = _parts(weight, kind, space)
            needs_hidden, needs_weight = ctx.needs_input_grad[:2]
            for_hidden = torch.empty_like(hidden) if needs_hidden else None
            for_weight = torch.zeros_like(weight) if needs_weight else None
            each = torch.empty(len(hidden), device=hidden.device)
            with torch.autocast(device, enabled=False):
                for first in range(0, len(hidden), _TOKENS_AT_ONCE):
                    part = slice(first, first + _TOKENS_AT_ONCE)
                    rows, wanted = hidden[part].to(kind), targets[part, None]
                    # Excluded by multiplying by 0: to select rows, a GPU would have to stop and count.
                    counts, wanted = wanted != _NO_TARGET, wanted.clamp(min=0)
                    products = _room(space, "logits", kind, weight)[: len(rows)]
                    chances = _room(space, "logits", torch.float32, weight)[: len(rows)]
                    for tokens, columns in parts():
                        torch.mm(rows, columns.T, out=products[:, tokens])
                    chances.copy_(products).sub_(chances.amax(-1, keepdim=True))
                    said = chances.gather(1, wanted)
                    chances.exp_()
                    norm = chances.sum(-1, keepdim=True)
                    each[part] = ((norm.log() - said) * counts)[:, 0]
                    if not (needs_hidden or needs_weight):
                        continue
                    chances.div_(norm).scatter_add_(1, wanted, torch.full_like(norm, -1.0))
                    error = products.copy_(chances)
                    if for_hidden is not None:
                        back = sum(error[:, tokens] @ columns for tokens, columns in parts())
                        for_hidden[part] = back * counts
                    if for_weight is not None:
                        for_weight += error.T @ (rows * counts)
            ctx.save_for_backward(for_hidden, for_weight)
            return each

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            weighing = gradients[0][0]
            scaled = (None if saved is None else saved * weighing for saved in ctx.saved_tensors)
            return *scaled, None, None

    return Product


def _parts(
    weight: "torch.Tensor", kind: "torch.dtype", space: dict[Any, Any]
) -> Callable[[], Iterator[tuple[slice, "torch.Tensor"]]]:
    """The output embeddings in a number format, all at once or some at a time, and whose they are.

    Half precision is where there is little memory: a head that is stored so is not copied whole.
    """
    import torch

    step = len(weight)
    if weight.dtype == kind == torch.float32 and weight.device.type == "cpu":
        step = _FASTEST_COLUMNS
    elif weight.dtype != torch.float32 and weight.dtype != kind:
        step = _COLUMNS_AT_ONCE
    elif weight.dtype != kind:
        # A frozen head is copied once; the version tells whether its weights are still the same.
        stands = None if weight.requires_grad else (weight.data_ptr(), weight._version)
        copied = _room(space, "columns", kind, weight)
        if stands is None or space.get("copied") != stands:
            copied.copy_(weight)
            space["copied"] = stands
        weight = copied

    def parts() -> Iterator[tuple[slice, "torch.Tensor"]]:
        for first in range(0, len(weight), step):
            tokens = slice(first, first + step)
            yield tokens, weight[tokens].to(kind)

    return parts


def _room(
    space: dict[Any, "torch.Tensor"], use: str, kind: "torch.dtype", weight: "torch.Tensor"
) -> "torch.Tensor":
    """The same buffer each time: allocating and freeing this much in every step fragments the memory."""
    import torch

    if (use, kind) not in space:
        size = weight.shape if use == "columns" else (_TOKENS_AT_ONCE, len(weight))
        with torch.inference_mode(False):  # it may be made for a score, and written to in training
            space[use, kind] = torch.empty(size, dtype=kind, device=weight.device)
    return space[use, kind]
