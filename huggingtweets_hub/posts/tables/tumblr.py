"""Posts of Tumblr, as its API gives them, without those of others that they go on with."""

from collections.abc import Mapping
from typing import Any, TypeGuard

_OF_OTHERS = ("reblog", "parent")  # what begins so tells of the post that is repeated
_TEXTS = {"body", "caption", "description", "text", "answer", "question", "source"}


def as_table(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A post with its own words as one text; any other record as it is.

    With words of its own it is not only another's post.
    """
    blocks, reblog = record.get("content"), record.get("reblog")
    if not isinstance(blocks, list):
        if _is_one(reblog):
            return _with_comment(record, str(reblog.get("comment") or ""), bool(reblog.get("tree_html")))
        trail = record.get("trail")
        items = [item for item in (trail if isinstance(trail, list) else ()) if isinstance(item, Mapping)]
        own = next((item.get("content") for item in items if item.get("is_current_item")), None)
        return _with_comment(record, own, len(items) > 1) if isinstance(own, str) else record
    asked = _asked(record.get("layout"))
    own = [block for number, block in enumerate(blocks) if number not in asked]
    texts = [block.get("text") for block in own if isinstance(block, Mapping)]
    content = "\n".join(text for text in texts if isinstance(text, str)).strip()
    return _own(record, content, is_quote=bool(content and record.get("trail")))


def _is_one(reblog: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether an object tells a post's own words from others', and is not a boosted post of Mastodon's."""
    return isinstance(reblog, Mapping) and "tree_html" in reblog


def _with_comment(record: Mapping[str, Any], comment: str, is_below: bool) -> Mapping[str, Any]:
    """A post as HTML, whose own words stand by themselves beside those that it repeats."""
    is_repeated = is_below or bool(record.get("reblogged_from_id"))
    if comment := comment.strip():
        plain = {key: value for key, value in record.items() if key not in _TEXTS}
        return _own(plain, comment, is_quote=is_repeated)
    if is_repeated or record.get("type") == "quote":
        return {**record, "is_reblog": True}
    return {key: value for key, value in record.items() if key != "reblog"}


def _own(record: Mapping[str, Any], content: str, *, is_quote: bool) -> Mapping[str, Any]:
    about = {key: value for key, value in record.items() if not (content and key.startswith(_OF_OTHERS))}
    return {**about, "content": content, "is_quote": is_quote}


def _asked(layout: object) -> set[int]:
    """The numbers of the blocks in which somebody else asks what the post answers."""
    parts = layout if isinstance(layout, list) else []
    asks = [part for part in parts if isinstance(part, Mapping) and part.get("type") == "ask"]
    return {number for ask in asks for number in ask.get("blocks") or () if isinstance(number, int)}
