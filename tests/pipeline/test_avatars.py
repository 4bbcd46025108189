"""Profile pictures are kept where they can be had, and nothing else is fetched for them."""

import io

import pytest
from PIL import Image

from huggingtweets_hub.card import pictures
from huggingtweets_hub.core.records import Account
from huggingtweets_hub.hub.repo import Published
from huggingtweets_hub.pipeline import avatars
from tests.servers.x_api import XServer


def picture(colour: str = "teal", size: int = 600) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(file, "PNG")
    return file.getvalue()


def account(url: str | None, handle: str = "ada") -> Account:
    return Account(handle=handle, avatar_url=url)


def test_a_picture_is_made_safe_and_small(x: XServer) -> None:
    x.pictures["/ada.png"] = picture()
    found = avatars.collect([account(f"{x.url}/ada.png")], Published())
    content = found["avatar.jpg"]
    assert content is not None
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.size) == ("JPEG", (400, 400))


def test_several_accounts_have_a_picture_each(x: XServer) -> None:
    x.pictures |= {"/ada.png": picture("teal"), "/bob.png": picture("red")}
    accounts = [account(f"{x.url}/ada.png"), account(None, "eve"), account(f"{x.url}/bob.png", "bob")]
    assert set(avatars.collect(accounts, Published())) == {"avatar.1.jpg", "avatar.3.jpg"}


@pytest.mark.parametrize("content", [b"<svg onload='alert(1)'/>", b"", b"\x89PNG\r\n\x1a\nbroken"])
def test_what_is_no_picture_is_left_out(x: XServer, content: bytes) -> None:
    x.pictures["/ada.png"] = content
    assert avatars.collect([account(f"{x.url}/ada.png")], Published()) == {}


def test_a_picture_that_is_too_large_or_gone_is_left_out(x: XServer) -> None:
    x.pictures["/huge.png"] = picture() + bytes(pictures.MAX_DOWNLOAD)
    x.faults.answer("/gone.png", 404, {})
    x.faults.drop("/dropped.png")
    x.pictures["/cut.png"] = picture()
    x.faults.truncate("/cut.png")
    for name in ("huge", "gone", "dropped", "cut"):
        assert avatars.collect([account(f"{x.url}/{name}.png")], Published()) == {}, name


@pytest.mark.parametrize(
    "url",
    [
        "http://pbs.twimg.com/a.jpg",
        "https://example.com/a.jpg",
        "https://twimg.com.example.com/a.jpg",
        "https://pbs.twimg.com@example.com/a.jpg",
        "http://127.0.0.1:1/a.jpg",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "https://[",
        "",
        # In a form that is never needed, however harmless: two readers could understand it differently.
        "https://pbs.twimg.com:443/a.jpg",
        "https://ada@pbs.twimg.com/a.jpg",
        "https://pbs.twimg.com/a.jpg#part",
        "https://pbs.twimg.com\\a.jpg",
        "https://pbs.twimg.com/a\\b.jpg",
        "https://pbs.twimg.com/a b.jpg",
        "https://pbs.twimg.com/a.jpg\n",
        "\thttps://pbs.twimg.com/a.jpg",
        "https://pbs.twimg.com/\x1f.jpg",
        "https://pbs.tw\u0131mg.com/a.jpg",
        "https:/pbs.twimg.com/a.jpg",
        "https://pbs.twimg.com",
        "https://.twimg.com/a.jpg",
        "https://twimg.com/a.jpg",
    ],
)
def test_no_other_host_than_xs_own_is_asked(url: str) -> None:
    # pytest-socket would fail the test, were anything else reached for.
    assert avatars.collect([account(url)], Published()) == {}


@pytest.mark.parametrize("written", ["{}@{}/ada.png", "{}//{}/ada.png", "{}{}\\\\ada.png", "{}{}/ada.png#a"])
def test_a_stand_in_for_x_is_held_to_the_same(x: XServer, written: str) -> None:
    x.pictures["/ada.png"] = picture()
    scheme, host = x.url.split("//")
    assert avatars.collect([account(written.format(f"{scheme}//", host))], Published()) == {}
    assert not x.log


def test_what_is_asked_is_checked_and_not_what_was_written(
    x: XServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import requests

    def elsewhere(self: requests.Session, request: requests.Request) -> requests.PreparedRequest:
        return requests.Request("GET", "https://example.com/a.jpg").prepare()

    monkeypatch.setattr(requests.Session, "prepare_request", elsewhere)
    # pytest-socket would fail the test, were it reached for.
    assert avatars.collect([account("https://pbs.twimg.com/a.jpg")], Published()) == {}


def test_a_published_picture_is_not_fetched_again_and_outlives_its_address(x: XServer) -> None:
    url = f"{x.url}/ada.png"
    facts = {"accounts": [{"handle": "Ada", "avatar_url": url, "avatar_file": "avatar.jpg"}]}
    there = Published(head="1", files={"avatar.jpg": "1"}, facts=facts)
    assert avatars.collect([account(url)], there) == {"avatar.jpg": None}
    assert not x.log
    x.faults.answer("/new.png", 404, {})
    assert avatars.collect([account(f"{x.url}/new.png")], there) == {"avatar.jpg": None}
    x.pictures["/newer.png"] = picture("red")
    assert avatars.collect([account(f"{x.url}/newer.png")], there)["avatar.jpg"]


def test_a_picture_goes_with_its_account(x: XServer) -> None:
    x.pictures["/bob.png"] = picture()
    files = {"avatar.1.jpg": "1", "avatar.2.jpg": "2"}
    accounts = [
        {"handle": "ada", "avatar_url": "https://pbs.twimg.com/a.jpg", "avatar_file": "avatar.1.jpg"},
        {"handle": "bob", "avatar_url": f"{x.url}/bob.png", "avatar_file": "avatar.2.jpg"},
    ]
    there = Published(head="1", files=files, facts={"accounts": accounts})
    # Bob stands first now: the file of that name is another's.
    now = [account(f"{x.url}/bob.png", "bob"), account(None, "eve")]
    assert avatars.collect(now, there)["avatar.1.jpg"]
    # An account that has taken its picture away has none here either.
    assert avatars.collect([account(None, "ada"), account(None, "bob")], there) == {}
