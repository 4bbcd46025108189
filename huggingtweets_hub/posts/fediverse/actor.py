"""The account that an actor of ActivityPub describes."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from huggingtweets_hub.core import accounts, wishes
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.records import Account
from huggingtweets_hub.core.text import whole
from huggingtweets_hub.posts.fediverse.html_text import plain

_LONGEST_NAME = 300
_AUTOMATED = ("Service", "Application")


def account(actor: Mapping[str, Any]) -> Account | None:
    """The account; None where the description does not say on which server it has which name."""
    id, user, name = address(actor.get("id")), actor.get("preferredUsername"), actor.get("name")
    if id is None or not isinstance(user, str):
        return None
    try:
        handle = accounts.parse_handle(f"{user}@{host(id)}")
    except InvalidInputError:
        return None
    page = address(actor.get("url"))
    return Account(
        handle=handle,
        name=whole(name)[:_LONGEST_NAME] if isinstance(name, str) else "",
        id=id,
        profile_url=page if page and page.startswith("https:") and host(page) == host(id) else None,
    )


def said(actor: Mapping[str, Any]) -> tuple[str, ...]:
    """What it says of how it may be used, by the keys of `core.wishes`."""
    signals = {
        "not-indexable": actor.get("indexable") is False,
        "no-bots": any(map(_wants_no_bots, (actor.get("summary"), actor.get("name"), *_table(actor)))),
        "locked": actor.get("manuallyApprovesFollowers") is True,
        "bot": actor.get("type") in _AUTOMATED,
    }
    return tuple(wish for wish, is_said in signals.items() if is_said)


def _table(actor: Mapping[str, Any]) -> list[object]:
    """What stands in the table of a profile."""
    rows = actor.get("attachment")
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [row.get(key) for row in rows for key in ("name", "value")]


def _wants_no_bots(said: object) -> bool:
    try:
        return isinstance(said, str) and wishes.in_profile(plain(said))
    except ValueError:
        return False


def picture_name(actor: Mapping[str, Any]) -> str | None:
    """The file in the archive that is the account's picture."""
    icon = actor.get("icon")
    icon = next(iter(icon), None) if isinstance(icon, list) else icon
    name = icon.get("url") if isinstance(icon, dict) else None
    return name if isinstance(name, str) else None


def is_of(id: str, handle: str) -> bool:
    """Whether an actor with this address may be the account with this handle.

    A handle may have the domain above the server's: `ann@example.org`, whose actor is on
    `social.example.org`. Some servers have numbers in place of names in addresses.
    """
    user, _, home = handle.lower().partition("@")
    server, named = host(id), urlsplit(id).path.rstrip("/").rpartition("/")[2].removeprefix("@").lower()
    return (named == user or named.isdigit()) and "." in home and f".{server}".endswith(f".{home}")


def address(value: object) -> str | None:
    """A value that is the address of something on the web; None if it is anything else."""
    if not isinstance(value, str) or len(value) > 2000 or not value.isprintable():
        return None
    return value if value.startswith(("https://", "http://")) and host(value) else None


def host(url: str) -> str:
    """The host of an address, in lower case; empty if it is not one."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
