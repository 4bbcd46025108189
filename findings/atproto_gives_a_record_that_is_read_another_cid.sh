#!/usr/bin/env bash
# atproto 0.0.73 (libipld 3.5.0, pydantic 2.14.4); 1 December 2026, Python 3.11 on Linux.
#
# A record of Bluesky is known by its CID, the digest of its DAG-CBOR. The models of the package atproto keep fields
# that no lexicon knows, and leave out what was not set. A good guess would be that a record which is read into its
# model and given back as a dict has the CID that it had.
#
# Seen: objects whose type is plain from where they stand need no `$type`, and where a record has none the model gives
# them one: each facet and its index, a reply and both its references, an image and its aspect ratio. So a mere text
# keeps its CID, and a post with a link, a reply or a picture becomes another record. A copy, or an edit of one field,
# matches neither a reference to the original nor its block. Output:
#   text: same CID
#   text and a field of no lexicon: same CID
#   link: another CID, with facets[0].$type, facets[0].index.$type
#   reply: another CID, with reply.$type, reply.parent.$type, reply.root.$type
#   picture: another CID, with embed.images[0].$type, embed.images[0].aspectRatio.$type
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q atproto==0.0.73 libipld==3.5.0 pydantic==2.14.4

cat > "$work/ask.py" <<'PYTHON'
import hashlib

import libipld
from atproto import models

FEED = "app.bsky.feed.post"
picture = bytes([1, 0x55, 0x12, 0x20]) + hashlib.sha256(b"picture").digest()
other = {"cid": libipld.encode_cid(picture), "uri": f"at://did:plc:ann/{FEED}/3k2a"}
link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org"}
image = {"$type": "blob", "ref": picture, "mimeType": "image/png", "size": 7}
posts = {
    "text": {},
    "text and a field of no lexicon": {"bridgyOriginalText": "<p>good morning</p>"},
    "link": {"facets": [{"index": {"byteStart": 0, "byteEnd": 4}, "features": [link]}]},
    "reply": {"reply": {"root": other, "parent": other}},
    "picture": {
        "embed": {
            "$type": "app.bsky.embed.images",
            "images": [{"alt": "a hill", "image": image, "aspectRatio": {"width": 4, "height": 3}}],
        }
    },
}


def cid(record):
    return hashlib.sha256(libipld.encode_dag_cbor(record)).hexdigest()


def leaves(value, path=""):
    if isinstance(value, dict):
        return {leaf for key, inner in value.items() for leaf in leaves(inner, f"{path}.{key}".lstrip("."))}
    if isinstance(value, list):
        return {leaf for number, inner in enumerate(value) for leaf in leaves(inner, f"{path}[{number}]")}
    return {(path, value)}


for name, more in posts.items():
    record = {"$type": FEED, "text": "good morning", "createdAt": "2026-12-01T07:00:00.000Z", **more}
    read = models.get_model_as_dict(models.get_or_create(record, models.AppBskyFeedPost.Record))
    assert leaves(record) <= leaves(read)
    added = sorted(path for path, _ in leaves(read) - leaves(record))
    print(f"{name}: same CID" if cid(read) == cid(record) else f"{name}: another CID, with {', '.join(added)}")
PYTHON

"$work/venv/bin/python" "$work/ask.py" 2> "$work/stderr" > "$work/seen" || { cat "$work/stderr"; exit 1; }
cat "$work/seen"
test ! -s "$work/stderr"
diff "$work/seen" - <<'SEEN'
text: same CID
text and a field of no lexicon: same CID
link: another CID, with facets[0].$type, facets[0].index.$type
reply: another CID, with reply.$type, reply.parent.$type, reply.root.$type
picture: another CID, with embed.images[0].$type, embed.images[0].aspectRatio.$type
SEEN
