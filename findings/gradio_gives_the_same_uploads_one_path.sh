#!/usr/bin/env bash
# gradio 6.31.0 with gradio_client 2.7.2; 30 November 2026.
#
# Visitors of an app upload files. A good guess would be that each upload is a file of its own, as in other frameworks,
# so that a function may move or delete the one that it was given.
#
# Seen: an upload is kept under the digest of its content. Two visitors who upload the same file under the same name,
# at once or hours apart, get one path between them, and so does one visitor with two tabs. The function that is done
# first, and deletes what it has read, takes it away from the other, who gets FileNotFoundError. Output:
#   two visitors, one path: True
#   another name, one path: False
#   read beside a visitor who deletes it: FileNotFoundError
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q gradio==6.31.0 gradio_client==2.7.2
cd "$work"
export GRADIO_ANALYTICS_ENABLED=False GRADIO_TEMP_DIR=$work/uploads HF_HOME=$work/hf HF_HUB_OFFLINE=1
"$work/venv/bin/python" - <<'PYTHON'
import threading
from pathlib import Path

import gradio
from gradio_client import Client, handle_file

both_here = threading.Barrier(2)
is_deleted = threading.Event()


def where(upload, waits, deletes):
    path = Path(upload)
    try:
        if waits:
            both_here.wait(60)
        if deletes:
            path.unlink()
            is_deleted.set()
        elif waits:
            assert is_deleted.wait(60)
            path.read_bytes()
    except FileNotFoundError as error:
        return type(error).__name__
    return str(path)


app = gradio.Interface(
    where, [gradio.File(type="filepath"), "checkbox", "checkbox"], "text", api_name="where", concurrency_limit=2
)
_, address, _ = app.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
ann, ben = (Client(address, verbose=False) for _ in range(2))


def uploaded(name, text):
    file = Path(name)
    file.write_text(text)
    return handle_file(str(file))


def asked(visitor, name, *, waits=False, deletes=False):
    return visitor.submit(uploaded(name, "a post\n"), waits, deletes, api_name="/where")


first, second, other = (asked(*who).result(60) for who in ((ann, "a.txt"), (ben, "a.txt"), (ben, "b.txt")))
print(f"two visitors, one path: {first == second}")
print(f"another name, one path: {first == other}")
deleting, reading = asked(ann, "a.txt", waits=True, deletes=True), asked(ben, "a.txt", waits=True)
deleting.result(60)
said = reading.result(60)
print(f"read beside a visitor who deletes it: {said}")
assert (first == second, first == other, said) == (True, False, "FileNotFoundError")
app.close()
PYTHON
