"""One fetch of a timeline: the pages that are missing, bought within the limit."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import CostLimitError, XUnavailableError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.posts.budget import Purchase
from huggingtweets_hub.posts.x_api import client as x_api_client
from huggingtweets_hub.posts.x_api import refusals
from huggingtweets_hub.posts.x_api import user as x_api_user
from huggingtweets_hub.posts.x_api.pages import PageFile, is_page, says_why

if TYPE_CHECKING:
    import tweepy

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
_PAGE = 100
_MOST_EMPTY, _MOST_REPEATED = 10, 3
"""How many pages in a row may bring nothing new before a fetch gives up; repeated ones cost money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """What is asked for, what is here of it, and what the rest may cost.

    Attributes:
        user: The account, as X describes it.
        pages: What is here; what is bought is added.
        wanted: How many posts, the newest ones.
        since: Older posts are not asked for.
        purchase: What may be spent, and was.
        is_anew: What is bought will replace all that was kept.
    """

    client: "tweepy.Client"
    user: dict[str, Any]
    pages: PageFile
    wanted: int
    since: date | None
    purchase: Purchase
    progress: Progress
    is_anew: bool

    def require_affordable(self) -> None:
        """Say what the fetch will cost at most, and refuse a first fetch that would exceed the limit.

        Raises:
            CostLimitError: It would.
        """
        user, pages, wanted, purchase = self.user, self.pages, self.wanted, self.purchase
        price, left = settings.X_POST_PRICE_USD, purchase.budget.left
        if pages.walks:
            most = math.ceil(round(100 * min(wanted * price, left), 6)) / 100
            self.progress.note(
                f"X API: {len(pages.ids):,} posts of @{user['username']} are already here. Reading the "
                f"missing ones at ${price} per post, for at most ${most:.2f}."
            )
            return  # only X knows how many are missing; `_buy` keeps to the limit
        posts = min(wanted, x_api_user.posts(user, wanted))
        self.progress.note(
            f"X API: up to {posts:,} posts of @{user['username']} to read, about "
            f"${purchase.cost + posts * price:.2f} at ${price} per post."
        )
        if posts and not purchase.set_aside(price, posts, posts):
            fewer = int(left / price)
            raise CostLimitError(
                f"Fetching @{user['username']} would cost about ${posts * price:.2f} more, but only "
                f"${left:.2f} of --max-cost {purchase.budget.limit:g} is left.",
                "Raise --max-cost" + (f", or read fewer with --max-tweets {fewer}." if fewer else "."),
            )

    def buy_missing(self) -> Iterator[None]:
        """Buy what is missing, newest walk first, until there are `wanted` posts without a gap.

        Yields after each page, which is on disk then.

        Raises:
            CostLimitError: The next page would cost more than the limit allows.
            SourceError: X refuses, or does not answer.
        """
        pages, wanted = self.pages, self.wanted
        pages.begin_walk()
        have: set[int] = set()
        empty = repeated = 0
        for walk in reversed(pages.walks):
            have |= walk.ids
            while len(have) < wanted and not walk.is_whole and not _is_before(walk.posts, self.since):
                pages.require_room()
                size = min(_PAGE, wanted - len(have))
                asked = walk.next_page()
                try:
                    page = self._buy(asked, size)
                except refusals.OldTokenError:
                    asked = walk.next_page(by_token=False)
                    page = self._buy(asked, size)
                before = len(have)
                have |= pages.add(walk, page, asked["until_id"], anew=time.time() if self.is_anew else None)
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

    def _buy(self, asked: dict[str, str | None], size: int) -> dict[str, Any]:
        """One page of at most `size` posts, paid for."""
        user, purchase, price = self.user, self.purchase, settings.X_POST_PRICE_USD
        affordable = purchase.set_aside(price, max(x_api_user.SMALLEST_PAGE, size), x_api_user.SMALLEST_PAGE)
        if not affordable:
            raise CostLimitError(
                f"The next page of @{user['username']} would go over --max-cost {purchase.budget.limit:g}.",
                "Raise --max-cost and run the same command again. It continues from here.",
            )
        page = x_api_client.ask(
            lambda: self.client.get_users_tweets(
                user["id"], max_results=affordable, tweet_fields=_TWEET_FIELDS, **asked
            ),
            is_page,
            self.progress,
        )
        bought = len(page.get("data") or ())
        purchase.pay(bought * price, bought)
        if says_why(page) and not bought:
            raise refusals.account_error(user["username"], page)
        return page


def _is_before(posts: list[dict[str, Any]], since: date | None) -> bool:
    """Whether the walk has gone past the first day that was asked for."""
    return bool(posts and since and str(posts[-1].get("created_at", "9"))[:10] < since.isoformat())
