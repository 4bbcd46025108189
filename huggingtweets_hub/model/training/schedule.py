"""The learning rate, step by step."""

from typing import TYPE_CHECKING

from huggingtweets_hub.core.records import Recipe

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LambdaLR


def of(recipe: Recipe, optimizer: "Optimizer", steps: int) -> "LambdaLR":
    """The schedule of a recipe for this number of steps.

    As transformers has it, a rate that warms up is 0 in the first step, which learns nothing. Of a few dozen
    steps that is one too many, so a warm-up begins where theirs has its second step.
    """
    from torch.optim.lr_scheduler import LambdaLR
    from transformers import get_scheduler

    warmup = round(recipe.warmup * steps)
    skipped = 1 if warmup else 0
    planned = get_scheduler(
        recipe.schedule,
        optimizer,
        num_warmup_steps=warmup + skipped,
        num_training_steps=steps + skipped,
    )
    (share,) = planned.lr_lambdas
    return LambdaLR(optimizer, lambda step: share(step + skipped))
