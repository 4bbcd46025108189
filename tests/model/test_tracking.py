"""Tracking with the real wandb, offline, and the real trackio on its own database."""

import dataclasses
import json
import os
import platform
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
import wandb

import huggingtweets_hub
from huggingtweets_hub import Silent
from huggingtweets_hub.core.errors import TrackingError
from huggingtweets_hub.core.records import Account, BaseModel, Post, RunLink, Timeline
from huggingtweets_hub.model.tracking import tracker as tracking_tracker
from huggingtweets_hub.posts import corpus
from tests.servers.hub import HubServer

TEXTS = [f"Lamp log {n}: the light turned all night and nobody came to see it." for n in range(120)]
TIMELINE = Timeline(
    account=Account(handle="ada"),
    tweets=tuple(Post(id=str(n), text=text) for n, text in enumerate(TEXTS)),
    source="file",
)
CORPUS = corpus.build([TIMELINE])


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """W&B in offline mode, every folder of its own under the test's."""
    monkeypatch.setenv("WANDB_MODE", "offline")
    for name in ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_DATA_DIR", "WANDB_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    return tmp_path / "wandb_dir" / "wandb"


def test_auto_is_wandb_only_where_it_can_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert tracking_tracker.open("auto").name == "none"
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert tracking_tracker.open("auto").name == "none"
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert tracking_tracker.open("auto").name == "wandb"
    monkeypatch.delenv("WANDB_MODE")
    (tmp_path / "netrc").write_text("machine api.wandb.ai login user password key\n")
    (tmp_path / "netrc").chmod(0o600)
    assert tracking_tracker.open("auto").name == "wandb"


def test_wandb_without_a_key_is_an_error_before_any_work() -> None:
    with pytest.raises(TrackingError, match="no API key") as refused:
        tracking_tracker.open("wandb")
    assert "WANDB_MODE=offline" in refused.value.next_step


def artifacts(folder: Path) -> str:
    """All text that W&B staged for its artifacts."""
    return "\n".join(
        path.read_text("utf-8") for path in folder.rglob("artifacts/staging/*") if path.is_file()
    )


def recorded_in(log: Path) -> bytes:
    """What an offline run's log holds, without the headers that cut its records at every 32 KiB.

    The format is LevelDB's: after a header of 7 bytes, chunks of checksum (4), length (2), type (1), data.
    """
    data, at, found = log.read_bytes(), 7, b""
    while at + 7 <= len(data):
        if 32768 - at % 32768 < 7:  # too little room for a header: the rest of the block is filler
            at += 32768 - at % 32768
            continue
        length = int.from_bytes(data[at + 4 : at + 6], "little")
        found += data[at + 7 : at + 7 + length]
        at += 7 + length
    return found


@pytest.mark.parametrize("texts", [False, True])
def test_wandb_gets_texts_only_where_asked(offline: Path, tmp_path: Path, texts: bool) -> None:
    repost = Post(id="9999", text="RT @bob: Nobody asked me whether this may be sent.", is_retweet=True)
    timeline = dataclasses.replace(TIMELINE, tweets=(*TIMELINE.tweets, repost))
    link = tracking_tracker.open("auto").record_data("ada", [timeline], CORPUS, texts=texts)
    assert link is not None and link.url is None
    staged = artifacts(tmp_path)
    assert '"sha256"' in staged and '"9999"' in staged
    assert (TEXTS[0] in staged) is texts
    assert repost.text not in staged


def test_a_publication_records_two_runs_and_the_card_names_them(
    hub: HubServer, offline: Path, tiny_gpt2: Path
) -> None:
    huggingtweets_hub.publish(source="sample", base_model=tiny_gpt2, epochs=1, progress=Silent())
    runs = sorted(path.name for path in offline.glob("offline-run-*"))
    assert len(runs) == 2
    repo = hub.repos["huggingtweets/lighthouse_ada"]
    facts = json.loads(repo.files["huggingtweets.json"])
    assert facts["tracked"]["tracker"] == "wandb"
    assert facts["data_run_url"] is None
    ids = {facts["tracked"]["data"]["id"], facts["tracked"]["training"]["id"]}
    assert {run.rsplit("-", 1)[1] for run in runs} == ids
    readme = repo.files["README.md"].decode()
    assert f"offline wandb run `{facts['tracked']['training']['id']}`" in readme
    assert "](https://wandb" not in readme


def test_the_training_run_holds_configuration_metrics_results_and_the_model(offline: Path) -> None:
    tracker = tracking_tracker.open("auto")
    base = BaseModel(name="lab/small", kind="hub", revision="abc")
    run = tracker.start_training("ada", {"epochs": 4}, base, resumed=None)
    run.log({"loss": 3.25}, 1)
    run.summarize({"evaluation": {"tuned": {"perplexity": 33.5}}})
    run.record_model("https://huggingface.co/lab/ada/resolve/abc", {"model.safetensors": "f" * 64})
    run.finish()
    wandb.teardown()  # its service writes the last of the log when it ends
    (log,) = offline.rglob("*.wandb")
    recorded = recorded_in(log)
    for said in (b"epochs", b"3.25", b"33.5", b"ada"):
        assert said in recorded


def test_a_run_that_a_kill_cut_short_is_gone_on_with(offline: Path) -> None:
    base = BaseModel(name="scratch", kind="scratch", revision="1")
    run = tracking_tracker.open("auto").start_training("ada", {}, base, resumed=RunLink(id="abc123"))
    assert run.link == RunLink(id="abc123")
    run.finish(failed=True)


def test_a_tracker_that_fails_after_the_push_is_a_warning(hub: HubServer, tiny_gpt2: Path) -> None:
    class Failing(tracking_tracker.Nowhere):
        def record_model(self, address: str, files: Mapping[str, str]) -> None:
            raise TrackingError("It is down.", "The model is published all the same.")

    class Warnings(Silent):
        lines: ClassVar[list[str]] = []

        def warn(self, message: str) -> None:
            self.lines.append(message)

    publication = huggingtweets_hub.publish(
        source="sample", base_model=tiny_gpt2, epochs=1, tracker=Failing(), progress=Warnings()
    )
    assert publication.changed
    assert Warnings.lines == ["It is down. The model is published all the same."]


def test_trackio_records_on_this_machine(hub: HubServer, tiny_gpt2: Path) -> None:
    pytest.importorskip("trackio")
    huggingtweets_hub.publish(
        source="sample", base_model=tiny_gpt2, epochs=1, tracker="trackio", progress=Silent()
    )
    facts: dict[str, Any] = json.loads(hub.repos["huggingtweets/lighthouse_ada"].files["huggingtweets.json"])
    assert facts["tracked"]["tracker"] == "trackio"
    assert facts["training_run_url"] is None


def test_trackio_has_a_run_for_each_training_and_goes_on_with_one_that_was_interrupted() -> None:
    trackio = pytest.importorskip("trackio")
    from trackio.sqlite_storage import SQLiteStorage

    tracker = tracking_tracker.open("trackio")
    base = BaseModel(name="scratch", kind="scratch", revision="1")
    link = None
    for is_resumed, steps in ((False, (1, 2)), (False, (1,)), (True, (2, 3))):
        run = tracker.start_training("ada_twice", {}, base, resumed=link if is_resumed else None)
        for step in steps:
            run.log({"loss": 1.0 / step}, step)
        run.finish()
        link = run.link
    runs = [run for run in trackio.Api().runs(tracking_tracker.PROJECT) if run.name == "ada_twice"]
    logged = [SQLiteStorage.get_logs(run.project, run.name, run_id=run.id) for run in runs]
    assert sorted([entry["step"] for entry in entries] for entries in logged) == [[1, 2], [1, 2, 3]]


def test_wandb_is_told_no_command_line_no_path_and_no_machine(
    offline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Short names, such as that of this machine may be, stand in the log by chance.
    monkeypatch.setattr(socket, "gethostname", lambda: "the-name-of-this-machine")
    monkeypatch.setattr(sys, "argv", ["/home/ada/tool.py", "publish", "--prompt", "What nobody may know"])
    tracker = tracking_tracker.open("wandb")
    link = tracker.record_data("ada", [TIMELINE], CORPUS, texts=False)
    base = BaseModel(name="scratch", kind="scratch", revision="1")
    run = tracker.start_training("ada", {"epochs": 1}, base, resumed=None)
    run.log({"loss": 1.0}, 1)
    run.finish()
    wandb.teardown()  # its service writes the last of the log when it ends
    assert link is not None and run.link is not None
    logs = list(offline.rglob("*.wandb"))
    files = [path for path in offline.rglob("files/*") if path.is_file()]
    sent = b"".join([*map(recorded_in, logs), *(path.read_bytes() for path in files)])
    assert len(logs) == 2 and b"epochs" in sent
    places = (
        getattr(sys.modules["__main__"], "__file__", sys.executable),
        sys.executable,
        os.getcwd(),
        huggingtweets_hub.__file__,
    )
    private = ("What nobody may know", "--prompt", socket.gethostname(), platform.platform(), *places)
    assert [word for word in private if word.encode() in sent] == []
