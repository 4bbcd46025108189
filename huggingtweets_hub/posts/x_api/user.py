"""An account as X describes it: bought once a day, and used only if it has the right shape."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huggingtweets_hub.core import files, settings
from huggingtweets_hub.core.errors import CostLimitError
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.posts.budget import Purchase
from huggingtweets_hub.posts.x_api import client as x_api_client
from huggingtweets_hub.posts.x_api import refusals
from huggingtweets_hub.posts.x_api.pages import is_id, says_why

if TYPE_CHECKING:
    import tweepy

SMALLEST_PAGE = 5
"""The smallest number of posts that X returns per page."""
_USER_FIELDS = ["profile_image_url", "description", "public_metrics", "protected"]
_COUNTS = ("tweet_count", "post_count")
_USER_IS_FRESH_SECONDS = 24 * 3600


def described(
    client: "tweepy.Client", handle: str, root: Path, purchase: Purchase, progress: Progress
) -> dict[str, Any]:
    """The account as X describes it; a description less than a day old is not bought again."""
    for folder in root.glob(f"{handle.lower()}-*"):
        kept = folder / "user.json"
        files.remove_partial(kept)  # the account is locked: nobody else writes it
        if kept.exists() and (described := _kept_user(kept, handle)):
            return described
    price = settings.X_USER_PRICE_USD
    is_vain = purchase.budget.left < price + SMALLEST_PAGE * settings.X_POST_PRICE_USD
    if is_vain or not purchase.set_aside(price, 1, 1):
        raise CostLimitError(
            f"Too little of --max-cost {purchase.budget.limit:g} is left to look up @{handle} "
            f"(${price:.2f}) and read its posts.",
            "Raise --max-cost, or use --from with a file.",
        )
    answer = x_api_client.ask(
        lambda: client.get_user(username=handle, user_fields=_USER_FIELDS),
        lambda answer: says_why(answer) or _is_user(answer.get("data"), handle),
        progress,
    )
    if not answer.get("data"):
        raise refusals.account_error(handle, answer)
    purchase.pay(price)
    user: dict[str, Any] = answer["data"]
    if user.get("protected"):
        raise refusals.protected(handle)
    folder = files.folder(root / f"{handle.lower()}-{user['id']}")
    files.write_whole(folder / "user.json", json.dumps(user))
    return user


def _kept_user(path: Path, handle: str) -> dict[str, Any] | None:
    """The description of an account from a file, if it is less than a day old and not damaged."""
    if abs(time.time() - path.stat().st_mtime) > _USER_IS_FRESH_SECONDS:
        return None
    try:
        user: dict[str, Any] = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None
    is_whole = _is_user(user, handle) and path.parent.name == f"{handle.lower()}-{user['id']}"
    return user if is_whole else None


def _is_user(user: Any, handle: str) -> bool:
    """Whether X's description is of the requested account and can be used."""
    return (
        isinstance(user, dict)
        and is_id(user.get("id"))
        and isinstance(user.get("name"), str)
        and str(user.get("username")).lower() == handle.lower()
    )


def posts(user: dict[str, Any], otherwise: int) -> int:
    """How many posts X says that the account has."""
    metrics = user.get("public_metrics")
    counts = [metrics.get(name) for name in _COUNTS] if isinstance(metrics, dict) else []
    return next((n for n in counts if isinstance(n, int) and n >= 0), otherwise)
