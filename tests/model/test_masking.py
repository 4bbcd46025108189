"""What may identify others does not get onto a card."""

import pytest

from huggingtweets_hub.model.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Write to jane.doe+x@example.co.uk today", "Write to [email] today"),
        ("call +1 (555) 123-4567 now", "call [phone] now"),
        ("call 0049 30 1234567", "call [phone]"),
        ("my number is 555-123-4567.", "my number is [phone]."),
        ("5551234567", "[phone]"),
        ("my card is 4111 1111 1111 1111, or 4111111111111111", "my card is [phone], or [phone]"),
        ("Tel:555-123-4567 or tel.0612345678", "Tel:[phone] or tel.[phone]"),
        ("030/1234567, 0171/1234567", "[phone], [phone]"),
        ("tel/5551234567 ph-555-123-4567", "tel/[phone] ph-[phone]"),
        ("555–123–4567 and 555‑123‑4567", "[phone] and [phone]"),
        ("5551234567x12", "[phone]"),
        ("see https://t.co/AbC123 and http://x.y", "see [link] and [link]"),
        ("on www.example.com/path?q=1 or nasa.gov/live", "on [link] or [link]"),
        ("broken https:/ and https", "broken [link] and https"),
        ("linktr.ee/jane discord.gg/abc amzn.to/3x nyti.ms/q", "[link] [link] [link] [link]"),
        ("jane.dev, example.com.au, example.ca. foo.app/x", "[link], [link], [link]. [link]"),
        ("ftp://a.b/c and münchen.de", "[link] and [link]"),
        ("jane@gmail .com", "[email]"),
        ("jane ＠ example . com", "[email]"),
        ("thanks @\u200bjack", "thanks [name]"),
        ("thanks @bob and ＠carol!", "thanks [name] and [name]!"),
        ("@Thomas63424547 hey", "[name] hey"),
        (".@bob_99: hi", ".[name]: hi"),
        ("@ann.bsky.social and (@bob.example.org), hi", "[name] and ([name]), hi"),
        ("cc @bob@m.example, @b-b.c@sub.m.example!", "cc [name], [name]!"),
        ("@bob＠m.example bob@m.example", "[name] [email]"),
        ("bob (at) harbour dot org or bob [at] harbour.example", "[email] or [email]"),
        ("write bob at harbour dot org today", "write [email] today"),
        ("harbour.shop, harbour.online and sea.page", "[link], [link] and [link]"),
        ("ｅｘａｍｐｌｅ．ｃｏｍ or ｂｏｂ＠ｅｘａｍｐｌｅ．ｃｏｍ", "[link] or [email]"),
        ("bob＠harbour．org, bob@harbour．org or harbour．com/bob", "[email], [email] or [link]"),
        ("sea.com:8080/bob, sea.example:8080/bob or sea.com:80", "[link] [link] or [link]"),
        ("card 4111 1111 1111 1111, IMEI 49-015420-323751-8 1", "card [phone], IMEI [phone]"),
        ("（sea.com）！", "（[link]）！"),
        ("ask @ bob", "ask [name]"),
        ("to DE89 3704 0044 0532 0130 00 or GB29NWBK60161331926819.", "to [account] or [account]."),
        ("@keeper@mastodon.social", "[name]"),
        ("u/some_one and /u/other-1 said", "[name] and [name] said"),
        ("Seen by @bob. More at ten, says @carol.Really", "Seen by [name]. More at ten, says [name].Really"),
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
        "it costs $1500000000 or €2000000",
        "on 20/07/1969, 7.20.1969 and 1969/07/20",
        "3.14159265 and 1.618033988",
        "and/or, his/hers, 24/7, km/s, w/o",
        "end of a sentence.Next one.It is. a...b",
        "ugh:/ and so it goes :/",
        "Sevag 🌐✝️ says hi",
        "we met at noon and a dot on the map, at harbour dot",
        "ＨＥＬＬＯ，　ｗｏｒｌｄ！",
        "doors open @ 7 pm",
        "AB12 CDEF GHIJ KLMN",
    ],
)
def test_what_identifies_nobody_stays(text: str) -> None:
    assert mask(text) == text


def test_the_accounts_own_names_stay() -> None:
    assert mask("@NASA and @nasa_kennedy", ["nasa"]) == "@NASA and [name]"


@pytest.mark.parametrize(
    ("own", "text"),
    [
        ("ann.bsky.social", "I am @ann.bsky.social, not [name]"),
        ("Ann@m.example", "I am @ann@M.example, or @ann here"),
        ("reddit:Ann", "u/ann and @Ann"),
        ("ann", "ask @ann.Really"),
    ],
)
def test_own_names_of_every_network_stay_whole(own: str, text: str) -> None:
    assert mask(text.replace("[name]", "@bob.example"), [own]) == text


@pytest.mark.timeout(20)
def test_a_long_word_without_the_sign_of_an_address_is_looked_at_once() -> None:
    laughter = "ha" * 50_000
    assert mask(laughter) == laughter
