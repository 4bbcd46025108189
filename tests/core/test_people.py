"""Lists of people to leave out: each line is understood, or nothing goes on."""

import codecs

import pytest

from huggingtweets_hub.core import people
from huggingtweets_hub.core.errors import InvalidInputError


def read(content: bytes | str) -> frozenset[str]:
    return people.read({"no.txt": content})


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("ada", {"ada"}),
        ("@Lamp_Ada", {"lamp_ada"}),
        ("  ada\t# asked us on 2 May, by mail", {"ada"}),
        ("\u200bada\u00a0\u200f", {"ada"}),
        ("ada-bob", {"ada-bob"}),
        ("Bob-Ada", {"ada-bob", "bob-ada"}),
        ("huggingtweets/Ada-Bob", {"huggingtweets/ada-bob"}),
        ("https://x.com/Ada", {"ada"}),
        ("x.com/ada", {"ada"}),
        ("http://www.twitter.com/@ada/", {"ada"}),
        ("HTTPS://mobile.twitter.com/ada?lang=en&s=20", {"ada"}),
        ("https://huggingface.co/huggingtweets/ada", {"huggingtweets/ada"}),
        ("huggingface.co/huggingtweets/ada/tree/main", {"huggingtweets/ada"}),
        ("https://hf.co/my.lab/ada/?library=transformers", {"my.lab/ada"}),
        ("# ada", set()),
        ("", set()),
        (" \t\u00a0\ufeff", set()),
        ("@Ada.bsky.social", {"ada.bsky.social"}),
        ("https://bsky.app/profile/Ada.bsky.social", {"ada.bsky.social"}),
        ("@Ada@Mail.example", {"ada@mail.example"}),
        ("https://mail.example/@ada", {"ada@mail.example"}),
        ("instagram.com/ada", {"instagram:ada"}),
        ("u/Ada", {"reddit:ada", "u/ada"}),
        ("did:web:ada.example", {"did:web:ada.example"}),
        ("ada_mail.example", {"ada_mail.example"}),
        ("https://x.com/ada/status/12", {"ada"}),
    ],
)
def test_a_line_names_an_account_or_a_model(line: str, names: set[str]) -> None:
    assert read(line) == names


@pytest.mark.parametrize(
    "line",
    [
        "ada opted out 2026-01-02", "ada;bob", "ada,bob", "ada bob", "ada\tbob", "zoe, kit   asked us",
        "- ada", "* ada", '"ada"', "'ada'", "ada,2024-01-01", "@@ada", "@ Ada", "@", "-", "ada-", "@ada-@bob",
        "a-b-c-d", "ada.", "\u212aate", "ad\u200ba", "naïve", "ａｄａ", "a" * 16, "1. ada", "[ada](https://x.com/ada)",
        "ada@mail", "https://x.com/", "https://x.com/home", "https://nitter.example/ada", "https://huggingface.co/ada",
        "https://huggingface.co/datasets/ada", "https://huggingface.co/datasets/lab/opt-outs", "a/b/c",
        "https://x.com@example.com/ada", "https://x.com:443/ada", "\x00ada",
    ],
)  # fmt: skip
def test_any_other_line_is_a_finding(line: str) -> None:
    with pytest.raises(InvalidInputError, match="no.txt, line 2: ") as caught:
        read(f"eve\n{line}\nzoe")
    assert "1 finding:" in caught.value.message and len(caught.value.message) < 500
    assert "a handle" in caught.value.message and "Write one of these per line" in caught.value.next_step


def test_all_findings_of_all_lists_come_together() -> None:
    lists = {"a.txt": "ada;bob\neve\n\n- zoe", "b.txt": b"kit\r\n@@kit\r\n"}
    with pytest.raises(InvalidInputError) as caught:
        people.read(lists)
    title, *lines = caught.value.message.split("\n")
    assert title == "The list of names to leave out has 3 findings:"
    places = ["a.txt, line 1:", "a.txt, line 4:", "b.txt, line 2:"]
    assert all(line.strip().startswith(place) for line, place in zip(lines, places, strict=True))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "cp1252"),
    ],
)
def test_any_editor_may_have_saved_a_list(mark: bytes, encoding: str, end: str) -> None:
    content = mark + end.join(["Ada", "bob  # René", "", "\u00a0eve", ""]).encode(encoding)
    assert read(content) == {"ada", "bob", "eve"}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "cp037"])
def test_no_encoding_makes_a_name_vanish(encoding: str) -> None:
    """An encoding that nothing tells is not read as if it said something else."""
    with pytest.raises(InvalidInputError, match=r"no.txt, line 1"):
        read("ada\n".encode(encoding))


def test_a_model_is_called_by_its_repository_its_name_and_its_accounts() -> None:
    assert people.names_of("Lab/My-Bot", ["Bob", "ada"]) == {"lab/my-bot", "my-bot", "ada", "bob", "ada-bob"}
