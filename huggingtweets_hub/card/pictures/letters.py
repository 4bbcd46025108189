"""A text as the letters that can be drawn: grapheme clusters, each with the font or picture that has it.

What no font can draw is left out, so that no picture shows a box for a missing glyph.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import regex

from huggingtweets_hub.card.escaping import one_line
from huggingtweets_hub.card.pictures.bidi import levels_of
from huggingtweets_hub.card.pictures.fonts import emoji_picture, font_has, font_with, is_cjk, is_picture

__all__ = ["Letter", "letters"]

_CLUSTER = regex.compile(r"\X")
_LINK = regex.compile(r"(?<![\w@#])(?:@[\w.-]*\w@(?:[\w-]+\.)+\w+|@[\w-]+(?:\.[\w-]+)+|[@#]\w+)|https?://\S+")
_INVISIBLE = regex.compile(r"[\p{Cf}\p{Co}\p{Cn}--[\u200c\u200d\U000e0020-\U000e007f]]", regex.V1)
# Some names pile up accents endlessly to disturb the lines around them.
_PILED_MARKS = regex.compile(r"((?:\p{Block=Combining_Diacritical_Marks}){2}|\p{M}{4})\p{M}+")
_JOINERS = regex.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f]")
_MAX_CLUSTER = 24


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
