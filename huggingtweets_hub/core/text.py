"""Text that others wrote, made safe to show: terminals obey control characters, readers overlook others."""

import functools
from typing import Any

_LONGEST = 300
# Control characters, and what no font shows: directions, joiners, tags, halves of a pair. Emoji keep their
# colour marks; joiners stay where they are spelling: within an emoji, and within words of these scripts.
_JOINED = (
    "Arabic Syriac Mongolian Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam "
    "Sinhala Khmer Myanmar"
)
_LETTER = "[" + "".join(rf"\p{{Script={script}}}" for script in _JOINED.split()) + "]"
_EMOJI = r"\p{Extended_Pictographic}"
_SPELLING = (
    rf"(?<=[{_EMOJI}\p{{Emoji_Modifier}}\ufe0f])\u200d(?={_EMOJI})|(?<={_LETTER})[\u200c\u200d](?={_LETTER})"
)
_UNSEEN = (
    rf"(?!{_SPELLING})"
    r"[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb--[\n\t\ufe0e\ufe0f]]"
)


def visible(text: str) -> str:
    r"""The text with everything that cannot be seen written out, such as `\x1b`; newlines and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return str(_unseen().sub(lambda found: ascii(found[0])[1:-1], text))


def counted(number: int, noun: str) -> str:
    """A number of things: `1 post`, `2,000 posts`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def whole(text: str) -> str:
    """The text with each half of a character, as cut texts have them, as U+FFFD; two halves become one."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def one_line(said: object) -> str:
    """What a server said, on one line of bearable length."""
    words = visible(" ".join(str(said).split()))
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


@functools.cache
def _unseen() -> Any:
    import regex  # which `--help` would have to wait for

    return regex.compile(f"(?!{_SPELLING}){_UNSEEN}", regex.V1)
