"""What posts of Reddit hold besides words of one's own, in its export and in what others have collected."""

import re
from collections.abc import Mapping
from typing import Any

from huggingtweets_hub.posts.tables import values

_GONE = re.compile(r"\[\s*(?:removed|deleted)(?: by [^\]]*)?\]", re.IGNORECASE)
_QUOTED = re.compile(r"^[ ]{0,3}>(?!!).*\n?", re.MULTILINE)  # `>!` hides words of one's own


def is_gone(text: str) -> bool:
    """Whether a text says that the post was removed or deleted."""
    return bool(_GONE.fullmatch(text.strip()))


def own_words(text: str) -> str:
    """What a post says without the lines that it quotes."""
    return _QUOTED.sub("", text).strip()


def with_title(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A record with a `selftext`, with its title above that, unless the post is gone."""
    title, body = record.get("title"), record["selftext"]
    if not isinstance(title, str) or is_gone(str(body)):
        return record
    return {**record, "selftext": title if values.is_nothing(body) else f"{title}\n\n{body}"}
