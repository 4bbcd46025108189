"""The fetched pages on this machine, and which copy of them counts where a store has another.

A file of pages only grows, except with `--rebuy`, which starts it over. So if two copies differ, the one that
was started over last counts, otherwise the longer one. If one copy begins with the other, nothing is lost; if
two machines read the same account at the same time, pages that only the shorter copy has are bought again.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from huggingtweets_hub.core import settings
from huggingtweets_hub.hub import files as hub_files

if TYPE_CHECKING:
    from huggingface_hub.hf_api import RepoSibling

T = TypeVar("T")
_PAGES = re.compile(r"timelines/([a-z0-9_]{1,15})-\d+/pages[.a-z]*\.jsonl")


def by_handle(paths: Mapping[str, T]) -> dict[str, dict[str, T]]:
    """Those of the files in a store that are pages, by the handle of their account and by path."""
    found: dict[str, dict[str, T]] = {}
    for path, file in paths.items():
        if match := _PAGES.fullmatch(path):
            found.setdefault(match[1], {})[path] = file
    return found


def here() -> dict[str, dict[str, Path]]:
    """The pages on this machine, by the handle of their account and by path in a store."""
    home = settings.home()
    files = sorted(settings.timelines().glob("*/*.jsonl"))
    return by_handle({file.relative_to(home).as_posix(): file for file in files})


def lacking(
    there: "Mapping[str, RepoSibling]", here: Mapping[str, Path], *, is_replaced: bool, is_settled: bool
) -> dict[str, bytes | None]:
    """The pages of an account that a store lacks, by path; None for what must be deleted there.

    Args:
        is_replaced: Those here do not extend those there.
        is_settled: Copies were compared, and those here count; else only one that has just grown does.
    """
    found: dict[str, bytes | None] = dict.fromkeys(there.keys() - here.keys() if is_replaced else ())
    for path, local in here.items():
        file = there.get(path)
        if file is None:
            found[path] = _whole(local)
        elif is_replaced or local.stat().st_size > (file.size or 0):
            content = _whole(local)
            counts = is_settled or hub_files.is_same(content[: file.size], file)
            if counts and not hub_files.is_same(content, file):
                found[path] = content
    return found


def _whole(file: Path) -> bytes:
    """The pages in a file, without a last one that is still being written."""
    content = file.read_bytes()
    return content[: content.rfind(b"\n") + 1]


def rank(pages: bytes) -> tuple[float, int]:
    """The rank of a copy: of two copies, the one with the higher rank counts."""
    try:
        anew = json.loads(pages.split(b"\n", 1)[0])["anew"]
    except (ValueError, LookupError, TypeError, RecursionError):
        anew = 0.0
    return anew if isinstance(anew, float | int) else 0.0, len(pages)
