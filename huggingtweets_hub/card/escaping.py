"""One filter for each place where a value meets a card's syntax. Each changes as little as it can.

A card is YAML, then Markdown with HTML in it, then Python in a fence. What is harmless in one is a
break-out in the next, so a template names the place: `{{ name | html }}`, `{{ name | markdown }}`.
"""

import json
import re
import unicodedata
from urllib.parse import quote, urlsplit

# Bidirectional embeddings, overrides and isolates, which let a name rewrite the line around it.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_MARKDOWN = re.compile(r"([\\`*\[\]<|$~]|(?<![^\W_])_|_(?![^\W_]))")
_BLOCK = re.compile(r"\A(\d{0,9})([#>+\-=.)])")
_PLAIN_YAML_URL = re.compile(r"https?://[\w.~/%?&=+-]+", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)
_YAML_BOOLEANS = {"no", "on", "off", "yes", "y", "n", "true", "false", "null"}


def one_line(text: str) -> str:
    """The text on one line: no control, line-separator, direction or half-surrogate characters.

    Joiners and variation selectors stay: names are written with them.
    """
    kept = "".join(
        " " if c in "\u2028\u2029" or unicodedata.category(c) == "Cc" else c
        for c in _BIDI.sub("", text)
        if unicodedata.category(c) != "Cs"
    )
    return " ".join(kept.split(" ")).strip()


def is_visible(text: str) -> bool:
    """Whether a reader sees anything of the text."""
    return any(unicodedata.category(c)[0] not in "CZM" and c not in "\u115f\u1160\u3164\uffa0" for c in text)


def html(text: str) -> str:
    """Text between HTML tags."""
    return _ENTITY.sub("&amp;", one_line(text)).replace("<", "&lt;")


def markdown(text: str) -> str:
    """Text in a Markdown paragraph or table cell."""
    return _MARKDOWN.sub(r"\\\1", _ENTITY.sub("&amp;", one_line(text)))


def paragraph(text: str) -> str:
    """Text that is a Markdown paragraph of its own: its first character opens no other block."""
    return _BLOCK.sub(r"\1\\\2", markdown(text))


def link(url: str) -> str:
    """The target of a Markdown link; anything but http and https leads nowhere."""
    if urlsplit(url).scheme not in ("http", "https"):
        return "#"
    return quote(one_line(url), safe=":/?#@!&=+,;~%.-_")


def css_url(url: str) -> str:
    """An https address inside `url('…')` in a style attribute; anything else becomes nothing."""
    return quote(one_line(url), safe=":/?=&%+,~._-") if urlsplit(url).scheme == "https" else ""


def yaml_string(text: str) -> str:
    """A quoted YAML scalar, for every text that came from a user."""
    return json.dumps(one_line(text), ensure_ascii=False)


def yaml_word(text: str) -> str:
    """A YAML scalar, bare where it is an ordinary address, quoted otherwise."""
    return text if _PLAIN_YAML_URL.fullmatch(text) else yaml_string(text)


def yaml_words(words: tuple[str, ...]) -> str:
    """Language codes: one bare, several as a list; `no` is quoted, or YAML reads false."""
    written = [
        word if _LANGUAGE.fullmatch(word) and word not in _YAML_BOOLEANS else yaml_string(word)
        for word in words
    ]
    return written[0] if len(written) == 1 else f"[{', '.join(written)}]"


def python_string(text: str) -> str:
    """A Python string literal on one line."""
    return json.dumps(one_line(text), ensure_ascii=False)


def code(text: str) -> str:
    """Text between single backticks, which it cannot hold itself."""
    return one_line(text).replace("`", "'")


def at(handle: str) -> str:
    """A handle with its @."""
    return f"@{handle}"


def number(value: float, digits: int) -> str:
    """A number with that many digits after the point."""
    return f"{value:.{digits}f}"


def percent(share: float) -> str:
    """A share of 1 as a percentage, with a digit after the point below ten."""
    percentage = 100 * share
    return (
        f"{percentage:.0f} %"
        if percentage >= 10 or percentage == round(percentage)
        else f"{percentage:.1f} %"
    )


def count(number: int) -> str:
    """A number with thousands set apart."""
    return f"{number:,}"


FILTERS = {
    filter.__name__: filter
    for filter in (
        at,
        code,
        count,
        css_url,
        html,
        link,
        markdown,
        number,
        paragraph,
        percent,
        python_string,
        yaml_string,
        yaml_word,
        yaml_words,
    )
}
