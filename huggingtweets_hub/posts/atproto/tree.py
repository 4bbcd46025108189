"""The tree that says which records a repository has: a Merkle search tree of keys `collection/rkey`.

What a file holds besides is dead: records that were deleted, and older versions. A record that the tree names
twice counts twice, although its block stands there once.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from huggingtweets_hub.core.errors import UnreadableFileError
from huggingtweets_hub.posts.atproto.car import AGAIN, Blocks, is_cid

_DEEPEST = 64
_MOST_ENTRIES = 1_000  # of a node, where four are usual
_LONGEST_KEY = 1024
_KEY = re.compile(rb"[\w.:~-]+/[\w.:~-]+")
_END = b"\xff"  # after every key, which is ASCII


class Entry(NamedTuple):
    """A record that the tree names."""

    collection: str
    rkey: str
    cid: bytes


def entries(blocks: Blocks, root: Any, wanted: Sequence[str]) -> Iterator[Entry]:
    """The records of some collections, in the order of their keys.

    Parts of the tree that cannot hold any of these are not looked at.

    Args:
        root: The CID of the tree's topmost node.
        wanted: Names of collections.

    Raises:
        UnreadableFileError: The tree is damaged, or parts of it are not in the file.
    """
    beginnings = tuple(f"{name}/".encode() for name in wanted)
    last = b""
    seen: set[bytes] = set()
    # Of each node on the way down: what is left of it, as links to nodes and pairs of key and record.
    ways: list[Iterator[tuple[bytes | None, bytes, bytes]]] = [iter([(_link(blocks, root), b"", _END)])]
    while ways:
        if len(ways) > _DEEPEST:
            blocks.damaged(f"its tree is more than {_DEEPEST} levels deep")
        step = next(ways[-1], None)
        if step is None:
            ways.pop()
            continue
        node, low, high = step
        if node is not None:
            if any(low < beginning + _END and beginning < high for beginning in beginnings):
                if node in seen:
                    blocks.damaged("its tree leads back into itself")
                seen.add(node)
                ways.append(_steps(blocks, node, low, high))
            continue
        key, cid = low, high
        if key <= last:
            blocks.damaged("its keys are not in order")
        last = key
        if key.startswith(beginnings):
            collection, _, rkey = key.decode("ascii").partition("/")
            if cid not in blocks:
                raise _incomplete(blocks)
            yield Entry(collection, rkey, cid)


def _steps(
    blocks: Blocks, cid: bytes, low: bytes, high: bytes
) -> Iterator[tuple[bytes | None, bytes, bytes]]:
    """A node's parts in order: a link with the keys around it, or None with a key and its record's CID."""
    try:
        node = blocks.decoded(cid)
    except KeyError:
        raise _incomplete(blocks) from None
    found = node.get("e") if isinstance(node, dict) else None
    if not isinstance(found, list) or not {"l", "e"} <= node.keys():
        blocks.damaged("a node of its tree is malformed")
    if len(found) > _MOST_ENTRIES:
        blocks.damaged(f"a node of its tree has more than {_MOST_ENTRIES:,} entries")
    keys: list[bytes] = []
    parts: list[tuple[bytes, Any]] = []
    key = b""
    for entry in found:
        key = _key(blocks, entry, key)
        keys.append(key)
        parts.append((_link(blocks, entry["v"]), entry.get("t")))
    around = [low, *keys, high]
    if node["l"] is not None:
        yield _link(blocks, node["l"]), low, around[1]
    for index, (record, right) in enumerate(parts):
        yield None, keys[index], record
        if right is not None:
            yield _link(blocks, right), keys[index], around[index + 2]


def _key(blocks: Blocks, entry: Any, before: bytes) -> bytes:
    """An entry's key, of which the beginning that it has in common with the one before is left out."""
    shared, rest = (entry.get("p"), entry.get("k")) if isinstance(entry, dict) else (None, None)
    if not (
        isinstance(shared, int) and isinstance(rest, bytes) and 0 <= shared <= len(before) and "v" in entry
    ):
        blocks.damaged("an entry of its tree is malformed")
    key = before[:shared] + rest
    if len(key) > _LONGEST_KEY or not _KEY.fullmatch(key):
        blocks.damaged("a key of its tree is not COLLECTION/NAME")
    return key


def _link(blocks: Blocks, value: Any) -> bytes:
    if not is_cid(value):
        blocks.damaged("its tree has a link to something other than a block")
    return bytes(value)


def _incomplete(blocks: Blocks) -> UnreadableFileError:
    return UnreadableFileError(
        f"{blocks.name} is incomplete: it lists posts that it does not hold.",
        f"Use the whole repository. {AGAIN}",
    )
