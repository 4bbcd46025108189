"""The Hub through its real client: who may write, what is ours, one commit, read back."""

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core.errors import (
    EditedByHandError,
    HubError,
    HubRefusedError,
    HubUnavailableError,
    HuggingTweetsError,
    InvalidInputError,
    NotLoggedInError,
    NotOursError,
    NoWriteAccessError,
    OptedOutError,
    ReadBackError,
)
from huggingtweets_hub.hub import access, client, opt_outs, publications
from huggingtweets_hub.hub import files as hub_files
from huggingtweets_hub.hub import push as hub_push
from huggingtweets_hub.hub import repo as hub_repo
from huggingtweets_hub.hub.repo import Published
from huggingtweets_hub.pipeline import options
from huggingtweets_hub.pipeline.unpublish import accounts, unpublish
from tests.servers.hub import HubServer

NASA = "huggingtweets/nasa"
CARD = b"---\ntags:\n- huggingtweets\n---\n# Card\n"
WEIGHTS = b"\x00\x01weights" * 100


def files(card: bytes = CARD, **others: bytes) -> dict[str, Path | bytes]:
    recorded = {"README.md": core_files.sha256(card), "model.safetensors": core_files.sha256(WEIGHTS)}
    facts = {"accounts": [{"handle": "NASA"}], "fingerprint": "f", "files": recorded}
    return {
        "README.md": card,
        "model.safetensors": WEIGHTS,
        "huggingtweets.json": json.dumps(facts).encode(),
        **others,
    }


def push(card: bytes = CARD, **options: bool) -> hub_push.Commit:
    return hub_push.push(NASA, files(card), published=hub_repo.read(NASA), **{"whole": True, **options})


def test_the_destination_is_the_namespace_and_the_sorted_lower_cased_handles(hub: HubServer) -> None:
    assert access.destination(["NASA"]) == NASA
    assert access.destination(["Bob", "ada"], namespace="lab") == "lab/ada-bob"
    assert access.destination(["NASA"], namespace="@me") == "alice/nasa"
    assert access.destination(["NASA"], repo_id="lab/space") == "lab/space"
    with pytest.raises(InvalidInputError, match="not a valid repo id"):
        access.destination(["NASA"], repo_id="../space")


@pytest.mark.parametrize(("namespace", "repo_id"), [("LAB", "lab/space"), ("@me", "Alice/space")])
def test_a_namespace_and_a_repo_id_in_it_may_both_be_given(
    hub: HubServer, namespace: str, repo_id: str
) -> None:
    options.Order(namespace=namespace, repo_id=repo_id)
    assert access.destination(["NASA"], namespace=namespace, repo_id=repo_id) == repo_id


def test_a_namespace_and_a_repo_id_in_another_one_are_refused(hub: HubServer) -> None:
    said = "The repository lab/space is not in the namespace 'crew'"
    with pytest.raises(InvalidInputError, match=said) as caught:
        options.Order(namespace="crew", repo_id="lab/space")
    assert caught.value.next_step == "Give --repo-id or --namespace, not both."
    with pytest.raises(InvalidInputError, match="not in the namespace '@me'"):
        access.destination(["NASA"], namespace="@me", repo_id="lab/space")


def test_a_role_in_the_organisation_lets_one_write(hub: HubServer) -> None:
    access.require_write_access(NASA)
    access.require_write_access("Alice/nasa")


@pytest.mark.parametrize(
    ("role", "orgs", "scopes", "allowed"),
    [
        ("read", {"huggingtweets": "write"}, {}, False),
        ("write", {"huggingtweets": "read"}, {}, False),
        ("write", {}, {}, False),
        ("write", {"huggingtweets": "admin"}, {}, True),
        ("fineGrained", {"huggingtweets": "write"}, {"huggingtweets": ["repo.write"]}, True),
        ("fineGrained", {"huggingtweets": "write"}, {"huggingtweets": ["repo.content.read"]}, False),
        ("fineGrained", {"huggingtweets": "write"}, {NASA: ["repo.write"]}, True),
        ("fineGrained", {"huggingtweets": "write"}, {"other": ["repo.write"]}, False),
    ],
)
def test_access_is_known_before_any_work(
    hub: HubServer,
    monkeypatch: pytest.MonkeyPatch,
    role: str,
    orgs: dict[str, str],
    scopes: dict[str, list[str]],
    allowed: bool,
) -> None:
    hub.add_user("bob", token="hf_bob", role=role, orgs=orgs, scopes=scopes)
    monkeypatch.setenv("HF_TOKEN", "hf_bob")
    if allowed:
        access.require_write_access(NASA)
        access.require_write_access("HuggingTweets/NASA")  # names on the Hub are the same in any case
    else:
        with pytest.raises(NoWriteAccessError, match="bob cannot write to 'huggingtweets'") as refused:
            access.require_write_access(NASA)
        assert "--namespace @me" in refused.value.next_step
    assert {request.method for request in hub.log} == {"GET"}


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("", "No Hugging Face token is set. Run 'hf auth login' or set HF_TOKEN"),
        ("hf_wrong", "The Hub refuses the token that is set. Run 'hf auth login' or set HF_TOKEN"),
    ],
)
def test_without_a_valid_token_one_is_asked_to_log_in(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, token: str, said: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token) if token else monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(NotLoggedInError, match=re.escape(said)) as refused:
        access.require_write_access(NASA)
    assert "hf_wrong" not in str(refused.value)


def test_a_token_that_was_not_sent_was_not_refused(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants, get_token

    monkeypatch.setattr(constants, "HF_HUB_DISABLE_IMPLICIT_TOKEN", True)
    assert get_token() and hub_repo.read(NASA) == hub_repo.Published()
    assert [request.status for request in hub.log] == [401]


@pytest.mark.parametrize("token", ["hf_one\u00e9two", "hf_one two", "hf_one\ttwo"])
def test_what_cannot_be_a_token_is_refused_before_the_hub_is_asked_and_not_shown(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    for ask in (lambda: access.require_write_access(NASA), lambda: hub_repo.read(NASA)):
        with pytest.raises(NotLoggedInError, match="contains a space or a non-ASCII character") as refused:
            ask()
        assert "one" not in str(refused.value) and "hf auth login" in refused.value.next_step
    assert not hub.log


def test_a_publication_is_one_commit_after_the_first_empty_one(hub: HubServer) -> None:
    commit = push()
    repo = hub.repos[NASA]
    assert [c.oid for c in repo.commits].count(commit.oid) == 1
    assert len(repo.commits) == 2
    assert {path: repo.files[path] for path in files()} == files()
    assert commit.url.endswith(NASA)


def test_what_is_published_is_read_back(hub: HubServer) -> None:
    commit = push()
    published = hub_repo.read(NASA)
    assert published.head == commit.oid
    assert published.facts["fingerprint"] == "f"
    assert published.is_whole and published.tagged
    assert hub_repo.read("huggingtweets/nobody") == Published()


def test_stale_weights_of_an_older_publication_go_and_other_files_stay(hub: HubServer) -> None:
    hub.add_repo(
        NASA,
        {
            "README.md": CARD,
            "pytorch_model.bin": b"old",
            "vocab.json": b"{}",
            "training_args.bin": b"pickle",
            "notes.txt": b"mine",
        },
    )
    push()
    assert set(hub.repos[NASA].files) == {".gitattributes", "notes.txt", *files()}


def test_a_card_alone_deletes_nothing(hub: HubServer) -> None:
    push()
    card = CARD + b"more\n"
    hub_push.push(NASA, {"README.md": card}, whole=False, published=hub_repo.read(NASA))
    assert hub.repos[NASA].files["README.md"] == card
    assert hub.repos[NASA].files["model.safetensors"] == WEIGHTS


@pytest.mark.parametrize(
    "facts", [b'{"files": ["a"], "fingerprint": 1}', b"[" * 100_000, b"9" * 5000, b"\xff", b"[]"]
)
def test_odd_facts_on_the_hub_are_no_crash(hub: HubServer, home: Path, facts: bytes) -> None:
    hub.add_repo(NASA, {"README.md": CARD, "huggingtweets.json": facts})
    published = hub_repo.read(NASA)
    assert not published.is_whole and not published.is_edited
    assert unpublish(NASA) == ()
    assert NASA not in hub.repos and opt_outs.listed() == {NASA}  # nobody by the parts of its name
    with pytest.raises(OptedOutError, match=f"{NASA} must not be published"):
        opt_outs.require_absent(["somebody"], NASA)
    (home / opt_outs.FILE).unlink()  # another machine
    with pytest.raises(OptedOutError, match=f"{NASA} must not be published"):
        opt_outs.require_absent(["somebody"], NASA)
    opt_outs.require_absent(["nasa"], "huggingtweets/other")
    assert opt_outs.remove(NASA, "huggingtweets")
    opt_outs.require_absent(["somebody"], NASA)


def test_weights_that_changed_make_the_publication_incomplete(hub: HubServer) -> None:
    push()
    hub.repos[NASA].commit({"model.safetensors": b"\x00other"})
    assert not hub_repo.read(NASA).is_whole


def test_a_repo_of_somebody_else_is_not_touched(hub: HubServer) -> None:
    hub.add_repo(NASA, {"README.md": b"# Mine\n"})
    published = hub_repo.read(NASA)
    with pytest.raises(NotOursError, match="was not made by huggingtweets"):
        hub_repo.require_ours(NASA, published)
    hub_repo.require_ours(NASA, published, overwrite=True)


def test_a_repo_with_our_tag_and_an_empty_one_are_ours(hub: HubServer) -> None:
    hub.add_repo(NASA, {"README.md": CARD})
    hub.add_repo("huggingtweets/empty")
    hub_repo.require_ours(NASA, hub_repo.read(NASA))
    hub_repo.require_ours("huggingtweets/empty", hub_repo.read("huggingtweets/empty"))


def test_a_card_that_was_edited_by_hand_is_kept(hub: HubServer) -> None:
    push()
    hub.repos[NASA].commit({"README.md": CARD + b"by hand\n"})
    published = hub_repo.read(NASA)
    with pytest.raises(EditedByHandError, match="was edited since"):
        hub_repo.require_ours(NASA, published)
    hub_repo.require_ours(NASA, published, overwrite=True)


def test_a_branch_that_moved_is_not_overwritten(hub: HubServer) -> None:
    push()
    hub.faults.meanwhile("POST", "/commit/", lambda: hub.repos[NASA].commit({"README.md": b"theirs"}))
    with pytest.raises(HubError, match="changed before"):
        push(CARD + b"ours\n")
    assert hub.repos[NASA].files["README.md"] == b"theirs"


def test_a_lost_reply_is_recognised_as_the_commit_that_it_was(hub: HubServer) -> None:
    hub.faults.lose_reply("POST", "/commit/")
    commit = push()
    assert hub.repos[NASA].head.oid == commit.oid
    assert len(hub.repos[NASA].commits) == 2


@pytest.mark.parametrize("status", [403, 500, 503])
def test_a_refused_commit_leaves_nothing_visible(hub: HubServer, status: int) -> None:
    hub.faults.answer("POST", "/commit/", status, times=99)
    with pytest.raises(HuggingTweetsError) as refused:
        push()
    assert refused.value.next_step
    assert set(hub.repos[NASA].files) == {".gitattributes"}


def test_a_commit_that_holds_something_else_is_noticed(hub: HubServer) -> None:
    push()
    with pytest.raises(ReadBackError, match=r"does not hold what was sent: README\.md"):
        hub_push._read_back(NASA, "main", {"README.md": b"sent"}, gone=(), kind="model")


def test_whether_a_revision_holds_files_is_known_without_reading_them(hub: HubServer) -> None:
    commit = push()
    assert hub_files.holds(NASA, commit.oid, {"README.md": CARD, "model.safetensors": WEIGHTS})
    assert not hub_files.holds(NASA, commit.oid, {"README.md": CARD, "more.json": b"{}"})
    assert not hub_files.holds(NASA, commit.oid, {"model.safetensors": b"\x00other"})
    assert hub_repo.read(NASA).sizes["model.safetensors"] == len(WEIGHTS)


def test_a_card_that_the_hub_refuses_is_an_error_of_ours(hub: HubServer) -> None:
    with pytest.raises(HubError, match="refused"):
        push(b"---\ntags: no-list\nlicense: nonsense\n---\n")


def test_a_pull_request_leaves_main_alone(hub: HubServer) -> None:
    push()
    commit = push(CARD + b"more\n", create_pr=True)
    assert "discussions/1" in commit.url
    assert hub.repos[NASA].files["README.md"] == CARD


def test_a_new_repo_can_be_private(hub: HubServer) -> None:
    push(private=True)
    assert hub.repos[NASA].private


def test_unpublish_deletes_the_repo_and_remembers_it(hub: HubServer, home: Path) -> None:
    push()
    assert unpublish(NASA) == ("nasa",)
    assert NASA not in hub.repos
    with pytest.raises(OptedOutError, match="@NASA was taken down") as refused:
        opt_outs.require_absent(["NASA"])
    assert "opt-outs.txt" in refused.value.next_step
    (home / opt_outs.FILE).write_text("")  # taken off the list by hand
    opt_outs.require_absent(["NASA"])


@pytest.mark.parametrize("handles", ["eve", ["eve"], {"@Eve"}], ids=str)
def test_unpublish_takes_one_handle_or_several(hub: HubServer, handles: str | Collection[str]) -> None:
    facts = {"accounts": [{"handle": handle} for handle in ("e", "eve", "v")], "files": {}}
    hub.add_repo(NASA, {"README.md": CARD, "huggingtweets.json": json.dumps(facts).encode()})
    assert unpublish(NASA, handles=handles) == ("eve",)


@pytest.mark.parametrize("handles", [None, 5, b"eve", [None], {"eve": "x"}], ids=str)
def test_unpublish_touches_nothing_where_it_is_not_told_who_opts_out(hub: HubServer, handles: Any) -> None:
    hub.add_repo(NASA, {"README.md": CARD})
    with pytest.raises(InvalidInputError, match="^handles cannot be "):
        unpublish(NASA, handles=handles)
    assert NASA in hub.repos and not any(path.exists() for path in opt_outs.paths())


def test_unpublish_can_leave_the_empty_repo(hub: HubServer) -> None:
    commit = push()
    hub_push.tag(NASA, str(commit.oid), "2026-11-25")
    hub.faults.drop("POST", "/super-squash/")
    assert unpublish(NASA, keep_repo=True) == ("nasa",)
    repo = hub.repos[NASA]
    assert set(repo.files) == {".gitattributes"} and len(repo.commits) == 1
    assert not repo.tags and not repo.lfs_objects
    with pytest.raises(OptedOutError):
        opt_outs.require_absent(["NASA"])


@pytest.mark.parametrize(("keep_repo", "what"), [(True, "emptied"), (False, "deleted")])
def test_what_an_unpublish_has_done_is_said_where_the_namespaces_list_cannot_be_made(
    hub: HubServer, keep_repo: bool, what: str
) -> None:
    push()
    hub.faults.answer("POST", "/api/repos/create", 403, times=5)
    with pytest.raises(HubError, match=f"{NASA} is {what}, but other machines do not know of it"):
        unpublish(NASA, keep_repo=keep_repo)


def test_unpublish_that_fails_half_way_twice_remembers_who_opted_out(hub: HubServer) -> None:
    push()
    hub.faults.answer("POST", "/super-squash/", 403, times=2)
    for _ in range(2):
        with pytest.raises(HubError):
            unpublish(NASA, keep_repo=True)
        with pytest.raises(OptedOutError):
            opt_outs.require_absent(["NASA"])
    assert unpublish(NASA, keep_repo=True) == ("nasa",)
    assert len(hub.repos[NASA].commits) == 1


def test_a_deletion_whose_reply_was_lost_is_done(hub: HubServer) -> None:
    push()
    hub.faults.lose_reply("DELETE", "/api/repos/delete")
    assert unpublish(NASA) == ("nasa",)
    assert NASA not in hub.repos


@pytest.mark.parametrize("was_known", [True, False])
def test_an_unpublish_that_was_cut_short_is_finished_by_the_next(
    hub: HubServer, home: Path, was_known: bool
) -> None:
    push()
    if was_known:
        publications.remember({NASA: ["NASA"]})
    pages = core_files.folder(home / "timelines" / "nasa-501")
    hub.faults.lose_reply("DELETE", "/api/repos/delete", times=5)
    with pytest.raises(HubError):
        unpublish(NASA)
    assert NASA not in hub.repos and pages.exists()
    assert accounts(NASA) == ("nasa",)
    assert unpublish(NASA) == ("nasa",)
    assert not pages.exists() and publications.taken_down() == {NASA}
    with pytest.raises(HubError, match=f"There is no repository {NASA}"):
        unpublish(NASA)


def test_a_repo_that_is_gone_is_not_taken_for_one_whose_unpublish_was_cut_short(
    hub: HubServer, home: Path
) -> None:
    publications.remember({NASA: ["NASA"]})
    pages = core_files.folder(home / "timelines" / "nasa-501")
    with pytest.raises(HubError, match=f"There is no repository {NASA}"):
        unpublish(NASA)
    assert pages.exists() and not opt_outs.listed()


def test_who_an_emptied_repo_was_made_of_is_named_before_the_rest_is_done(hub: HubServer) -> None:
    push()
    hub.faults.answer("POST", "/super-squash/", 403)
    with pytest.raises(HubError):
        unpublish(NASA, keep_repo=True)
    assert accounts(NASA, keep_repo=True) == ("nasa",)


def test_unpublish_leaves_a_repo_of_somebody_else(hub: HubServer, home: Path) -> None:
    hub.add_repo(NASA, {"README.md": b"# Mine\n"})
    with pytest.raises(NotOursError):
        unpublish(NASA)
    assert NASA in hub.repos
    assert not (home / opt_outs.FILE).exists()


def rename(hub: HubServer, old: str, new: str) -> None:
    """As its owner does on the website: the Hub answers for the old name with the new one's repository."""
    hub.repos[new] = hub.repos.pop(old)
    hub.repos[new].id, hub.moved[old] = new, new


@pytest.mark.parametrize("keep_repo", [False, True])
def test_unpublish_says_the_new_name_of_a_repo_that_was_renamed(
    hub: HubServer, home: Path, keep_repo: bool
) -> None:
    push()
    rename(hub, NASA, "huggingtweets/moon")
    with pytest.raises(HubRefusedError, match=f"{NASA} was renamed .* huggingtweets/moon now"):
        unpublish(NASA, keep_repo=keep_repo)
    assert not (home / opt_outs.FILE).exists()
    assert unpublish("huggingtweets/moon", keep_repo=keep_repo) == ("nasa",)


def test_a_model_is_published_also_where_it_was_renamed(hub: HubServer) -> None:
    push()
    rename(hub, NASA, "huggingtweets/moon")
    assert hub_repo.published([NASA]) == {NASA: hub.repos["huggingtweets/moon"].head.oid}


def test_unpublish_trusts_no_path_that_the_repo_names(hub: HubServer, home: Path) -> None:
    victim = home.parent / "victim"
    victim.mkdir()
    facts = {"accounts": [{"handle": "../../victim"}], "files": {}}
    hub.add_repo(NASA, {"README.md": CARD, "huggingtweets.json": json.dumps(facts).encode()})
    assert unpublish(NASA, handles=["nasa"]) == ("nasa",)
    assert victim.is_dir()


def test_a_refused_unpublish_remembers_nothing(hub: HubServer) -> None:
    push()
    hub.faults.answer("DELETE", "/api/repos/delete", 403)
    with pytest.raises(HubError):
        unpublish(NASA)
    opt_outs.require_absent(["nasa"])


def test_a_token_that_may_only_read_is_told_to_log_in_with_another(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add_user("bob", token="hf_bob", role="read")
    monkeypatch.setenv("HF_TOKEN", "hf_bob")
    with pytest.raises(NoWriteAccessError) as refused:
        access.require_write_access("bob/nasa")
    assert refused.value.next_step.startswith("Log in with a token that has write access")


def test_a_hub_that_does_not_answer_does_not_make_a_model_private(hub: HubServer) -> None:
    hub.add_repo("alice/open", {})
    hub.add_repo("alice/closed", {}, private=True)
    hub.faults.answer("GET", "/api/models/alice/open", 503, times=5)
    with pytest.raises(HubUnavailableError):
        access.is_open("alice/open")
    assert access.is_open("alice/open")
    assert not access.is_open("alice/closed") and not access.is_open("alice/missing")


OUTSIDE = [
    "../outside.txt",
    "a/../../outside.txt",
    "/outside.txt",
    "..\\outside.txt",
    "C:outside.txt",
    "a\x1b.txt",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_name_that_leads_out_of_the_folder_is_refused_before_anything_is_touched(
    hub: HubServer, tmp_path: Path, name: str
) -> None:
    oid = hub.add_repo(NASA, files={"README.md": CARD, name: b"theirs"}).head.oid
    outside, folder = tmp_path / "outside.txt", tmp_path / "folder"
    outside.write_text("mine")
    folder.mkdir()
    with pytest.raises(HubRefusedError, match="not safe to use"):
        hub_files.download(NASA, oid, folder)
    assert outside.read_text() == "mine" and list(folder.iterdir()) == []
    for ask in (lambda: hub_repo.read(NASA), lambda: hub_repo.files_at(NASA)):
        with pytest.raises(HubRefusedError):
            ask()


def test_names_that_stay_inside_are_downloaded(hub: HubServer, tmp_path: Path) -> None:
    names = ["README.md", "a/b..c.txt", "[1]*.txt", ".hidden", "Zoë 日本.txt"]
    oid = hub.add_repo(NASA, files=dict.fromkeys(names, b"content")).head.oid
    hub_files.download(NASA, oid, tmp_path)
    assert all((tmp_path / name).read_bytes() == b"content" for name in names)


@pytest.mark.parametrize("name", ["README.md", "huggingtweets.json"])
def test_what_is_too_large_to_be_read_is_refused(hub: HubServer, name: str) -> None:
    hub.add_repo(NASA, files={name: b" " * (core_files.LARGEST_READ + 1)})
    with pytest.raises(HubRefusedError, match="larger than 16 MiB"):
        hub_repo.read(NASA)
    assert not [request for request in hub.log if "/resolve/" in request.path]
    with pytest.raises(HubRefusedError, match="larger than 16 MiB"):
        hub_files.download_file(NASA, name, "main")  # where nobody has said how large it is


def test_any_json_does_not_make_a_repository_ours(hub: HubServer) -> None:
    hub.add_repo(NASA, files={"huggingtweets.json": b'{"accounts": []}'})
    with pytest.raises(NotOursError, match="fingerprint"):
        hub_repo.require_ours(NASA, hub_repo.read(NASA))


@pytest.mark.parametrize(
    "address", ["http://vm:8080", "https://ada:secret@example.com", "http://ada:secret@127.0.0.1", "vm"]
)
def test_a_token_goes_to_https_or_to_this_machine_only(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", address)
    client.forget_who()
    with pytest.raises(InvalidInputError, match="HF_ENDPOINT") as refused:
        access.require_write_access(NASA)
    assert "https://" in refused.value.next_step and "secret" not in str(refused.value)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_the_hub_will_refuse_again_is_not_tried_again(hub: HubServer, status: int) -> None:
    hub.faults.answer("GET", "/whoami", status, {"error": "no"}, times=9)
    client.forget_who()
    with pytest.raises(HubRefusedError) as refused:
        client.whoami()
    assert refused.value.remedy == "person" and refused.value.next_step.startswith("Fix")
    assert len(hub.log) == 1


def test_a_hub_that_cannot_be_reached_is_told_from_one_that_answers_badly() -> None:
    import httpx2

    with pytest.raises(HubUnavailableError, match=r"could not be reached .*\(ConnectError\)") as raised:
        client.ask("list models", lambda _: httpx2.get("http://127.0.0.1:9"))
    assert raised.value.next_step.startswith("Check the network connection.")


def test_a_repository_that_the_hub_has_disabled_is_said_to_be_so_and_asked_for_once(hub: HubServer) -> None:
    hub.add_repo(NASA, {"README.md": b"# A bot"}).disabled = True
    with pytest.raises(HubRefusedError, match="the Hub has disabled this repository") as refused:
        hub_repo.read(NASA)
    assert "page says why" in refused.value.next_step
    assert len([request for request in hub.log if "/resolve/" in request.path]) == 1
