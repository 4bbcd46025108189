#!/usr/bin/env bash
# libipld 3.5.0, seen on 28 November 2026: a byte string of 36 bytes that begins like a CID (01 71 12 20) is
# written as a link.
#
# In DAG-CBOR a link is tag 42 over a byte string that begins with 00; any other bytes are a plain byte string.
# libipld has no type for links: it reads them as plain `bytes`, and decides by what they look like which of the
# two to write. A good guess would be that bytes are written as bytes, whatever they hold, or that a link is of
# another type: so it is in the packages dag-cbor and cbor2.
#
# Behaviour: encode_dag_cbor({"a": 36 bytes beginning 01 71 12 20}) gives tag 42 (d8 2a 58 25 00 …), while
# 36 bytes that begin otherwise give 58 24 …; both are read back as the same 36 bytes. Whoever stores a digest
# with that beginning as data gets a record of another meaning, and of another digest.
# Output seen: "like a CID: d82a582500017112, other bytes: 582402711220aaaa".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q libipld==3.5.0
"$folder/venv/bin/python" - <<'PY'
import libipld

cid, other = (bytes([first, 0x71, 0x12, 0x20]) + b"\xaa" * 32 for first in (1, 2))
written = [libipld.encode_dag_cbor({"a": value}) for value in (cid, other)]
linked, plain = (block[3:11].hex() for block in written)
print(f"like a CID: {linked}, other bytes: {plain}")
assert linked == "d82a582500017112" and plain == "582402711220aaaa"
assert [libipld.decode_dag_cbor(block)["a"] for block in written] == [cid, other]
PY
