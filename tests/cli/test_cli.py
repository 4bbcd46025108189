"""The command line in processes of its own, as people and scripts call it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from huggingtweets_hub.cli import _output
from huggingtweets_hub.model import tiny
from tests.batch.support import waited_for
from tests.processes import interrupt, interruptible
from tests.servers.hub import HubServer

GOLDEN = Path(__file__).parents[1] / "golden"


def run(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "huggingtweets_hub", *arguments],
        env={**os.environ, **environment},
        cwd=cwd,
        capture_output=True,
    )


@pytest.mark.parametrize(
    "verb",
    [
        [],
        ["publish"],
        ["card", "render"],
        ["demo"],
        ["fetch"],
        ["batch"],
        ["status"],
        ["unpublish"],
        ["cache"],
        ["cache", "prune"],
    ],
)
def test_help_has_an_example_and_loads_no_heavy_library(verb: list[str]) -> None:
    code = (
        "import sys; from huggingtweets_hub.cli import main\n"
        f"try: main({[*verb, '--help']!r})\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'transformers', 'datasets', 'wandb', 'tweepy'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout


def test_card_render_writes_the_bytes_of_the_card() -> None:
    done = run("card", "render", str(GOLDEN / "seed_facts.json"), "--template", "classic")
    assert done.stdout == (GOLDEN / "seed_card.md").read_bytes()
    assert done.returncode == 0 and not done.stderr


def test_an_error_says_what_and_what_next_and_exits_with_1(tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text("{}")
    done = run("card", "render", "facts.json", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.decode().splitlines() == [
        "Error: 'accounts' is missing.",
        "Add 'accounts' to the facts.",
    ]


def test_a_usage_error_exits_with_2() -> None:
    assert run("publish", "--epochs", "none").returncode == 2
    assert run("fly").returncode == 2
    done = run("publish", "--epochs", "none", "--json")
    assert done.returncode == 2 and set(json.loads(done.stdout)) == {"kind", "message", "next_step"}


@pytest.mark.usefixtures("warm")
def test_an_error_as_json(tmp_path: Path) -> None:
    done = run("publish", "nobody here", "--json")
    assert done.returncode == 1
    error = json.loads(done.stdout)
    assert error["kind"] == "invalid_input"
    assert set(error) == {"kind", "message", "next_step"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", ["--help", "--version", "env --json", "card render"])
def test_output_that_cannot_be_written_is_named(words: str, unbuffered: str) -> None:
    facts = [str(GOLDEN / "seed_facts.json")] if words == "card render" else []
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "huggingtweets_hub", *words.split(), *facts],
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered}, stdout=full, stderr=subprocess.PIPE,
        )  # fmt: skip
    assert done.returncode == 1 and b"The output could not be written: No space left" in done.stderr
    assert len(done.stderr.splitlines()) == (1 if words == "env --json" else 2)


@pytest.mark.usefixtures("warm")
def test_a_traceback_only_for_debugging() -> None:
    assert b"Traceback" not in run("publish", "no handle").stderr
    assert b"Traceback" in run("publish", "no handle", HF_DEBUG="1").stderr


@pytest.mark.usefixtures("warm")
def test_a_traceback_shows_no_token() -> None:
    shown = run("publish", "AAAA no handle", X_BEARER_TOKEN="AAAA no handle", HF_DEBUG="1")
    assert shown.returncode == 1 and b"'[token]' is not" in shown.stderr and b"AAAA" not in shown.stderr


@pytest.mark.usefixtures("warm")
def test_without_a_token_the_archive_is_offered(hub: HubServer) -> None:
    done = run("publish", "nasa", "--base-model", "scratch")
    assert done.returncode == 1
    assert b"No X API token is set" in done.stderr
    assert b"Download an archive of your data" in done.stderr


@pytest.mark.usefixtures("warm")
def test_no_write_access_prints_the_same_command_for_oneself(hub: HubServer) -> None:
    hub.add_user("bob", token="hf_bob")
    done = run(
        "publish", "--from", "sample", "--base-model", "scratch", "--prompt", "My cat", HF_TOKEN="hf_bob"
    )
    assert done.returncode == 1
    assert b"token of bob cannot write to 'huggingtweets'" in done.stderr
    same = "publish --from sample --base-model scratch --prompt 'My cat' --namespace @me"
    assert same in done.stderr.decode()


@pytest.mark.usefixtures("warm")
def test_publish_prints_json_alone_on_stdout(hub: HubServer, tiny_gpt2: Path) -> None:
    options = ["--from", "sample", "--base-model", str(tiny_gpt2), "--epochs", "1", "--tracker", "none"]
    done = run("publish", *options, "--json")
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert set(printed) == {
        "repo_id",
        "url",
        "commit",
        "changed",
        "fingerprint",
        "tweets_bought",
        "cost_usd",
        "output",
        "recognised",
        "kept",
        "samples",
    }
    assert printed["commit"] == hub.repos["huggingtweets/lighthouse_ada"].head.oid
    again = run("publish", *options, "--quiet")
    assert again.stdout == b"huggingtweets/lighthouse_ada\n"
    assert again.stderr == b""


@pytest.mark.parametrize("module", ["huggingtweets_hub.cli", "click", "huggingtweets_hub.core.settings"])
def test_an_interrupt_while_the_command_line_is_loaded_is_no_traceback(module: str) -> None:
    code = (
        "import runpy, sys\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}: raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "runpy.run_module('huggingtweets_hub', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run([sys.executable, "-c", code, "demo"], capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


@pytest.mark.usefixtures("warm")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_an_interrupted_run_says_how_it_goes_on(tmp_path: Path, tiny_gpt2: Path) -> None:
    options = ["--from", "sample", "--base-model", str(tiny_gpt2), "--epochs", "500", "--tracker", "none"]
    process = interruptible("publish", *options, "--dry-run", stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = [next(line for line in process.stderr if "% done, about" in line)]
    interrupt(process)
    said += process.stderr.readlines()
    assert process.wait() == 130
    # On a machine so slow that its first steps are worth keeping, it names the step.
    assert re.fullmatch(
        r"Stopped\. Run the same command again to resume "
        r"from (the last finished stage|step \d+ of [\d,]+)\.\n",
        said[-1],
    )


@pytest.mark.usefixtures("warm")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_what_begins_anew_is_not_said_to_go_on(hub: HubServer) -> None:
    hub.faults.delay("GET", "/api/models/", 60.0)
    process = interruptible("card", "check", "huggingtweets/nasa", stderr=subprocess.PIPE)
    assert process.stderr is not None and waited_for(lambda: not hub.faults.pending, process)
    interrupt(process)
    assert process.communicate()[1].split("\n")[-2] == "Stopped."
    assert process.returncode == 130


@pytest.mark.slow
@pytest.mark.usefixtures("warm")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_a_training_that_is_interrupted_goes_on_at_the_step_that_it_names(
    home: Path, tmp_path: Path, tiny_gpt2: Path
) -> None:
    options = ["--from", "sample", "--base-model", str(tiny_gpt2), "--epochs", "40", "--tracker", "none"]
    stopped = interruptible("publish", *options, "--dry-run", stderr=subprocess.PIPE)
    assert stopped.stderr is not None
    assert waited_for(lambda: bool(list(home.rglob("checkpoint.safetensors"))), stopped)
    interrupt(stopped)
    said = stopped.stderr.readlines()
    assert stopped.wait() == 130 and "Traceback" not in "".join(said)
    named = re.fullmatch(
        r"Stopped\. Run the same command again to resume from (step [\d,]+ of [\d,]+)\.\n", said[-1]
    )
    assert named, said
    again = interruptible("publish", *options, "--dry-run", stderr=subprocess.PIPE)
    assert again.stderr is not None
    assert any(line == f"Resuming at {named[1]}.\n" for line in again.stderr)
    interrupt(again)
    again.stderr.read()
    assert again.wait() == 130 and not list(home.rglob("*.partial"))


@pytest.mark.usefixtures("warm")
def test_generate_samples_from_a_kept_folder(tmp_path: Path, tiny_gpt2: Path) -> None:
    options = ["--from", "sample", "--base-model", str(tiny_gpt2), "--epochs", "1", "--tracker", "none"]
    options += ["--max-tweets", "120"]
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o700)
    made = run(
        "publish", *options, "--dry-run", "--output", "ada", "--open", cwd=tmp_path, BROWSER=str(browser)
    )
    assert b"Nothing was sent." in made.stderr
    title, *texts = made.stdout.decode().partition("What it writes:")[1:]
    assert title and [f"\n{n:>2}. " in texts[0] for n in range(1, 6)] == [True] * 5
    assert (tmp_path / "opened").read_text().strip() == (tmp_path / "ada" / "card.html").as_uri()
    once, again = (
        run("generate", "ada", "--prompt", "Fog", "-n", "3", "--seed", "1", "--json", cwd=tmp_path)
        for _ in range(2)
    )
    texts = [json.loads(line)["text"] for line in once.stdout.splitlines()]
    assert len(set(texts)) == 3 and all(text.startswith("Fog") for text in texts)
    assert again.stdout == once.stdout
    assert not once.stderr


@pytest.mark.usefixtures("warm")
def test_generate_names_a_model_that_is_not_there(tmp_path: Path) -> None:
    done = run("generate", str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert b"There is no folder" in done.stderr and b"Traceback" not in done.stderr


@pytest.mark.slow
def test_the_demo_needs_nothing_and_leaves_a_model_that_writes(tmp_path: Path) -> None:
    done = run("demo", cwd=tmp_path, HF_ENDPOINT="http://127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    printed = done.stdout.decode()
    assert printed.startswith("Folder  huggingtweets-demo") and "\x1b[" not in printed
    before, _, now = printed.partition("Now, @lighthouse_ada's bot:\n")
    assert (" 3. " in before) == tiny.is_there()
    assert [line[:4] for line in now.splitlines() if line[:4].strip()][:5] == [f" {n}. " for n in range(1, 6)]
    assert "publish archive.zip --namespace @me" in now.splitlines()[-1]
    assert "This is an AI bot" in (tmp_path / "huggingtweets-demo" / "README.md").read_text("utf-8")


@pytest.mark.usefixtures("warm")
def test_fetch_writes_a_file_that_publish_can_read(tmp_path: Path) -> None:
    done = run("fetch", "--from", "sample", "-o", "ada.jsonl", "--max-tweets", "50", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "ada.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 50
    again = run("fetch", "--from", "ada.jsonl", "-o", "again.jsonl", "--json", cwd=tmp_path)
    assert json.loads(again.stdout)["handle"] == "lighthouse_ada"
    assert (tmp_path / "again.jsonl").read_text("utf-8").splitlines() == lines


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("handle", ["reddit:ann", "ann@m.example", "ann.example.org"])
def test_what_fetch_writes_of_another_network_says_whose_it_is(tmp_path: Path, handle: str) -> None:
    (tmp_path / "posts.txt").write_text("Rain on the mill again.\nWind in the reeds all day.\n")
    done = run("fetch", handle, "--from", "posts.txt", "-o", "ann.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    again = run("fetch", "--from", "ann.jsonl", "-o", "again.jsonl", "--json", cwd=tmp_path)
    assert json.loads(again.stdout)["handle"] == handle
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "ann.jsonl").read_bytes()


@pytest.mark.usefixtures("warm")
def test_unpublish_does_not_ask_about_somebody_whose_model_it_is_not(hub: HubServer) -> None:
    facts = b'{"accounts": [{"handle": "nasa"}]}'
    card = b"---\ntags:\n- huggingtweets\n---\n"
    hub.add_repo("huggingtweets/nasa", {"README.md": card, "huggingtweets.json": facts})
    refused = run("unpublish", "huggingtweets/nasa", "--handle", "bob").stderr
    assert refused.startswith(b"Error: huggingtweets/nasa imitates nasa, not bob.\n")


@pytest.mark.usefixtures("warm")
def test_unpublish_asks_first(hub: HubServer) -> None:
    hub.add_repo("huggingtweets/nasa", {"README.md": b"---\ntags:\n- huggingtweets\n---\n"})
    asked = run("unpublish", "huggingtweets/nasa", "--handle", "@nasa", "--handle", "reddit:ann")
    assert asked.returncode == 1 and b"\nNothing was changed." in asked.stderr
    assert b"never publish @nasa, u/ann again?" in asked.stderr
    declined = json.loads(run("unpublish", "huggingtweets/nasa", "--json").stdout)
    assert (declined["message"], declined["next_step"]) == (
        "Nothing was changed.", "To skip the question, add --yes.",
    )  # fmt: skip
    assert "huggingtweets/nasa" in hub.repos
    assert run("unpublish", "huggingtweets/nasa", "--yes").returncode == 0
    assert "huggingtweets/nasa" not in hub.repos


@pytest.mark.usefixtures("warm")
def test_unpublish_says_that_it_is_done_where_the_hub_does_not_list_the_other_models(hub: HubServer) -> None:
    hub.add_repo("huggingtweets/nasa", {"README.md": b"---\ntags:\n- huggingtweets\n---\n"})
    hub.faults.answer("GET", r"/api/models\?", 403, times=99)
    done = run("unpublish", "huggingtweets/nasa", "--handle", "nasa", "--yes", "--json")
    assert "huggingtweets/nasa" not in hub.repos and done.returncode == 1
    told = json.loads(done.stdout)
    assert told["message"].startswith("huggingtweets/nasa is deleted, and the opt-out is on the list.")
    assert "opt-outs add nasa --namespace huggingtweets" in told["next_step"]


def test_a_traceback_does_not_take_the_place_of_json() -> None:
    done = run("status", "me/nobody", "--json", HF_DEBUG="1")
    assert b"Traceback" in done.stderr and json.loads(done.stdout)["kind"] == "invalid_input"


def test_env_tells_versions_and_no_secret() -> None:
    done = run("env", X_BEARER_TOKEN="x-very-secret", HF_TOKEN="hf_very_secret")
    assert done.returncode == 0
    assert b"transformers" in done.stdout and b"gradio" in done.stdout  # also those of extras
    assert b"very" not in done.stdout


@pytest.mark.usefixtures("warm")
def test_why_and_how_long_a_run_waits_is_said(hub: HubServer) -> None:
    hub.add_repo("huggingtweets/nasa", {"README.md": b"---\ntags:\n- huggingtweets\n---\n"})
    hub.faults.answer("DELETE", "/api/repos/delete", 503)
    done = run("unpublish", "huggingtweets/nasa", "--yes")
    assert done.returncode == 0
    assert "could not delete huggingtweets/nasa (status 503)" in done.stderr.decode()
    assert re.search(r"Trying again in \d s \(attempt 2 of 5\)", done.stderr.decode())


def test_what_the_clients_own_waits_say_names_no_address(hub: HubServer) -> None:
    hub.faults.drop("PUT", "/lfs-storage/")
    code = (
        "from huggingtweets_hub.cli import _output, _waits\n"
        "from huggingtweets_hub.hub import push, repo\n"
        "_waits.show(); _output.hush(models=False)\n"
        "push.push('alice/x', {'a.bin': b'\\0' * 9}, whole=True, published=repo.read('alice/x'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Trying again in 1 s (attempt 2 of 6)" in done.stderr and "lfs-storage" not in done.stderr


def test_env_prints_no_password_that_stands_in_an_address() -> None:
    addresses = {
        "HF_ENDPOINT": "https://ada:secret@hub.example",
        "HF_HOME": "git+ssh://ada:secret@hub.example",
        "HUGGINGTWEETS_HOME": "https://ada:secret@hub.example/home",
        "WANDB_PROJECT": "//ada:secret@place",
    } | {f"HUGGINGTWEETS_{name}_URL": f"https://a:secret@{name}.example"
         for name in ("X_API", "BLUESKY", "PLC", "FEDIVERSE")}  # fmt: skip
    done = run("env", **addresses)
    assert done.returncode == 0 and b"secret" not in done.stdout + done.stderr
    assert all(name.encode() in done.stdout for name in addresses)
    assert b"https://***@hub.example" in done.stdout


@pytest.mark.parametrize(
    "token",
    [
        "hf_" + "aB3" * 11,
        "A" * 22 + "x%2F3D" * 9,
        "wandb_v1_" + "a1" * 30,
        "0123456789abcdef" * 2 + "01234567",
    ],
)
def test_env_prints_no_token_that_was_typed_where_something_else_belongs(token: str) -> None:
    names = ("HUGGINGTWEETS_STORE", "HUGGINGTWEETS_NAMESPACE", "HF_HOME", "WANDB_PROJECT")
    done = run("env", **dict.fromkeys(names, token))
    assert done.returncode == 0 and token.encode() not in done.stdout + done.stderr
    assert done.stdout.count(b"[token]") == len(names)


def test_env_says_that_a_login_is_stored_that_the_hub_is_off_and_which_proxy_is_asked(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hf_very_secret")
    proxies = {"HTTPS_PROXY": "http://ada:se/cret@proxy:3128", "http_proxy": "ada:secret@p"}
    store = {"HUGGINGTWEETS_STORE": "hf://datasets/ada:se?cret@me/store?key=secret"}
    done = run("env", HF_HOME=str(tmp_path), HF_TOKEN="", HF_HUB_OFFLINE="1", **proxies, **store)
    said = done.stdout.decode()
    assert done.returncode == 0 and "cret" not in said + done.stderr.decode()
    assert re.search(r"HF_TOKEN +not set, but a login is stored", said)
    assert re.search(r"HF_HUB_OFFLINE +1\n", said)
    assert re.search(r"HTTPS_PROXY +http://\*\*\*@proxy:3128\n", said) and re.search(
        r"http_proxy +\*\*\*@p\n", said
    )


@pytest.mark.parametrize("verb", [["cache"], ["opt-outs", "check", "nasa"]])
def test_no_error_prints_a_password_that_stands_in_an_address(verb: list[str]) -> None:
    done = run(*verb, HUGGINGTWEETS_STORE="https://alice:secret@huggingface.co/datasets/a/b", HF_DEBUG="1")
    assert done.returncode == 1 and b"secret" not in done.stdout + done.stderr
    assert b"'https://***@huggingface.co/datasets/a/b', which is not a valid store" in done.stderr


@pytest.mark.parametrize(
    "verb", [["cache"], ["opt-outs", "check", "nasa"], ["demo"], ["publish", "--from", "sample", "--dry-run"]]
)
@pytest.mark.parametrize("home", ["https://alice:secret@host/home", "git+ssh://alice:secret@host/home"])
@pytest.mark.usefixtures("warm")
def test_a_home_that_is_an_address_is_refused_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: list[str], home: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*verb, HUGGINGTWEETS_HOME=home)
    assert done.returncode == 1 and b"secret" not in done.stdout + done.stderr
    assert b"HUGGINGTWEETS_HOME is" in done.stderr and b"***@host/home', which is an address" in done.stderr
    assert b"Set it to a folder on this machine" in done.stderr and not list(tmp_path.iterdir())


def test_a_hub_that_would_be_sent_the_token_in_the_clear_is_refused_at_once() -> None:
    made = ["--from", "sample", "--base-model", "scratch"]
    done = run("publish", *made, HF_ENDPOINT="http://vm:1", HF_TOKEN="t")
    assert (
        done.returncode == 1 and b"Unset it to use the real Hub, or give an https:// address" in done.stderr
    )


def test_texts_are_numbered_and_wrapped_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("NO_COLOR", "1")
    text = "Rain from four sides, and the fifth is dry.\nAverylongwordthatdoesnotfitintoaline"
    assert _output.numbered(1, text).splitlines() == [
        " 1. Rain from four sides, and",
        "    the fifth is dry.",
        "    Averylongwordthatdoesnotfitintoaline",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
@pytest.mark.parametrize(("no_color", "is_coloured"), [("", True), ("1", False)])
@pytest.mark.usefixtures("warm")
def test_no_color_is_respected_on_a_terminal(no_color: str, is_coloured: bool) -> None:
    import pty

    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "huggingtweets_hub", "publish", "--from", "nowhere.zip"],
        env={**os.environ, "NO_COLOR": no_color}, stderr=theirs, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(theirs)
    said = os.read(ours, 10_000)
    os.close(ours)
    assert b"Error" in said and (b"\x1b[" in said) == is_coloured
