"""The accounts' pictures, kept in the repository because their addresses on X die."""

import re
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from huggingtweets_hub.core import settings
from huggingtweets_hub.core.records import Account
from huggingtweets_hub.hub import files, repo
from huggingtweets_hub.hub.repo import Published

# An archive or a file may name any address; only X's own picture hosts are asked.
# No login, port, fragment, backslash or blank: what two readers of an address could understand differently.
_PATH = re.compile(r"/[\w./~%+=&?,;!()'-]*")
_OF_X = re.compile(rf"https://(?:[A-Za-z0-9-]+\.)+twimg\.com{_PATH.pattern}")
_SECONDS = 10


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
    from huggingtweets_hub.card import pictures

    there = _published_pictures(published)
    found: dict[str, bytes | None] = {}
    for account, name in zip(accounts, names(accounts), strict=True):
        file, url = there.get(account.handle.lower(), (None, None))
        is_there = file == name and name in published.files
        if account.picture is not None and (drawn := pictures.square_avatar(account.picture)):
            found[name] = drawn
            continue
        if account.avatar_url is None:
            continue
        if is_there and url == account.avatar_url:
            found[name] = None
        elif picture := _fetch(account.avatar_url):
            found[name] = picture
        elif is_there:
            found[name] = None
    return found


def loaded(found: Mapping[str, bytes | None], repo_id: str, published: Published) -> dict[str, bytes]:
    """The same pictures with those read that lie in the repository."""
    return {
        name: files.download_file(repo_id, name, str(published.head)) if content is None else content
        for name, content in found.items()
    }


def _published_pictures(published: Published) -> dict[str, tuple[object, object]]:
    """The file and the address of each account's published picture, by handle."""
    return {
        handle: (account.get("avatar_file"), account.get("avatar_url"))
        for handle, account in repo.accounts(published).items()
    }


def _fetch(url: str) -> bytes | None:
    """The picture at the address, safe to publish; None where there is none to be had in time."""
    if not _may_be_asked(url):
        return None
    import requests

    from huggingtweets_hub.card import pictures

    content = bytearray()
    give_up = time.monotonic() + _SECONDS
    try:
        session = requests.Session()
        request = session.prepare_request(requests.Request("GET", url))
        if request.url is None or not _may_be_asked(request.url):  # what is asked, not what was written
            return None
        chosen = session.merge_environment_settings(request.url, {}, True, None, None)  # stream; proxies
        with session.send(request, timeout=_SECONDS, allow_redirects=False, **chosen) as reply:
            if reply.status_code != 200:
                return None
            for piece in reply.iter_content(1 << 16):
                content += piece
                if len(content) > pictures.MAX_DOWNLOAD or time.monotonic() > give_up:
                    return None
    except (requests.RequestException, OSError, ValueError):
        return None
    return pictures.square_avatar(bytes(content))


def _may_be_asked(url: str) -> bool:
    """Whether every reader of addresses sees one of X's picture hosts in this one."""
    if _OF_X.fullmatch(url):
        return True
    api = settings.x_api_url()  # of a stand-in for X on this machine
    is_here = urlsplit(api).hostname in settings.LOOPBACK_HOSTS
    return is_here and url.startswith(api) and bool(_PATH.fullmatch(url.removeprefix(api)))
