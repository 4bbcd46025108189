"""Text of any script set in a picture: fonts by grapheme cluster, both directions, emoji in colour.

Pillow draws one run in one font. What a name or a tweet needs beyond it stands here: which font has
a cluster, where a line may break, and in which order the runs of a line are drawn. What no font can
draw is left out, so that no picture shows a box for a missing glyph.
"""

import contextlib
import itertools
import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import regex

from huggingtweets_hub.card.escaping import one_line
from huggingtweets_hub.card.pictures.bidi import is_rtl, levels_of
from huggingtweets_hub.card.pictures.fonts import (
    emoji_picture,
    font_has,
    font_with,
    is_cjk,
    is_picture,
    load_emoji,
    load_font,
)

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Letter", "Line", "Style", "draw", "letters", "wrap"]

_CLUSTER = regex.compile(r"\X")
_LINK = regex.compile(r"(?<![\w@#])(?:@[\w.-]*\w@(?:[\w-]+\.)+\w+|@[\w-]+(?:\.[\w-]+)+|[@#]\w+)|https?://\S+")
_INVISIBLE = regex.compile(r"[\p{Cf}\p{Co}\p{Cn}--[\u200c\u200d\U000e0020-\U000e007f]]", regex.V1)
# Some names pile up accents endlessly to disturb the lines around them.
_PILED_MARKS = regex.compile(r"((?:\p{Block=Combining_Diacritical_Marks}){2}|\p{M}{4})\p{M}+")
_JOINERS = regex.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f]")
_WORDLESS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
# Closing marks and small kana stay off the start of a line, opening marks and leading vowels off its end.
_NO_START = regex.compile(
    r"[\p{Pe}\p{Pf}\p{Po}\p{Lm}\p{Mn}ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々〜%ะาำฯ]"
)
_NO_END = regex.compile(r"[\p{Ps}\p{Pi}\p{Sc}@#เแโใไເແໂໃໄ]")
_MAX_CLUSTER = 24
# Pillow sets each letter on a whole pixel, which shows in small text; larger and reduced, it does not.
_FINE = 4


class Style(NamedTuple):
    """How text is set: size in pixels, weight from 100 to 900, colour, and the colour of links."""

    size: int
    weight: int = 400
    color: str = "#000000"
    link_color: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A grapheme cluster and what draws it.

    Attributes:
        source: A font file, or the picture of an emoji.
        face: Which face of a font collection.
        level: Embedding level: odd runs from right to left.
        is_link: Whether it belongs to a @mention, a #hashtag or an address.
    """

    text: str
    source: str
    face: int = 0
    level: int = 0
    is_link: bool = False

    @property
    def is_emoji(self) -> bool:
        """Whether a colour picture stands for it."""
        return is_picture(self.source)

    @property
    def is_space(self) -> bool:
        """Whether it is invisible."""
        return self.text.isspace()


@dataclass(frozen=True, slots=True)
class Line:
    """Letters in logical order, their width in pixels, and the direction of their paragraph."""

    letters: tuple[Letter, ...]
    width: float
    rtl: bool


# --- from a text to letters -----------------------------------------------------------------------


def letters(text: str, limit: int = 600) -> tuple[Letter, ...]:
    """The drawable part of a text's first `limit` characters, on one line.

    Direction overrides, control characters and half surrogates are left out, and so is what no
    font has; nothing is drawn of a text that would lose most of its letters.
    """
    clean = _INVISIBLE.sub("", one_line(text[: 2 * limit]))[:limit]
    clean = _PILED_MARKS.sub(r"\1", unicodedata.normalize("NFC", " ".join(clean.split())))
    links = {i for link in _LINK.finditer(clean) for i in range(*link.span())}
    drawn: list[tuple[str, str, bool]] = []
    missing = 0
    for match in _CLUSTER.finditer(clean):
        cluster = match[0]
        # A space or comma in the font of the preceding word keeps a phrase in one run.
        inherits = drawn and not cluster[0].isalnum() and not emoji_picture(cluster)
        if inherits and font_has(drawn[-1][1], cluster):
            sources: tuple[tuple[str, str], ...] = ((cluster, drawn[-1][1]),)
        else:
            sources = _sources(cluster)
        drawn += [(shown, source, match.start() in links) for shown, source in sources]
        missing += not sources
    if missing > sum(not shown.isspace() for shown, *_ in drawn):
        return ()
    face = _cjk_face(clean)
    levels = levels_of([shown[0] for shown, *_ in drawn])
    return tuple(
        Letter(shown, source, face if is_cjk(source) else 0, level, is_link)
        for (shown, source, is_link), level in zip(drawn, levels, strict=True)
    )


def _cjk_face(text: str) -> int:
    # The order of the faces in Noto Sans CJK: one code point has another shape in Japan and in China.
    if regex.search(r"[\p{Hiragana}\p{Katakana}]", text):
        return 0
    return 1 if regex.search(r"\p{Hangul}", text) else 2


@lru_cache(maxsize=8192)
def _sources(cluster: str) -> tuple[tuple[str, str], ...]:
    """What to draw for a cluster, and from which file; empty if no file has it."""
    cluster = cluster[:_MAX_CLUSTER]
    if picture := emoji_picture(cluster):
        return ((cluster, picture),)
    # A family or skin tone newer than the pictures is drawn as its members.
    members = [(part, emoji_picture(part)) for part in regex.split("\u200d|(?=[🏻-🏿])", cluster) if part]
    joined = tuple((part, picture) for part, picture in members if picture)
    if joined:
        return joined
    # Mathematical and full-width letters have plain ones; without its marks a letter can still be read.
    for spelling in (cluster, unicodedata.normalize("NFKC", cluster), cluster[0]):
        visible = _JOINERS.sub("", spelling)
        if visible and (font := font_with(visible)):
            return ((spelling, font),)
    return ()


# --- lines ----------------------------------------------------------------------------------------


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
