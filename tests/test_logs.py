"""No token and no post in a log, also where a program logs everything."""

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.batch import accounts
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer
from tests.test_secrets import HUB_TOKEN, X_TOKEN, forms

ROOT = Path(__file__).parents[1]
PROGRAM = """
import logging, sys
logging.basicConfig(level=logging.DEBUG)
from huggingtweets_hub import Silent, fetch_timeline, publish, publish_batch, unpublish
made = {"base_model": sys.argv[1], "epochs": 1, "samples": 2, "namespace": "bob", "progress": Silent()}
if __name__ == "__main__":
    fetch_timeline("ada", progress=Silent())
    print(publish("ada", **made).url)
    print(publish_batch(sys.argv[2], **made).outcomes)
    unpublish("bob/ada")
    try:
        fetch_timeline("nobody", progress=Silent())
    except Exception:
        logging.exception("as expected")
"""


def shapes(text: str) -> set[bytes]:
    """The beginning of a text, as it may stand in a log: plain, escaped, in base64."""
    start = text[:24]
    escaped = json.dumps(start)[1:-1]
    return {start.encode(), escaped.encode(), escaped.replace("\\", "\\\\").encode()} | {
        base64.b64encode(b"x" * n + start.encode())[4:-4] for n in range(3)
    }


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("debug", ["1", pytest.param("0", marks=pytest.mark.slow)])
def test_no_token_no_post_and_no_control_character_is_in_any_log(
    hub: HubServer, x: XServer, tiny_gpt2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, debug: str
) -> None:
    hub.add_user("bob", token=HUB_TOKEN)
    x.token = X_TOKEN
    for number, handle in enumerate(("ada", "eve")):
        accounts.add(x, handle, number)
    for name, value in {
        "HF_TOKEN": HUB_TOKEN, "X_BEARER_TOKEN": X_TOKEN, "HF_DEBUG": debug, "HTTPX_LOG_LEVEL": "debug",
        "HUGGINGTWEETS_STORE": "hf://datasets/bob/store", "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    (tmp_path / "program.py").write_text(PROGRAM)
    users = tmp_path / "users.txt"
    users.write_text("eve\n")
    command = [sys.executable, "-m", "program", str(tiny_gpt2), str(users)]
    done = subprocess.run(command, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    log = done.stderr
    assert (b"huggingface_hub" in log) == (debug == "1")  # which then logs by itself
    assert b"DEBUG:" in log and b"as expected" in log and hub.datasets["bob/store"].files
    texts = [text for number in (0, 1) for text in accounts.texts(number, 120) if len(text) > 24]
    found = {form for secret in (HUB_TOKEN, X_TOKEN) for form in forms(secret) if form in log}
    found |= {shape for text in texts for shape in shapes(text) if shape in log}
    assert found == set()
    assert re.findall(r"[^\n\t\x20-\x7e\xa0-\U0010ffff]", log.decode("utf-8")) == []
