"""The training curve, as a picture."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.card.pictures.shapes import png
from huggingtweets_hub.core.records import Training

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["training_curve"]

# They stand on the page itself, light or dark. As 4.5 to 1 on both at once is beyond any colour, the text is
# as far from both as can be.
TRAINING, VALIDATION, INK = "#7378f5", "#d6457d", "#6f7890"


def training_curve(training: Training) -> bytes | None:
    """A transparent PNG of loss against steps; None if there is no curve (`Training.has_curve`)."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
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
        matplotlib.rcParams["font.size"] = 11
        figure = Figure(figsize=(7, 3.9), dpi=200, layout="constrained", facecolor="none")
        axes = figure.add_subplot(facecolor="none")
        if losses:
            axes.plot(*zip(*losses, strict=True), color=TRAINING, linewidth=1.6, label="training")
        if validation:
            axes.plot(
                *zip(*validation, strict=True), "o-", color=VALIDATION, markersize=4, label="validation"
            )
            _mark_kept(axes, training, dict(validation))
        axes.set_xlabel("step", color=INK)
        axes.set_ylabel("loss (nats per token)", color=INK)
        axes.tick_params(colors=INK)
        axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["bottom", "left"]].set_color(INK)
        axes.set_axisbelow(True)
        axes.grid(axis="y", color=INK, alpha=0.25)
        # Above the axes, where no curve can run through it.
        figure.legend(loc="outside upper center", ncols=3, frameon=False, labelcolor=INK)
        # `savefig` draws everything twice, and writes a file that would be read again.
        canvas: Any = FigureCanvasAgg(figure)  # matplotlib gives its methods no types
        canvas.draw()
    drawn = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    return png(drawn.quantize(64))


def _mark_kept(axes: "Axes", training: Training, validation: Mapping[int, float]) -> None:
    """A ring around the point whose weights were kept, if it was validated."""
    step = training.best_step or training.steps
    if step in validation:
        label = f"these weights: {validation[step]:.2f} at step {step:,}"
        axes.plot(
            step, validation[step], "o", markersize=13, markerfacecolor="none", color=VALIDATION, label=label
        )


def _losses(points: Iterable[tuple[int, float | None]]) -> list[tuple[int, float]]:
    return [(step, loss) for step, loss in points if loss is not None]
