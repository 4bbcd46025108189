"""A whole repository of Bluesky: whose it is, and what of it is posts."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from huggingtweets_hub.core.accounts import network_of
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.records import Post
from huggingtweets_hub.posts.atproto import car, records, tree
from huggingtweets_hub.posts.atproto.records import INTENTS, PROFILE, REPOST
from huggingtweets_hub.posts.reading import Warned
from huggingtweets_hub.posts.tables import bluesky
from huggingtweets_hub.posts.tables.bluesky import POST
from huggingtweets_hub.posts.tables.memory import Bound

_TID = re.compile(r"[234567abcdefghij][234567a-z]{12}")
_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """What was read.

    Attributes:
        did: The account's id.
        posts: Posts and reposts, newest first.
        avatar: The CID of the account's picture.
        wishes: What it says of how it may be used, by the keys of `core.wishes`.
        passed_over: How many posts were left out, by why.
    """

    did: str
    posts: tuple[Post, ...]
    name: str = ""
    avatar: str | None = None
    wishes: tuple[str, ...] = ()
    passed_over: dict[str, int]


def read(path: Path, *, name: str = "", content_warnings: Warned = "drop") -> Repository:
    """Read a file whole.

    Args:
        name: What messages call the file; by default its name.

    Raises:
        UnreadableFileError: It cannot be read, is damaged, cut off, only a part, or something else.
    """
    now = datetime.now(UTC)
    posts: list[Post] = []
    passed_over: Counter[str] = Counter()
    profile = records.Profile()
    intents: dict[str, None] = {}
    bound = Bound()
    with car.opened(path, name or path.name) as blocks:
        did, root = _commit(blocks)
        for entry in tree.entries(blocks, root, (POST, REPOST, PROFILE, INTENTS)):
            record = blocks.decoded(entry.cid)
            if entry.collection == POST:
                found = records.post(record, entry.rkey, did, now)
                if found is None:
                    passed_over["without a text"] += 1
                elif content_warnings == "drop" and bluesky.is_warned(record):
                    passed_over["behind a content warning"] += 1
                else:
                    bound.add(entry.rkey + found.text)
                    posts.append(found)
            elif entry.collection == REPOST:
                bound.add(entry.rkey)
                posts.append(records.repost(record, entry.rkey, now))
            elif entry.collection == PROFILE and entry.rkey == "self":
                profile = records.profile(record)
            elif entry.collection == INTENTS:
                intents |= dict.fromkeys(records.intents(record))
    return Repository(
        did=did,
        posts=_newest_first(posts),
        name=profile.name,
        avatar=profile.avatar,
        wishes=tuple(intents | dict.fromkeys(profile.wishes)),
        passed_over=dict(passed_over),
    )


def _commit(blocks: car.Blocks) -> tuple[str, bytes]:
    """Whose repository it is, and the root of its tree."""
    commit = blocks.decoded(blocks.root)
    did, root = (commit.get("did"), commit.get("data")) if isinstance(commit, dict) else (None, None)
    if not (isinstance(did, str) and _is_did(did) and isinstance(root, bytes) and car.is_cid(root)):
        blocks.damaged("its root is not the commit of a repository")
    return did, root


def _is_did(text: str) -> bool:
    try:
        return text.startswith("did:") and network_of(text) == "bluesky"
    except InvalidInputError:
        return False


def _newest_first(posts: list[Post]) -> tuple[Post, ...]:
    """By their names, which apps make of the time; those with other names by the time that they state."""
    return tuple(sorted(posts, key=_order, reverse=True))


def _order(post: Post) -> str:
    """A post's name, or the one that an app would have made of its time; empty where there is none."""
    if post.id and _TID.fullmatch(post.id):
        return post.id
    if post.created_at is None:
        return ""
    number = int(post.created_at.timestamp() * 1_000_000) << 10  # https://atproto.com/specs/tid
    return "".join(_DIGITS[number >> shift & 31] for shift in range(60, -1, -5))
