"""The manual cannot rot: all that a user can type or read stands in it, and its examples run."""

import gzip
import json
import re
import shlex
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
import yaml

import huggingtweets_hub
from huggingtweets_hub import CardFacts, Silent, card, fetch_timeline, publish
from huggingtweets_hub.batch import trust, users_file, users_tree
from huggingtweets_hub.cli import main
from huggingtweets_hub.core import errors, people
from huggingtweets_hub.core.serialization import from_json
from huggingtweets_hub.pipeline.options import Order
from tests.servers.hub import HubServer
from tests.test_rooms import MAY, modules

ROOT = Path(__file__).parents[1]
PACKAGE = Path(huggingtweets_hub.__file__).parent
DOCS = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
README = (ROOT / "README.md").read_text("utf-8")
MANUAL = "\n".join(DOCS.values())
SOURCE = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
# A source distribution has no .github.
GITHUB = ROOT / ".github"
PAGES = {
    "README.md": README,
    **{f"docs/{name}": text for name, text in DOCS.items()},
    **{f".github/{path.name}": path.read_text("utf-8") for path in sorted(GITHUB.glob("*.md"))},
    "tests/README.md": (ROOT / "tests" / "README.md").read_text("utf-8"),
}


@dataclass(frozen=True)
class Example:
    """A block of code, or a command within a sentence."""

    page: str
    line: int
    code: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def fenced(language: str, *pages: str) -> Iterator[Example]:
    """The blocks of code in a language, on these pages or on all."""
    for page in pages or PAGES:
        for found in re.finditer(rf"^```{language}\n(.*?)^```$", PAGES[page], re.DOTALL | re.MULTILINE):
            yield Example(page, PAGES[page].count("\n", 0, found.start()) + 2, found[1])


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE), re.M)


# --- the command line -------------------------------------------------------------------------------


def commands(group: click.Group = main.command, above: str = "") -> dict[str, click.Command]:
    """Every command by its words."""
    found: dict[str, click.Command] = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        words = f"{above} {name}".strip()
        found[words] = command
        if isinstance(command, click.Group):
            found |= commands(command, words)
    return found


COMMANDS = {
    words: command
    for words, command in commands().items()
    if command.params or not isinstance(command, click.Group)
}


def first_cells(text: str) -> str:
    """The first cell of every row of its tables, a line each."""
    return "\n".join(re.findall(r"^\|((?:\\\||[^|\n])*)\|", text, re.MULTILINE))


def page_of(command: str) -> str:
    """The pages with a heading that names the command, or the one that it belongs to."""
    names = (f"`{command}`", f"`{command.rpartition(' ')[0]}`")
    pages = [text for text in DOCS.values() if any(name in line for line in headings(text) for name in names)]
    assert pages, f"no heading of the manual names `{command}`"
    return "\n".join(pages)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_has_a_row_on_the_page_of_its_command(command: str) -> None:
    page = page_of(command)
    shared = {option for parameter in COMMANDS["publish"].params for option in parameter.opts}
    for parameter in COMMANDS[command].params:
        for option in parameter.opts if isinstance(parameter, click.Option) else ():
            rows = first_cells(page + DOCS["publishing.md"] if option in shared else page)
            assert re.search(rf"`{re.escape(option)}(?![\w-])", rows), f"{command} {option}"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_choice_of_an_option_stands_in_a_row_about_it(command: str) -> None:
    rows = [row for row in (page_of(command) + DOCS["publishing.md"]).splitlines() if row.startswith("|")]
    for parameter in COMMANDS[command].params:
        for choice in parameter.type.choices if isinstance(parameter.type, click.Choice) else ():
            about = "\n".join(row for row in rows if f"`{parameter.opts[-1]}" in row)
            assert re.search(rf"(?<![\w-]){choice}(?![\w-])", about), f"{command} {parameter.opts} {choice}"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_stands_in_the_readme(command: str) -> None:
    assert re.search(rf"`{command}[ `]", README)


@pytest.mark.parametrize("group", ["cache", "card", "opt-outs"])
def test_the_list_of_a_groups_commands_says_each_in_a_whole_sentence(group: str) -> None:
    command = commands()[group]
    shown = command.get_help(click.Context(command, terminal_width=80)).partition("Commands:")[2]
    assert shown and "..." not in shown


def helped() -> Iterator[Example]:
    """The examples in the help of each command."""
    for words, command in ({"": main.command} | commands()).items():
        examples = re.findall(r"^ *((?:python -m huggingtweets_hub|echo) .*)$", command.help or "", re.M)
        yield Example(f"{words} --help".strip(), 1, "\n".join(examples))


def typed() -> Iterator[Example]:
    """Each command of ours that the manual shows, in a block or in a sentence, or that a help shows."""
    for block in (*fenced("bash"), *helped()):
        for number, line in enumerate(block.code.splitlines(), block.line):
            words = shlex.shlex(line, posix=True, punctuation_chars=True)
            words.whitespace_split = True
            command: list[str] = []
            for word in (*words, ";"):
                if re.fullmatch(r"[;&|<>()]+", word):
                    if command[:1] == ["huggingtweets"] or command[:3] == ["python", "-m", PACKAGE.name]:
                        yield Example(block.page, number, shlex.join(command))
                    command = []
                else:
                    command.append(word)
    for page, text in PAGES.items():
        for found in re.finditer(r"`(huggingtweets [^`]+)`", text):
            yield Example(page, text.count("\n", 0, found.start()) + 1, found[1])


@pytest.mark.parametrize("example", list(typed()), ids=str)
def test_every_command_of_the_manual_can_be_typed(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(example.code)
    words = words[1:] if words[0] == "huggingtweets" else words[3:]
    for name in words:
        if re.fullmatch(r"[\w-]+\.\w+", name):
            Path(name).touch()
    command: click.Command = main.command
    while isinstance(command, click.Group) and words:
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, f"there is no command {words[0]!r}"
        command, words = found, words[1:]
    command.make_context("huggingtweets", words)


# --- what else a user meets -------------------------------------------------------------------------


def test_every_environment_variable_is_in_the_manual() -> None:
    for name in set(re.findall(r"\"((?:HUGGINGTWEETS|X|TWITTER)_[A-Z_]+|HF_DEBUG)\"", SOURCE)):
        assert f"`{name}`" in first_cells(DOCS["publishing.md"]), name


def kinds() -> list[errors.HuggingTweetsError]:
    return [found("") for found in errors.KINDS.values() if found is not errors.HuggingTweetsError]


@pytest.mark.parametrize("error", kinds(), ids=lambda error: error.kind)
def test_every_error_has_a_section_that_says_what_a_batch_does(error: errors.HuggingTweetsError) -> None:
    section = re.search(
        rf"^### `{error.kind}`\n(.*?)(?=^##|\Z)", DOCS["troubleshooting.md"], re.DOTALL | re.MULTILINE
    )
    assert section, error.kind
    said = {
        "permanent": "In a batch: skipped until its entry or file changes.",
        "retry": "In a batch: retried automatically.",
        "person": "In a batch: the next batch tries it again.",
    }
    assert said[error.remedy] in section[1]


def test_every_section_of_the_troubleshooting_is_an_error() -> None:
    known = {error.kind for error in kinds()}
    assert set(re.findall(r"^### `(\w+)`$", DOCS["troubleshooting.md"], re.MULTILINE)) == known


def test_every_variable_block_and_filter_of_the_templates_is_in_the_manual() -> None:
    rows = first_cells(DOCS["cards.md"])
    for name in card.variables.of(card.read_facts(Path(__file__).parent / "golden" / "seed_facts.json")):
        assert f"`{name}`" in rows, name
    templates = card.templates.folder().glob("*.jinja")
    for block in re.findall(r"{% block (\w+)", "".join(path.read_text("utf-8") for path in templates)):
        assert f"`{block}`" in rows, block
    for filter in card.escaping.FILTERS:
        assert f"`{filter}`" in rows, filter


@pytest.mark.parametrize("name", huggingtweets_hub.__all__)
def test_every_public_name_is_on_the_page_about_python(name: str) -> None:
    assert re.search(rf"\b{name}\b", DOCS["python.md"])


def test_every_option_of_an_entry_is_on_the_page_about_batches() -> None:
    listed = re.search(r"^An entry may have (.*?)\. Options for", DOCS["batch.md"], re.MULTILINE)
    assert listed
    for name in (trust.FROM, *users_tree.OPTIONS):
        assert f"`{name}`" in listed[1], name


@pytest.mark.skipif(not GITHUB.is_dir(), reason="a source distribution has no .github")
def test_every_input_and_output_of_the_action_is_in_the_manual() -> None:
    action = yaml.safe_load((GITHUB / "actions" / "publish" / "action.yml").read_text("utf-8"))
    for name in (*action["inputs"], *action["outputs"]):
        assert f"`{name}`" in first_cells(DOCS["github.md"]), name


# --- examples of files ------------------------------------------------------------------------------


@pytest.mark.parametrize("example", list(fenced("json", "docs/cards.md")), ids=str)
def test_the_facts_of_the_manual_make_a_card(example: Example) -> None:
    facts = from_json(CardFacts, json.loads(example.code))
    assert facts.repo_id in card.render(facts)


@pytest.mark.parametrize("example", list(fenced("jinja")), ids=str)
def test_the_template_of_the_manual_renders(example: Example, tmp_path: Path) -> None:
    template = tmp_path / "my-card.md.jinja"
    template.write_text(example.code, "utf-8")
    card.rehearse(template)
    facts = card.read_facts(Path(__file__).parent / "golden" / "seed_facts.json")
    assert "Made by the Sevag 🌐✝️ fan club." in card.render(facts, template)


@pytest.mark.parametrize(
    ("language", "models"),
    [("text", ["nasa", "ada-bob"]), ("yaml", ["nasa", "ada", "bob-eve"])],
)
def test_the_users_files_of_the_manual_can_be_read(language: str, models: list[str], tmp_path: Path) -> None:
    example, *_ = fenced(language, "docs/batch.md")
    users = tmp_path / f"users.{language.replace('text', 'txt')}"
    users.write_text(example.code, "utf-8")
    (tmp_path / "archives").mkdir()
    with zipfile.ZipFile(tmp_path / "archives" / "ada.zip", "w") as archive:
        archive.writestr("posts.csv", "text\nHello there\n")
    (tmp_path / "bob.jsonl").write_text('{"text": "Hello there"}\n')
    (tmp_path / "eve.csv.gz").write_bytes(gzip.compress(b"text\nHello there\n"))
    assert [entry.name for entry in users_file.read(users, Order())] == models


def test_the_list_of_who_opted_out_in_the_manual_can_be_read() -> None:
    _, example = fenced("text", "docs/batch.md")
    assert people.read({"no.txt": example.code}) == {"ada", "ada-bob", "huggingtweets/eve"}


@pytest.mark.skipif(not GITHUB.is_dir(), reason="a source distribution has no .github")
def test_the_workflow_of_the_manual_gives_the_action_what_it_takes() -> None:
    action = yaml.safe_load((GITHUB / "actions" / "publish" / "action.yml").read_text("utf-8"))
    (example,) = fenced("yaml", "docs/github.md")
    *_, step = yaml.safe_load(example.code)["jobs"]["publish"]["steps"]
    assert step["uses"].startswith("<owner>/huggingtweets_hub/.github/actions/publish@")
    assert set(step["with"]) <= set(action["inputs"])


# --- the architecture -------------------------------------------------------------------------------


def test_the_table_of_the_rooms_is_the_rule_that_the_imports_keep() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| ([\w., ]+) \|$", DOCS["architecture.md"], re.MULTILINE)
    assert {room: tuple(may.split(", ")) for room, may in rows} == {
        room: may or ("nothing",) for room, may in MAY.items()
    }


def tree() -> dict[str, bool]:
    """The paths of the annotated tree, and whether each is a folder whose files are not listed."""
    (block,) = (e.code for e in fenced("text", "docs/architecture.md") if PACKAGE.name + "/" in e.code)
    found: dict[str, bool] = {}
    above: list[str] = []
    for line in block.splitlines():
        marks, name = re.fullmatch(r"([│├└─ ]*)(\S+).*", line).groups()  # type: ignore[union-attr]
        above = [*above[: len(marks) // 4], name]
        path = "".join(above)
        found[path] = name.endswith("/")
        found["".join(above[:-1])] = False
    return found


def test_the_tree_of_the_architecture_is_that_of_the_package() -> None:
    listed = tree()
    for path in listed:
        assert (ROOT / path).exists(), path
    unlisted = [path for path, is_closed in listed.items() if is_closed] + [f"{PACKAGE.name}/cli/"]
    for path in modules(PACKAGE).values():
        name = path.relative_to(PACKAGE.parent).as_posix()
        is_face = path.name == "__init__.py"
        assert is_face or name in listed or name.startswith(tuple(unlisted)), name


def test_every_name_of_the_architecture_is_in_the_code() -> None:
    files = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "templates").iterdir(), ROOT / "pyproject.toml"]
    code = SOURCE + "".join(path.read_text("utf-8") for path in files if path != Path(__file__))
    text = re.sub(r"^```.*?^```$", "", DOCS["architecture.md"], flags=re.DOTALL | re.MULTILINE)
    for name in re.findall(r"`([A-Za-z_][\w.]*)(?:\([^`]*)?`", text):
        assert re.search(rf"\b{name.rpartition('.')[2]}\b", code) or (ROOT / name).is_file(), name


# --- the pages themselves ---------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """What a link may jump to, as GitHub names it."""
    slugs = {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in headings(text)}
    return slugs | set(re.findall(r'<a id="([\w-]+)">', text))


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", PAGES[page]):
        name, _, anchor = target.partition("#")
        path = ((ROOT / page).parent / name).resolve() if name else ROOT / page
        if ".github" in path.parts and not GITHUB.is_dir():
            continue
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path.read_text("utf-8")), target


def test_every_section_is_listed_at_the_top_of_its_page() -> None:
    for page, text in DOCS.items():
        top = re.split(r"^## ", text, flags=re.MULTILINE)[0]
        if listed := set(re.findall(r"\(#([\w-]+)\)", top)):
            marks = "##+" if page == "troubleshooting.md" else "##"
            wanted = re.findall(rf"^{marks} .*$", text, re.MULTILINE)
            assert listed == anchors("\n".join(wanted)), page


def test_every_page_is_listed_in_the_index() -> None:
    for name in DOCS:
        assert name == "README.md" or f"({name})" in DOCS["README.md"], name


def test_the_readme_is_short_and_gives_the_commands_that_set_up_a_machine() -> None:
    assert len(README.splitlines()) <= 130
    commands = [block.code.strip() for block in fenced("bash", "README.md")]
    assert "pip install -c constraints.txt . && python -m huggingtweets_hub demo" in commands
    assert 'pip install -c constraints.txt -e ".[test]" && pytest -n auto' in commands


# --- the examples in Python -------------------------------------------------------------------------


@pytest.fixture
def desk(hub: HubServer, tiny_gpt2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a reader who is logged in as `you` and has an archive; GPT-2 is small on this Hub."""
    hub.add_user("you", token="hf_you")
    monkeypatch.setenv("HF_TOKEN", "hf_you")
    weights = {path.name: path.read_bytes() for path in tiny_gpt2.iterdir()}
    hub.add_repo("openai-community/gpt2", weights)
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    posts = fetch_timeline(source="sample", progress=Silent()).tweets
    tweets = [
        {
            "tweet": {
                "id_str": post.id,
                "full_text": post.text,
                "lang": post.lang,
                "created_at": f"{post.created_at:%a %b %d %H:%M:%S %z %Y}",
            }
        }
        for post in posts
    ]
    account = [{"account": {"username": "your_handle", "accountDisplayName": "Your Name"}}]
    with zipfile.ZipFile("my-archive.zip", "w") as archive:
        archive.writestr("data/account.js", f"window.YTD.account.part0 = {json.dumps(account)}")
        archive.writestr("data/tweets.js", f"window.YTD.tweets.part0 = {json.dumps(tweets)}")
    return folder


def execute(page: str) -> None:
    """Run the examples of a page from top to bottom, as a reader would."""
    names: dict[str, object] = {"__name__": "__main__"}
    for example in fenced("python", page):
        # The blank lines let a traceback name the line of the page.
        exec(compile("\n" * (example.line - 1) + example.code, example.page, "exec"), names)


@pytest.mark.slow
@pytest.mark.usefixtures("warm")
def test_the_examples_in_python_run_as_they_stand(
    desk: Path, hub: HubServer, capsys: pytest.CaptureFixture[str]
) -> None:
    execute("docs/python.md")
    said = capsys.readouterr().out
    assert "you/lighthouse_ada published None" in said
    assert "0 left, 1 needed nothing" in said
    assert "<|endoftext|>" not in said
    assert "unreadable_file - " in said
    assert '"finished": true' in (desk / "runs.jsonl").read_text("utf-8")
    assert "you/your_handle" not in hub.repos  # the last example takes it down


def test_the_example_of_the_readme_runs_on_a_published_model(desk: Path) -> None:
    publish(source="my-archive.zip", namespace="@me", samples=1, progress=Silent())
    execute("README.md")


def test_no_other_page_has_examples_that_nobody_runs() -> None:
    assert {example.page for example in fenced("python")} == {"README.md", "docs/python.md"}
