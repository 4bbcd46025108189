"""`huggingtweets app` in a real Chromium: the whole way, and what a stranger may run into."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.app.web import pieces, words
from tests import processes
from tests.servers.hub import HubServer

pytest.importorskip("gradio")
ROOT = Path(__file__).parents[2]
DESK, PHONE = {"width": 1200, "height": 4000}, {"width": 360, "height": 4000}
READ, TRAIN, CANCEL = "Read the posts", "Train", "Cancel"
SAMPLE = "Try it with a made-up account"
LONG = 240_000  # milliseconds


@dataclass
class App:
    """A running `huggingtweets app`."""

    process: "subprocess.Popen[str]"
    url: str
    home: Path

    def call(self, name: str, *data: Any) -> str:
        """What an endpoint answers to a plain request, without a page."""
        request = urllib.request.Request(
            f"{self.url}gradio_api/call/{name}",
            json.dumps({"data": data}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            event = json.load(answer)["event_id"]
        with urllib.request.urlopen(f"{self.url}gradio_api/call/{name}/{event}", timeout=60) as answer:
            return str(answer.read().decode())

    def files(self) -> list[str]:
        """What lies in its folder, below the home."""
        return sorted(str(file.relative_to(self.home)) for file in self.home.rglob("*") if file.is_file())


def start(home: Path, *arguments: str, token: str | None = None) -> App:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HUGGINGTWEETS_HOME": str(home)}
    environment.pop("HF_TOKEN", None)
    # Elsewhere, as gradio serves whatever lies in the system's folder for temporary files.
    home.with_name("temporary").mkdir(exist_ok=True)
    environment["TMPDIR"] = str(home.with_name("temporary"))
    process = processes.interruptible(
        "app", "--no-open", *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment | ({"HF_TOKEN": token} if token else {}),
    )  # fmt: skip
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert address.startswith("http://127.0.0.1:"), process.communicate()
    return App(process, address, home)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One server for the tests that leave it as it was, without a Hub token."""
    running = start(tmp_path_factory.mktemp("home"))
    yield running
    running.process.terminate()
    running.process.communicate(timeout=60)


@dataclass
class Tab:
    """A tab of a visitor."""

    page: Any
    url: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self) -> "Tab":
        self.page.goto(self.url)
        self.button(READ).wait_for()
        return self

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        self.button(name).click()

    def choose(self, name: str) -> None:
        self.page.locator("label", has_text=name).click()

    def shows(self, text: str, where: str = "body") -> Any:
        """Wait for a text and give the element that holds it."""
        found = self.page.locator(where, has_text=re.compile(text)).first
        found.wait_for(timeout=LONG)
        return found

    def problem(self) -> str:
        return str(self.page.locator("[role=alert].problem").first.inner_text())

    def read_sample(self) -> None:
        self.press(SAMPLE)
        self.shows("are used", "#found")

    def train_sample(self) -> None:
        self.read_sample()
        self.choose("The author is made up")
        self.choose("Tiny")
        self.press(TRAIN)


@pytest.fixture
def visitor(chromium: Any, app: App) -> Iterator[Callable[..., Tab]]:
    """Gives tabs of browsers that know nothing of each other; none of them asks anybody but the app."""
    contexts, tabs = [], []

    def visit(to: App = app, **options: Any) -> Tab:
        context = chromium.new_context(**{"viewport": DESK, "accept_downloads": True, **options})
        context.set_default_timeout(30_000)
        contexts.append(context)
        return tab(context, to)

    def tab(context: Any, to: App) -> Tab:
        made = Tab(context.new_page(), to.url)
        made.page.on("request", lambda sent: made.asked.append(sent.url))
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
        tabs.append(made)
        return made

    yield visit
    for context in contexts:
        context.close()
    for made in tabs:
        outside = [url for url in made.asked if not url.startswith((made.url, f"blob:{made.url}", "data:"))]
        assert outside == [] and made.complaints == []


@pytest.fixture(scope="session")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of some posts of the account that ships with the package: enough to train on, soon done."""
    lines = (ROOT / "huggingtweets_hub/posts/sample.jsonl").read_text("utf-8").splitlines()[:150]
    file = tmp_path_factory.mktemp("posts") / "posts.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    return file


def upload(tab: Tab, file: Path) -> None:
    """Give the page a file and wait until it is there: its name stands in two parts then, before its size."""
    tab.page.set_input_files("input[type=file]", file)
    tab.shows(rf"{re.escape(file.stem)}\s*{re.escape(file.suffix)}\s*\d[\d.]*\s*\w*B", ".drop")


def drop(tab: Tab, file: Path, account: str = "") -> None:
    upload(tab, file)
    tab.page.get_by_label("Account").fill(account)
    tab.press(READ)


def is_wider_than_the_screen(tab: Tab) -> bool:
    return bool(tab.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


# --- the whole way ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_from_a_file_to_a_bot_over_a_reload_and_a_closed_tab(
    visitor: Callable[..., Tab], app: App, posts: Path, tmp_path: Path
) -> None:
    tab = visitor().open()
    drop(tab, posts, "lighthouse_ada")
    found = tab.shows("are used", "#found").inner_text()
    assert "@lighthouse_ada" in found and "of 150 are used" in found
    assert not [file for file in app.files() if file.endswith("posts.jsonl")]  # it is read, so it is gone

    tab.press(TRAIN)
    tab.shows("Whose posts are these", ".problem")
    tab.choose("The author is made up")
    tab.choose("Tiny")
    tab.press(TRAIN)
    # It may have ended by the time that a page is there.
    under_way = "%|Trained"
    tab.shows(under_way, "#progress .status")
    tab.page.reload()
    tab.shows(under_way, "#progress .status")
    assert tab.page.get_by_role("radio", name="The author is made up").is_checked()
    context = tab.page.context
    tab.page.close()
    tab.page = context.new_page()
    tab.page.goto(tab.url)
    tab.shows(under_way, "#progress .status")
    assert not tab.button(READ).is_visible()

    tab.shows("Trained", "#progress")
    assert "step" in tab.page.locator("#curve figcaption").inner_text()
    assert "Fewer is better" in tab.page.locator("#result").inner_text()
    frame = tab.page.locator("#card iframe")
    assert frame.get_attribute("sandbox") == "" and frame.get_attribute("title")
    assert "@lighthouse_ada" in tab.page.frame_locator("#card iframe").locator("body").inner_text()
    assert tab.page.locator("#picture img").evaluate("image => image.naturalWidth") > 1000

    tab.page.get_by_label("How a post starts").fill("Tonight the")
    tab.press("Write five posts")
    tab.page.locator("#written li", has_text="Tonight the").nth(4).wait_for(timeout=LONG)
    with tab.page.expect_download(timeout=LONG) as download:
        tab.press("Download as a zip")
    download.value.save_as(tmp_path / "bot.zip")
    names = {Path(name).name for name in zipfile.ZipFile(tmp_path / "bot.zip").namelist()}
    assert {"README.md", "model.safetensors", "tokenizer.json", "huggingtweets.json"} <= names
    assert "posts.jsonl" not in names

    tab.press("Publish on the Hugging Face Hub")
    assert "hf auth login" in tab.shows("not logged in", "#publish_problem").inner_text()
    tab.page.on("dialog", lambda dialog: dialog.accept())
    tab.press("Forget everything")
    tab.shows("Drop", ".drop")
    assert not [file for file in app.files() if file.endswith(("model.safetensors", ".zip", "posts.jsonl"))]


@pytest.mark.slow
def test_it_publishes_under_ones_own_name(hub: HubServer, chromium: Any, tmp_path: Path, posts: Path) -> None:
    app = start(tmp_path / "home", token="hf_alice")
    try:
        tab = Tab(chromium.new_context(viewport=DESK).new_page(), app.url).open()
        drop(tab, posts, "lighthouse_ada")
        tab.shows("are used", "#found")
        tab.choose("The author is made up")
        tab.choose("Tiny")
        tab.press(TRAIN)
        tab.shows("Trained", "#progress")
        tab.press("Publish on the Hugging Face Hub")
        assert "alice/lighthouse_ada" in tab.shows("Published", "#publishing").inner_text()
        tab.page.locator("h2:focus", has_text="Keep it").wait_for()  # the button could not be pressed
        assert "model.safetensors" in hub.repos["alice/lighthouse_ada"].files
        tab.page.context.close()
    finally:
        app.process.terminate()
        said = app.process.communicate(timeout=60)
    assert "hf_alice" not in "".join(said)


@pytest.mark.slow
def test_cancel_ends_it_and_the_same_choices_go_on(visitor: Callable[..., Tab]) -> None:
    tab = visitor().open()
    tab.train_sample()
    tab.shows("%", "#progress .status")
    tab.press(CANCEL)
    tab.shows("resumes where it left off", "#progress")
    tab.press("Go on training")
    tab.shows("%", "#progress .status")
    tab.press(CANCEL)
    tab.shows("resumes where it left off", "#progress")


# --- what a stranger runs into ----------------------------------------------------------------------


@pytest.mark.slow
def test_a_wrong_file_is_said_with_a_next_step(visitor: Callable[..., Tab], app: App, tmp_path: Path) -> None:
    tab = visitor().open()
    tab.press(READ)
    assert "Drop one" in tab.shows("no file", ".problem").inner_text()
    (tmp_path / "photo.zip").write_bytes(b"PK\x03\x04 not really")
    drop(tab, tmp_path / "photo.zip")
    tab.page.locator("#posts_problem", has_text="photo.zip").wait_for(timeout=LONG)
    lines = tab.problem().splitlines()
    assert len(lines) > 1 and "--" not in tab.problem()
    assert not tab.page.locator("[data-testid=status-tracker]:visible").count()  # "queue: 1/1", for readers
    tab.read_sample()  # and the page goes on
    assert not [file for file in app.files() if file.endswith("photo.zip")]


@pytest.mark.slow
def test_two_visitors_know_nothing_of_each_other(visitor: Callable[..., Tab], app: App) -> None:
    ann, bob = visitor().open(), visitor().open()
    ann.read_sample()
    assert not bob.page.locator("#found", has_text="are used").count()
    kept = ann.page.evaluate("window.localStorage.getItem('huggingtweets')")
    assert kept and "job" not in kept  # encrypted
    bob.page.reload()
    bob.button(READ).wait_for()
    for forged in ({"owner": "x" * 43, "job": "y" * 22}, {"owner": "../..", "job": "../.."}, None, 7):
        said = app.call("look", forged, None)
        assert "lighthouse" not in said
    for name, more in (
        ("train", ["self", None]),
        ("write", ["a"]),
        ("pack", []),
        ("publish", ["x"]),
        ("cancel", []),
    ):
        said = app.call(name, {"owner": "x" * 43, "job": "y" * 22}, None, *more)
        assert "no longer here" in said, name


@pytest.mark.slow
def test_by_keyboard_alone(visitor: Callable[..., Tab]) -> None:
    tab = visitor().open()
    keys = tab.page.keyboard

    def to(what: str) -> None:
        for _ in range(60):
            keys.press("Tab")
            if tab.page.evaluate("what => document.activeElement.matches(what)", what):
                style = tab.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert style != "none", what
                return
        raise AssertionError(f"Tab does not lead to {what}")

    def gets_focus(what: str, text: str = "") -> None:
        tab.page.locator(f"{what}:focus", has_text=text).wait_for(state="attached")

    to(".upload-container")
    tab.page.get_by_role(
        "button", name="Drop your file, or press to choose it"
    ).wait_for()  # as is written there
    to("input[type=text]")
    to("button:nth-child(2)")
    keys.press("Enter")
    tab.shows("are used", "#found [role=status]")
    gets_focus("h2", "Your posts")  # the button is gone
    to("input[type=radio][value=self]")
    for key in ("ArrowDown", "ArrowUp", "ArrowUp"):  # however fast
        keys.press(key)
    gets_focus("input:checked[value=fictional]")
    to("input[type=radio][value=tiny]")  # past the other choices at once
    keys.press("Space")
    to("button.primary")
    keys.press("Enter")
    tab.shows("%", "#progress .status")
    gets_focus("h2", "Train it")
    to("button.secondary")
    keys.press("Enter")
    tab.shows("resumes where it left off", "#progress")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_never_scrolls_sideways(visitor: Callable[..., Tab], scheme: str) -> None:
    tab = visitor(viewport=PHONE, color_scheme=scheme).open()
    tab.page.get_by_text(words.WHERE_TITLE).click()
    tab.shows("Download an archive of your data", ".facts")
    assert not is_wider_than_the_screen(tab)
    tab.train_sample()
    titles = tab.page.locator(".choices label span")
    assert titles.count() == 6 and max(len(text.splitlines()[0]) for text in titles.all_inner_texts()) < 22
    tab.shows("step", "#curve")
    assert not is_wider_than_the_screen(tab)
    heights = tab.page.locator("#curve .axis span").evaluate_all("all => all.map((one) => one.offsetHeight)")
    assert heights and max(heights) < 20  # each in one line
    tab.press(CANCEL)


def test_what_a_bot_wrote_names_the_account_as_its_network_does() -> None:
    assert "Written by a bot, not by u/ann." in pieces.posts(["A lamp."], "reddit:ann")


# --- the server -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}]
)
def test_pages_of_other_sites_are_refused(app: App, headers: dict[str, str]) -> None:
    request = urllib.request.Request(f"{app.url}config", headers=headers)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=60)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("end", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_it_leaves_nothing_behind(chromium: Any, tmp_path: Path, posts: Path, end: int, status: int) -> None:
    app = start(tmp_path / "home")
    tab = Tab(chromium.new_context(viewport=DESK).new_page(), app.url).open()
    upload(tab, posts)
    for _ in range(600):
        if [file for file in app.files() if file.endswith("posts.jsonl")]:
            break
        tab.page.wait_for_timeout(100)
    else:
        raise AssertionError("uploads are not in its own folder")
    tab.train_sample()
    tab.shows("%", "#progress .status")
    processes.interrupt(app.process) if end == signal.SIGINT else app.process.send_signal(end)
    said = app.process.communicate(timeout=120)
    assert app.process.returncode == status
    assert "Traceback" not in "".join(said) and said[0] == ""  # what is not data goes to stderr
    assert not [file for file in app.files() if file.startswith("app/")]
    tab.page.context.close()


@pytest.mark.slow
def test_a_port_in_use_and_a_missing_extra_are_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(tmp_path, "app", "--no-open", "--port", str(port))
    assert done.returncode == 1 and f"The port {port} is in use." in done.stderr
    (tmp_path / "without" / "gradio").mkdir(parents=True)
    (tmp_path / "without" / "gradio" / "__init__.py").write_text("raise ImportError('no gradio')")
    done = run(tmp_path, "app", "--no-open", path=f"{tmp_path / 'without'}:{ROOT}")
    assert done.returncode == 1 and "huggingtweets_hub[app]" in done.stderr


def run(home: Path, *arguments: str, path: str = str(ROOT)) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "huggingtweets_hub", *arguments], capture_output=True, text=True, timeout=200,
        env={**os.environ, "PYTHONPATH": path, "HUGGINGTWEETS_HOME": str(home)},
    )  # fmt: skip
