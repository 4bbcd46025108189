"""The training curve as it grows: a picture for the eye, and the same numbers in words.

The picture is an SVG that is stretched to the width of the page; its lines keep their width, and its labels
are text of the page, so that they can be read on a phone.
"""

import math
from collections.abc import Sequence

from huggingtweets_hub.core.records import CurvePoint

_WIDTH, _HEIGHT = 600, 200
_ROWS = 12
Line = list[tuple[int, float]]


def drawn(points: Sequence[CurvePoint]) -> str:
    """The curve as HTML; empty as long as there are not two points of a line."""
    seen: Line = [(point.step, loss) for point in points if (loss := point.drawn_losses[1]) is not None]
    learned: Line = [(point.step, loss) for point in points if (loss := point.drawn_losses[0]) is not None]
    if max(len(seen), len(learned)) < 2:
        return ""
    ticks = _ticks([loss for _, loss in learned + seen])
    last = max(step for step, _ in learned + seen)
    digits = max(len(f"{tick:g}".partition(".")[2]) for tick in ticks)
    labels = "".join(
        f'<span style="bottom:{100 - 100 * _y(tick, ticks) / _HEIGHT:.1f}%">{tick:.{digits}f}</span>'
        for tick in ticks
    )
    grid = "".join(f'<path class="grid" d="M0 {_y(tick, ticks):.1f}H{_WIDTH}"/>' for tick in ticks)
    lines = _line("learned", learned, last, ticks) + _line("unseen", seen, last, ticks)
    lines += "".join(_dot(step, loss, last, ticks) for step, loss in seen)
    return (
        '<figure class="curve">'
        f'<div class="plot" aria-hidden="true"><div class="axis">{labels}</div>'
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none">{grid}{lines}</svg></div>'
        f'<div class="steps" aria-hidden="true"><span>0</span><span>step {last:,}</span></div>'
        '<div class="legend" aria-hidden="true"><span class="learned">posts it learns from</span>'
        '<span class="unseen">posts it has not seen</span></div>'
        f"<figcaption>{in_words(points)}</figcaption>{_table(points)}</figure>"
    )


def in_words(points: Sequence[CurvePoint]) -> str:
    """What the curve says, as sentences."""
    learned = [(point.step, point.loss) for point in points if point.loss is not None]
    seen = [(point.step, point.validation_loss) for point in points if point.validation_loss is not None]
    said = []
    if learned:
        began = f"began at {learned[0][1]:.2f} and " if len(learned) > 1 else ""
        said.append(
            f"The loss on the posts it learns from {began}is {learned[-1][1]:.2f} at step {learned[-1][0]:,}."
        )
    if seen:
        step, least = min(seen, key=lambda point: point[1])
        began = f"began at {seen[0][1]:.2f} and " if len(seen) > 1 else ""
        lowest = "the lowest so far" if step == seen[-1][0] else f"after {least:.2f} at step {step:,}"
        said.append(f"On posts it has not seen it {began}is {seen[-1][1]:.2f}, {lowest}.")
    return " ".join([*said, "Lower is better."]) if said else ""


def _table(points: Sequence[CurvePoint]) -> str:
    """Some of the points, evenly spread, with the last."""
    every = math.ceil(len(points) / _ROWS)
    rows = "".join(
        f"<tr><td>{point.step:,}</td><td>{_number(point.loss)}</td><td>{_number(point.validation_loss)}</td></tr>"
        for index, point in enumerate(points)
        if index % every == 0 or index == len(points) - 1
    )
    return (
        "<details><summary>The numbers</summary><table><thead><tr><th>Step</th><th>Loss, learned from</th>"
        f"<th>Loss, not seen</th></tr></thead><tbody>{rows}</tbody></table></details>"
    )


def _number(loss: float | None) -> str:
    return "–" if loss is None else f"{loss:.3f}"


def _ticks(losses: Sequence[float]) -> list[float]:
    """Round numbers around all losses: three to six."""
    least, most = min(losses), max(losses)
    rough = max(most - least, 0.01 * max(abs(most), 1)) / 3
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first, last = math.floor(least / step), math.ceil(most / step)
    return [round(number * step, 6) for number in range(first, max(last, first + 1) + 1)]


def _x(step: int, last: int) -> float:
    return _WIDTH * step / max(last, 1)


def _y(loss: float, ticks: Sequence[float]) -> float:
    return _HEIGHT * (1 - (loss - ticks[0]) / (ticks[-1] - ticks[0]))


def _line(name: str, line: Line, last: int, ticks: Sequence[float]) -> str:
    if len(line) < 2:
        return ""
    path = "L".join(f"{_x(step, last):.1f} {_y(loss, ticks):.1f}" for step, loss in line)
    return f'<path class="line {name}" d="M{path}"/>'


def _dot(step: int, loss: float, last: int, ticks: Sequence[float]) -> str:
    """A line without length: its round ends are a dot that stays round, however the picture is stretched."""
    return f'<path class="dot unseen" d="M{_x(step, last):.1f} {_y(loss, ticks):.1f}h0.01"/>'
