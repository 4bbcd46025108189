"""No token in anything that a run writes, prints, publishes, asks for by address, or shows to others."""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.batch import accounts
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer

HUB_TOKEN = "hf_QmVyaWxTZWNyZXRUb2tlbg+/="
X_TOKEN = "AAAAAx%2Fsecret+token/that=travels"
WANDB_KEY = "0123456789abcdef0123456789abcdef01234567"
SECRETS = (HUB_TOKEN, X_TOKEN, WANDB_KEY)


def forms(secret: str) -> set[bytes]:
    """A secret as it is, in a URL, in JSON, and in base64 whatever stands before it."""
    raw = secret.encode()
    coded = {base64.b64encode(b"x" * n + raw)[4:-4] for n in range(3)}
    return {raw, quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode(), *coded}


FORMS = {form: secret for secret in SECRETS for form in forms(secret)}


def leaks(name: str, content: bytes) -> list[str]:
    return [f"{name}: {secret[:6]}…" for form, secret in FORMS.items() if form in content]


@contextmanager
def watched(found: list[bytes]) -> Iterator[None]:
    """Collect the titles of all processes, which anyone on the machine can read."""
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(0.1):
            for title in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    found.append(title.read_bytes())
                except OSError:
                    continue

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        is_over.set()
        watching.join()


def test_a_leak_would_be_seen() -> None:
    for secret in SECRETS:
        basic = base64.b64encode(f"user:{secret}".encode())
        for shown in (f"Bearer {secret}".encode(), f"?token={quote(secret, safe='')}&".encode(), basic):
            assert leaks("log", b"said " + shown + b" once")


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("debug", ["1", pytest.param("0", marks=pytest.mark.slow)])
def test_no_token_is_in_anything_that_a_run_leaves_behind(
    hub: HubServer, x: XServer, tiny_gpt2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, debug: str
) -> None:
    hub.add_user("bob", token=HUB_TOKEN)
    x.token = X_TOKEN
    for handle in ("ada", "eve", "joe"):
        accounts.add(x, handle, 1)
    for name, value in {
        "HF_TOKEN": HUB_TOKEN,
        "X_BEARER_TOKEN": X_TOKEN,
        "WANDB_API_KEY": WANDB_KEY,
        "HF_DEBUG": debug,
        "WANDB_MODE": "offline",
        "WANDB_SILENT": "false",
        **{f"WANDB_{kind}_DIR": str(tmp_path / "wandb") for kind in ("CACHE", "DATA", "CONFIG")},
        "WANDB_DIR": str(tmp_path / "wandb"),
    }.items():
        monkeypatch.setenv(name, value)
    said: dict[str, bytes] = {}
    titles: list[bytes] = []

    def run(*arguments: str, expected: int) -> None:
        done = subprocess.run([sys.executable, "-m", "huggingtweets_hub", *arguments], capture_output=True)
        assert done.returncode == expected, done.stderr.decode()
        said[" ".join(arguments[:2]) + f" {len(said)}"] = done.stdout + done.stderr

    options = ["--base-model", str(tiny_gpt2), "--epochs", "1", "--samples", "2", "--namespace", "@me"]
    users = tmp_path / "users.txt"
    users.write_text("eve\njoe\n")
    with watched(titles):
        run("publish", "ada", *options, "--tracker", "wandb", "--output", str(tmp_path / "out"), expected=0)
        run("env", expected=0)
        hub.faults.answer("POST", "/commit/", 403, {"error": "no"}, times=99)
        x.faults.answer("/tweets", 401, {}, times=1)
        run("batch", str(users), *options, "--tracker", "none", "--retries", "0", expected=3)
        run("status", "--json", expected=0)
        hub.faults.pending.clear()
        x.faults.answer("/by/username", 403, {}, times=9)
        run("fetch", "nobody", "-o", str(tmp_path / "nobody.jsonl"), expected=1)
        x.faults.pending.clear()
        hub.faults.html("GET", "whoami", 401, times=99)
        run("publish", "joe", *options, "--json", expected=1)

    own = [path for path in tmp_path.rglob("*") if path.is_file()]
    files = own + [path for path in Path(os.environ["HF_HOME"]).rglob("*") if path.is_file()]
    sent = [f"{request.method} {request.path}".encode() for request in hub.log]
    commits = [commit for repo in hub.repos.values() for commit in repo.objects.values()]
    published = {
        f"{commit.oid}/{path}": content for commit in commits for path, content in commit.files.items()
    }
    published |= {commit.oid: f"{commit.title} {commit.description}".encode() for commit in commits}
    artefacts = {
        **said,
        **published,
        **{str(path): path.read_bytes() for path in files},
        **{f"request {n}": line for n, line in enumerate(sent)},
        **{f"title {n}": title for n, title in enumerate(set(titles))},
    }
    assert [found for name, content in artefacts.items() for found in leaks(name, content)] == []
    assert len(own) > 20 and len(published) > 10 and any(b"huggingtweets_hub" in title for title in titles)
    assert b"Traceback" in b"".join(said.values()) or debug == "0"
    print(
        f"{len(artefacts)} artefacts: {len(said)} outputs, {len(files)} files, {len(published)} published, "
        f"{len(sent)} requests, {len(set(titles))} titles"
    )
