"""Hugging Face Jobs on loopback: the command of a job is run for real, as a process of this machine.

What a job would find is there: its volumes, its variables and secrets, the Hub's address, and `uv run`, which
is played by the Python of the tests with the wheel of `--with` in front of everything installed.

    with HubServer() as hub, Buckets(hub) as buckets, Jobs(hub, buckets, folder) as jobs:
        jobs.fates.append(EVICTED.after("step 10"))
        hub.faults.lose_reply("POST", "/api/jobs/alice$")
        ...  # HfApi(endpoint=hub.url).run_job(namespace="alice", image=…, command=[…])
        jobs.all[0].stage, jobs.usd
"""

from __future__ import annotations

import itertools
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from tests.servers.buckets import Buckets, at, may
from tests.servers.hub import JSON, Call, Cut, Fault, Handler, HubServer, Refusal, Reply, route

ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []
NS, ID = "(?P<namespace>[^/]+)", "(?P<id>[0-9a-f]{24})"
OVER = ("COMPLETED", "ERROR", "CANCELED", "DELETED")
LABEL = re.compile("[A-Za-z0-9_-]{1,100}")
LIBRARIES = ("HF_HOME", "HF_HUB_", "HF_XET_", "HF_DATASETS_", "TOKENIZERS_", "OMP_")
"""Settings of libraries that a job has from this process: of the Hub's client, of threads."""
# Name: processors, memory, accelerator, millionths of a dollar a minute.
FLAVORS: dict[str, tuple[str, str, JSON | None, int]] = {
    "cpu-basic": ("2 vCPU", "16 GB", None, 167),
    "cpu-upgrade": ("8 vCPU", "32 GB", None, 500),
    "t4-small": (
        "4 vCPU", "15 GB",
        {"type": "gpu", "model": "T4", "quantity": "1", "vram": "16 GB", "manufacturer": "Nvidia"}, 6667,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Fate:
    """What befalls a job; `line` is a pattern of the line of its log after which it does, else at once."""

    stage: str
    message: str
    line: str = ""

    def after(self, line: str) -> Fate:
        """The same, when the job has written a line like this."""
        return replace(self, line=line)


STUCK = Fate("SCHEDULING", "Waiting for a free machine")
EVICTED = Fate("ERROR", "The node was evicted")
OUT_OF_MEMORY = Fate("ERROR", "OOMKilled: exit code 137")
TIMED_OUT = Fate("ERROR", "Job timed out")
CANCELED = Fate("CANCELED", "Canceled by another member")
FINE = Fate("", "")


@dataclass
class Job:
    """A job: `spec` is what it was started with, secrets included; `attempts` how often it was run."""

    id: str
    namespace: str
    spec: JSON
    user: str
    fate: Fate
    stage: str = "SCHEDULING"
    message: str | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: datetime | None = None
    finished: datetime | None = None
    attempts: int = 0
    log: list[JSON] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None

    @property
    def lines(self) -> list[str]:
        """What it has written."""
        return [event["data"] for event in self.log if not event["data"].startswith("===== Job started")]

    @property
    def seconds(self) -> float:
        """For how long it has run, or ran."""
        if self.started is None:
            return 0.0
        return ((self.finished or datetime.now(UTC)) - self.started).total_seconds()

    @property
    def usd(self) -> float:
        """What it costs: each minute that has begun."""
        return math.ceil(self.seconds / 60) * FLAVORS[self.spec["flavor"]][3] / 1e6

    def shown(self) -> JSON:
        """The job as the Hub describes it: of the secrets, only their names."""
        spec = {key: self.spec.get(key) for key in ("dockerImage", "command", "arguments", "environment")}
        moments = {"createdAt": self.created, "startedAt": self.started, "finishedAt": self.finished}
        return {
            "id": self.id, **spec, "flavor": self.spec["flavor"], "labels": self.spec.get("labels", {}),
            "volumes": self.spec.get("volumes", []),
            "secrets": dict.fromkeys(self.spec.get("secrets", {}), ""),
            **{key: moment and at(moment) for key, moment in moments.items()},
            "status": {"stage": self.stage, "message": self.message},
            "durations": {"runningSecs": int(self.seconds) if self.started else None},
            "owner": {"id": "0" * 24, "name": self.namespace, "type": "user"},
            "initiator": {"type": "user", "id": "0" * 24, "name": self.user},
            "retry": self.spec.get("attempts", 1) - 1,
        }  # fmt: skip


class Jobs:
    """The jobs of a Hub, from enter to exit, when all that still run are killed.

    Attributes:
        all: The jobs, oldest first.
        fates: What befalls the next jobs, in their order.
        environment: Variables that every job has besides its own.
        without_credits: Namespaces that cannot pay.
        keep_alive_seconds: Between the signs of life of a silent log.
    """

    routes = ROUTES

    def __init__(self, hub: HubServer, buckets: Buckets, folder: Path) -> None:
        self.hub, self.buckets, self.folder = hub, buckets, folder
        self.all: list[Job] = []
        self.fates: list[Fate] = []
        self.environment: dict[str, str] = {}
        self.without_credits: set[str] = set()
        self.keep_alive_seconds = 30.0
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._closing = False

    def __enter__(self) -> Self:
        self.hub.annexes.append(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        with self._changed:
            self._closing = True
            for job in self.all:
                self._end(job, "DELETED", None)
        for thread in self._threads:
            thread.join()
        self.hub.annexes.remove(self)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def usd(self) -> float:
        """What all jobs have cost."""
        return sum(job.usd for job in self.all)

    @property
    def running(self) -> list[Job]:
        """The jobs that are not over."""
        return [job for job in self.all if job.stage not in OVER]

    def wait(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait until something is so; what the jobs do wakes this up."""
        with self._changed:
            if not self._changed.wait_for(condition, seconds):
                raise TimeoutError(f"Not so after {seconds:.0f} s: {[job.shown() for job in self.all]}")

    # -- faults of the log's stream

    def cut_log(self, lines: int, times: int = 1) -> None:
        """Break off the next streams of a log after so many lines."""
        self._spoil_log(lines, times, self._cut)

    def close_log(self, lines: int, times: int = 1) -> None:
        """End the next streams of a log after so many lines, as if that were all."""
        self._spoil_log(lines, times, lambda: None)

    def mute_log(self, lines: int, times: int = 1) -> None:
        """Let the next streams of a log go silent after so many lines, and stay open."""
        self._spoil_log(lines, times, self._sleep)

    @staticmethod
    def _cut() -> None:
        raise Cut

    def _sleep(self) -> None:
        while not self._closing and not self.hub.faults.closing.wait(0.1):
            pass

    def _spoil_log(self, lines: int, times: int, then: Callable[[], None]) -> None:
        def spoiled(events: Iterator[bytes]) -> Iterator[bytes]:
            yield from itertools.islice(events, lines)
            then()

        def answer(handle: Callable[[], Reply]) -> Reply:
            reply = handle()
            return replace(reply, body=spoiled(reply.body)) if isinstance(reply.body, Iterator) else reply

        self.hub.faults.add(Fault("GET", "/api/jobs/.+/logs", answer, times))

    # -- the API

    @route("GET", "/api/jobs/hardware", ROUTES)
    def _hardware(self, call: Call) -> Reply:
        return Reply(body=[
            {"name": name, "prettyName": name, "cpu": cpu, "ram": ram, "accelerator": accelerator,
             "unitCostMicroUSD": micro, "unitCostUSD": micro / 1e6, "unitLabel": "minute"}
            for name, (cpu, ram, accelerator, micro) in FLAVORS.items()
        ])  # fmt: skip

    def _allowed(self, call: Call, namespace: str, action: str) -> None:
        if not may(call.signed_in(), namespace, "job.write"):
            raise Refusal(403, f"You don't have the permission to {action} jobs in {namespace}")

    @route("POST", f"/api/jobs/{NS}", ROUTES)
    def _start(self, call: Call, namespace: str) -> Reply:
        self._allowed(call, namespace, "start")
        spec = call.json()
        if namespace in self.without_credits:
            raise Refusal(402, "Pre-paid credit balance is insufficient - add more credits to your account")
        if spec.get("flavor") not in FLAVORS or not spec.get("dockerImage") or not spec.get("command"):
            raise Refusal(400, "Invalid flavor, image or command")
        if not all(map(LABEL.fullmatch, spec.get("labels", {}).values())):
            raise Refusal(400, "Labels must match /^[a-zA-Z0-9_-]{1,100}$/")
        fate = self.fates.pop(0) if self.fates else FINE
        job = Job(f"{len(self.all) + 1:024x}", namespace, spec, call.signed_in().user, fate)
        self.all.append(job)
        thread = threading.Thread(target=self._run, args=(job,), name=f"job {job.id}")
        self._threads.append(thread)
        thread.start()
        return Reply(body=job.shown())

    @route("GET", f"/api/jobs/{NS}", ROUTES)
    def _list(self, call: Call, namespace: str) -> Reply:
        self._allowed(call, namespace, "list")
        stages = set(call.query.get("stage", (*OVER, "SCHEDULING", "RUNNING")))
        wanted = dict(label.split("=", 1) for label in call.query.get("label", ()))
        return self.hub.page(call, [
            job.shown() for job in self.all
            if job.namespace == namespace and job.stage in stages
            and wanted.items() <= job.spec.get("labels", {}).items()
        ])  # fmt: skip

    def _found(self, call: Call, namespace: str, id: str) -> Job:
        for job in self.all:
            if (job.namespace, job.id) == (namespace, id) and may(call.signed_in(), namespace, "job.write"):
                return job
        raise Refusal(404, "Job not found")

    @route("GET", f"/api/jobs/{NS}/{ID}", ROUTES)
    def _read(self, call: Call, namespace: str, id: str) -> Reply:
        return Reply(body=self._found(call, namespace, id).shown())

    @route("POST", f"/api/jobs/{NS}/{ID}/cancel", ROUTES)
    def _cancel(self, call: Call, namespace: str, id: str) -> Reply:
        job = self._found(call, namespace, id)
        with self._changed:
            self._end(job, "CANCELED", None)
        return Reply(body=job.shown())

    @route("GET", f"/api/jobs/{NS}/{ID}/logs", ROUTES)
    def _logs(self, call: Call, namespace: str, id: str) -> Reply:
        job = self._found(call, namespace, id)
        first = max(0, len(job.log) - int(call.get("tail"))) if call.get("tail") else 0
        return Reply(body=self._events(job, first))

    def _events(self, job: Job, told: int) -> Iterator[bytes]:
        """The log as a stream that goes on until the job is over; nobody notices that the client has left."""
        faults = self.hub.faults
        while not self._closing and not faults.closing.is_set():
            with self._changed:
                awake = self._changed.wait_for(
                    lambda told=told: len(job.log) > told or job.stage in OVER or self._closing,
                    self.keep_alive_seconds,
                )
                events, over = job.log[told:], job.stage in OVER
            if not awake:
                yield b": keep-alive\n\n"
            for event in events:
                yield f"data: {json.dumps(event)}\n\n".encode()
            told += len(events)
            if over:
                return

    # -- running

    def _end(self, job: Job, stage: str, message: str | None) -> None:
        """Put an end to a job that is not over; the lock must be held."""
        if job.stage not in OVER:
            job.stage, job.message, job.finished = stage, message, datetime.now(UTC)
            if job.process:
                with suppress(ProcessLookupError):
                    os.killpg(job.process.pid, signal.SIGKILL)
        self._changed.notify_all()

    def _say(self, job: Job, line: str) -> None:
        with self._changed:
            job.log.append({"timestamp": at(datetime.now(UTC)), "data": line})
            self._changed.notify_all()

    def _run(self, job: Job) -> None:
        if job.fate.stage == "SCHEDULING":
            with self._changed:
                job.message = job.fate.message
                self._changed.wait_for(lambda: job.stage in OVER)
            return
        with self._changed:
            if job.stage in OVER:
                return
            job.stage, job.started = "RUNNING", datetime.now(UTC)
            self._changed.notify_all()
        seconds = job.spec.get("timeoutSeconds", 1800)
        clock = threading.Timer(seconds, self._stop, (job, TIMED_OUT))
        clock.start()
        try:
            for number in range(job.spec.get("attempts", 1)):
                job.attempts = number + 1
                reason = self._attempt(job, self.folder / job.id / str(number + 1))
                if reason is None or job.stage in OVER:
                    break
            with self._changed:
                self._end(job, "ERROR" if reason else "COMPLETED", reason)
        except Exception as error:  # noqa: BLE001 - what a job cannot be given is its error
            with self._changed:
                self._end(job, "ERROR", f"{type(error).__name__}: {error}")
        finally:
            clock.cancel()

    def _stop(self, job: Job, fate: Fate) -> None:
        with self._changed:
            self._end(job, fate.stage, fate.message)

    def _attempt(self, job: Job, folder: Path) -> str | None:
        """Run the command; the reason if it failed."""
        mounts = {
            volume["mountPath"]: self._mounted(volume, folder) for volume in job.spec.get("volumes", [])
        }
        command = [_moved(part, mounts) for part in (*job.spec["command"], *job.spec["arguments"])]
        command, path = _as_uv(command, folder)
        home = folder / "home"
        home.mkdir(parents=True)
        own = {key: _moved(value, mounts) for key, value in job.spec.get("environment", {}).items()}
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(path),
            "JOB_ID": job.id, "CPU_CORES": "2", "MEMORY": "16Gi", "ACCELERATOR": "",
            **{name: value for name, value in os.environ.items() if name.startswith(LIBRARIES)},
            "HF_ENDPOINT": self.hub.url, "PYTHONUNBUFFERED": "1",
            **self.environment, **own, **job.spec.get("secrets", {}),
        }  # fmt: skip
        self._say(job, f"===== Job started at {datetime.now(UTC):%Y-%m-%d %H:%M:%S} =====")
        with self._changed:
            if job.stage in OVER:
                return "It was ended before it began"
            job.process = subprocess.Popen(
                command, env=environment, cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
            )  # fmt: skip
        fate, job.fate = job.fate, FINE
        assert job.process.stdout
        with job.process.stdout as output:
            befallen = self._befall(job, fate, "")
            for line in output:
                self._say(job, line.rstrip("\n"))
                befallen = befallen or self._befall(job, fate, line)
        code = job.process.wait()
        if befallen:
            return fate.message
        return f"Job failed with exit code: {code}" if code else None

    def _befall(self, job: Job, fate: Fate, line: str) -> bool:
        """Whether the job is killed now; other tries may follow if its fate is an error."""
        if not fate.stage or not re.search(fate.line, line) or (fate.line and not line):
            return False
        if fate.stage != "ERROR" or fate.message == TIMED_OUT.message:
            self._stop(job, fate)
        assert job.process
        with suppress(ProcessLookupError):
            os.killpg(job.process.pid, signal.SIGKILL)
        return True

    def _mounted(self, volume: JSON, folder: Path) -> Path:
        """A real folder in the place of a volume."""
        if volume["type"] != "bucket":
            raise NotImplementedError("Volumes that are no buckets")
        prefix = f"{volume['path']}/" if volume.get("path") else ""
        files = dict(self.buckets.all[volume["source"]].files)
        held = {path[len(prefix) :]: file for path, file in files.items() if path.startswith(prefix)}
        if not held:
            raise FileNotFoundError(f"the bucket has no folder {prefix}")
        target = folder / "volumes" / volume["mountPath"].strip("/")
        for name, file in held.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(file.content)
        return target


def _moved(text: str, mounts: Mapping[str, Path]) -> str:
    """The text with the real folders in the place of the paths where a job sees them."""
    for path, folder in mounts.items():
        text = re.sub(rf"(?<![\w/]){re.escape(path)}(?=/|$)", str(folder), text)
    return text


def _as_uv(command: Sequence[str], folder: Path) -> tuple[list[str], Path]:
    """What `uv run` would run, and the folder in which the wheels of `--with` are unpacked."""
    site = folder / "site"
    site.mkdir(parents=True)
    rest = list(command)
    if rest[:2] == ["uv", "run"]:
        rest = rest[2:]
        while rest[0].startswith("-"):
            option = rest.pop(0)
            if option == "--with":
                if (wheel := rest.pop(0)).endswith(".whl"):
                    with zipfile.ZipFile(wheel) as packed:
                        packed.extractall(site)
            elif option in (
                "--index",
                "--default-index",
                "--extra-index-url",
                "--index-strategy",
                "--python",
            ):
                rest.pop(0)
            elif option not in ("--no-project", "--quiet", "--no-progress", "--isolated"):
                raise ValueError(f"uv run has no option {option}, or this server does not know it")
    if rest[0] in ("python", "python3"):
        rest[0] = sys.executable
    return rest, site
