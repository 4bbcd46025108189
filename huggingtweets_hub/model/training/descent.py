"""The steps of a training, one after the other, from the first or from where it was stopped."""

from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.model.training import interrupts, schedule, states
from huggingtweets_hub.model.training.batches import Batch
from huggingtweets_hub.model.training.checkpoints import Checkpoints
from huggingtweets_hub.model.training.curve import Curve
from huggingtweets_hub.model.training.states import State
from huggingtweets_hub.model.training.stepper import Stepper

if TYPE_CHECKING:
    from torch.optim.lr_scheduler import LRScheduler


def descend(
    stepper: Stepper,
    steps: list[Batch],
    watched: Curve,
    progress: Progress,
    kept: Checkpoints,
    found: State | None,
) -> None:
    """Take the steps that are left, until the last one or until they no longer help.

    Args:
        kept: Where to leave a state on the way.
        found: The state to go on from; the stepper is there already.

    Raises:
        KeyboardInterrupt: Somebody stops it; what is worth it was kept.
        TrainingError: The loss is not a number.
        RuntimeError: There is not enough memory even for one post (`device.is_out_of_memory`).
    """
    rate = schedule.of(stepper.recipe, stepper.optimizer, len(steps))
    done, device = 0, stepper.device

    def state() -> State:
        values: dict[str, Any] = {"schedule": rate.state_dict()}
        parts = [stepper.state(), watched.state(), states.randomness(device)]
        return State(values, {}).joined(*parts)

    if found is None:
        watched.measure(0, None)
    else:
        done = found.values["step"]
        watched.restore(found)
        _restore_rate(rate, found)
        states.restore_randomness(found, device if kept.is_of_this_device(found) else None)
        progress.advance("Training", done, len(steps), "steps")
    with interrupts.held_back() as is_interrupted:
        for step, batch in enumerate(steps[done:], start=done + 1):
            if watched.is_over:
                progress.note(
                    f"Stopped at step {step - 1:,}: its predictions of unseen posts no longer improve."
                )
                progress.advance("Training", len(steps), len(steps), "steps")
                return
            stepper.take(batch)
            rate.step()
            progress.advance("Training", step, len(steps), "steps")
            if step in watched.planned.steps:
                watched.measure(step, stepper.mean_loss())
            with watched.paused():
                if is_interrupted():
                    kept.stop(step, state)
                elif step < len(steps):
                    kept.keep_if_due(step, state)


def _restore_rate(rate: "LRScheduler", found: State) -> None:
    rate.load_state_dict(found.values["schedule"])
    for group, last in zip(rate.optimizer.param_groups, rate.get_last_lr(), strict=True):
        group["lr"] = last
