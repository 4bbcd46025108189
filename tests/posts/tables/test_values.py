"""What single values mean."""

from typing import Any

import pytest

from huggingtweets_hub.posts.tables import values

NOTHING: list[Any] = [
    *[
        "",
        " ",
        "NA",
        "N/A",
        "n/a",
        "-",
        "\\N",
        "null",
        "NULL",
        "nan",
        "NaN",
        "None",
        "none",
        "[]",
        "{}",
        "<NA>",
        "n.a.",
        "Not applicable",
        "#NULL!",
    ],
    *[None, [], {}, float("nan")],
]
NO = [
    *NOTHING,
    "empty",
    "0",
    "0.0",
    "-1",
    "-1.0",
    "false",
    "False",
    "FALSE",
    "F",
    "no",
    "N",
    0,
    0.0,
    -1,
    False,
]


@pytest.mark.parametrize("value", NO)
def test_no_is_no(value: Any) -> None:
    assert values.is_no(value) and not values.is_yes(value)


@pytest.mark.parametrize("value", NOTHING)
def test_nothing_is_nothing(value: Any) -> None:
    assert values.is_nothing(value)
    assert values.post_id(value) is None and values.handle(value) is None


@pytest.mark.parametrize("value", [True, "true", "True", "TRUE", "T", "yes", "Y", "1", "1.0", 1])
def test_yes_is_yes(value: Any) -> None:
    assert values.is_yes(value) and not values.is_no(value)


@pytest.mark.parametrize("value", ["0.5", "1234567890123456789", "ada", {"id": 1}, [1], 7])
def test_what_stands_for_something_is_not_no(value: Any) -> None:
    assert not values.is_no(value)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("7", "7"),
        (7, "7"),
        (7.0, "7"),
        ("7.0", "7"),
        (" 7 ", "7"),
        ("'578063054748807168'", "578063054748807168"),
        ('="578063054748807168"', "578063054748807168"),
        ("b'578063054748807168'", "578063054748807168"),
        ("x1234567890123456789", "1234567890123456789"),
        ("xx1234567890123456789", "1234567890123456789"),
        ("https://x.com/ada/status/1234567890123456789?s=20", "1234567890123456789"),
        (6.766075134633001e17, None),
        ("6.76607513463300E+17", None),
        ("1,23457E+18", None),
        ("0", None),
        (0, None),
        ("-1", None),
        ({"$oid": "58e1"}, None),
        (True, None),
    ],
)
def test_an_id_is_exact_or_none(value: Any, number: str | None) -> None:
    assert values.post_id(value) == number


@pytest.mark.parametrize(
    ("value", "handle"),
    [
        ("ada", "ada"),
        ("@Ada", "Ada"),
        ("https://twitter.com/ada", "ada"),
        ("b'ada'", "ada"),
        ('="@ada"', "ada"),
        (
            "{'_type': 'snscrape.modules.twitter.User', 'username': 'ada', 'id': 7, 'displayname': 'Ada'}",
            "ada",
        ),
        ("User(username='ada', id=7, displayname=\"Ada's\", description='username=\\'eve\\'')", "ada"),
        ('{"id": 7, "name": "Ada", "screen_name": "ada"}', "ada"),
        (
            "User(_api=<tweepy.api.API object at 0x7f>, _json={'id': 7, 'name': 'A', 'screen_name': 'ada'})",
            "ada",
        ),
        ("{'name': \"x', 'screen_name': 'eve\", 'screen_name': 'ada'}", "ada"),
        ("https://x.com/ada?lang=en", "ada"),
        ("Ada Lovelace (@ada)", "ada"),
        ("Ada Lovelace @ada", "ada"),
        ("Ada Lovelace · @ada", "ada"),
        ("Ada Lovelace\n@ada\n·\n2h", "ada"),
        ("Ada Lovelace\n@ada@m.example", "ada@m.example"),
        ("Ada @ Bletchley", None),
        ("@ada @bob", None),
        ("ada@m.example", None),
        ("Ada Lovelace", None),
        ("undefined", None),
        ("_", None),
        (7, None),
        ("__import__('os').system('true')", None),
    ],
)
def test_a_handle_is_found_in_what_programs_write_of_a_user(value: Any, handle: str | None) -> None:
    assert values.handle(value) == handle


@pytest.mark.parametrize(
    ("value", "author", "number"),
    [
        ("https://x.com/ada/status/12", "ada", "12"),
        ("https://twitter.com/ada/statuses/12", "ada", "12"),
        ("http://mobile.twitter.com/ada/status/12/photo/1", "ada", "12"),
        ("twitter.com/ada/status/12", "ada", "12"),
        ("https://nitter.net/ada/status/12#m", "ada", "12"),
        ("https://web.archive.org/web/20200101000000/https://twitter.com/ada/status/12", "ada", "12"),
        ("/ada/status/12", "ada", "12"),
        ("https://x.com/i/web/status/12", None, "12"),
        ("https://x.com/undefined/status/12", None, "12"),
        ("https://example.org/ada/status/12", None, None),
        ("https://x.com/ada", None, None),
        (12, None, None),
    ],
)
def test_a_link_tells_author_and_id(value: Any, author: str | None, number: str | None) -> None:
    assert values.link(value) == (author, number)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"b'It\xe2\x80\x99s the mill'", "It’s the mill"),
        (r'''b"The miller's bread"''', "The miller's bread"),
        (r"b'two\nlines \\ and a quote \''", "two\nlines \\ and a quote '"),
        ("b'printed … already'", "printed … already"),
        ("b'a quote isn't escaped'", "a quote isn't escaped"),
        (r"b'cut off in \xe2\x80", "cut off in �"),
        (r"""B"It\xe2\x80\x99s the mill" """, "It’s the mill"),
        (r"""'b"It\xe2\x80\x99s the mill"'""", "It’s the mill"),
        (repr(repr("It’s the mill".encode()).encode()), "It’s the mill"),
        (r"u'It\u2019s the mill'", "It’s the mill"),
        ("u'It’s the mill'", "It’s the mill"),
        (r"u'cut off in \u20", None),
        ("b'", None),
        ("be quick", None),
        ("b'two\nlines'", None),
    ],
)
def test_what_a_program_wrote_as_bytes_is_decoded(written: str, text: str | None) -> None:
    assert values.decoded(written) == text
