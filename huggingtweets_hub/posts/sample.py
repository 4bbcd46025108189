"""The fictional account that comes with the package, for trying things out without a token or a file."""

import dataclasses
import json
from datetime import date
from pathlib import Path

from huggingtweets_hub.core.errors import WrongAccountError
from huggingtweets_hub.core.progress import Progress, Silent
from huggingtweets_hub.core.records import Account, Timeline
from huggingtweets_hub.posts.file import TweetFile

_USER = Path(__file__).with_name("sample_user.json")
_TWEETS = Path(__file__).with_name("sample.jsonl")


class Sample:
    """The timeline of the sample account, read from the files next to this one."""

    def account(self) -> Account:
        """The fictional account."""
        user = json.loads(_USER.read_text("utf-8"))["data"]
        return Account(handle=user["username"], name=user["name"], avatar_url=user.get("profile_image_url"))

    def require_usable(self, handle: str) -> None:
        """Make sure that the sample's account is asked for.

        Raises:
            WrongAccountError: It is a different one.
        """
        account = self.account()
        if handle.lower() != account.handle.lower():
            raise WrongAccountError(
                f"The sample is the timeline of @{account.handle}, not of @{handle}.",
                f"Leave out the handle, or use {account.handle}. To read @{handle}, change --from.",
            )

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """The sample's posts, newest first.

        Raises:
            WrongAccountError: A different account than the sample's was asked for.
        """
        self.require_usable(handle)
        # It does not say whose posts it holds, which is known here.
        read = TweetFile(_TWEETS).fetch(handle, max_tweets=max_tweets, since=since, progress=Silent())
        progress.advance("Reading", len(read.tweets), len(read.tweets), "posts")
        return dataclasses.replace(read, account=self.account(), source="sample", recognised=None)
