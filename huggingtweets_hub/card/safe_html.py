"""HTML from a card, rewritten without anything active."""

import html
import re
from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import urlsplit

_TEXT_TAGS = "a abbr b code del em i ins kbd mark q s samp small span strong sub sup u"
_BLOCK_TAGS = "blockquote center dd details div dl dt h1 h2 h3 h4 h5 h6 li ol p pre section summary ul"
_TABLE_TAGS = "table tbody td tfoot th thead tr"
_EMPTY = frozenset(("br", "hr", "img"))
_TAGS = frozenset(f"{_TEXT_TAGS} {_BLOCK_TAGS} {_TABLE_TAGS}".split()) | _EMPTY
_ATTRIBUTES = frozenset(
    [
        "align",
        "alt",
        "colspan",
        "dir",
        "height",
        "open",
        "rowspan",
        "start",
        "style",
        "title",
        "valign",
        "width",
    ]
)
_SILENT = frozenset(("script", "style", "template", "noscript", "iframe", "object", "title", "textarea"))
# Styles that move outside their place on the page, or load other styles.
_STRAYING_STYLE = re.compile(r"position|@|\\|expression|behavior", re.IGNORECASE)
_STYLE_URL = re.compile(r"url\(\s*['\"]?([^'\"()]*)['\"]?\s*\)", re.IGNORECASE)


def safe_html(markup: str, picture: Callable[[str], str | None]) -> str:
    """The markup with only its harmless elements, all of them closed.

    Args:
        picture: Returns what to load for a picture's address; None if it is missing.
    """
    writer = _Writer(picture)
    writer.feed(markup)
    writer.close()
    return writer.written()


class _Writer(HTMLParser):
    def __init__(self, picture: Callable[[str], str | None]) -> None:
        super().__init__(convert_charrefs=True)
        self._picture = picture
        self._out: list[str] = []
        self._open: list[str] = []
        self._silent = ""

    def written(self) -> str:
        return "".join([*self._out, *(f"</{tag}>" for tag in reversed(self._open))])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent:
            return
        if tag in _SILENT:
            self._silent = tag
        elif tag == "img":
            self._image(dict(attrs))
        elif tag in _TAGS:
            self._out.append(f"<{tag}{self._attributes(attrs)}>")
            if tag not in _EMPTY:
                self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _EMPTY:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            self._silent = "" if tag == self._silent else self._silent
        elif tag in self._open:
            while (closed := self._open.pop()) != tag:
                self._out.append(f"</{closed}>")
            self._out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._out.append(html.escape(data, quote=False))

    def _image(self, attributes: dict[str, str | None]) -> None:
        address = attributes.get("src") or ""
        source = self._picture(address)
        if source is None:
            self._out.append(f'<span class="missing">{html.escape(address.rsplit("/", 1)[-1])}</span>')
        else:
            rest = self._attributes(list(attributes.items()))
            self._out.append(f'<img src="{html.escape(source)}"{rest}>')

    def _styled_picture(self, found: re.Match[str]) -> str:
        return f"url('{self._picture(found[1]) or ''}')"

    def _attributes(self, attrs: list[tuple[str, str | None]]) -> str:
        kept = []
        for key, value in attrs:
            value = value or ""
            if key == "style":
                value = _STYLE_URL.sub(self._styled_picture, value)
            if key == "href" and scheme(value) in ("http", "https", "mailto"):
                kept.append(f' href="{html.escape(value)}" rel="nofollow noreferrer"')
            elif key in _ATTRIBUTES and not (key == "style" and _STRAYING_STYLE.search(value)):
                kept.append(f' {key}="{html.escape(value)}"')
        return "".join(kept)


def scheme(url: str) -> str:
    """The scheme of an address; empty if it has none."""
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""
