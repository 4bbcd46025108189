#!/usr/bin/env bash
# ftfy 6.3.1, 28 November 2026, Python 3.11 on Linux.
#
# `ftfy.fix_encoding` undoes mojibake and is meant to leave good text alone: it leaves French, Spanish, degrees and
# micrometres as they are. A good guess would be that other units of science are as safe.
#
# Seen: square and cubic ångströms, and ± after an Å, are taken for UTF-8 that was read as Latin-1, and become one
# letter. So a text is only to be repaired where others beside it are damaged, too. Output:
#   '10 Å²' -> '10 Ų'
#   '10 Å³' -> '10 ų'
#   '10 Å±1' -> '10 ű1'
#   '10 µm²' -> '10 µm²'
#   'naïve café' -> 'naïve café'
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/python" -m pip install -q ftfy==6.3.1
"$work/env/bin/python" - <<'PYTHON'
import ftfy

seen = {text: ftfy.fix_encoding(text) for text in ("10 Å²", "10 Å³", "10 Å±1", "10 µm²", "naïve café")}
for before, after in seen.items():
    print(f"{before!r} -> {after!r}")
assert seen == {
    "10 Å²": "10 Ų",
    "10 Å³": "10 ų",
    "10 Å±1": "10 ű1",
    "10 µm²": "10 µm²",
    "naïve café": "naïve café",
}
PYTHON
