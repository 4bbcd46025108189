"""What is promised to people: who was taken down, has left or asked to be left alone stays unpublished."""

import itertools
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest

import huggingtweets_hub
from huggingtweets_hub import Silent, batch_status
from huggingtweets_hub.batch.ledger import Ledger
from huggingtweets_hub.batch.run import Batch
from huggingtweets_hub.core.errors import OptedOutError, TakenDownError
from huggingtweets_hub.hub import namespace_opt_outs, opt_outs
from huggingtweets_hub.hub.namespace_opt_outs import Person
from huggingtweets_hub.pipeline import workspace
from huggingtweets_hub.pipeline.unpublish import others, unpublish
from tests.batch import accounts
from tests.batch.support import commits, states
from tests.servers.hub import HubServer
from tests.servers.x_api import XServer

ADA = "huggingtweets/ada"
LIST = f"huggingtweets/{namespace_opt_outs.NAME}"
Machine = Callable[[str], Path]
Run = Callable[..., Batch]


@pytest.fixture
def publish(tiny_gpt2: Path, near: list[str]) -> Callable[..., Any]:
    def run(handles: str | tuple[str, ...] = (), **options: Any) -> Any:
        defaults = {"base_model": tiny_gpt2, "samples": 2, "epochs": 1, "progress": Silent()}
        return huggingtweets_hub.publish(handles, **{**defaults, **options})

    return run


def entry(tmp_path: Path, handle: str = "ada", number: int = 1, **options: Any) -> dict[str, Any]:
    return {"handle": handle, "from": str(accounts.write(tmp_path, handle, number)), **options}


def facts(hub: HubServer, repo_id: str = ADA) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(hub.repos[repo_id].files["huggingtweets.json"])
    return found


# --- taken down -----------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [{"refresh": True}, {"prompt": "The sea"}])
def test_what_was_unpublished_elsewhere_stays_down(
    hub: HubServer, near: list[str], batch: Run, machine: Machine, tmp_path: Path, again: dict[str, Any]
) -> None:
    machine("one")
    assert states(batch([entry(tmp_path)])) == {"ada": "published"}
    machine("two")
    assert unpublish(ADA) == ("ada",)
    machine("one")
    assert states(batch([entry(tmp_path)], **again)) == {"ada": "excluded"}
    machine("three")  # which has never heard of it
    assert states(batch([entry(tmp_path)])) == {"ada": "excluded"}
    assert ADA not in hub.repos


def test_what_is_gone_from_the_hub_needs_an_answer(
    hub: HubServer, near: list[str], batch: Run, tmp_path: Path, home: Path
) -> None:
    batch([entry(tmp_path)])
    del hub.repos[ADA]  # by hand, or by the Hub's staff
    (failed,) = batch([entry(tmp_path)], refresh=True).failed
    assert (failed.kind, failed.remedy) == ("taken_down", "person")
    assert "--recreate" in str(failed.next_step)
    (home / "ledger.sqlite").unlink()
    assert [a.kind for a in batch([entry(tmp_path)]).failed] == ["taken_down"]
    assert ADA not in hub.repos and len(near) == 1
    assert states(batch([entry(tmp_path)], recreate=True)) == {"ada": "published"}


def test_what_an_earlier_version_published_is_missed_too(
    hub: HubServer, near: list[str], batch: Run, tmp_path: Path, home: Path
) -> None:
    batch([entry(tmp_path)])
    (home / "publications.jsonl").unlink()  # which it did not write
    del hub.repos[ADA]
    assert [a.kind for a in batch([entry(tmp_path)], refresh=True).failed] == ["taken_down"]


def test_publish_asks_too_before_it_recreates(
    hub: HubServer, publish: Callable[..., Any], tmp_path: Path, home: Path
) -> None:
    source = accounts.write(tmp_path, "ada", 1)
    publish(source=source)
    hub.repos[ADA].commit({}, delete=list(hub.repos[ADA].files))  # emptied by hand
    with pytest.raises(TakenDownError, match="gone from the Hub"):
        publish(source=source)
    with (home / "publications.jsonl").open("a") as file:
        file.write('{"repo_id": ')  # a kill
    assert publish(source=source, recreate=True).changed
    assert not publish(source=source).changed


# --- opted out ------------------------------------------------------------------------------------


def test_the_list_of_a_namespace_is_private_and_names_nobody(hub: HubServer) -> None:
    # Salts and digests hold any few digits by chance.
    namespace_opt_outs.add("huggingtweets", [Person(handle="Zoe_1", id="1234567890123", texts="a" * 64)])
    dataset = hub.datasets[LIST]
    assert dataset.private
    content = b"".join(dataset.files.values()).lower()
    assert b"zoe" not in content and b"1234567890123" not in content and b"a" * 64 not in content
    found = namespace_opt_outs.read("huggingtweets")
    assert found.match(Person(handle="zoe_1")) and found.match(Person(handle="new", id="1234567890123"))
    assert found.match(Person(handle="new", texts="a" * 64))
    assert not found.match(Person(handle="zoe", id="123456789012", texts="b" * 64))
    namespace_opt_outs.add("huggingtweets", [Person(handle="ZOE_1", id="1234567890123", texts="a" * 64)])
    assert len(namespace_opt_outs.read("huggingtweets").entries) == 1


def test_a_list_leaves_no_copy_where_others_may_read(hub: HubServer) -> None:
    from huggingface_hub import constants

    opt_outs.add_to_namespace([Person(handle="zoe")], "huggingtweets")
    namespace_opt_outs.look_again()
    with pytest.raises(OptedOutError):
        opt_outs.require_absent(["zoe"], ADA)
    assert not [
        path for path in Path(constants.HF_HUB_CACHE).rglob("*") if namespace_opt_outs.NAME in str(path)
    ]


def test_a_list_that_is_public_or_damaged_stops_the_run(
    hub: HubServer, publish: Callable[..., Any], tmp_path: Path
) -> None:
    hub.add_repo(LIST, {"opt-outs.json": b'{"salt": 7}'}, private=True, kind="datasets")
    with pytest.raises(huggingtweets_hub.HubError, match="not a list of opt-outs"):
        publish(source=accounts.write(tmp_path, "ada", 1))
    hub.datasets[LIST].private = False
    namespace_opt_outs.look_again()
    with pytest.raises(huggingtweets_hub.InvalidInputError, match="is public"):
        publish(source=accounts.write(tmp_path, "ada", 1))
    assert ADA not in hub.repos


@pytest.mark.parametrize(
    "damage",
    [
        {"salt": ""},
        {"salt": "00"},
        {"schema": 2},
        {"schema": None},
        {"entries": [{}]},
        {"entries": [{"Handle": "0" * 64}]},
        {"entries": [{"handle": "ada"}]},
        None,
    ],
)
def test_a_list_that_would_match_nobody_is_damaged(hub: HubServer, damage: dict[str, Any] | None) -> None:
    namespace_opt_outs.add("huggingtweets", [Person(handle="ada")])
    files = dict(hub.datasets[LIST].files)
    content = json.loads(files.pop("opt-outs.json"))
    if damage is not None:
        files["opt-outs.json"] = json.dumps({**content, **damage}).encode()
    del hub.datasets[LIST]
    hub.add_repo(LIST, files, private=True, kind="datasets")
    namespace_opt_outs.look_again()
    with pytest.raises(huggingtweets_hub.HubError, match="Restore an earlier version"):
        opt_outs.require_absent(["bob"], ADA)


def test_a_list_that_was_never_written_is_empty(hub: HubServer) -> None:
    hub.add_repo(LIST, {".gitattributes": b""}, private=True, kind="datasets")
    opt_outs.require_absent(["bob"], ADA)
    namespace_opt_outs.add("huggingtweets", [Person(handle="bob")])
    with pytest.raises(OptedOutError):
        opt_outs.require_absent(["bob"], ADA)


def test_a_rename_does_not_undo_an_opt_out(
    hub: HubServer, x: XServer, near: list[str], batch: Run, machine: Machine
) -> None:
    accounts.add(x, "ada", 1)
    batch(["ada"])
    unpublish(ADA)
    accounts.add(x, "ada_new", 1)  # the same account, by its id
    machine("two")
    assert [a.kind for a in batch(["ada_new"]).failed] == ["opted_out"]
    assert not commits(hub) and len(near) == 1


def test_what_was_unpublished_is_no_longer_shown_as_published_and_comes_back_with_its_owner(
    hub: HubServer, near: list[str], batch: Run, tmp_path: Path
) -> None:
    batch([entry(tmp_path)])
    unpublish(ADA)
    (shown,) = batch_status()
    assert (shown.state, shown.commit, shown.url) == ("excluded", None, None)
    assert [attempt.state for attempt in batch_status(ADA)] == ["excluded"]
    assert states(batch([entry(tmp_path)])) == {"ada": "excluded"}
    assert opt_outs.remove("ada", "huggingtweets")
    assert states(batch([entry(tmp_path)])) == {"ada": "published"}
    assert [attempt.state for attempt in batch_status(ADA)] == ["excluded", "published"]


def test_who_is_taken_off_the_lists_is_published_by_the_next_batch(
    hub: HubServer, x: XServer, near: list[str], batch: Run, machine: Machine
) -> None:
    accounts.add(x, "ada", 1)
    batch(["ada"])
    unpublish(ADA)
    accounts.add(x, "ada_new", 1)
    machine("two")
    for _ in range(2):
        assert [(a.kind, a.remedy) for a in batch(["ada_new"]).failed] == [("opted_out", "person")]
    assert len(near) == 1 and max(x.reads.values()) == 2  # bought once on each machine
    assert opt_outs.remove("ada", "huggingtweets")
    assert states(batch(["ada_new"])) == {"ada_new": "published"}


def test_the_same_posts_under_another_name_are_recognised(
    hub: HubServer, publish: Callable[..., Any], tmp_path: Path, machine: Machine
) -> None:
    publish(source=accounts.write(tmp_path, "ada", 1))
    unpublish(ADA)
    machine("two")
    with pytest.raises(OptedOutError):
        publish(source=accounts.write(tmp_path, "somebody", 1))


def test_who_takes_over_a_handle_can_be_published_once_somebody_says_so(
    hub: HubServer, x: XServer, near: list[str], batch: Run, machine: Machine
) -> None:
    accounts.add(x, "ada", 1)
    batch(["ada"])
    unpublish(ADA)
    machine("two")
    person = Person(handle="ada", id="777")
    with pytest.raises(OptedOutError, match="another id") as refused:
        opt_outs.require_absent([person], ADA)
    assert "--handle-only" in refused.value.next_step
    assert opt_outs.remove("ada", "huggingtweets", handle_only=True)
    opt_outs.require_absent([person], ADA)
    with pytest.raises(OptedOutError):
        opt_outs.require_absent([Person(handle="ada_new", id="501")], ADA)
    assert not opt_outs.remove("nobody", "huggingtweets")


def test_who_is_excluded_but_still_public_is_named(
    hub: HubServer, near: list[str], batch: Run, tmp_path: Path
) -> None:
    batch([entry(tmp_path)])
    for _ in range(2):
        done = batch([entry(tmp_path)], exclude=["ada"])
        (left,) = done.unanswered
        assert (left.state, left.commit) == ("excluded", hub.repos[ADA].head.oid)
        assert f"unpublish {ADA}" in str(left.next_step)
    unpublish(ADA)
    done = batch([entry(tmp_path)], exclude=["ada"])
    assert states(done) == {"ada": "excluded"} and not done.unanswered


@pytest.mark.parametrize("moment", [("GET", f"/api/models/{ADA}"), ("POST", "/commit/")])
def test_who_opts_out_elsewhere_while_a_model_is_made_or_sent_is_not_published(
    hub: HubServer, publish: Callable[..., Any], tmp_path: Path, moment: tuple[str, str]
) -> None:
    namespace_opt_outs.add("huggingtweets", [Person(handle="ada")])
    kept = hub.datasets.pop(LIST)
    namespace_opt_outs.look_again()
    hub.add_repo(ADA, {"README.md": b"---\ntags:\n- huggingtweets\n---\n"})

    def take_down() -> None:
        hub.datasets[LIST] = kept
        hub.repos[ADA].commit({}, delete=["README.md"])

    hub.faults.meanwhile(*moment, take_down)
    with pytest.raises(OptedOutError):
        publish(source=accounts.write(tmp_path, "ada", 1))
    assert "model.safetensors" not in hub.repos[ADA].files


@pytest.mark.parametrize("is_published", [False, True])
def test_who_opts_out_elsewhere_while_the_weights_are_uploaded_is_not_published(
    hub: HubServer, publish: Callable[..., Any], tmp_path: Path, is_published: bool
) -> None:
    if is_published:
        publish(source=accounts.write(tmp_path, "ada", 2))
    before = list(hub.repos[ADA].commits) if is_published else []
    namespace_opt_outs.add("huggingtweets", [Person(handle="ada")])
    kept = hub.datasets.pop(LIST)
    namespace_opt_outs.look_again()
    hub.faults.meanwhile("PUT", "/lfs-storage/", lambda: hub.datasets.update({LIST: kept}))
    with pytest.raises(OptedOutError):
        publish(source=accounts.write(tmp_path, "ada", 1))
    assert not hub.faults.pending
    assert hub.repos[ADA].commits[1:] == before[1:]


# --- gone from X ----------------------------------------------------------------------------------


def test_a_model_whose_account_is_gone_is_named_until_somebody_answers(
    hub: HubServer, x: XServer, near: list[str], batch: Run
) -> None:
    accounts.add(x, "ada", 1)
    batch(["ada"])
    x.add_suspended("ada")
    (left,) = batch(["ada"], refresh=True).unanswered
    assert (left.state, left.kind) == ("orphaned", "account_suspended")
    assert f"unpublish {ADA}" in str(left.next_step) and left.commit == hub.repos[ADA].head.oid
    calls = len(x.log)
    assert [a.state for a in batch(["ada"]).unanswered] == [
        "orphaned"
    ]  # also where nothing else is to be done
    assert len(x.log) == calls
    assert [a.state for a in batch_status(states="orphaned")] == ["orphaned"]
    assert [a.state for a in batch(["ada"], refresh=True).unanswered] == ["orphaned"]
    unpublish(ADA)
    assert states(batch(["ada"])) == {"ada": "excluded"}


def test_an_account_that_was_never_published_has_only_failed(
    hub: HubServer, x: XServer, near: list[str], batch: Run
) -> None:
    x.add_suspended("ada")
    done = batch(["ada"])
    assert states(done) == {"ada": "failed"} and not done.unanswered


def test_what_was_cut_short_is_told_from_what_runs(home: Path) -> None:
    ledger = Ledger()
    huggingtweets = huggingtweets_hub.Attempt(repo_id=ADA, number=1, handles=("ada",), state="running")
    ledger.add([huggingtweets])
    ledger.close()
    assert [a.state for a in batch_status()] == ["interrupted"]
    with workspace.claimed("ada", waiting=False):
        assert [a.state for a in batch_status()] == ["running"]


# --- what was asked for ---------------------------------------------------------------------------


def test_min_new_holds_back_training_only(
    hub: HubServer, near: list[str], batch: Run, tmp_path: Path
) -> None:
    batch([entry(tmp_path, consent="written")])
    before = facts(hub)
    changed = entry(tmp_path, consent="self", prompt="The gull")
    accounts.write(tmp_path, "ada", 1, 65)  # a few new posts
    assert states(batch([changed], refresh=True, min_new=50)) == {"ada": "published"}
    after = facts(hub)
    assert (after["consent"], after["prompt"]) == ("self", "The gull")
    assert "The gull" in hub.repos[ADA].files["README.md"].decode()
    assert after["fingerprint"] == before["fingerprint"] and after["accounts"] == before["accounts"]
    assert commits(hub)[ADA] == 2
    assert states(batch([changed], refresh=True, min_new=50)) == {"ada": "unchanged"}
    assert commits(hub)[ADA] == 2 and near == ["ada", "ada"]  # the second time only to sample


def test_what_min_new_has_held_back_is_not_taken_for_done(
    hub: HubServer, near: list[str], batch: Run, tmp_path: Path
) -> None:
    batch([entry(tmp_path)])
    fewer = entry(tmp_path, seed=2)
    accounts.write(tmp_path, "ada", 1, 55)  # somebody took posts out
    for _ in range(2):
        assert states(batch([fewer], refresh=True, min_new=50)) == {"ada": "unchanged"}
    assert states(batch([fewer])) == {"ada": "published"}
    assert facts(hub)["recipe"]["seed"] == 2 and facts(hub)["accounts"][0]["statistics"]["downloaded"] == 55
    assert batch([fewer]).already == 1


def test_without_a_ledger_the_facts_on_the_hub_are_compared(
    hub: HubServer, near: list[str], batch: Run, tmp_path: Path, home: Path
) -> None:
    batch([entry(tmp_path, consent="written")])
    shutil.rmtree(home)
    assert batch([entry(tmp_path, consent="written")]).already == 1
    shutil.rmtree(home)
    assert states(batch([entry(tmp_path, consent="self")])) == {"ada": "published"}
    assert facts(hub)["consent"] == "self" and commits(hub)[ADA] == 2


@pytest.mark.parametrize(
    "asked", [{"samples": 3}, {"max-tweets": 50}, {"since": "2024-02-01"}, {"formats": "gguf"}]
)
def test_without_a_ledger_all_that_the_facts_show_is_compared(
    hub: HubServer, near: list[str], batch: Run, tmp_path: Path, home: Path, asked: dict[str, Any]
) -> None:
    ada = entry(tmp_path)
    path = Path(ada["from"])
    lines = path.read_text("utf-8").splitlines()
    older = [line.replace("2024-03-01", "2024-01-01") for line in lines[50:]]
    path.write_text("\n".join([*lines[:50], *older]), "utf-8")
    batch([ada])
    shutil.rmtree(home)
    assert states(batch([{**ada, **asked}])) == {"ada": "published"}
    assert commits(hub)[ADA] == 2
    shutil.rmtree(home)
    assert batch([{**ada, **asked}]).already == 1


def test_without_a_ledger_a_model_of_others_is_not_taken_for_asked_for(
    hub: HubServer, near: list[str], batch: Run, tmp_path: Path, home: Path
) -> None:
    to = {"repo-id": "huggingtweets/bot"}
    batch([entry(tmp_path, **to)])
    shutil.rmtree(home)
    assert states(batch([entry(tmp_path, "bob", 2, **to)])) == {"bot": "published"}
    assert facts(hub, "huggingtweets/bot")["accounts"][0]["handle"] == "bob"


def test_without_a_ledger_private_posts_stay_only_where_they_are_asked_for(
    hub: HubServer, near: list[str], batch: Run, tmp_path: Path, home: Path
) -> None:
    ada = entry(tmp_path, consent="self")
    path = Path(ada["from"])
    newest, *others = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([newest[:-1] + ', "visibility": "private"}', *others]), "utf-8")
    batch([{**ada, "include-private": True}], trust_users_file=True)
    assert facts(hub)["accounts"][0]["private"] == 1
    shutil.rmtree(home)
    assert batch([{**ada, "include-private": True}], trust_users_file=True).already == 1
    shutil.rmtree(home)
    assert states(batch([ada])) == {"ada": "published"}
    assert facts(hub)["accounts"][0]["private"] == 0


def test_a_ledger_of_an_earlier_version_is_asked_once(
    hub: HubServer, near: list[str], batch: Run, tmp_path: Path
) -> None:
    ada = entry(tmp_path)
    batch([ada])
    ledger = Ledger()
    ledger.add([replace(attempt, number=3, order=None) for attempt in ledger.attempts(ADA)])
    ledger.close()
    assert batch([ada]).already == 1
    reads = sum("huggingtweets.json" in request.path for request in hub.log)
    assert batch([ada]).already == 1
    assert sum("huggingtweets.json" in request.path for request in hub.log) == reads
    assert [attempt.number for attempt in batch_status(ADA)] == [1, 3]


# --- a takedown names people ----------------------------------------------------------------------


def test_one_of_several_can_opt_out_and_the_other_models_are_named(
    hub: HubServer, publish: Callable[..., Any], tmp_path: Path
) -> None:
    files = {name: accounts.write(tmp_path, name, n) for n, name in enumerate(["ada", "bob", "eve"])}
    publish(source=files)
    publish(source=files["eve"])
    publish(source=files["bob"])
    publish(source=files["eve"], repo_id="alice/bot")
    assert unpublish("huggingtweets/ada-bob-eve", handles=["@Eve"]) == ("eve",)
    assert others(["eve"], "huggingtweets") == ["alice/bot", "huggingtweets/eve"]
    assert not publish(source=files["bob"]).changed
    with pytest.raises(huggingtweets_hub.InvalidInputError, match="not eve"):
        unpublish("huggingtweets/bob", handles=["eve"])
    with pytest.raises(OptedOutError):
        publish(source=files["eve"])


def test_a_takedown_is_done_also_where_the_namespace_cannot_be_told(
    hub: HubServer, publish: Callable[..., Any], tmp_path: Path
) -> None:
    publish(source=accounts.write(tmp_path, "ada", 1))
    hub.faults.answer("POST", "/repos/create", 403)
    with pytest.raises(huggingtweets_hub.HubError, match="other machines do not know") as told:
        unpublish(ADA)
    assert "opt-outs add ada --namespace huggingtweets" in told.value.next_step
    assert ADA not in hub.repos and opt_outs.listed() == {"ada"}


def test_a_takedown_that_fails_undoes_nobody_elses_opt_out(
    hub: HubServer, publish: Callable[..., Any], tmp_path: Path, machine: Machine
) -> None:
    publish(source=accounts.write(tmp_path, "ada", 1))
    namespace_opt_outs.add("huggingtweets", [Person(handle="ada")])  # by another machine
    hub.faults.answer("DELETE", "/api/repos/delete", 403)
    with pytest.raises(huggingtweets_hub.HubError):
        unpublish(ADA)
    machine("two")
    with pytest.raises(OptedOutError):
        opt_outs.require_absent(["ada"], ADA)


def test_a_takedown_that_fails_around_midnight_is_undone_as_well(
    hub: HubServer, publish: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = itertools.count()

    class Midnight(datetime):
        """A clock at which the next day begins after each look."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime(2026, 12, 31, 23, 59, tzinfo=tz) + timedelta(days=next(days))

    publish(source=accounts.write(tmp_path, "ada", 1))
    opt_outs.add(["bob"])
    for module in ("hub.opt_outs", "pipeline.unpublish"):
        monkeypatch.setattr(f"huggingtweets_hub.{module}.datetime", Midnight, raising=False)
    hub.faults.answer("DELETE", "/api/repos/delete", 403)
    with pytest.raises(huggingtweets_hub.HubError):
        unpublish(ADA)
    assert opt_outs.listed() == {"bob"}


# --- refusals that hold for one, or for all -------------------------------------------------------


def test_a_repository_that_the_hub_has_disabled_costs_only_its_account(
    hub: HubServer, near: list[str], batch: Run, machine: Machine, tmp_path: Path
) -> None:
    machine("one")
    entries = [entry(tmp_path, "ada", 1), entry(tmp_path, "bob", 2)]
    assert states(batch(entries[:1])) == {"ada": "published"}
    hub.repos[ADA].disabled = True
    machine("two")
    done = batch(entries)
    assert states(done) == {"ada": "failed", "bob": "published"}
    assert "disabled this repository" in str(done.failed[0].message)


@pytest.mark.parametrize(
    ("answer", "kind", "seed"),  # a seed of its own: each is trained, none taken from another
    [
        (
            {"status": 403, "body": {"error": "Storage limit reached for this organisation."}},
            "quota_exceeded",
            101,
        ),
        ({"status": 429, "headers": {"Retry-After": "86400"}}, "quota_exceeded", 102),
        ({"status": 403, "body": {"error": "You don't have the rights."}}, "no_write_access", 103),
    ],
)
def test_what_holds_for_all_stops_the_batch_before_more_is_bought(
    hub: HubServer, x: XServer, near: list[str], batch: Run, answer: dict[str, Any], kind: str, seed: int
) -> None:
    handles = list("abcdefghijkl")
    for number, handle in enumerate(handles):
        accounts.add(x, handle, number)
    hub.faults.answer("POST", "/repos/create", times=99, **answer)
    done = batch(handles, seed=seed)
    assert {attempt.kind for attempt in done.failed} == {kind}
    assert len(near) <= 3 and len(x.reads) <= 8 * 120 and done.left >= 9  # two more may wait at each stage
