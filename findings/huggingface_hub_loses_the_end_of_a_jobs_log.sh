#!/usr/bin/env bash
# huggingface_hub 2.4.0 with a server of the standard library that speaks the Jobs API; 29 November 2026.
#
# `fetch_job_logs(follow=True)` streams a job's log and asks again where the stream ends. A good guess would be that it
# goes on until it has the whole log, or raises.
#
# Seen: each time the stream ends it looks at the job first. If that is over meanwhile, it takes what it has for all:
# a stream that is cut two lines into ten, in the last seconds of a job, loses eight, without an error and without a
# word. The same log is whole when it is asked for once more with `follow=False`. Output:
#   followed: 2 of 10 lines, no error
#   asked again: 10 of 10 lines
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q huggingface_hub==2.4.0
HF_HOME=$work/hf "$work/venv/bin/python" - <<'PYTHON'
import json, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from huggingface_hub import HfApi

LINES = 10
streams = []


class Jobs(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.split("?")[0].endswith("/logs"):
            streams.append(self.path)
            shown = 2 if len(streams) == 1 else LINES  # the first stream is cut
            kind, body = "text/event-stream", "".join(
                f"data: {json.dumps({'timestamp': f'2026-11-29T00:00:{n:02}.000Z', 'data': f'line {n}'})}\n\n" for n in range(shown)
            )
        else:
            kind, body = "application/json", json.dumps(
                {"id": "j1", "owner": {"id": "o1", "name": "ann", "type": "user"}, "status": {"stage": "COMPLETED", "message": None}}
            )
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *said):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Jobs)
threading.Thread(target=server.serve_forever, daemon=True).start()
api = HfApi(endpoint=f"http://127.0.0.1:{server.server_port}", token="hf_nobody")
followed = list(api.fetch_job_logs(job_id="j1", namespace="ann", follow=True))
print(f"followed: {len(followed)} of {LINES} lines, no error")
again = list(api.fetch_job_logs(job_id="j1", namespace="ann", follow=False))
print(f"asked again: {len(again)} of {LINES} lines")
assert (len(followed), len(again)) == (2, LINES)
PYTHON
