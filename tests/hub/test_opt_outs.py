"""The lists of opt-outs: nobody on one is forgotten, and whoever is on one can be taken off it."""

from pathlib import Path

import pytest

from huggingtweets_hub.hub import opt_outs
from tests.servers.hub import HubServer

NAMESPACE = "huggingtweets"


def write(folder: Path, content: str) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / opt_outs.FILE
    path.write_text(content, "utf-8")
    return path


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\f", "\v"])
def test_what_is_in_a_comment_never_becomes_a_name(hub: HubServer, home: Path, separator: str) -> None:
    line = f"ada  # asked us on 2 May,{separator}eve"
    path = write(home, f"{line}\n")
    opt_outs.add(["nasa"])
    assert path.read_text("utf-8").split("\n")[0] == line
    assert opt_outs.remove("nasa", NAMESPACE)
    assert path.read_text("utf-8") == f"{line}\n" and opt_outs.listed() == {"ada"}
