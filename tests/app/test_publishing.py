"""`page`: one commit to a static Space of ours, nothing where nothing changed, and nobody else's touched."""

import json
from pathlib import Path

import pytest
import yaml

from huggingtweets_hub import (
    InvalidInputError,
    NotLoggedInError,
    NotOursError,
    NoWriteAccessError,
    PackageError,
    Silent,
    publish_page,
)
from huggingtweets_hub.app.page import contents, publishing
from huggingtweets_hub.cli import main
from tests.servers.hub import HubServer
from tests.servers.npm import NpmServer

SPACE = "alice/huggingtweets"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    main(["page", *words])
    return capsys.readouterr().out


def test_the_space_is_made_by_one_commit(
    hub: HubServer, npm: NpmServer, capsys: pytest.CaptureFixture[str]
) -> None:
    record = json.loads(said(capsys, "@me", "--json"))
    space = hub.spaces[SPACE]
    assert (record["repo_id"], record["url"]) == (SPACE, f"{hub.url}/spaces/{SPACE}")
    assert record["commit"] == space.head.oid and record["changed"]
    assert [commit.title for commit in space.commits] == ["initial commit", publishing.TITLE]
    files = set(space.files) - {".gitattributes"}
    assert set(json.loads(space.files["page.json"])["files"]) == files == set(record["written"])
    assert {"index.html", "worker.js", "vendor/transformers.min.js", "vendor/LICENSES.txt"} <= files
    assert hub.repos == {}


def test_its_card_says_what_it_is_and_its_page_where_it_belongs(hub: HubServer, npm: NpmServer) -> None:
    publish_page("alice", title='Bots of "A" & <B>', progress=Silent())
    files = hub.spaces[SPACE].files
    front = yaml.safe_load(files["README.md"].decode().split("---")[1])
    assert (front["sdk"], front["app_file"], front["tags"]) == ("static", "index.html", ["huggingtweets"])
    assert front["title"] == 'Bots of "A" & <B>' and len(front["short_description"]) <= 60
    page = files["index.html"].decode()
    assert "Bots of &quot;A&quot; &amp; &lt;B&gt;" in page and "$" not in page
    assert f'data-namespace="alice" data-hub="{hub.url}" data-space="{SPACE}"' in page
    assert f"{hub.url}/models?author=alice&amp;other=huggingtweets" in page.partition('class="plain"')[2]


def test_the_second_time_there_is_no_commit(
    hub: HubServer, npm: NpmServer, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_page("alice", progress=Silent())
    head = hub.spaces[SPACE].head.oid
    assert "already up to date" in said(capsys, "alice")
    again = publish_page("alice", progress=Silent())
    assert (again.commit, again.changed) == (None, False)
    assert hub.spaces[SPACE].head.oid == head


def test_what_an_earlier_version_left_is_deleted_and_what_others_added_stays(
    hub: HubServer, npm: NpmServer
) -> None:
    publish_page("alice", progress=Silent())
    space = hub.spaces[SPACE]
    listed = json.loads(space.files["page.json"])
    listed["files"] += ["vendor/old.js", "../escape"]
    space.commit({
        "page.json": json.dumps(listed).encode(), "vendor/old.js": b"old", "notes.txt": b"mine",
        "page.js": b"older",
    })  # fmt: skip
    page = publish_page("alice", progress=Silent())
    assert (page.written, page.deleted) == (("page.js", "page.json"), ("vendor/old.js",))
    assert "vendor/old.js" not in space.files and space.files["notes.txt"] == b"mine"
    assert not publish_page("alice", progress=Silent()).changed


@pytest.mark.parametrize("marker", [None, b"{}", b"[1]", b"no JSON"])
def test_a_space_that_is_not_ours_is_left_alone(hub: HubServer, npm: NpmServer, marker: bytes | None) -> None:
    card = b"---\nsdk: gradio\ntags: [huggingtweets]\n---\n"
    files = {"README.md": card, "app.py": b"1"} | ({"page.json": marker} if marker else {})
    space = hub.add_repo(SPACE, files, kind="spaces")
    for dry in (False, True):
        with pytest.raises(NotOursError, match="was not made by huggingtweets"):
            publish_page("alice", dry_run=dry, progress=Silent())
    assert len(space.commits) == 2 and npm.asked == []


def test_somebody_who_commits_meanwhile_keeps_what_is_theirs(hub: HubServer, npm: NpmServer) -> None:
    publish_page("alice", progress=Silent())
    space = hub.spaces[SPACE]
    space.commit({"page.js": b"older"})
    hub.faults.meanwhile("POST", "/commit/", lambda: space.commit({"notes.txt": b"mine"}))
    publish_page("alice", progress=Silent())
    assert space.files["notes.txt"] == b"mine" and space.files["page.js"] != b"older"


def test_a_lost_reply_makes_no_second_commit(hub: HubServer, npm: NpmServer) -> None:
    hub.faults.lose_reply("POST", "/commit/")
    publish_page("alice", progress=Silent())
    assert len(hub.spaces[SPACE].commits) == 2


def test_a_dry_run_needs_no_token_and_changes_nothing(
    hub: HubServer, npm: NpmServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    assert "Would change" in said(capsys, "alice", "--dry-run")
    assert hub.spaces == {} and {request.method for request in hub.log} == {"GET"}


def test_it_can_be_private(hub: HubServer, npm: NpmServer) -> None:
    publish_page("alice", private=True, progress=Silent())
    assert hub.spaces[SPACE].private


def test_local_mistakes_come_first_then_tokens_then_the_network(
    hub: HubServer, npm: NpmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for title in ("", "two\nlines", "x" * 81, "\u202ebackwards"):
        with pytest.raises(InvalidInputError, match="cannot be the title"):
            publish_page("alice", title=title, progress=Silent())
    with pytest.raises(NoWriteAccessError, match="cannot write to 'bob'"):
        publish_page("bob", progress=Silent())
    hub_calls = len(hub.log)
    monkeypatch.delenv("HF_TOKEN")
    for namespace in ("alice", "@me"):
        with pytest.raises(NotLoggedInError):
            publish_page(namespace, progress=Silent())
    assert len(hub.log) == hub_calls and npm.asked == []


@pytest.mark.parametrize("is_logged_in", [True, False])
@pytest.mark.parametrize("namespace", ["a b", "../up", "a/b", "-"])
def test_what_is_not_a_namespace_is_said_before_a_token_is_asked_for(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, namespace: str, is_logged_in: bool
) -> None:
    if not is_logged_in:
        monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(InvalidInputError, match="is not the name of a user"):
        publish_page(namespace, progress=Silent())
    assert hub.log == []


def test_where_npm_does_not_answer_nothing_is_sent(hub: HubServer, npm: NpmServer) -> None:
    npm.statuses = [404]
    with pytest.raises(PackageError):
        publish_page("alice", progress=Silent())
    assert hub.spaces == {}


def test_a_folder_takes_the_page_without_a_token(
    hub: HubServer, npm: NpmServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.delenv("HF_TOKEN")
    folder = tmp_path / "page"
    assert said(capsys, "alice", "-o", str(folder), "-q").strip() == str(folder)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == set(json.loads((folder / "page.json").read_text("utf-8"))["files"])
    assert hub.log == []
    (folder / "mine.txt").write_text("mine")
    listed = json.loads((folder / "page.json").read_text("utf-8"))
    (folder / "page.json").write_text(json.dumps({**listed, "files": [*listed["files"], "old.js"]}))
    (folder / "old.js").write_text("old")
    assert "Would delete" in said(capsys, "alice", "-o", str(folder), "--dry-run")
    assert (folder / "old.js").exists()
    assert "Deleted" in said(capsys, "alice", "-o", str(folder))
    assert not (folder / "old.js").exists() and (folder / "mine.txt").exists()
    assert "already up to date" in said(capsys, "alice", "-o", str(folder))


def test_a_folder_with_something_else_is_left_alone(npm: NpmServer, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(InvalidInputError, match="holds something other than a page"):
        publishing.write_page("alice", tmp_path, progress=Silent())
    assert (tmp_path / "index.html").read_text() == "mine"


def test_the_page_may_ask_itself_and_the_hub_alone() -> None:
    hosts = dict(part.split(" ", 1) for part in contents.policy("https://huggingface.co").split("; "))
    assert hosts["default-src"] == "'none'" and hosts["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert hosts["connect-src"] == "'self' https://huggingface.co https://*.huggingface.co https://*.hf.co"
    assert "connect-src 'self' http://127.0.0.1:1; " in contents.policy("http://127.0.0.1:1")
