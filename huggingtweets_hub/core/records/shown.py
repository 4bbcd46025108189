"""How records show themselves in a notebook. All text is escaped: others wrote it."""

import html
from collections.abc import Iterable, Mapping

from huggingtweets_hub.core.text import visible


def page(title: str, url: str | None, numbers: Mapping[str, str], quotes: Iterable[str]) -> str:
    """A title, a line of numbers and a few quotes, as HTML without styles, for light and dark pages."""
    named = _escaped(title)
    if url is not None:
        named = f'<a href="{_escaped(url)}" target="_blank" rel="noopener noreferrer">{named}</a>'
    said = " · ".join(f"{_escaped(value)} {_escaped(what)}".strip() for what, value in numbers.items())
    texts = "".join(f"<blockquote>{_escaped(quote)}</blockquote>" for quote in quotes)
    return f"<div><p><b>{named}</b><br>{said}</p>{texts}</div>"


def _escaped(text: str) -> str:
    return html.escape(visible(text)).replace("\n", "<br>")
