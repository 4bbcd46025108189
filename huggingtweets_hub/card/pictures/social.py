"""The preview picture that is shown for a link to a bot."""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from huggingtweets_hub.card.escaping import is_visible
from huggingtweets_hub.card.pictures.avatar import read_avatar
from huggingtweets_hub.card.pictures.lettering import Line, Style, draw, wrap
from huggingtweets_hub.card.pictures.letters import Letter, letters
from huggingtweets_hub.card.pictures.shapes import disc, png, rounded, shadow
from huggingtweets_hub.core.accounts import HANDLE, MAX_ACCOUNTS, mention

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Face", "drawn_face", "social_preview"]

# The size that X, the Hub, Slack and others show without cropping, and a size in bytes that all of them load.
WIDTH, HEIGHT = 1200, 630
MAX_PREVIEW_BYTES = 300_000
MAX_QUOTES = 3
_FACE = 264  # twice the size that a card shows

# The attribution that the licence of the emoji requires.
_EMOJI_CREDIT = "Emoji: Twemoji, (c) Twitter, Inc and other contributors, CC BY 4.0"
_PANEL = 428
_MARGIN = 44
_WHITE, _INK, _MUTED = "#ffffff", "#1b1f2b", "#656b7d"


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


def social_preview(accounts: Sequence[Face], samples: Sequence[str]) -> bytes:
    """A PNG of 1200 x 630 pixels and less than 300 kB that introduces a bot.

    Args:
        accounts: One to three; more are not shown.
        samples: What the bot wrote; the first three that can be drawn are quoted.
    """
    from PIL import Image

    faces = list(accounts)[:MAX_ACCOUNTS]
    theme = _theme_of(faces)
    image = Image.new("RGB", (WIDTH, HEIGHT), theme.page)
    _draw_panel(image, theme)
    _draw_identity(image, faces, theme)
    legible = (text for text in map(letters, dict.fromkeys(samples)) if any(not c.is_space for c in text))
    if quotes := list(itertools.islice(legible, MAX_QUOTES)):
        _draw_quotes(image, quotes, theme)
    else:
        _draw_statement(image, faces, theme)
    _draw_footer(image, faces)
    content = png(image, _EMOJI_CREDIT)
    # Photographs are the largest; 256 colours bring any picture of this size well under the limit.
    return content if len(content) < MAX_PREVIEW_BYTES else png(image.quantize(256), _EMOJI_CREDIT)


def drawn_face(accounts: Sequence[Face], index: int) -> bytes:
    """A round PNG with the letter of one of the accounts, in its bot's colours, for one without a picture."""
    from PIL import Image

    theme = _THEMES[(_THEMES.index(_theme_of(accounts)) + index) % len(_THEMES)]
    picture = _lettered(accounts[index], _ramp(theme, _FACE, _FACE))
    face = Image.new("RGBA", picture.size)
    face.paste(picture, mask=disc(_FACE))
    return png(face, _EMOJI_CREDIT)


def _theme_of(accounts: Sequence[Face]) -> _Theme:
    return _theme("".join(face.handle for face in accounts))


def _theme(seed: str) -> _Theme:
    digest = hashlib.sha256(seed.lower().encode("utf-8", "replace")).digest()
    return _THEMES[digest[0] % len(_THEMES)]


def _ramp(theme: _Theme, width: int, height: int) -> "Image":
    """The theme's gradient, from top to bottom."""
    from PIL import Image, ImageColor

    top, bottom = (ImageColor.getrgb(color) for color in theme[:2])
    ramp = Image.new("RGB", (1, height))
    for y in range(height):
        t = y / (height - 1)
        ramp.putpixel((0, y), tuple(round(a + (b - a) * t) for a, b in zip(top[:3], bottom[:3], strict=True)))
    return ramp.resize((width, height))


def _draw_panel(image: "Image", theme: _Theme) -> None:
    panel = _ramp(theme, _PANEL, HEIGHT)
    # Two large, faint discs give the plain gradient some depth.
    for x, y, radius, strength in ((370, 10, 190, 16), (20, 640, 250, 14)):
        faint = disc(2 * radius).point(lambda v, s=strength: v * s // 255)
        panel.paste(_WHITE, (x - radius, y - radius), faint)
    image.paste(panel, (0, 0))


def _draw_identity(image: "Image", faces: Sequence[Face], theme: _Theme) -> None:
    """Avatars, names, handles and the label, centred in the panel as one block."""
    several = len(faces) > 1
    side, overlap = {1: (212, 0), 2: (148, 30)}.get(len(faces), (130, 30))
    width = _PANEL - 2 * _MARGIN
    name_style = Style(32 if several else 44, 700, _WHITE)
    handle_style = Style(22 if several else 27, 450, _WHITE)
    texts: list[tuple[Line, Style, int]] = []
    for face in faces:
        handle, _ = wrap(letters(mention(face.handle)), handle_style, width, 1)
        for style in (name_style, name_style._replace(size=name_style.size * 4 // 5)):
            name, cut = _evenly(_name(face), style, width, 1 if several else 2)
            if not cut and (several or len(name) == 1):
                break
        texts += [(line, style, round(style.size * 1.36)) for line in name]
        texts += [(line, handle_style, handle_style.size + (24 if several else 16)) for line in handle]
    height = side + 30 + sum(step for *_, step in texts) + 26 + 56
    y = (HEIGHT - height) // 2
    x = (_PANEL - len(faces) * side + (len(faces) - 1) * overlap) // 2
    for i, face in enumerate(faces):
        _draw_face(image, face, x, y, side, _THEMES[(_THEMES.index(theme) + i) % len(_THEMES)].disc)
        x += side - overlap
    y += side + 30
    for line, style, step in texts:
        draw(image, line, (_PANEL - line.width) / 2, y + style.size, style)
        y += step
    _draw_label(image, "🤖 AI cyborg" if several else "🤖 AI bot", y + 22, theme)


def _name(face: Face) -> tuple[Letter, ...]:
    """The drawable part of the name, or the handle if there is none."""
    name = letters(face.name, limit=120)
    return name if is_visible("".join(c.text for c in name)) else letters(face.handle)


def _draw_face(image: "Image", face: Face, x: int, y: int, side: int, color: str) -> None:
    from PIL import Image

    ring = 6
    image.paste(_WHITE, (x - ring, y - ring), disc(side + 2 * ring))
    picture = read_avatar(face.avatar, side) if face.avatar else None
    if picture:
        picture = picture.resize((side, side), Image.Resampling.LANCZOS)
    else:
        picture = _lettered(face, Image.new("RGB", (side, side), color))
    image.paste(picture, (x, y), disc(side))


def _lettered(face: Face, picture: "Image") -> "Image":
    """The square picture with the account's letter in its middle."""
    side = picture.width
    style = Style(side * 9 // 20, 600, _WHITE)
    if initial := _initial(face, style, 0.8 * side):
        draw(picture, initial, (side - initial.width) / 2, side / 2 + 0.36 * style.size, style)
    return picture


def _initial(face: Face, style: Style, width: float) -> Line | None:
    """The first letter of the name, else its first emoji, else the first letter of the handle."""
    name = [letter.text for letter in _name(face) if not letter.is_space]
    choices = [text[0].upper() for text in name if text[0].isalnum()] + name
    for choice in (*choices[:3], face.handle[:1].upper()):
        for line in wrap(letters(choice), style, width, 1)[0]:
            return line
    return None


def _draw_label(image: "Image", text: str, y: int, theme: _Theme) -> None:
    style = Style(25, 700, theme.bottom)
    for line in wrap(letters(text), style, _PANEL, 1)[0]:
        width, height = round(line.width) + 52, 52
        left = (_PANEL - width) // 2
        rounded(image, (left, y, left + width, y + height), height // 2, _WHITE)
        draw(image, line, left + 26, y + 35, style)


def _draw_quotes(image: "Image", quotes: Sequence[Sequence[Letter]], theme: _Theme) -> None:
    """The quotes as cards, as large as possible without cutting any; two if three would be cut."""
    left, right, padding, gap = _PANEL + _MARGIN, WIDTH - _MARGIN, 26, 18
    top, bottom = 38, HEIGHT - 84
    max_lines = {1: 9, 2: 5, 3: 3}[len(quotes)]
    for size in (56, 48, 42, 38, 34, 30, 28, 26)[len(quotes) :]:
        style, step = Style(size, 450, _INK, theme.bottom), round(size * 1.42)
        laid = [_evenly(quote, style, right - left - 2 * padding - 8, max_lines) for quote in quotes]
        heights = [len(lines) * step + 2 * padding - 8 for lines, _ in laid]
        height = sum(heights) + gap * (len(quotes) - 1)
        is_cut = any(cut for _, cut in laid)
        if height <= bottom - top and not is_cut:
            break
    if height > bottom - top or (is_cut and len(quotes) > 2):
        return _draw_quotes(image, quotes[:-1], theme)
    y = (top + bottom - height) // 2
    for (lines, _), height in zip(laid, heights, strict=True):
        shadow(image, (left, y, right, y + height), 22)
        rounded(image, (left, y, right, y + height), 22, _WHITE)
        for i, line in enumerate(lines):
            x = right - padding - 4 - line.width if line.rtl else left + padding + 4
            draw(image, line, x, y + padding - 4 + i * step + size, style)
        y += height + gap
    return None


def _evenly(text: Sequence[Letter], style: Style, width: float, max_lines: int) -> tuple[list[Line], bool]:
    """As `wrap`, in no more lines, but without a last line of one short word."""
    lines, cut = wrap(text, style, width, max_lines)
    for share in (0.92, 0.84, 0.76):
        if cut or len(lines) < 2 or lines[-1].width > width / 3:
            break
        narrower, is_cut = wrap(text, style, share * width, max_lines)
        if is_cut or len(narrower) > len(lines):
            break
        lines = narrower
    return lines, cut


def _draw_statement(image: "Image", faces: Sequence[Face], theme: _Theme) -> None:
    """What is shown instead of quotes if there are none."""
    said, handle = Style(52, 650, _INK), Style(52, 650, theme.bottom)
    width, step = WIDTH - _PANEL - 2 * _MARGIN - 20, 72
    verb = "tweet" if all(HANDLE.fullmatch(face.handle) for face in faces) else "post"
    text = letters(f"A language model that learned to {verb} from")
    lines = [(line, said) for line in wrap(text, said, width, 3)[0]]
    for face in faces:
        lines += [(line, handle) for line in wrap(letters(mention(face.handle)), handle, width, 1)[0]]
    y = (HEIGHT - 60 - len(lines) * step) // 2
    for i, (line, style) in enumerate(lines):
        draw(image, line, _PANEL + _MARGIN + 10, y + 54 + i * step, style)


def _draw_footer(image: "Image", faces: Sequence[Face]) -> None:
    style, strong = Style(21, 450, _MUTED), Style(21, 600, _MUTED)
    baseline, left, right = HEIGHT - 36, _PANEL + _MARGIN, WIDTH - _MARGIN
    for line in wrap(letters("🤗 huggingtweets"), strong, 300, 1)[0]:
        right -= round(line.width)
        draw(image, line, right, baseline, strong)
    who = mention(faces[0].handle) if len(faces) == 1 else "these people"
    for line in wrap(letters(f"Written by AI, not by {who}"), style, right - left - 24, 1)[0]:
        draw(image, line, left, baseline, style)
