"""Accounts of other networks than X, from what they posted to their published model."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import huggingtweets_hub
from huggingtweets_hub import (
    InvalidInputError,
    OptedOutError,
    Publication,
    Silent,
    TemplateError,
    WrongAccountError,
)
from huggingtweets_hub.hub import opt_outs
from huggingtweets_hub.model import text_measures
from huggingtweets_hub.model.text_measures import Copies
from tests.posts import templates
from tests.posts.test_x_faults import Notes
from tests.servers import fediverse_archives as fediverse
from tests.servers.at import AtServer
from tests.servers.hub import HubServer
from tests.servers.repositories import DID, OTHER, of_posts

TEXTS = templates.natural(120)
ANN, PAGE = "ann.blue.test", "https://www.w3.org/ns/activitystreams#Public"
SECRET = "velvetcrocodile"
Publish = Callable[..., Publication]


@pytest.fixture
def publish(trained: None, tiny_gpt2: Path) -> Publish:
    def run(handles: Any = (), **options: Any) -> Publication:
        chosen = {"base_model": tiny_gpt2, "epochs": 1, "samples": 4, "progress": Silent(), "tracker": "none"}
        return huggingtweets_hub.publish(handles, **{**chosen, **options})

    return run


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[AtServer]:
    """Bluesky with the account of Ann."""
    with AtServer() as server:
        monkeypatch.setenv("HUGGINGTWEETS_BLUESKY_URL", server.url)
        monkeypatch.setenv("HUGGINGTWEETS_PLC_URL", server.url)
        server.add_account(ANN, DID, of_posts(TEXTS, profile={"displayName": "Ann"}).car())
        yield server
        assert server.unhandled == []


def card_of(hub: HubServer, repo_id: str) -> str:
    return hub.repos[repo_id].files["README.md"].decode()


def facts_of(hub: HubServer, repo_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(hub.repos[repo_id].files["huggingtweets.json"])
    return found


# --- Bluesky ----------------------------------------------------------------------------------------


def test_an_account_of_bluesky_needs_no_source_and_no_key(
    hub: HubServer, at: AtServer, publish: Publish
) -> None:
    done = publish(f"@{ANN}")
    assert done.repo_id == f"huggingtweets/{ANN}" and done.cost_usd == 0
    text = card_of(hub, done.repo_id)
    assert "| Posts downloaded | 120 |" in text and f"(https://bsky.app/profile/{ANN})" in text
    assert "twitter.com" not in text.replace("twitter.com/borisdayma", "")
    (account,) = facts_of(hub, done.repo_id)["accounts"]
    assert (account["handle"], account["id"], account["name"]) == (ANN, DID, "Ann")
    again = publish(f"https://bsky.app/profile/{ANN}")
    assert not again.changed and at.asked("/xrpc/com.atproto.sync.getRepo") == 1


def test_whoever_opted_out_is_known_under_another_name(
    hub: HubServer, at: AtServer, publish: Publish
) -> None:
    done = publish(ANN)
    huggingtweets_hub.unpublish(done.repo_id)
    assert done.repo_id not in hub.repos
    at.add_account("anew.blue.test", DID, of_posts(TEXTS).car())
    for handle in (ANN, DID, "anew.blue.test"):
        with pytest.raises(OptedOutError):
            publish(handle, min_new=0, recreate=True)
    assert not [repo for repo in hub.repos if "blue" in repo or "did" in repo]


def test_who_has_taken_over_a_handle_is_not_published_in_its_place(
    hub: HubServer, at: AtServer, publish: Publish
) -> None:
    done = publish(ANN)
    before = hub.repos[done.repo_id].head.oid
    at.add_account(ANN, OTHER, of_posts(TEXTS[:90], did=OTHER).car())
    with pytest.raises(WrongAccountError, match=f"{OTHER}.*{DID}"):
        publish(ANN, rebuy=True)
    assert hub.repos[done.repo_id].head.oid == before


def test_nothing_that_is_said_speaks_of_tweets(
    hub: HubServer, at: AtServer, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_of_them = lambda texts, posts: Copies(repeated=frozenset(), overlapping=frozenset(texts))  # noqa: E731
    monkeypatch.setattr(text_measures, "copies", all_of_them)
    notes = Notes()
    publish(ANN, seed=8, progress=notes)  # a model that no other test has trained
    assert any("with a training post" in line for line in notes.lines)
    assert not [line for line in notes.lines if "tweet" in line.replace("huggingtweets", "")]


def test_whoever_was_listed_by_handle_is_listed_by_id_once_that_is_known(
    hub: HubServer, home: Path, at: AtServer, publish: Publish
) -> None:
    done = publish(ANN)
    opt_outs.add([ANN])
    huggingtweets_hub.unpublish(done.repo_id)
    assert opt_outs.listed() == {ANN, DID}


def test_accounts_of_two_networks_share_a_model(
    hub: HubServer, at: AtServer, tmp_path: Path, publish: Publish
) -> None:
    table = tmp_path / "ada.jsonl"
    table.write_text("\n".join(json.dumps({"text": text}) for text in TEXTS[:60]), "utf-8")
    archive = fediverse.zipped(
        tmp_path / "a.zip", fediverse.archive(*map(fediverse.post, range(60), TEXTS[60:]))
    )
    done = publish(source={"ada": table, ANN: "bluesky", "ann@m.example": archive})
    assert done.repo_id == f"huggingtweets/ada-{ANN}-ann_m.example"
    text = card_of(hub, done.repo_id)
    assert "| Posts downloaded | 60 | 120 | 60 |" in text and "| Reposts | 0 | 0 | 0 |" in text
    assert "<div>@ada · @ann.blue.test · @ann@m.example</div>" in text


@pytest.mark.parametrize(
    ("handle", "source", "next_step"),
    [
        ("ann@m.example", "x", "--from mastodon"),
        ("ann@m.example", "bluesky", "--from mastodon"),
        (ANN, "mastodon", "repo.car"),
        ("ada", "bluesky", "Leave --from out"),
        ("reddit:ann", "x", "docs/networks.md"),
    ],
)
def test_a_network_is_asked_for_its_own_accounts_only(
    hub: HubServer, publish: Publish, handle: str, source: str, next_step: str
) -> None:
    with pytest.raises(InvalidInputError, match=f"which --from {source} does not read") as caught:
        publish(handle, source=source)
    assert next_step in caught.value.next_step and hub.repos == {}


def test_the_classic_card_is_for_tweets(hub: HubServer, tmp_path: Path, publish: Publish) -> None:
    path = tmp_path / "repo.car"
    path.write_bytes(of_posts(TEXTS, OTHER).car())
    with pytest.raises(TemplateError, match="speaks of tweets"):
        publish(ANN, source=path, template="classic", base_model="openai-community/gpt2")
    assert hub.repos == {}


def test_a_wish_that_does_not_forbid_is_said(tmp_path: Path) -> None:
    archive = fediverse.zipped(
        tmp_path / "a.zip",
        fediverse.archive(fediverse.post(1, TEXTS[0]), of=fediverse.actor(indexable=False)),
    )
    notes = Notes()
    huggingtweets_hub.fetch_timeline(source=archive, progress=notes)
    assert "@ann@m.example does not want its posts to be found by search." in notes.lines


# --- posts that only some may read --------------------------------------------------------------------


def private() -> list[dict[str, Any]]:
    """A post for followers or for single people in every shape that archives have."""
    shapes: list[dict[str, Any]] = [
        {"to": [fediverse.FOLLOWERS], "cc": []},
        {"to": [fediverse.FOLLOWERS], "cc": [f"{fediverse.OTHER}"]},
        {"to": fediverse.FOLLOWERS, "cc": ...},
        {"to": [fediverse.OTHER], "cc": []},
        {"to": fediverse.OTHER, "cc": ...},
        {"to": [], "cc": []},
        {"to": ..., "cc": ...},
        {"to": None, "cc": None},
        {"to": [PAGE + "s"], "cc": []},
    ]
    made = [fediverse.post(900 + n, f"{TEXTS[n]} {SECRET}", **shape) for n, shape in enumerate(shapes)]
    poll = {"type": "Question", "oneOf": [{"name": SECRET}], "to": [fediverse.FOLLOWERS]}
    return [*made, fediverse.post(950, f"{TEXTS[50]} {SECRET}", **poll)]


def traces(*places: Path | bytes) -> list[str]:
    """Where the secret word is."""
    found = []
    for place in places:
        if isinstance(place, bytes):
            found += ["on the Hub"] if SECRET.encode() in place else []
            continue
        for path in place.rglob("*"):
            if path.is_file() and SECRET.encode() in path.read_bytes():
                found.append(str(path))
    return found


@pytest.mark.parametrize("pack", [fediverse.zipped, fediverse.tarred, fediverse.unpacked])
def test_private_posts_leave_no_trace(
    hub: HubServer, home: Path, tmp_path: Path, publish: Publish, capfd: pytest.CaptureFixture[str], pack: Any
) -> None:
    items = [*map(fediverse.post, range(120), TEXTS), *private()]
    suffix = {"zipped": ".zip", "tarred": ".tar.gz", "unpacked": ""}[pack.__name__]
    archive = pack(tmp_path / f"archive{suffix}", fediverse.archive(*items))
    done = publish(source=archive, output=tmp_path / "out", progress=None)
    assert done.repo_id == "huggingtweets/ann_m.example" and done.kept == 120
    said = capfd.readouterr()
    assert "10 posts for followers or single people" in said.err
    assert SECRET not in said.out + said.err
    assert traces(home, tmp_path / "out", *hub.repos[done.repo_id].files.values()) == []
    text = card_of(hub, done.repo_id)
    assert "| Posts downloaded | 120 |" in text and "could be seen only" not in text


def test_private_posts_are_taken_where_their_owner_asks_and_the_card_says_so(
    hub: HubServer, tmp_path: Path, publish: Publish
) -> None:
    items = [*map(fediverse.post, range(120), TEXTS), *private()]
    archive = fediverse.zipped(tmp_path / "archive.zip", fediverse.archive(*items))
    for consent in (None, "written"):
        with pytest.raises(InvalidInputError, match="--include-private"):
            publish(source=archive, include_private=True, consent=consent)
    done = publish(source=archive, include_private=True, consent="self")
    assert done.kept == 130
    assert "10 of the posts read could be seen only by some people" in card_of(hub, done.repo_id)
    assert facts_of(hub, done.repo_id)["accounts"][0]["private"] == 10
