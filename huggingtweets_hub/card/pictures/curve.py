"""The training curve, as a picture."""

import io
from collections.abc import Iterable

from huggingtweets_hub.card.pictures.shapes import png
from huggingtweets_hub.core.records import Training

__all__ = ["training_curve"]

_TRAINING, _VALIDATION, _INK = "#8b95f2", "#b0326f", "#3a4052"


def training_curve(training: Training) -> bytes | None:
    """A PNG of loss against steps, or None if there is no curve to draw (`Training.has_curve`)."""
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator
    from PIL import Image

    if not training.has_curve:
        return None
    losses = _losses((point.step, point.drawn_losses[0]) for point in training.curve)
    validation = _losses((point.step, point.drawn_losses[1]) for point in training.curve)
    # The picture is the same, whatever style the machine or the notebook has set.
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        figure = Figure(figsize=(7, 3.9), dpi=200, layout="constrained")
        axes = figure.add_subplot()
        if losses:
            axes.plot(*zip(*losses, strict=True), color=_TRAINING, linewidth=1.2, label="training")
        if validation:
            axes.plot(
                *zip(*validation, strict=True), "o-", color=_VALIDATION, markersize=4, label="validation"
            )
            step, loss = min(validation, key=lambda point: (point[1], point[0]))
            best = f"best: {loss:.2f} at step {step:,}"
            axes.plot(step, loss, "o", markersize=12, markerfacecolor="none", color=_VALIDATION, label=best)
        axes.set_xlabel("step", color=_INK)
        axes.set_ylabel("loss (nats per token)", color=_INK)
        axes.tick_params(colors=_INK)
        axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["bottom", "left"]].set_color(_INK)
        axes.set_axisbelow(True)
        axes.grid(axis="y", color="#e6e8ef")
        # Above the axes, where no curve can run through it.
        figure.legend(loc="outside upper center", ncols=3, frameon=False, labelcolor=_INK)
        file = io.BytesIO()
        figure.savefig(file, format="png")
    return png(Image.open(file).convert("RGB").quantize(48))


def _losses(points: Iterable[tuple[int, float | None]]) -> list[tuple[int, float]]:
    return [(step, loss) for step, loss in points if loss is not None]
