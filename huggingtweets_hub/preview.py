"""The pictures of a publication: its social preview, its training curve, the accounts' avatars.

Everything that comes in was written by strangers: names, samples and downloaded bytes of any kind
give a picture or None, never an exception. The same input gives the same bytes.
"""

import hashlib
import io
import math
import struct
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from huggingtweets_hub.card.escaping import is_visible
from huggingtweets_hub.lettering import Letter, Line, Style, draw, letters, wrap
from huggingtweets_hub.records import MAX_ACCOUNTS, CurvePoint

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Face", "social_preview", "square_avatar", "training_curve"]

# The size that X, the Hub, Slack and the others show uncut, and what they all still load.
WIDTH, HEIGHT = 1200, 630
MAX_PREVIEW_BYTES = 300_000
AVATAR_SIDE = 400
MAX_AVATAR_BYTES = 100_000
# An avatar on X has at most 4096 x 4096 pixels; a bomb has more.
MAX_AVATAR_PIXELS = 4096 * 4096
MAX_DOWNLOAD = 10_000_000
MAX_QUOTES = 3

_PANEL = 428
_MARGIN = 44
_WHITE, _INK, _MUTED = "#ffffff", "#1b1f2b", "#6d7385"


class _Theme(NamedTuple):
    """Top and bottom of the panel's gradient, the disc behind an initial, and the page."""

    top: str
    bottom: str
    disc: str
    page: str


# White text on any of these gradients has a contrast of 4.5 to 1 or more.
_THEMES = (
    _Theme("#4f46e5", "#7c2fd6", "#8b7cf6", "#f3f2fd"),
    _Theme("#0b6fa8", "#1d4fd8", "#4aa8e8", "#eff5fc"),
    _Theme("#0a7a6b", "#0e5f8a", "#2fb3a0", "#eef7f6"),
    _Theme("#b0326f", "#7a2bbf", "#e071a8", "#fbf1f7"),
    _Theme("#b4451f", "#a3214f", "#ee8a5b", "#fcf3ef"),
    _Theme("#2b3a67", "#16213f", "#5d74b5", "#f1f3f8"),
)


@dataclass(frozen=True, slots=True)
class Face:
    """An account as its picture shows it; `avatar` is the content of a picture file."""

    name: str
    handle: str
    avatar: bytes | None = None


# --- the social preview ---------------------------------------------------------------------------


def social_preview(accounts: Sequence[Face], samples: Sequence[str]) -> bytes:
    """A PNG of 1200 x 630 pixels and less than 300 kB that introduces a bot.

    Args:
        accounts: One to three; more are not shown.
        samples: What the bot wrote; the first three that can be drawn are quoted.
    """
    from PIL import Image

    faces = list(accounts)[:MAX_ACCOUNTS]
    theme = _theme("".join(face.handle for face in faces))
    image = Image.new("RGB", (WIDTH, HEIGHT), theme.page)
    _draw_panel(image, theme)
    _draw_identity(image, faces, theme)
    quotes = [text for text in map(letters, dict.fromkeys(samples)) if any(not c.is_space for c in text)]
    if quotes:
        _draw_quotes(image, quotes[:MAX_QUOTES], theme)
    else:
        _draw_statement(image, faces, theme)
    _draw_footer(image, faces)
    return _small_png(image, MAX_PREVIEW_BYTES)


def _theme(seed: str) -> _Theme:
    digest = hashlib.sha256(seed.lower().encode("utf-8", "replace")).digest()
    return _THEMES[digest[0] % len(_THEMES)]


def _draw_panel(image: "Image", theme: _Theme) -> None:
    from PIL import Image, ImageColor

    top, bottom = (ImageColor.getrgb(color) for color in theme[:2])
    ramp = Image.new("RGB", (1, HEIGHT))
    for y in range(HEIGHT):
        t = y / (HEIGHT - 1)
        ramp.putpixel((0, y), tuple(round(a + (b - a) * t) for a, b in zip(top[:3], bottom[:3], strict=True)))
    panel = ramp.resize((_PANEL, HEIGHT))
    # Two large, faint discs give the plain gradient some depth.
    for x, y, radius, strength in ((370, 10, 190, 16), (20, 640, 250, 14)):
        disc = _disc(2 * radius).point(lambda v, s=strength: v * s // 255)
        panel.paste(_WHITE, (x - radius, y - radius), disc)
    image.paste(panel, (0, 0))


def _draw_identity(image: "Image", faces: Sequence[Face], theme: _Theme) -> None:
    """Avatars, names, handles and the label, centred in the panel as one block."""
    several = len(faces) > 1
    side, overlap = (148, 34) if several else (212, 0)
    width = _PANEL - 2 * _MARGIN
    name_style = Style(32 if several else 44, 700, _WHITE)
    handle_style = Style(22 if several else 27, 450, "#ffffffd8"[:7])
    texts: list[tuple[Line, Style, int]] = []
    for face in faces:
        handle, _ = wrap(letters(f"@{face.handle}"), handle_style, width, 1)
        for style in (name_style, name_style._replace(size=name_style.size * 4 // 5)):
            name, cut = wrap(_name(face), style, width, 1 if several else 2)
            if not cut and (several or len(name) == 1):
                break
        texts += [(line, style, round(style.size * 1.3)) for line in name]
        texts += [(line, handle_style, handle_style.size + (26 if several else 16)) for line in handle]
    height = side + 30 + sum(step for *_, step in texts) + 26 + 56
    y = (HEIGHT - height) // 2
    x = (_PANEL - len(faces) * side + (len(faces) - 1) * overlap) // 2
    for face in faces:
        _draw_face(image, face, x, y, side, theme)
        x += side - overlap
    y += side + 30
    for line, style, step in texts:
        draw(image, line, (_PANEL - line.width) / 2, y + style.size, style)
        y += step
    _draw_label(image, "🤖 AI cyborg" if several else "🤖 AI bot", y + 22, theme)


def _name(face: Face) -> tuple[Letter, ...]:
    """What can be drawn of the name, or the handle where that is nothing."""
    name = letters(face.name, limit=120)
    return name if is_visible("".join(c.text for c in name)) else letters(face.handle)


def _draw_face(image: "Image", face: Face, x: int, y: int, side: int, theme: _Theme) -> None:
    from PIL import Image

    ring = 6
    image.paste(_WHITE, (x - ring, y - ring), _disc(side + 2 * ring))
    picture = _read_avatar(face.avatar, side) if face.avatar else None
    if picture:
        picture = picture.resize((side, side), Image.Resampling.LANCZOS)
    else:
        picture = Image.new("RGB", (side, side), theme.disc)
        style = Style(side * 9 // 20, 600, _WHITE)
        initial, _ = wrap(_initial(face), style, side, 1)
        for line in initial:
            draw(picture, line, (side - line.width) / 2, side / 2 + 0.36 * style.size, style)
    image.paste(picture, (x, y), _disc(side))


def _initial(face: Face) -> tuple[Letter, ...]:
    name = _name(face)
    first = next((c for c in name if c.text[0].isalnum()), next((c for c in name if not c.is_space), None))
    return letters(first.text.upper() if first else "")


def _draw_label(image: "Image", text: str, y: int, theme: _Theme) -> None:
    style = Style(25, 700, theme.bottom)
    (line,), _ = wrap(letters(text), style, _PANEL, 1)
    width, height = round(line.width) + 52, 52
    left = (_PANEL - width) // 2
    _rounded(image, (left, y, left + width, y + height), height // 2, _WHITE)
    draw(image, line, left + 26, y + 35, style)


def _draw_quotes(image: "Image", quotes: Sequence[Sequence[Letter]], theme: _Theme) -> None:
    """The quotes as cards, as large as lets them all be read whole."""
    left, right, padding, gap = _PANEL + _MARGIN, WIDTH - _MARGIN, 30, 20
    room = HEIGHT - _MARGIN - 84
    lines_at = {1: 9, 2: 4, 3: 3}
    for size in (36, 33, 30, 27):
        style = Style(size, 450, _INK)
        laid = [wrap(quote, style, right - left - 2 * padding, lines_at[len(quotes)]) for quote in quotes]
        step = round(size * 1.42)
        heights = [len(lines) * step + 2 * padding - 8 for lines, _ in laid]
        total = sum(heights) + gap * (len(quotes) - 1)
        if total <= room and not any(cut for _, cut in laid):
            break
    if total > room and len(quotes) > 1:
        return _draw_quotes(image, quotes[:-1], theme)
    y = _MARGIN + (room - total) // 2
    for (lines, _), height in zip(laid, heights, strict=True):
        _shadow(image, (left, y, right, y + height), 22)
        _rounded(image, (left, y, right, y + height), 22, _WHITE)
        for i, line in enumerate(lines):
            x = right - padding - line.width if line.rtl else left + padding
            draw(image, line, x, y + padding - 4 + i * step + size, style)
        y += height + gap
    return None


def _draw_statement(image: "Image", faces: Sequence[Face], theme: _Theme) -> None:
    """What stands in for quotes where there are none."""
    style = Style(50, 650, _INK)
    width = WIDTH - _PANEL - 2 * _MARGIN - 20
    handles = " & ".join(f"@{face.handle[:20]}" for face in faces)
    lines, _ = wrap(letters(f"A language model that learned to tweet from {handles}"), style, width, 6)
    y = (HEIGHT - 40 - len(lines) * 68) // 2
    for i, line in enumerate(lines):
        draw(image, line, _PANEL + _MARGIN + 10, y + 50 + i * 68, style)


def _draw_footer(image: "Image", faces: Sequence[Face]) -> None:
    style = Style(21, 450, _MUTED)
    baseline = HEIGHT - 36
    (mark,), _ = wrap(letters("🤗 huggingtweets"), style._replace(weight=600), 300, 1)
    draw(image, mark, WIDTH - _MARGIN - mark.width, baseline, style._replace(weight=600))
    who = f"@{faces[0].handle[:20]}" if len(faces) == 1 else "these people"
    said, _ = wrap(letters(f"Written by a machine, not by {who}"), style, 460, 1)
    for line in said:
        draw(image, line, _PANEL + _MARGIN, baseline, style)


# --- shapes and files -----------------------------------------------------------------------------


def _disc(diameter: int) -> "Image":
    from PIL import Image, ImageDraw

    mask = Image.new("L", (4 * diameter, 4 * diameter))
    ImageDraw.Draw(mask).ellipse((0, 0, 4 * diameter - 1, 4 * diameter - 1), fill=255)
    return mask.resize((diameter, diameter), Image.Resampling.BOX)


def _rounded_mask(width: int, height: int, radius: int) -> "Image":
    from PIL import Image, ImageDraw

    mask = Image.new("L", (4 * width, 4 * height))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, 4 * width - 1, 4 * height - 1), 4 * radius, fill=255)
    return mask.resize((width, height), Image.Resampling.BOX)


def _rounded(image: "Image", box: tuple[int, int, int, int], radius: int, color: str) -> None:
    left, top, right, bottom = box
    image.paste(color, (left, top), _rounded_mask(right - left, bottom - top, radius))


def _shadow(image: "Image", box: tuple[int, int, int, int], radius: int) -> None:
    from PIL import Image, ImageFilter

    left, top, right, bottom = box
    spread = 18
    mask = Image.new("L", (right - left + 2 * spread, bottom - top + 2 * spread))
    mask.paste(
        _rounded_mask(right - left, bottom - top, radius).point(lambda v: v * 20 // 255), (spread, spread)
    )
    image.paste("#1b1f4b", (left - spread, top - spread + 6), mask.filter(ImageFilter.GaussianBlur(9)))


def _small_png(image: "Image", limit: int) -> bytes:
    content = _png(image)
    # Photographs weigh most; 256 colours bring any picture of this size well under the limit.
    return content if len(content) < limit else _png(image.quantize(256))


def _png(image: "Image") -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


# --- avatars --------------------------------------------------------------------------------------


def square_avatar(content: bytes) -> bytes | None:
    """A downloaded picture made safe to publish: a square JPEG of at most 400 pixels and 100 kB.

    Its first frame only, upright, without metadata. None where it is no PNG, JPEG, WebP or GIF, is
    damaged, or has more pixels than any avatar.
    """
    picture = _read_avatar(content, AVATAR_SIDE)
    if picture is None:
        return None
    for quality in (90, 80, 65, 50, 30):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, optimize=True)
        if file.tell() < MAX_AVATAR_BYTES:
            return file.getvalue()
    return None


def _read_avatar(content: bytes, side: int) -> "Image | None":
    """The middle square of a picture, `side` pixels wide or less, on white; None for anything else."""
    from PIL import Image, ImageOps

    if len(content) > MAX_DOWNLOAD:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP", "GIF"))
        if picture.width * picture.height > MAX_AVATAR_PIXELS:
            return None
        picture.draft("RGB", (2 * side, 2 * side))  # a large JPEG is decoded small
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        ArithmeticError,
        EOFError,
        LookupError,
        OSError,
        SyntaxError,
        TypeError,
        ValueError,
        struct.error,
    ):
        return None  # whatever a damaged or hostile file makes of the decoder, it is no avatar
    edge = min(side, *upright.size)
    square = ImageOps.fit(upright, (edge, edge), Image.Resampling.LANCZOS)
    flat = Image.new("RGB", square.size, _WHITE)
    flat.paste(square, mask=square.getchannel("A"))
    return flat


# --- the training curve ---------------------------------------------------------------------------


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
    return _png(image.quantize(64))


def _losses(points: Iterable[tuple[int, float | None]]) -> list[tuple[int, float]]:
    return [(step, loss) for step, loss in points if loss is not None and math.isfinite(loss)]
