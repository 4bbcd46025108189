"""The main job, whole: from a timeline to a published model and its snippet in a fresh process."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi

import huggingtweets_hub
from huggingtweets_hub import Publication, Silent, card
from huggingtweets_hub.core import settings
from huggingtweets_hub.core.errors import (
    EditedByHandError,
    HubError,
    InvalidInputError,
    NotOursError,
    NoWriteAccessError,
    OptedOutError,
    TemplateError,
)
from huggingtweets_hub.hub import repo as hub_repo
from huggingtweets_hub.pipeline.unpublish import unpublish
from tests.pipeline.test_avatars import picture
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer

ADA = "huggingtweets/lighthouse_ada"
DOCUMENTS = {"README.md", "huggingtweets.json", "preview.png", "training.png", "avatar.png"}
MODEL_FILES = {
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
}


@pytest.fixture
def publish(trained: None, tiny_gpt2: Path) -> Callable[..., Publication]:
    """`publish` of the newest posts of the sample on a tiny model, one epoch of short blocks."""

    def run(**options: Any) -> Publication:
        defaults = {
            "source": "sample",
            "base_model": tiny_gpt2,
            "epochs": 1,
            "max_tweets": 120,
            "progress": Silent(),
        }
        return huggingtweets_hub.publish(**{**defaults, **options})

    return run


def facts_on(hub: HubServer, repo_id: str = ADA) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(hub.repos[repo_id].files["huggingtweets.json"])
    return content


def made(home: Path) -> list[Path]:
    """Everything that was kept there, but locks."""
    return [path for path in home.rglob("*") if path.is_file() and not path.name.startswith(".")]


def snippet_of(readme: str) -> str:
    found = re.search(r"```python\n(.*?)\n```", readme, re.DOTALL)
    assert found
    return found.group(1)


def test_publish_makes_one_commit_with_all_that_the_contract_names(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    publication = publish(max_tweets=None)
    repo = hub.repos[ADA]
    assert publication.changed and publication.commit == repo.head.oid
    assert len(repo.commits) == 2  # the empty repository, and the publication
    assert set(repo.files) == {".gitattributes", *DOCUMENTS, *MODEL_FILES}
    facts = facts_on(hub)
    assert facts["schema"] == 1
    assert facts["accounts"][0]["statistics"]["downloaded"] == 425
    assert facts["training"]["curve"][0]["step"] == 0
    assert facts["evaluation"]["tuned"]["loss"] < facts["evaluation"]["base"]["loss"]
    stages = "fetch corpus loading tokenizing rehearsal training saving samples evaluation"
    assert set(stages.split()) == set(facts["stages"])
    assert facts["recipe"]["seed"] == settings.DEFAULT_SEED
    assert facts["source"]["kind"] == "sample"
    assert facts["versions"]["transformers"]
    assert card.check(repo.files["README.md"].decode())["language"] == "en"


def test_nothing_published_names_a_local_path_or_holds_a_tweet(
    hub: HubServer, publish: Callable[..., Publication], tiny_gpt2: Path, home: Path
) -> None:
    publish()
    tweets = [tweet.text for tweet in huggingtweets_hub.fetch_timeline(source="sample").tweets]
    for path, content in hub.repos[ADA].files.items():
        for local in (tiny_gpt2.parent, home, Path.home()):
            assert str(local).encode() not in content, path
        if path in ("README.md", "huggingtweets.json"):
            assert not [tweet for tweet in tweets if len(tweet) > 30 and tweet.encode() in content]


def test_the_snippet_gives_five_different_tweets_in_a_fresh_process(
    hub: HubServer, publish: Callable[..., Publication], tmp_path: Path
) -> None:
    publish()
    code = snippet_of(hub.repos[ADA].files["README.md"].decode())
    *lines, call = code.splitlines()
    lines += [f"tweets = {call}", "import json", "print(json.dumps([t['generated_text'] for t in tweets]))"]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        env={**os.environ, "HF_HOME": str(tmp_path / "fresh"), "HF_HUB_DISABLE_PROGRESS_BARS": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    tweets = json.loads(done.stdout.splitlines()[-1])
    assert len(set(tweets)) == 5
    assert all(tweet.startswith("My dream is") for tweet in tweets)
    assert not done.stderr


def test_the_same_publication_again_makes_no_commit_and_trains_nothing(
    hub: HubServer, publish: Callable[..., Publication], home: Path
) -> None:
    first = publish()
    assert not list((home / "work").rglob("*.safetensors"))  # the Hub has it
    second = publish()
    assert not second.changed
    assert second.commit == first.commit
    assert len(hub.repos[ADA].commits) == 2
    assert not list((home / "work").rglob("*.safetensors"))


def test_a_changed_card_is_one_commit_without_training(
    hub: HubServer, publish: Callable[..., Publication], home: Path
) -> None:
    first = publish()
    before, training = hub.repos[ADA].files["model.safetensors"], facts_on(hub)["training"]
    second = publish(prompt="Tonight", consent="fictional")
    assert second.changed and second.fingerprint == first.fingerprint
    assert len(hub.repos[ADA].commits) == 3
    readme = hub.repos[ADA].files["README.md"].decode()
    assert 'generator("Tonight"' in readme
    outputs = [entry["output"]["text"] for entry in card.check(readme)["widget"]]
    assert outputs and all(text.startswith("Tonight") for text in outputs)
    assert hub.repos[ADA].files["model.safetensors"] == before
    assert facts_on(hub)["consent"] == "fictional"
    assert facts_on(hub)["training"] == training  # its seconds too: nothing was trained
    assert not list((home / "work").rglob("*.safetensors"))
    assert hub_repo.read(ADA).is_whole


def test_a_picture_that_is_gone_comes_back_without_training(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    publish()
    pictures = {name: hub.repos[ADA].files[name] for name in ("preview.png", "training.png")}
    HfApi().delete_files(ADA, list(pictures))
    training = facts_on(hub)["training"]
    assert publish().changed
    assert pictures.items() <= hub.repos[ADA].files.items()
    assert facts_on(hub)["training"] == training


def test_the_accounts_picture_is_kept_in_the_repository(
    hub: HubServer, x: XServer, publish: Callable[..., Publication]
) -> None:
    tweets = huggingtweets_hub.fetch_timeline(source="sample").tweets
    x.pictures["/ada.jpg"] = picture()
    user = {"id": "12", "username": "lighthouse_ada", "name": "Ada", "profile_image_url": f"{x.url}/ada.jpg"}
    x.add_account(user, [{"id": str(900 - i), "text": tweet.text} for i, tweet in enumerate(tweets)])
    publish(handles="lighthouse_ada", source="x")
    assert "avatar.jpg" in hub.repos[ADA].files
    readme = hub.repos[ADA].files["README.md"].decode()
    assert f'src="https://huggingface.co/{ADA}/resolve/main/avatar.jpg"' in readme
    x.pictures.clear()
    assert not publish(handles="lighthouse_ada", source="x").changed
    publish(handles="lighthouse_ada", source="x", consent="written")
    assert "avatar.jpg" in hub.repos[ADA].files["README.md"].decode()


def test_as_many_samples_are_measured_as_asked_for(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    publish(samples=3)
    facts = facts_on(hub)
    assert facts["evaluation"]["tuned_samples"]["texts"] == 3
    assert len(facts["samples"]["free"]) + facts["samples"]["replaced"] == 3
    publish(samples=7)
    assert facts_on(hub)["evaluation"]["tuned_samples"]["texts"] == 7
    with pytest.raises(InvalidInputError, match="samples cannot be 0"):
        publish(samples=0)


@pytest.mark.parametrize("prompt", ["a" * 281, "half a pair \ud83d"])
def test_a_prompt_that_no_card_can_hold_is_refused_first(
    publish: Callable[..., Publication], prompt: str
) -> None:
    with pytest.raises(InvalidInputError, match="prompt"):
        publish(prompt=prompt)


def test_another_recipe_is_trained_and_replaces_the_weights(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    first = publish()
    second = publish(seed=7)
    assert second.changed and second.fingerprint != first.fingerprint
    assert facts_on(hub)["recipe"]["seed"] == 7
    assert len(hub.repos[ADA].commits) == 3


def test_adapters_are_another_training_and_the_card_says_so(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    publish()
    before, names = facts_on(hub), set(hub.repos[ADA].files)
    assert publish(lora=True).changed and not publish(lora=True).changed
    after = facts_on(hub)
    assert (before["recipe"]["lora_rank"], after["recipe"]["lora_rank"]) == (None, 16)
    assert before["fingerprint"] != after["fingerprint"] and set(hub.repos[ADA].files) == names
    assert "low-rank adapters (LoRA, rank 16)" in hub.repos[ADA].files["README.md"].decode()


def test_a_dry_run_sends_nothing_and_a_later_run_publishes_its_result(
    hub: HubServer, publish: Callable[..., Publication], tmp_path: Path
) -> None:
    dry = publish(dry_run=True, output=tmp_path / "out")
    assert dry.commit is None and not dry.changed
    assert not hub.log
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "card.html",
        *DOCUMENTS,
        *MODEL_FILES,
    }
    publish()
    assert set(hub.repos[ADA].files) == {".gitattributes", *DOCUMENTS, *MODEL_FILES}
    weights = hub.repos[ADA].files["model.safetensors"]
    assert weights == (tmp_path / "out" / "model.safetensors").read_bytes()


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("stage", [pytest.param("training", marks=pytest.mark.slow), "evaluation"])
def test_a_run_killed_after_a_stage_goes_on_from_there(
    hub: HubServer, publish: Callable[..., Publication], home: Path, tiny_gpt2: Path, stage: str
) -> None:
    """The process ends with SIGKILL right after the stage's record is on disk."""
    code = f"""
import os, signal
from huggingtweets_hub import publish, Silent
from huggingtweets_hub.pipeline import workspace
save = workspace.Workspace.save
def save_and_die(self, stage, record):
    save(self, stage, record)
    if stage == {stage!r}:
        os.kill(os.getpid(), signal.SIGKILL)
    return record
workspace.Workspace.save = save_and_die
publish(source="sample", base_model={str(tiny_gpt2)!r}, epochs=1, max_tweets=120, progress=Silent())
"""
    killed = subprocess.run([sys.executable, "-c", code], env={**os.environ}, capture_output=True)
    assert killed.returncode == -9, killed.stderr
    assert ADA not in hub.repos
    (weights,) = (home / "work").rglob("model.safetensors")
    made = weights.read_bytes()
    publish()
    assert hub.repos[ADA].files["model.safetensors"] == made
    assert len(hub.repos[ADA].commits) == 2


def test_weights_damaged_on_disk_are_noticed_and_made_again(
    hub: HubServer, publish: Callable[..., Publication], tmp_path: Path
) -> None:
    dry = publish(dry_run=True)
    assert dry.output is not None
    weights = dry.output / "model.safetensors"
    good = weights.read_bytes()
    weights.write_bytes(good[:-8] + b"\xff" * 8)
    evaluation = dry.output.parent / "evaluation.json"
    evaluation.write_text(evaluation.read_text().replace('"tweets": ', '"tweets": 9'))
    publish()
    assert hub.repos[ADA].files["model.safetensors"] == good
    assert facts_on(hub)["evaluation"]["tuned"]["tweets"] < 90  # what is trained again is measured again


def test_no_write_access_shows_before_anything_is_fetched_or_trained(
    hub: HubServer, publish: Callable[..., Publication], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    hub.add_user("bob", token="hf_bob")
    monkeypatch.setenv("HF_TOKEN", "hf_bob")
    with pytest.raises(NoWriteAccessError, match="bob cannot write to 'huggingtweets'"):
        publish()
    assert not made(home)
    publication = publish(namespace="@me")
    assert publication.repo_id == "bob/lighthouse_ada"


def test_a_card_edited_on_the_hub_is_not_overwritten_unless_asked(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    publish()
    edited = hub.repos[ADA].files["README.md"] + b"by hand\n"
    hub.repos[ADA].commit({"README.md": edited})
    with pytest.raises(EditedByHandError):
        publish(prompt="Tonight")
    assert hub.repos[ADA].files["README.md"] == edited
    assert publish(overwrite=True).changed
    assert b"by hand" not in hub.repos[ADA].files["README.md"]


def test_what_others_commit_meanwhile_is_kept(hub: HubServer, publish: Callable[..., Publication]) -> None:
    publish()
    repo = hub.repos[ADA]
    hub.faults.meanwhile("POST", "/commit/", lambda: repo.commit({"notes.txt": b"theirs"}))
    assert publish(prompt="Tonight").changed
    assert repo.files["notes.txt"] == b"theirs" and b"Tonight" in repo.files["README.md"]
    assert len(repo.commits) == 4


def test_a_card_edited_during_the_push_is_not_overwritten_unless_asked(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    publish()
    repo = hub.repos[ADA]
    edited = repo.files["README.md"] + b"by hand\n"
    hub.faults.meanwhile("POST", "/commit/", lambda: repo.commit({"README.md": edited}))
    with pytest.raises(EditedByHandError):
        publish(prompt="Tonight")
    assert repo.files["README.md"] == edited
    repo.commit({"README.md": edited[: -len(b"by hand\n")]})
    hub.faults.meanwhile("POST", "/commit/", lambda: repo.commit({"README.md": edited}))
    assert publish(prompt="Tonight", overwrite=True).changed
    assert b"by hand" not in repo.files["README.md"]


def test_a_card_that_appears_during_the_first_push_is_not_overwritten(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    hub.add_repo(ADA)
    repo = hub.repos[ADA]
    hub.faults.meanwhile("POST", "/commit/", lambda: repo.commit({"README.md": b"# Mine\n"}))
    with pytest.raises(NotOursError):
        publish()
    assert repo.files["README.md"] == b"# Mine\n"


def test_force_commits_though_nothing_changed(hub: HubServer, publish: Callable[..., Publication]) -> None:
    publish()
    training = facts_on(hub)["training"]
    assert publish(force=True).changed
    assert len(hub.repos[ADA].commits) == 3
    assert facts_on(hub)["training"] == training


def test_a_public_repo_is_not_taken_for_a_private_one(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    hub.faults.answer("POST", "/commit/", 400)
    with pytest.raises(huggingtweets_hub.HuggingTweetsError):
        publish()
    assert publish(private=True).changed
    assert hub.repos[ADA].private  # the empty one that was left behind
    publish(repo_id="alice/ada")
    with pytest.raises(InvalidInputError, match="already public"):
        publish(repo_id="alice/ada", private=True)


def test_an_account_that_was_taken_down_stays_down(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    publish()
    huggingtweets_hub.unpublish(ADA)
    with pytest.raises(OptedOutError):
        publish()
    assert ADA not in hub.repos


def test_a_model_of_two_accounts_has_a_column_each(
    hub: HubServer, publish: Callable[..., Publication], tmp_path: Path
) -> None:
    bob = tmp_path / "bob.jsonl"
    bob.write_text(
        "".join(
            json.dumps({"id": str(n), "text": f"Bob mends net number {n} and thinks of the sea."}) + "\n"
            for n in range(200)
        )
    )
    publication = publish(source={"Lighthouse_Ada": "sample", "bob": bob})
    assert publication.repo_id == "huggingtweets/bob-lighthouse_ada"
    readme = hub.repos[publication.repo_id].files["README.md"].decode()
    assert "| Tweets downloaded | 120 | 120 |" in readme


def test_a_template_with_a_fault_shows_before_the_training(
    hub: HubServer, publish: Callable[..., Publication], tmp_path: Path, home: Path
) -> None:
    (tmp_path / "mine.jinja").write_text("{{ nonsense }}")
    with pytest.raises(TemplateError, match="nonsense"):
        publish(template=tmp_path / "mine.jinja")
    with pytest.raises(TemplateError, match="classic card"):
        publish(template="classic")
    assert not hub.log and not made(home)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"handles": "ada bob"}, "is not a valid X handle"),
        ({"handles": ["a", "b", "c", "d"], "source": "x"}, "1 to 3 different accounts"),
        ({"handles": ["ada", "ADA"], "source": "x"}, "1 to 3 different accounts"),
        ({"source": {"ada": "sample", "ADA": "sample"}}, "1 to 3 different accounts"),
        ({"source": "x"}, "No account was given"),
        ({"source": "tweets.doc"}, "is not a source of posts"),
        ({"handles": "ada", "source": {"bob": "sample"}}, "do not match the sources"),
        ({"consent": "maybe"}, "consent cannot be 'maybe'"),
        ({"device": "tpu"}, "device cannot be 'tpu'"),
        ({"recipe": "magic"}, "recipe cannot be 'magic'"),
        ({"learning_rate": 0.0}, "learning-rate cannot be 0.0"),
        ({"tracker": "paper"}, "tracker cannot be 'paper'"),
        ({"base_model": "./nowhere"}, "is not a model folder"),
    ],
)
def test_an_option_that_makes_no_sense_is_named_before_any_work(
    hub: HubServer, publish: Callable[..., Publication], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(huggingtweets_hub.HuggingTweetsError, match=re.escape(said)) as refused:
        publish(**options)
    assert refused.value.next_step
    assert not hub.repos


def test_a_repository_that_is_not_ours_is_not_remembered_as_published(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    hub.add_repo(ADA, {"huggingtweets.json": b'{"theirs": 1}'})
    with pytest.raises(NotOursError):
        publish()
    del hub.repos[ADA]
    assert publish().changed


def test_what_is_published_needs_no_room_on_the_disk_any_more(
    hub: HubServer, home: Path, publish: Callable[..., Publication]
) -> None:
    def in_the_way() -> None:
        (model,) = home.glob("work/*/*/model")
        (model / "README.md").mkdir()

    hub.faults.meanwhile("POST", "/commit/", in_the_way)
    assert publish().changed


def test_no_link_in_an_output_folder_is_followed(
    hub: HubServer, publish: Callable[..., Publication], tmp_path: Path
) -> None:
    out, precious = tmp_path / "out", tmp_path / "precious"
    out.mkdir()
    precious.write_text("precious")
    (out / "huggingtweets.json").write_text("{}")
    for name in ("config.json", "README.md", "model.safetensors"):
        (out / name).symlink_to(precious)
    publish(output=out)
    assert precious.read_text() == "precious"
    assert not any(path.is_symlink() for path in out.iterdir())


def test_an_output_folder_with_other_files_is_left_alone(
    hub: HubServer, publish: Callable[..., Publication], tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InvalidInputError, match="not an earlier result"):
        publish(output=tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_an_unchanged_publication_can_still_be_kept_in_a_folder(
    hub: HubServer, publish: Callable[..., Publication], tmp_path: Path
) -> None:
    publish()
    (tmp_path / "out").mkdir()
    publish(output=tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    publish(output=tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "notes.txt",
        *DOCUMENTS,
        *MODEL_FILES,
    }
    kept = (tmp_path / "out" / "model.safetensors").read_bytes()
    assert kept == hub.repos[ADA].files["model.safetensors"]


def test_a_pull_request_leaves_main_and_keeps_the_work(
    hub: HubServer, publish: Callable[..., Publication], home: Path
) -> None:
    hub.add_repo(ADA, {"README.md": b"---\ntags:\n- huggingtweets\n---\n"})
    publication = publish(create_pr=True)
    assert "discussions/1" in publication.url
    assert "model.safetensors" not in hub.repos[ADA].files
    assert list((home / "work").rglob("*.safetensors"))


def test_a_pull_request_whose_reply_was_lost_is_not_made_again(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    hub.add_repo(ADA, {"README.md": b"---\ntags:\n- huggingtweets\n---\n"})
    hub.faults.lose_reply("POST", "/commit/")
    publication = publish(create_pr=True)
    assert "discussions/1" in publication.url
    assert publication.changed
    assert len(hub.repos[ADA].pull_requests) == 1


def test_a_repository_that_somebody_makes_meanwhile_is_not_overwritten(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    hub.faults.meanwhile("POST", "/repos/create", lambda: hub.add_repo(ADA, {"README.md": b"# Mine\n"}))
    with pytest.raises(NotOursError):
        publish()
    assert hub.repos[ADA].files["README.md"] == b"# Mine\n"


def test_who_opts_out_during_the_push_stays_out(hub: HubServer, publish: Callable[..., Publication]) -> None:
    publish()
    hub.faults.meanwhile("POST", "/commit/", lambda: unpublish(ADA, keep_repo=True))
    with pytest.raises(OptedOutError):
        publish(prompt="Tonight")
    assert set(hub.repos[ADA].files) == {".gitattributes"}


def test_a_card_does_not_come_on_top_of_another_model(
    hub: HubServer, publish: Callable[..., Publication]
) -> None:
    publish()
    repo = hub.repos[ADA]
    facts = {**facts_on(hub), "fingerprint": "another"}
    theirs = {"huggingtweets.json": json.dumps(facts).encode()}
    hub.faults.meanwhile("POST", "/commit/", lambda: repo.commit(theirs))
    with pytest.raises(HubError, match="Another model was published"):
        publish(prompt="Tonight")
    assert b"Tonight" not in repo.files["README.md"]


def test_the_same_publication_is_proposed_once(hub: HubServer, publish: Callable[..., Publication]) -> None:
    hub.add_repo(ADA, {"README.md": b"---\ntags:\n- huggingtweets\n---\n"})
    first = publish(create_pr=True)
    again = publish(create_pr=True)
    assert (again.url, again.commit) == (first.url, first.commit)
    assert (first.changed, again.changed) == (True, False)
    assert publish(create_pr=True, prompt="Tonight").url != first.url
    assert len(hub.repos[ADA].pull_requests) == 2


def test_a_card_that_the_hub_would_refuse_stops_the_run_before_the_training(
    publish: Callable[..., Publication], tiny_gpt2: Path, tmp_path: Path, home: Path
) -> None:
    base = tmp_path / "base"
    shutil.copytree(tiny_gpt2, base)
    (base / "README.md").write_text("---\nlicense: My own, ask me\n---\n", encoding="utf-8")
    with pytest.raises(TemplateError, match="license"):
        publish(base_model=base, dry_run=True)
    assert not list(home.rglob("*.safetensors"))


def test_a_dry_run_for_me_needs_no_token(
    hub: HubServer, publish: Callable[..., Publication], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    said: list[str] = []
    monkeypatch.setattr(huggingtweets_hub.Silent, "note", lambda _, text: said.append(text))
    made = publish(namespace="@me", dry_run=True, progress=huggingtweets_hub.Silent())
    assert made.repo_id == "your-name/lighthouse_ada" and not hub.repos
    assert any("No Hugging Face token is set" in text for text in said)


def test_room_for_the_weights_is_looked_for_before_the_training(
    hub: HubServer, publish: Callable[..., Publication], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(huggingtweets_hub.Silent, "advance", lambda _, task, *__: said.append(task))
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10**6, 10**6, 1000))  # type: ignore[attr-defined]
    with pytest.raises(huggingtweets_hub.HuggingTweetsError, match="the disk is full"):
        publish(dry_run=True, seed=9, progress=huggingtweets_hub.Silent())
    assert "Training" not in said
