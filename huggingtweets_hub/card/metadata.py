"""The metadata between a card's fences: read as it was written, whoever wrote it."""

import functools
import re
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.card.layouts import unreadable

if TYPE_CHECKING:
    import yaml

_LONGEST = 256 * 1024  # far beyond any card's; YAML takes its time
_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)


def split(text: str) -> tuple[str | None, str]:
    """A card's metadata without its fences, None where it has none, and its body; with LF line ends."""
    text = text.replace("\r\n", "\n").lstrip("\ufeff\n ")
    end = _FENCE.search(text, 4) if text.startswith("---\n") else None
    return (text[4 : end.start()], text[end.end() + 1 :]) if end else (None, text)


def metadata_of(front: str | None) -> dict[str, Any]:
    """The metadata with every scalar as the text that was written, but null as None.

    A language `no`, a handle `1e3` and a day stay words, and no tag or merge key does any work.

    Raises:
        InvalidFactsError: No YAML mapping, or one with anchors: a few aliases make a card of any size.
    """
    import yaml

    if front is None:
        return {}
    if len(front) > _LONGEST:
        raise unreadable(f"its metadata is {len(front):,} characters long")
    try:
        found = yaml.load(front, Loader=_words())  # builds texts, lists and mappings only
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = " ".join(str(error).split())[:200]
        raise unreadable(f"its metadata is no YAML ({said})") from error
    if found is not None and not isinstance(found, dict):
        raise unreadable("its metadata is no mapping")
    return found or {}


def at(found: Any, *keys: str) -> Any:
    """What stands under these keys, one inside the other; None where there is nothing."""
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def items(found: Any, *keys: str) -> list[Any]:
    """The list that stands there; empty where there is none."""
    value = at(found, *keys)
    return value if isinstance(value, list) else []


def words(found: object) -> list[str]:
    """One word or several, as a list; what is no text is left out."""
    return [
        word for word in (found if isinstance(found, list) else [found]) if isinstance(word, str) and word
    ]


@functools.cache
def _words() -> "type[yaml.BaseLoader]":
    import yaml

    class Words(yaml.BaseLoader):
        """Texts, lists, mappings and null."""

        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs leave it out
            if getattr(event, "anchor", None):
                raise ValueError("it has an anchor or alias")
            return super().compose_node(parent, index)

    null = "tag:yaml.org,2002:null"
    Words.add_implicit_resolver(null, re.compile(r"(~|null|Null|NULL)?\Z"), ["~", "n", "N", ""])
    Words.add_constructor(null, lambda loader, node: None)
    return Words
