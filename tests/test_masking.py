"""What may identify others does not get onto a card."""

import pytest

from huggingtweets_hub.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Write to jane.doe+x@example.co.uk today", "Write to [email] today"),
        ("call +1 (555) 123-4567 now", "call [phone] now"),
        ("call 0049 30 1234567", "call [phone]"),
        ("my number is 555-123-4567.", "my number is [phone]."),
        ("5551234567", "[phone]"),
        ("see https://t.co/AbC123 and http://x.y", "see [link] and [link]"),
        ("on www.example.com/path?q=1 or nasa.gov/live", "on [link] or [link]"),
        ("broken https:/ and https", "broken [link] and https"),
        ("thanks @bob and ＠carol!", "thanks [name] and [name]!"),
        (".@bob_99: hi", ".[name]: hi"),
    ],
)
def test_what_may_identify_others_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Launch at 10:30 on 2020-05-30, after 1,234,567,890 km",
        "from 2009-2010 and 1998 - 2001",
        "The answer is 42. Version 3.11.7, 100 % of 12345",
        "e.g. this, i.e. that. Well... O.K.",
        "it costs $1500000000",
        "Sevag 🌐✝️ says hi",
    ],
)
def test_what_identifies_nobody_stays(text: str) -> None:
    assert mask(text) == text


def test_the_accounts_own_names_stay() -> None:
    assert mask("@NASA and @nasa_kennedy", ["nasa"]) == "@NASA and [name]"
