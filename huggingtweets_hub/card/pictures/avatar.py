"""A downloaded avatar, made safe to publish and to draw."""

import io
import struct
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["read_avatar", "square_avatar"]

AVATAR_SIDE = 400
MAX_AVATAR_BYTES = 100_000
# Avatars are requested at 400 x 400; anything much larger is a mistake or a decompression bomb.
MAX_AVATAR_PIXELS = 3200 * 3200
MAX_DOWNLOAD = 10_000_000


def square_avatar(content: bytes) -> bytes | None:
    """A downloaded picture made safe to publish: a square JPEG of at most 400 pixels and 100 kB.

    Its first frame only, upright, without metadata. None where it is no PNG, JPEG, WebP or GIF, is
    damaged, or has more pixels than any avatar.
    """
    picture = read_avatar(content, AVATAR_SIDE)
    if picture is None:
        return None
    for quality in (90, 80, 65, 50, 30):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, optimize=True)
        if file.tell() < MAX_AVATAR_BYTES:
            return file.getvalue()
    return None


def read_avatar(content: bytes, side: int) -> "Image | None":
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
        return None  # whatever a damaged or hostile file does to the decoder, it is not an avatar
    edge = min(side, *upright.size)
    square = ImageOps.fit(upright, (edge, edge), Image.Resampling.LANCZOS)
    flat = Image.new("RGB", square.size, "white")
    flat.paste(square, mask=square.getchannel("A"))
    return flat
