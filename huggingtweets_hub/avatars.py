"""The accounts' pictures, kept in the repository because their addresses on X die."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from huggingtweets_hub import hub, settings
from huggingtweets_hub.hub import Published
from huggingtweets_hub.records import Account

# An archive or a file may name any address; only X's own picture hosts are asked.
_HOST = ".twimg.com"
_SECONDS = 10
_MAX_BYTES = 5 * 1024 * 1024


def names(accounts: Sequence[Account]) -> tuple[str, ...]:
    """The file name of each account's picture: `avatar.jpg`, or `avatar.1.jpg` and so on."""
    if len(accounts) == 1:
        return ("avatar.jpg",)
    return tuple(f"avatar.{number}.jpg" for number in range(1, len(accounts) + 1))


def collect(accounts: Sequence[Account], published: Published) -> dict[str, bytes | None]:
    """The pictures that can be had, by file name; None for one that the repository holds already.

    A picture whose address has not changed is not fetched again, and one whose address is dead stays
    as it was published.
    """
    urls = _published_urls(published)
    found: dict[str, bytes | None] = {}
    for account, name in zip(accounts, names(accounts), strict=True):
        is_there = name in published.files and account.handle.lower() in urls
        if is_there and urls[account.handle.lower()] == account.avatar_url:
            found[name] = None
        elif picture := _fetch(account.avatar_url):
            found[name] = picture
        elif is_there:
            found[name] = None
    return found


def loaded(found: Mapping[str, bytes | None], repo_id: str, published: Published) -> dict[str, bytes]:
    """The same pictures with those read that lie in the repository."""
    return {
        name: hub.download_file(repo_id, name, str(published.head)) if content is None else content
        for name, content in found.items()
    }


def _published_urls(published: Published) -> dict[str, str | None]:
    """The address that each published picture came from, by handle."""
    accounts = published.facts.get("accounts")
    return {
        str(account.get("handle")).lower(): account.get("avatar_url")
        for account in (accounts if isinstance(accounts, list) else ())
        if isinstance(account, dict)
    }


def _fetch(url: str | None) -> bytes | None:
    """The picture at the address, safe to publish; None where there is none to be had in time."""
    if not url or not _may_be_asked(url):
        return None
    import requests

    from huggingtweets_hub import preview

    try:
        with requests.get(url, timeout=_SECONDS, stream=True, allow_redirects=False) as reply:
            if reply.status_code != 200:
                return None
            content = reply.raw.read(_MAX_BYTES + 1, decode_content=True)
    except (requests.RequestException, OSError, ValueError):
        return None
    return preview.square_avatar(content) if len(content) <= _MAX_BYTES else None


def _may_be_asked(url: str) -> bool:
    try:
        parts = urlsplit(url)
        if parts.scheme == "https" and (parts.hostname or "").endswith(_HOST):
            return True
        # For a stand-in of X on this machine.
        api = urlsplit(settings.x_api_url())
    except ValueError:
        return False
    return parts.netloc == api.netloc and parts.hostname in settings.LOOPBACK_HOSTS
