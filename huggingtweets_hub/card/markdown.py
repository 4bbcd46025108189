"""Markdown as the Hub reads it, for any number of threads. Takes a moment to import."""

from markdown_it import MarkdownIt
from markdown_it.common import normalize_url

# mdurl makes its tables when it is first asked, and a second thread then reads them half made. While this
# module is being imported, no other thread is let in.
normalize_url.normalizeLinkText(normalize_url.normalizeLink("https://example.com"))


def parser() -> MarkdownIt:
    """A parser of CommonMark with tables; HTML stays as it is."""
    return MarkdownIt("commonmark").enable("table")
