"""A command in a fork ends as one in a Python of its own does."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="there are no forks here")

ENDS = {
    "at the end": "print('done')",
    "with a number": "import sys; print('done'); sys.exit(3)",
    "with a text": "raise SystemExit('not today')",
    "with nothing": "raise SystemExit",
    "by an error": "print('begun'); raise ValueError('seven')",
    "by Ctrl-C": "raise KeyboardInterrupt",
    "by a signal": f"import os; os.kill(os.getpid(), {int(signal.SIGTERM)})",
    "at once": "import os; print('lost'); os._exit(4)",
    "after its threads": "import threading, time\n"
    "threading.Thread(target=lambda: (time.sleep(0.05), print('thread'))).start()\nprint('main')",
    "after what was registered": "import atexit; atexit.register(print, 'registered'); print('main')",
    "after pools": "import concurrent.futures as f\n"
    "f.ThreadPoolExecutor(1).submit(lambda: print('pool')); import atexit; atexit.register(print, 'end')",
    "without daemons": "import threading, time\n"
    "threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); print('main')",
    "where nobody reads": "import sys; print('x'); sys.stdout.flush = lambda: (_ for _ in ()).throw(OSError)",
    "with closed streams": "import sys; print('main'); sys.stdout.close(); sys.stderr.close()",
}


def ended(python: str, code: str) -> tuple[int, str, str]:
    options: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 120}
    done = subprocess.run([python, "-c", code], **options)
    return done.returncode, done.stdout, done.stderr.strip().rpartition("\n")[2]


@pytest.mark.parametrize("how", ENDS)
def test_a_fork_ends_as_a_python_of_its_own(warm: None, how: str) -> None:
    real = str(Path(sys.executable).read_text("utf-8").splitlines()[0].removeprefix("#!").split()[0])
    status, out, last = ended(sys.executable, ENDS[how])
    expected = ended(real, ENDS[how])
    assert (status, out) == expected[:2]
    assert last == expected[2] or how == "where nobody reads"  # of a flush at the end nothing can be said
