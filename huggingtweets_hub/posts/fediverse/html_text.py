"""The plain text of a post that is HTML: its paragraphs and lines, and addresses whole.

Not by `html.parser`: a text that was made for it (`<a<a<a…`) keeps it busy for hours, and it takes ten times
as long for any other. The time taken here grows as the text does.
"""

import html
import re

LONGEST = 1_000_000
"""Characters of HTML. Servers allow 500 to some ten thousand; what is longer is not a post."""
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<[!?][^<>]*>"
    r"""|<(?P<end>/?)(?P<name>[A-Za-z][^\s/<>"']*)(?P<rest>(?:[^<>"']|"[^"]*"|'[^']*')*+)>""",
    re.DOTALL,
)
_CLASSES = re.compile(r"""(?<!\S)class\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+))""", re.IGNORECASE)
_PARAGRAPH = re.compile(r"address|article|blockquote|div|h[1-6]|ol|p|pre|section|table|ul")
_LINE = re.compile(r"br|dd|dt|hr|li|tr")
_VOID = re.compile(r"area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr")
_UNSHOWN = ("script", "style", "template")
_QUOTE = "quote-inline"  # repeats the address of a quoted post, for servers that do not know quotes
_SOURCE_LINE = re.compile(r"[\r\n]\s*")
_GAP = re.compile(r"\n{3,}")
# What nearly all posts consist of. These are much faster.
_INLINE = re.compile(r"""</?(?:a|span)(?: [^<>"']*(?:"[^<>"]*"[^<>"']*)*+)?>""")
_BREAKS = {"<p>": "\n\n", "</p>": "\n\n", "<br>": "\n", "<br/>": "\n", "<br />": "\n"}


def plain(content: str) -> str:
    """The text of HTML, its entities resolved once.

    Paragraphs have an empty line between them, and `<br>` and `<li>` begin a line. What is hidden only to be
    short (`class="invisible"`) stays; what a reader never sees, or sees as a quoted post, does not.

    Raises:
        ValueError: It has more than `LONGEST` characters, or an entity that cannot be a character.
    """
    if len(content) > LONGEST:
        raise ValueError(f"a text of {len(content):,} characters")
    if _QUOTE not in content and "\n" not in content and "\r" not in content:
        bare = _INLINE.sub("", content)
        for mark, shown in _BREAKS.items():
            bare = bare.replace(mark, shown)
        if "<" not in bare:
            return _tidy(html.unescape(bare))
    parts = _Parts()
    place = 0
    for tag in _TAG.finditer(content):
        parts.add(content[place : tag.start()])
        if tag["name"]:
            parts.tag(tag["name"].lower(), tag["rest"], is_end=bool(tag["end"]))
        place = tag.end()
    parts.add(content[place:])
    return _tidy("".join(parts.parts))


def _tidy(text: str) -> str:
    if "\n" not in text:
        return text.strip()
    if " \n" in text or "\n " in text or "\t" in text:
        text = "\n".join([line.strip(" \t") for line in text.split("\n")])
    return (_GAP.sub("\n\n", text) if "\n\n\n" in text else text).strip()


class _Parts:
    """The parts of a text, with a break where a paragraph or a line begins or ends.

    Of the elements that are open only the one that is being dropped is kept in mind: no nesting is too deep.
    """

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._dropped = ""  # its name
        self._depth = 0  # how many elements of that name are open
        self._is_preformatted = False

    def add(self, text: str) -> None:
        if self._dropped or not text:
            return
        if not self._is_preformatted and ("\n" in text or "\r" in text):  # as the source is wrapped
            text = " ".join(line.rstrip() for line in _SOURCE_LINE.split(text))
        self.parts.append(html.unescape(text) if "&" in text else text)

    def tag(self, name: str, rest: str, *, is_end: bool) -> None:
        if self._dropped == name == "p" and not is_end:  # which ends the one before it
            self._dropped = ""
        if self._dropped:
            if name == self._dropped:
                self._depth += -1 if is_end else 1
            if not self._depth:
                self._dropped = ""
        elif not is_end and _is_dropped(name, rest):
            self._dropped, self._depth = name, 1
        elif name == "pre":
            self._is_preformatted = not is_end
        if self._dropped:
            return
        if _PARAGRAPH.fullmatch(name):
            self.parts.append("\n\n")
        elif _LINE.fullmatch(name) and not (is_end and _VOID.fullmatch(name)):
            self.parts.append("\n")


def _is_dropped(name: str, rest: str) -> bool:
    if name in _UNSHOWN:
        return True
    if _QUOTE not in rest or _VOID.fullmatch(name):
        return False
    found = _CLASSES.search(rest)
    return found is not None and _QUOTE in next(filter(None, found.groups()), "").split()
