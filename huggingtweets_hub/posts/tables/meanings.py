"""What a column or key can tell, and how its values tell it."""

from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What a column can tell. The first nine can be chosen by `--column`."""

    TEXT = "text"
    ID = "id"
    TIME = "time"
    LANGUAGE = "language"
    AUTHOR = "author"
    RETWEET = "retweet"
    REPLY = "reply"
    QUOTE = "quote"
    VISIBILITY = "visibility"
    LINK = "link"
    AUTHOR_ID = "author id"
    NAME = "name"
    AVATAR = "avatar"
    CLOCK = "clock"
    ZONE = "zone"
    TYPE = "type"
    REFERENCES = "references"
    EDITS = "edits"
    CONVERSATION = "conversation"
    WARNING = "content warning"
    DELETED = "deleted"
    PERHAPS_AUTHOR = "perhaps author"


CHOSEN = tuple(list(Meaning)[:9])
"""The meanings that a user can choose a column for."""


class Kind(StrEnum):
    """How the values of a column tell what they mean."""

    PLAIN = "plain"
    WHOLE = "whole"  # a text that is never cut off where another is
    DERIVED = "derived"  # a text that was worked on; used only if it is the only one
    SURE = "sure"  # an author's handle by its name
    WEAK = "weak"  # a handle, a display name or a number; a mark or a count
    FLAG = "flag"  # yes or no
    MARK = "mark"  # anything but "no" is a yes
    MESSAGE = "message"  # yes and no are told of messages alone


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a name.

    Attributes:
        rank: Of several columns with one meaning, the lowest rank comes first.
    """

    meaning: Meaning
    kind: Kind
    rank: int


OTHER = "not a post"
"""The type of a record that is something else."""
