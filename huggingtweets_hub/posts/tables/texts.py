"""Repairs of texts, each only where a column as a whole shows that its texts were damaged so."""

import html
import re

from huggingtweets_hub.posts.fediverse import html_text
from huggingtweets_hub.posts.tables import values

_MARKUP = re.compile(r"\s*<(?:p|div|span|br|a)\b[^>]*>|<br ?/?>|</p>|<a [^>]*\bhref=", re.IGNORECASE)
# X itself writes & < > as entities and no other character, so these come from elsewhere.
_ENTITY = re.compile(r"&(?:quot|apos|nbsp|hellip|[lr][sd]quo|[mn]dash|#x?[0-9a-fA-F]{2,6});")
_TWICE = re.compile(r"&amp;(?:amp|lt|gt|quot|apos|nbsp|#x?[0-9a-fA-F]{2,6});")
_ONCE = re.compile(r"&amp;(?!(?:amp|lt|gt|quot|apos|nbsp|#x?[0-9a-fA-F]{2,6});)")
# What is left nowhere in texts that a program has escaped, as Reddit's API escapes its own.
_BARE = re.compile(r"[<>]|&(?!(?:\w{2,8}|#\w{1,7});)")
_ANY_ENTITY = re.compile(r"&(?:\w{2,31}|#\w{1,7});", re.ASCII)
_ESCAPE = re.compile(r"\\(?:n|r|t|u[0-9a-fA-F]{4}|U000[0-9a-fA-F]{5}|x[0-9a-fA-F]{2})")
_PARAGRAPHS = re.compile(r"<p\b[^>]{0,200}>.*</p>", re.DOTALL | re.IGNORECASE)
# An address, and a custom emoji, as pages of X and of other networks show them. Of each tag only the first
# such attribute is looked at, so that the time taken grows as the text does.
_ADDRESS = re.compile(
    r"""<a\b(?>[^<>]*?\bhref=")(https?://[^"<>\s]*+)"[^<>]*+>(?:https?://)?+[\w-]++\.[^<>\s]*+</a>"""
)
_EMOJI = re.compile(r"""<img\b(?>[^<>]*?\balt=")([^"<>]*+)"[^<>]*+>""")
_ESCAPED_LINE = re.compile(r"\\n(?![a-z]{2,}\\)|\\u[0-9a-fA-F]{4}")
_WINDOWS_PATH = re.compile(r"\b[A-Za-z]:\\")
# The first of the two or more characters that UTF-8 becomes when it is read as Windows-1252 or Latin-1.
_MOJIBAKE = re.compile(
    "[\u00c2-\u00f4]"
    "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
# What a page of X shows above an answer, and below each post: how many have done what.
_ANSWER = re.compile(r"Replying to[ \t]*+\n\s*+(?:@\w{1,15}[ \t]*+\n\s*+(?:(?:and|,)[ \t]*+\n\s*+)?)+")
_NUMBERS = re.compile(r"(?:\n[ \t]*+\d[\d.,]{0,10}[KM]?[ \t]*+){1,5}\Z")
# How LinkedIn's export writes the lines of a post, a blank one as "".
_BLANK_IN_QUOTES = re.compile(r'"\r?\n""\r?\n"')
_END_IN_QUOTES = re.compile(r'"\r?\n(?=")')
# What a post of a forum or a blog quotes, without quotes in it.
_QUOTED = re.compile(
    r"\[quote\b[^\]\n]{0,200}+\](?:(?!\[/?quote\b).)*+\[/quote\]"
    r"|<blockquote\b[^<>]{0,500}+>(?:(?!</?blockquote\b).)*+</blockquote>",
    re.DOTALL | re.IGNORECASE,
)
_DEEPEST_QUOTE = 10
# What R writes for characters that a table's encoding does not have.
_OF_R = re.compile(r"<U\+([0-9A-F]{4,8})>|((?:<[0-9a-f]{2}>){2,})")
_RARE = 3
_SHARE = 50  # one text in so many
_STRONG = re.compile("â€|Ã[\u0080-\u00bf]|ðŸ")
_LITERAL = re.compile(r"""\s*["']?[bu]["']""", re.IGNORECASE)
_BYTES = re.compile(r"""b(?:'|").*\\x[0-9a-f]{2}""", re.DOTALL)
# A text as Python prints it in a list.
_IN_PYTHON = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(?:(?:[\w-]+:|[ \t#-](?!--)).*\n)+---[ \t]*(?:\r?\n)*")
_BEGINNING = 2000
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t"}


class Damage:
    """Looks at the texts of a column one by one, then repairs them.

    Args:
        are_of_x: `&amp;`, `&lt;` and `&gt;` are X's own, and stay.

    Attributes:
        is_of_page: They are as a page shows them, with numbers below.
        repairs: How many texts each repair has changed, by what was wrong.
    """

    def __init__(self, *, are_of_x: bool) -> None:
        self._are_of_x = are_of_x
        self.is_of_page = False
        self._bare = False
        self._seen = self._entities = self._twice = self._once = self._escapes = self._lines = 0
        self._garbled = self._bytes = self._markup = self._numbers = self._answers = self._of_r = 0
        self._in_quotes = self._quoted = self._in_python = 0
        self._front_matter = 0
        self._has_emoji = False
        self.repairs: dict[str, int] = {}

    def see(self, text: str) -> None:
        """Take one more text into account."""
        self._seen += 1
        self._bytes += is_literal(text)
        self._in_python += text[:1] in ("'", '"') and bool(_IN_PYTHON.fullmatch(text))
        self._front_matter += text.startswith("---") and bool(_FRONT_MATTER.match(text))
        self._markup += is_markup(text)
        self._bare = self._bare or bool(not self._are_of_x and _BARE.search(text))
        if "&" in text:
            self._twice += bool(_TWICE.search(text))
            self._once += bool(_ONCE.search(text))
            self._entities += bool(_ENTITY.search(text))
        if "\\" in text and _ESCAPED_LINE.search(text) and not _WINDOWS_PATH.search(text):
            self._escapes += 1
        if "\n" in text:
            self._lines += 1
            self._numbers += self.is_of_page and bool(_NUMBERS.search(text.rstrip()))
            self._answers += is_answer(text)
            self._in_quotes += bool(_BLANK_IN_QUOTES.search(text))
        if "<" in text and _OF_R.search(text):
            self._of_r += 1
        if ("[" in text or "<" in text) and _QUOTED.search(text):
            self._quoted += 1
        if not text.isascii() and not self._has_emoji:
            self._has_emoji = max(text) > "\uffff"
        if not text.isascii() and _MOJIBAKE.search(text):
            self._garbled += 2 if _STRONG.search(text) else 1

    @property
    def is_seen(self) -> bool:
        """Whether any text of the column needs a repair."""
        return bool(
            self._are_entities or self._are_twice or self._are_escapes or self._are_garbled
            or self._bytes or self._markup or self._answers or self._are_numbers or self._are_of_r
            or self._in_quotes or self._quoted or self._are_in_python or self._front_matter
        )  # fmt: skip

    def repaired(self, text: str) -> str:
        """The text as it was posted, as far as that can be told."""
        if is_literal(text) and (2 * self._bytes >= self._seen or _BYTES.match(text)):
            text = self._count("bytes as a program writes them (b'…')", text, values.decoded(text) or text)
        if self._are_in_python and _IN_PYTHON.fullmatch(text):
            text = self._count(
                "quotes of Python's around them", text, values.decoded(f"u{text}") or text[1:-1]
            )
        if self._front_matter and text.startswith("---"):
            text = self._count("front matter (--- … ---)", text, _FRONT_MATTER.sub("", text, count=1))
        if self._are_of_r and "<" in text:
            text = self._count("characters as R writes them (<U+2019>)", text, _in_characters(text))
        if "\n" in text:
            own = _NUMBERS.sub("", text.rstrip()) if self._are_numbers else text
            if answer := _ANSWER.match(own.lstrip()):
                own = own.lstrip()[answer.end() :]
            text = self._count("what a page shows around a post", text, own)
            if self._in_quotes:
                text = self._count("quotes around each line", text, _without_quotes(text))
        if self._quoted and ("[" in text or "<" in text):
            text = self._count("quotes of others ([quote], <blockquote>)", text, _without_quoted(text))
        is_html = 2 * self._markup >= self._seen > 0 or bool(_PARAGRAPHS.fullmatch(text.strip()))
        if is_html:
            text = self._count("HTML", text, plain(text))
        if self._are_garbled and not text.isascii() and _MOJIBAKE.search(text):
            text = self._count("garbled characters (such as â€™)", text, _ungarbled(text))
        if is_html:  # whose entities are resolved
            return text
        if self._are_twice and _TWICE.search(text):
            text = self._count("entities escaped twice (&amp;amp;)", text, html.unescape(text))
        if self._are_entities and "&" in text:
            after = unescaped(text)
            if self._are_of_x:  # who escapes what X has escaped
                after = unescaped(unescaped(after))
            text = self._count("HTML entities (&#39;)", text, after)
        if self._are_escapes and "\\" in text and not _WINDOWS_PATH.search(text):
            text = self._count("escapes (\\n, \\u2026)", text, _unquoted(text))
        return text

    @property
    def _are_in_python(self) -> bool:
        return self._seen > 1 and self._in_python == self._seen

    @property
    def _are_entities(self) -> bool:
        return self._entities > 0 or not (self._are_of_x or self._bare)

    @property
    def _are_twice(self) -> bool:
        # Where nothing is escaped only once, everything is escaped twice.
        return self._twice > 1 and self._once == 0

    @property
    def _are_escapes(self) -> bool:
        # Somebody may write about \n; a program that writes it for a line break leaves no line break.
        return self._escapes >= _RARE and self._lines == 0 and _SHARE * self._escapes >= self._seen

    @property
    def _are_numbers(self) -> bool:
        return self.is_of_page and 2 * self._numbers >= self._seen

    @property
    def _are_of_r(self) -> bool:
        # Somebody may write about it; where R writes it, it does so for every emoji.
        return self._of_r > 1 and not self._has_emoji

    @property
    def _are_garbled(self) -> bool:
        return self._garbled > 1

    def _count(self, what: str, before: str, after: str) -> str:
        if after != before:
            self.repairs[what] = self.repairs.get(what, 0) + 1
        return after


def is_literal(text: str) -> bool:
    """Whether a text begins as a program writes bytes or Unicode."""
    return bool(_LITERAL.match(text))


def is_answer(text: str) -> bool:
    """Whether a text is taken from a page that shows above it whom it answers."""
    return bool(_ANSWER.match(text.lstrip()))


def is_markup(text: str) -> bool:
    """Whether a text is HTML, as Mastodon's API gives it."""
    return "<" in text and bool(_MARKUP.search(text[:_BEGINNING]))


def _without_quotes(text: str) -> str:
    """The lines without their quotes, if all have some where they end and the next begins."""
    first, *others = _END_IN_QUOTES.split(text)
    if not others or len(others) != text.count("\n"):
        return text
    whole = "\n".join([first, *(line[1:] for line in others)])
    return whole[1:-1] if whole[0] == whole[-1] == '"' else whole


def _without_quoted(text: str) -> str:
    """A text of a forum or a blog without what it quotes, and what that quotes."""
    for _ in range(_DEEPEST_QUOTE):
        text, count = _QUOTED.subn("", text)
        if not count:
            break
    return text.strip()


def plain(markup: str) -> str:
    """The text that HTML shows, an address that is cut off there whole; what cannot be HTML stays."""
    try:
        return html_text.plain(_EMOJI.sub(r"\1", _ADDRESS.sub(r"\1", markup)))
    except ValueError:
        return markup


def unescaped(text: str) -> str:
    """The text with its entities as characters; one without a semicolon, as in an address, is none."""
    return _ANY_ENTITY.sub(lambda found: html.unescape(found[0]), text).replace("\u00a0", " ")


def _unquoted(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        mark = found[0][1:]
        return _SIMPLE.get(mark) or chr(int(mark[1:], 16))

    found = _ESCAPE.sub(character, text)
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _in_characters(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        if found[1]:
            return chr(number) if (number := int(found[1], 16)) < 0x110000 else found[0]
        try:
            return bytes.fromhex(found[2].replace("<", "").replace(">", "")).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return found[0]

    return _OF_R.sub(character, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _ungarbled(text: str) -> str:
    import ftfy

    return ftfy.fix_encoding(text)
