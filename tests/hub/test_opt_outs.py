"""The lists of opt-outs: nobody on one is forgotten, and whoever is on one can be taken off it."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from huggingtweets_hub import Silent, cli, publish
from huggingtweets_hub.core import files
from huggingtweets_hub.core.errors import OptedOutError, TakenDownError
from huggingtweets_hub.hub import namespace_opt_outs, opt_outs, publications
from huggingtweets_hub.hub.namespace_opt_outs import Person
from huggingtweets_hub.hub.store_dataset import Dataset
from huggingtweets_hub.pipeline import workspace
from tests.servers.hub import HubServer

ADA, NAMESPACE = "huggingtweets/ada", "huggingtweets"


def write(folder: Path, content: str) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / opt_outs.FILE
    path.write_text(content, "utf-8")
    return path


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\f", "\v"])
def test_what_is_in_a_comment_never_becomes_a_name(hub: HubServer, home: Path, separator: str) -> None:
    line = f"ada  # asked us on 2 May,{separator}eve"
    path = write(home, f"{line}\n")
    opt_outs.add(["nasa"])
    assert path.read_text("utf-8").split("\n")[0] == line
    assert opt_outs.remove("nasa", NAMESPACE)
    assert path.read_text("utf-8") == f"{line}\n" and opt_outs.listed() == {"ada"}


# --- a store that is a folder ---------------------------------------------------------------------


@pytest.fixture
def folder_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], Path]:
    """Set a folder as the store, or unset it."""

    def use(is_used: bool) -> Path:
        folder = tmp_path / "store"
        monkeypatch.setenv("HUGGINGTWEETS_STORE", str(folder) if is_used else "")
        return folder

    return use


@pytest.mark.parametrize("is_used_first", [False, True])
def test_who_opted_out_stays_out_where_the_store_changes(
    hub: HubServer, folder_store: Callable[[bool], Path], is_used_first: bool
) -> None:
    folder_store(is_used_first)
    opt_outs.add(["ada"])
    folder_store(not is_used_first)
    with pytest.raises(OptedOutError):
        opt_outs.require_absent(["ada"])
    folder_store(True)
    assert opt_outs.remove("ada", NAMESPACE)
    folder_store(False)
    assert opt_outs.listed() == frozenset()


def test_the_error_names_both_lists(hub: HubServer, home: Path, folder_store: Callable[[bool], Path]) -> None:
    store = folder_store(True)
    opt_outs.add(["ada"])
    with pytest.raises(OptedOutError) as refused:
        opt_outs.require_absent(["ada"])
    assert f"{store / opt_outs.FILE} and {home / opt_outs.FILE}." in refused.value.next_step


@pytest.mark.parametrize("is_used_first", [False, True])
def test_so_does_what_was_taken_down(folder_store: Callable[[bool], Path], is_used_first: bool) -> None:
    folder_store(is_used_first)
    publications.remember({ADA: ["ada"]})
    folder_store(not is_used_first)
    with pytest.raises(TakenDownError):
        publications.require_not_gone(ADA)
    folder_store(True)
    publications.forget(ADA)
    folder_store(False)
    publications.require_not_gone(ADA)


def test_pages_from_before_there_was_a_store_are_deleted_too(
    home: Path, folder_store: Callable[[bool], Path]
) -> None:
    folders = [folder / "timelines" / "ada-501" for folder in (home, folder_store(True))]
    for folder in folders:
        files.folder(folder)
    workspace.forget(["ada"])
    assert not any(map(Path.exists, folders))


# --- putting somebody on --------------------------------------------------------------------------


@pytest.mark.parametrize("namespace", [NAMESPACE, "@me"])
@pytest.mark.parametrize("store", ["", "hf://datasets/alice/timelines"])
def test_who_is_added_without_a_network_is_noted_here_and_told_later(
    hub: HubServer, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    namespace: str, store: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("HUGGINGTWEETS_STORE", store)
    command = f"opt-outs add Nasa --namespace {namespace}"
    for method in ("GET", "POST"):
        hub.faults.drop(method, "", times=99)
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            cli.main(command.split())
        said = capsys.readouterr().err
        assert ended.value.code == 1 and "nasa: noted on this machine" in said
        assert "once this command has reached it" in said and "Run the same command again" in said
    (line,) = (home / opt_outs.FILE).read_text().splitlines()
    assert line.startswith("nasa  # opted out on ")
    hub.faults.pending.clear()
    run(command)
    assert "Will not be published: nasa\n" in capsys.readouterr().err
    target = "alice" if namespace == "@me" else namespace
    with pytest.raises(OptedOutError):
        opt_outs.require_absent(["nasa"], f"{target}/nasa")
    assert namespace_opt_outs.read(target).match(Person(handle="nasa"))
    assert (home / opt_outs.FILE).read_text().splitlines() == [line]


def test_a_list_that_cannot_be_is_refused_before_anybody_is_noted(
    hub: HubServer, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["opt-outs", "add", "nasa", "--namespace", "a b"])
    assert "'a b' is not the name of a user" in capsys.readouterr().err
    assert not (home / opt_outs.FILE).exists() and not hub.log


def test_whoever_adds_a_handle_of_bluesky_is_asked_for_its_did(
    hub: HubServer, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(f"opt-outs add ann.bsky.social nasa did:plc:{'a' * 24} --namespace {NAMESPACE}")
    (hint,) = (line for line in capsys.readouterr().err.splitlines() if "DID" in line)
    assert "does not name ann.bsky.social, only its DID. Add the DID too." in hint


# --- taking somebody off --------------------------------------------------------------------------


def run(command: str) -> None:
    with suppress(SystemExit):
        cli.main(command.split())


def follow(error: OptedOutError) -> None:
    """Run the command that an error names."""
    (command,) = re.findall("'huggingtweets (opt-outs remove [^']+)'", error.next_step)
    run(command)


@pytest.mark.parametrize(
    ("line", "handles", "name"),
    [
        ("ada-bob", ["ada", "bob"], "ada-bob"),
        ("Bob-Ada", ["ada", "bob"], "ada-bob"),
        ("my-bot", ["ada"], "my-bot"),
        ("ann_m.example", ["ann@m.example"], "ann_m.example"),
        ("https://huggingface.co/huggingtweets/eve", ["eve"], "eve"),
        ("u/ann", ["reddit:ann"], "ann.reddit"),
        ("https://x.com/Ada", ["ada"], "ada-bob"),
    ],
)
def test_the_error_names_a_command_that_takes_any_line_off(
    hub: HubServer, home: Path, line: str, handles: list[str], name: str
) -> None:
    path = write(home, f"zoe\n{line}  # by mail\n")
    with pytest.raises(OptedOutError) as refused:
        opt_outs.require_absent(handles, f"{NAMESPACE}/{name}")
    follow(refused.value)
    assert path.read_text() == "zoe\n"
    opt_outs.require_absent(handles, f"{NAMESPACE}/{name}")


@pytest.mark.parametrize("to", [{"namespace": "@me"}, {"namespace": "alice"}, {"repo_id": "alice/keeper"}])
def test_one_command_takes_an_account_off_the_lists_of_where_it_was_to_go(
    hub: HubServer, home: Path, to: dict[str, str]
) -> None:
    ada = Person(handle="lighthouse_ada")
    opt_outs.add([ada])
    opt_outs.add_to_namespace([ada], "alice")
    with pytest.raises(OptedOutError) as refused:
        publish(source="sample", base_model="tiny", progress=Silent(), **to)
    assert "@me/" not in refused.value.next_step
    follow(refused.value)
    opt_outs.require_absent([ada], "alice/keeper")


def test_a_check_finds_whatever_a_publication_would_be_refused_for(
    hub: HubServer, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(home, "ann_m.example\nada-bob\nhuggingtweets/eve\n")
    opt_outs.add_to_namespace([Person(handle="nasa")], NAMESPACE)
    asked = [
        "ann@m.example",
        "bob-ada",
        "https://hf.co/huggingtweets/eve",
        "https://x.com/NASA",
        "eve",
        "ada",
    ]
    run(f"opt-outs check {' '.join(asked)} --namespace {NAMESPACE}")
    assert capsys.readouterr() == ("\n".join(asked[:4]) + "\n", "")
    run("opt-outs check eve ada")
    assert capsys.readouterr() == ("", "None of them are on the list.\n")


def test_what_sees_no_list_of_the_namespace_says_so(
    hub: HubServer, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opt_outs.add_to_namespace([Person(handle="nasa")], NAMESPACE)
    monkeypatch.delenv("HF_TOKEN")  # its list is private
    namespace_opt_outs.look_again()
    unseen = f"{NAMESPACE} has no list on the Hub that can be seen from here.\n"
    run(f"opt-outs check nasa --namespace {NAMESPACE}")
    assert capsys.readouterr() == ("", f"nasa is not on the list here. {unseen}")
    run(f"opt-outs check nasa esa --namespace {NAMESPACE}")
    assert capsys.readouterr() == ("", f"None of them are on the list here. {unseen}")
    run(f"opt-outs remove nasa --namespace {NAMESPACE}")
    assert capsys.readouterr() == ("", f"nasa was not on the list here. {unseen}")
    write(home, "nasa\n")
    run(f"opt-outs remove nasa --namespace {NAMESPACE}")
    assert capsys.readouterr() == ("", f"nasa was on the list here, and may be published again. {unseen}")


@pytest.mark.parametrize("verb", ["remove", "check"])
def test_what_no_list_can_hold_is_refused(hub: HubServer, verb: str) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["opt-outs", verb, "ada;bob"])
    assert ended.value.code == 1


ADA_501 = Person(handle="ada", id="501", texts="a" * 64)


@pytest.mark.parametrize("is_handle_free", [False, True])
@pytest.mark.parametrize(
    "person", [Person(handle="ada_new", id="501"), Person(handle="somebody", texts=ADA_501.texts)]
)
def test_whoever_is_known_by_id_or_posts_alone_can_be_taken_off(
    hub: HubServer, person: Person, is_handle_free: bool
) -> None:
    opt_outs.add_to_namespace([ADA_501, Person(handle="bob")], NAMESPACE)  # by another machine
    if is_handle_free:
        assert opt_outs.remove("ada", NAMESPACE, handle_only=True)
    with pytest.raises(OptedOutError) as refused:
        opt_outs.require_absent([person], ADA)
    follow(refused.value)
    opt_outs.require_absent([person, ADA_501], ADA)
    assert opt_outs.excluded(["ada", "bob"], NAMESPACE) == ["bob"]


def test_the_error_names_an_earlier_handle_that_is_known_here(hub: HubServer) -> None:
    opt_outs.add([ADA_501])
    opt_outs.add_to_namespace([ADA_501], NAMESPACE)
    with pytest.raises(OptedOutError, match="remove ada --namespace") as refused:
        opt_outs.require_absent([Person(handle="ada_new", id="501")], ADA)
    follow(refused.value)
    assert opt_outs.excluded(["ada"], NAMESPACE) == []


def test_who_has_the_same_posts_has_not_taken_over_a_handle(hub: HubServer) -> None:
    opt_outs.add_to_namespace([ADA_501], NAMESPACE)
    bob = replace(ADA_501, handle="bob", id="502")
    with pytest.raises(OptedOutError, match="@bob is an account that was taken down under another name"):
        opt_outs.require_absent([bob], ADA)


def test_each_of_several_that_share_a_model_is_taken_off_alone(hub: HubServer) -> None:
    both = [ADA_501, replace(ADA_501, handle="bob", id="502")]
    opt_outs.add_to_namespace(both, NAMESPACE)
    for left in (["bob"], []):
        with pytest.raises(OptedOutError) as refused:
            opt_outs.require_absent([Person(handle="somebody", texts=ADA_501.texts)], ADA)
        follow(refused.value)
        assert opt_outs.excluded(["ada", "bob"], NAMESPACE) == left


# --- two machines at once -------------------------------------------------------------------------


def test_of_two_machines_that_make_a_namespaces_list_at_once_neither_loses_an_opt_out(hub: HubServer) -> None:
    other = lambda: namespace_opt_outs.add(NAMESPACE, [Person(handle="bob")])  # noqa: E731
    hub.faults.meanwhile("POST", "/repos/create", other)
    namespace_opt_outs.add(NAMESPACE, [Person(handle="ada")])
    found = namespace_opt_outs.read(NAMESPACE)
    assert found.match(Person(handle="bob")) and found.match(Person(handle="ada"))


def test_of_two_machines_that_make_the_store_at_once_neither_loses_an_opt_out(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUGGINGTWEETS_STORE", "hf://datasets/alice/store")
    other = Dataset("alice/store")
    hub.faults.meanwhile("POST", "/repos/create", lambda: other.edit_opt_outs(lambda text: f"{text}bob\n"))
    opt_outs.add(["ada"])
    assert opt_outs.listed() == {"ada", "bob"}
