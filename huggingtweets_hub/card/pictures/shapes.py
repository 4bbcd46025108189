"""Shapes with smooth edges, which Pillow lacks, and the PNG file they are saved in."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["disc", "png", "rounded", "shadow"]


def disc(diameter: int) -> "Image":
    """The mask of a round picture, with a smooth edge."""
    from PIL import Image, ImageDraw

    mask = Image.new("L", (4 * diameter, 4 * diameter))
    ImageDraw.Draw(mask).ellipse((0, 0, 4 * diameter - 1, 4 * diameter - 1), fill=255)
    return mask.resize((diameter, diameter), Image.Resampling.BOX)


def _rounded_mask(width: int, height: int, radius: int) -> "Image":
    from PIL import Image, ImageDraw

    mask = Image.new("L", (4 * width, 4 * height))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, 4 * width - 1, 4 * height - 1), 4 * radius, fill=255)
    return mask.resize((width, height), Image.Resampling.BOX)


def rounded(image: "Image", box: tuple[int, int, int, int], radius: int, color: str) -> None:
    """Draw a filled rectangle with round corners; the box is left, top, right, bottom."""
    left, top, right, bottom = box
    image.paste(color, (left, top), _rounded_mask(right - left, bottom - top, radius))


def shadow(image: "Image", box: tuple[int, int, int, int], radius: int) -> None:
    """Draw the soft shadow that a rounded rectangle casts on the page below it."""
    from PIL import Image, ImageFilter

    left, top, right, bottom = box
    spread = 18
    mask = Image.new("L", (right - left + 2 * spread, bottom - top + 2 * spread))
    mask.paste(
        _rounded_mask(right - left, bottom - top, radius).point(lambda v: v * 20 // 255), (spread, spread)
    )
    image.paste("#1b1f4b", (left - spread, top - spread + 6), mask.filter(ImageFilter.GaussianBlur(9)))


def png(image: "Image", credit: str = "") -> bytes:
    """The picture as a PNG without a date, with a copyright note where one is given."""
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    if credit:
        notes.add_text("Copyright", credit)
    file = io.BytesIO()
    image.save(file, "PNG", pnginfo=notes)
    return file.getvalue()
