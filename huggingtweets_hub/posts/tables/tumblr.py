"""Posts of Tumblr in blocks, as its API gives them, below the posts of others that they go on with."""

from collections.abc import Mapping
from typing import Any


def as_table(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A post with its blocks as one text; any other record as it is.

    With words of its own it is not only another's post.
    """
    blocks = record.get("content")
    if not isinstance(blocks, list):
        return record
    asked = _asked(record.get("layout"))
    own = [block for number, block in enumerate(blocks) if number not in asked]
    texts = [block.get("text") for block in own if isinstance(block, Mapping)]
    content = "\n".join(text for text in texts if isinstance(text, str)).strip()
    about = {
        key: value for key, value in record.items() if not (content and key.startswith(("reblog", "parent")))
    }
    return {**about, "content": content, "is_quote": bool(content and record.get("trail"))}


def _asked(layout: object) -> set[int]:
    """The numbers of the blocks in which somebody else asks what the post answers."""
    parts = layout if isinstance(layout, list) else []
    asks = [part for part in parts if isinstance(part, Mapping) and part.get("type") == "ask"]
    return {number for ask in asks for number in ask.get("blocks") or () if isinstance(number, int)}
