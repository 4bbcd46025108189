"""Languages: the code that the Hub takes, from whatever a source calls one.

`languages.txt` has a line for each: its code on the Hub, other codes for it, and its names. It holds ISO
639-1 whole, and of ISO 639-3 what people post in.
"""

import functools
import importlib.resources
import re
import unicodedata

_TAG = re.compile(r"([a-z]{2,3})([-_][a-z0-9]*)*(?:[.@].*)?", re.ASCII)  # en, en-US, zh_Hans_CN, pt_BR.UTF-8
_WORD = re.compile(r"[^\W_]+")
_NOT_AVAILABLE = "na"  # in R, and far more often than Nauruan
_ELSEWHERE = {"non", "not", "other", "old", "middle", "ancient", "sign"}  # "Not English", "Old French"


def code(value: str | None) -> str | None:
    """The ISO 639 code of a language as the Hub takes it; None where it is not known which one is meant.

    Args:
        value: A code of two or three letters, with or without a region, in any case (`en_US`, `por`, X's
            `in` and `und`), or a name in English or in the language itself.
    """
    if not isinstance(value, str):  # a source of a user's own may give anything
        return None
    folded = _folded(value)
    if folded == _NOT_AVAILABLE:
        return None
    tag = _TAG.fullmatch(folded)
    if tag and tag[1] in _codes():
        return _codes()[tag[1]]
    return _named(folded)


def is_code(value: str) -> bool:
    """Whether the Hub takes it; of codes with three letters, only the form is known here."""
    return _codes().get(value) == value or re.fullmatch("[a-z]{3}", value, re.ASCII) is not None


def _named(folded: str) -> str | None:
    """The language with this name; or the only one named in it, as in `Brazilian Portuguese`."""
    names = _names()
    if folded in names:
        return names[folded]
    words = _WORD.findall(folded)
    found = {names[word] for word in words if word in names}
    return found.pop() if len(found) == 1 and _ELSEWHERE.isdisjoint(words) else None


def _folded(text: str) -> str:
    """Without case, accents and blanks around it."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold().strip()


@functools.cache
def _table() -> list[tuple[list[str], list[str]]]:
    text = (importlib.resources.files(__package__) / "languages.txt").read_text("utf-8")
    rows = (line.split(": ", 1) for line in text.splitlines())
    return [(codes.split(), names.split(", ")) for codes, names in rows]


@functools.cache
def _codes() -> dict[str, str]:
    return {other: codes[0] for codes, _ in _table() for other in codes}


@functools.cache
def _names() -> dict[str, str]:
    return {_folded(name): codes[0] for codes, names in _table() for name in names}
