"""Commands that start at once and can be killed at any moment: forks of a process that has loaded it all.

Run as a script it is that process: a line of JSON in, a process started, a line of JSON out with its number;
the line `kill` while it runs ends it; a line of JSON out tells how it has ended.
"""

import itertools
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

LOADED = (
    "datasets", "huggingtweets_hub.pipeline.publish", "huggingtweets_hub.model.evaluation",
    "huggingtweets_hub.batch.local", "huggingtweets_hub.cli.publish", "huggingtweets_hub.cli.batch",
)  # fmt: skip


class Ended(dict[str, Any]):
    """How a command has ended: `status` (negative: the signal), `seconds`, `pid`, `said`."""

    @property
    def was_killed(self) -> bool:
        return bool(self["status"] == -signal.SIGKILL)


class Running:
    """A command that was started.

    Attributes:
        pid: Its process, which leads a session of its own.
        ended: Set as soon as `wait` knows how it has ended.
    """

    def __init__(self, forker: "subprocess.Popen[str]", log: Path) -> None:
        self._forker, self._log, self._lock = forker, log, threading.Lock()
        self.ended = threading.Event()
        self.pid = int(self._told()["pid"])

    def kill(self) -> None:
        """SIGKILL, from any thread; to one that has ended nothing happens."""
        assert self._forker.stdin
        with self._lock:
            if not self.ended.is_set():  # a later line would be for the next command
                self._forker.stdin.write("kill\n")
                self._forker.stdin.flush()

    def poll(self) -> bool | None:
        """None while it runs, as with `subprocess.Popen`."""
        return True if self.ended.is_set() or select.select([self._forker.stdout], [], [], 0)[0] else None

    def said(self) -> str:
        """What it has written so far."""
        return self._log.read_text("utf-8", "replace")

    def wait(self) -> Ended:
        """How it ends."""
        try:
            ended = Ended(self._told())
        except BaseException:  # such as the time limit of a test: the next one must find all at rest
            self.kill()
            self._told()
            raise
        finally:
            with self._lock:
                self.ended.set()
        ended["said"] = self.said()
        return ended

    def _told(self) -> dict[str, Any]:
        assert self._forker.stdout
        told: dict[str, Any] = json.loads(_line(self._forker.stdout.fileno()))
        return told


class Forks:
    """The process that forks, from the outside; one command at a time."""

    def __init__(self, log: Path) -> None:
        from tests.warm_python import LIBRARIES  # which the script itself cannot find

        self._log = log
        self._process = subprocess.Popen(
            [sys.executable, __file__, *LIBRARIES, *LOADED], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )  # fmt: skip

    def start(self, *arguments: str, **environment: str) -> Running:
        """Start a command of `huggingtweets`."""
        assert self._process.stdin
        known = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH",)}
        self._log.write_bytes(b"")  # of the command before
        order = {
            "arguments": arguments, "environment": {**known, **environment}, "log": str(self._log),
            "executable": sys.executable,
        }  # fmt: skip
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Running(self._process, self._log)

    def run(self, *arguments: str, **environment: str) -> Ended:
        """Run a command of `huggingtweets` to its end."""
        return self.start(*arguments, **environment).wait()

    def close(self) -> None:
        self._process.communicate()


def living(session: int) -> dict[int, tuple[str, float]]:
    """The processes of a session that still run: what each does (R: run, S: sleep), its CPU seconds.

    And those that run for one of them, as forks of a warm Python.
    """
    from tests import warm_python

    found, titles = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            title, rest = stat.read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        fields, pid = rest.split(), int(stat.parent.name)
        if fields[0] == "Z":
            continue
        ticks = int(fields[11]) + int(fields[12])
        found[pid] = (fields[0], ticks / os.sysconf("SC_CLK_TCK"), int(fields[3]))
        titles[pid] = title
    ours = {pid for pid, (_, _, of) in found.items() if of == session}
    served = {warm_python.title(pid) for pid in ours}
    ours |= {pid for pid, title in titles.items() if title in served}
    return {pid: found[pid][:2] for pid in ours}


def _forked(order: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    os.setsid()
    # Whoever runs the tests in the background has some of them ignored, which is inherited.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number, place in ((os.open(os.devnull, os.O_RDONLY), 0), (log, 1), (log, 2)):
        os.dup2(number, place)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.executable = order["executable"]
    status = 1
    if "TEST_CLOCK_JUMPS" in os.environ:
        real, jumps = time.time, itertools.cycle((0.0, -3600.0, 3e8, 3600.0, -3e8, -9e8))
        time.time = lambda: real() + next(jumps)
    if "TEST_STRIKES" in os.environ:
        import striking  # beside this script

        striking.prepare(os.environ["TEST_STRIKES"])
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


def _ended(child: int) -> int:
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        if select.select([0], [], [], 0.005)[0] and _line(0) in (b"kill\n", b""):
            os.kill(child, signal.SIGKILL)
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _line(pipe: int) -> bytes:
    """A line and nothing more, so that `select` knows of what follows."""
    line = b""
    while not line.endswith(b"\n") and (byte := os.read(pipe, 1)):
        line += byte
    return line


def _serve() -> None:
    import gc
    import importlib

    for name in sys.argv[1:]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is loaded stays, and a fork that looks through it copies it all
    while line := _line(0):
        if line == b"kill\n":
            continue  # it had ended already
        began = time.monotonic()
        child = _forked(json.loads(line))
        print(json.dumps({"pid": child}), flush=True)
        status = _ended(child)
        print(json.dumps({"status": status, "seconds": time.monotonic() - began, "pid": child}), flush=True)


if __name__ == "__main__":
    _serve()
