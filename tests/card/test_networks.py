"""The card of an account of every network: its nouns, its profile alone, and back to the facts."""

import dataclasses
import json
import re
from pathlib import Path

import pytest

from huggingtweets_hub import card
from huggingtweets_hub.card.layouts import markdown_text
from huggingtweets_hub.core.records import AccountFacts, CardFacts, SourceFacts, Statistics
from huggingtweets_hub.core.serialization import from_json

PACKAGE = Path(card.__file__).parent
EXAMPLE = json.loads((PACKAGE / "example.json").read_text("utf-8"))
COUNTS = Statistics(downloaded=9, retweets=2, short=1, kept=6)
DID = "did:plc:" + "abcdefghijklmnopqrstuvwx"


def facts(*handles: str, source: str = "", **of_each: object) -> CardFacts:
    """All that a card can say, of these accounts."""
    known = from_json(CardFacts, EXAMPLE)
    accounts = tuple(
        dataclasses.replace(
            AccountFacts(handle=handle, name=f"N{n}", statistics=COUNTS),
            **of_each,  # type: ignore[arg-type]
        )
        for n, handle in enumerate(handles)
    )
    kind = SourceFacts(kind=source, digest="") if source else known.source
    return dataclasses.replace(known, accounts=accounts, source=kind, near_copies=0, held_out_near_copies=0)


@pytest.mark.parametrize(
    ("handle", "source", "nouns", "link"),
    [
        ("ann", "x_api", ("Tweets", "Retweets"), "https://twitter.com/ann"),
        ("ann.bsky.social", "bluesky", ("Posts", "Reposts"), "https://bsky.app/profile/ann.bsky.social"),
        (DID, "bluesky_repo", ("Posts", "Reposts"), f"https://bsky.app/profile/{DID}"),
        ("ann@m.example", "fediverse_archive", ("Posts", "Boosts"), "https://m.example/@ann"),
        ("reddit:ann", "reddit_export", ("Posts", "Reposts"), None),
        ("threads:ann.b", "threads_export", ("Posts", "Reposts"), None),
        ("instagram:ann", "instagram_export", ("Posts", "Reposts"), None),
        ("other:blog-of.ann", "file", ("Posts", "Reposts"), None),
    ],
)
def test_a_card_speaks_of_posts_as_its_network_does(
    handle: str, source: str, nouns: tuple[str, str], link: str | None
) -> None:
    text = card.render(facts(handle, source=source))
    assert f"| {nouns[0]} downloaded |" in text and f"| {nouns[1]} |" in text
    said = re.sub(r"huggingtweets\w*|type: tweets", "", text)
    assert ("tweet" in said.lower()) == (nouns[0] == "Tweets")
    profiles = re.findall(r"'s (?:tweet|post)s\]\(([^)]*)\)", text)
    assert set(profiles) == ({link} if link else set())
    assert "reposts" not in nouns or "twitter.com" not in text


def test_an_account_without_a_display_name_is_shown_as_its_network_writes_it() -> None:
    assert "<b>ann</b>" in card.render(facts("reddit:ann", name=""))


GROUPS = [
    ["Ann"], ["ann.bsky.social"], [DID], ["Ann@m.example"], ["reddit:Ann-1"], ["threads:ann.b"],
    ["instagram:ann"], ["other:my-blog"], ["ann", "ann.bsky.social", "ann@m-x.example"],
    ["reddit:ann", "other:ann", "threads:ann"],
    ["a-b.example", "c-d.example"],
]  # fmt: skip


@pytest.mark.parametrize("handles", GROUPS, ids=" ".join)
def test_a_card_names_its_accounts_so_that_they_can_be_read_again(handles: list[str]) -> None:
    known = facts(*handles)
    read = card.parse(card.render(known))
    assert [account.handle for account in read.accounts] == handles
    assert read == card.normalised(known)


@pytest.mark.parametrize("handles", GROUPS, ids=" ".join)
def test_a_card_that_was_read_gives_the_same_card(handles: list[str]) -> None:
    least = CardFacts(accounts=facts(*handles).accounts, repo_id="a/b")
    text = card.render(least)
    assert card.render(card.parse(text)) == text


@pytest.mark.parametrize(
    ("handle", "url"),
    [
        ("ann", "https://x.com/ann"),
        ("ann@m.example", "https://m.example/users/ann"),
        ("ann@m.example", "javascript:alert(1)"),
    ],
)
@pytest.mark.parametrize("consent", [None, "fictional"])
def test_and_so_does_one_with_a_profile_of_its_own(handle: str, url: str, consent: str | None) -> None:
    accounts = facts(handle, profile_url=url).accounts
    text = card.render(CardFacts(accounts=accounts, repo_id="a/b", consent=consent))
    read = card.parse(text)
    assert card.render(card.contract_facts(read)) == text
    assert read.accounts[0].profile_url == (url if f"({url})" in text else None)


def test_accounts_of_two_networks_have_posts() -> None:
    text = markdown_text(card.render(facts("ann", "ann@m.example", source="x_archive + fediverse_archive")))
    assert "| Posts downloaded | 9 | 9 |" in text and "| Reposts | 2 | 2 |" in text
    assert "[@ann's posts](https://twitter.com/ann)" in text
    assert "[@ann@m.example's posts](https://m.example/@ann)" in text


def test_a_profile_elsewhere_is_not_linked() -> None:
    sure = {"source": "fediverse_archive"}
    own = card.render(facts("ann@m.example", profile_url="https://m.example/users/ann", **sure))  # type: ignore[arg-type]
    assert "(https://m.example/users/ann)" in own
    for url in (
        "https://evil.example/@ann",
        "javascript:alert(1)",
        "https://m.example/@bob",
        "https://m.example",
    ):
        text = card.render(facts("ann@m.example", profile_url=url, **sure))  # type: ignore[arg-type]
        assert "(https://m.example/@ann)" in text and f"({url})" not in text


def test_private_posts_and_wishes_are_said() -> None:
    known = facts("ann@m.example", private=3, wishes=("locked", "bot", "of a later version"))
    text = markdown_text(card.render(known))
    assert (
        "3 of the posts read could be seen only by some people; the account holder has chosen to include "
        "them." in text
    )
    assert "@ann@m.example approves its followers." in text
    assert "@ann@m.example is an automated account itself." in text


def test_facts_of_before_have_no_network_and_say_the_same() -> None:
    for account in EXAMPLE["accounts"]:
        assert not {"private", "wishes", "profile_url"} & account.keys()
    assert "only by some people" not in card.render(from_json(CardFacts, EXAMPLE))
