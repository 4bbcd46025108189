#!/usr/bin/env bash
# datasets 5.2.0 (pyarrow 26.0.1); 1 December 2026, Python 3.11 on Linux.
#
# A JSON lines file has posts and their times in ISO 8601, some with milliseconds and some without. Such a column is
# read as strings, just as it is written. A good guess would be that it is so however large the file is.
#
# Seen: files are read in blocks of 10 MB (`chunksize`), and pyarrow takes the strings of a block for times where all
# have whole seconds. If the first block has strings and a later one times, these are turned back into strings of
# another form, without a word: in UTC, without the "T" and without the offset, so that 07:00+02:00 is 05:00 of nowhere.
# If the first has times and a later one milliseconds, the file cannot be read: the same lines in another order fail.
# A text column fares as these times do where a whole block of it is dates. Output:
#   small file, milliseconds first: '2026-12-01T07:00:00.500+02:00', ..., '2026-12-01T07:00:00+02:00'
#   small file, milliseconds last: '2026-12-01T07:00:00+02:00', ..., '2026-12-01T07:00:00.500+02:00'
#   large file, milliseconds first: '2026-12-01T07:00:00.500+02:00', ..., '2026-12-01 05:00:00'
#   large file, milliseconds last: Failed to parse string: '2026-12-01T07:00:00.500+02:00' as a scalar of type timestamp[s]: expected no zone offset.
#   streamed, milliseconds first: '2026-12-01T07:00:00.500+02:00', ..., '2026-12-01 05:00:00'
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q datasets==5.2.0 pyarrow==26.0.1

cat > "$work/ask.py" <<'PYTHON'
import json
from pathlib import Path

from datasets import Dataset, IterableDataset, disable_progress_bars
from datasets.exceptions import DatasetGenerationError

disable_progress_bars()
TEXT = "good morning " * 200
whole, milliseconds = "2026-12-01T07:00:00+02:00", "2026-12-01T07:00:00.500+02:00"


def file(name, rows, *times):
    path = Path(f"{name}.jsonl")
    lines = (json.dumps({"created_at": time, "text": TEXT}) + "\n" for time in times for _ in range(rows))
    path.write_text("".join(lines))
    return str(path)


def show(name, read):
    try:
        rows = [row["created_at"] for row in read()]
    except DatasetGenerationError as error:
        print(f"{name}: {error.__cause__}")
    else:
        print(f"{name}: {rows[0]!r}, ..., {rows[-1]!r}")


for size, rows in {"small": 10, "large": 5000}.items():
    for where, times in {"first": (milliseconds, whole), "last": (whole, milliseconds)}.items():
        name = f"{size} file, milliseconds {where}"
        path = file(name, rows, *times)
        show(name, lambda: Dataset.from_json(path))
path = file("streamed", 5000, milliseconds, whole)
show("streamed, milliseconds first", lambda: Dataset.from_json(path, streaming=True))
PYTHON

cd "$work"
HF_HOME=$work/hf HF_HUB_OFFLINE=1 venv/bin/python ask.py 2> stderr > seen || { cat stderr; exit 1; }
cat seen
diff seen - <<'SEEN'
small file, milliseconds first: '2026-12-01T07:00:00.500+02:00', ..., '2026-12-01T07:00:00+02:00'
small file, milliseconds last: '2026-12-01T07:00:00+02:00', ..., '2026-12-01T07:00:00.500+02:00'
large file, milliseconds first: '2026-12-01T07:00:00.500+02:00', ..., '2026-12-01 05:00:00'
large file, milliseconds last: Failed to parse string: '2026-12-01T07:00:00.500+02:00' as a scalar of type timestamp[s]: expected no zone offset.
streamed, milliseconds first: '2026-12-01T07:00:00.500+02:00', ..., '2026-12-01 05:00:00'
SEEN
