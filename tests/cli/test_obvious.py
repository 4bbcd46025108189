"""What people type without reading the manual just works, or is answered with what they meant."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from huggingtweets_hub import Silent, fetch_timeline
from huggingtweets_hub.batch import users_file
from huggingtweets_hub.cli import main
from huggingtweets_hub.core.accounts import parse_handle
from huggingtweets_hub.core.errors import BaseModelError, InvalidInputError
from huggingtweets_hub.core.names import model_named
from huggingtweets_hub.model import generation
from huggingtweets_hub.pipeline import export
from huggingtweets_hub.pipeline.options import Order
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer


@pytest.mark.parametrize(
    "text",
    [
        "https://x.com/nasa",
        "http://www.twitter.com/nasa/",
        "https://mobile.twitter.com/@nasa?lang=en",
        "https://x.com/nasa/status/20",
        "x.com/nasa#top",
        "@nasa",
    ],
)
def test_the_address_of_a_profile_is_its_handle(text: str) -> None:
    assert parse_handle(text) == "nasa"


@pytest.mark.parametrize(
    "text", ["https://x.com/home", "https://x.com/", "https://x.com.example/nasa", "https://example.com/nasa"]
)
def test_another_address_is_not(text: str) -> None:
    with pytest.raises(InvalidInputError, match="is not a handle of any network"):
        parse_handle(text)


def test_a_file_may_have_a_comma_in_its_name(tmp_path: Path) -> None:
    file = tmp_path / "ada, bob.csv"
    file.write_text("text\nhi\n")
    order = Order(["ada", str(file)])
    assert order.names == ("ada",) and order.source == str(file)


@pytest.mark.parametrize("handles", ["ada,bob", ["ada,", "bob"], ["ada", ",", "bob"], ["ada , bob"]])
def test_commas_separate_handles(handles: str | list[str]) -> None:
    assert Order(handles).names == ("ada", "bob")


def test_a_file_among_the_handles_is_the_source() -> None:
    assert Order("my-archive.zip").source == "my-archive.zip"
    assert Order("tweets.js").names == ()
    order = Order(["ada", "posts.csv.gz"])
    assert (order.names, order.source) == (("ada",), "posts.csv.gz")


def test_a_handle_that_is_also_a_folder_here_is_a_handle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nasa").mkdir()
    (tmp_path / "my-archive").mkdir()
    monkeypatch.chdir(tmp_path)
    assert Order("nasa").source == "x"
    assert Order("my-archive").source == "my-archive"


@pytest.mark.parametrize("handle", ["nasa", "ann.bsky.social", "@ann@mastodon.example", "reddit:ann"])
def test_a_handle_is_an_account_whatever_lies_here(
    handle: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / handle).touch()
    monkeypatch.chdir(tmp_path)
    assert Order(handle).names == (handle,)
    assert Order(f"./{handle}").source == f"./{handle}"


@pytest.mark.parametrize("path", ["./nowhere", "../no/where"])
def test_a_path_that_leads_nowhere_is_not_taken_for_a_handle(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in ([path], ["ann", "--from", path]):
        with pytest.raises(SystemExit):
            main(["fetch", *words, "-o", "posts.jsonl"])
        assert capsys.readouterr().err == f"Error: There is no file or folder '{path}'.\nCheck the path.\n"
    assert parse_handle("/u/ann") == "reddit:ann" and Order("/u/ann").source == "x"


@pytest.mark.parametrize(
    ("file", "said"),
    [("posts.txt", "'posts.txt' does not end in .jsonl"), ("no/posts.jsonl", "There is no folder 'no'.")],
)
def test_what_is_wrong_with_the_file_that_fetch_is_to_write_is_said(
    file: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["fetch", "--from", "sample", "-o", file])
    assert ended.value.code == 2 and said in capsys.readouterr().err


@pytest.mark.parametrize("words", [["ada", "--from", "posts.jsonl"], ["./posts.jsonl"], ["./link.jsonl"]])
def test_fetch_does_not_write_over_what_it_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    posts, before = Path("posts.jsonl"), '{"text": "The sea is calm", "username": "ada", "likes": 3}\n'
    posts.write_text(before)
    Path("link.jsonl").symlink_to(posts)
    with pytest.raises(SystemExit):
        main(["fetch", *words, "-o", "posts.jsonl"])
    assert "'posts.jsonl' is read from, so it cannot be written to." in capsys.readouterr().err
    assert posts.read_text() == before


def test_what_is_neither_a_users_file_nor_a_repo_id_is_said_to_be_neither(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["status", "users.yml"])
    assert "'users.yml' is neither a repo id nor a file here." in capsys.readouterr().err


def test_it_is_said_that_the_account_is_read_and_not_the_file_of_its_name(
    x: XServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nasa").mkdir()
    said = "@nasa is read as the account. To read the file or folder 'nasa' here, use --from ./nasa."
    for command in ("fetch nasa -o posts.jsonl", "publish nasa --dry-run --base-model tiny"):
        with pytest.raises(SystemExit):  # there is no such account
            main(command.split())
        assert said in " ".join(capsys.readouterr().err.split())
    (tmp_path / "nasa" / "config.json").touch()
    with pytest.raises(SystemExit):
        main(["fetch", "nasa", "-o", "posts.jsonl"])
    assert "is taken for" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("handles", "source"), [(["a.zip", "b.zip"], "x"), ("a.zip", "b.zip"), ("a.zip", {"ada": "b.zip"})]
)
def test_two_sources_need_to_say_whose_they_are(handles: str | list[str], source: str) -> None:
    with pytest.raises(InvalidInputError, match="is a file, not a handle") as refused:
        Order(handles, source=source)
    assert "--from HANDLE=SOURCE" in refused.value.next_step


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("users.txt", "https://x.com/nasa\nada,bob\nada.jsonl"),
        ("users.yaml", "- https://x.com/nasa\n- ada, bob\n- ada.jsonl\n"),
        ("users.json", '["https://x.com/nasa",\n "ada,bob",\n "ada.jsonl"]'),
    ],
)
def test_a_users_file_takes_the_same(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "ada.jsonl").write_text('{"text": "Hello there", "username": "ada"}\n')
    (tmp_path / name).write_text(text)
    found = users_file.read(tmp_path / name, Order())
    assert [entry.name for entry in found] == ["nasa", "ada-bob", "ada"]
    assert found[2].order.source == tmp_path / "ada.jsonl"


def test_but_not_from_elsewhere_and_no_table_of_people(tmp_path: Path) -> None:
    (tmp_path / "users.txt").write_text("../ada.jsonl\n")
    with pytest.raises(InvalidInputError, match="leads out of the users file's folder"):
        users_file.read(tmp_path / "users.txt", Order())
    (tmp_path / "users.csv").write_text("12,nasa\n")
    with pytest.raises(InvalidInputError, match="'12,nasa' is not a valid X handle"):
        users_file.read(tmp_path / "users.csv", Order())


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("my-bot", "There is no folder 'my-bot' here"),
        ("./ann/bot", "There is no folder './ann/bot' here"),
        ("empty", "'empty' is not a model folder"),
        ("notes.txt", "'notes.txt' is not a model folder"),
    ],
)
def test_a_model_that_is_not_there_is_missed_before_the_network_is_used(
    model: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BaseModelError, match=re.escape(said)):
        generation.generate(model)


def test_a_model_that_is_not_on_the_hub_is_said_to_be_missing(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "There is no model 'alice/gone' on the Hub that your token can see"
    with pytest.raises(BaseModelError, match=said):
        generation.generate("alice/gone")
    with pytest.raises(BaseModelError, match=said):
        export.export_model("alice/gone", "gguf", tmp_path / "out")
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(BaseModelError, match="'alice/gone' on the Hub that everybody can see, and no token"):
        generation.generate("alice/gone")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("publish --base-model=", "Give tiny, scratch, a repo id or a path."),
        ("publish --template=", "Give default, classic or a path."),
        ("publish --from sample --base-model tiny --dry-run -o /dev/null", "Give --output another folder."),
        ("demo -o /dev/null", "Give --output another folder."),
        ("page me -o /dev/null/page", "Give --output another folder."),
        ("export . --to gguf -o /dev/null/bot", "Give --output another folder."),
        ("fetch nasa -o x.txt", "Invalid value for '--output': "),
    ],
)
def test_a_path_is_asked_for_alike_by_all_verbs(
    words: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(SystemExit):
        main(words.split())
    assert said in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("text", ["- nasa: nasa.zip\n", "nasa: nasa.zip\n", "- '@nasa': x\n"])
def test_a_handle_with_its_source_is_shown_as_an_entry(text: str, tmp_path: Path) -> None:
    (tmp_path / "users.yaml").write_text(text)
    with pytest.raises(InvalidInputError, match=r"Write an entry with 'handle: @?nasa' and 'from: "):
        users_file.read(tmp_path / "users.yaml", Order())


def test_fetch_takes_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "ada.jsonl").write_text('{"text": "Hello there", "username": "ada"}\n')
    assert fetch_timeline(str(tmp_path / "ada.jsonl"), progress=Silent()).account.handle == "ada"


@pytest.mark.parametrize(
    "text",
    ["https://huggingface.co/ann/my-bot", "hf.co/ann/my-bot/", "https://huggingface.co/ann/my-bot/tree/main"],
)
def test_the_address_of_a_model_is_its_repo_id(text: str) -> None:
    assert model_named(text) == "ann/my-bot"


@pytest.mark.parametrize(
    "text",
    ["./my-bot", "ann/my-bot", "https://huggingface.co/datasets/ann", "https://example.com/ann/my-bot"],
)
def test_any_other_name_stays_as_it_is(text: str) -> None:
    assert model_named(text) == text


def test_a_short_option_with_two_hyphens_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["generate", "my-bot", "--n", "3"])
    assert "Did you mean '-n'?" in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "shown"), [(["help"], "Commands:"), (["help", "demo"], "Make a bot of")])
def test_help_is_also_a_word(typed: list[str], shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(typed)
    assert shown in capsys.readouterr().out


@pytest.mark.parametrize("verb", ["batch", "status", "export", "generate", "card upgrade"])
def test_help_says_where_json_is_one_object_a_line(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    main([*verb.split(), "--help"])
    assert "Print one JSON object per line." in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    "words",
    [
        "publish ada --dry-run --output=",
        "publish ada --dry-run --base-model=",
        "publish --dry-run --from=",
        "publish --dry-run --from=ada=",
        "publish --dry-run --from=https://m.example/a.csv",
        "fetch ada --output=",
        "demo --output=",
        "export . --to gguf --output=",
        "page alice --output=",
        "page NOTHING",
        "card preview NOTHING",
        "card check NOTHING",
        "card parse NOTHING",
        "opt-outs add ada --namespace=",
    ],
)
def test_an_empty_name_as_of_a_variable_that_is_not_set_stands_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, hub: HubServer
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main.command, [word.replace("NOTHING", "") for word in words.split()])
    said = done.output + str(done.exception)
    assert done.exit_code in (1, 2) and re.search("is empty|cannot be ''|'' is not|not a file on this", said)
    assert list(tmp_path.iterdir()) == [] and hub.repos == hub.datasets == hub.spaces == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("lab/bot", "huggingtweets card parse lab/bot > facts.json"),
        ("huggingface.co/lab/bot", "huggingtweets card parse lab/bot > facts.json"),
        ("https://huggingface.co/lab/bot", "is an address. Give a path on this machine."),
        ("@ann", "Give a JSON file of facts, or the folder of a finished model"),
        ("README.md", "huggingtweets card parse README.md > facts.json"),
        ("folder", "The folder 'folder' has no README.md."),
    ],
)
def test_what_cannot_be_previewed_is_told_what_can(
    given: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text("# A card")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SystemExit):
        main(["card", "preview", given])
    assert said in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "card.html").exists()


@pytest.mark.parametrize("words", ["card check lab/bot", "unpublish lab/bot --yes", "card upgrade lab/bot"])
def test_a_private_repository_that_the_token_cannot_see_may_need_another_token(
    words: str, hub: HubServer, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.add_user("lab", token="hf_lab")
    hub.add_repo("lab/bot", {"README.md": b"# A bot"}, private=True)
    with pytest.raises(SystemExit):
        main(words.split())
    said = capsys.readouterr()
    assert "If it is private, log in with a token that can read it: hf auth login" in said.err + said.out


def test_who_may_not_take_a_model_down_is_not_told_to_publish_elsewhere(
    hub: HubServer, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = json.dumps({"accounts": [{"handle": "ann"}], "repo_id": "lab/ann"}).encode()
    hub.add_repo("lab/ann", {"huggingtweets.json": facts})
    with pytest.raises(SystemExit):
        main(["unpublish", "lab/ann", "--yes"])
    said = capsys.readouterr().err
    assert "cannot write to 'lab'.\nLog in with a token that has write access there" in said
    assert "@me" not in said
