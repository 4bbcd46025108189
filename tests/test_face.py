"""The package as an importer meets it: its names, their types, and what they do."""

import ast
import json
import os
import rlcompleter
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import huggingtweets_hub
from huggingtweets_hub import (
    Attempt,
    HubError,
    InvalidFactsError,
    InvalidInputError,
    batch_status,
    check_card,
    parse_card,
    preview_card,
    read_facts,
    render_card,
    revert_cards,
    upgrade_cards,
)
from huggingtweets_hub.batch.ledger import Ledger
from huggingtweets_hub.core import errors, records
from tests.servers.hub import HubServer

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
CONSUMER = ROOT / "tests" / "consumer.py"
FACE = ast.parse(Path(huggingtweets_hub.__file__).read_text("utf-8"))
PUBLIC = huggingtweets_hub.__all__
PLACES = huggingtweets_hub._PLACES
COUNTS = {"downloaded": 9, "retweets": 2, "short": 1, "kept": 6}
FACTS: dict[str, Any] = {
    "repo_id": "huggingtweets/ada",
    "accounts": [{"handle": "ada", "statistics": COUNTS}],
}


def python(code: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=cwd, capture_output=True, text=True, check=True
    )


# --- names ----------------------------------------------------------------------------------------


def imports_for_type_checkers() -> dict[str, str]:
    """What the face imports under TYPE_CHECKING, as its table would have it."""
    blocks = [node for node in FACE.body if isinstance(node, ast.If)]
    (block,) = (node for node in blocks if ast.unparse(node.test) == "TYPE_CHECKING")
    found = {}
    for node in block.body:
        if isinstance(node, ast.ImportFrom):
            (alias,) = node.names
            assert alias.asname, f"{alias.name} is imported, but not exported"
            module = str(node.module).removeprefix("huggingtweets_hub.")
            inside = "" if alias.name == alias.asname else f":{alias.name}"
            found[alias.asname] = f"{module}{inside}"
    return found


def test_type_checkers_and_python_see_the_same_names() -> None:
    assert imports_for_type_checkers() == PLACES
    assert sorted(PLACES) == PUBLIC == sorted(PUBLIC)


def test_all_is_a_literal_that_tools_can_read() -> None:
    (listed,) = (
        node.value
        for node in FACE.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    assert ast.literal_eval(listed) == PUBLIC


def test_every_error_and_every_record_is_public() -> None:
    public = {place: {name for name in PLACES if PLACES[name] == place} for place in PLACES.values()}
    assert public["core.errors"] == {error.__name__ for error in errors.KINDS.values()}
    assert public["core.records"] == set(records.__all__)


def test_every_name_can_be_had_and_says_what_it_is() -> None:
    for name in PUBLIC:
        assert getattr(huggingtweets_hub, name).__doc__, name


def test_tab_shows_the_public_names_alone() -> None:
    assert dir(huggingtweets_hub) == PUBLIC
    completer = rlcompleter.Completer({"h": huggingtweets_hub})
    assert completer.attr_matches("h.pub") == ["h.publish(", "h.publish_batch(", "h.publish_page("]


def test_the_version_is_the_installed_one() -> None:
    assert huggingtweets_hub.__version__ == version("huggingtweets_hub")
    assert not hasattr(huggingtweets_hub, "__nonsense__")


def test_the_import_loads_nothing_and_the_names_nothing_heavy() -> None:
    python(
        "import sys\n"
        "before = set(sys.modules)\n"
        "import huggingtweets_hub\n"
        "dir(huggingtweets_hub)\n"
        "ours = {name for name in set(sys.modules) - before if name.startswith('huggingtweets_hub')}\n"
        "assert ours == {'huggingtweets_hub'}, ours\n"
        "from huggingtweets_hub import *\n"
        "heavy = {'torch', 'transformers', 'datasets', 'huggingface_hub', 'wandb'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )


# --- types ----------------------------------------------------------------------------------------


def test_the_consumer_imports_every_name() -> None:
    imported = {
        alias.name
        for node in ast.walk(ast.parse(CONSUMER.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "huggingtweets_hub"
        for alias in node.names
    }
    assert imported == set(PUBLIC)


def test_the_consumer_runs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(CONSUMER), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        version("huggingtweets_hub"),
        "'accounts' is missing.",
        "ada of me/ada: 6 tweets",
        "card.html",
    ]


@pytest.mark.slow
def test_a_users_file_passes_mypy_strict_and_a_wrong_one_does_not(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "from huggingtweets_hub import batch_status, publsh, upgrade_cards\n"
        "batch_status(states='fialed')\n"
        "upgrade_cards('me/ada', mode='psh')\n"
    )
    # In another folder, so that the package is found as an installed one, by its py.typed.
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(CONSUMER), str(wrong)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    *errors, summary = done.stdout.splitlines()
    assert [error.split(":")[:2] for error in errors] == [["wrong.py", str(line)] for line in (1, 2, 3)], (
        done.stdout + done.stderr
    )
    assert summary == "Found 3 errors in 1 file (checked 2 source files)"


# --- what the functions do ------------------------------------------------------------------------


def test_a_card_is_rendered_from_what_json_gives() -> None:
    seed = json.loads((GOLDEN / "seed_facts.json").read_text("utf-8"))
    assert render_card(seed, "classic").encode() == (GOLDEN / "seed_card.md").read_bytes()
    assert render_card(FACTS) == render_card(parse_card(render_card(FACTS)))


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"accounts": None}, "'accounts' must be a list"),
        ({"accounts": [{"handle": "ada"}]}, "'accounts[0].statistics' is missing"),
        ({"accounts": [{**FACTS["accounts"][0], "handle": "a b"}]}, "accounts[0]: 'a b'"),
        (
            {"accounts": [{"handle": "ada", "statistics": {**COUNTS, "kept": 7}}]},
            "accounts[0].statistics: The tweet counts",
        ),
        ({"repo_id": "ada"}, "'repo_id' is 'ada', which is not a repo id"),
        ({"language": [7]}, "'language[0]' must be a string"),
    ],
)
def test_a_wrong_fact_is_named_by_its_key(change: dict[str, Any], key: str) -> None:
    with pytest.raises(InvalidFactsError) as raised:
        render_card({**FACTS, **change})
    assert key in raised.value.message


def test_what_is_not_a_mapping_is_refused() -> None:
    with pytest.raises(InvalidFactsError, match="must be an object"):
        render_card([FACTS])  # type: ignore[arg-type]


def test_facts_are_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "huggingtweets.json").write_text(json.dumps({**FACTS, "schema": 1, "files": {}}))
    assert read_facts(str(tmp_path / "huggingtweets.json")) == read_facts(tmp_path / "huggingtweets.json")
    assert read_facts(tmp_path / "huggingtweets.json").repo_id == "huggingtweets/ada"


def test_a_card_is_checked_as_a_text_a_file_a_folder_or_a_repository(tmp_path: Path, hub: HubServer) -> None:
    text = render_card(FACTS, "classic")
    (tmp_path / "README.md").write_text(text, "utf-8", newline="\n")
    lacking = check_card(text)
    assert {finding.level for finding in lacking} == {"warning"}
    assert check_card(tmp_path / "README.md") == check_card(str(tmp_path / "README.md")) == lacking
    assert check_card(tmp_path) == lacking
    (tmp_path / "huggingtweets.json").write_text(json.dumps({**FACTS, "repo_id": "huggingtweets/bob"}))
    (wrong, *_) = check_card(tmp_path)
    assert (wrong.level, wrong.place) == ("error", "huggingtweets.json")
    hub.add_repo("huggingtweets/ada", {"README.md": text.encode()})
    assert check_card("huggingtweets/ada") == lacking


def test_a_path_is_never_looked_up_on_the_hub(tmp_path: Path, hub: HubServer) -> None:
    hub.add_repo("huggingtweets/ada", {"README.md": render_card(FACTS).encode()})
    with pytest.raises(InvalidInputError, match="cannot be read"):
        check_card(Path("huggingtweets/ada"))
    with pytest.raises(HubError, match="no model huggingtweets/eve with a card"):
        check_card("huggingtweets/eve")


def test_a_card_is_previewed_from_facts_or_a_folder(tmp_path: Path) -> None:
    page = preview_card(FACTS, tmp_path / "facts.html", template="classic")
    assert page == tmp_path / "facts.html"
    (tmp_path / "README.md").write_text(render_card(FACTS, "classic"), "utf-8", newline="\n")
    (tmp_path / "facts.json").write_text(json.dumps(FACTS))
    pages = [
        preview_card(source, tmp_path / "other.html", template="classic").read_text("utf-8")
        for source in (tmp_path, str(tmp_path / "facts.json"), read_facts(tmp_path / "facts.json"))
    ]
    assert pages == [page.read_text("utf-8")] * 3


def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(render_card(FACTS), "utf-8")
    with (tmp_path / "preview.png").open("wb") as file:
        file.truncate(17 << 20)
    with pytest.raises(InvalidInputError, match=r"preview\.png' cannot be read: it is larger than 16 MiB"):
        preview_card(tmp_path, tmp_path / "card.html")


def test_cards_are_upgraded_and_put_back(hub: HubServer, tmp_path: Path) -> None:
    repo = hub.add_repo("huggingtweets/ada", {"README.md": render_card(FACTS, "classic").encode()})
    before = dict(repo.files)
    report = tmp_path / "report.jsonl"
    (done,) = upgrade_cards(author="huggingtweets", mode="push", template="default", report=report)
    assert (done.repo, done.state) == ("huggingtweets/ada", "upgraded") and repo.files != before
    assert [outcome.state for outcome in upgrade_cards("huggingtweets/ada")] == ["unchanged"]
    assert [outcome.state for outcome in revert_cards(report)] == ["reverted"]
    assert repo.files == before
    assert list(upgrade_cards("huggingtweets/ada", exclude="@ADA")) == []


def test_a_limit_needs_an_author(hub: HubServer) -> None:
    with pytest.raises(InvalidInputError, match="--limit was given without --author"):
        upgrade_cards("huggingtweets/ada", limit=1)
    assert hub.log == []


def test_the_status_of_batches_is_that_of_the_ledger() -> None:
    assert batch_status() == ()
    first = Attempt(repo_id="me/ada", number=1, state="failed", kind="hub", remedy="retry")
    second = Attempt(repo_id="me/ada", number=2, state="published", commit="c0ffee")
    other = Attempt(repo_id="me/bob", number=1, state="failed", kind="no_x_credits", remedy="person")
    ledger = Ledger()
    ledger.add([first, second, other])
    ledger.close()
    assert batch_status() == (second, other)
    assert batch_status("me/ada") == batch_status(["me/ada"]) == (first, second)
    assert batch_status(states="failed") == batch_status(kind="no_x_credits") == (other,)
    assert batch_status("me/ada", states=["failed", "running"]) == (first,)
    with pytest.raises(InvalidInputError, match="'me/eve'"):
        batch_status("me/eve")
    with pytest.raises(InvalidInputError, match="no state 'fialed'. Choose from: waiting, running"):
        batch_status(states="fialed")  # type: ignore[arg-type]
