"""What is printed fits into its columns, in whatever script."""

import click
import pytest

from huggingtweets_hub.cli import _output


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three", [" 1. one two", "    three"]),
        ("日本語のとても長い。文章", [" 1. 日本語の", "    とても長", "    い。文章"]),
        ("これは長い。", [" 1. これは長", "    い。"]),
        ("日本語です。で", [" 1. 日本語で", "    す。で"]),
        ("see https://example.org/long", [" 1. see", "    https://example.org/long"]),
        ("مرحبا بالعالم", [" 1. مرحبا", "    بالعالم"]),
        ("한국어 단어", [" 1. 한국어", "    단어"]),
        ("a\n\nb", [" 1. a", "    b"]),
        ("  ", [" 1. "]),
    ],
)
def test_texts_are_wrapped_by_the_room_that_they_take(
    text: str, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "12")
    assert click.unstyle(_output.numbered(1, text)).split("\n") == lines


def test_a_table_keeps_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    _output.table(("a", "b"), [("日本", "x"), ("abc", "y")])
    assert capsys.readouterr().out == "a     b\n日本  x\nabc   y\n"
