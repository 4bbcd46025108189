#!/usr/bin/env bash
# datasets 5.2.0 (pandas 3.1.1, pyarrow 26.0.1); 1 December 2026, Python 3.11 on Linux.
#
# Newer datasets read a column that holds texts in some rows and numbers or objects in others: it gets the type Json,
# and each value is given back as it was. A good guess would be that a text stays a text, as in the file.
#
# Seen: a text that is JSON by itself is given back as what it says. An id in quotes becomes a number, "007" loses its
# zeros, "null" and "NaN" are None, and a number of more than 64 bits wraps round. Other texts stay, and so do all of a
# column without objects, also the very same ones. It is the same with `Dataset.from_list` and the type Json, and
# nothing says so. Output:
#   texts alone, string: nothing changed
#   beside an object, Json: '007' -> 7, '1e5' -> 100000.0, 'null' -> None, 'NaN' -> None, '"quoted"' -> 'quoted', '1234567890123456789012' -> 17082781258626382356
#   from_list, Json: '007' -> 7, '1e5' -> 100000.0, 'null' -> None, 'NaN' -> None, '"quoted"' -> 'quoted', '1234567890123456789012' -> 17082781258626382356
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q datasets==5.2.0 pandas==3.1.1 pyarrow==26.0.1

cat > "$work/ask.py" <<'PYTHON'
import json
from pathlib import Path

from datasets import Dataset, Features, Json, disable_progress_bars

disable_progress_bars()
texts = ["007", "1e5", "null", "NaN", '"quoted"', "1234567890123456789012", "good morning", "#1"]


def show(name, values, dataset):
    kind = dataset.features["body"]
    changed = [f"{before!r} -> {after!r}" for before, after in zip(values, dataset["body"]) if before != after]
    print(f"{name}, {getattr(kind, 'dtype', type(kind).__name__)}: {', '.join(changed) or 'nothing changed'}")


for name, values in {"texts alone": texts, "beside an object": [{"text": "a post"}, *texts]}.items():
    file = Path(f"{name}.jsonl")
    file.write_text("".join(json.dumps({"body": value}) + "\n" for value in values))
    show(name, values, Dataset.from_json(str(file)))
rows = [{"body": value} for value in texts]
show("from_list", texts, Dataset.from_list(rows, features=Features({"body": Json()})))
PYTHON

cd "$work"
HF_HOME=$work/hf HF_HUB_OFFLINE=1 venv/bin/python ask.py 2> stderr > seen || { cat stderr; exit 1; }
cat seen
diff seen - <<'SEEN'
texts alone, string: nothing changed
beside an object, Json: '007' -> 7, '1e5' -> 100000.0, 'null' -> None, 'NaN' -> None, '"quoted"' -> 'quoted', '1234567890123456789012' -> 17082781258626382356
from_list, Json: '007' -> 7, '1e5' -> 100000.0, 'null' -> None, 'NaN' -> None, '"quoted"' -> 'quoted', '1234567890123456789012' -> 17082781258626382356
SEEN
