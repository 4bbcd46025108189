#!/usr/bin/env bash
# huggingface_hub 2.4.0 with a server of the standard library that speaks the Hub's API; 1 December 2026.
#
# `snapshot_download` gives the folder of a whole repository. When the Hub answers with an error it takes what is in
# the cache, and it is documented to raise IncompleteSnapshotError where files are missing there. A good guess would be
# that a cache which holds one file of three, because something has asked for that one, is such a case.
#
# Seen: it only knows what is missing where it has listed the repository before. After a mere `hf_hub_download` of
# config.json any error of the Hub, also one that is over a second later (429, 503) or that denies access (401, 403),
# makes it return a folder with config.json alone, without an error or a word. The same after a listing raises. Output:
#   config.json kept, Hub says 401: config.json
#   config.json kept, Hub says 403: config.json
#   config.json kept, Hub says 429: config.json
#   config.json kept, Hub says 503: config.json
#   listed and config.json kept, Hub says 503: IncompleteSnapshotError
#   nothing kept, Hub says 503: LocalEntryNotFoundError
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q huggingface_hub==2.4.0

cat > "$work/ask.py" <<'PYTHON'
import hashlib, json, os, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {"README.md": b"# A bot", "config.json": b"{}", "model.safetensors": b"weights"}
status = 200


class Hub(BaseHTTPRequestHandler):
    def do_GET(self):
        path, headers, code = self.path.split("?")[0], {"Content-Type": "application/json"}, status
        if code != 200:
            body = b"{}"
        elif "/resolve/" in path:
            body = FILES[path.rsplit("/", 1)[1]]
            headers = {"ETag": f'"{hashlib.sha1(body).hexdigest()}"', "X-Repo-Commit": COMMIT}
        elif "/tree/" in path:
            same = {"type": "file", "oid": "0" * 40}
            body = json.dumps([{**same, "path": name, "size": len(text)} for name, text in FILES.items()]).encode()
        elif path.startswith("/api/models/ann/"):
            repo = path.removeprefix("/api/models/").split("/revision")[0]
            body = json.dumps({"id": repo, "sha": COMMIT, "siblings": []}).encode()
        else:
            code, body = 404, b"{}"
        self.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *words):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["HF_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}"

from huggingface_hub import hf_hub_download, snapshot_download


def ask(repo, what, code):
    global status
    status = code
    try:
        found = ", ".join(sorted(path.name for path in Path(snapshot_download(repo)).iterdir()))
    except OSError as error:
        found = type(error).__name__
    status = 200
    print(f"{what}, Hub says {code}: {found}")


hf_hub_download("ann/kept", "config.json")
for code in (401, 403, 429, 503):
    ask("ann/kept", "config.json kept", code)
snapshot_download("ann/listed", allow_patterns="config.json")
ask("ann/listed", "listed and config.json kept", 503)
ask("ann/new", "nothing kept", 503)
PYTHON

export HF_HOME=$work/hf HF_HUB_DISABLE_PROGRESS_BARS=1
"$work/venv/bin/python" "$work/ask.py" 2> "$work/stderr" > "$work/seen" ||
    { cat "$work/stderr"; exit 1; }
cat "$work/seen" "$work/stderr"
diff "$work/seen" - <<'SEEN'
config.json kept, Hub says 401: config.json
config.json kept, Hub says 403: config.json
config.json kept, Hub says 429: config.json
config.json kept, Hub says 503: config.json
listed and config.json kept, Hub says 503: IncompleteSnapshotError
nothing kept, Hub says 503: LocalEntryNotFoundError
SEEN
