"""A bound on the memory that posts take up: a small file can unpack to any number of them."""

import sys

from huggingtweets_hub.core.errors import UnreadableFileError

_LARGEST = 2 << 30  # bytes: about five million posts, more than a person writes
_BESIDE_TEXT = 300  # bytes that a post takes up besides its text


class Bound:
    """Counts the memory that posts take up."""

    def __init__(self) -> None:
        self._taken = 0

    def add(self, text: str) -> None:
        """Count one more.

        Raises:
            UnreadableFileError: They are more than any account would have.
        """
        self._taken += sys.getsizeof(text) + _BESIDE_TEXT
        if self._taken > _LARGEST:
            raise UnreadableFileError(
                f"There are more than {_LARGEST >> 20:,} MiB of posts.",
                "Use a file of one account, or only its newest posts.",
            )
