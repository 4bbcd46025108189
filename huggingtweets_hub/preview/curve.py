"""How the loss went, as a picture."""

import io
from collections.abc import Iterable, Sequence

from huggingtweets_hub.preview.shapes import png
from huggingtweets_hub.records import CurvePoint

__all__ = ["training_curve"]

_TRAINING, _VALIDATION, _INK = "#8b95f2", "#b0326f", "#3a4052"


def training_curve(curve: Sequence[CurvePoint]) -> bytes | None:
    """A PNG of loss against steps, or None where fewer than two points have a loss."""
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator
    from PIL import Image

    training = _losses((point.step, point.loss) for point in curve)
    validation = _losses((point.step, point.validation_loss) for point in curve)
    if len({step for step, _ in training + validation}) < 2:
        return None
    # Whatever style the machine or the notebook has set, the picture is the same.
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        figure = Figure(figsize=(7, 3.9), dpi=200, layout="constrained")
        axes = figure.add_subplot()
        if training:
            axes.plot(*zip(*training, strict=True), color=_TRAINING, linewidth=1.2, label="training")
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
    # A loss past all measure would flatten the rest of the curve.
    return [(step, loss) for step, loss in points if loss is not None and abs(loss) < 1_000]
