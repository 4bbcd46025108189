"""One notion of an account: handles, profiles and models' names of every network."""

import re

import pytest
from huggingface_hub.utils import validate_repo_id

from huggingtweets_hub.core import accounts
from huggingtweets_hub.core.accounts import model_name, parse_handle
from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.names import REPO_ID

DID = "did:plc:" + "abcdefghijklmnopqrstuvwx"


@pytest.mark.parametrize(
    ("text", "handle", "network", "name", "page", "model"),
    [
        ("@Ann_1", "Ann_1", "x", "Ann_1", "https://twitter.com/Ann_1", "ann_1"),
        ("https://x.com/Ann/status/12", "Ann", "x", "Ann", "https://twitter.com/Ann", "ann"),
        (
            "@Ann.bsky.social", "ann.bsky.social", "bluesky", "ann.bsky.social",
            "https://bsky.app/profile/ann.bsky.social", "ann.bsky.social",
        ),
        (
            "https://bsky.app/profile/ann.example/post/3k", "ann.example", "bluesky", "ann.example",
            "https://bsky.app/profile/ann.example", "ann.example",
        ),
        (DID, DID, "bluesky", DID, f"https://bsky.app/profile/{DID}", DID.replace(":", "_")),
        ("@Ann@M.example", "Ann@m.example", "fediverse", "Ann@m.example", "https://m.example/@Ann",
        "ann_m.example"),
        ("https://m.example/@ann", "ann@m.example", "fediverse", "ann@m.example",
        "https://m.example/@ann", "ann_m.example"),
        (
            "https://m.example/users/ann?x=1", "ann@m.example", "fediverse", "ann@m.example",
            "https://m.example/@ann", "ann_m.example",
        ),
        (
            "https://m.example/@ann@far.example/1", "ann@far.example", "fediverse", "ann@far.example",
            "https://far.example/@ann", "ann_far.example",
        ),
        ("Reddit:Ann-1", "reddit:Ann-1", "reddit", "Ann-1", "https://www.reddit.com/user/Ann-1/",
        "ann-1.reddit"),
        ("www.reddit.com/u/ann", "reddit:ann", "reddit", "ann", "https://www.reddit.com/user/ann/",
        "ann.reddit"),
        ("u/Ann", "reddit:Ann", "reddit", "Ann", "https://www.reddit.com/user/Ann/", "ann.reddit"),
        ("threads.net/@ann.b", "threads:ann.b", "threads", "ann.b", "https://www.threads.com/@ann.b",
        "ann.b.threads"),
        ("instagram.com/ann/", "instagram:ann", "instagram", "ann", "https://www.instagram.com/ann/",
        "ann.instagram"),
        ("other:my-blog", "other:my-blog", "other", "my-blog", None, "my-blog.other"),
    ],
)  # fmt: skip
def test_a_handle_tells_its_network_its_page_and_its_model(
    text: str, handle: str, network: str, name: str, page: str | None, model: str
) -> None:
    assert parse_handle(text) == handle
    assert accounts.network_of(handle) == network
    assert accounts.name_of(handle) == name
    assert accounts.mentioned(accounts.mention(handle)) == handle
    assert accounts.profile_page(handle) == page
    assert model_name([handle]) == model


@pytest.mark.parametrize(
    "text",
    [
        "", "@", "a b", "a" * 16, "naïve", "ann@", "@ann@", "ann@m", "ann@m.example@n.example",
        "ann@m.example:80",
        ".bsky.social", "ann..social", "-ann.social", "ann.1", "a" * 64 + ".example", "did:key:z6Mk",
        "did:plc:short",
        "reddit:", "mastodon:ann", "users.txt", "ann.jsonl", "ann@posts.csv", "https://x.com/search", "https://www.instagram.com/p/abc/",
        "ftp://m.example/@ann",
        "ann.example\n", "a." * 127 + "example",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="is not a"):
        parse_handle(text)


HANDLES = [
    "ann", "_", "ann.bsky.social", "xn--a-ecp.example", "ann@m.example", "a--b@m.example", "a..b@m.example",
    "ann@code.git", "reddit:-ann-", "reddit:a--b", "threads:.ann.", "other:a--b.git", "did:web:ann.example",
    "a" * 63 + ".example", ("b" * 60 + ".") * 3 + "example", f"{'c' * 60}@{'d' * 60}.example",
]  # fmt: skip


def test_the_hub_takes_every_name_and_no_two_are_the_same() -> None:
    groups = [[one] for one in HANDLES] + [
        [one, other] for one in HANDLES for other in HANDLES if one < other
    ]
    groups += [HANDLES[n : n + 3] for n in range(len(HANDLES) - 2)]
    names = {model_name(group) for group in groups}
    assert len(names) == len(groups)
    for name in names:
        validate_repo_id(f"huggingtweets/{name}")
        assert REPO_ID.fullmatch(f"huggingtweets/{name}"), name


@pytest.mark.parametrize("name", ["a--b", "a..b", "a.git", "-a", ".a", "a-", "a.", "a" * 97, "a b", ""])
def test_a_repo_id_is_what_the_hubs_client_takes(name: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)repo_?id|repo id|must|cannot"):
        validate_repo_id(f"ada/{name}")
    assert not REPO_ID.fullmatch(f"ada/{name}")


def test_a_name_may_be_of_an_account_only_as_a_whole_part() -> None:
    assert accounts.may_be_of("ann.bsky.social-bob", "Ann.bsky.social")
    assert accounts.may_be_of("ann.bsky.social-bob", "bob")
    assert accounts.may_be_of("ann_m.example", "ann@m.example")
    assert not accounts.may_be_of("ann_m.example", "ann")
    assert not accounts.may_be_of("joann", "ann")


def test_every_network_has_a_title_and_nouns() -> None:
    for network in accounts.NETWORKS.values():
        assert network.title and re.fullmatch(r"[a-z]+", network.post) and network.repost != network.post
