"""Names of accounts, models, repositories, and of the files in them."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from huggingtweets_hub.core.errors import InvalidInputError
from huggingtweets_hub.core.text import visible

HANDLE = re.compile(r"[A-Za-z0-9_]{1,15}", re.ASCII)
REPO_ID = re.compile(r"(?=.{3,193}\Z)(?!.*\.\.)[A-Za-z0-9][\w.-]*/[A-Za-z0-9_][\w.-]*", re.ASCII)
MAX_ACCOUNTS = 3
CARD = "README.md"
FACTS = "huggingtweets.json"
PREVIEW = "preview.png"
CURVE = "training.png"
PAGE = "card.html"
"""The card as the Hub will show it, to look at before it is pushed."""
TAG = "huggingtweets"
"""The tag on every card of ours."""
_DRIVE = re.compile(r"[A-Za-z]:")
_PICTURE = re.compile(r"\.(png|jpg)\Z")


def parse_handle(text: str) -> str:
    """The handle without its leading @; upper and lower case are kept.

    Raises:
        InvalidInputError: Not one to fifteen letters, digits and underscores.
    """
    handle = text.removeprefix("@")
    if not HANDLE.fullmatch(handle):
        raise InvalidInputError(
            f"{text!r} is not a valid X handle: a handle has 1 to 15 letters, digits or underscores.",
            "Use the name after the @ on the profile page.",
        )
    return handle


def model_name(handles: Iterable[str]) -> str:
    """The name of the model of these accounts: lower-cased, sorted, joined by a hyphen."""
    return "-".join(sorted(handle.lower() for handle in handles))


def model_files(files: Mapping[str, str]) -> dict[str, str]:
    """The published files that make up the model: all except the card and its pictures."""
    return {path: digest for path, digest in files.items() if path != CARD and not _PICTURE.search(path)}


def stays_inside(path: str) -> bool:
    """Whether the name of a file, joined to a folder, leads to a place in that folder on every system."""
    is_plain = "\\" not in path and not _DRIVE.match(path) and visible(path) == path and path.isprintable()
    return is_plain and not {"", ".", ".."} & set(path.split("/"))


def expanded(path: str | Path) -> Path:
    """A path as its user means it: ~ is a home, or stays as it is where there is no such user."""
    return Path(os.path.expanduser(path))
