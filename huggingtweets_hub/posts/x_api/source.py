"""The X API v2 through tweepy: every page is on disk before the next one is requested.

X charges for each post it sends, so nothing that was received is ever requested again (see `pages`).
"""

from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

from huggingtweets_hub.core import files, settings
from huggingtweets_hub.core.errors import EmptyTimelineError, PagesMissingError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Account, Post, Timeline
from huggingtweets_hub.hub import store
from huggingtweets_hub.posts import formats
from huggingtweets_hub.posts.budget import Budget, Purchase
from huggingtweets_hub.posts.x_api import client as x_api_client
from huggingtweets_hub.posts.x_api import user as x_api_user
from huggingtweets_hub.posts.x_api.fetch import Fetch
from huggingtweets_hub.posts.x_api.pages import PageFile

TERMS = (
    "X's Developer Agreement forbids fine-tuning foundation models on content from its API. To stay "
    "within its terms, use the account holder's own archive (--from archive.zip)."
)
_PAGES, _BOUGHT_ANEW = "pages.jsonl", "pages.anew.jsonl"


class XApi:
    """Timelines from the X API, through tweepy, kept under `HUGGINGTWEETS_HOME`.

    Args:
        budget: What may be spent; a fetch that would cost more is refused before it starts.
        rebuy: Read everything again, replacing what is kept: tweets deleted on X then disappear.
    """

    is_free = False

    def __init__(self, budget: Budget, *, rebuy: bool = False) -> None:
        self._budget, self._rebuy = budget, rebuy
        self._checks: dict[str, Callable[[str], None]] = {}

    def account(self) -> Account | None:
        """None: the X API can read any account."""
        return None

    def require_usable(self, handle: str) -> None:
        """Make sure that a token is set.

        Raises:
            MissingXTokenError: None is.
        """
        x_api_client.require_token()

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """The kept part of the account's timeline, and anything newer.

        Raises:
            MissingXTokenError, RejectedXTokenError, NoXCreditsError: A problem with the token or its account.
            AccountNotFoundError, AccountSuspendedError, AccountProtectedError: It cannot be read.
            EmptyTimelineError: It has no posts.
            CostLimitError: It would cost more than `max_cost`.
            RateLimitedError, XUnavailableError: X still fails after several tries.
            HubError: The dataset used as the store is not available; nothing was bought.
            WrongAccountError: Somebody else has the handle now (`check_id`); no post was bought.
        """
        client = x_api_client.client()
        wanted = min(max_tweets or settings.X_TIMELINE_LIMIT, settings.X_TIMELINE_LIMIT)
        purchase = Purchase(self._budget)
        progress.note(f"Note: {TERMS}")
        root = files.folder(settings.timelines())
        with closing(purchase), files.lock(root / f"{handle.lower()}.lock"):
            for kept in root.glob(f"{handle.lower()}-*/pages*.jsonl"):
                PageFile(kept, progress)  # so that an intact copy in the store wins over a damaged one here
            with store.synced(handle, progress, anew=self._rebuy):
                user = x_api_user.described(client, handle, root, purchase, progress)
                if check := self._checks.get(handle):
                    check(user["id"])
                folder = root / f"{handle.lower()}-{user['id']}"
                pages = self._kept(folder, handle, progress)
                fetch = Fetch(
                    client=client,
                    user=user,
                    pages=pages,
                    wanted=wanted,
                    since=since,
                    purchase=purchase,
                    progress=progress,
                    is_anew=self._rebuy,
                )
                fetch.require_affordable()
                for _ in fetch.buy_missing():
                    progress.advance("Fetching", min(len(pages.ids), wanted), wanted, "tweets")
                progress.advance("Fetching", wanted, wanted, "tweets")
                if self._rebuy:
                    pages.path.replace(folder / _PAGES)
        tweets = _newest_first(pages)
        if not tweets:
            raise EmptyTimelineError(
                f"The X API has no posts of @{handle}.", "Check the handle, or use another account."
            )
        picture = user.get("profile_image_url")
        avatar = picture.replace("_normal.", "_400x400.") if isinstance(picture, str) else ""
        account = Account(
            handle=user["username"], name=user["name"], avatar_url=avatar or None, id=user["id"]
        )
        return Timeline(
            account=account,
            tweets=tuple(tweets[:max_tweets]),
            source="x_api",
            tweets_bought=purchase.tweets,
            cost_usd=round(purchase.cost, 4),
        )

    def check_id(self, handle: str, check: Callable[[str], None]) -> None:
        """Call this with the account's id before its posts are bought."""
        self._checks[handle] = check

    def require_refreshable(self, handle: str) -> None:
        """Refuse to buy a whole timeline a second time if only what is new was asked for.

        Raises:
            PagesMissingError: No pages of the account are here, or in the dataset that is the store.
        """
        kept = store.dataset()
        is_here = any(settings.timelines().glob(f"{handle.lower()}-*/{_PAGES}"))
        if self._rebuy or is_here or (kept is not None and kept.holds(handle.lower())):
            return
        raise PagesMissingError(
            f"The pages of @{handle} that were bought are not on this machine.",
            "Set HUGGINGTWEETS_STORE to where they are, or buy them again with --rebuy.",
        )

    def _kept(self, folder: Path, handle: str, progress: Progress) -> PageFile:
        """The pages of the account that were bought, or those of the purchase that will replace them."""
        pages = PageFile(folder / (_BOUGHT_ANEW if self._rebuy else _PAGES), progress)
        dataset = store.dataset()
        if pages.was_damaged and dataset:
            dataset.replaced(handle.lower())  # its copy is damaged, too
        return pages


def _newest_first(pages: PageFile) -> list[Post]:
    by_id = {int(post["id"]): post for walk in pages.walks for post in walk.posts}
    return [formats.tweet(by_id[number]) for number in sorted(by_id, reverse=True)]
