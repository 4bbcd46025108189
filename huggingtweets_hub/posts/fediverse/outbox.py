"""The posts of an archive: its outbox, read one entry at a time."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from huggingtweets_hub.core.errors import EmptyTimelineError, UnreadableFileError, WrongAccountError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Post
from huggingtweets_hub.core.text import one_line
from huggingtweets_hub.posts import containers
from huggingtweets_hub.posts.encodings import decoded
from huggingtweets_hub.posts.fediverse import actor, members, notes
from huggingtweets_hub.posts.fediverse.members import ACTOR, ASK, OUTBOX, Members
from huggingtweets_hub.posts.fediverse.notes import Author, PassedOver
from huggingtweets_hub.posts.json_cursor import BadJsonError, Text
from huggingtweets_hub.posts.json_stream import JsonStream
from huggingtweets_hub.posts.reading import PRIVATE_TOO, WARNED_TOO, Reading
from huggingtweets_hub.posts.tables.activities import actors

_ITEMS = "orderedItems"


class Outbox:
    """One reading of the posts, with what has to be said about it in the end.

    Args:
        handle: The account that was asked for.
        id: The address of its actor; None if the archive does not say it.

    Attributes:
        author: Who has written the posts.
    """

    def __init__(self, name: str, found: Members, handle: str, id: str | None, reading: Reading) -> None:
        self._name, self._members, self._handle, self._reading = name, found, handle, reading
        self._is_described = id is not None
        self.author = Author(id or "")
        self._passed_over: Counter[PassedOver] = Counter()
        self._names_pages = False
        self._cut: BadJsonError | None = None

    def posts(self) -> Iterator[Post]:
        """The posts that may be taken, in the order of the file.

        Raises:
            UnreadableFileError: They are damaged, or something else.
            WrongAccountError: Nothing says whose they are, and they are not those of one account.
        """
        for activity in self._activities():
            self._know_author(activity)
            found = notes.of_activity(activity, self.author, self._reading)
            if isinstance(found, Post):
                yield found
            else:
                self._passed_over[found] += 1

    def say(self, progress: Progress) -> None:
        """Say what was skipped, by numbers alone."""
        if self._passed_over:
            progress.note(f"{self._name}: left out {notes.numbers(self._passed_over)}.")
        if self._cut:
            progress.warn(
                f"{self._name} is cut off: only the posts before the cut were read. Download it again to "
                "have all of them."
            )

    def is_empty(self) -> EmptyTimelineError | UnreadableFileError:
        """Why there are no posts."""
        if self._cut:
            return self._unreadable(self._cut)
        if self._passed_over[PassedOver.PRIVATE]:
            return EmptyTimelineError(
                f"{self._name} holds no public posts of @{self._handle}, only "
                f"{notes.numbers(self._passed_over)}.",
                PRIVATE_TOO,
            )
        if self._passed_over[PassedOver.WARNED]:
            return EmptyTimelineError(
                f"All posts of @{self._handle} in {self._name} are behind content warnings.",
                WARNED_TOO,
            )
        if self._names_pages:
            return UnreadableFileError(f"{self._name} names the pages of an outbox, but holds no posts.", ASK)
        others = notes.numbers(self._passed_over)
        return EmptyTimelineError(
            f"{self._name} holds no posts of @{self._handle}{f', only {others}' if others else ''}.",
            "Articles and the like are not read: docs/networks.md says how to write their texts into a file."
            if self._passed_over[PassedOver.OTHER] and not self._passed_over[PassedOver.FOREIGN]
            else "Check that it is the right archive.",
        )

    def _activities(self) -> Iterator[Mapping[str, Any]]:
        try:
            with self._members.open(OUTBOX) as file:
                stream = JsonStream(_Limited(decoded(file), members.LARGEST[OUTBOX]))
                for key, value in stream.members(_ITEMS):
                    self._names_pages |= key == "first"
                    if key == _ITEMS and isinstance(value, dict):
                        yield value
                    elif key == _ITEMS:
                        self._passed_over[PassedOver.OTHER] += 1
        except BadJsonError as error:
            if not error.is_cut:
                raise self._unreadable(error) from error
            self._cut = error
        except (ValueError, RecursionError) as error:
            raise self._unreadable(error) from error

    def _know_author(self, activity: Mapping[str, Any]) -> None:
        """Where nothing describes the account, take it from its posts.

        Raises:
            WrongAccountError: They are those of others, too, or of others only.
        """
        if self._is_described:
            return
        for id in actors(activity.get("actor") or activity.get("attributedTo")):
            if not self.author.id and not actor.is_of(id, self._handle):
                raise WrongAccountError(
                    f"{self._name} holds posts of {one_line(id)}, not of @{self._handle}.",
                    "Give the handle of that account, or use the archive as the server gives it.",
                )
            if self.author.id and self.author.id != id:
                raise WrongAccountError(
                    f"{self._name} holds posts of several accounts, such as {one_line(self.author.id)} and "
                    f"{one_line(id)}.",
                    f"Put {ACTOR} from the archive next to it; it says whose posts they are.",
                )
            self.author = self.author if self.author.id else Author(id)

    def _unreadable(self, error: Exception) -> UnreadableFileError:
        """The error without the excerpt, which may be of a private post."""
        why = f"{error.why} in line {error.line:,}" if isinstance(error, BadJsonError) else one_line(error)
        return UnreadableFileError(
            f"The posts in {self._name} could not be read: {why}.", containers.again(ASK)
        )


class _Limited:
    """A text that is refused where it goes on for longer than any archive."""

    def __init__(self, text: Text, left: int) -> None:
        self._text, self._left = text, left

    def read(self, size: int, /) -> str:
        chunk = self._text.read(size)
        self._left -= len(chunk)
        if self._left < 0:
            raise ValueError("it is larger than any archive")
        return chunk
