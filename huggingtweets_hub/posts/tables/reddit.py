"""What posts of Reddit hold besides words of one's own, in its export and in what others have collected."""

import re
from collections.abc import Mapping
from typing import Any

from huggingtweets_hub.posts.tables import values

_GONE = re.compile(r"\[\s*(?:removed|deleted)(?: by [^\]]*)?\]", re.IGNORECASE)
_SUBMISSIONS = ("submission", "post", "link")
_QUOTED = re.compile(r"^[ ]{0,3}>(?!!).*\n?", re.MULTILINE)  # `>!` hides words of one's own


def is_gone(text: str) -> bool:
    """Whether a text says that the post was removed or deleted."""
    return bool(_GONE.fullmatch(text.strip()))


def own_words(text: str) -> str:
    """What a post says without the lines that it quotes."""
    return _QUOTED.sub("", text).strip()


def with_title(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A submission with its title above its text, unless it is gone; any other record as it is.

    Comments beside submissions have the title of these, which is another's, or a word in its place.
    """
    key = "selftext" if "selftext" in record else "body"
    title, body = record.get("title"), record.get(key)
    is_one = key == "selftext" or _is_submission(record)
    if not is_one or not isinstance(title, str) or is_gone(str(body)):
        return record
    if values.is_nothing(body):
        return {**record, key: title}
    is_beginning = str(body).startswith(title.removesuffix("…").removesuffix("..."))  # of a text without one
    return record if is_beginning else {**record, key: f"{title}\n\n{body}"}


def _is_submission(record: Mapping[str, Any]) -> bool:
    """Whether a record with a title and a body is one, as programs on PRAW write them."""
    kind = record.get("type")
    if isinstance(kind, str) and kind.lower() in ("comment", *_SUBMISSIONS):
        return kind.lower() in _SUBMISSIONS
    has_count = any(key in record for key in ("num_comments", "comms_num"))
    return has_count and record["title"] != "Comment" and values.is_nothing(record.get("parent_id"))
