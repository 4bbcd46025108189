"""Commands that start at once and can be killed at any moment: forks of a process that has loaded it all.

Run as a script it is that process: a line of JSON in, a process started and ended, a line of JSON out.
"""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

LOADED = (
    "torch", "transformers", "datasets", "tweepy", "PIL.Image", "matplotlib.backends.backend_agg",
    "safetensors.torch", "huggingface_hub", "httpx2", "stamina", "filelock", "jinja2", "regex", "markdown_it",
    "requests", "transformers.models.gpt2.modeling_gpt2", "transformers.models.gpt2.tokenization_gpt2",
    "huggingtweets_hub.pipeline.publish", "huggingtweets_hub.model.evaluation",
    "huggingtweets_hub.batch.local",
    "huggingtweets_hub.cli.publish", "huggingtweets_hub.cli.batch",
)  # fmt: skip


class Ended(dict[str, Any]):
    """How a command has ended: `status` (negative: the signal), `seconds`, `pid`, `said`."""

    @property
    def was_killed(self) -> bool:
        return bool(self["status"] == -signal.SIGKILL)


class Forks:
    """The process that forks, from the outside."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )  # fmt: skip

    def run(self, *arguments: str, kill_after: float | None = None, **environment: str) -> Ended:
        """Run a command of `huggingtweets`, and kill it after some seconds unless it has ended by then."""
        assert self._process.stdin and self._process.stdout
        known = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH",)}
        order = {"arguments": arguments, "environment": {**known, **environment}, "log": str(self._log)}
        self._process.stdin.write(json.dumps({**order, "kill_after": kill_after}) + "\n")
        self._process.stdin.flush()
        ended = Ended(json.loads(self._process.stdout.readline()))
        ended["said"] = self._log.read_text("utf-8", "replace")
        return ended

    def close(self) -> None:
        self._process.communicate()


def living(session: int) -> list[int]:
    """The processes of a session that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def _forked(order: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    os.setsid()
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number, place in ((os.open(os.devnull, os.O_RDONLY), 0), (log, 1), (log, 2)):
        os.dup2(number, place)
    os.environ.clear()
    os.environ.update(order["environment"])
    status = 1
    if "TEST_CLOCK_JUMPS" in os.environ:
        real, jumps = time.time, itertools.cycle((0.0, -3600.0, 3e8, 3600.0, -3e8, -9e8))
        time.time = lambda: real() + next(jumps)
    try:
        from huggingtweets_hub.cli import main

        main(list(order["arguments"]))
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:  # noqa: BLE001
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)


def _ended(child: int, kill_after: float | None) -> int:
    give_up = time.monotonic() + (600 if kill_after is None else kill_after)
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        left = give_up - time.monotonic()
        if left <= 0:
            os.kill(child, signal.SIGKILL)
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        time.sleep(min(left, 0.005))


def _serve() -> None:
    import importlib

    for name in LOADED:
        importlib.import_module(name)
    for line in sys.stdin:
        order = json.loads(line)
        began = time.monotonic()
        child = _forked(order)
        status = _ended(child, order["kill_after"])
        print(json.dumps({"status": status, "seconds": time.monotonic() - began, "pid": child}), flush=True)


if __name__ == "__main__":
    _serve()
