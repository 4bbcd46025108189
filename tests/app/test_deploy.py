"""`app --deploy`: one commit to a Space of ours on ZeroGPU, and what the Hub reads of it is right."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from huggingtweets_hub import InvalidInputError, NotLoggedInError, NotOursError, NoWriteAccessError
from huggingtweets_hub.app import deploy as deploying
from huggingtweets_hub.app.deploy import deploy
from huggingtweets_hub.core import wheel
from huggingtweets_hub.core.errors import HubError, QuotaExceededError
from tests.servers.hub import HubServer

SPACE = "alice/make-a-bot"
WHEEL = "huggingtweets_hub-0.1.0-py3-none-any.whl"
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


class Told:
    """Remembers the notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)

    def warn(self, message: str) -> None:
        raise AssertionError(message)

    def advance(self, stage: str, done: int, total: int, unit: str) -> None:
        """Show nothing."""


@pytest.fixture
def told() -> Told:
    return Told()


def test_the_space_is_made_on_zero_gpu_by_one_commit(hub: HubServer, told: Told) -> None:
    made = deploy("@me/make-a-bot", progress=told)
    space = hub.spaces[SPACE]
    assert (made.repo_id, made.url, made.commit) == (SPACE, f"{hub.url}/spaces/{SPACE}", space.head.oid)
    assert [commit.title for commit in space.commits] == ["initial commit", deploying.TITLE]
    files = set(space.files) - {".gitattributes"}
    assert files == {"README.md", "app.py", "requirements.txt", WHEEL, deploying.MARKER} == set(made.written)
    assert set(json.loads(space.files[deploying.MARKER])["files"]) == files
    assert hub.zero_gpu == {"alice": 1} and hub.repos == {}
    assert len(told.notes) == 1 and "may host two gradio Spaces on ZeroGPU for free" in told.notes[0]


def front_matter(hub: HubServer) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(hub.spaces[SPACE].files["README.md"].decode().split("---")[1])
    return found


def test_the_hub_reads_its_card(hub: HubServer, told: Told) -> None:
    deploy(SPACE, progress=told)
    front = front_matter(hub)
    assert (front["sdk"], front["sdk_version"], front["app_file"]) == ("gradio", "6.31.0", "app.py")
    assert front["python_version"] == "3.12", "a number would be 3.1 for 3.10, and the default is too old"
    assert front["hf_oauth"] is True and front["hf_oauth_scopes"] == ["contribute-repos"]
    assert {front["colorFrom"], front["colorTo"]} <= COLOURS and len(front["short_description"]) <= 60
    assert front["suggested_hardware"] == "zero-a10g" and front["license"] == "mit"
    assert [model.split()[0] for model in front["preload_from_hub"]] == [
        "openai-community/gpt2", "HuggingFaceTB/SmolLM2-135M",
    ]  # fmt: skip
    assert f"--deploy {SPACE}" in hub.spaces[SPACE].files["README.md"].decode()
    assert b"$" not in hub.spaces[SPACE].files["README.md"]


def test_its_gradio_is_one_that_the_package_takes(hub: HubServer, told: Told) -> None:
    from packaging.requirements import Requirement

    deploy(SPACE, progress=told)
    taken = [Requirement(line) for line in wheel.requirements(deploying.EXTRA)]
    assert all(front_matter(hub)["sdk_version"] in line.specifier for line in taken if line.name == "gradio")


def test_its_program_can_be_compiled_and_takes_spaces_first(hub: HubServer, told: Told) -> None:
    deploy(SPACE, progress=told)
    program = ast.parse(hub.spaces[SPACE].files["app.py"])
    imported = [node for node in ast.walk(program) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [ast.unparse(node) for node in imported]
    assert names.index("import spaces") < next(i for i, name in enumerate(names) if "huggingtweets" in name)


def test_its_requirements_are_what_the_package_needs_with_a_torch_that_zero_gpu_knows(
    hub: HubServer, told: Told
) -> None:
    from packaging.requirements import Requirement

    deploy(SPACE, progress=told)
    text = hub.spaces[SPACE].files["requirements.txt"].decode()
    needed = [Requirement(line) for line in text.splitlines() if line and not line.startswith("#")]
    names = [requirement.name for requirement in needed]
    assert len(names) == len(set(names)), "pip refuses a name that stands there twice"
    assert {"spaces", "transformers", "huggingface_hub"} <= set(names) and "huggingtweets_hub" not in names
    (torch,) = (requirement for requirement in needed if requirement.name == "torch")
    assert "2.11.0" in torch.specifier and "2.12.0" not in torch.specifier


def test_a_released_version_is_named_and_not_sent(
    hub: HubServer, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(SPACE, progress=told)
    monkeypatch.setattr(wheel, "released", lambda: "huggingtweets_hub==0.1.0")
    made = deploy(SPACE, progress=told)
    assert made.deleted == (WHEEL,) and WHEEL not in hub.spaces[SPACE].files
    assert b"\nhuggingtweets_hub[app]==0.1.0\n" in hub.spaces[SPACE].files["requirements.txt"]


def test_the_wheel_that_it_holds_can_be_imported_as_its_program_does(
    hub: HubServer, told: Told, tmp_path: Path
) -> None:
    deploy(SPACE, progress=told)
    for name, content in hub.spaces[SPACE].files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "spaces.py").write_text("")
    code = (
        "import os, pathlib, subprocess, sys; import app; app.unpack(); import huggingtweets_hub\n"
        "where = pathlib.Path(huggingtweets_hub.__file__).parents[1]\n"
        "assert where.name.startswith('site-') and (where / 'huggingtweets_hub/templates').is_dir(), where\n"
        "child = [sys.executable, '-c', 'import huggingtweets_hub as h; print(h.__file__, h.__version__)']\n"
        "print(subprocess.run(child, capture_output=True, text=True, check=True).stdout)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.startswith(f"{tmp_path}/site-") and done.stdout.split()[1] == "0.1.0"


def test_the_second_time_there_is_no_commit(hub: HubServer, told: Told) -> None:
    deploy(SPACE, progress=told)
    head = hub.spaces[SPACE].head.oid
    again = deploy(SPACE, progress=told)
    assert (again.commit, again.changed) == (None, False)
    assert hub.spaces[SPACE].head.oid == head and hub.zero_gpu == {"alice": 1}


def test_what_an_earlier_version_left_is_deleted_and_what_others_added_stays(
    hub: HubServer, told: Told
) -> None:
    deploy(SPACE, progress=told)
    space = hub.spaces[SPACE]
    listed = json.loads(space.files[deploying.MARKER])
    listed["files"] += ["huggingtweets_hub-0.0.9-py3-none-any.whl", "../escape"]
    space.commit({
        deploying.MARKER: json.dumps(listed).encode(), "huggingtweets_hub-0.0.9-py3-none-any.whl": b"old",
        "notes.txt": b"mine",
    })  # fmt: skip
    made = deploy(SPACE, progress=told)
    assert (made.written, made.deleted) == (
        (deploying.MARKER,),
        ("huggingtweets_hub-0.0.9-py3-none-any.whl",),
    )
    assert space.files["notes.txt"] == b"mine"


@pytest.mark.parametrize("marker", [None, b"{}", b"no JSON"])
def test_a_space_that_is_not_ours_is_left_alone(hub: HubServer, told: Told, marker: bytes | None) -> None:
    files = {"README.md": b"---\nsdk: gradio\ntags: [huggingtweets]\n---\n", "app.py": b"1"}
    space = hub.add_repo(SPACE, files | ({deploying.MARKER: marker} if marker else {}), kind="spaces")
    for dry in (False, True):
        with pytest.raises(NotOursError, match="was not made by huggingtweets"):
            deploy(SPACE, dry_run=dry, progress=told)
    assert len(space.commits) == 2 and hub.zero_gpu == {}


def test_the_page_of_a_namespace_is_not_overwritten(hub: HubServer, told: Told) -> None:
    with pytest.raises(InvalidInputError, match="reserved for the page"):
        deploy("alice/huggingtweets", progress=told)
    assert hub.log == []


def test_an_account_that_hosts_two_already_is_told_what_a_third_needs(hub: HubServer, told: Told) -> None:
    hub.zero_gpu["alice"] = 2
    with pytest.raises(QuotaExceededError, match="for free: .*paid plan") as raised:
        deploy(SPACE, progress=told)
    assert "older than 30 days" in raised.value.next_step and hub.spaces == {}
    hub.zero_gpu["alice"] = 1
    assert deploy(SPACE, progress=told).changed


def test_a_space_that_was_made_but_not_filled_is_filled(hub: HubServer, told: Told) -> None:
    hub.faults.answer("POST", "/commit/", 403)
    with pytest.raises(HubError):
        deploy(SPACE, progress=told)
    assert len(hub.spaces[SPACE].commits) == 1
    assert deploy(SPACE, progress=told).changed and hub.zero_gpu == {"alice": 1}


@pytest.mark.parametrize("fault", ["/api/repos/create", "/commit/"])
def test_a_lost_reply_makes_nothing_twice(hub: HubServer, told: Told, fault: str) -> None:
    hub.faults.lose_reply("POST", fault)
    deploy(SPACE, progress=told)
    assert len(hub.spaces[SPACE].commits) == 2 and list(hub.spaces) == [SPACE]


def test_a_dry_run_needs_no_token_and_changes_nothing(
    hub: HubServer, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    made = deploy(SPACE, dry_run=True, progress=told)
    assert made.changed and made.commit is None and hub.spaces == {}
    assert {request.method for request in hub.log} == {"GET"}


def test_it_can_be_private(hub: HubServer, told: Told) -> None:
    deploy(SPACE, private=True, progress=told)
    assert hub.spaces[SPACE].private


def test_local_mistakes_come_first_then_tokens_then_the_network(
    hub: HubServer, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("make-a-bot", "a b/c", "/bot", "alice/", "alice/a/b", "@me/"):
        with pytest.raises(InvalidInputError, match="is not the name of a Space"):
            deploy(name, progress=told)
    with pytest.raises(NoWriteAccessError, match="cannot write to 'bob'"):
        deploy("bob/make-a-bot", progress=told)
    asked = len(hub.log)
    monkeypatch.delenv("HF_TOKEN")
    for name in (SPACE, "@me/make-a-bot"):
        with pytest.raises(NotLoggedInError):
            deploy(name, progress=told)
    assert len(hub.log) == asked and hub.spaces == {}
