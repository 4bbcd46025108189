#!/usr/bin/env bash
# trackio 0.43.0; 1 December 2026, Python 3.11 on Linux.
#
# `trackio.init(project=...)` takes any name that is not empty, and says that this project was initialized. A good guess
# would be that projects of different names are different projects, as in wandb, or that a name which cannot be kept is
# refused.
#
# Seen: a project is known by the letters, digits, hyphens and underscores of its name alone; all names that have none
# are "default". What is logged to "gpt-2.5" stands in the project "gpt-25", beside the runs of it; `resume="allow"`
# goes on with the other project's run of the same name, and `delete_project` of one takes the other away.
# Nothing says so. Output:
#   projects after gpt-2.5 and gpt-25: ['gpt-25']
#   runs of gpt-2.5: ['first', 'second']
#   losses of gpt-2.5, first: [1, 3]
#   project after one named '...': ['default', 'gpt-25']
#   runs of gpt-2.5 after gpt-25 is deleted: []
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q trackio==0.43.0

cat > "$work/ask.py" <<'PYTHON'
import sys
from contextlib import redirect_stdout

import trackio
from trackio.sqlite_storage import SQLiteStorage


def log(project, name, loss):
    with redirect_stdout(sys.stderr):
        run = trackio.init(project=project, name=name, resume="allow", embed=False)
        run.log({"loss": loss})
        run.finish()


log("gpt-2.5", "first", 1)
log("gpt-25", "second", 2)
print(f"projects after gpt-2.5 and gpt-25: {sorted(SQLiteStorage.get_projects())}")
print(f"runs of gpt-2.5: {sorted(SQLiteStorage.get_runs('gpt-2.5'))}")
log("gpt-25", "first", 3)
losses = [row["loss"] for row in SQLiteStorage.get_logs("gpt-2.5", "first")]
print(f"losses of gpt-2.5, first: {losses}")
log("...", "third", 4)
print(f"project after one named '...': {sorted(SQLiteStorage.get_projects())}")
with redirect_stdout(sys.stderr):
    trackio.delete_project("gpt-25", force=True)
print(f"runs of gpt-2.5 after gpt-25 is deleted: {SQLiteStorage.get_runs('gpt-2.5')}")
PYTHON

cd "$work"
export TRACKIO_DIR=$work/trackio GRADIO_ANALYTICS_ENABLED=False HF_HOME=$work/hf HF_HUB_OFFLINE=1
venv/bin/python ask.py 2> stderr > said || { cat stderr; exit 1; }
grep -E "^(projects?|runs|losses) " said | tee seen
diff seen - <<'SEEN'
projects after gpt-2.5 and gpt-25: ['gpt-25']
runs of gpt-2.5: ['first', 'second']
losses of gpt-2.5, first: [1, 3]
project after one named '...': ['default', 'gpt-25']
runs of gpt-2.5 after gpt-25 is deleted: []
SEEN
