"""What `findings` says of a card: nothing of a sound one, and the place and the remedy of each fault."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huggingtweets_hub import card
from huggingtweets_hub.core.errors import TemplateError
from huggingtweets_hub.core.records import CardFacts
from huggingtweets_hub.core.serialization import from_json
from tests.effort import at_most

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
SHARED = ROOT.parent / "shared" / "golden"
EXAMPLE = json.loads((ROOT / "huggingtweets_hub" / "card" / "example.json").read_text("utf-8"))
SOUND = card.render(from_json(CardFacts, EXAMPLE))
SEED = (GOLDEN / "seed_card.md").read_text("utf-8")


def found(text: str, **known: Any) -> list[tuple[str, str]]:
    return [(finding.level, finding.place) for finding in card.findings(text, **known)]


def said(text: str, **known: Any) -> str:
    return "\n".join(f"{finding.level} {finding.message}" for finding in card.findings(text, **known))


def changed(old: str, new: str, text: str = SOUND) -> str:
    assert old in text
    return text.replace(old, new)


def test_a_card_of_ours_has_no_findings() -> None:
    assert card.findings(SOUND, ["README.md", "training.png"], EXAMPLE, "example/example") == ()


@pytest.mark.parametrize("base_model", [None, "scratch", "tiny"])
def test_what_a_card_cannot_have_is_not_asked_of_it(base_model: str | None) -> None:
    facts = {**EXAMPLE, "base_model": base_model, "base": None}
    assert "base_model" not in said(card.render(from_json(CardFacts, facts)))


def test_the_seed_card_only_lacks_what_the_hub_did_not_know_in_2021() -> None:
    assert found(SEED) == [
        ("warning", "license"),
        ("warning", "library_name"),
        ("warning", "pipeline_tag"),
        ("warning", "base_model"),
    ]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published cards are not here")
@pytest.mark.parametrize("name", ["t2scania", "ai_hexcrawl-gptmicrofic"])
def test_published_cards_without_metadata_have_no_errors(name: str) -> None:
    text = (SHARED / f"{name}.md").read_text("utf-8")
    assert found(text, repo_id=f"huggingtweets/{name}") == [("warning", "metadata")]


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("language: en", "language: no", "language", "'no' has no quotes"),
        ("language: en", "language: english", "language", "not an ISO 639 code"),
        ("language: en", "language: iw", "language", "has dropped 'iw'"),
        ("language: en", "language: en\nlanguage: de", "metadata", "'language' appears twice"),
        ("language: en", "language: &a [en]\nx: *a", "metadata", "an anchor or alias"),
        ("language: en", "language: [" + "[" * 3000, "metadata", "not valid YAML"),
        ('license: "mit"', "license: MIT", "license", "'MIT' is not a license id"),
        ("library_name: transformers", "library_name: 1e3", "library_name", "'1e3' has no quotes"),
        ('base_model: "gpt2"', "base_model: ../gpt2", "base_model", "not a Hub id"),
        ("- huggingtweets\n", "- tweets\n", "tags", "The tag 'huggingtweets' is missing"),
        ("tags:\n- huggingtweets", "tags: huggingtweets", "tags", "not a list of words"),
        ("thumbnail: https://", "thumbnail: ", "thumbnail", "not an absolute https address"),
        ("- text: ", "- txt: ", "widget", "Entry 1 of widget has no text"),
        ("    text: ", "    txt: ", "widget", "output of entry 1"),
        ("      type: tweets\n", "", "model-index", "lacks dataset.type"),
        ("value: 2.70", 'value: "2.70"', "model-index", "a number as metrics.value"),
        ("value: 2.70", "value: nan", "model-index", "'nan' has no quotes"),
        ("| Retweets | 1 |", "| Retweets | 2 |", "README.md", "do not add up"),
        ("| 9 | 9 | 9 |", "| 9 | nan | 9 |", "line ", "A table cell holds 'nan'"),
        (
            "](https://huggingface.co/gpt2)",
            "](models/gpt2)",
            "line ",
            "'models/gpt2' is not an absolute address",
        ),
        ("](https://huggingface.co/gpt2)", "]()", "line ", "has no target"),
        ("](https://huggingface.co/gpt2)", "](#)", "line ", "has no target"),
        ("](https://huggingface.co/gpt2)", "](javascript:alert(1))", "line ", "runs a script"),
        ('src="https://example.com/a.jpg"', 'src=""', "line ", "has no target"),
        ('src="https://example.com/a.jpg"', 'src="a.jpg"', "line ", "'a.jpg' is not an absolute address"),
        ('alt="@example" width', 'alt="" onerror="x()" width', "line ", "runs a script (onerror)"),
        ("I was made", "<script>x()</script> I was made", "line ", "contains a <script>"),
        ("I was made", '<a href="JavaScript:x()">x</a> I was made', "line ", "runs a script"),
        ("model='example/example'", "model='example/example", "line ", "is not valid Python"),
        ("model='example/example'", "model='gpt2'", "line ", "does not name a model"),
    ],
)
def test_a_fault_is_an_error_that_names_its_place(old: str, new: str, place: str, message: str) -> None:
    errors = [f for f in card.findings(changed(old, new)) if f.level == "error"]
    meant = [error for error in errors if message in error.message]
    assert meant and meant[0].place.startswith(place) and meant[0].next_step, errors


def test_a_thumbnail_of_2021_without_https_is_a_warning() -> None:
    assert found(changed("thumbnail: https://", "thumbnail: http://")) == [("warning", "thumbnail")]


def test_a_line_is_counted_from_the_top_of_the_file() -> None:
    text = changed("](https://huggingface.co/gpt2)", "](models/gpt2)")
    line = next(i for i, row in enumerate(text.split("\n"), 1) if "](models/gpt2)" in row)
    assert ("error", f"line {line}") in found(text)
    assert ("error", f"line {line}") in found(text.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    "key", ["language", "license", "library_name", "pipeline_tag", "base_model", "thumbnail"]
)
def test_what_is_missing_in_the_metadata_is_a_warning(key: str) -> None:
    lines = [line for line in SOUND.split("\n") if not line.startswith(f"{key}:")]
    assert found("\n".join(lines)) == [("warning", key)]


def test_pictures_of_the_model_must_be_there_where_its_files_are_known() -> None:
    picture = "https://huggingface.co/example/example/resolve/main/preview.png"
    text = changed("https://example.com/preview.png", picture)
    assert found(text) == []
    assert found(text, files=["training.png", "preview.png"]) == []
    assert found(text, files=["training.png"]) == [("error", "thumbnail")]
    assert "'training.png' is not among the model's files" in said(text, files=["preview.png"])
    relative = changed("https://example.com/a.jpg", "./a%20b.jpg")
    assert found(relative, files=["training.png", "a b.jpg"]) == []


def test_the_snippet_names_the_model_whose_card_it_is() -> None:
    assert "The snippet uses example/example, but this is the card of alice/example." in said(
        SOUND, repo_id="alice/example"
    )


def test_the_recorded_facts_must_say_the_same() -> None:
    assert found(SOUND, facts={**EXAMPLE, "repo_id": "example/other"}) == [("error", "huggingtweets.json")]
    account = {
        **EXAMPLE["accounts"][0],
        "statistics": {"downloaded": 4, "retweets": 2, "short": 1, "kept": 1},
    }
    assert "accounts or counts differ" in said(SOUND, facts={**EXAMPLE, "accounts": [account]})
    assert "'accounts' is missing" in said(SOUND, facts={})


def test_what_a_stranger_wrote_is_no_fault() -> None:
    odd = "None {% <script>alert(1)</script> [x](javascript:y) nan | $$ ]()"
    facts = {
        **EXAMPLE,
        "prompt": odd,
        "accounts": [{**EXAMPLE["accounts"][0], "name": odd, "handle": "None"}],
        "samples": {**EXAMPLE["samples"], "free": [odd], "prompted": [odd]},
    }
    text = card.render(from_json(CardFacts, facts))
    assert [f for f in card.findings(text, ["training.png"]) if f.level == "error"] == []


def test_leftovers_of_a_template_are_pointed_out() -> None:
    assert "'{{' may be left over" in said(changed("I was made", "I was made {{ name }}"))


def test_a_card_of_a_template_of_ones_own_is_only_not_read() -> None:
    text = "---\ntags:\n- huggingtweets\n---\n\n# Mine\n"
    assert {level for level, _ in found(text)} == {"warning"}


def test_a_card_that_is_far_too_long_is_not_read_at_all() -> None:
    assert "characters long" in said(SOUND + "x" * 300_000)


@given(
    st.text(max_size=300) | st.lists(st.sampled_from(SOUND.split("\n")) | st.text(max_size=9)).map("\n".join)
)
@settings(max_examples=150)
def test_any_text_has_findings(text: str) -> None:
    assert all(finding.place and finding.message and finding.next_step for finding in card.findings(text))


@pytest.mark.parametrize("unit", ["[", "<a href=", 'a="', "*a_", "](", "|a|b|\n|-|-|\n", "[a]: b\n", "&amp;"])
def test_a_flood_takes_a_moment(unit: str) -> None:
    flood = unit * (100_000 // len(unit))
    with at_most(15):
        for text in (SOUND + flood, f"---\n{flood}\n---\n", SOUND.replace("I was made", f"<div {flood}")):
            card.findings(text)


# The first thread is held where a table of mdurl is half made, until the second is through or waits, too.
TWO_THREADS = """
import sys, threading
from huggingtweets_hub import card

half, through, faults = threading.Event(), threading.Event(), []

def held(frame, event, _):
    if frame.f_code.co_name == "get_encode_cache" and len(frame.f_locals.get("cache", ())) == 5:
        half.set()
        through.wait(2)
    return held

def first():
    sys.settrace(held)
    card.findings(sys.argv[1])

def second():
    half.wait(30)
    try:
        card.findings(sys.argv[1])
    except Exception as error:
        faults.append(repr(error))
    through.set()

threads = [threading.Thread(target=work) for work in (first, second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert half.is_set(), "nothing was held"
assert faults == [], faults
"""


@pytest.mark.slow
def test_two_threads_may_check_a_card_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", TWO_THREADS, SOUND], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("start", ["", "x: " + "[" * 101 + "]" * 101 + "\n"])
def test_metadata_are_read_by_the_parser_in_c_and_no_deeper_than_any_card(
    start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    yaml = pytest.importorskip("yaml")
    if not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without its parser in C")
    monkeypatch.delattr(yaml.parser.Parser, "check_event")
    errors = [f.message for f in card.findings(changed("language: en", f"{start}language: no"))]
    assert any(("nested too deeply" if start else "'no' has no quotes") in error for error in errors)
    with pytest.raises(TemplateError, match="nested too deeply" if start else "has no quotes"):
        card.check(changed("language: en", f"{start}language: no"))
