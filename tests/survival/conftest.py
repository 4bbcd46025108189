"""Commands that can be killed, and a disk that can be full."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.hub import HubServer
from tests.servers.x_api import XServer
from tests.survival.forking import Forks
from tests.survival.support import Traffic


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    if not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    made = Forks(tmp_path_factory.mktemp("forks") / "log")
    yield made
    made.close()


@pytest.fixture
def traffic(hub: HubServer, x: XServer, monkeypatch: pytest.MonkeyPatch) -> Traffic:
    """What passes both servers."""
    made = Traffic()
    for server in (hub, x):
        monkeypatch.setattr(server, "handle", made.passing(server.handle))
    return made


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A disk in memory: called with options of `mount` it is mounted, then again with others."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options: str) -> Path:
        remount = "remount," if os.path.ismount(folder) else ""
        command = ["mount", "-t", "tmpfs", "-o", remount + options, "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"no disk may be mounted here: {done.stderr.strip()}")
        return folder

    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux mounts a disk")
    yield mount
    while os.path.ismount(folder):
        subprocess.run(["umount", str(folder)], check=True)
