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
    texts = [block.get("text") for block in blocks if isinstance(block, Mapping)]
    content = "\n".join(text for text in texts if isinstance(text, str)).strip()
    about = {
        key: value for key, value in record.items() if not (content and key.startswith(("reblog", "parent")))
    }
    return {**about, "content": content, "is_quote": bool(content and record.get("trail"))}
