"""`card` as people and scripts call it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from huggingtweets_hub import preview_card
from huggingtweets_hub.cli import main
from huggingtweets_hub.core.errors import InvalidInputError
from tests.servers.hub import HubServer

REAL = sys.executable  # `warm` comes later
GOLDEN = Path(__file__).parents[1] / "golden"
SEED = str(GOLDEN / "seed_card.md")
EXAMPLE = Path(__file__).parents[2] / "huggingtweets_hub" / "card" / "example.json"
MEASURED = json.loads(EXAMPLE.read_text("utf-8")) | {
    "fingerprint": "f" * 64,
    "consent": "written",
    "source": {"kind": "file", "digest": "d"},
}


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "huggingtweets_hub", "card", *arguments],
        env={**os.environ, "PYTHONUTF8": "1"},
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
    )


pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder with a card, its facts and a picture."""
    folder = tmp_path / "model"
    folder.mkdir()
    facts = json.loads((GOLDEN / "seed_facts.json").read_text("utf-8"))
    facts["thumbnail"] = "https://huggingface.co/huggingtweets/locosherman2/resolve/main/preview.png"
    (folder / "huggingtweets.json").write_text(json.dumps(facts), "utf-8")
    (folder / "README.md").write_text(run("render", str(folder / "huggingtweets.json")).stdout, "utf-8")
    (folder / "preview.png").write_bytes(b"\x89PNG")
    return folder


@pytest.mark.parametrize("verb", [[], ["parse"], ["check"], ["preview"], ["upgrade"]])
def test_help_has_an_example_and_loads_nothing_heavy(verb: list[str]) -> None:
    code = (
        "import sys; from huggingtweets_hub.cli import main\n"
        f"try: main({['card', *verb, '--help']!r})\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'markdown_it', 'yaml', 'jinja2', 'huggingface_hub'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([REAL, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "xample" in done.stdout


def test_parse_prints_the_facts_that_render_takes(tmp_path: Path) -> None:
    parsed = run("parse", SEED)
    assert json.loads(parsed.stdout) == json.loads((GOLDEN / "seed_facts.json").read_text("utf-8"))
    (tmp_path / "facts.json").write_text(parsed.stdout, "utf-8")
    rendered = run("render", "facts.json", "--template", "classic", cwd=tmp_path)
    assert rendered.stdout == Path(SEED).read_text("utf-8")


@pytest.mark.parametrize("verb", ["parse", "check"])
def test_a_card_that_is_not_there_is_named(verb: str, tmp_path: Path) -> None:
    done = run(verb, "./nowhere.md", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: 'nowhere.md' cannot be read") and "Traceback" not in done.stderr


def test_parse_says_why_a_card_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(b"\xff\xfe# another model\x00")
    done = run("parse", "README.md", cwd=tmp_path)
    assert done.returncode == 1 and not done.stdout
    assert done.stderr.startswith("Error: This card cannot be read: its header has no line")


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b' {"repo_id": "a/b"}', "JSON"), (b'{"a": 1}\n{"a": 2}\n', "JSON"), (b"PK\3\4\0\0", "not a text file")],
)
def test_a_file_of_another_kind_is_not_taken_for_a_card(
    content: bytes, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.bin").write_bytes(content)
    for verb in ("check", "parse"):
        with pytest.raises(SystemExit):
            main(["card", verb, str(tmp_path / "x.bin")])
        said = capsys.readouterr()
        assert f"x.bin' is not a model card: it is {kind}.\nGive a README.md" in said.err and not said.out


def test_render_takes_the_folder_of_a_model(model: Path) -> None:
    assert run("render", str(model)).stdout == run("render", str(model / "huggingtweets.json")).stdout != ""


def test_check_prints_a_line_a_finding_and_ends_well_where_something_is_only_lacking() -> None:
    done = run("check", SEED)
    assert done.returncode == 0
    assert [line.split(": ")[:2] for line in done.stdout.splitlines()] == [
        ["warning", "license"],
        ["warning", "library_name"],
        ["warning", "pipeline_tag"],
        ["warning", "base_model"],
    ]
    assert done.stderr == "0 wrong, 4 missing.\n"


def test_check_knows_the_files_and_facts_of_a_folder(model: Path) -> None:
    assert (run("check", str(model)).stdout, run("check", str(model)).stderr) == ("", "No findings.\n")
    (model / "preview.png").unlink()
    (model / "huggingtweets.json").write_text("{}")
    done = run("check", str(model), "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)["findings"]
    assert [(finding["level"], finding["place"]) for finding in found] == [
        ("error", "huggingtweets.json"),
        ("error", "thumbnail"),
    ]
    assert set(found[0]) == {"level", "place", "message", "next_step"}


def test_check_reads_a_model_on_the_hub(hub: HubServer, model: Path) -> None:
    from huggingface_hub import HfApi

    HfApi().create_repo("huggingtweets/locosherman2")
    HfApi().upload_folder(repo_id="huggingtweets/locosherman2", folder_path=model)
    done = run("check", "huggingtweets/locosherman2")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "No findings.\n")
    missing = run("check", "huggingtweets/nobody")
    assert missing.returncode == 1
    assert "There is no model huggingtweets/nobody with a card" in missing.stderr


def test_preview_writes_one_page(model: Path, tmp_path: Path) -> None:
    done = run("preview", str(model), cwd=tmp_path)
    assert done.stdout == f"{model / 'card.html'}\n"
    page = (model / "card.html").read_text("utf-8")
    assert "<title>huggingtweets/locosherman2</title>" in page
    assert '<img src="data:image/png;base64,iVBORw=="' in page
    from_facts = run(
        "preview", str(GOLDEN / "seed_facts.json"), "--template", "classic", "-o", "c.html", cwd=tmp_path
    )
    assert from_facts.stdout == "c.html\n"
    assert "🤖 AI Bot" in (tmp_path / "c.html").read_text("utf-8")


def test_preview_says_where_it_cannot_write(model: Path, tmp_path: Path) -> None:
    done = run("preview", str(model), "-o", str(tmp_path / "no" / "card.html"))
    assert done.returncode == 1 and "cannot be written: there is no folder" in done.stderr


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("facts.json", "facts.json"),
        ("facts.json", "mine.jinja"),
        ("model", "model/README.md"),
        ("model", "model/huggingtweets.json"),
        ("model", "model/preview.png"),
    ],
)
def test_preview_does_not_write_over_what_it_shows(
    model: Path, tmp_path: Path, source: str, output: str
) -> None:
    (tmp_path / "facts.json").write_bytes((GOLDEN / "seed_facts.json").read_bytes())
    (tmp_path / "mine.jinja").write_text('{% extends "model_card.md.jinja" %}')
    written = tmp_path / output
    before = written.read_bytes()
    with pytest.raises(InvalidInputError, match="is read from, so it cannot be written to"):
        preview_card(tmp_path / source, written, template=tmp_path / "mine.jinja")
    assert written.read_bytes() == before
    page = preview_card(tmp_path / source, tmp_path / "model" / "page.html")
    assert preview_card(tmp_path / source, page) == page, "what it has written is not what it shows"


@pytest.mark.parametrize("place", ["model", "model/README.md"])
def test_what_parse_finds_beside_a_card_renders_that_card_again(tmp_path: Path, place: str) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "huggingtweets.json").write_text(json.dumps(MEASURED), "utf-8")
    first = run("render", "model/huggingtweets.json", cwd=tmp_path)
    (tmp_path / "model" / "README.md").write_text(first.stdout, "utf-8")
    parsed = run("parse", place, cwd=tmp_path)
    (tmp_path / "facts.json").write_text(parsed.stdout, "utf-8")
    assert run("render", "facts.json", cwd=tmp_path).stdout == first.stdout and not parsed.stderr


def test_what_the_card_alone_tells_is_not_said_to_be_unmeasured(tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text(json.dumps(MEASURED), "utf-8")
    first = run("render", "facts.json", cwd=tmp_path).stdout
    (tmp_path / "README.md").write_text(first, "utf-8")
    parsed = run("parse", "README.md", cwd=tmp_path)
    assert "What was measured is only in the model's huggingtweets.json" in parsed.stderr
    (tmp_path / "facts.json").write_text(parsed.stdout, "utf-8")
    again = run("render", "facts.json", cwd=tmp_path).stdout
    assert "not measured: both" not in again and "were not recorded" not in again
    assert "What was measured is in [huggingtweets.json](" in again
    for said in ("Consent: given in writing.", "from an exported file", "f" * 64):
        assert said in first and said in again
    assert "twitter.com/example" not in first + again


def test_facts_of_another_card_beside_it_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(Path(SEED).read_text("utf-8"), "utf-8")
    (tmp_path / "huggingtweets.json").write_text(json.dumps(MEASURED), "utf-8")
    parsed = run("parse", "README.md", cwd=tmp_path)
    assert json.loads(parsed.stdout) == json.loads((GOLDEN / "seed_facts.json").read_text("utf-8"))


def test_parse_reads_a_model_on_the_hub(hub: HubServer, tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text(json.dumps(MEASURED), "utf-8")
    text = run("render", "facts.json", cwd=tmp_path).stdout
    hub.add_repo(
        "example/example", {"README.md": text.encode(), "huggingtweets.json": json.dumps(MEASURED).encode()}
    )
    for place in ("example/example", "https://huggingface.co/example/example/tree/main"):
        parsed = run("parse", place, cwd=tmp_path)
        assert json.loads(parsed.stdout)["evaluation"] and not parsed.stderr


def test_a_model_is_read_by_its_former_name_and_its_present_one_is_said(
    hub: HubServer, tmp_path: Path
) -> None:
    (tmp_path / "facts.json").write_text(json.dumps(MEASURED), "utf-8")
    text = run("render", "facts.json", cwd=tmp_path).stdout
    hub.add_repo(
        "example/renamed", {"README.md": text.encode(), "huggingtweets.json": json.dumps(MEASURED).encode()}
    )
    hub.moved["example/example"] = "example/renamed"
    assert json.loads(run("parse", "example/example", cwd=tmp_path).stdout)["evaluation"]
    asked = [request.path.partition("?")[0] for request in hub.log if "/api/models/" in request.path]
    assert asked == ["/api/models/example/example", "/api/models/example/renamed"]  # which it led to
    checked = run("check", "example/example")
    assert "this is the card of example/renamed" in checked.stdout and "missing" in checked.stderr


def test_preview_of_a_folder_takes_a_template_or_refuses_it(model: Path, tmp_path: Path) -> None:
    assert "AI BOT" in Path(run("preview", str(model)).stdout.strip()).read_text("utf-8")
    assert run("preview", str(model), "--template", "classic").returncode == 0
    assert "🤖 AI Bot" in (model / "card.html").read_text("utf-8")
    refused = run("preview", str(model), "--template", "fan")
    assert refused.returncode == 1 and "no template 'fan'" in refused.stderr


@pytest.fixture
def browser(tmp_path: Path) -> Path:
    """A browser that writes what it is to open into `opened`."""
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    script.chmod(0o700)
    return script


@pytest.mark.skipif(sys.platform == "win32", reason="the browser is a shell script")
def test_open_shows_the_page(model: Path, browser: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", str(browser))
    done = run("preview", str(model), "--open")
    assert done.returncode == 0 and not done.stderr
    assert browser.with_name("opened").read_text().strip() == (model / "card.html").as_uri()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a browser")
def test_open_says_where_the_page_is_where_there_is_no_browser(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    done = run("preview", str(model), "--open")
    assert done.returncode == 0
    assert done.stderr == f"Could not open a browser. The card is at {model / 'card.html'}\n"
