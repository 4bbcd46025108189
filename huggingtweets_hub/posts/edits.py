"""Edited posts: of all versions of one post, only the last counts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from huggingtweets_hub.core.records import Post

_HISTORIES = ("edit_history_tweet_ids", "edit_history_post_ids")  # X API v2
_CONTROLS = ("edit_info", "edit_control")  # archives, and what X's own pages load
_LISTED = re.compile(r"""[\[\]{}"'\s,;|0-9]*""")
_ID = re.compile(r"[0-9]{1,20}")


def versions(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of all versions of a post that its record knows, the first one first.

    The record of an earlier version may not know the later ones. Empty if the post was never edited.
    """
    inner = record.get("tweet")
    record = inner if isinstance(inner, dict) else record
    for name in _HISTORIES:
        if history := record.get(name):
            is_one = isinstance(history, list) and len(history) == 1  # as almost always
            return () if is_one else _several(_ids(history))
    for name in _CONTROLS:
        if control := record.get(name):
            return _of_control(control, record.get("id_str") or record.get("id"))
    return ()


def last_versions(posts: Sequence[Post], chains: Iterable[tuple[str, ...]]) -> tuple[Post, ...]:
    """The posts without those of which a later version is among them.

    Args:
        chains: What `versions` gives for their records.
    """
    first_of: dict[str, str] = {}
    for chain in chains:
        first = next((first_of[one] for one in chain if one in first_of), chain[0])
        first_of.update(dict.fromkeys(chain, first))
    last: dict[str, str] = {}
    for post in posts:
        if post.id and (root := first_of.get(post.id)):
            last[root] = max(last.get(root, "0"), post.id, key=int)
    kept = set(last.values())
    return tuple(post for post in posts if (post.id or "") not in first_of or post.id in kept)


def _of_control(control: Any, own: Any) -> tuple[str, ...]:
    control = _first(control, "edit", "initial") or control
    listed = _first(_first(control, "editControlInitial", "edit_control_initial") or control,
                    "editTweetIds", "edit_tweet_ids")  # fmt: skip
    initial = _first(control, "initialTweetId", "initial_tweet_id")
    if not initial and isinstance(listed, list) and len(listed) < 2:
        return ()
    return _several((*_ids(initial), *_ids(listed), *_ids(own)))


def _first(value: Any, *names: str) -> Any:
    """What an object has under the first of these names that it has."""
    if isinstance(value, dict):
        for name in names:
            if found := value.get(name):
                return found
    return None


def _ids(value: Any) -> tuple[str, ...]:
    """The ids in a list, or in its text in a table."""
    if isinstance(value, list):
        return tuple(str(one) for one in value if _ID.fullmatch(str(one)))
    if isinstance(value, str | int) and _LISTED.fullmatch(str(value)):
        return tuple(_ID.findall(str(value)))
    return ()


def _several(ids: Iterable[str]) -> tuple[str, ...]:
    once = tuple(dict.fromkeys(ids))
    return once if len(once) > 1 else ()
