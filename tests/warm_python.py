"""A Python that has the heavy libraries loaded: to start one takes a fork, not seconds of imports.

`Warm` puts a small program in the place of `sys.executable`. It hands its arguments, variables, folder and
streams to a process that has loaded what is slow to load, this package included, and that forks. A command
that finds another copy of the package on its path loads that one.
The program lives as long as the fork: it passes signals on and ends as it ends, and if it is killed, so is
the fork. Whatever a library reads when it is imported may differ for a command; that one gets a real Python.

Run as a script this is the process that forks.
"""

import atexit
import functools
import importlib
import importlib.machinery
import json
import logging
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGE = "huggingtweets_hub"
LIBRARIES = (
    "torch", "transformers", "tweepy", "PIL.Image", "matplotlib.backends.backend_agg", "safetensors.torch",
    "huggingface_hub", "httpx2", "stamina", "filelock", "jinja2", "regex", "markdown_it", "requests",
    "transformers.models.gpt2.modeling_gpt2", "transformers.models.gpt2.tokenization_gpt2", "sqlite3",
    "transformers.generation.utils", "huggingface_hub.hf_api", "click", "yaml", "asyncio", "tqdm.auto",
)  # fmt: skip
READ_AT_IMPORT = (
    "HF_",
    "HUGGINGFACE_",
    "TRANSFORMERS_",
    "OMP_",
    "MKL_",
    "TORCH",
    "CUDA_",
    "TOKENIZERS_",
    "MPL",
)
# `TORCHINDUCTOR_CACHE_DIR` torch sets by itself where a test has imported it.
READ_LATER = (
    "HF_TOKEN", "HF_DEBUG", "HF_DATASETS_DISABLE_PROGRESS_BARS", "TRANSFORMERS_VERBOSITY",
    "TORCHINDUCTOR_CACHE_DIR",
)  # fmt: skip
SELDOM = 50_000
"""So many more objects than before that garbage is looked for; Python waits for 700."""

LAUNCHER = r"""#!{python} -ISE
import array, json, os, select, signal, socket, struct, sys
def real():
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
def settings(variables):
    return {{k: v for k, v in variables.items() if k.startswith({prefixes!r}) and k not in {later!r}}}
words = [word for word in sys.argv[1:] if word != "-P"]
if words[:1] not in (["-c"], ["-m"]) or settings(os.environ) != {settings!r}:
    real()
streams = []
for number in range(3):
    try:
        os.fstat(number)
        streams.append(number)
    except OSError:
        pass
there = socket.socket(socket.AF_UNIX)
there.connect({address!r})
order = json.dumps({{
    "words": words, "environment": dict(os.environ), "folder": os.getcwd(), "streams": streams,
    "is_deaf": signal.getsignal(signal.SIGINT) is signal.SIG_IGN, "launcher": os.getpid(),
}}).encode()
def passed_on(number, frame):
    there.sendall(bytes([number]))
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, passed_on)
head = struct.pack("I", len(order))
there.sendmsg([head], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", streams))] if streams else [])
there.sendall(order)
for number in streams:
    os.close(number)
status = struct.unpack("i", there.recv(4))[0]
if status < 0:
    if -status != signal.SIGKILL:
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
os._exit(status)
"""


class Warm:
    """The process that forks, from the outside.

    Attributes:
        executable: What to start in place of `sys.executable`; it takes `-m` and `-c`.
    """

    def __init__(self, folder: Path) -> None:
        address = folder / "socket"
        self.executable = folder / "python"
        self.executable.write_text(
            LAUNCHER.format(
                python=sys.executable, address=str(address), prefixes=READ_AT_IMPORT, later=READ_LATER,
                settings=_settings(dict(os.environ)),
            )
        )  # fmt: skip
        self.executable.chmod(0o700)
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(address))
        listening.listen(64)
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(listening.fileno()), str(self.executable)],
            stdin=subprocess.PIPE, pass_fds=[listening.fileno()],
        )  # fmt: skip
        listening.close()

    def close(self) -> None:
        self._process.communicate()


def _settings(variables: dict[str, str]) -> dict[str, str]:
    return {k: v for k, v in variables.items() if k.startswith(READ_AT_IMPORT) and k not in READ_LATER}


def _serve(listening: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Fork for each order; what returns is a fork, with its order and its streams."""
    while True:
        ready, _, _ = select.select([listening, 0], [], [])
        if 0 in ready:  # closed: the tests are over
            os._exit(0)
        order_pipe, _ = listening.accept()
        if os.fork():
            order_pipe.close()
            continue
        listening.close()
        if os.fork():  # whoever waits is nobody's child, and leaves nothing for the server to bury
            os._exit(0)
        head, streams, _, _ = socket.recv_fds(order_pipe, 4, 3)
        order = json.loads(_exactly(order_pipe, struct.unpack("I", head)[0]))
        child = os.fork()
        if not child:
            order_pipe.close()
            return order, list(streams)
        for number in streams:
            os.close(number)
        _watch(order_pipe, child)


def _watch(pipe: socket.socket, child: int) -> None:
    ended = os.pidfd_open(child)
    while True:
        ready, _, _ = select.select([ended, pipe], [], [])
        if ended in ready:
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            try:
                pipe.sendall(struct.pack("i", status))
            finally:
                os._exit(0)
        said = pipe.recv(1)
        os.kill(child, said[0] if said else signal.SIGKILL)
        if not said:
            os._exit(0)


def _exactly(pipe: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        found += pipe.recv(size - len(found))
    return found


def title(launcher: int) -> str:
    """What the process calls itself that works for a launcher, which is of another session than that."""
    return f"for {launcher}"


def _become(order: dict[str, Any], streams: list[int], executable: str) -> None:
    """Make this process what a new Python would be."""
    Path("/proc/self/comm").write_text(title(order["launcher"]))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN if order["is_deaf"] else signal.default_int_handler)
    moved = [os.dup2(number, 100 + place, inheritable=False) for place, number in enumerate(streams)]
    for number in streams:
        os.close(number)
    for number in range(3):
        os.close(number)
    for place, number in zip(order["streams"], moved, strict=True):
        os.dup2(number, place)
        os.close(number)
    for number, name, mode, errors in (
        (0, "stdin", "r", "strict"), (1, "stdout", "w", "strict"), (2, "stderr", "w", "backslashreplace"),
    ):  # fmt: skip
        there = number in order["streams"]
        is_unbuffered = bool(order["environment"].get("PYTHONUNBUFFERED"))
        lines = number == 2 or is_unbuffered or (there and os.isatty(number))
        buffering = 1 if lines else -1
        stream = open(number, mode, buffering, errors=errors, closefd=False) if there else None  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    os.chdir(order["folder"])
    given = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    here = [] if os.environ.get("PYTHONSAFEPATH") else [""]
    sys.path[:] = [*here, *given, *sys.path[1:]]
    sys.executable = executable
    _find_package()
    _debug()


def _find_package() -> None:
    """Forget the package that is loaded where a new Python would find another copy of it, or none."""
    loaded, found = sys.modules[PACKAGE], importlib.machinery.PathFinder.find_spec(PACKAGE)
    if found is None or found.origin is None or not os.path.samefile(found.origin, str(loaded.__file__)):
        for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
            del sys.modules[name]


def _load_package() -> None:
    """Load what a command that publishes does, and nothing that only other commands need."""
    for name in ("cli", "pipeline", "batch", "upgrade"):
        importlib.import_module(f"{PACKAGE}.{name}")
    templates = importlib.import_module(f"{PACKAGE}.card.templates")
    for name in templates.TEMPLATES:
        templates.load(name)  # which compiles it


def read_certificates_once() -> None:
    """Every client of this process and its forks shares one context; it is asked for certificates by none."""
    import ssl

    ssl.create_default_context = functools.cache(ssl.create_default_context)  # type: ignore[assignment]


def _debug() -> None:
    """What huggingface_hub does when it is imported, if that is wanted."""
    from huggingface_hub import constants
    from huggingface_hub.utils import logging as its_logging

    if os.environ.get("HF_DEBUG", "").upper() in constants.ENV_VARS_TRUE_VALUES:
        constants.HF_DEBUG = True
        its_logging.set_verbosity_debug()


def _default_handler() -> logging.Handler:
    (handler,) = logging.getLogger("transformers").handlers
    return handler


def _is_loud(record: logging.LogRecord) -> bool:
    """Whether transformers would say this, had it been imported only now; a command may want it quiet."""
    wanted = os.environ.get("TRANSFORMERS_VERBOSITY", "warning")
    return record.levelno >= getattr(logging, wanted.upper())


def _main(words: list[str]) -> None:
    import runpy
    import types

    way, what, *more = words
    sys.argv = [way, *more]
    if way == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        made = types.ModuleType("__main__")
        sys.modules["__main__"] = made
        exec(compile(what, "<string>", "exec"), made.__dict__)


def _end(words: list[str]) -> None:
    """Run a command and end as Python does, but for taking every loaded library apart first.

    That takes several times as long as the fork, and gives the system back what it takes anyway.
    """
    status = 0
    try:
        _main(words)
    except KeyboardInterrupt:
        raise  # ends by the signal, which Python sees to
    except SystemExit as end:
        if isinstance(end.code, int | None):
            status = end.code or 0
        else:
            print(end.code, file=sys.stderr)
            status = 1
    except BaseException:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except (OSError, ValueError):
            status = 120
    os._exit(status)


if __name__ == "__main__":
    import gc

    _executable = sys.argv[2]
    for _name in LIBRARIES:
        importlib.import_module(_name)
    _load_package()
    read_certificates_once()
    _default_handler().addFilter(_is_loud)
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM, 20, 20)
    _order, _streams = _serve(socket.socket(fileno=int(sys.argv[1])))
    _become(_order, _streams, _executable)
    _end(_order["words"])
