"""One Hub for the whole run, since its client reads the address once; everything else is per test."""

import gc
import importlib
import itertools
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import hypothesis
import pytest

from huggingtweets_hub.card import files, pictures
from huggingtweets_hub.hub import client, namespace_opt_outs, store
from huggingtweets_hub.upgrade import proposal
from tests.servers.buckets import Buckets
from tests.servers.hub import HubServer
from tests.servers.jobs import Jobs
from tests.servers.x_api import XServer
from tests.trained import Trained
from tests.warm_python import SELDOM, Warm, read_certificates_once

read_certificates_once()
HUB = HubServer()
FOLDERS = itertools.count()  # of tests
# Before huggingface_hub is imported, which reads these once.
os.environ.update(
    HF_ENDPOINT=HUB.url,
    HF_HUB_DISABLE_XET="1",
    HF_XET_CLIENT_RETRY_BASE_DELAY="10ms",
    HF_HUB_DISABLE_TELEMETRY="1",
    HF_HUB_DISABLE_PROGRESS_BARS="1",
    HF_DATASETS_DISABLE_PROGRESS_BARS="1",
    TOKENIZERS_PARALLELISM="false",
    OMP_NUM_THREADS="1",  # the models are tiny; waiting threads would cost more than they give
    WANDB_SILENT="true",
)
for name in ("HF_TOKEN", "X_BEARER_TOKEN", "TWITTER_BEARER_TOKEN", "WANDB_API_KEY", "WANDB_MODE", "HF_DEBUG"):
    os.environ.pop(name, None)
for name in [name for name in os.environ if name.startswith("HUGGINGTWEETS_")]:
    del os.environ[name]

# The same inputs in each run: a change is not to blame for what was there before. FUZZ_INPUTS draws others.
# However long they take: nothing is said of a test by a busy machine.
hypothesis.settings.register_profile(
    "same",
    derandomize="FUZZ_INPUTS" not in os.environ,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes on a quiet machine may take many on a busy one."""
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(1200))


def pytest_collection_finish() -> None:
    """What is loaded by now will stay: need not be looked through for garbage, which is looked for seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _hub_server() -> Iterator[None]:
    with HUB:
        yield


@pytest.fixture(scope="session", autouse=True)
def _warm_soon(request: pytest.FixtureRequest) -> None:
    """Where all tests run, some will want it, and need not wait for it if it begins to load now."""
    if "PYTEST_XDIST_WORKER" in os.environ and len(request.session.items) > 1000:
        request.getfixturevalue("_warm")


@pytest.fixture(scope="session", autouse=True)
def _hub_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    from huggingface_hub import constants

    cache = tmp_path_factory.mktemp("hf")
    os.environ["HF_HOME"] = str(cache)
    os.environ["TRACKIO_DIR"] = str(cache / "trackio")  # read once, when it is imported
    constants.HF_HUB_CACHE = constants.HUGGINGFACE_HUB_CACHE = str(cache / "hub")
    constants.HF_ASSETS_CACHE = str(cache / "assets")  # also what base models write, for all tests
    constants.HF_TOKEN_PATH = str(cache / "token")


@pytest.fixture(scope="session")
def _warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    with_libraries = Warm(tmp_path_factory.mktemp("warm"))
    yield with_libraries
    with_libraries.close()


@pytest.fixture
def warm(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is started as `sys.executable` has the heavy libraries loaded already; a real Python elsewhere."""
    if hasattr(os, "pidfd_open"):
        monkeypatch.setattr(sys, "executable", str(request.getfixturevalue("_warm").executable))


@pytest.fixture(scope="session")
def _trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.getbasetemp()
    shared = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "trained"
    shared.mkdir(exist_ok=True)
    return Trained(shared)


@pytest.fixture
def trained(_trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process trains, and an earlier test has trained, is taken from there."""
    for user in ("learn", "publish"):
        module = importlib.import_module(f"huggingtweets_hub.pipeline.{user}")
        monkeypatch.setattr(module, "learn", _trained.learn)


@pytest.fixture(scope="session")
def _drawn() -> SimpleNamespace:
    kept: dict[tuple[str, str], Any] = {}

    def once(name: str) -> Callable[..., Any]:
        draw = getattr(pictures, name)

        def drawn(*given: Any) -> Any:
            key = name, repr(given)
            if key not in kept:
                kept[key] = draw(*given)
            return kept[key]

        return drawn

    names = ("drawn_face", "social_preview", "training_curve")
    return SimpleNamespace(**{**vars(pictures), **{name: once(name) for name in names}})


@pytest.fixture(autouse=True)
def _pictures(_drawn: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a publication shows is drawn once for the same facts."""
    for user in (files, proposal):
        monkeypatch.setattr(user, "card_pictures", _drawn)


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As pytest's, which also renews a link to the latest folder: that takes longer than most tests."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    folder = tmp_path_factory.getbasetemp() / f"{name}{next(FOLDERS)}"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """HUGGINGTWEETS_HOME of this test; no token, no netrc of the machine."""
    import stamina

    folder = tmp_path / "home"
    monkeypatch.setenv("HUGGINGTWEETS_HOME", str(folder))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    stamina.set_testing(True, attempts=5)  # retries without the pauses between them
    return folder


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Go on in a new process on the machine with this name, which has a HUGGINGTWEETS_HOME of its own."""

    def go_on(name: str) -> Path:
        monkeypatch.setenv("HUGGINGTWEETS_HOME", str(tmp_path / name))
        store.look_again()
        namespace_opt_outs.look_again()
        return tmp_path / name

    return go_on


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """An empty Hub where alice, whose token is set, may write to her own and to `huggingtweets`."""
    HUB.reset()
    client.forget_who()
    namespace_opt_outs.look_again()
    HUB.add_user("alice", token="hf_alice", orgs={"huggingtweets": "write"})
    monkeypatch.setenv("HF_TOKEN", "hf_alice")
    yield HUB
    assert HUB.unhandled == []


@pytest.fixture
def buckets(hub: HubServer) -> Iterator[Buckets]:
    """The Hub's buckets; there are none."""
    with Buckets(hub) as found:
        yield found


@pytest.fixture
def jobs(warm: None, hub: HubServer, buckets: Buckets, tmp_path: Path) -> Iterator[Jobs]:
    """Hugging Face Jobs, on this machine and without an invoice."""
    with Jobs(hub, buckets, tmp_path / "jobs") as found:
        yield found


@pytest.fixture
def x(monkeypatch: pytest.MonkeyPatch) -> Iterator[XServer]:
    """An X API without accounts, whose token is set."""
    with XServer(token="x-secret") as server:
        monkeypatch.setenv("HUGGINGTWEETS_X_API_URL", server.url)
        monkeypatch.setenv("X_BEARER_TOKEN", "x-secret")
        yield server
        assert server.unhandled == []


@pytest.fixture(scope="session")
def tiny_gpt2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a GPT-2 that is real in everything but its size, random weights.

    Its texts end after some twenty tokens, as those of a bot do; else each would take as long as the context.
    """
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Config, GPT2LMHeadModel, GPT2Tokenizer

    from huggingtweets_hub import Silent, fetch_timeline

    folder = tmp_path_factory.mktemp("bases") / "tiny-gpt2"
    bpe = ByteLevelBPETokenizer()
    posts = fetch_timeline(source="sample", progress=Silent()).tweets
    bpe.train_from_iterator([post.text for post in posts], vocab_size=1000, show_progress=False)
    bpe.save_model(str(folder.parent))
    vocab, merges = folder.parent / "vocab.json", folder.parent / "merges.txt"
    tokenizer = GPT2Tokenizer(vocab=str(vocab), merges=str(merges), model_max_length=256)
    torch.manual_seed(0)
    ids = dict.fromkeys(("bos_token_id", "eos_token_id"), tokenizer.eos_token_id)
    config = GPT2Config(vocab_size=len(tokenizer), n_positions=256, n_embd=32, n_layer=2, n_head=2, **ids)
    model = GPT2LMHeadModel(config)
    with torch.no_grad():  # one direction that is always there, and that speaks for the end alone
        model.transformer.ln_f.bias[0] = 1.0
        model.transformer.wte.weight[tokenizer.eos_token_id, 0] += 1.8
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    gc.collect()
    gc.freeze()  # the libraries that are loaded by now
    return folder
