#!/usr/bin/env bash
# gguf 0.19.0 (numpy 2.4.6); 1 December 2026, Python 3.11 on Linux.
#
# GGUFReader maps a file into memory, so that weights cost nothing before they are used. A good guess would be that a
# file is opened at once, whatever it holds, or at least as fast as its metadata can be read.
#
# Seen: opening goes through every string of the vocabulary and of the merges, and keeps two numpy arrays for each. A
# file of 25 MB with 128,000 tokens and 256,000 merges, as newer models have them, takes ten seconds and 500 MB to open,
# also for someone who wants one number of it: fifty times as long as a plain loop over the same strings in Python, and
# two thousand times as long as adding up its four million weights. It grows with the vocabulary, not with the model,
# and each GGUFReader of the same file pays again. The bounds that are checked are far lower. Output, with somewhat
# other numbers in the first line elsewhere:
#   opened in 9.9 s, and 506 MB more
#   more than 10 times as long as a plain loop over the strings: True
#   more than 100 times as long as adding up the weights: True
#   more than 10 times the file's size in memory: True
#   with a tenth of the vocabulary less than a fifth of that: True
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q gguf==0.19.0 numpy==2.4.6

cat > "$work/ask.py" <<'PYTHON'
import os, resource, struct, sys, time
from pathlib import Path

import gguf
import numpy as np


def write(tokens):
    path = Path(f"{tokens}.gguf")
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([f"token{number}" for number in range(tokens)])
    writer.add_token_merges([f"a{number} b{number}" for number in range(2 * tokens)])
    writer.add_tensor("weights", np.ones((4096, 1024), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def seconds(do, *given):
    began = time.process_time()
    found = do(*given)
    return time.process_time() - began, found


def strings(path):
    """All strings of the two lists, read in a plain loop."""
    file = path.read_bytes()
    found = []
    for key in (b"tokenizer.ggml.tokens", b"tokenizer.ggml.merges"):
        at = file.index(key) + len(key)
        kind, of, count = struct.unpack_from("<IIQ", file, at)
        assert (kind, of) == (9, 8)  # a list of strings
        at += 16
        for _ in range(count):
            (length,) = struct.unpack_from("<Q", file, at)
            found.append(file[at + 8 : at + 8 + length].decode())
            at += 8 + length
    return found


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


TOKENS = 128_000
small, large = write(TOKENS // 10), write(TOKENS)
for_small, _ = seconds(gguf.GGUFReader, small)
for_loop, words = seconds(strings, large)
before = memory()
for_large, reader = seconds(gguf.GGUFReader, large)
more = memory() - before
for_weights, total = seconds(lambda: float(reader.tensors[0].data.sum(dtype=np.float64)))
kept = [reader.fields[f"tokenizer.ggml.{name}"].contents() for name in ("tokens", "merges")]
assert words == [*kept[0], *kept[1]] and total == 4096 * 1024
print(f"opened in {for_large:.1f} s, and {more / 1e6:.0f} MB more", file=sys.stderr)
print(f"more than 10 times as long as a plain loop over the strings: {for_large > 10 * for_loop}")
print(f"more than 100 times as long as adding up the weights: {for_large > 100 * for_weights}")
print(f"more than 10 times the file's size in memory: {more > 10 * os.path.getsize(large)}")
print(f"with a tenth of the vocabulary less than a fifth of that: {for_small < for_large / 5}")
PYTHON
cd "$work"
venv/bin/python ask.py 2> stderr > seen || { cat stderr; exit 1; }
cat stderr seen
diff seen - <<'SEEN'
more than 10 times as long as a plain loop over the strings: True
more than 100 times as long as adding up the weights: True
more than 10 times the file's size in memory: True
with a tenth of the vocabulary less than a fifth of that: True
SEEN
