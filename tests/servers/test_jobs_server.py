"""The loopback Jobs and buckets, through the real and unchanged client."""

import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import HfApi, Volume
from huggingface_hub.errors import BucketNotFoundError, HfHubHTTPError, JobNotFoundError

from tests.servers.buckets import Buckets
from tests.servers.hub import HubServer
from tests.servers.jobs import CANCELED, EVICTED, OUT_OF_MEMORY, STUCK, TIMED_OUT, Fate, Jobs

IMAGE = "ghcr.io/astral-sh/uv:python3.12-bookworm"


@pytest.fixture
def api(hub: HubServer) -> HfApi:
    return HfApi(endpoint=hub.url, token="hf_alice")


def started(api: HfApi, script: str, **options: object) -> str:
    options = {"timeout": 60, "flavor": "cpu-basic", **options}
    return api.run_job(namespace="alice", image=IMAGE, command=["python", "-c", script], **options).id  # type: ignore[arg-type]


def ended(jobs: Jobs, number: int = 0) -> str:
    jobs.wait(lambda: len(jobs.all) > number and jobs.all[number] not in jobs.running)
    return jobs.all[number].stage


# ---- buckets


def floats(count: int) -> bytes:
    """Content that the uploader groups by bytes before it compresses it."""
    return struct.pack(f"<{count}f", *(1 + i / count for i in range(count)))


CONTENTS = {
    "empty": b"",
    "one byte": b"x",
    "text": b"the lamp, the sea and the bread\n" * 5000,
    "floats": floats(100_000),
    "floats and three bytes": floats(50_000) + b"abc",
    "noise": random.Random(0).randbytes(500_000),
    "several chunks twice": random.Random(1).randbytes(300_000) * 2,
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_what_was_uploaded_is_what_is_kept(
    api: HfApi, buckets: Buckets, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "file").write_bytes(content)
    api.create_bucket("alice/inputs", private=True)

    api.batch_bucket_files("alice/inputs", add=[(content, "a/bytes"), (tmp_path / "file", "a/file")])

    files = buckets.all["alice/inputs"].files
    assert {path: file.content for path, file in files.items()} == {"a/bytes": content, "a/file": content}


def test_a_bucket_is_listed_by_folder_and_in_full(api: HfApi, buckets: Buckets) -> None:
    api.create_bucket("alice/inputs", private=True)
    api.batch_bucket_files("alice/inputs", add=[(b"1", "a/1"), (b"2", "a/b/2"), (b"3", "ab/3")])

    assert [item.path for item in api.list_bucket_tree("alice/inputs")] == ["a", "ab"]
    assert [item.path for item in api.list_bucket_tree("alice/inputs", prefix="a")] == ["a/1", "a/b"]
    assert len(list(api.list_bucket_tree("alice/inputs", recursive=True))) == 3
    info = api.bucket_info("alice/inputs")
    assert (info.private, info.size, info.total_files) == (True, 3, 3)


def test_what_cannot_be_deleted_is_named_and_the_rest_is_deleted(api: HfApi, buckets: Buckets) -> None:
    api.create_bucket("alice/inputs", private=True)
    api.batch_bucket_files("alice/inputs", add=[(b"1", "a")])

    with pytest.raises(HfHubHTTPError, match="no such file|not found"):
        api.batch_bucket_files("alice/inputs", delete=["a", "b"])

    assert buckets.all["alice/inputs"].files == {}


def test_a_private_bucket_of_somebody_else_does_not_exist(hub: HubServer, buckets: Buckets) -> None:
    buckets.add("alice/inputs")
    hub.add_user("bob", token="hf_bob")
    with pytest.raises(BucketNotFoundError):
        HfApi(endpoint=hub.url, token="hf_bob").bucket_info("alice/inputs")


def test_a_read_token_cannot_create_or_fill_a_bucket(hub: HubServer, buckets: Buckets) -> None:
    buckets.add("alice/inputs")
    hub.add_user("alice", token="hf_reader", role="read")
    reader = HfApi(endpoint=hub.url, token="hf_reader")
    with pytest.raises(HfHubHTTPError, match="403"):
        reader.create_bucket("alice/more")
    with pytest.raises(Exception, match="403|permission|Forbidden"):
        reader.batch_bucket_files("alice/inputs", add=[(b"1", "a")])
    assert buckets.all["alice/inputs"].files == {}


# ---- jobs


def test_the_command_runs_for_real_and_its_log_is_read(api: HfApi, jobs: Jobs) -> None:
    id = started(api, "print('hello', end='\\n\\nbye')")

    assert list(api.fetch_job_logs(job_id=id, namespace="alice", follow=True)) == ["hello", "", "bye"]
    assert ended(jobs) == "COMPLETED"
    info = api.inspect_job(job_id=id, namespace="alice")
    assert (info.status.stage, info.owner.name, info.flavor) == ("COMPLETED", "alice", "cpu-basic")


def test_a_job_has_its_variables_its_secrets_and_no_other(
    api: HfApi, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X_BEARER_TOKEN", "of this machine")
    id = started(
        api,
        "import os; e = os.environ; print(e['A'], e['HF_TOKEN'], e['HF_ENDPOINT'], e['JOB_ID'],"
        " e.get('X_BEARER_TOKEN'))",
        env={"A": "1"},
        secrets={"HF_TOKEN": "hf_secret"},
    )

    ended(jobs)
    assert jobs.all[0].lines == [f"1 hf_secret {api.endpoint} {id} None"]
    assert "hf_secret" not in str(api.inspect_job(job_id=id, namespace="alice"))


def test_a_folder_of_a_bucket_is_mounted(api: HfApi, jobs: Jobs, buckets: Buckets) -> None:
    api.create_bucket("alice/inputs", private=True)
    api.batch_bucket_files("alice/inputs", add=[(b"mine", "a/file"), (b"other", "ab/file")])
    volume = Volume(type="bucket", source="alice/inputs", path="a", mount_path="/inputs", read_only=True)
    api.run_job(
        namespace="alice", image=IMAGE, volumes=[volume],
        command=["python", "-c", "import sys, pathlib; p = pathlib.Path(sys.argv[1]);"
                 " print(sorted(f.name for f in p.iterdir()), (p / 'file').read_text())", "/inputs"],
    )  # fmt: skip

    assert ended(jobs) == "COMPLETED"
    assert jobs.all[0].lines == ["['file'] mine"]


def test_a_job_with_a_folder_that_is_gone_fails(api: HfApi, jobs: Jobs, buckets: Buckets) -> None:
    buckets.add("alice/inputs")
    volume = Volume(type="bucket", source="alice/inputs", path="gone", mount_path="/inputs")
    started(api, "print(1)", volumes=[volume])

    assert ended(jobs) == "ERROR"
    assert "no folder gone" in (jobs.all[0].message or "")


def test_uv_runs_the_wheel_and_nothing_installed_in_its_place(
    api: HfApi, jobs: Jobs, buckets: Buckets, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "huggingtweets_hub-9-py3-none-any.whl", "w") as wheel:
        wheel.writestr("huggingtweets_hub/__init__.py", "")
        wheel.writestr("huggingtweets_hub/__main__.py", "import sys; print('the wheel', sys.argv[1:])")
    (name,) = [path.name for path in tmp_path.glob("*.whl")]
    api.create_bucket("alice/inputs", private=True)
    api.batch_bucket_files("alice/inputs", add=[(tmp_path / name, f"a/{name}")])
    api.run_job(
        namespace="alice", image=IMAGE,
        volumes=[Volume(type="bucket", source="alice/inputs", path="a", mount_path="/inputs")],
        command=["uv", "run", "--no-project", "--index", "https://download.example/cpu", "--with",
                 f"/inputs/{name}", "python", "-m", "huggingtweets_hub", "x"],
    )  # fmt: skip

    assert ended(jobs) == "COMPLETED"
    assert jobs.all[0].lines == ["the wheel ['x']"]


def test_a_failed_command_is_tried_again_as_often_as_was_asked(
    api: HfApi, jobs: Jobs, tmp_path: Path
) -> None:
    marker = str(tmp_path / "there")
    script = f"import os, sys; there = os.path.exists({marker!r}); open({marker!r}, 'w'); sys.exit(not there)"
    started(api, script, attempts=2)
    assert (ended(jobs), jobs.all[0].attempts) == ("COMPLETED", 2)

    started(api, "import sys; sys.exit(3)", attempts=2)
    assert (ended(jobs, 1), jobs.all[1].attempts) == ("ERROR", 2)
    assert jobs.all[1].message == "Job failed with exit code: 3"


SLOW = "import time\nfor i in range(1000):\n    print('step', i, flush=True)\n    time.sleep(0.05)"


def test_a_job_is_stopped_at_its_limit(api: HfApi, jobs: Jobs) -> None:
    started(api, SLOW, timeout=1)
    assert (ended(jobs), jobs.all[0].message) == ("ERROR", TIMED_OUT.message)
    assert jobs.all[0].attempts == 1


@pytest.mark.parametrize("fate", [EVICTED, OUT_OF_MEMORY, TIMED_OUT, CANCELED], ids=lambda fate: fate.message)
def test_a_fate_befalls_a_job_after_a_line(api: HfApi, jobs: Jobs, fate: Fate) -> None:
    jobs.fates.append(fate.after("step 3"))
    started(api, SLOW)
    assert (ended(jobs), jobs.all[0].message) == (fate.stage, fate.message)
    assert jobs.all[0].process and jobs.all[0].process.wait(10) != 0
    assert "step 3" in jobs.all[0].lines


def test_after_an_eviction_the_next_attempt_runs(api: HfApi, jobs: Jobs) -> None:
    jobs.fates.append(EVICTED)
    started(api, "print('done')", attempts=2)
    assert (ended(jobs), jobs.all[0].attempts) == ("COMPLETED", 2)


def test_a_cancelled_job_dies_and_may_be_cancelled_twice(api: HfApi, jobs: Jobs) -> None:
    id = started(api, SLOW)
    jobs.wait(lambda: "step 2" in jobs.all[0].lines)
    api.cancel_job(job_id=id, namespace="alice")
    api.cancel_job(job_id=id, namespace="alice")
    assert ended(jobs) == "CANCELED"
    assert jobs.all[0].process and jobs.all[0].process.wait(10) != 0


def test_a_stuck_job_costs_nothing(api: HfApi, jobs: Jobs) -> None:
    jobs.fates.append(STUCK)
    id = started(api, "print(1)")
    info = api.inspect_job(job_id=id, namespace="alice")
    assert (info.status.stage, info.status.message) == ("SCHEDULING", STUCK.message)
    api.cancel_job(job_id=id, namespace="alice")
    assert (ended(jobs), jobs.usd) == ("CANCELED", 0)


def test_each_minute_that_has_begun_is_charged(api: HfApi, jobs: Jobs) -> None:
    started(api, "print(1)", flavor="cpu-upgrade")
    ended(jobs)
    assert jobs.usd == pytest.approx(0.0005)


def test_jobs_are_found_by_label_and_stage(api: HfApi, jobs: Jobs, hub: HubServer) -> None:
    jobs.fates += [STUCK, STUCK]
    hub.page_size = 1
    try:
        first = started(api, "", labels={"publication": "a"})
        started(api, "", labels={"publication": "b"})
        started(api, "print(1)", labels={"publication": "a"})
        ended(jobs, 2)
        found = list(api.list_jobs(namespace="alice", labels={"publication": "a"}))
        waiting = list(api.list_jobs(namespace="alice", labels={"publication": "a"}, status="SCHEDULING"))
    finally:
        hub.page_size = 1000
    assert (len(found), [job.id for job in waiting]) == (2, [first])


def test_who_may_not_starts_nothing(hub: HubServer, jobs: Jobs) -> None:
    hub.add_user("alice", token="hf_fine", role="fineGrained", scopes={"alice": ["repo.write"]})
    jobs.without_credits.add("huggingtweets")
    with pytest.raises(HfHubHTTPError, match="403"):
        started(HfApi(endpoint=hub.url, token="hf_fine"), "print(1)")
    api = HfApi(endpoint=hub.url, token="hf_alice")
    with pytest.raises(HfHubHTTPError, match="402"):
        api.run_job(namespace="huggingtweets", image=IMAGE, command=["true"])
    with pytest.raises(HfHubHTTPError, match="400|Bad request"):
        started(api, "print(1)", flavor="cpu-baisc")
    assert jobs.all == []


def test_a_job_of_somebody_else_does_not_exist(api: HfApi, hub: HubServer, jobs: Jobs) -> None:
    id = started(api, "print(1)")
    hub.add_user("bob", token="hf_bob")
    with pytest.raises(JobNotFoundError):
        HfApi(endpoint=hub.url, token="hf_bob").inspect_job(job_id=id, namespace="alice")
    ended(jobs)


NUMBERS = [str(number) for number in range(20)]


def test_the_client_loses_nothing_when_the_log_of_a_running_job_ends_early(
    api: HfApi, jobs: Jobs, tmp_path: Path
) -> None:
    go_on = tmp_path / "go on"
    script = "import os, time\nfor i in range(20): print(i)\nwhile not os.path.exists({!r}): time.sleep(0.02)"
    id = started(api, script.format(str(go_on)))
    jobs.cut_log(3)
    jobs.close_log(5)
    lines = []
    for line in api.fetch_job_logs(job_id=id, namespace="alice", follow=True):
        lines.append(line)
        if line == NUMBERS[-1]:
            go_on.touch()
    assert lines == NUMBERS


@pytest.mark.parametrize("spoil", [Jobs.cut_log, Jobs.close_log])
def test_the_client_misses_the_rest_when_the_job_is_over(
    api: HfApi, jobs: Jobs, spoil: Callable[[Jobs, int], None]
) -> None:
    id = started(api, "for i in range(20): print(i)")
    ended(jobs)
    spoil(jobs, 5)
    assert list(api.fetch_job_logs(job_id=id, namespace="alice", follow=True)) == NUMBERS[:4]


def test_the_log_so_far_comes_from_a_stream_that_is_silent(api: HfApi, jobs: Jobs) -> None:
    id = started(api, "for i in range(20): print(i)")
    ended(jobs)
    jobs.mute_log(5)
    assert list(api.fetch_job_logs(job_id=id, namespace="alice")) == NUMBERS[:4]
    assert list(api.fetch_job_logs(job_id=id, namespace="alice")) == NUMBERS


def test_a_job_that_runs_at_the_end_is_killed(api: HfApi, hub: HubServer, tmp_path: Path) -> None:
    with Buckets(hub) as buckets, Jobs(hub, buckets, tmp_path / "jobs") as jobs:
        started(api, SLOW)
        jobs.wait(lambda: "step 2" in jobs.all[0].lines)
        process = jobs.all[0].process
    assert process and process.poll() is not None
    assert not (tmp_path / "jobs").exists()
