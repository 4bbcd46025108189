"""Names of repositories, and of the files in them."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from huggingtweets_hub.core.text import visible

# The rules of huggingface_hub's validate_repo_id.
REPO_ID = re.compile(
    r"(?!.*(?:\.\.|--|\.git\Z))[A-Za-z0-9](?:[\w.-]{0,94}\w)?/[A-Za-z0-9_](?:[\w.-]{0,94}\w)?", re.ASCII
)
_HUB_HOST = re.compile(r"(?:www\.)?(?:huggingface\.co|hf\.co)", re.IGNORECASE)
# What stands on the Hub where a name would, and what stands there below a model.
_HUB_PAGES = ("api", "collections", "datasets", "docs", "models", "organizations", "papers", "spaces")
_INSIDE_A_MODEL = {"blob", "commits", "discussions", "resolve", "tree"}
ATTRIBUTES = ".gitattributes"
"""The file that the Hub itself puts into a new repository."""
CARD = "README.md"
FACTS = "huggingtweets.json"
PREVIEW = "preview.png"
CURVE = "training.png"
PAGE = "card.html"
"""The card as the Hub will show it, to look at before it is pushed."""
TAG = "huggingtweets"
"""The tag on every card of ours."""
PAGE_SPACE = "huggingtweets"
"""The Space of a namespace where its bots can be tried in a browser."""
FORM_FILE = re.compile(r"[\w.-]+\.gguf|onnx/[\w.-]+\.onnx(_data)?", re.ASCII)
"""The model in forms for other clients."""
_DRIVE = re.compile(r"[A-Za-z]:")
_PICTURE = re.compile(r"\.(png|jpg)\Z")


def model_on_page(host: str, path: str) -> str | None:
    """The repo id of the model whose page, or a page inside it, has this address; None if it is another."""
    parts = path.rstrip("/").split("/")
    repo_id = "/".join(parts[:2])
    is_model = _HUB_HOST.fullmatch(host) and len(parts) >= 2 and set(parts[2:3]) <= _INSIDE_A_MODEL
    return repo_id if is_model and REPO_ID.fullmatch(repo_id) and parts[0] not in _HUB_PAGES else None


def model_named(text: str) -> str:
    """The repo id that the address of a model's page stands for; any other text as it is."""
    host, _, path = text.removeprefix("https://").partition("/")
    return model_on_page(host, re.split(r"[?#]", path, maxsplit=1)[0]) or text


def listed(words: Iterable[str]) -> list[str]:
    """The words of a list in which commas may separate them, with blanks or without."""
    return [part.strip() for word in words for part in word.split(",") if part.strip() or word == part]


def model_files(files: Mapping[str, str]) -> dict[str, str]:
    """The published files that make up the model: all except the card, its pictures, and other forms."""
    return {
        path: digest
        for path, digest in files.items()
        if path != CARD and not _PICTURE.search(path) and not FORM_FILE.fullmatch(path)
    }


def form_files(files: Mapping[str, str]) -> dict[str, str]:
    """Those of the published files that are the model in forms for other clients."""
    return {path: digest for path, digest in files.items() if FORM_FILE.fullmatch(path)}


def stays_inside(path: str) -> bool:
    """Whether the name of a file, joined to a folder, leads to a place in that folder on every system."""
    is_plain = "\\" not in path and not _DRIVE.match(path) and visible(path) == path and path.isprintable()
    return is_plain and not {"", ".", ".."} & set(path.split("/"))


def expanded(path: str | Path) -> Path:
    """A path with ~ expanded; ~name of an unknown user is left alone."""
    return Path(os.path.expanduser(path))
