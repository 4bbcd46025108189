"""What a user has probably meant by a name that does not exist."""

import difflib
from collections.abc import Collection

from huggingtweets_hub.core.errors import InvalidInputError


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that is most like it; None where none is."""
    return next(iter(difflib.get_close_matches(name, list(known), 1)), None)


def unknown(name: str, known: Collection[str]) -> InvalidInputError:
    """The error for an option that does not exist, with the one that was probably meant."""
    near = nearest(name, known)
    return InvalidInputError(
        f"There is no option {name!r:.60}.",
        f"Did you mean {near!r}?" if near else f"Choose from: {', '.join(sorted(known))}.",
    )
