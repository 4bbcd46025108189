"""Files that say by their names that they are no posts of the account's for everybody."""

import re

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BETWEEN = re.compile(r"[\W\d_]+")
_BEFORE = r"(?:(?:copy of|my|x|twitter) )*"
_PRIVATE = re.compile(
    rf"{_BEFORE}(?:draft|dm|messages?|chat history)(?: part)?\Z"
    r"|.*\b(?:deleted|drafts|dms|direct messages?|(?:circle|community) (?:tweets?|posts?))\b"
)
_OF_OTHERS = re.compile(
    rf"{_BEFORE}(?:like|favou?rite|bookmark)(?: part)?\Z"
    r"|.*\b(?:likes|liked|favou?rites|favou?rited|bookmarks|bookmarked|mentions|received)\b"
)


def is_private(name: str) -> bool:
    """Whether a file is called messages, drafts, deleted posts, or posts for a circle or a community."""
    return _PRIVATE.match(_words(name)) is not None


def is_of_others(name: str) -> bool:
    """Whether a file is called likes, bookmarks, mentions, or something that was received."""
    return _OF_OTHERS.match(_words(name)) is not None


def is_either(name: str) -> bool:
    """Whether it has what its owner has not posted, or what others have."""
    return is_private(name) or is_of_others(name)


def _words(name: str) -> str:
    stem = name.partition(".")[0]
    return _BETWEEN.sub(" ", _HUMP.sub(" ", stem)).strip().lower()
