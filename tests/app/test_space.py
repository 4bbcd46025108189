"""The Space as `--deploy` sends it, started as the Hub does: sign-in, training, and what is published."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from huggingtweets_hub.app import deploy
from huggingtweets_hub.app.jobs import Jobs
from huggingtweets_hub.app.web import on_space, words
from huggingtweets_hub.core.errors import HubError
from huggingtweets_hub.hub import access
from tests.conftest import HUB
from tests.servers.hub import HubServer
from tests.servers.openid import OpenIdServer
from tests.servers.zero_gpu import ZeroGpuServer

pytest.importorskip("gradio")
ROOT = Path(__file__).parents[2]
SPACE, OWNERS = "bob/make-a-bot", "hf_the_token_of_the_owner"
DESK, LONG = {"width": 1200, "height": 4000}, 240_000
# On ZeroGPU the library patches torch, which it cannot do to one without CUDA.
WITHOUT_A_CARD = (
    "import runpy, sys\nsys.modules['torch'] = None\nimport spaces\ndel sys.modules['torch']\n"
    "runpy.run_path('app.py', run_name='__main__')\n"
)


@dataclass
class Space:
    """A running Space."""

    process: "subprocess.Popen[str]"
    url: str
    home: Path
    signs_in: OpenIdServer

    def end(self) -> None:
        """End it with the process that `spaces` keeps for another call, as the end of a container does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate(timeout=60)


def start(folder: Path, signs_in: OpenIdServer, cards: ZeroGpuServer | None = None) -> Space:
    """Start what is deployed, with the wheel that it holds and not with this checkout."""
    site, home = folder / "site", folder / "home"
    for place in (site, home):
        place.mkdir()
    for name, content in deploy.contents(SPACE, folder).items():
        (site / name).write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= signs_in.environment() | {
        "SYSTEM": "spaces", "SPACE_ID": SPACE, "HF_TOKEN": OWNERS, "HF_ENDPOINT": HUB.url,
        "HUGGINGTWEETS_HOME": str(home), "TMPDIR": str(folder),
    }  # fmt: skip
    environment["PYTHONPATH"] = str(Path(pytest.importorskip("spaces").__file__).parents[1])
    program = ["app.py"]
    if cards is not None:
        environment |= {"SPACES_ZERO_GPU": "true", "SPACES_ZERO_DEVICE_API_URL": cards.url}
        program = ["-c", WITHOUT_A_CARD]
    errors = (folder / "errors").open("w+")
    process = subprocess.Popen(
        [sys.executable, *program],
        cwd=site,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if found := re.fullmatch(r"http://\S+:(\d+)/\s*", line):
            return Space(process, f"http://127.0.0.1:{found[1]}/", home, signs_in)
    raise AssertionError("".join(said) + (folder / "errors").read_text())


@pytest.fixture(scope="module")
def signs_in() -> Iterator[OpenIdServer]:
    with OpenIdServer("alice", "hf_alice") as server:
        yield server


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory, signs_in: OpenIdServer) -> Iterator[Space]:
    running = start(tmp_path_factory.mktemp("space"), signs_in)
    yield running
    running.end()


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[[Space], Any]]:
    contexts = []

    def page_of(space: Space) -> Any:
        context = chromium.new_context(viewport=DESK)
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(space.url)
        page.get_by_role("button", name="Read the posts").wait_for()
        return page

    yield page_of
    for context in contexts:
        context.close()


def shows(page: Any, text: str, where: str = "body") -> None:
    page.locator(where, has_text=re.compile(text)).first.wait_for(timeout=LONG)


def train_the_sample(page: Any) -> None:
    page.get_by_role("button", name="Try it with a made-up account").click()
    shows(page, "are used", "#found")
    page.locator("label", has_text="The author is made up").click()
    page.locator("label", has_text="Tiny").click()
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="Write five posts").wait_for(timeout=LONG)


def sign_in(page: Any) -> None:
    page.get_by_role("button", name="Sign in with Hugging Face").click()
    page.get_by_role("button", name="Logout (alice)").wait_for()


def test_it_says_where_the_posts_go_and_what_it_costs(
    space: Space, hub: HubServer, visit: Callable[[Space], Any]
) -> None:
    page = visit(space)
    promise = page.locator(".promise").inner_text()
    assert "goes to this Space and is deleted there" in promise and "this computer" not in promise
    assert "you do not" in page.content() or "pays for the hardware" in page.content()


def test_a_visitor_signs_in_and_asks_for_no_more_than_it_needs(
    space: Space, hub: HubServer, visit: Callable[[Space], Any]
) -> None:
    sign_in(visit(space))
    assert set(space.signs_in.scopes[-1].split()) == {"openid", "profile", "contribute-repos"}


@pytest.mark.slow
def test_a_bot_is_trained_and_published_under_the_name_of_the_visitor(
    space: Space, hub: HubServer, visit: Callable[[Space], Any]
) -> None:
    page = visit(space)
    train_the_sample(page)
    page.get_by_role("button", name="Publish on the Hugging Face Hub").click()
    shows(page, "You are not signed in", "#publish_problem")
    assert hub.repos == {}
    sign_in(page)
    page.get_by_role("button", name="Publish on the Hugging Face Hub").click()
    shows(page, "alice/lighthouse_ada")
    assert list(hub.repos) == ["alice/lighthouse_ada"]
    assert hub.repos["alice/lighthouse_ada"].head.author == "alice"


@pytest.mark.slow
def test_on_zero_gpu_a_training_is_one_call_in_a_forked_process(
    hub: HubServer, signs_in: OpenIdServer, visit: Callable[[Space], Any], tmp_path: Path
) -> None:
    with ZeroGpuServer() as cards:
        space = start(tmp_path, signs_in, cards)
        try:
            page = visit(space)
            assert "three minutes of your own ZeroGPU time" in page.content()
            train_the_sample(page)
        finally:
            space.end()
    paths = [path for path, _ in cards.asked]
    assert paths.count("/schedule") == paths.count("/release") == 1


# --- what it says ---------------------------------------------------------------------------------

FROM_THE_COMMAND_LINE = re.compile("hf auth|HF_TOKEN|--|terminal")


def test_a_visitor_whose_token_is_refused_is_told_to_sign_in_again(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = words.Place("", ("", ""), log_in=on_space._SIGN_IN_AGAIN)
    said = []
    hub.add_user("alice", token="hf_read", role="read")
    for token, namespace in (("hf_alice", "bob"), ("hf_read", "alice"), ("hf_unknown", "alice")):
        monkeypatch.setenv("HF_TOKEN", token)
        with pytest.raises(HubError) as raised:
            access.require_write_access(f"{namespace}/bot")
        said.append(words.advice(raised.value.next_step, place))
        assert "hf auth login" in words.advice(raised.value.next_step)
    assert not FROM_THE_COMMAND_LINE.search(" ".join(said))
    assert "own name by leaving the name empty, or log out and in again at the top" in said[0]
    assert said[1].startswith("Log out and in again at the top") and said[2] == said[1]


# --- what it costs ----------------------------------------------------------------------------------

KIND = {
    "name": "t4-small", "prettyName": "Nvidia T4 - small", "cpu": "4 vCPU", "ram": "15 GB",
    "ephemeralStorage": "50 GB", "accelerator": None, "unitCostMicroUSD": 6667, "unitCostUSD": 0.006667,
    "unitLabel": "minute",
}  # fmt: skip


def runs_on(hub: HubServer, name: str | None) -> None:
    hardware = {"stage": "RUNNING", "hardware": {"current": name}}
    hub.faults.answer("GET", f"/api/spaces/{SPACE}/runtime", 200, hardware)
    hub.faults.answer("GET", "/api/spaces/hardware", 200, [KIND])


def test_other_hardware_is_named_with_its_price(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    runs_on(hub, "t4-small")
    assert on_space.cost(SPACE) == (
        "This Space runs on Nvidia T4 - small, which costs $0.40 an hour. Its owner pays for it, not you."
    )


@pytest.mark.parametrize("space", [None, SPACE])
def test_where_nobody_says_what_it_runs_on_there_is_no_price(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, space: str | None
) -> None:
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    runs_on(hub, None)
    assert "$" not in on_space.cost(space) and "owner pays" in on_space.cost(None)


def test_what_a_visitor_leaves_there_goes_the_same_day(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(process: object, *, kept_seconds: float) -> Jobs:
        raise KeyboardInterrupt(kept_seconds)

    runs_on(hub, None)
    monkeypatch.setattr(on_space, "Jobs", opened)
    for name in on_space._OWNERS:
        monkeypatch.setenv(name, "of the owner")
    with pytest.raises(KeyboardInterrupt) as kept:
        on_space.serve(lambda **_: None)
    assert kept.value.args[0] == 6 * 3600 and "six hours" in on_space._PROMISE


def test_on_zero_gpu_it_is_the_visitors_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    assert "your own ZeroGPU time" in on_space.cost(SPACE)
