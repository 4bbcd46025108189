"""The X API v2 through tweepy: every page is on disk before the next is asked for.

X charges for each post it sends, so nothing that was received is ever asked for again. The pages of
an account are kept as *walks*: one walk goes from the newest post down to the newest of the walk
before it (the first one down to the oldest that X gives). A walk that was cut short goes on from
its last page; a later run begins a new walk above the ones that are there.
"""

import json
import math
import os
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingtweets_hub import settings, store, workspace
from huggingtweets_hub.errors import (
    CostLimitError,
    EmptyTimelineError,
    XUnavailableError,
)
from huggingtweets_hub.progress import Progress
from huggingtweets_hub.records import Account, Timeline, Tweet
from huggingtweets_hub.sources import tweet_formats, x_client
from huggingtweets_hub.sources.budget import Budget

if TYPE_CHECKING:
    import tweepy

TERMS = (
    "X's Developer Agreement forbids fine-tuning foundation models on what its API gives; an account "
    "holder's own archive (--from archive.zip) is the route to stand on."
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
_USER_FIELDS = ["profile_image_url", "description", "public_metrics", "protected"]
_PAGES, _BOUGHT_ANEW = "pages.jsonl", "pages.anew.jsonl"
_PAGE = 100
_SMALLEST_PAGE = 5
_USER_IS_FRESH_SECONDS = 24 * 3600


@dataclass
class _Walk:
    """The pages between the newest post at some time and the newest of the walk before."""

    number: int
    since_id: str | None
    pages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def token(self) -> str | None:
        """Where the next page begins; None when the walk has reached its end."""
        return self.pages[-1].get("meta", {}).get("next_token") if self.pages else None

    @property
    def posts(self) -> list[dict[str, Any]]:
        return [post for page in self.pages for post in page.get("data") or ()]


@dataclass
class _Purchase:
    """What one fetch has bought, from a budget that others may share."""

    budget: Budget
    tweets: int = 0
    cost: float = 0.0
    aside: float = 0.0

    def set_aside(self, price: float, most: int, fewest: int) -> int:
        """How many things at a price can be paid for, set aside already or from now on; 0 for too few."""
        have = math.floor(self.aside / price + 1e-6)
        if have < most:
            got = self.budget.reserve(price, most - have, max(1, fewest - have))
            self.aside += got * price
            have += got
        return min(most, have) if have >= fewest else 0

    def pay(self, cost: float, tweets: int = 0) -> None:
        """Take the price of what came from what was set aside."""
        self.budget.settle(min(cost, self.aside), cost, tweets)
        self.aside = max(0.0, self.aside - cost)
        self.cost += cost
        self.tweets += tweets

    def close(self) -> None:
        """Give back what was set aside and not spent."""
        self.budget.settle(self.aside, 0.0)
        self.aside = 0.0


class XApi:
    """Timelines from the X API, through tweepy, kept under `HUGGINGTWEETS_HOME`.

    Args:
        budget: What may be spent; a fetch that would cost more is refused before it starts.
        rebuy: Read all anew, in the place of what is kept: tweets that were deleted on X are gone then.
    """

    def __init__(self, budget: Budget, *, rebuy: bool = False) -> None:
        self._budget, self._rebuy = budget, rebuy

    def account(self) -> Account | None:
        """None: the X API serves whichever account it is asked for."""
        return None

    def fetch(
        self, handle: str, *, max_tweets: int | None, since: date | None, progress: Progress
    ) -> Timeline:
        """What is kept of the account's timeline, and what is newer.

        Raises:
            MissingXTokenError, RejectedXTokenError, NoXCreditsError: The token, or its account.
            AccountNotFoundError, AccountSuspendedError, AccountProtectedError, EmptyTimelineError.
            CostLimitError: More than `max_cost`.
            RateLimitedError, XUnavailableError: After several tries.
            HubError: The dataset that is the store cannot be used; nothing was bought.
        """
        from filelock import FileLock

        client = x_client.client()
        wanted = min(max_tweets or settings.X_TIMELINE_LIMIT, settings.X_TIMELINE_LIMIT)
        purchase = _Purchase(self._budget)
        progress.note(f"Note: {TERMS}")
        root = settings.timelines()
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (
            closing(purchase),
            FileLock(root / f"{handle.lower()}.lock"),
            store.synced(handle, progress, anew=self._rebuy),
        ):
            user = self._user(client, handle, root, purchase, progress)
            folder = root / f"{handle.lower()}-{user['id']}"
            pages = folder / (_BOUGHT_ANEW if self._rebuy else _PAGES)
            walks = _read_walks(pages)
            self._require_affordable(user, walks, wanted, purchase, progress)
            for _ in self._pages(client, user, pages, walks, wanted, since, purchase, progress):
                held = sum(len(walk.posts) for walk in walks)
                progress.advance("Fetching", min(held, wanted), wanted, "tweets")
            progress.advance("Fetching", wanted, wanted, "tweets")
            if self._rebuy:
                pages.replace(folder / _PAGES)
        tweets = _newest_first(walks)
        if not tweets:
            raise EmptyTimelineError(
                f"@{handle} has no posts that the X API gives.", "Check the handle, or take another account."
            )
        avatar = (user.get("profile_image_url") or "").replace("_normal.", "_400x400.")
        account = Account(handle=user["username"], name=user["name"], avatar_url=avatar or None)
        return Timeline(
            account=account,
            tweets=tuple(tweets[:max_tweets]),
            source="x_api",
            tweets_bought=purchase.tweets,
            cost_usd=round(purchase.cost, 4),
        )

    def _user(
        self, client: "tweepy.Client", handle: str, root: Path, purchase: _Purchase, progress: Progress
    ) -> dict[str, Any]:
        """The account as X describes it; a description of the last day is not bought again."""
        for kept in root.glob(f"{handle.lower()}-*/user.json"):
            if time.time() - kept.stat().st_mtime < _USER_IS_FRESH_SECONDS:
                user: dict[str, Any] = json.loads(kept.read_text("utf-8"))
                return user
        price = settings.X_USER_PRICE_USD
        is_vain = self._budget.left < price + _SMALLEST_PAGE * settings.X_POST_PRICE_USD
        if is_vain or not purchase.set_aside(price, 1, 1):
            raise CostLimitError(
                f"Of --max-cost {self._budget.limit:g}, too little is left to look @{handle} up "
                f"(${price:.2f}) and read its posts.",
                "Raise --max-cost, or use --from with a file.",
            )
        answer = x_client.ask(lambda: client.get_user(username=handle, user_fields=_USER_FIELDS), progress)
        purchase.pay(price)
        user = answer.get("data") or {}
        if not user:
            raise x_client.account_error(handle, answer)
        if user.get("protected"):
            raise x_client.protected(handle)
        folder = root / f"{handle.lower()}-{user['id']}"
        folder.mkdir(exist_ok=True, mode=0o700)
        workspace.write_whole(folder / "user.json", json.dumps(user, ensure_ascii=False))
        return user

    def _require_affordable(
        self,
        user: dict[str, Any],
        walks: list[_Walk],
        wanted: int,
        purchase: _Purchase,
        progress: Progress,
    ) -> None:
        """Say what the fetch will cost at most, and refuse a first one where that is over the limit."""
        price, left = settings.X_POST_PRICE_USD, self._budget.left
        if walks:
            held = len({post["id"] for walk in walks for post in walk.posts})
            progress.note(
                f"X API: {held:,} posts of @{user['username']} are here; reading what is missing at "
                f"${price} a post, for ${min(wanted * price, left):.2f} at most."
            )
            return  # how many are missing only X knows; `_buy` keeps to the limit
        metrics = user.get("public_metrics") or {}
        posts = min(wanted, metrics.get("tweet_count", metrics.get("post_count", wanted)))
        progress.note(
            f"X API: up to {posts:,} posts of @{user['username']} to read, about "
            f"${purchase.cost + posts * price:.2f} at ${price} a post."
        )
        if posts and not purchase.set_aside(price, posts, posts):
            fewer = int(left / price)
            raise CostLimitError(
                f"Fetching @{user['username']} would cost about ${posts * price:.2f} more; of --max-cost "
                f"{self._budget.limit:g}, ${left:.2f} is left.",
                "Raise --max-cost" + (f", or read fewer with --max-tweets {fewer}." if fewer else "."),
            )

    def _pages(
        self,
        client: "tweepy.Client",
        user: dict[str, Any],
        pages: Path,
        walks: list[_Walk],
        wanted: int,
        since: date | None,
        purchase: _Purchase,
        progress: Progress,
    ) -> Iterator[None]:
        """Buy what is missing, newest walk first, until `wanted` posts stand without a gap."""
        newest = max((int(post["id"]) for walk in walks for post in walk.posts), default=None)
        number = walks[-1].number + 1 if walks else 0
        walks.append(_Walk(number, since_id=None if newest is None else str(newest)))
        seen_tokens: set[str] = set()
        have = 0
        for walk in reversed(walks):
            have += len(walk.posts)
            while have < wanted and (walk.token or not walk.pages) and not _is_before(walk.posts, since):
                if walk.token in seen_tokens:
                    raise XUnavailableError(
                        "X sends the same page again and again.", "Try again later; nothing read is lost."
                    )
                seen_tokens.update([walk.token] if walk.token else [])
                page = self._buy(client, user, walk, min(_PAGE, wanted - have), purchase, progress)
                walk.pages.append(page)
                have += len(page.get("data") or ())
                if walk.posts or walk.token or walk.number == 0:  # else nothing is new, which is not kept
                    line: dict[str, Any] = {"since_id": walk.since_id, "walk": walk.number, "page": page}
                    line |= {"anew": time.time()} if self._rebuy else {}
                    _append_synced(pages, json.dumps(line, ensure_ascii=False))
                yield

    def _buy(
        self,
        client: "tweepy.Client",
        user: dict[str, Any],
        walk: _Walk,
        size: int,
        purchase: _Purchase,
        progress: Progress,
    ) -> dict[str, Any]:
        price = settings.X_POST_PRICE_USD
        affordable = purchase.set_aside(price, max(_SMALLEST_PAGE, size), _SMALLEST_PAGE)
        if not affordable:
            raise CostLimitError(
                f"${self._budget.spent:.2f} has been spent; the next page would go over --max-cost "
                f"{self._budget.limit:g}.",
                "Raise --max-cost and run the same command: it goes on from here.",
            )
        page = x_client.ask(
            lambda: client.get_users_tweets(
                user["id"],
                max_results=affordable,
                tweet_fields=_TWEET_FIELDS,
                since_id=walk.since_id,
                pagination_token=walk.token,
            ),
            progress,
        )
        bought = len(page.get("data") or ())
        purchase.pay(bought * price, bought)
        if page.get("errors") and not page.get("data"):
            raise x_client.account_error(user["username"], page)
        return page


def is_kept(handle: str) -> bool:
    """Whether pages of the account are here, or in the dataset that is the store."""
    kept = store.dataset()
    is_here = any(settings.timelines().glob(f"{handle.lower()}-*/{_PAGES}"))
    return is_here or (kept is not None and kept.holds(handle.lower()))


def _is_before(posts: list[dict[str, Any]], since: date | None) -> bool:
    """Whether the walk has gone past the first day that is asked for."""
    return bool(posts and since and str(posts[-1].get("created_at", "9"))[:10] < since.isoformat())


def _newest_first(walks: list[_Walk]) -> list[Tweet]:
    by_id = {post["id"]: post for walk in walks for post in walk.posts}
    ordered = sorted(by_id.values(), key=lambda post: int(post["id"]), reverse=True)
    return [tweet_formats.tweet(post) for post in ordered]


def _read_walks(path: Path) -> list[_Walk]:
    """The walks on disk, oldest first; a last line that was cut off by a kill is passed over."""
    walks: dict[int, _Walk] = {}
    if path.exists():
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            with path.open("rb+") as file:
                file.truncate(len(whole))
        for line in whole.splitlines():
            entry = json.loads(line)
            walk = walks.setdefault(entry["walk"], _Walk(entry["walk"], entry["since_id"]))
            walk.pages.append(entry["page"])
    return [walks[number] for number in sorted(walks)]


def _append_synced(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())
