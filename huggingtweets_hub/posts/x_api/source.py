"""The X API v2 through tweepy: every page is on disk before the next one is requested.

X charges for each post it sends, so nothing that was received is ever requested again (see `pages`).
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core import files, settings
from huggingtweets_hub.core.errors import (
    CostLimitError,
    EmptyTimelineError,
    PagesMissingError,
    XUnavailableError,
)
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Account, Post, Timeline
from huggingtweets_hub.hub import store
from huggingtweets_hub.posts import formats
from huggingtweets_hub.posts.budget import Budget, Purchase
from huggingtweets_hub.posts.x_api import client as x_api_client
from huggingtweets_hub.posts.x_api import refusals
from huggingtweets_hub.posts.x_api import user as x_api_user
from huggingtweets_hub.posts.x_api.pages import PageFile, is_page, says_why

if TYPE_CHECKING:
    import tweepy

TERMS = (
    "X's Developer Agreement forbids fine-tuning foundation models on content from its API. To stay "
    "within its terms, use the account holder's own archive (--from archive.zip)."
)
_TWEET_FIELDS = [
    "created_at",
    "lang",
    "entities",
    "public_metrics",
    "referenced_tweets",
    "in_reply_to_user_id",
    "conversation_id",
    "note_tweet",
]
_PAGES, _BOUGHT_ANEW = "pages.jsonl", "pages.anew.jsonl"
_PAGE = 100
_MOST_EMPTY, _MOST_REPEATED = 10, 3
"""How many pages in a row may bring nothing new before a fetch gives up; repeated ones cost money."""


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
            AccountNotFoundError, AccountSuspendedError, AccountProtectedError, EmptyTimelineError.
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
                self._require_affordable(user, pages, wanted, purchase, progress)
                for _ in self._pages(client, user, pages, wanted, since, purchase, progress):
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

    def _require_affordable(
        self,
        user: dict[str, Any],
        pages: PageFile,
        wanted: int,
        purchase: Purchase,
        progress: Progress,
    ) -> None:
        """Say what the fetch will cost at most, and refuse a first fetch that would exceed the limit."""
        price, left = settings.X_POST_PRICE_USD, self._budget.left
        if pages.walks:
            most = math.ceil(round(100 * min(wanted * price, left), 6)) / 100
            progress.note(
                f"X API: {len(pages.ids):,} posts of @{user['username']} are already here. Reading the "
                f"missing ones at ${price} per post, for at most ${most:.2f}."
            )
            return  # only X knows how many are missing; `_buy` keeps to the limit
        posts = min(wanted, x_api_user.posts(user, wanted))
        progress.note(
            f"X API: up to {posts:,} posts of @{user['username']} to read, about "
            f"${purchase.cost + posts * price:.2f} at ${price} per post."
        )
        if posts and not purchase.set_aside(price, posts, posts):
            fewer = int(left / price)
            raise CostLimitError(
                f"Fetching @{user['username']} would cost about ${posts * price:.2f} more, but only "
                f"${left:.2f} of --max-cost {self._budget.limit:g} is left.",
                "Raise --max-cost" + (f", or read fewer with --max-tweets {fewer}." if fewer else "."),
            )

    def _pages(
        self,
        client: "tweepy.Client",
        user: dict[str, Any],
        pages: PageFile,
        wanted: int,
        since: date | None,
        purchase: Purchase,
        progress: Progress,
    ) -> Iterator[None]:
        """Buy what is missing, newest walk first, until there are `wanted` posts without a gap."""
        pages.begin_walk()
        have: set[int] = set()
        empty = repeated = 0
        for walk in reversed(pages.walks):
            have |= walk.ids
            while len(have) < wanted and not walk.is_whole and not _is_before(walk.posts, since):
                pages.require_room()
                size = min(_PAGE, wanted - len(have))
                asked = walk.next_page()
                try:
                    page = self._buy(client, user, asked, size, purchase, progress)
                except refusals.OldTokenError:
                    asked = walk.next_page(by_token=False)
                    page = self._buy(client, user, asked, size, purchase, progress)
                before = len(have)
                have |= pages.add(walk, page, asked["until_id"], anew=time.time() if self._rebuy else None)
                yield
                if len(have) > before:
                    empty = repeated = 0
                elif page.get("data"):
                    repeated += 1
                else:
                    empty += 1
                if not walk.is_whole and (empty == _MOST_EMPTY or repeated == _MOST_REPEATED):
                    raise XUnavailableError(
                        f"X sent {empty + repeated} pages in a row with nothing new.",
                        "Run the same command again later. It continues from here.",
                    )

    def _buy(
        self,
        client: "tweepy.Client",
        user: dict[str, Any],
        asked: dict[str, str | None],
        size: int,
        purchase: Purchase,
        progress: Progress,
    ) -> dict[str, Any]:
        price = settings.X_POST_PRICE_USD
        affordable = purchase.set_aside(price, max(x_api_user.SMALLEST_PAGE, size), x_api_user.SMALLEST_PAGE)
        if not affordable:
            raise CostLimitError(
                f"The next page of @{user['username']} would go over --max-cost {self._budget.limit:g}.",
                "Raise --max-cost and run the same command again. It continues from here.",
            )
        page = x_api_client.ask(
            lambda: client.get_users_tweets(
                user["id"], max_results=affordable, tweet_fields=_TWEET_FIELDS, **asked
            ),
            is_page,
            progress,
        )
        bought = len(page.get("data") or ())
        purchase.pay(bought * price, bought)
        if says_why(page) and not bought:
            raise refusals.account_error(user["username"], page)
        return page


def _is_before(posts: list[dict[str, Any]], since: date | None) -> bool:
    """Whether the walk has gone past the first day that was asked for."""
    return bool(posts and since and str(posts[-1].get("created_at", "9"))[:10] < since.isoformat())


def _newest_first(pages: PageFile) -> list[Post]:
    by_id = {int(post["id"]): post for walk in pages.walks for post in walk.posts}
    return [formats.tweet(by_id[number]) for number in sorted(by_id, reverse=True)]
