"""One filter for each place where a value meets a card's syntax. Each changes as little as possible.

A card is YAML, then Markdown with HTML in it, then Python in a fence. What is harmless in one can break
out of the next, so a template says which one it is: `{{ name | html }}`, `{{ name | markdown }}`.
"""

import json
import re
import unicodedata
from html.entities import html5
from urllib.parse import quote, urlsplit

from huggingtweets_hub.core import accounts

_SURROGATE = re.compile("[\ud800-\udfff]")
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Characters that do not belong on a card: direction controls that reorder the line, half surrogates,
# noncharacters (YAML and XML refuse them), byte order marks, and invisible code points except joiners.
_UNWANTED = re.compile(
    "[\u202a-\u202e\u2065-\u206f\ufeff\ufff0-\ufffb\ufdd0-\ufdef\U000e0080-\U000e00ff"
    "\U000e01f0-\U000e0fff"
    + "".join(chr(plane + 0xFFFE) + chr(plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000))
    + "]"
)
# Tag characters spell a region after a black flag (Scotland's, say), and hidden messages elsewhere.
_TAGS = re.compile(
    "(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)|[\U000e0000-\U000e007f]"
)
# The deepest Tibetan stacks have eight marks on a letter; Hebrew with points and accents needs five.
_MOST_MARKS = 8
_MANY_MARKS = re.compile(f"[^\\w\x00-\x7f]{{{_MOST_MARKS + 1},}}")
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0\U0001d159"

# HTML allows some references without a semicolon: `&copy`, and so `&copyright`.
_ENTITY = re.compile(
    "&(?=#[0-9]|#[xX][0-9A-Fa-f]|[A-Za-z][A-Za-z0-9]*;|"
    + "|".join(sorted(name for name in html5 if not name.endswith(";")))
    + ")"
)
_ENTITY_IN_URL = re.compile(r"(&[#A-Za-z0-9]+);")
# Patterns that are found in a card's raw text, before Markdown: KaTeX's openers, the Hub's gallery and paper
# links, and our own check for links without a target.
_LIVE = re.compile(
    r"(?<=\$)\$|(?<=\\)\\(?=[(\[])|<(?=Gallery)|(?<=\])\((?=\))|(?<=url)\((?='')"
    r"|(?i:(?<=arxiv)\.(?=org)|(?<=huggingface)\.(?=co/papers)|(?<=hf)\.(?=co/papers))"
)
_LIVE_IN_JSON = re.compile(_LIVE.pattern.replace(r"(?<=\\)\\(?=", r"\\\\(?="))
# `_` between letters is plain text; so is a dot that is not part of an address. An address must not become
# a link: nobody has checked where it leads.
_MARKDOWN = re.compile(
    r"[`*\[\]|$~]|(?<![^\W_])_|_(?![^\W_])"
    r"|/(?=/)|(?<=[wW]{3})\.|(?<=\w)\.(?=[^\W\d_]{2})|(?<=[\w.+-])@(?=\w)|(?<=\])\(|(?<=url)\("
)
_BLOCK = re.compile(r"\A([0-9]{0,9})([#>+\-=.)])")
_LONGEST_URL = 2048
_PLAIN_YAML_URL = re.compile(r"https?://[\w.~/%?&=+-]+", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)
_YAML_BOOLEANS = {"no", "on", "off", "yes", "y", "n", "true", "false", "null"}


def one_line(text: str) -> str:
    """The text on one line: no control, line-separator, direction, tag or half-surrogate characters.

    Joiners and variation selectors stay: names are written with them. Of the marks piled on one letter
    the first eight stay.
    """
    if text.isascii() and text.isprintable():
        return text.strip(" ")
    if _SURROGATE.search(text):  # two halves are one character
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    text = _TAGS.sub(r"\1", _UNWANTED.sub("", _BREAKS.sub(" ", text)))
    text = _MANY_MARKS.sub(lambda run: _fewer_marks(run[0]), text).strip()
    # A mark without a letter would attach to whatever comes before the text.
    start = next((i for i, c in enumerate(text) if not (c.isspace() or _is_mark(c))), len(text))
    return text[start:]


def _fewer_marks(run: str) -> str:
    kept, marks = [], 0
    for c in run:
        if _is_mark(c):
            marks += 1
            if marks > _MOST_MARKS:
                continue
        elif unicodedata.category(c) != "Cf":  # joiners do not start a new letter
            marks = 0
        kept.append(c)
    return "".join(kept)


def _is_mark(c: str) -> bool:
    return unicodedata.category(c) in ("Mn", "Me")


def is_visible(text: str) -> bool:
    """Whether the text shows anything to a reader."""
    # A character that Python does not know yet (Cn) may be a new emoji.
    return any(
        (category := unicodedata.category(c)) == "Cn"
        or (category[0] not in "CZM" and c not in _BLANK_LETTERS)
        for c in text
    )


def html(text: str) -> str:
    """Text between HTML tags."""
    text = _ENTITY.sub("&amp;", one_line(text))
    return _LIVE.sub(lambda found: f"&#{ord(found[0])};", text).replace("<", "&lt;")


def markdown(text: str) -> str:
    """Text in a Markdown paragraph or table cell."""
    # A backslash before these would not help: two of them open a formula, and `<Gallery />` would still work.
    text = _ENTITY.sub("&amp;", one_line(text)).replace("\\", "&#92;").replace("<", "&lt;")
    return _MARKDOWN.sub(r"\\\g<0>", text)


def paragraph(text: str) -> str:
    """Text that is its own Markdown paragraph: its first character does not start another kind of block."""
    return _BLOCK.sub(r"\1\\\2", markdown(text)) or "…"


def link(url: str) -> str:
    """The target of a Markdown link; anything but http and https leads nowhere."""
    url = one_line(url)
    if not _is_address(url, "http", "https"):
        return "#"
    return _ENTITY_IN_URL.sub(r"\1%3B", quote(url, safe=":/?#@!&=+,;~%.-_"))


def css_url(url: str) -> str:
    """An https address inside `url('…')` in a style attribute; anything else becomes nothing."""
    url = one_line(url)
    return quote(url, safe=":/?=&%+,~._-") if _is_address(url, "https") else ""


def _is_address(url: str, *schemes: str) -> bool:
    """Whether a browser may be sent there: it has a host, and no user name that disguises it."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in schemes
            and bool(parts.hostname)
            and "@" not in parts.netloc
            and len(url) <= _LONGEST_URL
        )
    except ValueError:  # brackets that are not an address
        return False


def yaml_string(text: str) -> str:
    """A quoted YAML scalar, for any text that comes from a user."""
    return python_string(text)


def yaml_word(text: str) -> str:
    """A YAML scalar: unquoted if it is an ordinary address, otherwise quoted."""
    return text if _PLAIN_YAML_URL.fullmatch(text) else yaml_string(text)


def yaml_words(words: tuple[str, ...]) -> str:
    """Language codes: one as is, several as a list; `no` is quoted, because YAML would read it as false."""
    written = [
        word if _LANGUAGE.fullmatch(word) and word not in _YAML_BOOLEANS else yaml_string(word)
        for word in words
    ]
    return written[0] if len(written) == 1 else f"[{', '.join(written)}]"


def python_string(text: str) -> str:
    """A Python string literal on one line."""
    # JSON escapes mean the same in Python and YAML.
    written = json.dumps(one_line(text), ensure_ascii=False)
    return _LIVE_IN_JSON.sub(lambda found: f"\\u{ord(found[0][-1]):04x}", written)


def code(text: str) -> str:
    """Text between single backticks, without backticks of its own; spaces break up active syntax."""
    return _LIVE.sub(r" \g<0> ", one_line(text).replace("`", "'")).strip() or " "


def at(handle: str) -> str:
    """How an account is named in a sentence: on most networks by its handle with an @."""
    return accounts.mention(handle)


def number(value: float, digits: int) -> str:
    """A number with that many digits after the point; a huge one with an exponent."""
    return f"{value:.{digits}f}" if abs(value) < 1e15 else f"{value:.{max(digits, 1)}e}"


def percent(share: float) -> str:
    """A share of 1 as a percentage, with one decimal below ten; a small share is not shown as zero."""
    percentage = 100 * share
    if 0 < percentage < 0.05:
        return "< 0.1%"
    digits = 0 if percentage >= 10 or float(percentage).is_integer() else 1
    return f"{percentage:.{digits}f}%"


def count(number: int) -> str:
    """A number with thousands separators."""
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
