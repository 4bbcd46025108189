"""Commands in processes that can be interrupted, wherever the tests run."""

import signal
import subprocess
import sys
from typing import Any

# A shell starts what runs in the background with SIGINT ignored, nohup with SIGHUP; Python leaves it so.
_LISTENING = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "hasattr(signal, 'SIGHUP') and signal.signal(signal.SIGHUP, signal.SIG_DFL); "
    "runpy.run_module('huggingtweets_hub', run_name='__main__', alter_sys=True)"
)


def interruptible(*arguments: str, **options: Any) -> "subprocess.Popen[str]":
    """Start `huggingtweets` as a terminal does, where Ctrl-C and the terminal's end reach it."""
    return subprocess.Popen([sys.executable, "-c", _LISTENING, *arguments], text=True, **options)


def interrupt(process: "subprocess.Popen[str]") -> None:
    """Ctrl-C."""
    process.send_signal(signal.SIGINT)
