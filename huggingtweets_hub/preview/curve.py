"""How the loss went, as a picture."""

import math
from collections.abc import Iterable, Sequence

from huggingtweets_hub.preview.shapes import png
from huggingtweets_hub.records import CurvePoint

__all__ = ["training_curve"]


def training_curve(curve: Sequence[CurvePoint]) -> bytes | None:
    """A PNG of loss against steps, or None where fewer than two points have a loss."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    training = _losses((point.step, point.loss) for point in curve)
    validation = _losses((point.step, point.validation_loss) for point in curve)
    if len({step for step, _ in training + validation}) < 2:
        return None
    figure = Figure(figsize=(7, 3.9), dpi=200, facecolor="white", layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    if training:
        axes.plot(*zip(*training, strict=True), color="#9aa3f5", linewidth=1.4, label="training")
    if validation:
        axes.plot(
            *zip(*validation, strict=True),
            color="#b0326f",
            linewidth=1.8,
            marker="o",
            markersize=4,
            label="validation",
        )
        step, loss = min(validation, key=lambda point: (point[1], point[0]))
        axes.plot(
            step,
            loss,
            "o",
            markersize=11,
            markerfacecolor="none",
            markeredgecolor="#b0326f",
            label=f"best: {loss:.2f} at step {step}",
        )
    axes.set_xlabel("step")
    axes.set_ylabel("loss (nats per token)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e6e8ef", linewidth=0.8)
    axes.legend(frameon=False)
    canvas.draw()
    image = Image.frombytes("RGBA", canvas.get_width_height(), bytes(canvas.buffer_rgba())).convert("RGB")
    return png(image.quantize(64))


def _losses(points: Iterable[tuple[int, float | None]]) -> list[tuple[int, float]]:
    return [(step, loss) for step, loss in points if loss is not None and math.isfinite(loss)]
