"""Events of Nostr, of which only some are posts: others are messages, reactions, lists and profiles."""

import re
from collections.abc import Mapping
from typing import Any

from huggingtweets_hub.posts.tables import values
from huggingtweets_hub.posts.tables.meanings import OTHER

_NOTES, _REPOSTS = (1, 1111), (6, 16)  # the latter hold another's event as their content
_TAG = re.compile(r"""\[['"](\w+)['"]""")
_TECHNICAL = frozenset({"pubkey", "kind", "tags", "sig"})


def as_table(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """An event as the record of a table; what has a public key but no number of a kind stays as it is."""
    kind = values.number(event.get("kind"))  # 1.0, where a table has gaps
    if kind is None:
        return event
    about = {key: event.get(key) for key in ("id", "created_at")} | {"author_id": event["pubkey"]}
    if kind in _REPOSTS:
        return {**about, "content": "", "repost_of": event.get("id")}
    if kind not in _NOTES:
        return {**about, "content": "", "type": OTHER}
    named = _TAG.findall(str(event.get("tags")))  # which a table has as text
    said = {key: value for key, value in event.items() if key not in _TECHNICAL}
    return {**said, **about, "is_reply": "e" in named, "is_quote": "q" in named}
