"""The file of a repository that Bluesky gives account holders: `repo.car`, by "Export my data"."""

from datetime import date
from pathlib import Path

from huggingtweets_hub.core import wishes
from huggingtweets_hub.core.accounts import mention, network_of
from huggingtweets_hub.core.errors import EmptyTimelineError, InvalidInputError, WrongAccountError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Account, Timeline
from huggingtweets_hub.core.text import counted
from huggingtweets_hub.posts.atproto import repository
from huggingtweets_hub.posts.atproto.repository import Repository
from huggingtweets_hub.posts.reading import Reading


class CarFile:
    """A repository in a file. It names its account by its DID alone."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self._path = path
        self._reading = reading
        self._known: Repository | None = None

    def account(self) -> Account | None:
        """Whose it is, with the DID in place of the handle, which the file does not say.

        Raises:
            UnreadableFileError: It is damaged, cut off, only a part, or something else.
        """
        found = self._described()
        return Account(handle=found.did, name=found.name, id=found.did)

    def require_usable(self, handle: str) -> None:
        """Make sure that the file can be read, may be that of an account, and may be used.

        Raises:
            UnreadableFileError: It is damaged, cut off, only a part, or something else.
            InvalidInputError: The handle is not one of Bluesky.
            WrongAccountError: The handle is a DID, and another one's.
            OptedOutError: The account does not want to be used.
        """
        self._require(self._described(), handle)

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """The posts and reposts of the repository, newest first.

        Raises:
            EmptyTimelineError: It holds no posts.
            UnreadableFileError, InvalidInputError, WrongAccountError, OptedOutError: As in `require_usable`.
        """
        found, self._known = self._described(), None  # whose posts are not kept any longer
        self._require(found, handle)
        return timeline(found, handle, self._path.name, "bluesky_repo", progress)

    def _described(self) -> Repository:
        if self._known is None:
            self._known = repository.read(self._path, content_warnings=self._reading.content_warnings)
        return self._known

    def _require(self, found: Repository, handle: str) -> None:
        if network_of(handle) != "bluesky":
            raise InvalidInputError(
                f"{self._path.name} is from Bluesky, but {mention(handle)} is an account on another network.",
                "Give the handle as shown on Bluesky, such as ann.bsky.social, or leave it out.",
            )
        if handle.startswith("did:") and handle != found.did:
            raise WrongAccountError(
                f"{self._path.name} is the repository of {found.did}, not of {handle}.",
                f"Use the repository of {handle}, or leave out the handle.",
            )
        wishes.require(found.wishes, handle, self._reading.consent, is_file=True)


def timeline(found: Repository, handle: str, name: str, source: str, progress: Progress) -> Timeline:
    """The timeline of what was read, with a note of what was skipped.

    Args:
        name: What messages call what was read.
        source: The kind of source.

    Raises:
        EmptyTimelineError: There are no posts.
    """
    for why, count in found.passed_over.items():
        progress.note(f"{name}: skipped {counted(count, 'post')} {why}.")
    if not any(not post.is_retweet for post in found.posts):
        raise EmptyTimelineError(
            f"{name} holds no posts of @{handle}{', only reposts' * bool(found.posts)}.",
            "Check that it is the right account.",
        )
    progress.advance("Reading", len(found.posts), len(found.posts), "posts")
    account = Account(handle=handle, name=found.name, id=found.did)
    return Timeline(account=account, tweets=found.posts, source=source, wishes=found.wishes)
