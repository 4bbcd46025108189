"""Templates of one's own: what they may read, and what is found wrong with them before any training."""

import dataclasses
import os
import re
from pathlib import Path

import pytest

from huggingtweets_hub import card
from huggingtweets_hub.core.errors import TemplateError
from tests import effort
from tests.card.test_rendering import FULL

EXTENDS = '{% extends "model_card.md.jinja" %}\n'

DOUBLED = (
    "{{% set a = namespace(b='a') %}}{{% for _ in range(99) %}}{{% set a.b = a.b {} a.b %}}{{% endfor %}}"
)


def own(folder: Path, files: dict[str, str | bytes]) -> Path:
    """A folder of templates; the first is the one to render."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / next(iter(files))


def about(content: str) -> str:
    return f"{EXTENDS}{{% block about %}}{content}{{% endblock %}}"


def refusal(template: Path) -> str:
    with pytest.raises(TemplateError) as caught:
        card.rehearse(template)
    with pytest.raises(TemplateError):
        card.render(FULL, template)
    return str(caught.value)


# --- what it may read ------------------------------------------------------------------------------


def test_a_template_reads_templates_below_its_folder(tmp_path: Path) -> None:
    mine = own(
        tmp_path / "my.folder",
        {
            "mine.jinja": about('{% include "parts/a.jinja" %}{% include "none.jinja" ignore missing %}'),
            "parts/a.jinja": '{% from "parts/b.jinja" import word %}An {{ word }} file.',
            "parts/b.jinja": "{% set word = 'included' %}",
        },
    )
    assert "An included file." in card.render(FULL, mine)
    card.rehearse(mine)


def test_a_template_is_compiled_once_for_many_cards(tmp_path: Path) -> None:
    mine = own(tmp_path, {"mine.jinja": about("Mine.")})
    card.render(FULL, mine)
    with effort.at_most(0.5):
        for _ in range(10):
            card.render(FULL, mine)


@pytest.mark.parametrize("how", ['{% include "NAME" ignore missing %}', '{% import "NAME" as other %}'])
@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        ".hidden.jinja",
        ".cache/a.jinja",
        "../outside.jinja",
        "a/../notes.txt",
        "/notes.txt",
        "a//b.jinja",
    ],
)
def test_nothing_else_is_read(tmp_path: Path, how: str, name: str) -> None:
    own(tmp_path, {"outside.jinja": "made-up"})
    files = {"notes.txt": "made-up", ".hidden.jinja": "made-up", ".cache/a.jinja": "made-up"}
    mine = own(tmp_path / "own", {"mine.jinja": about(how.replace("NAME", name)), **files})
    assert f"{name!r} cannot be read" in refusal(mine)


@pytest.mark.parametrize("target", ["outside", "folder", "inside"])
def test_no_link_is_followed(tmp_path: Path, target: str) -> None:
    own(tmp_path, {"outside/a.jinja": "made-up"})
    mine = own(tmp_path / "own", {"mine.jinja": about('{% include "part/a.jinja" %}'), "b.jinja": "made-up"})
    if target == "folder":
        (tmp_path / "own" / "part").symlink_to(tmp_path / "outside")
    else:
        (tmp_path / "own" / "part").mkdir()
        leads_to = tmp_path / ("outside/a.jinja" if target == "outside" else "own/b.jinja")
        (tmp_path / "own" / "part" / "a.jinja").symlink_to(leads_to)
    assert "'part/a.jinja' cannot be read: it is a link" in refusal(mine)


def test_nor_is_the_template_itself_a_link(tmp_path: Path) -> None:
    own(tmp_path, {"outside.jinja": about("made-up")})
    (tmp_path / "mine.jinja").symlink_to(tmp_path / "outside.jinja")
    assert "is a link" in refusal(tmp_path / "mine.jinja")


def test_but_its_folder_may_be_one(tmp_path: Path) -> None:
    own(tmp_path / "own", {"mine.jinja": about('{% include "a.jinja" %}'), "a.jinja": "Read."})
    (tmp_path / "link").symlink_to(tmp_path / "own")
    assert "Read." in card.render(FULL, tmp_path / "link" / "mine.jinja")


def test_a_pipe_and_a_large_file_are_refused(tmp_path: Path) -> None:
    mine = own(tmp_path, {"mine.jinja": about('{% include "a.jinja" %}'), "a.jinja": b" " * ((1 << 20) + 1)})
    assert "larger than 1 MiB" in refusal(mine)
    (tmp_path / "a.jinja").unlink()
    os.mkfifo(tmp_path / "a.jinja")
    assert "not a regular file" in refusal(mine)


@pytest.mark.parametrize("name", ["card.md", "card", "card.j2", "card.jinja.txt"])
def test_a_template_ends_in_jinja(tmp_path: Path, name: str) -> None:
    said = refusal(own(tmp_path, {name: about("")}))
    assert "does not end in .jinja" in said and "Rename it, for instance to card" in said


def test_the_file_that_a_template_s_name_stands_for_is_suggested(tmp_path: Path) -> None:
    said = refusal(own(tmp_path, {"mine.jinja": b'{% extends "default" %}'}))
    assert "did you mean 'model_card.md.jinja'?" in said


# --- what a publication depends on -----------------------------------------------------------------


def test_an_edit_of_anything_that_is_read_makes_another_publication(tmp_path: Path) -> None:
    files = {
        "mine.jinja": about('{% include "parts/" ~ ("a" if evaluation else "b") ~ ".jinja" %}'),
        "parts/a.jinja": "One.",
        "parts/b.jinja": "Two.",
        "other.jinja": "Not read.",
    }
    mine = own(tmp_path, files)
    first, rehearsed = card.publication_digest(FULL, mine), card.rehearse(mine)
    (tmp_path / "other.jinja").write_text("Not read, either.")
    assert (card.publication_digest(FULL, mine), card.rehearse(mine)) == (first, rehearsed)
    (tmp_path / "parts" / "b.jinja").write_text("Read with the fewest facts alone.")
    assert card.publication_digest(FULL, mine) == first and card.rehearse(mine) != rehearsed
    (tmp_path / "parts" / "a.jinja").write_text("Another.")
    assert card.publication_digest(FULL, mine) != first
    assert "Another." in card.render(FULL, mine)


# --- what is found before a training ---------------------------------------------------------------


def test_a_misspelt_block_and_text_outside_of_all_are_found_together(tmp_path: Path) -> None:
    said = refusal(
        own(
            tmp_path,
            {
                "mine.jinja": f"{EXTENDS}{{% block abuot %}}Us.{{% endblock %}}\n\nBy us, {{{{ name }}}}\n"
                "{% if prompt %}{% block zebra %}{% endblock %}{% endif %}\n"
            },
        )
    )
    assert "3 findings" in said
    assert "mine.jinja line 2: model_card.md.jinja has no block 'abuot'. Did you mean 'about'?" in said
    assert re.search(r"mine.jinja line \d: 'By us, {{ … }}' is outside all blocks", said)
    assert "no block 'zebra'. It has about, citation," in said


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        (about("{{ nmae }}"), "name"),
        ('{% extends "model-card.md.jinja" %}', "model_card.md.jinja"),
        (about('{% include "clasic_card.md.jinja" %}'), "classic_card.md.jinja"),
    ],
)
def test_what_a_misspelt_name_was_meant_to_be_is_said(tmp_path: Path, source: str, meant: str) -> None:
    assert f"Did you mean '{meant}'?" in refusal(own(tmp_path, {"mine.jinja": source}))


def test_what_a_template_in_between_loses_is_found_too(tmp_path: Path) -> None:
    files = {"mine.jinja": '{% extends "base.jinja" %}', "base.jinja": f"{EXTENDS}Lost."}
    assert "base.jinja line" in refusal(own(tmp_path, files))


@pytest.mark.parametrize(
    "source",
    [
        "{% block about %}{% block mine %}A block within one of ours.{% endblock %}{% endblock %}",
        "{% macro a() %}text{% endmacro %}{% set b %}b{% endset %}{% block about %}{{ a() }}{% endblock %}",
        "{# a comment #}\n\n{% block samples %}{{ super() }}{% endblock %}\n",
    ],
)
def test_what_a_card_shows_is_no_finding(tmp_path: Path, source: str) -> None:
    card.rehearse(own(tmp_path, {"mine.jinja": EXTENDS + source}))


def test_blocks_of_a_template_in_between_are_known(tmp_path: Path) -> None:
    files = {
        "mine.jinja": '{% extends "base.jinja" %}{% block mine %}Here.{% endblock %}',
        "base.jinja": about("{% block mine %}{% endblock %}"),
    }
    mine = own(tmp_path, files)
    card.rehearse(mine)
    assert "Here." in card.render(FULL, mine)


@pytest.mark.parametrize(
    "files",
    [
        {"mine.jinja": '{% extends "mine.jinja" %}'},
        {"mine.jinja": '{% extends "a.jinja" %}', "a.jinja": '{% extends "mine.jinja" %}'},
        {"mine.jinja": about('{% include "mine.jinja" %}')},
        {"mine.jinja": about("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}")},
        {"mine.jinja": "{% set a = 'mine.jinja' %}{% extends a %}"},
    ],
)
def test_a_template_that_leads_back_to_itself_is_refused(
    tmp_path: Path, files: dict[str, str | bytes]
) -> None:
    assert re.search("extends itself|calls itself", refusal(own(tmp_path, files)))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_editor_may_have_put_a_mark_before_it(tmp_path: Path, end: str) -> None:
    text = about("By us.\n").replace("\n", end)
    mine = own(tmp_path, {"mine.jinja": text.encode("utf-8-sig")})
    card.rehearse(mine)
    assert card.render(FULL, mine).startswith("---\n") and card.render(FULL, mine).endswith("By us.\n")


def test_another_encoding_is_named(tmp_path: Path) -> None:
    assert "not UTF-8" in refusal(own(tmp_path, {"mine.jinja": about("naïve").encode("cp1252")}))


def test_a_template_that_takes_more_memory_than_there_is_says_so(tmp_path: Path) -> None:
    mine = own(
        tmp_path,
        {"mine.jinja": EXTENDS + '{% block header %}{{ "%*d".encode() % (10**17, 1) }}{% endblock %}'},
    )
    with pytest.raises(TemplateError, match="more memory than there is"):
        card.rehearse(mine)


@pytest.mark.parametrize(
    ("source", "limit"),
    [
        ("{{ 'a' * 999999999 }}", "'*' gives more than 1,048,576 characters"),
        ("{{ 'a'.encode() * 999999999 }}", "'*' gives more than 1,048,576 characters"),
        ("{{ 999999999 * [1] }}", "'*' gives more than 1,048,576 characters"),
        ("{{ 9**999999999 }}", "'**' gives more than 1,048,576 characters"),
        ("{{ '%0999999999d' % 1 }}", "'%' gives more than 1,048,576 characters"),
        ("{{ 'a'.ljust(9999999) }}", "'ljust' gives more than 1,048,576 characters"),
        ("{{ 'a'.zfill(width=10**17) | length }}", "'zfill' gives more than 1,048,576 characters"),
        ("{{ 'a' | center(9999999) }}", "'center' gives more than 1,048,576 characters"),
        ("{{ ['a'] | slice(99999999) | list | length }}", "'slice' gives more than 1,048,576 characters"),
        ("{{ ['a'] | batch(99999999, 'x') | list | length }}", "'batch' gives more than 1,048,576"),
        ("{{ 'a\\nb' | indent(99999999) | length }}", "'indent' gives more than 1,048,576 characters"),
        ("{{ 'a' | indent(width=99999999, first=true) | length }}", "'indent' gives more than 1,048,576"),
        ("{{ '%999999999d' | format(1) }}", "'format' gives more than 1,048,576 characters"),
        ("{{ '{0:>999999999}'.format(1) | length }}", "'format' gives more than 1,048,576 characters"),
        (
            "{% macro m() %}{{ 'a' * 999999 }}{{ 'a' * 999999 }}{% endmacro %}{{ m() }}",
            ": it gives more than 1,048,576 characters",
        ),
        ("{{ '{:>{}}'.format(1, 999999999) | length }}", "'format' gives more than 1,048,576"),
        ("{{ '{a:>{w}}'.format_map({'w': 999999999, 'a': 1}) }}", "'format' gives more than 1,048,576"),
        ("{{ '%*d' % (999999999, 1) }}", "'%' gives more than 1,048,576"),
        ("{{ '%s %.*f' | format(1, 999999999, 1.0) }}", "'format' gives more than 1,048,576"),
        ("{{ [[1]] | tojson(indent=10**8) | length }}", "'tojson' gives more than 1,048,576"),
        ("{{ range(9999) | list | tojson(999) | length }}", "'tojson' gives more than 1,048,576"),
        ("{{ ('a\\n' * 9999) | indent(99999) | length }}", "'indent' gives more than 1,048,576"),
        ("{{ ('\\t' * 9999).expandtabs(99999) | length }}", "'expandtabs' gives more than 1,048,576"),
        ("{{ ('a' * 999999) | replace('a', 'b' * 99999) | length }}", "'replace' gives more than 1,048,576"),
        ("{{ ('a' * 999999).replace('a', 'b' * 99999) | length }}", "'replace' gives more than 1,048,576"),
        ("{{ lipsum(n=99999) | length }}", "'lipsum' gives more than 1,048,576 characters"),
        ("{{ lipsum(n=1, max=99999999) | length }}", "'lipsum' gives more than 1,048,576 characters"),
        (
            "{{ ['a' * 99999] | join | replace('a', 'b' * 99) | length }}",
            "'replace' gives more than 1,048,576 characters",
        ),
        (
            "{% set n = namespace(a='abc' * 9999) %}"
            "{% for i in range(99) %}{% set n.a = n.a.join([n.a, n.a]) %}{% endfor %}",
            "'join' gives more than 1,048,576 characters",
        ),
        (DOUBLED.format("~"), "'~' gives more than 1,048,576 characters"),
        (DOUBLED.format("+"), "'+' gives more than 1,048,576 characters"),
        ("{{ range(999999999) | length }}", "ranges larger than MAX_RANGE (100000)"),
        (
            "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
            "its loops take more than 100,000 steps",
        ),
        (
            "{% macro a() %}{% for a in range(99999) %}a{% endfor %}{% endmacro %}{{ a() }}{{ a() }}",
            "its loops take more than 100,000 steps",
        ),
    ],
)
def test_a_template_that_would_not_end_or_fill_the_memory_is_refused_with_its_line(
    tmp_path: Path, source: str, limit: str
) -> None:
    mine = own(tmp_path, {"mine.jinja": about(f"\n{source}")})
    with effort.at_most(1.0):
        said = refusal(mine)
    assert f"{mine} line 3) could not be rendered: " in said and limit in said


def test_an_error_in_what_is_included_names_that_file(tmp_path: Path) -> None:
    mine = own(tmp_path, {"mine.jinja": about('{% include "a.jinja" %}'), "a.jinja": "\n{{ nmae }}"})
    assert f"{mine}, a.jinja line 2) could not be rendered: 'nmae' is undefined" in refusal(mine)


def test_a_template_that_is_nested_too_deeply_for_python_is_refused(tmp_path: Path) -> None:
    mine = own(tmp_path, {"mine.jinja": about("{% if 1 %}" * 120 + "x" + "{% endif %}" * 120)})
    assert "nested too deeply" in refusal(mine)


def test_an_import_that_lacks_the_card_s_variables_is_told_how_to_get_them(tmp_path: Path) -> None:
    files = {"mine.jinja": about('{% from "a.jinja" import a %}{{ a }}'), "a.jinja": "{% set a = repo_id %}"}
    assert "'repo_id' is undefined. Import with 'with context'" in refusal(own(tmp_path, files))


def test_small_products_are_no_fault(tmp_path: Path) -> None:
    mine = own(
        tmp_path,
        {"mine.jinja": about("{{ '-' * 3 }}{{ 2**10 * 1.5 }}{{ 2 ** -1 }}{{ '%03d%% 9999999' % 7 }}"
                             "{{ 'b' | center(3) | length }}{{ 9999999 | filesizeformat }}"
                             "{{ '%d' | format(9999999) }}{{ lipsum(2) | length > 99 }}"
                             "{{ '{:,} {{: 9999999}}'.format(7) }}"
                             "{{ [1, 2, 3] | batch(2) | list | tojson }}{{ 9999999 | tojson }}"
                             "{{ [1] | batch(2, 9999999) | list }}{{ '%*d' % (2, 9999999) }}"
                             "{{ '{:>{}}{}'.format(1, 2, 9999999) }}{{ 9999999 | tojson(indent=2) }}")},
    )  # fmt: skip
    shown = (
        "---1536.00.5007% 9999999310.0 MB9999999True7 {: 9999999}[[1, 2], [3]]9999999"
        "[[1, 9999999]]9999999 199999999999999"
    )
    assert shown in card.render(FULL, mine)


def test_what_card_check_calls_wrong_is_found_by_the_rehearsal(tmp_path: Path) -> None:
    mine = own(tmp_path, {"mine.jinja": EXTENDS + "{% block widget %}widget: many\n{% endblock %}"})
    with pytest.raises(TemplateError, match=r"(?s)finding.*widget"):
        card.rehearse(mine)


@pytest.mark.parametrize("template", ["default", "classic"])
def test_our_templates_give_cards_without_anything_wrong(template: str) -> None:
    assert card.rehearse(template)


def test_what_is_known_of_a_publication_is_tried_as_well() -> None:
    known = dataclasses.replace(FULL, language=("english",))
    with pytest.raises(TemplateError, match=r"'english' is not an ISO 639 code\. Write 'en'"):
        card.rehearse("default", known)
