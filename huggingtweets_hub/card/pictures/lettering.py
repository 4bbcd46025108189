"""Text of any script set in a picture: in lines, in both directions, emoji in colour.

Pillow draws one run in one font. What a name or a tweet needs beyond it stands here and in `letters`: where
a line may break, and in which order the runs of a line are drawn.
"""

import contextlib
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import regex

from huggingtweets_hub.card.pictures.bidi import is_rtl
from huggingtweets_hub.card.pictures.fonts import font_with, load_emoji, load_font
from huggingtweets_hub.card.pictures.letters import Letter

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Line", "Style", "draw", "wrap"]

_WORDLESS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
# Closing marks and small kana stay off the start of a line, opening marks and leading vowels off its end.
_NO_START = regex.compile(
    r"[\p{Pe}\p{Pf}\p{Po}\p{Lm}\p{Mn}ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々〜%ะาำฯ]"
)
_NO_END = regex.compile(r"[\p{Ps}\p{Pi}\p{Sc}@#เแโใไເແໂໃໄ]")
# Pillow sets each letter on a whole pixel, which shows in small text; larger and reduced, it does not.
_FINE = 4


class Style(NamedTuple):
    """How text is set: size in pixels, weight from 100 to 900, colour, and the colour of links."""

    size: int
    weight: int = 400
    color: str = "#000000"
    link_color: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Letters in logical order, their width in pixels, and the direction of their paragraph."""

    letters: tuple[Letter, ...]
    width: float
    rtl: bool


def wrap(text: Sequence[Letter], style: Style, width: float, max_lines: int) -> tuple[list[Line], bool]:
    """The text in lines of at most `width` pixels, and whether it had to be cut with an ellipsis."""
    lines: list[list[Letter]] = [[]]
    used = 0.0
    for word in _words(text, style, width):
        length = measure(word, style)
        visible = measure(_trimmed(word), style)
        if lines[-1] and used + visible > width:
            lines.append([])
            used = 0.0
        lines[-1] += word
        used += length
    rtl = is_rtl([letter.text[0] for letter in text])
    cut = len(lines) > max_lines
    shown = [_trimmed(line) for line in lines[:max_lines]]
    if cut:
        shown[-1] = _ellipsised(shown[-1], style, width, rtl)
    return [Line(tuple(line), measure(line, style), rtl) for line in shown if line], cut


def measure(text: Sequence[Letter], style: Style) -> float:
    """The width of letters on one line, in pixels."""
    return sum(_run_width(run, style) for run in _runs(text))


def _words(text: Sequence[Letter], style: Style, width: float) -> Iterator[list[Letter]]:
    """The pieces that must stay on one line, with trailing spaces; pieces wider than a line are cut."""
    word: list[Letter] = []
    rough = 0.0
    for letter in text:
        own = measure([letter], style)
        if own > width:
            continue  # one ligature can be as wide as ten letters
        # Letters that join are narrower together: only what may be too wide is measured as a whole.
        full = rough + own > width and measure([*word, letter], style) > width
        if word and (_may_break(word[-1], letter) or (full and not letter.is_space)):
            yield word
            word, rough = [], 0.0
        word.append(letter)
        rough += own
    if word:
        yield word


def _may_break(before: Letter, after: Letter) -> bool:
    if before.is_space or after.is_space:
        return not after.is_space
    if _NO_END.match(before.text) or _NO_START.match(after.text):
        return False
    wordless = any(letter.is_emoji or _WORDLESS.match(letter.text) for letter in (before, after))
    return wordless or (before.text in "-–—/" and after.text.isalpha())


def _trimmed(text: Sequence[Letter]) -> list[Letter]:
    return [*itertools.dropwhile(lambda letter: letter.is_space, reversed(text))][::-1]


def _ellipsised(line: Sequence[Letter], style: Style, width: float, rtl: bool) -> list[Letter]:
    dots = [Letter("…", font, level=int(rtl)) for font in [font_with("…")] if font]
    kept = list(line)
    while kept and measure([*kept, *dots], style) > width:
        kept = kept[:-1]
    while kept and (kept[-1].is_space or kept[-1].text in ",.;:-–—、。،"):
        kept.pop()
    return [*kept, *dots]


def _runs(text: Sequence[Letter]) -> list[list[Letter]]:
    """Neighbours that Pillow can shape and draw together."""
    alike = itertools.groupby(text, lambda letter: (letter.source, letter.face, letter.level, letter.is_link))
    return [list(run) for _, run in alike]


def _run_width(run: Sequence[Letter], style: Style) -> float:
    if run[0].is_emoji:
        return len(run) * _emoji_advance(style)
    text = "".join(letter.text for letter in run)
    return _advance(text, run[0].source, run[0].face, style.size, style.weight, _raqm_direction(run[0]))


@lru_cache(maxsize=16384)
def _advance(text: str, source: str, face: int, size: int, weight: int, direction: str | None) -> float:
    return load_font(source, face, _FINE * size, weight).getlength(text, direction=direction) / _FINE


def _emoji_advance(style: Style) -> float:
    return 1.24 * style.size


def _raqm_direction(letter: Letter) -> str | None:
    from PIL import features

    # Without Raqm (Pillow built from source), Pillow accepts no direction and draws unshaped text.
    return ("rtl" if letter.level % 2 else "ltr") if features.check("raqm") else None


# --- ink ------------------------------------------------------------------------------------------


def draw(image: "Image", line: Line, x: float, baseline: float, style: Style) -> None:
    """Draw a line with its left edge at `x`, on `baseline`."""
    for run in _visual_order(_runs(line.letters)):
        if run[0].is_emoji:
            side = round(1.14 * style.size)
            for i in range(len(run)):
                left = round(x + (i + 0.5) * _emoji_advance(style) - side / 2)
                picture = load_emoji(run[0].source, side)
                image.paste(picture, (left, round(baseline - 0.92 * style.size)), picture)
        else:
            _ink(image, run, x, baseline, style)
        x += _run_width(run, style)


def _ink(image: "Image", run: Sequence[Letter], x: float, baseline: float, style: Style) -> None:
    from PIL import Image, ImageDraw

    text = "".join(letter.text for letter in run)
    direction = _raqm_direction(run[0])
    # FreeType cannot fill a few intricate glyphs where they are bold, such as the basmala.
    for weight in (style.weight, 400):
        font = load_font(run[0].source, run[0].face, _FINE * style.size, weight)
        box = font.getbbox(text, direction=direction, anchor="ls")
        left, top = (math.floor(at + edge / _FINE) for at, edge in zip((x, baseline), box[:2], strict=True))
        size = [math.ceil((end - start) / _FINE) + 2 for start, end in zip(box[:2], box[2:], strict=True)]
        mask = Image.new("L", (_FINE * size[0], _FINE * size[1]))
        with contextlib.suppress(OSError):
            at = (_FINE * (x - left), _FINE * (baseline - top))
            ImageDraw.Draw(mask).text(at, text, 255, font, "ls", direction=direction)
            color = style.link_color if run[0].is_link and style.link_color else style.color
            return image.paste(color, (left, top), mask.reduce(_FINE))
    return None


def _visual_order(runs: list[list[Letter]]) -> list[list[Letter]]:
    """Rule L2: from the highest level down to 1, what is at that level or above is reversed."""
    order = runs
    for level in range(max((run[0].level for run in runs), default=0), 0, -1):
        groups = itertools.groupby(order, lambda run, level=level: run[0].level >= level)  # type: ignore[misc]
        order = [run for inside, group in groups for run in (reversed([*group]) if inside else group)]
    return order
