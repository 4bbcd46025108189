"""A visitor's job: whose it is, what it survives, and what it leaves behind."""

import dataclasses
import errno
import gzip
import json
import os
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.app import worker
from huggingtweets_hub.app.jobs import Jobs, NotYoursError
from huggingtweets_hub.app.line import Line
from huggingtweets_hub.app.process import Process
from huggingtweets_hub.app.seen import Seen
from huggingtweets_hub.app.web import words
from huggingtweets_hub.app.web.view import view
from huggingtweets_hub.app.web.visit import Visit
from huggingtweets_hub.core.errors import (
    HuggingTweetsError,
    InvalidInputError,
    OptedOutError,
    WorkerDiedError,
)
from huggingtweets_hub.posts import containers
from tests.servers.hub import HubServer
from tests.servers.mastodon import MastodonServer, status
from tests.servers.repositories import of_posts

POSTS = [{"id": str(n), "text": f"Post number {n} speaks of lamps and of the sea. " * 3} for n in range(120)]
LONG = 240.0  # seconds; a busy machine is slow


@pytest.fixture
def jobs(warm: None, home: Path) -> Iterator[Jobs]:
    with Jobs() as jobs:
        yield jobs


def upload(jobs: Jobs, name: str, content: str | bytes) -> Path:
    path = jobs.uploads / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def table(**more: str) -> str:
    return "".join(json.dumps({**post, "username": "ada", **more}) + "\n" for post in POSTS)


def until(jobs: Jobs, id: str, is_so: Callable[[Seen], bool], *, fails: bool = False) -> Seen:
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        seen = jobs.seen("ann", id)
        if is_so(seen):
            return seen
        assert fails or seen.state != "failed", seen.error
        time.sleep(0.02)
    raise AssertionError(seen)


def ended(jobs: Jobs, id: str) -> Seen:
    """The job once what was under way has come to an end of any kind."""
    return until(jobs, id, lambda seen: not seen.is_under_way, fails=True)


def read(jobs: Jobs, source: Path | str, handle: str | None = None) -> tuple[str, Seen]:
    id = jobs.open("ann", source, handle)
    return id, until(jobs, id, lambda seen: seen.state == "read")


def refused(jobs: Jobs, source: Path | str, handle: str | None = None) -> tuple[str, str]:
    id = jobs.open("ann", source, handle)
    seen = ended(jobs, id)
    assert seen.state == "failed" and seen.error is not None and seen.counts is None
    return seen.error.message, seen.error.next_step


def inside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_is_recognised_counted_and_gone_once_it_is_read(jobs: Jobs, home: Path) -> None:
    file = upload(jobs, "posts.jsonl", table(created_at="2024-05-06T07:08:09Z"))
    _, seen = read(jobs, file)
    assert (seen.handle, seen.recognised) == ("ada", "a table or list of posts")
    assert seen.counts == {"downloaded": 120, "reposts": 0, "short": 0, "kept": 120}
    assert (seen.first_day, seen.last_day) == ("2024-05-06", "2024-05-06")
    assert any("little text" in warning for warning in seen.warnings)
    tiny, *others = seen.bases
    assert tiny.id == "tiny" and tiny.bytes == 0 < tiny.seconds
    assert all(base.seconds > tiny.seconds for base in others)
    assert not file.exists() and "posts.jsonl" not in inside(home)


def test_a_repository_of_bluesky_is_recognised(jobs: Jobs) -> None:
    made = of_posts([post["text"] for post in POSTS], "did:plc:" + "a" * 24, profile={"displayName": "Ann"})
    _, seen = read(jobs, upload(jobs, "repo.car", made.car()), "ann.bsky.social")
    assert seen.recognised == "a Bluesky repository"


def test_the_same_upload_is_read_by_two(jobs: Jobs) -> None:
    file = upload(jobs, "posts.jsonl", table())
    ids = [jobs.open("ann", file) for _ in range(4)]  # of which two wait for their turn
    assert [ended(jobs, id).state for id in ids] == ["read"] * 4
    assert not file.exists() and inside(jobs.uploads) == []


def test_a_file_that_only_lacks_a_handle_can_be_given_again_with_one(jobs: Jobs) -> None:
    file = upload(jobs, "posts.jsonl", "".join(json.dumps(post) + "\n" for post in POSTS))
    first = jobs.open("ann", file)
    error = ended(jobs, first).error
    assert error is not None and "does not say whose posts" in error.message and "handle" in error.next_step
    assert str(jobs.uploads) not in error.message  # nobody's business, and secret on a Space
    second = jobs.open("ann", file, "ada")
    jobs.forget("ann", first)  # which leaves the file to the other job
    seen = until(jobs, second, lambda seen: seen.state == "read")
    assert seen.handle == "ada" and not file.exists()
    assert "holds no posts" in refused(jobs, upload(jobs, "empty.csv", ""))[0]  # whoever's they are
    third = jobs.open("ann", upload(jobs, "other.jsonl", json.dumps(POSTS[0])))
    assert ended(jobs, third).state == "failed" and inside(jobs.uploads)
    jobs.forget("ann", third)
    assert inside(jobs.uploads) == []


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("holiday.jpg", b"\xff\xd8\xff\xe0 not posts", "is not a source of posts"),
        ("posts.csv", "a,b\n1,2\n", "text"),
        ("archive.zip", b"PK\x03\x04 damaged", "zip"),
        ("empty.jsonl", "", "no "),
        ("few.jsonl", json.dumps(POSTS[0]), "too little text"),
    ],
)
def test_a_wrong_file_is_an_error_with_a_next_step_and_goes(
    jobs: Jobs, name: str, content: str | bytes, says: str
) -> None:
    message, next_step = refused(jobs, upload(jobs, name, content), "ada")
    assert says in message and next_step and str(jobs.uploads) not in message
    assert inside(jobs.uploads) == []


def test_only_uploads_are_read(jobs: Jobs, tmp_path: Path) -> None:
    secret = tmp_path / "secret.jsonl"
    secret.write_text(table())
    link = jobs.uploads / "link.jsonl"
    link.symlink_to(secret)
    for path in (secret, link, jobs.uploads / ".." / ".." / ".." / ".." / secret.name, jobs.uploads / "gone"):
        with pytest.raises(InvalidInputError, match="is no longer here"):
            jobs.open("ann", path)
    refused(jobs, str(secret))  # typed as the name of an account
    refused(jobs, str(secret), "ada")
    assert secret.exists()


def test_what_an_upload_holds_is_unpacked_where_it_goes_with_the_job(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    places: list[Path] = []
    unpack = containers.unpack

    def watched(packed: Any, plain: Path, *args: Any, **kwargs: Any) -> None:
        places.append(plain)
        unpack(packed, plain, *args, **kwargs)

    monkeypatch.setattr(containers, "unpack", watched)
    job, file = tmp_path / "job", tmp_path / "tweets.js.gz"
    job.mkdir()
    tweets = [{"tweet": {"id_str": post["id"], "full_text": post["text"]}} for post in POSTS]
    file.write_bytes(gzip.compress(b"window.YTD.tweets.part0 = " + json.dumps(tweets).encode()))
    worker._Work(lambda **_: None).read(str(job), "ada", str(file))
    assert places and all(place.is_relative_to(job) for place in places)
    assert [path.name for path in job.iterdir()] == [worker.TIMELINE]


@pytest.fixture
def fediverse(monkeypatch: pytest.MonkeyPatch) -> Iterator[MastodonServer]:
    with MastodonServer() as server:
        monkeypatch.setenv("HUGGINGTWEETS_FEDIVERSE_URL", server.url)
        yield server


def test_an_account_is_read_and_what_the_network_asks_for_is_said(
    jobs: Jobs, home: Path, fediverse: MastodonServer
) -> None:
    fediverse.add_account("ann@m.example", [status(n, POSTS[n]["text"]) for n in range(120)])
    _, seen = read(jobs, "@ann@m.example")
    assert seen.handle == "ann@m.example" and seen.counts is not None and seen.counts["kept"] == 120
    assert any("terms of m.example" in warning for warning in seen.warnings)
    assert not [name for name in inside(home) if "statuses" in name]  # but in the job's own folder


def test_an_account_that_is_not_to_be_found_is_not_read_without_its_archive(
    jobs: Jobs, home: Path, fediverse: MastodonServer
) -> None:
    fediverse.add_account("ann@m.example", [status(n) for n in range(9)], noindex=True)
    message, next_step = refused(jobs, "ann@m.example")
    assert "does not want its posts to be found" in message and "drop that file" in next_step
    assert not [name for name in inside(home) if "statuses" in name]


def test_an_account_of_a_network_that_cannot_be_read_is_told_about_archives(jobs: Jobs) -> None:
    message, next_step = refused(jobs, "@ada")
    assert "over the network" in message and "archive" in next_step


def test_a_job_is_its_owners_alone(jobs: Jobs) -> None:
    id, _ = read(jobs, upload(jobs, "posts.jsonl", table()))
    calls: list[Callable[[str, str], object]] = [
        jobs.seen,
        lambda owner, job: jobs.choose(owner, job, consent="self", base_model="tiny"),
        jobs.train,
        jobs.cancel,
        lambda owner, job: jobs.generate(owner, job, "", 1),
        jobs.download,
        lambda owner, job: jobs.publish(owner, job, "@me", "hf_alice"),
        jobs.forget,
    ]
    said = set()
    for call in calls:
        for owner, job in (("bob", id), ("ann", "nothing"), ("", id), ("änn", id)):
            with pytest.raises(NotYoursError) as caught:
                call(owner, job)
            said.add(str(caught.value))
    assert len(said) == 1
    assert jobs.seen("ann", id).state == "read"


def test_only_what_is_offered_can_be_chosen(jobs: Jobs) -> None:
    id = jobs.open("ann", upload(jobs, "posts.jsonl", table()))
    with pytest.raises(InvalidInputError):
        jobs.train("ann", id)
    until(jobs, id, lambda seen: seen.state == "read")
    for consent, base in (("perhaps", "tiny"), ("self", "/etc"), ("self", "someone/else")):
        with pytest.raises(InvalidInputError):
            jobs.choose("ann", id, consent=consent, base_model=base)
    with pytest.raises(InvalidInputError, match="Nothing was chosen"):
        jobs.train("ann", id)
    for call in (lambda: jobs.generate("ann", id, "", 1), lambda: jobs.download("ann", id)):
        with pytest.raises(InvalidInputError, match="no bot"):
            call()


def test_an_account_that_wants_no_bots_needs_its_owners_consent(jobs: Jobs) -> None:
    id, _ = read(jobs, upload(jobs, "posts.jsonl", table()))
    job = jobs._jobs[id]
    job.seen = dataclasses.replace(job.seen, wishes=("no-bots",))
    job._is_file = False
    with pytest.raises(OptedOutError):
        jobs.choose("ann", id, consent="fictional", base_model="tiny")
    jobs.choose("ann", id, consent="self", base_model="tiny")


@pytest.mark.parametrize(
    ("command_line", "page"),
    [
        (
            "Use one of 'x', 'bluesky', 'sample', an X or Mastodon archive, or a file that ends in .csv.",
            "Drop an X or Mastodon archive, or a file that ends in .csv.",
        ),
        ("Run the same command again later.", "Try it again later."),
        (
            "Check the connection, or use --base-model with a folder or 'tiny'.",
            "Check the connection, or choose Tiny in step 3.",
        ),
        (
            "Use more posts that differ, or train one model on up to three accounts.",
            "Use more posts that differ.",
        ),
        (
            "Use --repo-id to publish somewhere else, or --overwrite to replace it.",
            "Publish under another name, or rename that one on the Hub.",
        ),
        (
            "Name the column of the posts' text: --column text=NAME",
            "Rename the column of the posts' text to 'text', and drop the file again.",
        ),
        (
            "Use a file of one account, or one with the author's handle in each record: --column author=NAME "
            "says where. If all are the account's own, say so with an empty name: --column author=",
            "Use a file of one account, or one with the author's handle in each record, in a column "
            "'username'. If all are the account's own, remove the columns that name others, and drop the "
            "file again.",
        ),
        (
            "Every post is marked as a retweet. If that is wrong, say which column marks them: "
            "--column retweet=NAME.",
            "Every post is marked as a retweet. If that is wrong, remove the column that marks them, and "
            "drop the file again.",
        ),
        (
            "If it should be one: ask X. docs/networks.md says which files other networks give.",
            "If it should be one: ask X. 'Where to get the file' says how.",
        ),
    ],
)
def test_advice_is_about_the_page(command_line: str, page: str) -> None:
    assert words.advice(command_line) == page


@pytest.mark.parametrize(
    ("mark", "says"),
    [
        ({"visibility": "private"}, "Posts that only some may read are not used on this page."),
        ({"spoiler_text": "lamps"}, "Posts behind content warnings are not used on this page."),
    ],
)
def test_whose_posts_are_all_left_out_is_told_what_the_page_takes(
    jobs: Jobs, mark: dict[str, str], says: str
) -> None:
    message, next_step = refused(jobs, upload(jobs, "posts.jsonl", table(**mark)), "ada")
    assert "holds no posts to use" in message
    assert words.advice(next_step) == f"{says} Drop a file with others."


def test_what_a_table_leaves_in_doubt_is_said_in_words_of_the_page(jobs: Jobs) -> None:
    _, seen = read(jobs, upload(jobs, "posts.jsonl", table(sent="2024-05-06T07:08:09Z")))
    said = view(seen, None, words.ON_THIS_COMPUTER)["found"]["value"]
    assert "rename the column of the times to &#x27;created_at&#x27;, and drop the file again." in said
    assert "--column" not in said
    renamed = "".join(
        json.dumps({**post, "created_at": f"2024-05-0{1 + n % 9}", "sent": "2024-05-06T07:08:09Z"}) + "\n"
        for n, post in enumerate(POSTS)
    )
    _, again = read(jobs, upload(jobs, "renamed.jsonl", renamed), "ada")
    assert (again.first_day, again.last_day) == ("2024-05-01", "2024-05-09")


def test_a_disk_without_links_keeps_what_lacks_a_handle_and_nothing_else(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")  # as FAT answers

    monkeypatch.setattr(os, "link", refuse)
    file = upload(jobs, "posts.jsonl", "".join(json.dumps(post) + "\n" for post in POSTS))
    first = jobs.open("ann", file)
    assert ended(jobs, first).state == "failed" and inside(jobs.uploads.parent) == [file.name]
    _, seen = read(jobs, file, "ada")
    assert seen.counts is not None and seen.counts["kept"] == 120
    assert not file.exists() and "posts.jsonl" not in inside(jobs.uploads.parent)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only POSIX limits the size of files")
def test_a_job_that_cannot_begin_leaves_nothing_behind(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    def refuse(source: Path, target: Path) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))  # from here on it takes no such file
        raise PermissionError(errno.EPERM, "Operation not permitted")

    file, before = upload(jobs, "posts.jsonl", table()), resource.getrlimit(resource.RLIMIT_FSIZE)
    with monkeypatch.context() as patched:
        patched.setattr(os, "link", refuse)
        try:
            with pytest.raises(OSError, match="too large"):
                jobs.open("ann", file)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert jobs._jobs == {} and inside(jobs.uploads.parent) == []


def test_what_a_button_ran_into_stays_where_the_pages_first_answer_comes_after_it(jobs: Jobs) -> None:
    visit = Visit(jobs, words.ON_THIS_COMPUTER)
    kept, memory, _ = visit.read(None, {}, None, "")
    *_, late = visit.arrive(kept, memory)
    assert "There is no file yet." in late["posts_problem"]["value"]
    *_, loaded_again = visit.arrive(kept, {})
    assert loaded_again["posts_problem"]["value"] == "" and loaded_again.keys() == late.keys()


def test_turns_come_in_the_order_of_asking() -> None:
    line, said = Line(1), []
    first, second, third, fourth = (line.join() for _ in range(4))
    assert first.comes(said.append) and said == []
    waiting = threading.Thread(target=lambda: said.append("came" if fourth.comes(said.append) else "left"))
    waiting.start()
    for leaving, ahead in ((second, 3), (third, 2), (first, 1)):
        _wait_for(lambda ahead=ahead: said[-1:] == [ahead])
        leaving.leave()
        leaving.leave()
    waiting.join(LONG)
    assert said == [3, 2, 1, "came"]
    fourth.leave()
    assert not fourth.comes(said.append)


@pytest.mark.slow
def test_trainings_wait_for_each_other_and_can_be_cancelled_there(jobs: Jobs) -> None:
    ids = [jobs.open("ann", upload(jobs, f"{n}.jsonl", table(username=f"ada{n}"))) for n in range(3)]
    for id in ids:
        until(jobs, id, lambda seen: seen.state == "read")
        jobs.choose("ann", id, consent="self", base_model="tiny")
        jobs.train("ann", id)
    until(jobs, ids[1], lambda seen: seen.stage == "Waiting: 1 training of others comes first")
    until(jobs, ids[2], lambda seen: seen.stage == "Waiting: 2 trainings of others come first")
    jobs.cancel("ann", ids[1])
    assert jobs.seen("ann", ids[1]).state == "cancelled"
    until(jobs, ids[2], lambda seen: seen.stage == "Waiting: 1 training of others comes first")
    jobs.forget("ann", ids[0])
    until(jobs, ids[2], lambda seen: "Waiting" not in seen.stage)


def test_what_has_waited_does_not_say_so_any_more(home: Path) -> None:
    class Slow(Instant):
        def ask(self, do: str, **asked: Any) -> dict[str, Any]:
            assert goes_on.wait(LONG)
            return super().ask(do, **asked)

    goes_on = threading.Event()
    with Jobs(Slow) as jobs:
        ids = [jobs.open("ann", "sample") for _ in range(3)]
        until(jobs, ids[2], lambda seen: seen.stage.startswith("Waiting"))
        jobs.forget("ann", ids[0])
        until(jobs, ids[2], lambda seen: seen.stage == "Reading")
        goes_on.set()


def test_what_is_cancelled_at_once_is_not_begun(jobs: Jobs) -> None:
    id, _ = read(jobs, upload(jobs, "posts.jsonl", table()))
    jobs.choose("ann", id, consent="self", base_model="tiny")
    for _ in range(30):
        jobs.train("ann", id)
        jobs.cancel("ann", id)
    job = jobs._jobs[id]
    _wait_for(lambda: not job._asking)
    assert jobs.seen("ann", id).state == "cancelled" and not job.has_process


def test_a_process_that_was_closed_does_nothing_more() -> None:
    process = Process(lambda said: None)
    process.close()
    with pytest.raises(WorkerDiedError):
        process.ask("read")
    assert not process.is_running


def test_a_job_that_nobody_looks_at_goes_after_a_while(home: Path) -> None:
    with Jobs(kept_seconds=0.5) as jobs:
        id = jobs.open("ann", upload(jobs, "nameless.jsonl", json.dumps(POSTS[0])))
        job = jobs._jobs[id]
        _wait_for(lambda: id not in jobs._jobs)
        _wait_for(lambda: not inside(jobs.uploads) and not job._folder.exists())
        with pytest.raises(NotYoursError):
            jobs.seen("ann", id)


class Instant(Process):
    """Reads at once, and is there until it is ended."""

    is_running = False

    def ask(self, do: str, **asked: Any) -> dict[str, Any]:
        self.is_running = True
        counts = {"downloaded": 9, "reposts": 0, "short": 0, "kept": 9}
        lists: dict[str, Any] = dict.fromkeys(("warnings", "wishes", "days", "bases"), ())
        return {"handle": "ada", "source": "sample", "is_file": True, "counts": counts, **lists}

    def end(self) -> None:
        self.is_running = False


def test_many_jobs_at_once_keep_the_memory_of_a_few(home: Path) -> None:
    with Jobs(Instant) as jobs:
        ids = [jobs.open("ann", "sample") for _ in range(30)]
        assert [until(jobs, id, lambda seen: seen.state == "read").handle for id in ids] == ["ada"] * 30
        _wait_for(lambda: sum(job.has_process for job in jobs._jobs.values()) <= 4)


def test_a_process_that_says_nonsense_or_dies_is_said_with_a_next_step(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    for says in ("print('{', flush=True); import time; time.sleep(600)", "raise SystemExit(7)"):
        monkeypatch.setattr("huggingtweets_hub.app.process._COMMAND", says)
        message, next_step = refused(jobs, "sample")
        assert "died" in message and "Try again" in next_step


@pytest.mark.slow
def test_the_whole_way_to_a_publication(jobs: Jobs, home: Path, hub: HubServer) -> None:
    id, seen = read(jobs, "sample")
    jobs.choose("ann", id, consent="fictional", base_model="tiny")
    jobs.train("ann", id)

    def is_learning(seen: Seen) -> bool:
        assert "token" not in seen.stage  # that none is set is no news before it is published
        return len(seen.points) > 1 and seen.share is not None

    until(jobs, id, is_learning)
    with pytest.raises(InvalidInputError, match="already running"):
        jobs.train("ann", id)
    seen = until(jobs, id, lambda seen: seen.state == "trained")
    assert seen.perplexity_before and seen.perplexity_after
    assert seen.perplexity_after < seen.perplexity_before
    assert seen.points[-1].validation_loss and seen.samples
    assert seen.picture is not None and seen.picture.startswith(b"\x89PNG")
    assert seen.card is not None and "lighthouse_ada" in seen.card and "alice/" not in seen.card
    assert all(text.startswith("The sea") for text in jobs.generate("ann", id, "The sea", 2))
    packed = jobs.download("ann", id)
    assert packed.is_relative_to(jobs.uploads) and len(packed.parent.name) >= 22
    with zipfile.ZipFile(packed) as opened:
        assert {"README.md", "model.safetensors", "preview.png"} <= set(opened.namelist())

    # What is chosen next does not change what was made.
    jobs.choose("ann", id, consent="fictional", base_model="HuggingFaceTB/SmolLM2-135M")
    jobs.publish("ann", id, "@me", "hf_wrong")
    seen = until(jobs, id, lambda seen: seen.state == "trained")
    assert seen.error is not None and "token" in seen.error.message
    jobs.publish("ann", id, "@me", "hf_alice")
    seen = until(jobs, id, lambda seen: seen.state == "published")
    assert seen.url is not None and seen.url.endswith("alice/lighthouse_ada")
    sent = hub.repos["alice/lighthouse_ada"].files
    assert json.loads(sent["huggingtweets.json"])["base"]["kind"] == "tiny"
    assert seen.card is not None and "alice/lighthouse_ada" in seen.card
    assert not packed.exists()  # it held the earlier card
    with zipfile.ZipFile(jobs.download("ann", id)) as opened:
        assert opened.read("README.md") == sent["README.md"]
        assert opened.read("model.safetensors") == sent["model.safetensors"]
    assert "hf_alice" not in " ".join(path.read_text("utf-8", "replace") for path in home.rglob("*.json*"))

    jobs.forget("ann", id)
    with pytest.raises(NotYoursError):
        jobs.seen("ann", id)
    assert not [name for name in inside(home) if name.endswith((".safetensors", ".zip", "timeline.pickle"))]


@pytest.mark.slow
def test_forgetting_a_job_leaves_the_work_that_another_goes_on_with(jobs: Jobs, home: Path) -> None:
    ids = [read(jobs, upload(jobs, f"{n}.jsonl", table()))[0] for n in range(2)]
    for id in ids:
        jobs.choose("ann", id, consent="self", base_model="tiny")
    jobs.train("ann", ids[0])
    until(jobs, ids[0], lambda seen: seen.state == "trained")
    made = next((home / "work").rglob("model.safetensors"))
    before = made.stat().st_mtime_ns
    jobs.forget("ann", ids[0])
    jobs.train("ann", ids[1])
    until(jobs, ids[1], lambda seen: seen.state == "trained")
    assert made.stat().st_mtime_ns == before  # it was not trained again
    jobs.forget("ann", ids[1])
    assert not made.exists()


def _wait_for(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_folder_that_is_gone_is_said(jobs: Jobs) -> None:
    id, _ = read(jobs, upload(jobs, "posts.jsonl", table()))
    jobs._jobs[id]._folder.rename(jobs._jobs[id]._folder.with_name("gone"))
    jobs.choose("ann", id, consent="self", base_model="tiny")
    jobs.train("ann", id)
    seen = ended(jobs, id)
    assert seen.state == "failed" and seen.error is not None and seen.error.next_step
    with pytest.raises(HuggingTweetsError):
        jobs.download("ann", id)
