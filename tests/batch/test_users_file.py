"""Users files of every format: what is read from them, and everything that is found wrong in them."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huggingtweets_hub import Silent, publish_batch
from huggingtweets_hub.batch import entries, users_file
from huggingtweets_hub.batch.entries import Entry
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.pipeline.options import Order
from huggingtweets_hub.posts import source as posts_source
from tests.batch import accounts
from tests.effort import at_most
from tests.servers.hub import HubServer


def users(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder: Path, name: str, content: str | bytes, **options: Any) -> list[Entry]:
    asked = {name: options.pop(name, False) for name in ("require_consent", "trusted")}
    return users_file.read(users(folder, name, content), Order(**options), **asked)


def one(folder: Path, options: str) -> Order:
    """The order of a YAML file's only entry, whose options are given one a line."""
    body = "".join(f"  {line}\n" for line in options.splitlines())
    (entry,) = read(folder, "users.yaml", f"- handle: ada\n{body}", trusted=True)
    return entry.order


def findings(folder: Path, name: str, content: str | bytes, **options: Any) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        read(folder, name, content, **options)
    title, *lines = caught.value.message.split("\n")
    number = len(lines)
    assert title == f"{name} has {number} finding{'s' if number > 1 else ''}:"
    assert caught.value.next_step == "Fix them and run the same command again; nothing was started."
    return [line.strip() for line in lines]


def finding(folder: Path, name: str, content: str | bytes, **options: Any) -> str:
    (only,) = findings(folder, name, content, **options)
    return only


def tweets(path: Path, *handles: str) -> Path:
    """A file of a tweet by each of these accounts."""
    path.write_text("".join(json.dumps({"text": "Hello there", "username": h}) + "\n" for h in handles))
    return path


def names(found: list[Entry]) -> list[tuple[int, str]]:
    return [(entry.line, entry.name) for entry in found]


# --- lines ----------------------------------------------------------------------------------------


def test_a_line_is_a_model_and_comments_and_blank_lines_are_none(tmp_path: Path) -> None:
    text = "# the crew\nAda\n\n  @bob ada # together\n\t\n# gone\neve_1"
    found = read(tmp_path, "users.txt", text)
    assert names(found) == [(2, "ada"), (4, "ada-bob"), (7, "eve_1")]
    assert [entry.order.handles for entry in found] == [("Ada",), ("ada", "bob"), ("eve_1",)]


def test_a_word_may_have_a_number_sign_in_it(tmp_path: Path) -> None:
    tweets(tmp_path / "a#b.jsonl", "zoe")
    text = "a#b.jsonl\nhttps://x.com/esa#top  #a#b\nada\t# bob"
    assert names(read(tmp_path, "users.txt", text)) == [(1, "zoe"), (2, "esa"), (3, "ada")]
    assert "'eve#x'" in finding(tmp_path, "users.txt", "eve#x")


@pytest.mark.parametrize("name", ["users.txt", "users", "users.csv"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_come_from_any_editor(tmp_path: Path, name: str, end: str) -> None:
    text = "\ufeff" + end.join(["ada", "", "bob", ""])
    assert names(read(tmp_path, name, text)) == [(1, "ada"), (3, "bob")]


@pytest.mark.parametrize("name", ["users.txt", "users.csv"])
@pytest.mark.parametrize(
    "head",
    ["handle", "Handles", "username", '"screen_name"', "Account", "users", "Twitter handle", "name", "URL"],
)
def test_the_head_of_a_column_is_not_an_account(tmp_path: Path, name: str, head: str) -> None:
    found = finding(tmp_path, name, f"# exported\n\n{head}\nada\nbob\n")
    assert found.startswith(f"line 3: {head!r} looks like a column heading") and "put an @" in found
    assert "line 1: " in finding(tmp_path, name, f"{head},consent\nada\n")


def test_an_account_may_be_called_like_a_column(tmp_path: Path) -> None:
    assert names(read(tmp_path, "users.txt", "@handle\nname\nuser")) == [
        (1, "handle"),
        (2, "name"),
        (3, "user"),
    ]


def test_an_entry_has_the_defaults(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, "users.txt", "lighthouse_ada", namespace="alice", epochs=2, source="sample")
    assert entry.order == Order(handles=("lighthouse_ada",), namespace="alice", epochs=2, source="sample")


def test_all_findings_come_at_once_with_their_lines(tmp_path: Path) -> None:
    text = "ada\nhttps://x.com/home\neve\u2028\na b c d\nada Ada\neve naïve o'brien\n"
    found = findings(tmp_path, "users.txt", text)
    assert [line.split(":")[0] for line in found] == ["line 2", "line 4", "line 5", "line 6", "line 6"]
    assert "'https://x.com/home' is not a handle of any network" in found[0]
    assert "from 1 to 3 different accounts, not from a, b, c, d" in found[1]
    assert "not from ada, Ada" in found[2]
    assert "naïve" in found[3] and "o'brien" in found[4]


def test_the_findings_after_the_fiftieth_are_counted(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read(tmp_path, "users.txt", "?\n" * 1250)
    lines = caught.value.message.split("\n")
    assert lines[0] == "users.txt has 1,250 findings:"
    assert lines[50].startswith("  line 50: ") and lines[51:] == ["  … and 1,200 more"]


@pytest.mark.parametrize("content", ["x" * 100_000, "a " * 100_000, "\x1b[31mred", "a\x00b"])
def test_a_finding_is_a_short_line_that_can_be_printed(tmp_path: Path, content: str) -> None:
    for line in findings(tmp_path, "users.txt", content):
        assert len(line) < 500 and line.isprintable()


@pytest.mark.parametrize("name", ["users.txt", "users.yaml", "users.json"])
def test_another_encoding_is_named_with_its_place(tmp_path: Path, name: str) -> None:
    with pytest.raises(
        InvalidInputError, match=r"not UTF-8: the byte 0xe9 at offset 10, in line 2,"
    ) as caught:
        read(tmp_path, name, b"\xef\xbb\xbfada\nren\xe9\n")
    assert "Save the file as UTF-8" in caught.value.next_step


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("users.txt", ""),
        ("users.txt", "\n# nobody\n"),
        ("users.yaml", "# nobody\n"),
        ("users.yaml", "[]"),
        ("users.yaml", "models: []"),
        ("users.yaml", "defaults: {seed: 1}"),
        ("users.json", "{}"),
        ("users.json", ""),
    ],
)
def test_a_file_without_entries_is_an_error(tmp_path: Path, name: str, content: str) -> None:
    with pytest.raises(InvalidInputError, match=f"{name} names no account"):
        read(tmp_path, name, content)


@pytest.mark.parametrize("name", ["absent.txt", "folder", "nul\0.txt"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(InvalidInputError, match="users file .* could not be read"):
        users_file.read(tmp_path / name, Order())


@pytest.mark.slow
def test_many_lines_are_read_in_seconds_and_no_source_is_opened_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    really = posts_source.open

    def counted(
        spec: str | Path | posts_source.TimelineSource, *arguments: Any, **options: Any
    ) -> posts_source.TimelineSource:
        if isinstance(spec, str | Path):
            opened.append(spec)
        return really(spec, *arguments, **options)

    monkeypatch.setattr(posts_source, "open", counted)
    with at_most(20):  # takes about three
        assert len(read(tmp_path, "users.txt", "".join(f"user_{n}\n" for n in range(100_000)))) == 100_000
    assert len(opened) <= 1


# --- YAML and JSON --------------------------------------------------------------------------------

TREE = """\
defaults:
  namespace: alice
  max-tweets: 500
models:
  - ada
  - handle: "@Bob"
    max_tweets: 100
  - handles: [eve, dan]
    no-replies: true
"""


def test_entries_have_the_options_of_the_file_and_their_own(tmp_path: Path) -> None:
    found = read(tmp_path, "users.yml", TREE, epochs=3, namespace="carol", trusted=True)
    assert names(found) == [(5, "ada"), (6, "bob"), (8, "dan-eve")]
    common = {"namespace": "alice", "epochs": 3}
    assert [entry.order for entry in found] == [
        Order(handles=("ada",), max_tweets=500, **common),
        Order(handles=("Bob",), max_tweets=100, **common),
        Order(handles=("dan", "eve"), max_tweets=500, replies=False, **common),
    ]


def test_json_says_the_same_as_yaml(tmp_path: Path) -> None:
    models = ["ada", {"handle": "@Bob", "max_tweets": 100}, {"handles": ["eve", "dan"], "no-replies": True}]
    tree = {"models": models, "defaults": {"namespace": "alice", "max-tweets": 500}}
    for text in (json.dumps(tree), json.dumps(tree, indent="\t"), json.dumps(tree, indent=1)):
        found = read(tmp_path, "users.json", text, namespace="alice")
        same = read(tmp_path, "users.yaml", TREE, namespace="alice")
        assert [entry.order for entry in found] == [entry.order for entry in same]
    assert names(found) == [(3, "ada"), (4, "bob"), (8, "dan-eve")]


def test_a_list_is_enough(tmp_path: Path) -> None:
    assert names(read(tmp_path, "a.yaml", "- ada\n- bob eve\n")) == [(1, "ada"), (2, "bob-eve")]
    assert names(read(tmp_path, "a.json", '["ada",\n"bob eve"]')) == [(1, "ada"), (2, "bob-eve")]


@pytest.mark.parametrize(
    "handle", ["12345", "0x10", "1e5", "no", "yes", "null", "Null", "true", "007", "1_0"]
)
def test_a_handle_is_the_text_that_stands_there(tmp_path: Path, handle: str) -> None:
    text = f"- {handle}\n- handle: {handle}\n  repo-id: a/b\n- handles: [{handle}]\n  repo-id: a/c\n"
    text += f"- from: {{{handle}: posts.csv}}\n  repo-id: a/d\n"
    (tmp_path / "posts.csv").write_text("text\nHello there\n")
    found = read(tmp_path, "users.yaml", text, namespace="a")
    assert [entry.order.handles for entry in found] == [(handle,)] * 4


def test_a_handle_that_is_missing_in_json_is_not_the_account_of_that_name(tmp_path: Path) -> None:
    text = '["null", 12345,\n {"handle": null},\n {"handle": true}]'
    assert [line[:35] for line in findings(tmp_path, "u.json", text)] == [
        "line 2: '' is not a valid X handle:",
        "line 3: '' is not a valid X handle:",
    ]


@pytest.mark.parametrize(
    ("option", "field", "value"),
    [
        ("max-tweets: 7", "max_tweets", 7),
        ("since: 2024-12-31", "since", date(2024, 12, 31)),
        ("until: '2024-01-05'", "until", date(2024, 1, 5)),
        ("no-replies: true", "replies", False),
        ("no_replies: false", "replies", True),
        ("base-model: distilgpt2", "base_model", "distilgpt2"),
        ("base-model: scratch", "base_model", "scratch"),
        ("recipe: original", "recipe", "original"),
        ("epochs: 2", "epochs", 2),
        ("learning-rate: 3e-4", "learning_rate", 3e-4),
        ("seed: 5", "seed", 5),
        ("template: classic", "template", "classic"),
        ("prompt: yes", "prompt", "yes"),
        ("prompt: ''", "prompt", ""),
        ("samples: 5", "samples", 5),
        ("consent: written", "consent", "written"),
        ("tracker: none", "tracker", "none"),
        ("track-texts: True", "track_texts", True),
        ("namespace: '@me'", "namespace", "@me"),
        ("repo-id: alice/bot", "repo_id", "alice/bot"),
        ("private: true", "private", True),
        ("create-pr: true", "create_pr", True),
        ("force: true", "force", True),
        ("min-new: 20", "min_new", 20),
        ("rebuy: true", "rebuy", True),
        ("overwrite: true", "overwrite", True),
    ],
)
def test_an_option_is_that_of_publish(tmp_path: Path, option: str, field: str, value: object) -> None:
    order = one(tmp_path, option)
    assert getattr(order, field) == value
    assert type(getattr(order, field)) is type(value)


def test_every_option_of_publish_can_stand_in_an_entry_or_says_where_it_can(tmp_path: Path) -> None:
    from huggingtweets_hub.cli.publish import publish

    flags = [flag for parameter in publish.params for flag in parameter.opts if flag.startswith("--")]
    assert len(flags) > 20
    for flag in set(flags) - {"--json", "--quiet", "--open"}:  # of the command line alone
        said = findings(tmp_path, "users.yaml", f"- handle: ada\n  {flag[2:]}:\n")[0]
        assert "has no value" in said or "does not belong here. Give it to" in said


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("max-tweets: 0", "max-tweets cannot be 0. Give a whole number of 1 or more."),
        ("max-tweets: many", "max-tweets cannot be 'many'. Give a whole number"),
        ("max-tweets: 1e3", "max-tweets cannot be '1e3'. Give a whole number"),
        ("since: yesterday", "since cannot be 'yesterday'. Give a day such as 2024-12-31"),
        ("since: 2024-02-30", "since cannot be '2024-02-30'"),
        ("no-replies: 1", "no-replies cannot be '1'. Give true or false"),
        ("base-model: no/such/folder", "There is no file"),
        ("recipe: best", "recipe cannot be 'best'. Give default or original."),
        ("epochs: 0", "epochs cannot be 0. Give a whole number of 1 or more."),
        ("learning-rate: fast", "learning-rate cannot be 'fast'. Give a number"),
        ("learning-rate: .nan", "learning-rate cannot be '.nan'"),
        ("learning-rate: nan", "learning-rate cannot be nan. Give a number above 0"),
        ("seed: 0.5", "seed cannot be '0.5'. Give a whole number from 0"),
        ("template: fancy", "There is no file"),
        (f"prompt: {'x' * 300}", "The prompt has 300 characters"),
        ("samples: 0", "samples cannot be 0"),
        ("min-new: -1", "min-new cannot be -1. Give a whole number of 0 or more."),
        ("consent: maybe", "consent cannot be 'maybe'. Give self, written or fictional."),
        ("tracker: mlflow", "tracker cannot be 'mlflow'. Give auto, wandb, trackio or none."),
        ("namespace: a b", "'a b' is not the name of a user or organization"),
        ("repo-id: alice", "'alice' is not a repo id"),
        ("from: tweets.jsonl", "There is no file"),
        ("from: [sample]", "This is a sequence"),
        ("seed: {a: b}", "This is a mapping"),
        ("namespace:", "'namespace' has no value. Give it one, or leave the line out."),
        ("consent: null", "'consent' has no value"),
        ("from: ''", "'from' has no value"),
        ("max-tweet: 5", "There is no option 'max-tweet'. Did you mean 'max-tweets'?"),
        ("--seed: 5", "There is no option '--seed'. Did you mean 'seed'?"),
        ("wheels: red", "There is no option 'wheels'. Use those of 'publish'"),
        ("form: ada.zip", "There is no option 'form'. Did you mean 'from'?"),
        ("sourse: ada.zip", "There is no option 'sourse'. Use those of 'publish'"),
        ("namespase: x", "There is no option 'namespase'. Did you mean 'namespace'?"),
        ("device: cuda", "'device' does not belong here. Give it to the command: it is for the whole batch."),
        ("dry_run: true", "'dry-run' does not belong here"),
        ("max-cost: 5", "'max-cost' does not belong here"),
        ("output: models", "'output' does not belong here"),
        ("[a]: b", "This is a sequence"),
    ],
)
def test_what_is_wrong_with_an_option_is_said_with_its_line(tmp_path: Path, option: str, said: str) -> None:
    line = finding(tmp_path, "users.yaml", f"- handle: ada\n  private: true\n  {option}\n")
    assert line.startswith(f"line 3: {said}")


def test_an_option_stands_once(tmp_path: Path) -> None:
    text = "- handle: ada\n  max-tweets: 5\n  max_tweets: 6\n"
    assert finding(tmp_path, "users.yaml", text) == "line 3: 'max_tweets' appears twice. Keep one of them."


def test_the_findings_of_a_tree_come_at_once_too(tmp_path: Path) -> None:
    text = (
        "defaults: {handle: ada, sed: 1}\nmodels:\n- {}\n- handles: [a-b, [c]]\n  epochs: 0\n  seed: x\n"
        "- from: no.zip\n- bob\nextra: 1\n"
    )
    found = findings(tmp_path, "users.yaml", text)
    lines = ["line 1", "line 1", "line 3", "line 4", "line 4", "line 5", "line 6", "line 7", "line 9"]
    assert [line.split(":")[0] for line in found] == lines
    assert "Give it to an entry of 'models'." in found[0] and "Did you mean 'seed'?" in found[1]
    assert "No account was given" in found[2]
    assert "'extra' does not belong here" in found[-1]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("u.yaml", "- ada\n- [bob\n", "line 3: This is not valid YAML: "),
        ("u.yaml", "- ada\n- b: c: d\n", "line 2: This is not valid YAML: mapping values are not allowed"),
        ("u.yaml", "- réne\n- b\x07b\n", "line 2: This is not valid YAML: "),
        ("u.yaml", "- ada\n---\n- bob\n", "line 2: This is not valid YAML: but found another document"),
        ("u.json", '["ada",\n "bob"', "line 2: This is not valid JSON: "),
        ("u.json", '["ada",\n "\\ud800"]', "line 2: "),
        ("u.yaml", "[" * 100_000, "line 1: This is not valid YAML: "),
        ("u.yaml", "ada\nbob\n", "line 1: This is not a list."),
        ("u.yaml", "models:\n  ada: {}\n", "line 2: This is not a list."),
        ("u.yaml", "models: [ada]\ndefaults: [seed]\n", "line 2: This is not a mapping."),
        ("u.yaml", "ada: {}\n", "line 1: 'ada' does not belong here. Write 'models'"),
    ],
)
def test_what_is_no_list_of_entries_is_said_with_its_line(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    assert finding(tmp_path, name, text).startswith(said)


def test_aliases_are_refused(tmp_path: Path) -> None:
    text = "- &a ada\n- handle: bob\n  prompt: *a\n"
    assert finding(tmp_path, "users.yaml", text) == "line 3: This is an alias. Write the value itself."


def test_no_object_is_made_of_a_tag(tmp_path: Path) -> None:
    text = f"- !!python/object/apply:os.mkdir [{tmp_path / 'made'}]\n"
    assert "is not a handle of any network" in finding(tmp_path, "users.yaml", text)
    assert not (tmp_path / "made").exists()


def test_an_escaped_emoji_of_json_is_one_character(tmp_path: Path) -> None:
    prompt = 'Off to sea 🚢 \\ud83d "quoted" / é'
    text = json.dumps([{"handle": "ada", "prompt": prompt}]).replace("/", "\\/")
    assert "\\ud83d\\udea2" in text and "\\\\ud83d" in text
    (entry,) = read(tmp_path, "users.json", text)
    assert entry.order.prompt == prompt


# --- several options, several entries -------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "defaults"),
    [
        ({"consent": "self", "include-private": True}, {}),
        ({"include-private": True, "consent": "self"}, {"consent": "written"}),
        ({"lora": True, "base-model": "openai-community/gpt2"}, {"base_model": "scratch"}),
        ({"base-model": "scratch", "lora": False}, {"lora": True}),
    ],
)
def test_options_that_go_together_are_looked_at_together(
    tmp_path: Path, own: dict[str, Any], defaults: dict[str, Any]
) -> None:
    text = json.dumps([{"handle": "ada", **own}])
    (entry,) = read(tmp_path, "users.json", text, trusted=True, **defaults)
    assert {name: getattr(entry.order, name.replace("-", "_")) for name in own} == own


def test_since_comes_before_until_wherever_they_stand(tmp_path: Path) -> None:
    said = "--since 2024-05-01 is after --until 2024-04-01."
    late, early = "since: 2024-05-01", "until: 2024-04-01"
    for text in (
        f"- handle: ada\n  {late}\n  {early}\n",
        f"defaults: {{{late}, {early}}}\nmodels: [{{handle: ada, seed: 1}}]\n",
        f"defaults: {{{late}}}\nmodels: [{{handle: ada, {early}}}]\n",
    ):
        assert said in finding(tmp_path, "users.yaml", text)
    assert said in finding(tmp_path, "users.yaml", f"[{{handle: ada, {early}}}]", since=date(2024, 5, 1))
    (entry,) = read(
        tmp_path, "users.yaml", f"[{{handle: ada, {late}, until: 2024-06-01}}]", until=date(2024, 1, 1)
    )
    assert (entry.order.since, entry.order.until) == (date(2024, 5, 1), date(2024, 6, 1))


def test_two_entries_do_not_go_to_one_repository(tmp_path: Path) -> None:
    text = "ada bob\nada\nBob Ada\n# \nada"
    first, second = findings(tmp_path, "users.txt", text)
    assert first.startswith("line 3: This goes to huggingtweets/ada-bob, as the entry in line 1 does.")
    assert second.startswith("line 5: This goes to huggingtweets/ada, as the entry in line 2 does.")


def test_a_repository_is_the_same_in_any_case_and_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUGGINGTWEETS_NAMESPACE", "Crew")
    text = "- ada\n- handle: bob\n  repo-id: crew/ADA\n- handle: ada\n  namespace: alice\n- handle: ada\n"
    text += "  repo-id: alice/other\n"
    assert finding(tmp_path, "users.yaml", text, trusted=True).startswith(
        "line 2: This goes to crew/ADA, as the entry in line 1 does."
    )


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("@me", "- ada\n- {handle: Ada, namespace: Alice}\n"),
        ("@me", "- {handle: bob, repo-id: Alice/ada}\n- ada\n"),
        ("alice", "- ada\n- {handle: ada, namespace: '@me'}\n"),
    ],
)
def test_two_names_of_my_own_namespace_are_one(hub: HubServer, tmp_path: Path, place: str, text: str) -> None:
    said = finding(tmp_path, "users.yaml", text, namespace=place)
    assert said.lower().startswith("line 2: this goes to alice/ada, as the entry in line 1 does.")


def test_who_i_am_is_asked_only_where_something_goes_elsewhere(hub: HubServer, tmp_path: Path) -> None:
    text = "- ada\n- {handle: bob, namespace: '@me'}\n"
    assert len(read(tmp_path, "users.yaml", text, namespace="@me")) == 2
    assert not hub.log


def test_two_entries_of_one_line_clash_too(tmp_path: Path) -> None:
    said = "line 1: This goes to huggingtweets/ada, as the entry in line 1 does."
    assert finding(tmp_path, "users.json", '["ada", "Ada"]').startswith(said)


def test_an_entry_with_a_finding_may_clash_with_another(tmp_path: Path) -> None:
    found = findings(tmp_path, "users.yaml", "- {handle: ada, epochs: 0}\n- ada\n")
    assert [line.split(":")[0] for line in found] == ["line 1", "line 2"]


def test_missing_consent_is_one_finding_for_all(tmp_path: Path) -> None:
    text = "- ada\n- {handle: bob, consent: self}\n- eve\n"
    assert finding(tmp_path, "users.yaml", text, require_consent=True).startswith(
        "line 1: No consent is given here, nor in line 3. Give --consent"
    )
    assert read(tmp_path, "users.yaml", text, require_consent=True, consent="written")
    assert read(tmp_path, "users.yaml", text)
    lines = "\n".join(f"u{n}" for n in range(1, 13))
    assert ", nor in line 2, 3, 4, 5, 6, 7, 8, 9, 10, …." in finding(
        tmp_path, "users.txt", lines, require_consent=True
    )


@pytest.mark.parametrize(
    "options",
    [
        {"samples": 0},
        {"max_tweets": 0},
        {"prompt": "x" * 300},
        {"tracker": "mlflow"},
        {"namespace": "a b"},
        {"since": date(2024, 2, 1), "until": date(2024, 1, 1)},
    ],
)
def test_wrong_defaults_are_no_finding_of_the_file(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read(tmp_path, "users.txt", "ada\nbob", **options)
    assert "users.txt" not in caught.value.message


# --- files beside the users file ------------------------------------------------------------------


def test_paths_are_those_beside_the_users_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "crew"
    (folder / "base").mkdir(parents=True)
    (folder / "base" / "config.json").write_text("{}")
    (folder / "card.jinja").write_text("")
    tweets(folder / "ada.jsonl", "ada", "eve")
    away = tweets(tmp_path / "away.jsonl", "bob")
    monkeypatch.chdir(tmp_path)
    text = "- {handle: ada, from: ada.jsonl, base-model: base, template: card.jinja}\n"
    text += f"- {{handle: bob, from: {away}, base-model: gpt2}}\n- {{from: {{eve: ./ada.jsonl, dan: x}}}}\n"
    (folder / "users.yaml").write_text(text)
    first, second, third = (
        entry.order for entry in users_file.read(Path("crew/users.yaml"), Order(), trusted=True)
    )
    assert (first.source, first.base_model) == (folder / "ada.jsonl", folder / "base")
    assert first.template == folder / "card.jinja"
    assert (second.source, second.base_model) == (away, "gpt2")
    assert third.handles == ("dan", "eve")
    assert third.source == {"eve": folder / "ada.jsonl", "dan": "x"}


def test_a_source_that_names_its_account_needs_no_handle(tmp_path: Path) -> None:
    tweets(tmp_path / "ada.jsonl", "Ada")
    found = read(tmp_path, "users.yaml", "- from: ada.jsonl\n- from: sample\n")
    assert found[0].order.handles == ("Ada",)
    assert found[1].order.handles != () and found[1].order.source == "sample"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("two.jsonl", "does not say whose posts it holds. Give the handle too."),
        ("bad.zip", "bad.zip could not be read: it is not a zip file."),
        ("notes.doc", "is not a source of posts."),
        ("x", "No account was given."),
        ("none.zip", "There is no file"),
        ("none.car", "There is no file"),
        ('"~no\\0body/a.zip"', "There is no file"),
        ("{}", "'from' has no value."),
        ("{ada: x, '@Ada': x}", "'@Ada' appears twice."),
        ("{ada: [sample]}", "This is a sequence."),
        ("{a-b: sample}", "'a-b' is not a valid X handle"),
    ],
)
def test_a_source_without_an_account_is_a_finding(tmp_path: Path, source: str, said: str) -> None:
    tweets(tmp_path / "two.jsonl", "ada", "bob")
    (tmp_path / "bad.zip").write_text("no")
    (tmp_path / "notes.doc").write_text("no")
    assert said in finding(tmp_path, "users.yaml", f"- carol\n- from: {source}\n")


def test_the_sources_are_those_of_the_accounts(tmp_path: Path) -> None:
    text = "- handle: ada\n  from: {bob: sample}\n"
    said = "line 1: The accounts ada do not match the sources of bob."
    assert finding(tmp_path, "users.yaml", text).startswith(said)


def test_a_folder_without_a_model_is_no_base(tmp_path: Path) -> None:
    (tmp_path / "gpt2").mkdir()
    assert "config.json" in finding(tmp_path, "users.yaml", "- {handle: ada, base-model: gpt2}")


# --- what a file may not ask for that others can change ---------------------------------------------


@pytest.mark.parametrize(
    ("option", "next_step"),
    [
        ("template: card.jinja", "Give --template to the command, or --trust-users-file"),
        ("overwrite: true", "Give --overwrite to the command, or --trust-users-file"),
        ("rebuy: true", "Give --rebuy to the command"),
        ("force: true", "Give --force to the command"),
        ("track-texts: true", "Give --track-texts to the command"),
        ("namespace: alice", "Give --namespace to the command, or --trust-users-file"),
        ("namespace: '@me'", "Give --namespace to the command"),
        ("repo-id: alice/bot", "Give --namespace to the command"),
    ],
)
def test_an_option_that_can_do_harm_is_a_finding_unless_the_file_is_trusted(
    hub: HubServer, tmp_path: Path, option: str, next_step: str
) -> None:
    (tmp_path / "card.jinja").write_text("")
    for text in (f"- handle: ada\n  {option}\n", f"defaults:\n  {option}\nmodels: [ada]\n"):
        said = finding(tmp_path, "users.yaml", text, namespace="lab")
        assert said.startswith("line 2: ") and next_step in said
        assert read(tmp_path, "users.yaml", text, namespace="lab", trusted=True)


@pytest.mark.parametrize(
    "option",
    [
        "template: classic",
        "overwrite: false",
        "force: false",
        "namespace: LAB",
        "repo-id: Lab/bot",
        "private: true",
    ],
)
def test_one_that_can_do_none_is_not(tmp_path: Path, option: str) -> None:
    assert read(tmp_path, "users.yaml", f"- handle: ada\n  {option}\n", namespace="lab")


def test_the_namespace_of_the_command_is_for_entries_that_name_no_repository(tmp_path: Path) -> None:
    text = "- ada\n- {handle: bob, repo-id: alice/bot}\n"
    found = read(tmp_path, "users.yaml", text, namespace="lab", trusted=True)
    assert [entry.target for entry in found] == ["lab/ada", "alice/bot"]
    said = finding(
        tmp_path, "users.yaml", "- {handle: bob, repo-id: alice/bot, namespace: lab}\n", trusted=True
    )
    assert "line 1: The repository alice/bot is not in the namespace 'lab'" in said


@pytest.mark.parametrize("option", ["namespace: ALICE", "repo-id: Alice/bot", "namespace: '@me'"])
@pytest.mark.parametrize("place", ["@me", "alice"])
def test_an_entry_may_name_my_own_namespace(hub: HubServer, tmp_path: Path, option: str, place: str) -> None:
    assert read(tmp_path, "users.yaml", f"- handle: ada\n  {option}\n", namespace=place)


def test_without_a_token_nobody_knows_that_it_is_mine(tmp_path: Path) -> None:
    said = finding(tmp_path, "users.yaml", "- {handle: ada, namespace: alice}\n", namespace="@me")
    assert said.startswith("line 1: No Hugging Face token is set.")


@pytest.mark.parametrize("option", ["private", "create_pr"])
def test_what_the_command_asks_for_as_a_precaution_stays_on(tmp_path: Path, option: str) -> None:
    text = f"- handle: ada\n  {option}: false\n"
    assert "cannot be turned off" in finding(tmp_path, "users.yaml", text, **{option: True})
    assert read(tmp_path, "users.yaml", text)
    assert read(tmp_path, "users.yaml", text, trusted=True, **{option: True})


@pytest.fixture
def crew(tmp_path: Path) -> Path:
    """A users file's folder, with links that lead out of it, and one that does not."""
    folder, outside = tmp_path / "crew", tmp_path / "outside"
    for place in (folder / "base", folder / "arch" / "data", outside):
        place.mkdir(parents=True)
    for place in (folder, outside):
        tweets(place / "ada.jsonl", "ada")
        (place / "config.json").write_text("{}")
    (folder / "base" / "config.json").write_text("{}")
    (folder / "base" / "vocab.txt").symlink_to(outside / "ada.jsonl")
    (folder / "linked").symlink_to(outside)
    (folder / "away.jsonl").symlink_to(outside / "ada.jsonl")
    (folder / "here.jsonl").symlink_to(folder / "ada.jsonl")
    (folder / "arch" / "data" / "tweets.js").symlink_to(outside / "ada.jsonl")
    return folder


@pytest.mark.parametrize(
    "option",
    [
        "from: ../outside/ada.jsonl",
        "from: '{outside}/ada.jsonl'",
        "from: '~/ada.jsonl'",
        "from: away.jsonl",
        "from: linked/ada.jsonl",
        "from: {{ada: away.jsonl}}",
        "from: arch",
        "base-model: ../outside",
        "base-model: ./linked",
        "base-model: ./base",
    ],
)
def test_a_path_that_leads_out_of_the_files_folder_is_a_finding(
    crew: Path, tmp_path: Path, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "outside"))
    text = f"- handle: ada\n  {option.format(outside=tmp_path / 'outside')}\n"
    said = finding(crew, "users.yaml", text)
    assert said.startswith("line 2: ") and "leads out of the users file's folder" in said
    if "arch" not in option:  # which is no archive
        assert read(crew, "users.yaml", text, trusted=True)


@pytest.mark.parametrize("name", ["outside", "crew/away"])
def test_a_hub_id_is_not_a_folder_where_the_command_runs(
    crew: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (crew / "away").symlink_to(tmp_path / "outside")
    text = f"- handle: ada\n  base-model: {name}\n"
    assert read(crew, "users.yaml", text)
    monkeypatch.chdir(tmp_path)
    assert "leads out of the users file's folder" in finding(crew, "users.yaml", text)
    assert read(crew, "users.yaml", text, trusted=True)


@pytest.mark.parametrize("private", [True, False])
def test_a_base_that_only_the_token_can_read_is_not_made_public_by_an_entry(
    hub: HubServer, near: list[str], tiny_gpt2: Path, tmp_path: Path, private: bool
) -> None:
    files = {path.name: path.read_bytes() for path in tiny_gpt2.iterdir()}
    repo_id = "huggingtweets/closed" if private else "huggingtweets/open"
    hub.add_repo(repo_id, files, private=private)
    content = f"- {{handle: ada, from: {accounts.write(tmp_path, 'ada', 1).name}, base-model: {repo_id}}}"
    path = users(tmp_path, "users.yaml", content)
    options: dict[str, Any] = {"samples": 2, "dry_run": True, "progress": Silent()}
    if private:
        with pytest.raises(InvalidInputError, match="not everyone can read"):
            publish_batch(path, **options)
    trusts = [{"trust_users_file": True}, {"base_model": repo_id}] if private else [{}]
    for trust in trusts:
        assert not publish_batch(path, **options, **trust).failed


@pytest.mark.parametrize("option", ["from: here.jsonl", "from: ./base/../ada.jsonl"])
def test_one_that_stays_inside_is_not(crew: Path, option: str) -> None:
    assert read(crew, "users.yaml", f"- handle: ada\n  {option}\n")


def test_the_files_folder_may_be_reached_by_a_link(crew: Path, tmp_path: Path) -> None:
    (tmp_path / "way").symlink_to(crew)
    assert read(tmp_path / "way", "users.yaml", "- {handle: ada, from: ada.jsonl}")


# --- anything at all ------------------------------------------------------------------------------

WORDS = [
    "ada", "@bob", "no", "null", "1e5", "2024-12-31", "- ", ": ", "? ", "\n", "\n  ", "{", "}", "[", "]", ",",
    '"', "'", "\\", "\\ud83d", "\\ude00", "\t", "\r\n", "\ufeff", "\x00", "\u2028", "😀", "&a ", "*a", "<<",
    "!!python/none ", "!x", "|\n", ">", "---", "%YAML 9", "#", "~", "~root/", ".", "/", "x", "sample", "true",
    "models", "defaults", "handle", "handles", "from", "seed", "since", "until", "repo-id", "namespace",
    "template", "base-model", "prompt", "learning-rate", "device", "no_replies",
]  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)
ANYTHING = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(st.sampled_from(WORDS), max_size=16).map(lambda words: "".join(words).encode()),
    VALUES.map(lambda value: json.dumps(value).encode()),
)


@given(content=ANYTHING, name=st.sampled_from(["users.txt", "users.yaml", "users.json"]))
@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_stands_in_the_file_it_is_read_or_refused(tmp_path: Path, content: bytes, name: str) -> None:
    try:
        found = read(tmp_path, name, content)
    except InvalidInputError as error:
        assert error.next_step
        assert all(len(line) < 1000 for line in error.message.split("\n"))
    else:
        assert all(1 <= len(entry.order.handles) <= 3 for entry in found)
        places = [entry.order.repo_id or (entry.order.namespace, entry.name) for entry in found]
        assert len(set(places)) == len(places)


# --- the files that entries read ---------------------------------------------------------------------


def test_the_files_are_opened_and_their_owners_compared(tmp_path: Path) -> None:
    tweets(tmp_path / "bob.jsonl", "bob")
    (tmp_path / "cut.zip").write_bytes(b"PK\3\4 and nothing more")
    found = findings(
        tmp_path,
        "users.yaml",
        "- {handle: ada, from: bob.jsonl}\n- {handle: bob, from: bob.jsonl}\n"
        "- {handle: eve, from: cut.zip}\n",
    )
    assert len(found) == 2
    assert found[0].startswith("line 1") and "none of @ada" in found[0]
    assert found[1].startswith("line 3") and "cut.zip" in found[1]


def test_no_more_time_is_taken_for_that_than_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tweets(tmp_path / "bob.jsonl", "bob")
    monkeypatch.setattr(entries, "_LONGEST_LOOK_SECONDS", 0.0)
    assert read(tmp_path, "users.yaml", "- {handle: ada, from: bob.jsonl}\n")
