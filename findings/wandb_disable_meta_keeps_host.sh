#!/usr/bin/env bash
# wandb 0.31.0, 28 November 2026, Python 3.11 on Linux.
#
# `wandb.Settings(x_disable_meta=True)` keeps the metadata of a run (command line with its arguments, working
# directory, interpreter, program) out of an offline run. A good guess would be that the machine's name, which
# stands among them in wandb-metadata.json, stays out with them.
#
# Seen: the host's name is still in the .wandb log, in the record that describes the run, which is what
# `wandb sync` sends. Setting `host` to something else is what takes it out. Output:
#   {'argument': True, 'host': True} by default
#   {'argument': False, 'host': True} with x_disable_meta
#   {'argument': False, 'host': False} with x_disable_meta and host
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/python" -m pip install -q wandb==0.31.0
cat >"$work/run.py" <<'PYTHON'
import json
import socket
import sys
from pathlib import Path

HOST = "the-name-of-this-machine"  # a short one may stand in the log by chance
socket.gethostname = lambda: HOST

import wandb

folder, settings = Path(sys.argv[1]), json.loads(sys.argv[2])
run = wandb.init(
    mode="offline",
    dir=str(folder),
    project="findings",
    settings=wandb.Settings(silent=True, console="off", disable_git=True, disable_code=True, **settings),
)
run.log({"loss": 1.0})
run.finish()
wandb.teardown()
sent = [path for path in folder.rglob("*") if path.is_file() and (path.suffix == ".wandb" or "files" in path.parts)]
data = b"".join(path.read_bytes() for path in sent)
assert b"findings" in data
words = {"argument": sys.argv[3], "host": HOST}
print({name: word.encode() in data for name, word in words.items()})
PYTHON
seen() {
  mkdir "$work/$1"
  (cd "$work" && WANDB_SILENT=true WANDB_API_KEY='' "$work/env/bin/python" run.py "$work/$1" "$2" --an-argument-of-the-run 2>/dev/null)
}
check() {
  if [ "$2" = "$3" ]; then echo "$2 $1"; else echo "changed: $1 gives $2, not $3" >&2; exit 1; fi
}
check "by default" "$(seen default '{}')" "{'argument': True, 'host': True}"
check "with x_disable_meta" "$(seen meta '{"x_disable_meta": true}')" "{'argument': False, 'host': True}"
check "with x_disable_meta and host" "$(seen host '{"x_disable_meta": true, "host": "elsewhere"}')" \
  "{'argument': False, 'host': False}"
