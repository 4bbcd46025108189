"""What an archive says of itself: whose it is, and how many posts it was made with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from huggingtweets_hub.core.accounts import HANDLE
from huggingtweets_hub.core.progress import Progress
from huggingtweets_hub.core.records import Account
from huggingtweets_hub.posts import formats
from huggingtweets_hub.posts.containers import Container
from huggingtweets_hub.posts.tables import values
from huggingtweets_hub.posts.x_archive.layout import Layout
from huggingtweets_hub.posts.x_archive.scripts import assigned, at, first

_COUNT = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """An archive's description of itself.

    Attributes:
        owner: What it says of its owner, in the words of `formats.author`.
        counts: The number of posts in each file, by the file's name without its folder; None where it is
            not said. Empty if there is no manifest.
    """

    owner: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def expected(self) -> int:
        """How many posts there were."""
        return sum(filter(None, self.counts.values()))

    def account(self, handle: str = "") -> Account | None:
        """The owner, or whoever has the handle that is given; None if neither is known."""
        return formats.author({"username": handle, **self.owner})


def read(container: Container, layout: Layout, progress: Progress) -> Manifest:
    """What the archive says of itself; `account.js` before `manifest.js`, which only newer ones have."""
    account = at(first(container, layout.account, progress), "account")
    described = assigned(container, layout.manifest, progress)
    user = at(described, "userInfo")
    user_2013 = assigned(container, layout.user_details, progress)
    avatar = at(first(container, layout.profile, progress), "profile", "avatarMediaUrl")
    kinds = at(described, "dataTypes")
    listed = at(at(kinds, "tweets") or at(kinds, "tweet"), "files")
    return Manifest(
        owner=_stated(
            username=(at(account, "username"), at(user, "userName"), user_2013.get("screen_name")),
            name=(at(account, "accountDisplayName"), at(user, "displayName"), user_2013.get("full_name")),
            account_id=(at(account, "accountId"), at(user, "accountId"), user_2013.get("id")),
            profile_image_url=(avatar,),
        ),
        counts=dict(map(_counted, listed if isinstance(listed, list) else ())),
    )


def _stated(**values: tuple[Any, ...]) -> dict[str, str]:
    """Of each field the first value that is one."""
    found = {
        name: next((str(one) for one in some if _is_value(name, one)), "") for name, some in values.items()
    }
    return {name: value for name, value in found.items() if value}


def _is_value(name: str, value: Any) -> bool:
    if name == "username":
        return isinstance(value, str) and bool(HANDLE.fullmatch(value.removeprefix("@")))
    return isinstance(value, str | int) and not values.is_nothing(value)


def _counted(entry: Any) -> tuple[str, int | None]:
    count = str(at(entry, "count"))
    name = str(at(entry, "fileName") or "").replace("\\", "/")
    return name.rpartition("/")[2].lower(), int(count) if _COUNT.fullmatch(count) else None
