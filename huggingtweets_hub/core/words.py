"""Texts as words, without all that makes no difference to whether one repeats another.

Left out are case, punctuation, apostrophes of any kind, links, and characters that nobody sees. A mark is a
part of the letter before it; alone it is not a word, so a heart or a sun is none.
"""

import re
import unicodedata

import regex

# Hiragana to katakana, CJK ideographs, Thai and Lao, Myanmar, Khmer, Tibetan.
_SCRIPTS = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_UNSPACED = regex.compile(f"[{_SCRIPTS}]")
_PIECE = regex.compile(
    rf"[[{_SCRIPTS}]&&[\p{{L}}\p{{M}}\p{{N}}]]+"
    rf"|[[\p{{L}}\p{{N}}]--[{_SCRIPTS}]][[\p{{L}}\p{{M}}\p{{N}}]--[{_SCRIPTS}]]*",
    regex.V1,
)
_SPACED_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}]*")
_ASCII_WORD = re.compile("[a-z0-9]+")
_UNSEEN = regex.compile(r"\p{Default_Ignorable_Code_Point}+")
_APOSTROPHE = regex.compile(r"(?<=[\p{L}\p{M}\p{N}])['’‘‛ʼ＇`´′](?=[\p{L}\p{N}])")
_ASCII_APOSTROPHE = re.compile("(?<=[a-z0-9])['`](?=[a-z0-9])")
_LINK = regex.compile(r"https?:\S+")


def words(text: str) -> list[str]:
    """The words of a text, folded; a stretch of a script without spaces is one word."""
    return _words_of(_folded(text))


def units(text: str) -> list[str]:
    """The same, but in scripts without spaces each character is a word of its own."""
    folded = _folded(text)
    found = _words_of(folded)
    if not has_unspaced(folded):
        return found
    return [unit for word in found for unit in (word if is_unspaced_character(word[0]) else (word,))]


def has_unspaced(text: str) -> bool:
    """Whether any character belongs to a script that is written without spaces."""
    return not text.isascii() and _UNSPACED.search(text) is not None


def is_unspaced_character(character: str) -> bool:
    """Whether it belongs to a script that is written without spaces."""
    return _UNSPACED.match(character) is not None


def is_unspaced(text: str) -> bool:
    """Whether most letters of the text belong to a script that is written without spaces."""
    unspaced = 0 if text.isascii() else len(_UNSPACED.findall(text))
    return unspaced > 0 and 2 * unspaced > letters(text)


def letters(text: str) -> int:
    """How many letters it has, marks not counted."""
    return sum(unicodedata.category(character)[0] == "L" for character in text)


def normalised(text: str) -> str:
    """The text without differences of case, spaces, compatibility forms and characters that nobody sees."""
    seen = text if text.isascii() else _UNSEEN.sub("", text)
    return " ".join(unicodedata.normalize("NFKC", seen).casefold().split())


def _folded(text: str) -> str:
    """The text in lower case, without links, apostrophes within words and characters that nobody sees."""
    if "http" in text:
        text = _LINK.sub(" ", text)
    if text.isascii():
        text = text.lower()
        return _ASCII_APOSTROPHE.sub("", text) if "'" in text or "`" in text else text
    return unicodedata.normalize("NFKC", _APOSTROPHE.sub("", _UNSEEN.sub("", text))).casefold()


def _words_of(folded: str) -> list[str]:
    """The plainest of three patterns that find the same words where they can be used."""
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    return list((_PIECE if has_unspaced(folded) else _SPACED_WORD).findall(folded))
