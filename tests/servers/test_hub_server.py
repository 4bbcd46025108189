"""The loopback Hub, seen through the real `huggingface_hub` client."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, constants
from huggingface_hub.errors import (
    BadRequestError,
    DisabledRepoError,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from tests.servers.hub import HubServer

NASA = "huggingtweets/nasa"
CARD = b"---\nlanguage: en\ntags:\n- huggingtweets\nlicense: mit\nbase_model: gpt2\n---\n# nasa\n"
WEIGHTS = bytes(range(256)) * 8
FILES = {"README.md": CARD, "model.safetensors": WEIGHTS, "deep/down/notes.txt": "🚀 to the moon".encode()}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    with HubServer() as hub:
        hub.add_user("alice", token="hf_alice", orgs={"huggingtweets": "write"})
        yield hub
    assert hub.unhandled == []


@pytest.fixture
def alice(hub: HubServer) -> HfApi:
    return HfApi(endpoint=hub.url, token="hf_alice")


def client(hub: HubServer, name: str, **token: Any) -> HfApi:
    hub.add_user(name, token=f"hf_{name}", **token)
    return HfApi(endpoint=hub.url, token=f"hf_{name}")


def add(files: dict[str, bytes]) -> list[CommitOperationAdd]:
    return [CommitOperationAdd(path, data) for path, data in files.items()]


def commit(api: HfApi, files: dict[str, bytes], repo_id: str = NASA, **options: Any) -> Any:
    return api.create_commit(repo_id, add(files), commit_message="Publish", **options)


def commits_sent(hub: HubServer) -> int:
    return sum("/commit/" in request.path for request in hub.log)


# ---- repositories


def test_a_new_repo_holds_gitattributes_alone(hub: HubServer, alice: HfApi) -> None:
    url = alice.create_repo(NASA)
    assert (url, url.repo_id) == (f"{hub.url}/{NASA}", NASA)
    assert [*hub.repos[NASA].files] == [".gitattributes"]
    assert [commit.title for commit in hub.repos[NASA].commits] == ["initial commit"]


def test_creating_a_repo_twice_is_a_conflict_that_exist_ok_accepts(hub: HubServer, alice: HfApi) -> None:
    alice.create_repo(NASA)
    with pytest.raises(HfHubHTTPError, match="409"):
        alice.create_repo("huggingtweets/NASA")
    assert alice.create_repo(NASA, exist_ok=True).repo_id == NASA


def test_a_bad_repo_name_is_refused(hub: HubServer) -> None:
    reply = httpx2.post(
        f"{hub.url}/api/repos/create",
        json={"name": "na--sa", "organization": None},
        headers={"authorization": "Bearer hf_alice"},
    )
    assert reply.status_code == 400


def test_a_commit_is_read_back_as_it_was_sent(hub: HubServer, alice: HfApi) -> None:
    alice.create_repo(NASA)
    info = commit(alice, FILES)
    repo = hub.repos[NASA]
    assert {path: repo.files[path] for path in FILES} == FILES
    assert (info.oid, repo.head.title, repo.head.author) == (repo.head.oid, "Publish", "alice")
    assert repo.head.lfs == {"model.safetensors"}
    assert [item.title for item in alice.list_repo_commits(NASA)] == ["Publish", "initial commit"]


def test_model_info_tells_sizes_and_digests_as_git_computes_them(hub: HubServer, alice: HfApi) -> None:
    repo = hub.add_repo(NASA, FILES)
    info = alice.model_info(NASA, files_metadata=True)
    files = {file.rfilename: file for file in info.siblings or []}
    card, weights = files["README.md"], files["model.safetensors"]
    assert info.sha == repo.head.oid
    assert (card.size, card.blob_id) == (len(CARD), "5aa2990930507404f08d5e47fc676cad19a0cc25")
    assert (weights.size, weights.blob_id) == (2048, "7e052ff371dd1f4c5b76ab5d093533241b4c5493")
    assert weights.lfs and weights.lfs.sha256 == hashlib.sha256(WEIGHTS).hexdigest()


def test_tags_come_from_the_card_and_the_configuration(hub: HubServer, alice: HfApi) -> None:
    config = b'{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}'
    hub.add_repo(NASA, {**FILES, "config.json": config})
    info = alice.model_info(NASA)
    assert (info.library_name, info.pipeline_tag) == ("transformers", "text-generation")
    expected = {"gpt2", "safetensors", "huggingtweets", "en", "license:mit", "base_model:finetune:gpt2"}
    assert expected <= set(info.tags or [])


def test_a_tag_stays_where_it_was_set(hub: HubServer, alice: HfApi) -> None:
    repo = hub.add_repo(NASA, FILES)
    alice.create_tag(NASA, tag="v1")
    commit(alice, {"README.md": CARD + b"more"})
    assert alice.model_info(NASA, revision="v1").sha == repo.tags["v1"] == repo.commits[-2].oid
    assert [tag.name for tag in alice.list_repo_refs(NASA).tags] == ["v1"]
    with pytest.raises(HfHubHTTPError, match="409"):
        alice.create_tag(NASA, tag="v1")


def test_settings_change_who_sees_a_repo(hub: HubServer, alice: HfApi) -> None:
    hub.add_repo(NASA, FILES)
    alice.update_repo_settings(NASA, private=True, gated="manual")
    info = alice.model_info(NASA)
    assert (info.private, info.gated) == (True, "manual")


def test_a_deleted_repo_is_gone(hub: HubServer, alice: HfApi) -> None:
    hub.add_repo(NASA)
    alice.delete_repo(NASA)
    assert hub.repos == {}
    with pytest.raises(RepositoryNotFoundError):
        alice.delete_repo(NASA)


def test_super_squash_leaves_one_commit_with_the_same_files(hub: HubServer, alice: HfApi) -> None:
    repo = hub.add_repo(NASA, FILES)
    before = dict(repo.files)
    alice.super_squash_history(NASA)
    assert (len(repo.commits), repo.files) == (1, before)


def test_list_models_follows_the_pages(hub: HubServer, alice: HfApi) -> None:
    hub.page_size = 2
    for number in range(5):
        hub.add_repo(f"huggingtweets/user{number}", {"README.md": CARD})
    hub.add_repo("huggingtweets/untagged")
    hub.add_repo("somebody/else", {"README.md": CARD})
    models = list(alice.list_models(author="huggingtweets", filter="huggingtweets"))
    assert [model.id for model in models] == [f"huggingtweets/user{number}" for number in range(5)]
    assert len(hub.log) == 3


# ---- committing


def test_a_commit_on_a_branch_that_moved_is_refused(hub: HubServer, alice: HfApi) -> None:
    repo = hub.add_repo(NASA, FILES)
    seen = repo.head.oid
    hub.faults.meanwhile("POST", "/commit/", lambda: repo.commit({"README.md": CARD + b"edited by hand"}))
    with pytest.raises(HfHubHTTPError, match="The branch was updated") as refused:
        commit(alice, {"a.txt": b"a"}, parent_commit=seen)
    assert refused.value.response.status_code == 412
    assert "a.txt" not in repo.files


def test_a_parent_that_the_repo_never_had_counts_as_moved(hub: HubServer, alice: HfApi) -> None:
    hub.add_repo(NASA, FILES)
    with pytest.raises(HfHubHTTPError) as refused:
        commit(alice, {"a.txt": b"a"}, parent_commit="0" * 40)
    assert refused.value.response.status_code == 412


def test_the_same_files_again_make_no_commit(hub: HubServer, alice: HfApi) -> None:
    repo = hub.add_repo(NASA, FILES)
    assert commit(alice, FILES).oid == repo.head.oid
    assert (len(repo.commits), commits_sent(hub)) == (2, 0)


def test_only_a_large_file_that_is_new_is_uploaded(hub: HubServer, alice: HfApi) -> None:
    hub.add_repo(NASA, FILES)
    commit(alice, {"copy.bin": WEIGHTS})
    commit(alice, {"other.bin": WEIGHTS + b"\0"})
    assert sum(request.method == "PUT" for request in hub.log) == 1


def test_text_cut_inside_a_character_is_not_taken_for_binary(hub: HubServer, alice: HfApi) -> None:
    hub.add_repo(NASA)
    commit(alice, {"tweets.txt": b"x" + "🚀".encode() * 400, "preview.png": b"\x89PNG\r\n\x1a\n\0"})
    assert hub.repos[NASA].head.lfs == {"preview.png"}


def test_an_upload_that_is_not_what_was_announced_is_refused(hub: HubServer, alice: HfApi) -> None:
    repo = hub.add_repo(NASA)
    operation = CommitOperationAdd("model.bin", WEIGHTS)
    operation.upload_info.sha256 = hashlib.sha256(b"something else").digest()
    with pytest.raises(RuntimeError) as refused:
        alice.create_commit(NASA, [operation], commit_message="Publish")
    assert isinstance(refused.value.__cause__, BadRequestError)
    assert (len(repo.commits), repo.lfs_objects) == (1, {})


def test_the_storage_refuses_a_token(hub: HubServer) -> None:
    repo, oid = hub.add_repo(NASA), hashlib.sha256(WEIGHTS).hexdigest()
    address = f"{hub.url}/lfs-storage/{NASA}/{oid}/{len(WEIGHTS)}"
    reply = httpx2.put(address, content=WEIGHTS, headers={"authorization": "Bearer hf_alice"})
    assert (reply.status_code, repo.lfs_objects) == (400, {})


def test_a_commit_that_misses_one_large_file_changes_nothing(hub: HubServer, alice: HfApi) -> None:
    repo = hub.add_repo(NASA)
    operations = add({"README.md": CARD, "model.safetensors": WEIGHTS})
    operations[1]._is_uploaded, operations[1]._upload_mode = True, "lfs"
    with pytest.raises(BadRequestError, match="an LFS pointer pointed to a file that does not exist"):
        alice.create_commit(NASA, operations, commit_message="Publish")
    assert [*repo.files] == [".gitattributes"]


def test_files_are_deleted_with_the_same_commit(hub: HubServer, alice: HfApi) -> None:
    repo = hub.add_repo(NASA, {"pytorch_model.bin": WEIGHTS, "old/a": b"a", "old/b": b"b"})
    deletions = [CommitOperationDelete("pytorch_model.bin"), CommitOperationDelete("old/")]
    alice.create_commit(NASA, [*add({"README.md": CARD}), *deletions], commit_message="Publish")
    assert {*repo.files} == {".gitattributes", "README.md"}


def test_deleting_what_is_not_there_changes_nothing(hub: HubServer, alice: HfApi) -> None:
    repo = hub.add_repo(NASA)
    operations = [*add({"a.txt": b"a"}), CommitOperationDelete("gone.bin")]
    with pytest.raises(EntryNotFoundError, match="A file with this name doesn't exist"):
        alice.create_commit(NASA, operations, commit_message="Publish")
    assert "a.txt" not in repo.files


def test_a_pull_request_leaves_main_alone(hub: HubServer, tmp_path: Path) -> None:
    repo = hub.add_repo(NASA, FILES)
    stranger, main = client(hub, "stranger"), repo.head
    info = commit(stranger, {"README.md": CARD + b"better", "new.bin": WEIGHTS + b"\1"}, create_pr=True)
    assert (info.pr_num, info.pr_revision, info.pr_url) == (1, "refs/pr/1", f"{hub.url}/{NASA}/discussions/1")
    assert repo.head == main and repo.pull_requests[1].oid == info.oid
    assert stranger.model_info(NASA, revision="refs/pr/1").sha == info.oid
    path = stranger.hf_hub_download(NASA, "README.md", revision="refs/pr/1", cache_dir=tmp_path)
    assert Path(path).read_bytes() == CARD + b"better"


def test_pull_requests_are_listed_and_closed(hub: HubServer, alice: HfApi) -> None:
    repo = hub.add_repo(NASA, FILES)
    for text in (b"one", b"two"):
        commit(alice, {"README.md": CARD + text}, create_pr=True)
    open_ones = [*alice.get_repo_discussions(NASA, author="alice", discussion_status="open")]
    assert [(r.num, r.title, r.is_pull_request) for r in open_ones] == [
        (2, "Publish", True),
        (1, "Publish", True),
    ]
    assert not [*alice.get_repo_discussions(NASA, author="bob")]
    alice.change_discussion_status(NASA, 1, "closed")
    assert alice.get_discussion_details(NASA, 1).status == "closed"
    assert [r.num for r in alice.get_repo_discussions(NASA, discussion_status="open")] == [2]
    repo.settled[2] = "merged"
    with pytest.raises(HfHubHTTPError):
        alice.change_discussion_status(NASA, 2, "closed")


# ---- model cards


@pytest.mark.parametrize(
    ("metadata", "complaint"),
    [
        ("tags: huggingtweets", '"tags" must be an array'),
        ("license: mine", '"license" must be one of'),
        ("language: english", '"language" with value "english" is not valid'),
        ("language: in", '"language" with value "in" is not valid'),
        ("base_model: /home/alice/gpt2", '"base_model" with value "/home/alice/gpt2" is not valid'),
        ("thumbnail: null", '"thumbnail" must be a string'),
        ("- a list", '"metadata" must be of type object'),
        ("tags: [a]\ntags: [b]", "duplicated mapping key tags"),
        ("title: a: b", "Invalid YAML"),
    ],
)
def test_a_bad_card_is_refused_before_anything_is_sent(
    hub: HubServer, alice: HfApi, metadata: str, complaint: str
) -> None:
    repo = hub.add_repo(NASA)
    with pytest.raises(ValueError, match="Invalid metadata in README") as refused:
        commit(alice, {"README.md": f"---\n{metadata}\n---\n".encode()})
    assert complaint in str(refused.value)
    assert len(repo.commits) == len(hub.log) == 1


def test_norwegian_is_a_language_and_not_a_boolean(hub: HubServer, alice: HfApi) -> None:
    hub.add_repo(NASA)
    commit(alice, {"README.md": b"---\nlanguage: no\n---\n"})
    assert "no" in (alice.model_info(NASA).tags or [])


def test_a_card_without_metadata_is_warned_of(hub: HubServer, alice: HfApi) -> None:
    hub.add_repo(NASA)
    with pytest.warns(UserWarning, match="empty or missing yaml metadata"):
        commit(alice, {"README.md": b"# nasa\n"})


# ---- who may do what


def test_whoami_tells_the_roles(alice: HfApi) -> None:
    me = alice.whoami()
    assert me["auth"]["accessToken"]["role"] == "write"
    assert [(org["name"], org["roleInOrg"]) for org in me["orgs"]] == [("huggingtweets", "write")]


def test_a_fine_grained_token_writes_where_its_scopes_allow(hub: HubServer) -> None:
    scopes = {"huggingtweets": ["repo.write"], "*": ["discussion.write"]}
    bob = client(hub, "bob", role="fineGrained", orgs={"huggingtweets": "admin"}, scopes=scopes)
    granted = bob.whoami()["auth"]["accessToken"]["fineGrained"]
    entity = {"type": "org", "name": "huggingtweets"}
    assert granted["global"] == ["discussion.write"]
    assert granted["scoped"] == [{"entity": entity, "permissions": ["repo.write"]}]
    bob.create_repo(NASA)
    with pytest.raises(HfHubHTTPError, match="403"):
        bob.create_repo("bob/nasa")


def test_a_read_token_writes_nothing(hub: HubServer) -> None:
    reader = client(hub, "reader", role="read", orgs={"huggingtweets": "admin"})
    repo = hub.add_repo(NASA)
    for write in (lambda: reader.create_repo("reader/nasa"), lambda: commit(reader, {"a.txt": b"a"})):
        with pytest.raises(HfHubHTTPError) as refused:
            write()
        assert refused.value.response.status_code == 403
    assert "you must use a write token" in str(refused.value)
    assert len(repo.commits) == 1


def test_a_member_who_only_reads_writes_nothing_in_the_organization(hub: HubServer) -> None:
    bob = client(hub, "bob", orgs={"huggingtweets": "read"})
    with pytest.raises(HfHubHTTPError, match="You don't have the rights to create a model"):
        bob.create_repo(NASA)
    hub.add_repo(NASA)
    with pytest.raises(HfHubHTTPError, match="create_pr=1"):
        commit(bob, {"a.txt": b"a"})


def test_without_a_token_nothing_is_written(hub: HubServer) -> None:
    hub.add_repo(NASA)
    nobody = HfApi(endpoint=hub.url, token=False)
    with pytest.raises(HfHubHTTPError) as refused:
        nobody.create_repo("nobody/nasa")
    assert refused.value.response.status_code == 401
    with pytest.raises(RepositoryNotFoundError):
        commit(nobody, {"a.txt": b"a"})


def test_an_unknown_token_is_refused_even_for_reading(hub: HubServer) -> None:
    hub.add_repo(NASA)
    with pytest.raises(HfHubHTTPError, match="Invalid credentials") as refused:
        HfApi(endpoint=hub.url, token="hf_wrong").model_info(NASA)
    assert refused.value.response.status_code == 401


def test_a_private_repo_looks_like_none_to_others(hub: HubServer, alice: HfApi) -> None:
    hub.add_repo(NASA, private=True)
    assert alice.repo_exists(NASA)
    for other in (client(hub, "bob"), HfApi(endpoint=hub.url, token=False)):
        assert not other.repo_exists(NASA)
        assert list(other.list_models(author="huggingtweets")) == []


def test_a_dataset_is_no_model_of_the_same_name(hub: HubServer, alice: HfApi) -> None:
    hub.add_repo(NASA)
    url = alice.create_repo(NASA, repo_type="dataset", private=True)
    assert (url, url.repo_type) == (f"{hub.url}/datasets/{NASA}", "dataset")
    assert alice.dataset_info(NASA).private and not alice.model_info(NASA).private
    assert not client(hub, "bob").repo_exists(NASA, repo_type="dataset")
    alice.delete_repo(NASA, repo_type="dataset")
    assert (list(hub.repos), hub.datasets) == ([NASA], {})


def test_a_dataset_is_written_read_and_squashed_as_a_model_is(
    hub: HubServer, alice: HfApi, tmp_path: Path
) -> None:
    alice.create_repo(NASA, repo_type="dataset")
    head = alice.dataset_info(NASA).sha
    info = commit(alice, FILES, repo_type="dataset", parent_commit=head)
    assert info.commit_url == f"{hub.url}/datasets/{NASA}/commit/{info.oid}"
    with pytest.raises(HfHubHTTPError, match="412"):
        commit(alice, {"other.txt": b"other"}, repo_type="dataset", parent_commit=head)
    repo = hub.datasets[NASA]
    assert repo.head.lfs == {"model.safetensors"}
    assert {file.path for file in alice.list_repo_tree(NASA, "deep/down", repo_type="dataset")} == {
        "deep/down/notes.txt"
    }
    folder = Path(alice.snapshot_download(NASA, repo_type="dataset", cache_dir=tmp_path))
    assert {path: (folder / path).read_bytes() for path in FILES} == FILES
    alice.super_squash_history(NASA, repo_type="dataset")
    assert (len(repo.commits), {path: repo.files[path] for path in FILES}) == (1, FILES)


def test_a_gated_repo_is_described_but_not_downloaded(hub: HubServer, tmp_path: Path) -> None:
    hub.add_repo("meta/llama", FILES, gated="manual")
    bob = client(hub, "bob")
    assert bob.model_info("meta/llama").gated == "manual"
    with pytest.raises(GatedRepoError):
        bob.hf_hub_download("meta/llama", "README.md", cache_dir=tmp_path)


# ---- downloading


def test_a_snapshot_has_identical_bytes(hub: HubServer, alice: HfApi, tmp_path: Path) -> None:
    hub.page_size = 2
    repo = hub.add_repo(NASA, FILES)
    folder = Path(alice.snapshot_download(NASA, cache_dir=tmp_path))
    assert folder.name == repo.head.oid
    assert {path: (folder / path).read_bytes() for path in repo.files} == repo.files


def test_what_is_missing_is_named(hub: HubServer, alice: HfApi, tmp_path: Path) -> None:
    hub.add_repo(NASA, FILES)
    with pytest.raises(EntryNotFoundError):
        alice.hf_hub_download(NASA, "nothing.txt", cache_dir=tmp_path)
    with pytest.raises(RevisionNotFoundError):
        alice.model_info(NASA, revision="v9")
    with pytest.raises(RepositoryNotFoundError):
        alice.model_info("huggingtweets/nobody")
    assert not alice.file_exists(NASA, "nothing.txt")


def test_a_moved_repo_is_found_under_its_old_name(hub: HubServer, alice: HfApi, tmp_path: Path) -> None:
    hub.add_repo("openai-community/gpt2", FILES)
    hub.moved["gpt2"] = "openai-community/gpt2"
    assert alice.model_info("gpt2").id == "openai-community/gpt2"
    assert Path(alice.hf_hub_download("gpt2", "README.md", cache_dir=tmp_path)).read_bytes() == CARD


# ---- faults


def test_an_injected_answer_comes_as_often_as_asked(hub: HubServer, alice: HfApi) -> None:
    hub.faults.answer("GET", "/whoami", 429, headers={"Retry-After": "7"}, times=2)
    for _ in range(2):
        with pytest.raises(HfHubHTTPError) as limited:
            alice.whoami()
        assert limited.value.response.headers["retry-after"] == "7"
    assert alice.whoami()["name"] == "alice"
    assert [request.status for request in hub.log] == [429, 429, 200]


def test_a_dropped_request_changes_nothing(hub: HubServer, alice: HfApi) -> None:
    repo = hub.add_repo(NASA)
    hub.faults.drop("POST", "/commit/")
    with pytest.raises(httpx2.TransportError):
        commit(alice, {"a.txt": b"a"})
    assert (len(repo.commits), hub.log[-1].status) == (1, None)


def test_a_lost_reply_leaves_the_commit(hub: HubServer, alice: HfApi) -> None:
    repo = hub.add_repo(NASA)
    hub.faults.lose_reply("POST", "/commit/")
    with pytest.raises(httpx2.TransportError):
        commit(alice, {"a.txt": b"a"})
    assert (repo.files["a.txt"], commits_sent(hub), hub.log[-1].status) == (b"a", 1, None)


def test_a_web_page_comes_where_json_belongs(hub: HubServer, alice: HfApi) -> None:
    hub.add_repo(NASA)
    hub.faults.html("POST", "/validate-yaml")
    with pytest.raises(ValueError, match="Expecting value"):
        commit(alice, {"README.md": CARD})


def test_a_truncated_download_is_resumed(
    hub: HubServer, alice: HfApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 100)
    hub.add_repo(NASA, FILES)
    hub.faults.truncate("GET", "/resolve/.*/model.safetensors", keep=1000)
    path = alice.hf_hub_download(NASA, "model.safetensors", cache_dir=tmp_path)
    assert Path(path).read_bytes() == WEIGHTS
    assert [request.status for request in hub.log if request.method == "GET"] == [200, 206]


def test_a_delay_outlasts_the_time_out_of_the_client_but_not_the_server(hub: HubServer, alice: HfApi) -> None:
    hub.add_repo(NASA)
    hub.faults.delay("GET", NASA, seconds=600)
    with pytest.raises(httpx2.TimeoutException):
        alice.model_info(NASA, timeout=0.05)


# ---- the server itself


def test_a_call_that_is_not_served_is_recorded() -> None:
    with HubServer() as hub:
        reply = httpx2.get(f"{hub.url}/api/spaces?limit=1")
        assert reply.status_code == 404
        assert reply.json() == {"error": "This server does not serve GET /api/spaces"}
        assert hub.unhandled == ["GET /api/spaces?limit=1"]


def test_a_reset_server_is_as_new(hub: HubServer, alice: HfApi) -> None:
    hub.add_repo(NASA)
    alice.whoami()
    hub.faults.drop("GET", "/")
    hub.reset()
    assert (hub.repos, hub.log, hub.faults.pending) == ({}, [], [])
    with pytest.raises(HfHubHTTPError, match="Invalid user token"):
        alice.whoami()


def test_a_closed_server_leaves_no_thread() -> None:
    before = {*threading.enumerate()}
    with httpx2.Client() as kept_alive:
        with HubServer() as hub:
            kept_alive.get(f"{hub.url}/api/models")
        assert {*threading.enumerate()} == before
        with pytest.raises(httpx2.ConnectError):
            kept_alive.get(f"{hub.url}/api/models")


def test_a_disabled_repo_is_described_but_neither_read_nor_written(hub: HubServer, alice: HfApi) -> None:
    hub.add_repo(NASA, {"a.txt": b"a"}).disabled = True
    assert alice.model_info(NASA).disabled is True
    with pytest.raises(LocalEntryNotFoundError) as raised:
        alice.hf_hub_download(NASA, "a.txt")
    assert isinstance(raised.value.__cause__, DisabledRepoError)
    with pytest.raises(DisabledRepoError):
        alice.upload_file(path_or_fileobj=b"b", path_in_repo="b.txt", repo_id=NASA)
