"""LoRA: small matrices beside each linear layer are trained, and in the end added to its weights."""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core.errors import BaseModelError, InvalidInputError
from huggingtweets_hub.model import linear

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

Learned = dict[str, tuple["Tensor", "Tensor", float]]
"""The two matrices of each layer, the first to be applied first, and the factor of their product."""
_NAME = "default"  # as peft calls a model's only adapter


def require_installed() -> None:
    """Make sure that the library for LoRA is there.

    Raises:
        InvalidInputError: It is not installed.
    """
    if find_spec("peft") is None:  # to import it takes seconds
        raise InvalidInputError(
            "The peft library is not installed.",
            "Run: pip install 'huggingtweets_hub[lora]', or leave out --lora.",
        )


def add(model: "PreTrainedModel", rank: int, *, seed: int) -> None:
    """Put an adapter beside each linear layer but the head; nothing else is trained from now on.

    Layers that share a weight share an adapter. The experts of a mixture and their router have none.

    Raises:
        BaseModelError: The model has no linear layers, or peft does not adapt them.
    """
    import torch
    from peft import LoraConfig, inject_adapter_in_model
    from transformers.pytorch_utils import Conv1D

    layers = _layers(model)
    is_transposed = any(isinstance(module, Conv1D) for module in model.modules())
    config = LoraConfig(
        r=rank, lora_alpha=rank, target_modules=[f"0.{name}" for name in layers], fan_in_fan_out=is_transposed
    )
    model.requires_grad_(False)
    torch.manual_seed(seed)
    if layers:
        # Of a model that it knows by its configuration, peft would choose layers of its own, such as experts.
        inject_adapter_in_model(config, torch.nn.Sequential(model))
    if not layers or learned(model).keys() != layers.keys():
        raise BaseModelError(
            f"This base model ({type(model).__name__}) has no linear layers that LoRA could adapt.",
            "Leave out --lora, or use another --base-model.",
        )
    for name, others in layers.items():
        for other in others:
            model.set_submodule(other, model.get_submodule(name))
    for weight in model.parameters():
        if weight.requires_grad:  # peft gives them the number format of the layer beside
            weight.data = weight.data.float()


def _layers(model: "PreTrainedModel") -> dict[str, list[str]]:
    """The linear layers by name, but the head, each with the names of others that have the same weight."""
    head = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    left_out = {id(layer.weight) for layer in (model.get_input_embeddings(), head) if layer is not None}
    names: dict[int, list[str]] = {}
    for name, module in model.named_modules(remove_duplicate=False):
        layer: Any = module
        if linear.is_linear(layer) and id(layer.weight) not in left_out and not _is_passed_by(name, model):
            names.setdefault(id(layer.weight), []).append(name)
    return {first: others for first, *others in names.values()}


def _is_passed_by(name: str, model: "PreTrainedModel") -> bool:
    """Whether it is the last layer of a Mamba, whose kernels take its weight without asking the layer."""
    mixer, _, own = name.rpartition(".")
    return own == "out_proj" and hasattr(model.get_submodule(mixer), "ssm_state_size")


def learned(model: "PreTrainedModel") -> Learned:
    """What the adapters of a model have learned."""
    from peft.tuners.lora import LoraLayer

    found: Learned = {}
    for name, module in model.named_modules():
        if isinstance(module, LoraLayer):
            layer: Any = module
            down, up = (pair[_NAME].weight.detach().cpu() for pair in (layer.lora_A, layer.lora_B))
            found[name] = (down, up, float(layer.scaling[_NAME]))
    return found


def merge(learned: Learned, model: "PreTrainedModel") -> None:
    """Add what adapters have learned to the weights of the model that they were trained beside."""
    import torch
    from transformers.pytorch_utils import Conv1D

    with torch.no_grad():
        for name, (down, up, factor) in learned.items():
            layer: Any = model.get_submodule(name)
            added = factor * (up @ down)
            layer.weight.copy_(layer.weight + (added.T if isinstance(layer, Conv1D) else added))
