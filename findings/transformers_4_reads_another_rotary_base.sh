#!/usr/bin/env bash
# transformers 5.24.0 saves, transformers 4.57.6 loads; 28 November 2026, Python 3.11 on Linux.
#
# transformers 5 writes the base of rotary positions as `rope_parameters.rope_theta` alone, and 4.57 knows it as
# `rope_theta`. A good guess would be that 4.57 understands the file, or says that it does not.
#
# Seen: it loads the folder of a Llama without a word and takes its own default of 10,000 in place of 100,000, so
# the same weights compute something else (a SmolLM2-135M of ours: a loss of 4.853 in place of 4.865 on one text). With
# `rope_theta` written beside `rope_parameters`, both versions agree. Output:
#   saved by 5.24.0: rope_theta at the top: no
#   read by 4.57.6: 10000.0
#   with rope_theta at the top, read by 4.57.6: 100000.0
#   with rope_theta at the top, read by 5.24.0: 100000.0
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for version in 5.24.0 4.57.6; do
    python3 -m venv "$work/$version"
    "$work/$version/bin/python" -m pip install -q "transformers==$version"
done
export TRANSFORMERS_VERBOSITY=error

"$work/5.24.0/bin/python" - "$work/model" <<'PYTHON'
import json, pathlib, sys
from transformers import LlamaConfig

LlamaConfig(rope_parameters={"rope_type": "default", "rope_theta": 100000.0}).save_pretrained(sys.argv[1])
saved = json.loads((pathlib.Path(sys.argv[1]) / "config.json").read_text())
print("saved by 5.24.0: rope_theta at the top:", "yes" if "rope_theta" in saved else "no")
assert "rope_theta" not in saved and saved["rope_parameters"]["rope_theta"] == 100000.0
PYTHON

read() { # VERSION EXPRESSION
    "$work/$1/bin/python" -c "import sys; from transformers import AutoConfig; c = AutoConfig.from_pretrained(sys.argv[1]); print($2)" "$work/model"
}
seen=$(read 4.57.6 c.rope_theta)
echo "read by 4.57.6: $seen"
test "$seen" = 10000.0

sed -i 's/"rope_parameters"/"rope_theta": 100000.0, &/' "$work/model/config.json"
seen=$(read 4.57.6 c.rope_theta)
echo "with rope_theta at the top, read by 4.57.6: $seen"
test "$seen" = 100000.0
seen=$(read 5.24.0 'c.rope_parameters["rope_theta"]')
echo "with rope_theta at the top, read by 5.24.0: $seen"
test "$seen" = 100000.0
