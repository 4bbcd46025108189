"""Files that are by their names no posts for everybody: likes, drafts, messages, what was deleted."""

import re

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BETWEEN = re.compile(r"[\W\d_]+")
_WHOLE = re.compile(r"(?:(?:copy of|my|x|twitter) )*(?:like|favou?rite|bookmark|draft|dm)(?: part)?")
_PART = re.compile(
    r"\b(?:likes|liked|favou?rites|favou?rited|bookmarks|bookmarked|deleted|drafts|dms|direct messages?"
    r"|(?:circle|community) (?:tweets?|posts?))\b"
)


def is_by_name(name: str) -> bool:
    """Whether the name of a file says that it holds what others wrote, or what is not for everybody."""
    stem = name.partition(".")[0]
    words = _BETWEEN.sub(" ", _HUMP.sub(" ", stem)).strip().lower()
    return bool(_WHOLE.fullmatch(words) or _PART.search(words))
