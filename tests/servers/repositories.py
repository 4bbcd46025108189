"""Repositories of Bluesky, block by block: trees as the network builds them, and every way to damage them.

The shape of a tree follows from its keys alone: a key lies as deep as its SHA-256 has pairs of leading zero
bits (https://atproto.com/specs/repository).
"""

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import libipld

POST, REPOST, PROFILE = "app.bsky.feed.post", "app.bsky.feed.repost", "app.bsky.actor.profile"
DID = "did:plc:" + "abcdefghijklmnopqrstuvwx"
OTHER = "did:plc:" + "bbbbbbbbbbbbbbbbbbbbbbbb"
_TID = "234567abcdefghijklmnopqrstuvwxyz"


def tid(number: int) -> str:
    """The name that an app gives the record of this many microseconds since 1970."""
    value, letters = number << 10, ""
    for _ in range(13):
        letters = _TID[value & 31] + letters
        value >>= 5
    return letters


def cid_of(block: bytes, codec: int = 0x71) -> bytes:
    """The content id of a block."""
    return bytes([1, codec, 0x12, 0x20]) + hashlib.sha256(block).digest()


def varint(number: int) -> bytes:
    """Unsigned LEB128."""
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def post(text: str, *, at: str = "2024-05-01T12:00:00.000Z", **fields: Any) -> dict[str, Any]:
    """A post's record."""
    return {"$type": POST, "text": text, "createdAt": at, **fields}


def link(start: int, end: int, uri: str) -> dict[str, Any]:
    """A facet that makes these bytes of a text a link."""
    return {
        "index": {"byteStart": start, "byteEnd": end},
        "features": [{"$type": "app.bsky.richtext.facet#link", "uri": uri}],
    }


def reply(to: str) -> dict[str, Any]:
    """A reference to a post of an account."""
    uri = {"uri": f"at://{to}/{POST}/3kaaaaaaaaa22", "cid": "bafy"}
    return {"root": uri, "parent": uri}


class Builder:
    """A repository that grows record by record.

    Attributes:
        blocks: What it holds, by CID, in the order of making.
        keys: The tree's entries: `collection/rkey` and the record's CID.
    """

    def __init__(self, did: str = DID, *, version: int = 3) -> None:
        self.did, self.version = did, version
        self.blocks: dict[bytes, bytes] = {}
        self.keys: dict[bytes, bytes] = {}
        self.root = b""

    def add(self, record: Any, collection: str = POST, rkey: str | None = None) -> "Builder":
        """A record under a key; by default a post, under a name that follows from the number of records."""
        rkey = rkey or tid(1_714_000_000_000_000 + 1_000_000 * len(self.keys))
        self.keys[f"{collection}/{rkey}".encode()] = self.put(record)
        return self

    def put(self, value: Any) -> bytes:
        """A block, which no record needs to link to."""
        block = value if isinstance(value, bytes) else libipld.encode_dag_cbor(value)
        cid = cid_of(block)
        self.blocks[cid] = block
        return cid

    def commit(self) -> "Builder":
        """Build the tree and the commit over it."""
        data = self._tree(sorted(self.keys.items()))
        commit: dict[str, Any] = {"did": self.did, "version": self.version, "data": data, "sig": b"\0" * 64}
        if self.version == 3:
            commit |= {"rev": tid(1_714_000_000_000_000), "prev": None}
        else:
            commit |= {"prev": None}
        self.data = data
        self.root = self.put(commit)
        return self

    def car(self, *, order: Sequence[bytes] | None = None, leave_out: Iterable[bytes] = ()) -> bytes:
        """The file: all blocks, or those of an order, in which a CID may stand twice."""
        if not self.root:
            self.commit()
        gone = set(leave_out)
        cids = [cid for cid in (order if order is not None else self.blocks) if cid not in gone]
        return header(self.root) + b"".join(framed(cid, self.blocks[cid]) for cid in cids)

    def shuffled(self, seed: int) -> list[bytes]:
        """The CIDs in another order, some twice."""
        if not self.root:
            self.commit()
        chance = random.Random(seed)
        cids = [*self.blocks, *chance.sample([*self.blocks], len(self.blocks) // 3)]
        chance.shuffle(cids)
        return cids

    def _tree(self, items: Sequence[tuple[bytes, bytes]]) -> bytes:
        if not items:
            return self.put({"l": None, "e": []})
        depths = [_depth(key) for key, _ in items]
        return self._node(items, depths, max(depths))

    def _node(self, items: Sequence[tuple[bytes, bytes]], depths: Sequence[int], depth: int) -> bytes:
        """A node of a depth; a part without keys of that depth hangs from a node without entries."""
        at = [n for n, one in enumerate(depths) if one == depth]
        bounds = [-1, *at, len(items)]
        below = [
            self._node(items[a + 1 : b], depths[a + 1 : b], depth - 1) if b - a > 1 else None
            for a, b in pairwise(bounds)
        ]
        entries, before = [], b""
        for n, right in zip(at, below[1:], strict=True):
            key, cid = items[n]
            shared = next((i for i, (a, b) in enumerate(zip(before, key, strict=False)) if a != b), None)
            shared = min(len(before), len(key)) if shared is None else shared
            entries.append({"p": shared, "k": key[shared:], "v": cid, "t": right})
            before = key
        return self.put({"l": below[0], "e": entries})


def header(root: bytes, **fields: Any) -> bytes:
    """The beginning of a file."""
    block = libipld.encode_dag_cbor({"roots": [root], "version": 1, **fields})
    return varint(len(block)) + block


def framed(cid: bytes, block: bytes) -> bytes:
    """A block as it stands in a file."""
    return varint(len(cid) + len(block)) + cid + block


def of_posts(texts: Iterable[str], did: str = DID, *, profile: Mapping[str, Any] | None = None) -> Builder:
    """A repository of these posts, the oldest first, a minute apart."""
    builder = Builder(did)
    for number, text in enumerate(texts):
        at = 1_714_000_000 + 60 * number
        builder.add(post(text, at=_iso(at)), rkey=tid(at * 1_000_000))
    if profile is not None:
        builder.add({"$type": PROFILE, **profile}, PROFILE, "self")
    return builder


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _depth(key: bytes) -> int:
    bits = bin(int.from_bytes(hashlib.sha256(key).digest()) | 1 << 256)[3:]
    return (len(bits) - len(bits.lstrip("0"))) // 2
