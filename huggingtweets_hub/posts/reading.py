"""How posts are to be read, for the sources that can be read in more than one way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from huggingtweets_hub.core.wishes import Consent

Warned = Literal["drop", "keep"]
PRIVATE_TOO = "If the account is your own and they may be used, add --include-private --consent self."
WARNED_TOO = "If they may be used, add --content-warnings keep."
"""What to do if all posts were skipped as private, or for their content warnings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was chosen about the reading itself, not about which posts are taken of those that are there.

    Attributes:
        rebuy: Read again what is kept.
        columns: The columns of a table that a user has chosen, by meaning.
        consent: On what grounds the posts are used; some wishes of an account allow nothing without it.
        include_private: Take what only some could read, too: the owner's own wish, for an archive.
        content_warnings: What to do with posts behind a content warning.
    """

    rebuy: bool = False
    columns: Mapping[str, str] | None = None
    consent: Consent | None = None
    include_private: bool = False
    content_warnings: Warned = "drop"
