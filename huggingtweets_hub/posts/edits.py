"""Edited posts: of all versions of one post, only the last counts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from huggingtweets_hub.core.records import Post

_HISTORIES = ("edit_history_tweet_ids", "edit_history_post_ids")  # X API v2
_CONTROLS = ("edit_info", "edit_control")  # archives, and what X's own pages load
_LISTS = ("editTweetIds", "edit_tweet_ids")
_FIRSTS = ("initialTweetId", "initial_tweet_id")
_INSIDE = ("initial", "edit", "editControlInitial", "edit_control_initial")
_LISTED = re.compile(r"""[\[\]{}"'\s,;|0-9]*""")
_ID = re.compile(r"[0-9]{1,20}")


def versions(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of all versions of a post that its record knows, the first one first.

    The record of an earlier version may not know the later ones. Empty if the post was never edited.
    """
    inner = record.get("tweet")
    record = inner if isinstance(inner, Mapping) else record
    for name in _HISTORIES:
        if known := _ids(record.get(name)):
            return known if len(known) > 1 else ()
    for name in _CONTROLS:
        if isinstance(control := record.get(name), Mapping):
            known = _of_control(control, _ids(record.get("id_str") or record.get("id")))
            return known if len(known) > 1 else ()
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


def _of_control(control: Mapping[str, Any], own: tuple[str, ...]) -> tuple[str, ...]:
    first: list[str] = []
    listed: list[str] = []
    reached = [control]
    for part in reached:
        first += [one for name in _FIRSTS for one in _ids(part.get(name))]
        listed += [one for name in _LISTS for one in _ids(part.get(name))]
        if len(reached) <= len(_INSIDE):
            reached += [inner for name in _INSIDE if isinstance(inner := part.get(name), Mapping)]
    return tuple(dict.fromkeys([*first, *listed, *(own if first or listed else ())]))


def _ids(value: Any) -> tuple[str, ...]:
    """The ids in a list, or in its text in a table."""
    if isinstance(value, list):
        return tuple(str(one) for one in value if _ID.fullmatch(str(one)))
    if isinstance(value, str | int) and _LISTED.fullmatch(str(value)):
        return tuple(_ID.findall(str(value)))
    return ()
