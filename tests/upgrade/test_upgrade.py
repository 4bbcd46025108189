"""Published cards brought up to today's, through the real client: one commit each, resumable, and back."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import huggingtweets_hub
from huggingtweets_hub import Publication, Silent, card
from huggingtweets_hub import upgrade as upgrades
from huggingtweets_hub.card import Finding
from huggingtweets_hub.cli._upgrade import upgrade as command
from huggingtweets_hub.core import files as core_files
from huggingtweets_hub.core.errors import InvalidInputError, NoWriteAccessError, UnwritableError
from huggingtweets_hub.core.records import AccountFacts, CardFacts, Statistics
from huggingtweets_hub.core.serialization import to_json
from huggingtweets_hub.hub import namespace_opt_outs, opt_outs
from huggingtweets_hub.hub.namespace_opt_outs import Person
from huggingtweets_hub.hub.rate_limit import Pace, paced
from huggingtweets_hub.upgrade import Outcome, repairing
from huggingtweets_hub.upgrade.additions import additions
from tests.servers.hub import Fault, HubServer, Repo

ADA = "huggingtweets/lamp_ada"
SEPARATOR = "<|endoftext|>"
SHARED = Path(__file__).parents[2].parent / "shared" / "golden"
CONFIG = {
    "architectures": ["GPT2LMHeadModel"],
    "model_type": "gpt2",
    "eos_token_id": 50256,
    "task_specific_params": {
        "text-generation": {"do_sample": True, "max_length": 160, "min_length": 10, "prefix": SEPARATOR,
                            "temperature": 1.0, "top_p": 0.95}
    },
}  # fmt: skip
PICKLE = b"\x80\x02}q\x00never loaded."


def legacy_card(handle: str = "lamp_ada", kept: int = 90, name: str = "Ada 🕯️ | keeper") -> bytes:
    """A card of early 2021."""
    run = f"https://wandb.ai/lighthouse/tweets/runs/{handle}"
    counts = Statistics(downloaded=kept + 30, retweets=20, short=10, kept=kept)
    avatar = f"https://pbs.twimg.com/profile_images/1/{handle}_400x400.jpg"
    facts = CardFacts(
        accounts=(AccountFacts(handle=handle, name=name, avatar_url=avatar, statistics=counts),),
        repo_id=f"huggingtweets/{handle}",
        thumbnail=f"https://www.huggingtweets.com/{handle}/1616000000000/predictions.png",
        prompt="My dream is",
        data_run_url=f"{run}d",
        training_run_url=f"{run}t",
        language=("en",),
    )
    return card.render(facts, "classic").encode()


def later_card(*names: str, handle: str) -> bytes:
    """A card of the layout that came after it: nothing is escaped, and it always has three pictures."""
    pictures = [f"https://pbs.twimg.com/{i}_400x400.jpg" for i in range(len(names))]
    avatars = "\n".join(
        f'    <div\n\t\tstyle="display:inherit; background-image: url(&#39;{url}&#39;)">\n    </div>'
        for url in [*pictures, "", ""][:3]
    )
    title = "🤖 AI BOT 🤖" if len(names) == 1 else "🤖 AI CYBORG 🤖"
    texts = (title, " & ".join(names), f"@{handle}")
    boxes = "\n".join(f'<div style="text-align: center">{text}</div>' for text in texts)

    def row(found: re.Match[str]) -> str:
        cells = names if found[1] == "Data" else [found[2]] * len(names)
        return f"| {found[1]} | {' | '.join(cells)} |"

    front, _, rest = legacy_card().decode().replace("lamp_ada", handle).partition("\n<div>")
    body = rest.partition("\nI was made")[2]
    body = re.sub(r"trained on \[.*\)\.", lambda _: f"trained on tweets from {' & '.join(names)}.", body)
    body = re.sub(r"^\| (.*?) \| (.*?) \|$", row, body, flags=re.MULTILINE)
    return f'{front}\n<div class="flex">\n{avatars}\n{boxes}\n</div>\n\nI was made{body}'.encode()


def add_legacy(hub: HubServer, repo_id: str = ADA, **files: bytes) -> Repo:
    content = {
        "README.md": files.get("README.md") or legacy_card(repo_id.split("/")[1]),
        "config.json": json.dumps(CONFIG).encode(),
        "pytorch_model.bin": PICKLE + repo_id.encode(),
        "vocab.json": b"{}",
        "merges.txt": b"",
        "tokenizer_config.json": b'{"unk_token": "<|endoftext|>"}',
    }
    return hub.add_repo(repo_id, {**content, **files})


def many(hub: HubServer, count: int) -> list[str]:
    ids = [f"huggingtweets/keeper_{i:03}" for i in range(count)]
    for repo_id in ids:
        add_legacy(hub, repo_id)
    return ids


def upgrade(*repos: str, **options: Any) -> list[Outcome]:
    return list(upgrades.upgrade(repos or [ADA], **{"mode": "push", **options}))


def states(outcomes: list[Outcome]) -> list[str]:
    return [outcome.state for outcome in outcomes]


def typed(*words: str) -> Result:
    return CliRunner().invoke(command, words)


def errors(repo: Repo) -> list[Finding]:
    """What is wrong with the card as it stands beside its files."""
    facts = json.loads(repo.files.get("huggingtweets.json", b"null"))
    found = card.findings(repo.files["README.md"].decode(), list(repo.files), facts, repo.id)
    return [finding for finding in found if finding.level == "error"]


def add_recorded(hub: HubServer, repo_id: str = ADA, text: bytes | None = None, **record: Any) -> Repo:
    """A model with a `huggingtweets.json` that says which card was published."""
    text = text or legacy_card()
    facts = to_json(card.parse(text.decode())) | {"repo_id": repo_id}
    facts |= {"files": {"README.md": core_files.sha256(text)}, **record}
    return add_legacy(hub, repo_id, **{"README.md": text, "huggingtweets.json": json.dumps(facts).encode()})


def written(hub: HubServer) -> list[str]:
    return [request.path for request in hub.log if request.method in ("POST", "PUT", "DELETE")]


def lines(report: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in report.read_text("utf-8").splitlines()]


# ---- one card


def test_without_push_the_difference_is_shown_and_nothing_is_written(hub: HubServer) -> None:
    add_legacy(hub)
    result = typed(ADA)
    assert result.exit_code == 0
    assert f"--- {ADA}/README.md" in result.stdout
    assert "+library_name: transformers" in result.stdout
    assert f"New file: {ADA}/preview.png" in result.stdout
    assert "--push" in result.stderr
    assert written(hub) == []


def test_a_card_of_2021_becomes_todays_in_one_commit(hub: HubServer) -> None:
    repo = add_legacy(hub)
    before = repo.head
    (outcome,) = upgrade()
    assert outcome.state == "upgraded" and outcome.files == ("README.md", "preview.png")
    assert (outcome.before, outcome.after) == (before.oid, repo.head.oid)
    assert len(repo.commits) == 3
    text = repo.files["README.md"].decode()
    facts = card.parse(text)
    assert facts.accounts[0].name == "Ada 🕯️ | keeper"
    assert facts.accounts[0].statistics.kept == 90
    assert facts.training_run_url == "https://wandb.ai/lighthouse/tweets/runs/lamp_adat"
    assert facts.thumbnail == f"https://huggingface.co/{ADA}/resolve/main/preview.png"
    assert card.check(text)["pipeline_tag"] == "text-generation"
    measured = text.split("### Results")[1].split("\n## ")[0]
    assert "was not measured" in measured and not re.search("[0-9]", measured)
    assert errors(repo) == []
    assert repo.files["preview.png"].startswith(b"\x89PNG")
    assert {p: d for p, d in repo.files.items() if p not in outcome.files} == {
        p: d for p, d in before.files.items() if p not in outcome.files
    }


def test_the_same_upgrade_again_makes_no_commit(hub: HubServer) -> None:
    repo = add_legacy(hub)
    upgrade()
    head, calls = repo.head, len(written(hub))
    assert states(upgrade()) == ["unchanged"]
    assert repo.head == head and len(written(hub)) == calls


def test_without_pictures_the_dead_thumbnail_goes_all_the_same(hub: HubServer) -> None:
    repo = add_legacy(hub)
    (outcome,) = upgrade(pictures=False)
    assert outcome.files == ("README.md",)
    assert "thumbnail" not in card.check(repo.files["README.md"].decode())


def test_a_pull_request_leaves_main_alone_and_is_made_once(hub: HubServer) -> None:
    repo = add_legacy(hub)
    before = repo.head
    (outcome,) = upgrade(mode="create_pr")
    assert outcome.pull_request == f"{hub.url}/{ADA}/discussions/1"
    assert repo.head == before
    (again,) = upgrade(mode="create_pr")
    assert again.pull_request == outcome.pull_request and len(repo.pull_requests) == 1


def test_a_pull_request_with_another_card_is_left_for_its_readers(hub: HubServer) -> None:
    repo = add_legacy(hub)
    upgrade(mode="create_pr")
    (outcome,) = upgrade(mode="create_pr", pictures=False)
    assert outcome.state == "skipped" and "discussions/1" in str(outcome.why)
    assert len(repo.pull_requests) == 1


def test_a_pull_request_without_the_repair_does_not_propose_it(hub: HubServer) -> None:
    repo = add_legacy(hub)
    upgrade(mode="create_pr")
    (outcome,) = upgrade(mode="create_pr", repair=True)
    assert outcome.state == "skipped" and "discussions/1" in str(outcome.why)
    repo.settled[1] = "closed"
    (outcome,) = upgrade(mode="create_pr", repair=True)
    assert str(outcome.pull_request).endswith("discussions/2")
    assert "generation_config.json" in repo.pull_requests[2].files


def test_somebody_elses_pull_request_of_the_same_title_is_not_ours(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = add_legacy(hub)
    hub.add_user("bob", token="hf_bob")
    monkeypatch.setenv("HF_TOKEN", "hf_bob")
    upgrade(mode="create_pr")
    monkeypatch.setenv("HF_TOKEN", "hf_alice")
    (outcome,) = upgrade(mode="create_pr", pictures=False)
    assert str(outcome.pull_request).endswith("discussions/2")
    assert {number: commit.author for number, commit in repo.pull_requests.items()} == {1: "bob", 2: "alice"}


def test_a_reply_that_was_lost_makes_no_second_commit(hub: HubServer) -> None:
    repo = add_legacy(hub)
    hub.faults.lose_reply("POST", "/commit/")
    assert states(upgrade()) == ["upgraded"]
    assert len(repo.commits) == 3


def test_a_branch_that_moved_is_read_again(hub: HubServer) -> None:
    repo = add_legacy(hub)
    theirs = legacy_card(kept=100)
    hub.faults.meanwhile("POST", "/commit/", lambda: repo.commit({"README.md": theirs}))
    assert states(upgrade()) == ["upgraded"]
    assert card.parse(repo.files["README.md"].decode()).accounts[0].statistics.kept == 100


# ---- what publish made


OWN = "{% extends 'model_card.md.jinja' %}{% block about %}{{ super() }}\nKept by us.\n{% endblock %}"


def test_publish_takes_an_upgraded_card_for_its_own(hub: HubServer, tiny_gpt2: Path, tmp_path: Path) -> None:
    (tmp_path / "own.jinja").write_text(OWN)

    def publish(template: str | Path) -> Publication:
        return huggingtweets_hub.publish(
            source="sample", base_model=tiny_gpt2, epochs=1, progress=Silent(), template=template
        )

    repo_id = publish(tmp_path / "own.jinja").repo_id
    repo = hub.repos[repo_id]
    old = json.loads(repo.files["huggingtweets.json"])
    assert "Kept by us" in repo.files["README.md"].decode()
    (outcome,) = upgrade(repo_id, template="default")
    assert outcome.files == ("README.md", "huggingtweets.json")
    new = json.loads(repo.files["huggingtweets.json"])
    changed = {key for key in {**old, **new} if new.get(key) != old.get(key)}
    assert changed == {"publication", "template", "files"} and new["template"] == "default"
    assert "Kept by us" not in repo.files["README.md"].decode()
    head = repo.head
    assert not publish("default").changed and repo.head == head
    assert states(upgrade(repo_id)) == ["unchanged"]


def test_a_publication_without_its_pictures_is_given_them(hub: HubServer, tiny_gpt2: Path) -> None:
    repo_id = huggingtweets_hub.publish(
        source="sample", base_model=tiny_gpt2, epochs=1, progress=Silent()
    ).repo_id
    repo = hub.repos[repo_id]
    record = json.loads(repo.files["huggingtweets.json"])
    record["accounts"][0]["avatar_file"] = "avatar.jpg"  # which is gone, too
    record["files"] = {p: digest for p, digest in record["files"].items() if not p.endswith(".png")}
    repo.commit({"huggingtweets.json": json.dumps(record).encode()}, delete=["preview.png", "training.png"])
    assert len(errors(repo)) == 2
    (outcome,) = upgrade(repo_id)
    assert {"preview.png", "training.png", "huggingtweets.json"} <= set(outcome.files)
    assert errors(repo) == []
    record = json.loads(repo.files["huggingtweets.json"])
    assert record["accounts"][0]["avatar_file"] is None
    for path in ("README.md", "preview.png", "training.png"):
        assert record["files"][path] == core_files.sha256(repo.files[path])
    assert states(upgrade(repo_id)) == ["unchanged"]


def test_a_card_that_was_edited_by_hand_is_kept_unless_told(hub: HubServer) -> None:
    repo = add_recorded(hub, kept_for="later")
    edited = legacy_card() + b"\nBy hand.\n"
    repo.commit({"README.md": edited})
    (outcome,) = upgrade()
    assert outcome.state == "skipped" and "edited" in str(outcome.why)
    assert repo.files["README.md"] == edited
    assert states(upgrade(overwrite=True)) == ["upgraded"]
    record = json.loads(repo.files["huggingtweets.json"])
    assert record["kept_for"] == "later"
    assert record["files"] == {p: core_files.sha256(repo.files[p]) for p in ("README.md", "preview.png")}


def test_where_the_published_card_is_not_recorded_an_edit_is_seen_all_the_same(hub: HubServer) -> None:
    add_recorded(hub, files=None)
    edited = legacy_card() + b"\nBy hand.\n"
    add_recorded(hub, "huggingtweets/edited", files=None).commit({"README.md": edited})
    plain, kept = upgrade(ADA, "huggingtweets/edited")
    assert plain.state == "upgraded"
    assert kept.state == "skipped" and "By hand." in str(kept.why)


@pytest.mark.parametrize("template", ["classic", "custom"])
def test_a_template_that_was_chosen_is_kept_unless_another_is_named(hub: HubServer, template: str) -> None:
    repo = add_recorded(hub, template=template)
    for options in ([], ["--overwrite"]):
        result = typed(ADA, "--push", *options)
        assert f"skipped: {ADA}" in result.stderr and repr(template) in result.stderr
        assert "--template default" in result.stderr
    assert repo.files["README.md"] == legacy_card()
    assert typed(ADA, "--push", "--template", "default").stdout.startswith("upgraded")
    assert json.loads(repo.files["huggingtweets.json"])["template"] == "default"


def test_a_publication_that_names_no_template_has_the_default(hub: HubServer) -> None:
    repo = add_recorded(hub)
    assert states(upgrade()) == ["upgraded"]
    assert json.loads(repo.files["huggingtweets.json"])["template"] == "default"
    assert states(upgrade(template="classic")) == ["upgraded"]
    assert json.loads(repo.files["huggingtweets.json"])["template"] == "classic"


def test_a_picture_that_is_kept_in_the_repo_is_on_the_preview(hub: HubServer) -> None:
    from huggingtweets_hub.card.pictures import Face, social_preview

    picture = social_preview([Face(name="Ada", handle="ada")], [])
    accounts = to_json(card.parse(legacy_card().decode()))["accounts"]
    previews = []
    for place in ("avatar.png", None):
        accounts[0]["avatar_file"] = place
        add_recorded(hub, accounts=accounts).commit({"avatar.png": picture})
        assert states(upgrade()) == ["upgraded"]
        previews.append(hub.repos.pop(ADA).files["preview.png"])
    assert previews[0] != previews[1]


def test_only_a_picture_of_ordinary_size_is_read_as_an_avatar(hub: HubServer) -> None:
    accounts = to_json(card.parse(legacy_card().decode()))["accounts"]
    for repo_id, name in ((ADA, "model.safetensors"), ("huggingtweets/large", "avatar.png")):
        accounts[0]["avatar_file"] = name
        add_recorded(hub, repo_id, accounts=accounts).commit({name: bytes(10_000_001)})
    weights, large = upgrade(ADA, "huggingtweets/large")
    assert weights.state == "skipped" and "not a valid name for a picture" in str(weights.why)
    assert large.state == "upgraded"
    assert not any(re.search("avatar|safetensors", request.path) for request in hub.log)


# ---- what must not be touched


def test_what_is_not_ours_cannot_be_read_or_opted_out_is_skipped(hub: HubServer) -> None:
    hub.add_repo("huggingtweets/other", {"README.md": b"# Mine\n"})
    hub.add_repo("huggingtweets/odd", {"README.md": b"---\ntags:\n- huggingtweets\n---\n# Rewritten\n"})
    add_legacy(hub, "huggingtweets/dot", **{"README.md": legacy_card().replace(b"@lamp_ada b", b"@a!b b")})
    add_legacy(hub)
    opt_outs.add(["lamp_ada"])
    outcomes = upgrade("huggingtweets/other", "huggingtweets/odd", "huggingtweets/dot", ADA, overwrite=True)
    assert states(outcomes) == ["skipped"] * 4
    assert "not a valid X handle" in str(outcomes[2].why) and "taken down" in str(outcomes[3].why)
    assert written(hub) == []


def test_an_opt_out_is_known_by_the_accounts_id_too(hub: HubServer) -> None:
    repo = add_recorded(hub)
    record = json.loads(repo.files["huggingtweets.json"])
    record["accounts"][0]["id"] = "7"
    head = repo.commit({"huggingtweets.json": json.dumps(record).encode()}).oid
    namespace_opt_outs.add("huggingtweets", [Person(handle="an_earlier_name", id="7")])
    (outcome,) = upgrade(ADA, overwrite=True)
    assert outcome.state == "skipped" and "taken down" in str(outcome.why)
    assert repo.head.oid == head


def put(before: str, text: str) -> Callable[[str], str]:
    """Write something in front of a place."""
    return lambda old: old.replace(before, f"{text}{before}", 1)


# fmt: off
EDITS: dict[str, Callable[[str], str]] = {
    "## Thanks": lambda old: f"{old}\n## Thanks\n\nTo my friends.\n",
    "tags: poetry": put("widget:", "- poetry\n"),
    "inference: false": put("tags:", "inference: false\n"),
    "license: cc-by-nc-4.0": put("tags:", "license: cc-by-nc-4.0\n"),
    "license_name: mine": put("tags:", "license_name: mine\n"),
    "library_name: keras": put("tags:", "library_name: keras\n"),
    "pipeline_tag: text2text-generation": put("tags:", "pipeline_tag: text2text-generation\n"),
    "date: never": put("tags:", "date: never\n"),
    "widget: .*I am": put("---\n\n<div>", '- text: "I am"\n'),
    "widget: .*Mine": put("---\n\n<div>", "  example_title: Mine\n"),
    "# a comment": put("thumbnail:", "license: mit # a comment\n"),
    "# beside the list": put("- huggingtweets", "# beside the list\n"),
    "# at a block": put("tags:", "date: |  # at a block\n  never\n"),
    "thumbnail: mine.png": lambda old: re.sub("(?<=thumbnail: ).*", "mine.png", old),
    "no section 'About'": lambda old: old.partition("## About")[0],
    "# Ask Ada": put("tags:", "# Ask Ada first\n"),
    "**Ada has retired": put("| Data |", "**Ada has retired this bot.**\n\n"),
    "please": lambda old: old.replace("In addition, the data", "In addition, and please mind it, the data"),
    "Tweets by hand": put("\n[Explore", "| Tweets by hand | 7 |\n"),
    "<!-- draft": put("## About", "<!-- draft -->\n"),
    "Not affiliated": put("</div>\n\nI was", "<div>Not affiliated with her</div>\n"),
    "https://ada.example/b.png": put('<div style="font', "<div style=\"background-image: url('https://ada.example/b.png')\">\n</div>\n"),
    "https://wandb.ai/ada/reports/new": put("To understand", "See the [W&B report](https://wandb.ai/ada/reports/new).\n"),
}
# fmt: on


@pytest.mark.parametrize(("old", "new"), [("iw", "he"), ("[in, en]", "[id, en]"), ('""', None)])
def test_a_language_that_is_no_code_of_today_is_carried_over_as_one(
    hub: HubServer, old: str, new: str | None
) -> None:
    repo = add_legacy(
        hub, **{"README.md": legacy_card().replace(b"language: en", f"language: {old}".encode())}
    )
    assert [outcome.why for outcome in upgrade()] == [None]
    said = re.search("^language: (.*)$", repo.files["README.md"].decode(), re.MULTILINE)
    assert (said[1] if said else None) == new


def test_a_thumbnail_that_someone_chose_is_kept(hub: HubServer) -> None:
    mine = "https://ada.example/mine.png"
    repo = add_legacy(hub, **{"README.md": re.sub(b"(?<=thumbnail: ).*", mine.encode(), legacy_card())})
    assert states(upgrade()) == ["upgraded"]
    assert card.parse(repo.files["README.md"].decode()).thumbnail == mine
    assert states(upgrade()) == ["unchanged"]


def test_a_card_of_another_network_whose_edits_are_not_recorded_is_compared_too() -> None:
    counts = Statistics(downloaded=9, retweets=2, short=1, kept=6)
    facts = CardFacts(accounts=(AccountFacts(handle="ann@m.example", statistics=counts),), repo_id=ADA)
    text = card.render(facts)
    assert additions(text, facts, text) == []


@pytest.mark.parametrize(
    ("own", "found"), [("# Mine\n\nAll of it.\n", "All of it."), ("", "(no section 'About')")]
)
def test_a_card_in_words_of_somebodys_own_was_changed_by_hand(own: str, found: str) -> None:
    text = legacy_card().decode()
    facts = card.parse(text)
    replaced = f"---{text.split('---')[1]}---\n{own}"
    assert found in additions(replaced, facts, card.render(facts))


@pytest.mark.parametrize("said", EDITS)
def test_an_old_card_that_says_more_than_its_facts_is_kept_unless_told(hub: HubServer, said: str) -> None:
    edited = EDITS[said](legacy_card().decode()).encode()
    assert edited != legacy_card()
    repo = add_legacy(hub, **{"README.md": edited})
    (outcome,) = upgrade()
    assert outcome.state == "skipped" and "--overwrite" in str(outcome.why)
    assert re.search(said.replace("**", ""), str(outcome.why).replace("**", ""))
    assert repo.files["README.md"] == edited
    assert states(upgrade(overwrite=True)) == ["upgraded"]
    assert repo.head.title == "Upgrade the card with huggingtweets_hub"


def test_what_is_added_to_an_upgraded_card_is_kept_too(hub: HubServer) -> None:
    repo = add_legacy(hub)
    upgrade()
    edited = repo.files["README.md"].replace(b'license: "mit"', b"license: cc-by-4.0")
    repo.commit({"README.md": edited + b"\nBy hand.\n"})
    (outcome,) = upgrade()
    assert outcome.state == "skipped"
    assert "license: cc-by-4.0" in str(outcome.why) and "By hand." in str(outcome.why)


def test_no_license_is_lost_to_a_template_that_has_none(hub: HubServer) -> None:
    add_legacy(hub, **{"README.md": put("tags:", "license: mit\n")(legacy_card().decode()).encode()})
    (outcome,) = upgrade(template="classic")
    assert outcome.state == "skipped" and "license: mit" in str(outcome.why)
    assert states(upgrade()) == ["upgraded"]


OLD_REPORT = b"(https://app.wandb.ai/lighthouse/tweets/reports/Tweets--1)"
PLAIN = {
    "first": legacy_card(),
    "another prompt": legacy_card().replace(b'- text: "My dream is"', b'- text: "The sea"'),
    "first, odd name": legacy_card(name="Ada & | *b* <3 \\_"),
    "later, one": later_card("Ada", handle="lamp_ada"),
    "later, two": later_card("Ada | x", "Bob & y", handle="ada-bob"),
    "later, not in order": later_card("*b*", "a\\_", handle="bob-Ada"),
    "later, three": later_card("I <3 you", "AT&T", "Eve", handle="ada-bob-eve"),
}


@pytest.mark.parametrize("which", PLAIN)
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: re.sub(rb"(?<=\[W&B report\])\([^)]*\)", OLD_REPORT, text),
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.replace(b"thumbnail: https", b"license: mit\nthumbnail: http"),
    ],
)
def test_old_cards_that_nobody_touched_are_upgraded(
    hub: HubServer, which: str, change: Callable[[bytes], bytes]
) -> None:
    repo = add_legacy(hub, **{"README.md": change(PLAIN[which])})
    assert [outcome.why for outcome in upgrade(pictures=False)] == [None]
    assert repo.head.title == "Upgrade the card with huggingtweets_hub"
    assert states(upgrade(pictures=False)) == ["unchanged"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published cards are not here")
@pytest.mark.parametrize("name", ["seed_card", "t2scania", "ai_hexcrawl-gptmicrofic"])
def test_published_cards_are_upgraded(hub: HubServer, name: str) -> None:
    text = (SHARED / f"{name}.md").read_bytes()
    front = b"" if text.startswith(b"---") else legacy_card().split(b"<div>")[0]
    add_legacy(hub, **{"README.md": front + text})
    assert [outcome.why for outcome in upgrade()] == [None]
    bare = card.parse(text.decode())  # as it is there, without metadata and so without our tag
    record = json.dumps(to_json(bare)).encode()
    add_legacy(hub, bare.repo_id, **{"README.md": text, "huggingtweets.json": record})
    assert [outcome.why for outcome in upgrade(bare.repo_id)] == [None]


def test_a_card_whose_metadata_have_aliases_is_left(hub: HubServer) -> None:
    text = put("tags:", "a: &a [x, y]\nb: [*a, *a]\n")(legacy_card().decode())
    add_legacy(hub, **{"README.md": text.encode()})
    (outcome,) = upgrade(overwrite=True)
    assert outcome.state == "skipped" and "alias" in str(outcome.why)


def test_metadata_are_compared_as_they_are_written() -> None:
    text = put("tags:", "date: 2021-13-45\nno: 1e999\n")(legacy_card().decode())
    facts = card.parse(text)
    assert additions(text, facts, card.render(facts)) == ["date: 2021-13-45", "no: 1e999"]


def test_of_equal_keys_all_count() -> None:
    text = put("tags:", "license: gpl\nlicense: mit\n")(legacy_card().decode())
    text = text.replace('- text: "My dream is"', '- text: "Mine"\n  text: "Yours"')
    facts = card.parse(text)
    assert additions(text, facts, card.render(facts)) == ["license: gpl", 'text: "Mine"']


def test_a_byte_order_mark_moves_nothing_that_is_shown() -> None:
    text = legacy_card().decode().replace("---\n", "---\n\ufefflicense: gpl\nlicense: mit\n", 1)
    facts = card.parse(text)
    assert "license: gpl" in additions(text, facts, card.render(facts))


def test_a_handle_is_excluded_whatever_its_repo_is_called(hub: HubServer) -> None:
    add_legacy(hub, "huggingtweets/renamed", **{"README.md": legacy_card("lamp_ada")})
    (outcome,) = upgrade("huggingtweets/renamed", exclude=["@Lamp_Ada"])
    assert outcome.state == "skipped" and "excluded" in str(outcome.why)


def test_a_repo_that_was_renamed_is_left_and_its_new_name_is_said(hub: HubServer) -> None:
    repo = hub.repos[f"{ADA}_2"] = add_legacy(hub)
    hub.repos[ADA].id, hub.moved[ADA] = f"{ADA}_2", f"{ADA}_2"
    (outcome,) = upgrade()
    assert outcome.state == "failed" and f"It is {ADA}_2 now" in str(outcome.why)
    assert repo.files["README.md"] == legacy_card()


def test_a_card_speaks_of_the_repo_that_it_stands_in(hub: HubServer) -> None:
    repo = add_legacy(hub, "huggingtweets/renamed", **{"README.md": legacy_card("lamp_ada")})
    upgrade("huggingtweets/renamed")
    assert "model='huggingtweets/renamed'" in repo.files["README.md"].decode()


def test_excluded_repos_and_handles_are_not_even_read(hub: HubServer, tmp_path: Path) -> None:
    add_legacy(hub)
    add_legacy(hub, "huggingtweets/bob")
    (tmp_path / "no.txt").write_text("@Lamp_Ada  # asked for it\n\nhuggingtweets/bob\n")
    result = typed(ADA, "huggingtweets/bob", "--push", "--exclude", str(tmp_path / "no.txt"))
    assert result.exit_code == 0
    assert [request.path for request in hub.log if "/api/models/" in request.path] == []


def test_no_right_to_write_is_known_before_anything_is_read(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_legacy(hub)
    hub.add_user("bob", token="hf_bob")
    monkeypatch.setenv("HF_TOKEN", "hf_bob")
    with pytest.raises(NoWriteAccessError) as refused:
        upgrades.upgrade([ADA], mode="push")
    assert "--create-pr" in refused.value.next_step
    assert [request.path for request in hub.log] == ["/api/whoami-v2"]


@pytest.mark.parametrize("options", [{"mode": "pr"}, {"repos": ["../nasa"]}, {"report": "no/folder/r.jsonl"}])
def test_what_cannot_be_meant_is_refused_before_any_call(hub: HubServer, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        upgrades.upgrade(**{"repos": [ADA], "mode": "push", **options})
    assert hub.log == []


@pytest.mark.skipif(sys.platform != "linux", reason="root, too, can write no file into /proc")
def test_a_report_that_cannot_be_written_is_refused_before_any_call(hub: HubServer) -> None:
    with pytest.raises(UnwritableError, match="'/proc/r.jsonl' cannot be written") as refused:
        upgrades.upgrade([ADA], mode="push", report="/proc/r.jsonl")
    assert refused.value.next_step == "Give --report another file." and hub.log == []


@pytest.mark.parametrize(
    "words", [[], [ADA, "--push", "--create-pr"], [ADA, "--limit", "3"], [ADA, "--revert", __file__]]
)
def test_a_command_that_contradicts_itself_is_a_usage_error(hub: HubServer, words: list[str]) -> None:
    assert typed(*words).exit_code == 2
    assert hub.log == []


# ---- many


def test_all_models_of_an_author_that_are_ours_are_found_page_by_page(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "page_size", 3)
    ids = many(hub, 7)
    hub.add_repo("huggingtweets/other", {"README.md": b"# Mine\n"})
    add_legacy(hub, "alice/lamp_ada")
    assert upgrades.listed("huggingtweets") == tuple(ids)
    assert upgrades.listed("huggingtweets", limit=2) == tuple(ids[:2])
    result = typed("--author", "hugingtweets")
    assert result.exit_code == 1 and "hugingtweets has no models on the Hub" in str(result.exception)


def test_one_failure_does_not_stop_the_others_and_is_tried_again(hub: HubServer, tmp_path: Path) -> None:
    ids, report = many(hub, 3), tmp_path / "report.jsonl"
    hub.faults.answer("POST", f"{ids[1]}/commit/", 403)
    result = typed(*ids, "--push", "--report", str(report))
    assert result.exit_code == 3
    assert f"failed: {ids[1]}" in result.stderr and "Traceback" not in result.output
    assert [line["state"] for line in lines(report)] == ["upgraded", "failed", "upgraded"]
    seen = len(hub.log)
    result = typed(*ids, "--push", "--report", str(report))
    assert result.exit_code == 0
    assert {
        path for path in (r.path for r in hub.log[seen:]) if "huggingtweets/" in path and ids[1] not in path
    } == set()
    assert [len(hub.repos[repo_id].commits) for repo_id in ids] == [3, 3, 3]


def test_what_was_skipped_is_looked_at_again(hub: HubServer, tmp_path: Path) -> None:
    ids, report = many(hub, 2), tmp_path / "report.jsonl"
    hub.repos[ids[0]].commit({"README.md": legacy_card("keeper_000") + b"\nBy hand.\n"})
    add_legacy(hub, "huggingtweets/renamed", **{"README.md": legacy_card()})
    repos = (*ids, "huggingtweets/renamed")
    first = upgrade(*repos, exclude=["lamp_ada"], report=report)
    assert states(first) == ["skipped", "upgraded", "skipped"]
    again = upgrade(*repos, overwrite=True, report=report)
    assert [(outcome.repo, outcome.state) for outcome in again] == [
        (ids[0], "upgraded"),
        ("huggingtweets/renamed", "upgraded"),
    ]


def fails_after_the_commit(hub: HubServer) -> None:
    """Let the commit land, and the Hub answer nothing from then on."""

    def landed(handle: Callable[[], Any]) -> None:
        handle()
        hub.faults.answer("GET", "/api/models/", 503, times=99)

    hub.faults.add(Fault("POST", "/commit/", landed))


def is_read_back_wrongly(hub: HubServer) -> None:
    """Let the commit land, and the Hub then tell of other files."""
    hub.faults.answer("GET", "/revision/", 200, {"id": ADA, "sha": "0" * 40, "siblings": []})


@pytest.mark.parametrize("trouble", [fails_after_the_commit, is_read_back_wrongly])
@pytest.mark.parametrize("goes_on", [True, False])
def test_a_commit_that_failed_and_has_landed_is_known_and_put_back(
    hub: HubServer, tmp_path: Path, trouble: Callable[[HubServer], None], goes_on: bool
) -> None:
    ids, report = (ADA, "huggingtweets/bob"), tmp_path / "report.jsonl"
    repos = [add_legacy(hub, repo_id) for repo_id in ids]
    before = [repo.head for repo in repos]
    for repo_id in ids:
        trouble(hub)
        assert states(upgrade(repo_id, report=report)) == ["failed"]
        hub.faults.pending.clear()
    assert [len(repo.commits) for repo in repos] == [3, 3]
    if goes_on:
        again = upgrade(*ids, report=report)
        assert states(again) == ["upgraded"] * 2
        assert [outcome.before for outcome in again] == [commit.oid for commit in before]
        assert [len(repo.commits) for repo in repos] == [3, 3]
    assert states(list(upgrades.revert(report))) == ["reverted"] * 2
    assert [dict(repo.files) for repo in repos] == [dict(commit.files) for commit in before]
    assert list(upgrades.revert(report)) == []


def test_a_commit_that_failed_and_has_not_landed_is_not_put_back(hub: HubServer, tmp_path: Path) -> None:
    repo, report = add_legacy(hub), tmp_path / "report.jsonl"
    hub.faults.answer("POST", "/commit/", 403)
    assert states(upgrade(report=report)) == ["failed"]
    head = repo.head
    assert list(upgrades.revert(report)) == [] and repo.head == head
    assert states(upgrade(report=report)) == ["upgraded"]
    assert states(list(upgrades.revert(report))) == ["reverted"]


def test_where_all_have_failed_the_exit_code_is_that_of_an_error(hub: HubServer) -> None:
    result = typed("huggingtweets/nobody", "--push", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["state"] == "failed"


def test_a_busy_hub_is_asked_again(hub: HubServer) -> None:
    add_legacy(hub)
    hub.faults.answer("GET", "/api/models/", 503)
    hub.faults.drop("POST", "/commit/")
    assert states(upgrade()) == ["upgraded"]


def test_a_line_that_was_cut_short_is_done_again(hub: HubServer, tmp_path: Path) -> None:
    ids, report = many(hub, 3), tmp_path / "report.jsonl"
    upgrade(*ids, report=report)
    content = report.read_bytes()
    report.write_bytes(content[:-40])
    (outcome,) = upgrade(*ids, report=report)
    assert (outcome.repo, outcome.state) == (ids[2], "unchanged")
    assert len(hub.repos[ids[2]].commits) == 3
    assert upgrade(*ids, report=report) == []
    assert len(report.read_bytes().splitlines()) == 4


def test_a_file_that_is_no_report_is_not_written_to(hub: HubServer, tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("# Notes\n")
    with pytest.raises(InvalidInputError, match="not the report"):
        upgrade(report=notes)
    assert notes.read_text() == "# Notes\n"


def run(*words: str) -> subprocess.Popen[bytes]:
    """The command in a process of its own, which need not wait for its turn."""
    code = "from huggingtweets_hub.hub import rate_limit; rate_limit.CALLS = 10**6; "
    code += "from huggingtweets_hub.cli._upgrade import upgrade; upgrade()"
    return subprocess.Popen([sys.executable, "-c", code, *words], stdout=subprocess.DEVNULL)


def killed_at_commit(hub: HubServer, number: int, *words: str) -> None:
    """Let a commit of the command land, and kill it before it hears of it."""
    started: Future[subprocess.Popen[bytes]] = Future()
    hub.faults.add(Fault("POST", "/commit/", lambda handle: handle(), number - 1))

    def fatal(handle: Callable[[], Any]) -> None:
        handle()
        started.result().kill()
        started.result().wait()

    hub.faults.add(Fault("POST", "/commit/", fatal))
    started.set_result(run(*words))
    assert started.result().wait() == -signal.SIGKILL


def killed_and_resumed(hub: HubServer, ids: list[str], report: Path, number: int) -> None:
    words = (*ids, "--push", "--report", str(report), "--quiet")
    killed_at_commit(hub, number, *words)
    assert len(lines(report)) == number - 1
    assert run(*words).wait() == 0


def digests(hub: HubServer, ids: list[str]) -> dict[str, dict[str, str]]:
    ours = ("README.md", "preview.png")
    heads = {repo_id: hub.repos[repo_id].head for repo_id in ids}
    return {r: {p: c.blob(p)[0] for p in c.files if p not in ours} for r, c in heads.items()}


@pytest.mark.slow
def test_after_a_kill_the_same_command_goes_on_and_commits_once_each(hub: HubServer, tmp_path: Path) -> None:
    ids, report = many(hub, 30), tmp_path / "report.jsonl"
    before = digests(hub, ids)
    killed_and_resumed(hub, ids, report, 12)
    assert [line["repo"] for line in lines(report)] == ids
    for line in lines(report):
        _, second, third = hub.repos[line["repo"]].commits
        assert (line["state"], line["before"], line["after"]) == ("upgraded", second.oid, third.oid)
    assert digests(hub, ids) == before
    assert [path.name for path in tmp_path.glob("report*")] == ["report.jsonl"]


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_two_hundred_cards_killed_half_way_started_again_and_put_back(hub: HubServer, tmp_path: Path) -> None:
    ids, report = many(hub, 200), tmp_path / "report.jsonl"
    before, trees = digests(hub, ids), {repo_id: dict(hub.repos[repo_id].files) for repo_id in ids}
    began = time.perf_counter()
    killed_and_resumed(hub, ids, report, 97)
    seconds, calls = time.perf_counter() - began, len(hub.log)
    assert {len(hub.repos[repo_id].commits) for repo_id in ids} == {3}
    assert digests(hub, ids) == before
    assert {line["state"] for line in lines(report)} == {"upgraded"} and len(lines(report)) == 200

    began = time.perf_counter()
    assert run("--revert", str(report), "--quiet").wait() == 0
    back = time.perf_counter() - began
    assert {repo_id: dict(hub.repos[repo_id].files) for repo_id in ids} == trees
    assert {len(hub.repos[repo_id].commits) for repo_id in ids} == {4}
    print(f"200 cards: {seconds:.1f} s, {calls} calls; put back: {back:.1f} s, {len(hub.log) - calls} calls")


# ---- back


def test_what_was_written_is_put_back_byte_for_byte_in_one_commit(hub: HubServer, tmp_path: Path) -> None:
    repo, report = add_legacy(hub), tmp_path / "report.jsonl"
    before = dict(repo.files)
    upgrade(report=report, repair=True)
    assert dict(repo.files) != before
    assert states(list(upgrades.revert(report))) == ["reverted"]
    assert dict(repo.files) == before and len(repo.commits) == 4
    assert list(upgrades.revert(report)) == []
    assert states(upgrade(report=report)) == ["upgraded"]


def test_what_was_changed_since_is_left_unless_told(hub: HubServer, tmp_path: Path) -> None:
    repo, report = add_legacy(hub), tmp_path / "report.jsonl"
    before = dict(repo.files)
    upgrade(report=report)
    repo.commit({"README.md": b"theirs"})
    result = typed("--revert", str(report))
    assert result.exit_code == 0 and "README.md" in result.stderr
    assert repo.files["README.md"] == b"theirs"
    assert states(list(upgrades.revert(report, overwrite=True))) == ["reverted"]
    assert dict(repo.files) == before


def test_a_commit_elsewhere_in_the_repo_stays_when_the_card_is_put_back(
    hub: HubServer, tmp_path: Path
) -> None:
    repo, report = add_legacy(hub), tmp_path / "report.jsonl"
    upgrade(report=report)
    repo.commit({"notes.txt": b"theirs"})
    assert states(list(upgrades.revert(report))) == ["reverted"]
    assert repo.files["notes.txt"] == b"theirs" and repo.files["README.md"] == legacy_card()


def test_a_lost_line_of_a_revert_makes_no_second_commit(hub: HubServer, tmp_path: Path) -> None:
    repo, report = add_legacy(hub), tmp_path / "report.jsonl"
    upgrade(report=report)
    content = report.read_bytes()
    list(upgrades.revert(report))
    report.write_bytes(content)
    assert states(list(upgrades.revert(report))) == ["reverted"]
    assert len(repo.commits) == 4


def test_a_commit_whose_line_was_lost_to_a_kill_is_put_back_too(hub: HubServer, tmp_path: Path) -> None:
    ids, report = many(hub, 2), tmp_path / "report.jsonl"
    killed_at_commit(hub, 2, *ids, "--push", "--report", str(report), "--quiet")
    assert [outcome.repo for outcome in upgrades.revert(report)] == ids
    for repo_id in ids:
        assert hub.repos[repo_id].files["README.md"] == legacy_card(repo_id.split("/")[1])


def test_a_pull_request_is_closed(hub: HubServer, tmp_path: Path) -> None:
    repo, report = add_legacy(hub), tmp_path / "report.jsonl"
    upgrade(mode="create_pr", report=report)
    assert states(list(upgrades.revert(report))) == ["reverted"]
    assert repo.settled == {1: "closed"}


def test_a_merged_pull_request_is_pointed_out(hub: HubServer, tmp_path: Path) -> None:
    repo, report = add_legacy(hub), tmp_path / "report.jsonl"
    upgrade(mode="create_pr", report=report)
    repo.settled[1] = "merged"
    (outcome,) = upgrades.revert(report)
    assert outcome.state == "skipped" and "merged" in str(outcome.why)


# ---- pace


class Time:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_every_call_is_counted_and_waits_for_its_turn(hub: HubServer) -> None:
    repos, time = [f"huggingtweets/counted_{i}" for i in range(5)], Time()  # none is in the client's cache
    for repo_id in repos:
        add_legacy(hub, repo_id)
    pace = Pace(10, 300.0, clock=time.clock, sleep=time.sleep)
    assert states(upgrade(*repos, pace=pace)) == ["upgraded"] * 5
    others = [request for request in hub.log if "opt-outs" not in request.path]  # asked for once a minute
    assert pace.total == len(hub.log) > len(others) == 1 + 5 * 10  # whoami, then ten a card
    assert time.now == 300.0 * ((pace.total - 1) // 10)


def test_the_hub_is_given_the_time_that_it_asks_for(hub: HubServer) -> None:
    add_legacy(hub)
    time = Time()
    hub.faults.answer("POST", "/commit/", 429, headers={"Retry-After": "42"})
    pace = Pace(clock=time.clock, sleep=time.sleep)
    assert states(upgrade(pace=pace)) == ["upgraded"]
    assert time.now == 42.0


def test_who_waits_for_a_turn_is_held_with_the_others_meanwhile() -> None:
    time = Time()

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        if time.now == 10.0:
            pace.hold(42.0)  # another thread was refused

    pace = Pace(1, 10.0, clock=time.clock, sleep=sleep)
    pace.take()
    pace.take()
    assert time.now == 52.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"RateLimit": '"api";r=0;t=55'}, 56.0),
        ({"Retry-After": "soon"}, 60.0),
        ({"Retry-After": "9e9"}, 0.0),  # told to come back later instead
        ({"Date": "Sat, 06 Mar 2010 10:00:00 GMT", "Retry-After": "Sat, 06 Mar 2010 10:00:30 GMT"}, 31.0),
        ({"Retry-After": "Sat, 06 Mar 2010 10:00:30 GMT"}, 60.0),  # which is over
        ({"Retry-After": "0"}, 60.0),
        ({"Retry-After": "-7", "RateLimit": '"api";r=0;t=55'}, 56.0),
    ],
)
def test_how_long_the_hub_asks_to_wait_is_read_from_its_headers(
    hub: HubServer, headers: dict[str, str], seconds: float
) -> None:
    from huggingtweets_hub.core.errors import HubError
    from huggingtweets_hub.hub import client

    time = Time()
    pace = Pace(clock=time.clock, sleep=time.sleep)
    hub.faults.answer("GET", "whoami", 429, headers=headers)
    with paced(pace):
        with suppress(HubError):  # who is asked to wait for longer than it is worth does not ask again
            client.whoami()
        client.whoami()
    assert time.now == seconds


def test_a_client_of_the_users_own_stays_in_use(hub: HubServer) -> None:
    import httpx2
    from huggingface_hub import HfApi, set_client_factory
    from huggingface_hub.utils import _http

    usual, seen = _http._GLOBAL_CLIENT_FACTORY, []
    own = lambda: httpx2.Client(event_hooks={"request": [seen.append]})  # noqa: E731
    set_client_factory(own)
    try:
        with paced(Pace()):
            HfApi().whoami()
        assert len(seen) == 1
        assert _http._GLOBAL_CLIENT_FACTORY is own
    finally:
        set_client_factory(usual)


# ---- repair


@pytest.fixture(scope="session")
def model_of_2021(tiny_gpt2: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a GPT-2 as it was saved then, but for its size and its safetensors."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Config, GPT2LMHeadModel

    folder = tmp_path_factory.mktemp("2021")
    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(["my dream is the sea"], vocab_size=280, show_progress=False)
    bpe.save_model(str(folder))
    vocab = json.loads((folder / "vocab.json").read_text("utf-8"))
    separator = vocab.setdefault(SEPARATOR, len(vocab))
    (folder / "vocab.json").write_text(json.dumps(vocab), "utf-8")
    ids = {"bos_token_id": separator, "eos_token_id": separator}
    GPT2LMHeadModel(
        GPT2Config(vocab_size=len(vocab), n_positions=512, n_embd=16, n_layer=1, n_head=1, **ids)
    ).save_pretrained(folder)
    (folder / "generation_config.json").unlink()
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["task_specific_params"] = CONFIG["task_specific_params"]
    tokens = dict.fromkeys(("unk_token", "bos_token", "eos_token"), SEPARATOR)
    tokenizer = {**tokens, "add_prefix_space": False, "model_max_length": 1024, "name_or_path": "gpt2"}
    for name, content in (
        ("config", config), ("special_tokens_map", tokens), ("tokenizer_config", tokenizer)
    ):  # fmt: skip
        (folder / f"{name}.json").write_text(json.dumps(content), "utf-8")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def sampling(files: dict[str, bytes], folder: Path) -> tuple[dict[str, Any], list[int]]:
    """What the bare pipeline samples with, and the tokens that reach the model."""
    from transformers import pipeline

    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    generator = pipeline("text-generation", model=str(folder))
    asked: list[dict[str, Any]] = []
    generate = generator.model.generate

    def listening(**options: Any) -> Any:
        asked.append(options)
        return generate(**options)

    generator.model.generate = listening
    texts = generator("My dream is", num_return_sequences=5)
    assert len({text["generated_text"] for text in texts}) == 5
    settings = {**generator.model.generation_config.to_diff_dict(), **asked[0]}
    return settings, asked[0]["input_ids"][0].tolist()


def test_a_repaired_model_samples_as_it_did_in_2021(
    hub: HubServer, model_of_2021: dict[str, bytes], tmp_path: Path
) -> None:
    repo = hub.add_repo(ADA, {"README.md": legacy_card(), "pytorch_model.bin": PICKLE, **model_of_2021})
    separator = json.loads(model_of_2021["vocab.json"])[SEPARATOR]
    settings, prompt = sampling(model_of_2021, tmp_path / "before")
    assert (settings["temperature"], settings["max_new_tokens"]) == (0.7, 256)
    assert "top_p" not in settings and separator not in prompt

    (outcome,) = upgrade(repair=True)
    assert outcome.files == (
        "README.md", "config.json", "generation_config.json", "preview.png", "tokenizer_config.json",
    )  # fmt: skip
    assert {repo.files[name] for name in ("model.safetensors", "pytorch_model.bin")} == {
        model_of_2021["model.safetensors"], PICKLE
    }  # fmt: skip
    told = {
        "do_sample": True, "temperature": 1.0, "top_p": 0.95, "top_k": 50,
        "min_new_tokens": 7, "max_new_tokens": 160,
    }  # fmt: skip
    assert json.loads(repo.files["config.json"]) == {
        **json.loads(model_of_2021["config.json"]),
        "n_ctx": 512,
        "task_specific_params": {"text-generation": told},
    }
    assert not any("safetensors" in r.path or ".bin" in r.path for r in hub.log)

    files = {name: content for name, content in repo.files.items() if name != "pytorch_model.bin"}
    settings, prompt = sampling(files, tmp_path / "after")
    expected = {
        "do_sample": True, "temperature": 1.0, "top_p": 0.95, "max_new_tokens": 160, "min_new_tokens": 7,
        "pad_token_id": separator,
    }  # fmt: skip
    assert expected.items() <= settings.items()
    assert json.loads(files["generation_config.json"])["top_k"] == 50
    assert prompt[0] == separator and prompt.count(separator) == 1
    assert states(upgrade(repair=True)) == ["unchanged"]


def test_with_a_prefix_in_the_configuration_there_is_still_one_separator(
    model_of_2021: dict[str, bytes], tmp_path: Path
) -> None:
    config = json.loads(model_of_2021["config.json"]) | {"prefix": SEPARATOR}
    files = {**model_of_2021, "config.json": json.dumps(config).encode()}
    changed = repairing.repaired(files, files.__getitem__)
    assert "config.json" in changed
    separator = json.loads(files["vocab.json"])[SEPARATOR]
    _, prompt = sampling({**files, **changed}, tmp_path / "after")
    assert prompt.count(separator) == 1


def test_a_separator_that_an_earlier_repair_left_twice_is_said_once(model_of_2021: dict[str, bytes]) -> None:
    repaired = {**model_of_2021, **repairing.repaired(model_of_2021, model_of_2021.__getitem__)}
    config = json.loads(repaired["config.json"])
    config["task_specific_params"]["text-generation"]["prefix"] = SEPARATOR
    files = {**repaired, "config.json": json.dumps({**config, "prefix": SEPARATOR}).encode()}
    assert repairing.repaired(files, files.__getitem__) == {"config.json": repaired["config.json"]}
    config["task_specific_params"]["text-generation"]["prefix"] = "Tonight"
    files = {**repaired, "config.json": json.dumps({**config, "prefix": "Once"}).encode()}
    assert repairing.repaired(files, files.__getitem__) == {}, "what somebody chose is left"


def test_a_tokenizer_json_is_given_the_separator_too(model_of_2021: dict[str, bytes], tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    (tmp_path / "slow").mkdir()
    for name, content in model_of_2021.items():
        (tmp_path / "slow" / name).write_bytes(content)
    AutoTokenizer.from_pretrained(tmp_path / "slow").backend_tokenizer.save(str(tmp_path / "tokenizer.json"))
    files = {**model_of_2021, "tokenizer.json": (tmp_path / "tokenizer.json").read_bytes()}
    separator = json.loads(files["vocab.json"])[SEPARATOR]
    _, prompt = sampling({**files, **repairing.repaired(files, files.__getitem__)}, tmp_path / "after")
    assert prompt[0] == separator and prompt.count(separator) == 1


def test_settings_that_are_there_already_or_not_understood_are_left(model_of_2021: dict[str, bytes]) -> None:
    for changes in (
        {"generation_config.json": b"{}"},
        {"config.json": b'{"model_type": "llama"}'},
        {"config.json": b"no JSON"},
    ):
        files = {**model_of_2021, **changes}
        changed = repairing.repaired(files, files.__getitem__)
        assert "generation_config.json" not in changed
        assert not changed.keys() & (changes.keys() - {"config.json"})
    assert repairing.repaired({}, {}.__getitem__) == {}


def test_a_model_of_ours_is_given_what_other_clients_read(model_of_2021: dict[str, bytes]) -> None:
    files = {**model_of_2021, "generation_config.json": b"{}"}
    changed = repairing.repaired(files, files.__getitem__)
    assert json.loads(changed["config.json"])["n_ctx"] == 512
    assert json.loads(changed["tokenizer_config.json"])["padding_side"] == "left"
    files |= changed
    assert repairing.repaired(files, files.__getitem__) == {}


def test_odd_numbers_in_old_settings_become_sensible_ones() -> None:
    told = {"temperature": "hot", "top_p": 7, "top_k": -1, "max_length": 9999, "min_length": None}
    config = {"n_positions": 1024, "task_specific_params": {"text-generation": told}}
    settings = repairing.generation_config(config, 50256)
    assert {name: settings[name] for name in ("temperature", "top_p", "top_k", "max_new_tokens")} == {
        "temperature": 1.0, "top_p": 1.0, "top_k": 50, "max_new_tokens": 512
    }  # fmt: skip
