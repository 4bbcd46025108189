"""Publish many accounts by `batch` and one by one, on loopback servers as slow as the real ones, and compare.

    python tests/benchmarks/batch.py --accounts 1 5 10 20 40

Each page of the X API takes a second, the Hub's storage takes 20 MB/s. The base is a GPT-2 of random
weights, as wide as `--width` says. With `--kill N` the batch is
ended by SIGKILL that many times at random and started again; with `--failing N` so many accounts more fail,
each kind of failure in its turn.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import threading
import time
import types
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

# Some installed package may be called so, too.
_TESTS = types.ModuleType("tests")
_TESTS.__path__ = [str(Path(__file__).parents[1])]
sys.modules["tests"] = _TESTS

from huggingtweets_hub.batch.ledger import Ledger  # noqa: E402
from tests.batch import accounts  # noqa: E402
from tests.servers.hub import HubServer  # noqa: E402
from tests.servers.x_api import XServer  # noqa: E402

TWEETS = 400
_MEASURED = ("training", "evaluation", "samples")


def main() -> None:
    """Run what is asked for, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--accounts", type=int, nargs="+", default=[1, 5, 10, 20, 40])
    parser.add_argument(
        "--singly", type=int, default=0, metavar="N", help="publish N of them one by one, too"
    )
    parser.add_argument(
        "--width", type=int, default=384, help="of the base model: 6 layers of so many numbers"
    )
    parser.add_argument("--kill", type=int, default=0)
    parser.add_argument("--failing", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--option", action="append", default=[], help="of batch, such as --option=--engine=ray"
    )
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        base = made_base(Path(folder), arguments.width)
        single = [
            seconds_of_single(Path(folder) / "single", base, number) for number in range(arguments.singly)
        ]
        print("| accounts | wall, s | training and evaluation, s | ratio | of single runs | peak MB |")
        print("| ---: | ---: | ---: | ---: | ---: | ---: |")
        for number in arguments.accounts:
            found = measured(Path(folder) / str(number), base, number, arguments)
            inside = found["inside"]
            of_single = found["wall"] / (number * sum(single) / len(single)) if single else None
            print(
                f"| {number} | {found['wall']:.0f} | {inside:.0f} | {found['wall'] / inside:.2f} "
                f"| {'–' if of_single is None else f'{of_single:.2f}'} | {found['peak_mb']:,} |",
                flush=True,
            )
            print(json.dumps({**found, "single": single}), file=sys.stderr)


def made_base(folder: Path, width: int) -> Path:
    """A GPT-2 of random weights with a tokenizer made from the sample."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Config, GPT2LMHeadModel, GPT2Tokenizer

    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(accounts.texts(0, 425), vocab_size=4_000, show_progress=False)
    bpe.save_model(str(folder))
    tokenizer = GPT2Tokenizer(vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt"))
    torch.manual_seed(0)
    ids = dict.fromkeys(("bos_token_id", "eos_token_id"), tokenizer.eos_token_id)
    config = GPT2Config(
        vocab_size=len(tokenizer), n_positions=256, n_embd=width, n_layer=6, n_head=width // 64, **ids
    )
    GPT2LMHeadModel(config).save_pretrained(folder / "base")
    tokenizer.save_pretrained(folder / "base")
    return folder / "base"


class Services:
    """A Hub and an X API with `number` accounts, and the environment that leads there."""

    def __init__(self, folder: Path, number: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.hub, self.x = HubServer(), XServer()
        self.hub.add_user("alice", token="hf_alice", orgs={"huggingtweets": "write"})
        self.hub.upload_speed, self.x.seconds = 20e6, 1.0
        for n in range(number):
            accounts.add(self.x, f"user{n}", n, TWEETS)
        self.environment = {
            **os.environ, "HF_ENDPOINT": self.hub.url, "HF_TOKEN": "hf_alice", "HF_HUB_DISABLE_XET": "1",
            "HF_HOME": str(folder / "hf"), "HUGGINGTWEETS_HOME": str(folder / "home"),
            "HUGGINGTWEETS_X_API_URL": self.x.url, "X_BEARER_TOKEN": "x-secret",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }  # fmt: skip

    def __enter__(self) -> "Services":
        self.hub.__enter__()
        self.x.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.x.__exit__()
        self.hub.__exit__()


def measured(folder: Path, base: Path, number: int, arguments: Any) -> dict[str, Any]:
    """A batch of so many accounts, with what is to go wrong."""
    with Services(folder, number) as services:
        users = folder / "users.yaml"
        users.write_text("".join(entries(services, folder, number, arguments.failing)))
        command = [
            sys.executable, "-m", "huggingtweets_hub", "batch", str(users), "--base-model", str(base),
            "--max-cost", "1000", "--tracker", "none", "--namespace", "huggingtweets", *arguments.option,
        ]  # fmt: skip
        chance = random.Random(arguments.seed)
        began, kills = time.perf_counter(), arguments.kill
        while True:
            with (folder / "said.txt").open("a") as said:
                process = subprocess.Popen(
                    command, env=services.environment, stderr=said, stdout=subprocess.DEVNULL
                )
            watch = Watch(process.pid)
            if kills:
                try:
                    process.wait(chance.uniform(3, 60))
                except subprocess.TimeoutExpired:
                    process.kill()
                    kills -= 1
                process.wait()
                continue
            code = process.wait()
            break
        wall = time.perf_counter() - began
        os.environ["HUGGINGTWEETS_HOME"] = str(folder / "home")
        ledger = Ledger()
        latest = ledger.latest().values()
        attempts = [a for repo_id in {a.repo_id for a in latest} for a in ledger.attempts(repo_id)]
        inside = sum(a.stages.get(name, 0.0) for a in latest if a.is_done for name in _MEASURED)
        commits = Counter(
            sum(commit.title.startswith("Publish") for commit in repo.commits)
            for repo in services.hub.repos.values()
        )
        return {
            "accounts": number, "exit": code, "wall": round(wall, 1), "inside": round(inside, 1),
            "peak_mb": watch.peak_mb, "states": Counter(a.state for a in latest), "attempts": len(attempts),
            "stages of the first": next((a.stages for a in latest if a.is_done), {}),
            "reasons": Counter(f"{a.kind} ({a.remedy})" for a in latest if a.state == "failed"),
            "publications a repository": commits, "reads of a tweet": Counter(services.x.reads.values()),
        }  # fmt: skip


def entries(services: Services, folder: Path, number: int, failing: int) -> Any:
    """The entries of the users file: the good ones, with those that fail among them."""
    for n in range(number):
        yield f"- user{n}\n"
        if n < failing:
            yield bad_entry(services, folder, n)


def bad_entry(services: Services, folder: Path, n: int) -> str:
    """An entry that fails in one of ten ways, and what makes it fail."""
    handle, x, hub = f"bad{n}", services.x, services.hub
    path = folder / f"{handle}.jsonl"
    kind = n % 10
    if kind == 0:  # no such account
        pass
    elif kind == 1:
        x.add_suspended(handle)
    elif kind == 2:
        x.add_account({"id": str(9000 + n), "username": handle, "name": "Shy", "protected": True})
    elif kind == 3:
        accounts.add(x, handle, 900 + n, 0)  # empty
    elif kind == 4:
        accounts.add(x, handle, 900 + n, 5)  # too little
    elif kind == 5:
        accounts.write(folder, "another", 900 + n)
        return f"- {{handle: {handle}, from: another.jsonl}}\n"
    elif kind == 6:
        path.write_text("this is no JSON\n")
        return f"- {{handle: {handle}, from: {path.name}}}\n"
    elif kind == 7:  # somebody else's repository
        hub.add_repo(f"huggingtweets/{handle}", {"README.md": b"mine", "model.safetensors": b"x"})
        accounts.add(x, handle, 900 + n, 100)
    elif kind == 8:  # a base model that does not load
        (folder / "broken").mkdir(exist_ok=True)
        (folder / "broken" / "config.json").write_text('{"model_type": "gpt2"}')
        accounts.add(x, handle, 900 + n, 120)
        return f"- {{handle: {handle}, base-model: broken}}\n"
    else:  # the Hub never takes it
        hub.faults.answer("POST", f"/api/models/huggingtweets/{handle}/commit/main", 500, times=10_000)
        accounts.add(x, handle, 900 + n, 120)
    return f"- {handle}\n"


def seconds_of_single(folder: Path, base: Path, number: int) -> float:
    """How long `publish` takes for one account, in a process of its own."""
    with Services(folder / str(number), number + 1) as services:
        command = [
            sys.executable, "-m", "huggingtweets_hub", "publish", f"user{number}", "--base-model", str(base),
            "--tracker", "none", "--namespace", "huggingtweets", "-q",
        ]  # fmt: skip
        began = time.perf_counter()
        subprocess.run(command, env=services.environment, check=True, stdout=subprocess.DEVNULL)
        return round(time.perf_counter() - began, 2)


class Watch(threading.Thread):
    """Looks at the memory of a process and of all that it started, four times a second.

    Attributes:
        peak_mb: The most that was resident in all of them together, in MB.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak_mb = 0
        self._pid = pid
        self.start()

    def run(self) -> None:
        while pages := sum(map(_resident, _family(self._pid))):
            self.peak_mb = max(self.peak_mb, pages * resource.getpagesize() // 2**20)
            time.sleep(0.25)


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task").glob("*/children")
        return [
            pid,
            *(m for file in children for child in file.read_text().split() for m in _family(int(child))),
        ]
    except OSError:
        return [pid]


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0


if __name__ == "__main__":
    main()
