"""What Python programs pass: one value for a list, a path for a text, and objects of their own."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import huggingtweets_hub
from huggingtweets_hub import (
    Silent,
    batch_status,
    check_card,
    fetch_timeline,
    generate,
    parse_card,
    preview_card,
    publish,
    publish_batch,
    publish_page,
    read_facts,
    render_card,
    revert_cards,
    unpublish,
    upgrade_cards,
)
from huggingtweets_hub.core.errors import InvalidInputError, UnreadableFileError
from huggingtweets_hub.model.tracking.tracker import Nowhere
from huggingtweets_hub.posts.sample import Sample
from tests.batch import accounts
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer


class Nothing:
    """An object without any method."""


def test_a_path_stands_for_the_file_that_its_text_names(tmp_path: Path) -> None:
    path = accounts.write(tmp_path, "ada", 1)
    assert fetch_timeline(path).account.handle == "ada"
    for missing in (Path("my-archive.zip"), "my-archive.zip"):
        for call in (publish, fetch_timeline):
            with pytest.raises(UnreadableFileError, match=r"my-archive\.zip"):
                call(missing, progress=Silent())


@pytest.mark.parametrize("given", [5, None, b"ada", ["ada", 5], {"ada": "x"}], ids=str)
def test_what_is_not_a_handle_or_a_list_of_them_is_named(given: Any) -> None:
    with pytest.raises(InvalidInputError, match="^handles cannot be .* Give a string"):
        publish(given, dry_run=True)
    with pytest.raises(InvalidInputError, match="^handle cannot be "):
        fetch_timeline(given)


@pytest.mark.parametrize("given", [5, None, [], {"ada": 5}, {5: "x"}, Nothing(), Sample])
def test_what_is_not_a_source_is_named(given: Any) -> None:
    with pytest.raises(InvalidInputError, match="^source cannot be .* Give a"):
        publish(source=given, base_model="scratch", dry_run=True)


@pytest.mark.parametrize("given", [5, None, Nothing(), Nowhere])
def test_what_is_not_a_tracker_is_named_before_posts_are_bought(
    hub: HubServer, x: XServer, given: Any
) -> None:
    accounts.add(x, "ada", 1)
    with pytest.raises(InvalidInputError, match="^tracker cannot be .* an object with name, record_data, "):
        publish("ada", base_model="scratch", tracker=given, progress=Silent())
    assert not x.log


@pytest.mark.parametrize("given", [5, Nothing(), Silent])
@pytest.mark.parametrize("call", [publish, fetch_timeline])
def test_what_is_not_a_progress_display_is_named(call: Callable[..., object], given: Any) -> None:
    with pytest.raises(InvalidInputError, match="^progress cannot be .* an object with note, warn, advance"):
        call(source="sample", progress=given)


def test_a_path_among_the_exclusions_is_a_file(tmp_path: Path) -> None:
    users, out = tmp_path / "users.txt", tmp_path / "out.txt"
    users.write_text("nasa")
    out.write_text("two words")
    with pytest.raises(InvalidInputError, match=r"out\.txt, line 1: 'two words' is not"):
        publish_batch(users, exclude=out)
    with pytest.raises(InvalidInputError, match=r"missing\.txt' could not be read"):
        publish_batch(users, exclude=[Path("missing.txt")])
    with pytest.raises(InvalidInputError, match="cannot be excluded"):
        upgrade_cards("huggingtweets/nasa", exclude=[out])


@pytest.mark.parametrize("given", [5, b"ada", ["ada", 5]], ids=str)
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("exclude", lambda given: publish_batch("users.txt", exclude=given)),
        ("repo_ids", batch_status),
        ("states", lambda given: batch_status(states=given)),
        ("repos", upgrade_cards),
        ("exclude", lambda given: upgrade_cards("a/b", exclude=given)),
    ],
)
def test_what_is_not_one_or_several_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, call: Callable[[Any], object], given: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("users.txt").write_text("nasa")
    with pytest.raises(InvalidInputError, match=f"^{name} cannot be "):
        call(given)


@pytest.mark.parametrize("given", [5, None, b"ada", ["ada"]], ids=str)
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("users", publish_batch),
        ("path", read_facts),
        ("card_or_place", check_card),
        ("model", generate),
        ("text", parse_card),
        ("report", revert_cards),
    ],
)
def test_what_is_not_a_path_or_a_text_is_named(name: str, call: Callable[[Any], object], given: Any) -> None:
    with pytest.raises(InvalidInputError, match=f"^{name} cannot be "):
        call(given)


WRONG: dict[Any, tuple[Any, ...]] = {
    bool: ("no", 0), int: ("5", 2.5, True), float: ("5", True, float("nan")), str: (5, b"x"),
}  # fmt: skip
PLAIN = [
    pytest.param(function, parameter, given, id=f"{name} {parameter} {given}")
    for name in huggingtweets_hub.__all__
    if inspect.isfunction(function := getattr(huggingtweets_hub, name))
    for parameter, about in inspect.signature(function).parameters.items()
    for kind, wrong in WRONG.items()
    if about.annotation in (kind, kind | None)
    for given in wrong
]


@pytest.mark.parametrize(("function", "parameter", "given"), PLAIN)
def test_every_public_function_refuses_plain_values_of_another_kind(
    function: Callable[..., object], parameter: str, given: Any
) -> None:
    needed = {"users": "users.txt"} if function is publish_batch else {}
    with pytest.raises(InvalidInputError, match=f"^(no-)?{parameter.replace('_', '[-_]')} cannot be "):
        function(**needed, **{parameter: given})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: unpublish("lab/ada", keep_repo="no"), "keep_repo cannot be 'no'. Give true or false."),  # type: ignore[arg-type]
        (lambda: unpublish(5), "repo_id cannot be 5. Give a string."),  # type: ignore[arg-type]
        (lambda: generate("model", 5), "prompt cannot be 5. Give a string."),  # type: ignore[arg-type]
        (lambda: generate("model", n=2.5), "n cannot be 2.5. Give a whole number."),  # type: ignore[arg-type]
        (lambda: preview_card({}, 5), "output cannot be 5. Give a string or a path."),  # type: ignore[arg-type]
        (lambda: render_card({}, 5), "template cannot be 5. Give default or classic or a string or a path."),  # type: ignore[arg-type]
        (lambda: upgrade_cards("a/b", mode="pull"), "mode cannot be 'pull'. Give show or push or create_pr."),  # type: ignore[arg-type]
        (lambda: upgrade_cards(author="lab", limit=-1), "limit cannot be -1. Give a whole number of 1"),
        (lambda: publish_page("lab", title=5), "title cannot be 5. Give a string."),  # type: ignore[arg-type]
        (lambda: publish(source="sample", seed=10**400), "seed cannot be 10000"),
    ],
)  # fmt: skip
def test_an_argument_of_another_kind_is_named_before_anything_is_done(
    call: Callable[[], object], said: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        call()
    assert str(refused.value).startswith(said)


def test_the_path_of_a_card_is_not_its_text() -> None:
    with pytest.raises(InvalidInputError, match=r"README\.md'\)\. Give the card itself"):
        parse_card(Path("README.md"))  # type: ignore[arg-type]


def test_a_folder_is_not_a_report(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="could not be read: Is a directory"):
        upgrade_cards("huggingtweets/nasa", report=tmp_path)


@pytest.mark.parametrize(
    "call",
    [
        lambda progress: upgrade_cards("a/b", progress=progress),
        lambda progress: revert_cards("report.jsonl", progress=progress),
        lambda progress: publish_page("lab", progress=progress),
    ],
)
def test_what_is_not_a_progress_display_is_named_by_every_function(call: Callable[[Any], object]) -> None:
    with pytest.raises(InvalidInputError, match="^progress cannot be "):
        call(Nothing())


@pytest.mark.parametrize(
    ("call", "misspelt", "meant"),
    [
        (render_card, "templat", "template"),
        (check_card, "card_or_plase", "card_or_place"),
        (preview_card, "templat", "template"),
        (read_facts, "pth", "path"),
        (generate, "promt", "prompt"),
        (unpublish, "keeprepo", "keep_repo"),
        (publish_page, "titel", "title"),
        (upgrade_cards, "limt", "limit"),
        (revert_cards, "overwrit", "overwrite"),
        (batch_status, "user", "users"),
        (publish, "nmespace", "namespace"),
        (publish_batch, "namspace", "namespace"),
        (fetch_timeline, "sorce", "source"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_one_that_was_meant(
    call: Callable[..., Any], misspelt: str, meant: str
) -> None:
    with pytest.raises(InvalidInputError, match=f"There is no option '{misspelt}'") as refused:
        call(**{misspelt: "x"})
    assert refused.value.next_step == f"Did you mean '{meant}'?"
